from . import base_partner_merge
from . import credit_preview
from . import credit_ask
