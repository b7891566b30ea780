from . import credit_preview
from . import credit_ask
