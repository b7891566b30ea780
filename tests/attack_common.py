"""Those who try everything, what they try it on, and how: for the tests of attacks."""
import atexit
import inspect
from collections import Counter

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from .agency_page_common import AgencyPageCase

SECRET = "Zanzibar"  # a word that stands in everything of the debtor and nowhere else
MODULE = "account_credit_care"
REFUSED = (
    AccessError, UserError, ValidationError, AttributeError, TypeError, ValueError, KeyError,
    NotImplementedError, AssertionError,
)
QUIET = (
    "odoo.http", "odoo.models", "odoo.models.unlink", "odoo.addons.base.models.ir_rule",
    "odoo.addons.base.models.ir_model", "odoo.sql_db", "werkzeug",
)


class _Undo(Exception):
    """Ends a savepoint by rolling it back."""


class AttackCase(AgencyPageCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.count = Counter()
        cls.debtor.write({
            "name": f"{SECRET} S.r.l.", "phone": "+39 059 987654", "vat": False,
        })
        rival = cls.env["res.partner"].create({"name": "Rival", "is_company": True})
        cls.rival = cls._create_mandate(agency_id=rival.id, share=0)
        cls.stranger = cls._create_collector("sven", cls.rival)
        cls.stranger.is_leader = True
        cls.stranger.with_user(cls.manager).action_qualify()
        cls.rival.with_user(cls.manager).action_activate()
        cls.leader_collector = cls._create_collector("lena", cls.mandate)
        cls.leader_collector.is_leader = True
        cls._create_others()

    @classmethod
    def _create_others(cls):
        """A collector of another company, a customer with a login, the public."""
        other = cls.setup_other_company(name="Corsini")["company"]
        mandate = cls._create_mandate(company_id=other.id, user_id=cls.env.user.id)
        person = cls._create_collector("otto", mandate)
        person.user_id.write({
            "company_ids": [Command.set(other.ids)], "company_id": other.id,
        })
        cls.env.user.company_ids |= other
        mandate.sudo()._set_state("active")
        cls.customer = new_test_user(
            cls.env, "petra", "base.group_portal", company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.attackers = {
            "another agency's leader": cls.stranger.user_id,
            "not qualified": cls.plain.user_id,
            "leader not qualified": cls.leader_collector.user_id,
            "another company's collector": person.user_id,
            "customer": cls.customer,
            "public": cls.env.ref("base.public_user").sudo(),
        }
        cls.insiders = {
            "colleague": new_test_user(
                cls.env, "cora", "base.group_user", company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            ),
            "seller of others": cls._create_seller("otis"),
        }
        for user in (*cls.attackers.values(), *cls.insiders.values()):
            if user.login != "public":
                user.password = f"{user.login}-password"

    def setUp(self):
        """The debtor's relationship comes first, a qualified collector works on him, and there is
        a record of each kind about him."""
        super().setUp()
        self.case.relationship_priority = True
        with self.at(self.now):
            desk = self._desk(self.qualified)
            desk.accept(self.placement.id)
            desk.log_contact(self.placement.id, "reached", remark=f"He of {SECRET} listens")
            desk.claim(self.placement.id, 10, None, self.today.isoformat(), "cash", SECRET)
            desk.ask(self.placement.id, f"Who is {SECRET}?")
            self.placement.with_user(self.controller)._answer_agency(f"The owner of {SECRET}")
            desk.promise(self.placement.id, 20, None, self._in(3), SECRET)
        self.move = self.placement.line_ids.item_id.move_id
        self.file = self.env["ir.attachment"].sudo().create({
            "name": f"{SECRET}.pdf", "raw": b"%PDF-1.4 " + SECRET.encode(),
            "res_model": "credit.placement", "res_id": self.placement.id,
        })
        self._create_more()
        self.env.flush_all()

    def _create_more(self):
        """What the agency's work brings no record of by itself."""
        case, company = self.case, self.company
        currency = company.currency_id
        with self.at(self.now):
            self.root["credit.dispute"]._open(
                case, {self.placement.line_ids.item_id: 1.0}, self.today, text=SECRET,
                owner=self.controller,
            )
            self._desk(self.qualified).push([{
                "key": "1", "placement": self.placement.id, "kind": "claim", "amount": "11",
                "on": self.today.isoformat(), "method": "cash",
            }])
            self.root["credit.snapshot"]._take(company, self.today)
        self.statement = self.root["credit.statement"].create({
            "mandate_id": self.mandate.id, "from_on": self.today, "until_on": self.today,
            "state": "confirmed", "name": "FEE/1",
            "line_ids": [Command.create({"kind": "month", "placement_id": self.placement.id})],
        })
        self.policy.plan_limit_ids = [Command.create({"max_months": 6})]
        values = {
            "credit.capacity": {"case_id": case.id, "currency_id": currency.id},
            "credit.cost": {
                "name": SECRET, "case_id": case.id, "amount": 9, "currency_id": currency.id,
            },
            "credit.mandate.rule": {
                "name": SECRET, "company_id": company.id,
                "share_ids": [Command.create({"mandate_id": self.mandate.id})],
            },
            "credit.monthly": {
                "company_id": company.id, "first_on": self.today, "last_on": self.today,
            },
            "credit.fee.target": {"mandate_id": self._create_mandate(name=SECRET).id,
                                  "measure": "kept", "at_least": 1},
        }
        for model, row in values.items():
            self.root[model].create(row)

    def _get_records(self, model):
        """Those of the debtor or of his mandate where there are any, else what there is."""
        records = self.env[model].sudo()
        if records._abstract or not records._auto:
            return records
        for name, wanted in (
            ("case_id", self.case), ("placement_id", self.placement), ("mandate_id", self.mandate),
        ):
            if name in records._fields and records._fields[name].store:
                found = records.search([(name, "=", wanted.id)], limit=3)
                if found:
                    return found
        return self.case if model == "credit.case" else records.search([], limit=3)

    def _desk(self, collector):
        return self.env["credit.agency.desk"].with_user(collector.user_id)

    # ------------------------------------------------------------------ how it is tried

    def _rpc(self, user, model, method, *args, **kwargs):
        """As the RPC controller calls it; the user's own companies, and ours in vain."""
        env = self.env(user=user, context={"allowed_company_ids": user.company_ids.ids})
        return call_kw(env[model], method, list(args), kwargs)

    def _try(self, user, model, method, *args, **kwargs):
        """What came back, or None where it was refused; what it did is undone."""
        result = None
        with mute_logger(*QUIET):
            try:
                with self.env.cr.savepoint():
                    result = self._rpc(user, model, method, *args, **kwargs)
                    self.env.flush_all()
                    raise _Undo
            except _Undo:
                return result if result is not None else "done"
            except REFUSED:
                return None
            finally:
                self.env.invalidate_all()

    def _refuse(self, who, what, passed, allowed=False):
        """Counts; fails on what passed."""
        passed = passed is not None and passed is not False
        if passed and not allowed:
            self.fail(f"{who} may: {what}")
        self.count["allowed" if passed else who] += 1

    def _tells(self, answer):
        return SECRET in str(answer) or "987654" in str(answer)

    def _public_methods(self, model):
        """What our classes add, and what they bring along by inheritance."""
        return sorted({
            name for base in self.registry[model].mro() for name, value in vars(base).items()
            if not name.startswith("_") and inspect.isfunction(value)
            and base.__module__.startswith(f"odoo.addons.{MODULE}.")
        })

    def _our_models(self):
        return sorted(
            name for name, cls in self.registry.items()
            if self.env[name]._original_module == MODULE
        )

    @classmethod
    def tearDownClass(cls):
        refused = sum(cls.count.values()) - cls.count["allowed"]
        told = ", ".join(f"{who} {count}" for who, count in sorted(cls.count.items()))
        # when all is over: a runner swallows what passing tests print
        atexit.register(print, f"attack: {refused} attempts refused ({told})")
        super().tearDownClass()

