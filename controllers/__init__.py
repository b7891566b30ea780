from . import credit_dossier, credit_page, credit_portal, credit_voice
