from . import base_partner_merge
from . import credit_ask
from . import credit_plan
from . import credit_preview
