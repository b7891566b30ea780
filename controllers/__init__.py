from . import (
    credit_agency,
    credit_dossier,
    credit_page,
    credit_portal,
    credit_voice,
)
