from . import test_access
from . import test_concurrency
from . import test_credit_policy
from . import test_credit_preview
<<<<<<< HEAD
from . import test_credit_timeline
=======
from . import test_credit_run
>>>>>>> 8d8255e (Rights: a case and its actions are written through methods only, an override has one door, letters and calls about what was paid are withdrawn)
from . import test_domain_contact
from . import test_domain_freshness
from . import test_domain_is_pure
from . import test_domain_ladder
from . import test_domain_money
from . import test_domain_nights
from . import test_domain_outlook
from . import test_domain_owed
from . import test_domain_policy
from . import test_domain_thresholds
from . import test_domain_worklist
from . import test_mail
from . import test_peer_weaknesses
from . import test_screens
from . import test_suspension
from . import test_texts
from . import test_tours
from . import test_traps
