from . import credit_report
from . import credit_ledger_report
from . import credit_agency_report
from . import credit_case_report
from . import credit_recovery_report
from . import credit_ageing_report
from . import credit_receipt_report
from . import credit_stage_report
