from . import base_partner_merge
from . import credit_preview
from . import credit_ask
from . import credit_dispute_terms
from . import credit_dispute_new
from . import credit_resolve
from . import credit_call
