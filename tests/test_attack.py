"""Everybody outside tries everything: each model that the module adds and what it touches of
core's, and the agency's desk; methods and routes have files of their own. What is refused is
counted and printed; what passes must stand on the white-lists below, with its reason."""
from collections import Counter

from odoo.tests import tagged

from .attack_common import SECRET, AttackCase

READS = {
    "search": [[]], "search_count": [[]], "search_read": [[]], "web_search_read": [[], {"id": {}}],
    "name_search": [SECRET], "read_group": [[], ["__count"], []],
    "formatted_read_group": [[], [], ["__count"]], "web_read_group": [[], ["create_uid"]],
}
READS_OF_IDS = {
    "read": [], "web_read": [{"display_name": {}}], "export_data": [["id"]], "copy": [],
    "message_post": [],
}
# core tells of any record of any model who wrote it and when, and nothing that is in it
TOLD_BY_CORE = "get_metadata"
CORE = (
    "account.move", "account.move.line", "account.payment", "account.partial.reconcile",
    "res.partner", "res.partner.bank", "ir.attachment", "mail.message", "mail.followers",
    "mail.activity", "mail.mail", "mail.notification", "mail.tracking.value", "sale.order",
    "res.users", "bus.bus", "ir.logging",
)
# core gives these to anybody with a login; none of them tells of the debtor (checked by SECRET)
OPEN_MODELS = {
    "res.partner": "his own family of contacts, by core's rule",
    "res.users": "himself and his colleagues, by core's rule",
    "mail.message": "his own words elsewhere, by core's rule",
    "mail.notification": "his own notifications, by core's rule",
    "account.move": "his own bills, by core's rule",
    "account.move.line": "lines of his own bills, by core's rule",
    "sale.order": "his own orders, by core's rule",
    "mail.followers": "none, by core's rule",
    "res.partner.bank": "his own accounts, by core's rule",
}
OPEN_FIELDS = ("credit_care_no_survey",)  # what somebody has told us himself
DESK = {
    "get_placement": (), "accept": (), "log_contact": ("reached",),
    "promise": (10, "EUR", "2030-01-01"), "propose": ("plan", {}),
    "claim": (10, "EUR", "2030-01-01", "cash"), "ask": ("Who is it?",),
    "give_back": ("No time for it",), "assign": (None,), "pull_dossier": (),
    "get_script": (), "log_courtesy": ("not_reached",),
}
# they answer with what is one's own
SEATLESS = ("get_home", "get_list", "get_status", "pull_list", "push")


