from . import test_credit_run
from . import test_mail
from . import test_peer_weaknesses
from . import test_traps
