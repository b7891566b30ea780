from . import credit_page, credit_portal, credit_voice