@tagged("post_install", "-at_install")
class TestAttack(AttackCase):
    # ------------------------------------------------------------------ models

    def test_no_model_of_ours_answers(self):
        models = self._our_models()
        self.assertGreater(len(models), 40)
        for who, user in self.attackers.items():
            for model in models:
                if model == "credit.agency.desk":
                    continue  # its methods have a test of their own
                self._attack_model(who, user, model, self._get_records(model).ids)

    def test_there_is_a_record_of_each_kind_to_be_tried(self):
        lacking = {
            model for model in self._our_models()
            if self.env[model]._auto and not self.env[model]._transient
            and not self._get_records(model)
        }
        self.assertEqual(lacking, set())

    def _attack_model(self, who, user, model, ids):
        for method, args in READS.items():
            self._refuse(who, f"{model}.{method}", self._try(user, model, method, *args))
        for method, args in READS_OF_IDS.items():
            if ids:
                self._refuse(who, f"{model}.{method}", self._try(user, model, method, ids, *args))
        if ids:
            answer = self._try(user, model, TOLD_BY_CORE, ids)
            self._refuse(who, f"{model}.{TOLD_BY_CORE}", answer, not self._tells(answer))
        self._refuse(who, f"{model}.create", self._try(user, model, "create", [{}]))
        if ids:
            name = next(iter(self.env[model]._fields))
            self._refuse(who, f"{model}.write", self._try(user, model, "write", ids, {name: 1}))
            self._refuse(who, f"{model}.unlink", self._try(user, model, "unlink", ids))

    def test_cores_models_tell_nothing_of_the_debtor(self):
        for who, user in self.attackers.items():
            for model in CORE:
                found = self.env[model].sudo().search([], order="id desc", limit=80).ids
                tried = [
                    self._try(user, model, method, *args)
                    for method, args in READS.items()
                ]
                tried.append(self._try(user, model, "search_read", [], None, 0, 400))
                tried += [self._try(user, model, "read", [one]) for one in found]
                for answer in tried:
                    passed = answer is not None and self._tells(answer)
                    self._refuse(who, f"{model} tells: {str(answer)[:300]}", passed)
                    if answer and not passed and model not in OPEN_MODELS:
                        self.assertFalse(
                            who != "public" and model == "ir.attachment" and self._names(answer),
                            f"{who} reads {model}",
                        )

    def test_what_we_add_to_cores_records_is_for_colleagues(self):
        """Companies, above all, are read by everybody."""
        tried = Counter()
        for model in set(self.registry) - set(self._our_models()):
            for name, field in self.env[model]._fields.items():
                if "account_credit_care" not in field._modules or name in OPEN_FIELDS:
                    continue
                for who, user in self.attackers.items():
                    own = self.env[model].with_user(user)
                    may = own.has_access("read") and own._has_field_access(field, "read")
                    self._refuse(who, f"read {model}.{name}", may)
                    tried[model] += 1
        for model in ("res.company", "res.partner", "account.move", "sale.order"):
            self.assertTrue(tried[model], model)

    def _names(self, answer):
        return isinstance(answer, list) and self.file.id in [
            row.get("id") for row in answer if isinstance(row, dict)
        ]

    def test_records_of_the_debtor_cannot_be_read_written_or_followed(self):
        records = {
            "account.move": self.move, "account.move.line": self.move.line_ids,
            "res.partner": self.debtor | self.placement.handover_id.contact_id,
            "ir.attachment": self.file,
            "mail.message": self.env["mail.message"].search([
                ("model", "in", ("credit.case", "credit.placement", "credit.agreement")),
            ]),
            "mail.activity": self.env["mail.activity"].search([
                ("res_model", "in", ("credit.case", "credit.placement")),
            ]),
        }
        for who, user in {**self.attackers, "qualified": self.qualified.user_id}.items():
            for model, found in records.items():
                self.assertTrue(found, model)
                for one in found:
                    for method, args in (
                        ("read", []), ("write", [{"id": one.id}]), ("unlink", []),
                        ("export_data", [["id"]]), ("copy", []),
                        ("message_subscribe", [user.partner_id.ids]), ("message_post", []),
                    ):
                        if not hasattr(self.env[model], method):
                            continue
                        answer = self._try(user, model, method, [one.id], *args)
                        self._refuse(who, f"{model}.{method}({one.id})", answer)
            for model in ("credit.case", "credit.placement", "account.move"):
                self._refuse(who, f"follow {model}", self._try(
                    user, "mail.followers", "create",
                    [{"res_model": model, "res_id": 1, "partner_id": user.partner_id.id}],
                ))

    # ------------------------------------------------------------------ the desk

    def test_the_desk_refuses_whoever_has_no_seat_at_this_position(self):
        for who, user in self.attackers.items():
            for name, args in DESK.items():
                answer = self._try(
                    user, "credit.agency.desk", name, self.placement.id, *args
                )
                self._refuse(who, f"desk.{name}: {answer}", answer is not None)
            entry = {
                "key": "1", "placement": self.placement.id, "kind": "claim", "amount": "10",
                "on": self.today.isoformat(), "method": "cash",
            }
            for name in SEATLESS:
                args = {"get_list": [SECRET], "push": [[entry]]}.get(name, [])
                answer = self._try(user, "credit.agency.desk", name, *args)
                passed = name == "push" and answer and answer[0]["ok"]
                passed = passed or answer and self.placement.name in str(answer)
                self._refuse(who, f"desk.{name}: {answer}", passed or self._tells(answer))
        self.assertEqual(
            set(self._public_methods("credit.agency.desk")), {*DESK, *SEATLESS},
            "a new method of the desk is tried here",
        )

    def test_what_is_over_is_over_for_whoever_worked_on_it(self):
        """Recalled, given back, closed, off the mandate, the mandate ended: at once."""
        user = self.qualified.user_id
        self.assertTrue(self._try(
            user, "credit.agency.desk", "get_placement", self.placement.id
        ), "the test would try nothing")
        ends = {
            "recalled": lambda: self.placement.sudo()._end("recalled", "He called us"),
            "returned": lambda: self.placement.sudo()._end("returned", "No time"),
            "closed": lambda: self.placement.sudo()._end("closed", "Paid"),
            "off the mandate": lambda: self.qualified.sudo().write({"active": False}),
            "no more qualified": lambda: self.qualified.with_user(
                self.manager).action_disqualify(),
            "mandate ended": lambda: self.mandate.with_user(self.manager)._end("Too dear"),
        }
        for why, end in ends.items():
            with self.subTest(end=why), self.at(self.now):
                savepoint = self.env.cr.savepoint()
                end()
                self.env.flush_all()
                self._attack_as_former(f"qualified, {why}", user)
                savepoint.close(rollback=True)
                self.env.invalidate_all()

    def _attack_as_former(self, who, user):
        for name, args in DESK.items():
            answer = self._try(user, "credit.agency.desk", name, self.placement.id, *args)
            self._refuse(who, f"desk.{name}: {answer}", answer is not None)
        answer = self._try(user, "credit.agency.desk", "get_list", SECRET)
        self._refuse(who, f"list: {answer}", self._tells(answer))
        for model in ("mail.message", "mail.activity", "ir.attachment", "account.move"):
            answer = self._try(user, model, "search_read", [])
            self._refuse(who, f"{model}: {answer}", answer is not None and self._tells(answer))
