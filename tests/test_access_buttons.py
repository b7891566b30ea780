"""Whatever a client may call, each role does: buttons, windows that ask, the preview."""
import inspect
from collections import defaultdict
from datetime import date

from odoo.tests import tagged

from .access_common import AccessCommon
from .common import day


@tagged("post_install", "-at_install")
class TestAccessButtons(AccessCommon):
    # ------------------------------------------------------------------ public methods

    def _public_methods(self):
        """``{model: names}`` of what our classes add to the surface of RPC."""
        found = defaultdict(set)
        for model, cls in self.registry.items():
            for base in cls.mro():
                if not base.__module__.startswith("odoo.addons.account_credit_care."):
                    continue
                for name, value in vars(base).items():
                    if not name.startswith("_") and inspect.isfunction(value):
                        method = getattr(cls, name)
                        private = any(
                            getattr(getattr(c, name, None), "_api_private", False)
                            for c in cls.mro()
                        )
                        if not private:
                            found[model].add((name, method))
        return found

    def test_what_clients_can_call_are_buttons_and_nothing_else(self):
        """A new public method must be an action, or be thought about here."""
        known = {
            "create", "write", "unlink", "copy_data", "button_validate", "default_get",
            "mail_allowed_qweb_expressions",
            "onchange",  # of windows, which ask more than core does: test_access_windows
            "get_formview_id",  # which screen opens a survey of ours; says nothing of its answers
            # the agency's door, which asks for a seat each time: test_attack tries all of it
            "get_home", "get_list", "get_placement", "accept", "log_contact", "promise",
            "propose", "claim", "ask", "give_back", "assign", "get_status", "pull_list",
            "pull_dossier", "push", "get_script", "log_courtesy",
            "get_figures",  # of the dashboard, for credit users: test_dashboard
            "mark_outgoing",  # core's, of mails: asks for the right to write them
            "check_access_make_key",  # core's, which collectors may pass: test_agency_push
        }
        for model, methods in self._public_methods().items():
            for name, _method in methods:
                with self.subTest(method=f"{model}.{name}"):
                    self.assertTrue(name.startswith("action_") or name in known)

    def _record_of(self, model):
        known = {
            "credit.case": self.case, "credit.action": self.action, "sale.order": self.order,
            "res.partner": self.debtor, "credit.handover": self.case.note_id,
        }
        record, values = self.root[model], self._get_window_values(model)
        if model in known:
            return known[model]
        if model == "credit.dispute":
            return record._open(self.case, {self.case.open_item_ids[:1]: 0}, date(2999, 1, 1))
        if values:
            return record.create(values)
        if record._abstract or record._transient:
            return record
        if not record._auto:  # tables of figures show the current company
            return record.with_company(self.company).search([], limit=1)
        return record.search([
            ("company_id", "in", self.company.ids)
        ] if "company_id" in record._fields else [], limit=1)

    def _get_window_values(self, model):
        """What a window of this kind asks about."""
        if model == "credit.resolve":
            dispute = self._record_of("credit.dispute")
            return {"dispute_id": dispute.id, "resolution": "rejected"}
        if model == "credit.preview.line":
            preview = self._record_of("credit.preview")
            return {"preview_id": preview.id, "day": day(1), "partner_id": self.debtor.id}
        return {
            "credit.ask": {
                "question": "close", "res_model": "credit.case", "res_ids": self.case.ids,
                "reason": "x",
            },
            "credit.call": {"case_id": self.case.id},
            "credit.ageing.at": {"day": day(-1)},
            "credit.allowance": {"company_id": self.company.id, "day": day(-1)},
            "credit.snapshot.rebuild": {
                "company_id": self.company.id, "first": day(-2), "last": day(-1),
            },
            "credit.survey.rule": {
                "name": "After a call", "company_id": self.company.id,
                "survey_id": self.env.ref("account_credit_care.survey_contact").id,
            },
            "credit.portfolio": {"company_id": self.company.id},
            "credit.dispute.new": {"case_id": self.case.id},
            "credit.plan": {
                "case_id": self.case.id, "currency_id": self.company.currency_id.id,
            },
            "credit.preview": {
                "company_id": self.company.id, "policy_id": self.policy.id, "until": day(1),
            },
        }.get(model)

    def test_no_button_does_anything_for_whom_it_is_not_meant(self):
        roles = {**self.roles, "salesperson": self.salesperson}
        records = {model: self._record_of(model).ids for model in self._public_methods()}
        before = self._fingerprint()
        tried, harm = 0, []
        for model, methods in self._public_methods().items():
            if self.env[model]._abstract and not self.env[model]._transient:
                continue  # their buttons are those of the models that inherit them
            ids = [records[model]]
            for name, method in methods:
                if not name.startswith("action_"):
                    continue
                args = [] if getattr(method, "_api_model", False) else ids
                for role, user in roles.items():
                    if role == "foreigner" and name in (
                        "action_load_starters", "action_make_last_month",
                    ):
                        continue  # in his own company he may
                    changed = []

                    def call(model=model, name=name, args=args, user=user, changed=changed):
                        try:
                            self._rpc(user, model, name, *args)
                        except ValueError as error:  # a table of figures without any row
                            self.assertIn("Expected singleton", str(error))
                        changed += before.items() ^ self._fingerprint().items()

                    self._try(call)
                    tried += 1
                    if changed:
                        harm.append((role, model, name, dict(changed).keys()))
        self.assertFalse(harm)
        self.assertGreater(tried, 100)

    def test_a_mail_of_ours_is_not_sent_again_by_a_colleague(self):
        mail = self.action.mail_mail_id
        mail._postprocess_sent_message([], [], "550", "unknown")
        self.assertEqual(self.action.state, "failed")
        for state in ("exception", "cancel"):
            mail.sudo().state = state
            for user in (self.roles["colleague"], self.salesperson):
                self.assertRefused(user, "mail.mail", "action_retry", mail.ids)
                self.assertRefused(user, "mail.mail", "mark_outgoing", mail.ids)
            self.assertEqual(self.action.state, "failed")

    def test_nobody_says_by_rpc_what_a_debtor_has_answered(self):
        for user in (self.controller, self.manager, self.salesperson):
            self.assertRefused(
                user, "credit.case", "message_update", self.case.ids,
                {"subject": "I admit the debt", "body": "", "from": "x@example.com"},
            )

    # ------------------------------------------------------------------ questions

    def _ask(self, user, question, records, **values):
        ids = self._rpc(user, "credit.ask", "create", [{
            "question": question, "res_model": records._name, "res_ids": records.ids,
            "reason": "Because", **values,
        }])
        return self._rpc(user, "credit.ask", "action_apply", ids)

    def assertAskRefused(self, user, question, records, **values):
        passed = self._try(lambda: self._ask(user, question, records, **values))
        self.assertFalse(passed, f"{user.sudo().login} may: {question} {records} {values}")

    def test_questions_are_asked_by_credit_users_only(self):
        for role in ("colleague", "accountant", "other_seller", "portal", "public"):
            self.assertAskRefused(self.roles[role], "pause", self.case, until=day(30))
        self.assertAskRefused(self.salesperson, "pause", self.case, until=day(30))
        self.assertAskRefused(self.salesperson, "override", self.order)

    def test_questions_about_records_they_are_not_for_are_refused(self):
        for question in ("pause", "close", "skip", "override"):
            for records in (self.env["res.users"].browse(self.manager.id), self.debtor,
                            self.env["account.move"].search([], limit=1),
                            self.env["credit.policy"].browse(self.policy.id)):
                with self.subTest(question=question, model=records._name):
                    self.assertAskRefused(
                        self.manager, question, records, until="2999-01-01"
                    )
        self.assertAskRefused(self.manager, "skip", self.case)
        self.assertAskRefused(self.manager, "close", self.action)

    def test_questions_about_another_company_are_refused(self):
        foreigner = self.foreigner
        self.assertAskRefused(foreigner, "pause", self.case, until="2999-01-01")
        self.assertAskRefused(foreigner, "pause", self.case.item_ids, until="2999-01-01")
        self.assertAskRefused(foreigner, "close", self.case)
        self.assertAskRefused(foreigner, "skip", self.action)
        self.assertRefused(foreigner, "credit.case", "action_log_call", self.case.ids)
        self.assertRefused(foreigner, "credit.action", "action_log_outcome", self.action.ids)
        self.assertAskRefused(foreigner, "override", self.order)

    def test_what_a_manager_decides_a_controller_does_not(self):
        self.assertAskRefused(self.controller, "close", self.case)
        self.assertAskRefused(self.controller, "override", self.order)

    def test_nobody_answers_the_question_of_another(self):
        ids = self._rpc(self.manager, "credit.ask", "create", [{
            "question": "close", "res_model": "credit.case", "res_ids": self.case.ids,
        }])
        self.assertRefused(self.controller, "credit.ask", "read", ids, ["res_ids"])
        self.assertRefused(self.controller, "credit.ask", "write", ids, {"reason": "x"})
        self.assertRefused(self.controller, "credit.ask", "action_apply", ids)

    def test_a_question_that_was_answered_rightly_works(self):
        self._ask(self.controller, "pause", self.case, until="2999-01-01")
        self.assertEqual(self.case.pause_reason, "Because")
        self._ask(self.manager, "close", self.case)
        self.assertEqual(self.case.state, "closed")

    def test_what_a_manager_gave_up_does_not_come_back(self):
        self._ask(self.manager, "close", self.case)
        self.assertEqual((self.case.state, self.case.close_reason), ("closed", "Because"))
        for offset in range(2, 40):
            self._night(offset)
        self.assertFalse(self._case())

    def test_a_controller_logs_a_call_that_nobody_planned(self):
        forgot = self.env.ref("account_credit_care.credit_reason_forgot")
        with self.at(2):
            window = self._rpc(self.controller, "credit.case", "action_log_call", self.case.ids)
            ids = [window["res_id"]]
            self._rpc(self.controller, "credit.call", "write", ids, {
                "outcome": "reached", "reason_id": forgot.id, "follow_up": "none",
            })
            self._rpc(self.controller, "credit.call", "action_save", ids)
        call = self.case.action_ids.filtered(lambda a: a.kind == "contact")
        self.assertEqual(
            (call.state, call.outcome, call.user_id), ("done", "reached", self.controller)
        )
        self.assertEqual((self.case.reason_id, self.case.last_contact_on), (forgot, day(2)))

    # ------------------------------------------------------------------ preview

    def test_the_preview_is_of_ones_own_company_and_for_credit_users(self):
        for role in ("colleague", "accountant", "other_seller", "portal", "public"):
            self.assertRefused(self.roles[role], "credit.preview", "create", [{"until": day(1)}])
        self.assertRefused(
            self.foreigner, "credit.preview", "create",
            [{"company_id": self.company.id, "until": day(1)}],
        )
        ids = self._rpc(self.foreigner, "credit.preview", "create", [{"until": day(1)}])
        def look_elsewhere():
            self._rpc(
                self.foreigner, "credit.preview", "write", ids, {"company_id": self.company.id}
            )
            self.env.flush_all()
            self.env.invalidate_all()
            self._rpc(self.foreigner, "credit.preview", "action_compute", ids)

        self.assertFalse(self._try(look_elsewhere))
        self.assertRefused(
            self.foreigner, "credit.preview", "write", ids, {"policy_id": self.policy.id}
        )

    def test_nobody_sees_the_preview_of_another(self):
        with self.at(1):
            ids = self._rpc(self.controller, "credit.preview", "create", [{
                "until": day(60), "only_day": False,
            }])
            self._rpc(self.controller, "credit.preview", "action_compute", ids)
        lines = self.root["credit.preview.line"].search([("preview_id", "in", ids)])
        self.assertTrue(lines)
        self.assertRefused(self.foreigner, "credit.preview", "read", ids, ["until"])
        self.assertRefused(self.foreigner, "credit.preview.line", "read", lines.ids, ["amount"])
        self.assertFalse(self._rpc(self.foreigner, "credit.preview.line", "search", []))
        self.assertRefused(self.foreigner, "credit.preview", "action_activate", ids)
