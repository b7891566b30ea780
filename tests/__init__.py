from . import test_credit_run
