from . import test_credit_run
from . import test_traps
from . import test_mail
