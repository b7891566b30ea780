from datetime import datetime

from markupsafe import Markup, escape

from odoo import fields, models


class CreditTask(models.AbstractModel):
    """What colleagues are asked to do, as activities, and what they are told, in one mail a
    person. By batch: nobody is mailed about each of his tasks."""

    _name = "credit.task"
    _description = "Credit care: tasks and notices of colleagues"

    # ------------------------------------------------------------------ phone, activities

    def _lay_out(self, actions, company, today):
        """A task for a person, with the script of the level. One insert for the batch; nobody is
        mailed about each of his tasks."""
        call = self._kind("call")
        reach = self._kind("address")
        refused = self.env["credit.placement"]._entrust_calls(actions)
        actions = actions.filtered(lambda action: not action.placement_id)
        values = []
        for action in actions:
            kind = action.level_id.activity_type_id or call
            if action.channel == "activity":
                kind = reach
            caller = self._get_caller(action)
            level = action.level_id.with_context(lang=caller.lang or self.env.lang)
            script = level.script
            if action in refused:  # the agency was to call; why it cannot is for whoever calls
                script = Markup("<p>%s</p>%s") % (refused[action], Markup(script or ""))
            values.append(self._activity_values(
                action.case_id, kind, caller, today, level.name or action.title, script,
            ))
        activities = self._create_activities(values)
        for activity, action in zip(activities, actions, strict=True):
            action._set_state(
                "queued", activity_id=activity.id, subject=activity.summary, body=activity.note,
            )

    def _for(self, user, record):
        """Both in the language of whoever gets the task: the night speaks its own."""
        lang = user.lang or self.env.lang
        return self.with_context(lang=lang), record.with_context(lang=lang)

    def _get_caller(self, action):
        case = action.case_id
        if action.level_id.activity_role == "salesperson" and case.salesperson_id.active:
            return case.salesperson_id
        if action.level_id.activity_role == "manager":
            return self._get_manager(case.company_id) or case.user_id
        return case.user_id

    def _get_manager(self, company):
        """Whoever installed the module is a manager too, and seldom the one who decides."""
        installer = self.env.ref("base.user_admin")
        group = self.env.ref("account_credit_care.group_credit_manager")
        return group.sudo().all_user_ids.filtered(
            lambda user: company in user.company_ids and not user._is_superuser()
        ).sorted(lambda user: (user == installer, user.id))[:1]

    def _activity_values(self, record, kind, user, day, summary, note=False):
        if not user and self.env.user._is_superuser() or user and not user.active:
            # nobody reads what waits for the machinery, or for who has left
            company = record["company_id"] if "company_id" in record else self.env.company
            user = self._get_manager(company or self.env.company)
        return {
            "res_model_id": self.env["ir.model"]._get_id(record._name), "res_id": record.id,
            "activity_type_id": kind.id, "summary": summary, "automated": True,
            "note": note and escape(note),  # what a debtor wrote is text, whatever he wrote
            "date_deadline": day, "user_id": (user or self.env.user).id,
        }

    def _kind(self, name):
        """The type of a task; one that somebody has deleted gives way to core's to-do, so that
        no night stops for it."""
        xmlid = name if "." in name else f"account_credit_care.mail_activity_type_{name}"
        return self.env.ref(xmlid, False) or self.env.ref("mail.mail_activity_data_todo")

    def _create_activities(self, values):
        # core's own key: no e-mail to the assignee for each of a batch of activities
        return self.env["mail.activity"].sudo().with_context(
            mail_activity_quick_update=True
        ).create(values)

    def _activity_xmlids(self):
        return [
            "account_credit_care.mail_activity_type_call",
            "account_credit_care.mail_activity_type_address",
            "account_credit_care.mail_activity_type_answer",
            "account_credit_care.mail_activity_type_note",
            "account_credit_care.mail_activity_type_agency",
            "account_credit_care.mail_activity_type_dispute",
            "account_credit_care.mail_activity_type_broken",
        ]

    def _ask_to_mend(self, action, message):
        kind = self._kind("address")
        own, case = self._for(action.case_id.user_id, action.case_id)
        self._create_activities([self._activity_values(
            case, kind, case.user_id, case.company_id._credit_today(),
            own.env._("Mend the address of %(debtor)s", debtor=case.display_name), message,
        )])

    def _ask_to_call_again(self, case, user, moment, remark):
        """``moment``: a day, or a moment in UTC, said in the caller's own time."""
        kind = self._kind("call")
        own, case = self._for(user, case)
        day, summary = moment, own.env._("Call back")
        if isinstance(moment, datetime):
            local = fields.Datetime.context_timestamp(self.with_context(tz=user.tz), moment)
            day = local.date()
            summary = own.env._("Call back at %(time)s", time=local.strftime("%H:%M"))
        self._create_activities([self._activity_values(case, kind, user, day, summary, remark)])

    def _ask_controller(self, case, who, remark):
        """A colleague has spoken with the customer, and something is to follow."""
        own, case = self._for(case.user_id, case)
        self._ask(case, "answer", case.user_id, own.env._(
            "%(caller)s has spoken with %(debtor)s", caller=who.name, debtor=case.display_name,
        ), remark or "")

    def _ask_to_answer(self, case, subject):
        kind = self._kind("answer")
        own, case = self._for(case.user_id, case)
        self._create_activities([self._activity_values(
            case, kind, case.user_id, case.company_id._credit_today(),
            own.env._("Answer %(debtor)s", debtor=case.display_name), subject,
        )])

    # ------------------------------------------------------------------ disputes, agreements

    def _ask(self, record, xmlid, user, summary, note=""):
        kind = self._kind(xmlid)
        company = record.company_id
        user = user or self._get_manager(company) or company.credit_controller_id
        return self._create_activities([self._activity_values(
            record, kind, user, company._credit_today(), summary, note,
        )])

    def _ask_to_resolve(self, dispute):
        own, dispute = self._for(dispute.user_id, dispute)
        self._ask(dispute, "dispute", dispute.user_id, own.env._(
            "Find out: %(dispute)s", dispute=dispute.display_name
        ), dispute.text or "")

    def _ask_for_credit_note(self, dispute):
        """Whoever accepted it makes the credit note, if he may."""
        user = self.env.user
        may = not user._is_superuser() and user.has_group("account.group_account_invoice")
        user = user if may else dispute.case_id.user_id
        own, dispute = self._for(user, dispute)
        self._ask(dispute, "dispute", user, own.env._(
            "Make the credit note: %(dispute)s", dispute=dispute.display_name
        ), dispute.answer or "")

    def _tell_expired(self, dispute):
        own, dispute = self._for(dispute.case_id.user_id, dispute)
        self._ask(dispute.case_id, "dispute", dispute.case_id.user_id, own.env._(
            "Not resolved in time: %(dispute)s", dispute=dispute.display_name
        ), own.env._("Reminders go on. Give the customer an answer, or take more time."))

    def _ask_to_approve(self, agreement):
        manager = self._get_manager(agreement.company_id)
        own, agreement = self._for(manager, agreement)
        self._ask(agreement, "approve", manager, own.env._(
            "Approve: %(agreement)s", agreement=agreement.display_name
        ), agreement.excess or "")

    def _ask_to_renew(self, mandate, warning):
        """A paper of an agency runs out: told once a paper."""
        kind = self._kind("agency_papers")
        known = mandate.with_context(active_test=False).activity_ids.mapped("summary")
        if warning not in known:
            user = mandate.user_id or self._get_manager(mandate.company_id)
            self._create_activities([self._activity_values(
                mandate, kind, user, mandate.company_id._credit_today(), warning,
            )])

    def _ask_about_priority(self, note):
        manager = self._get_manager(note.company_id)
        own, note = self._for(manager, note)
        self._ask(note, "priority", manager, own.env._(
            "Relationship first? %(note)s", note=note.display_name
        ), note.priority_why or "")

    def _close_approval(self, agreement):
        kind = self._kind("approve")
        agreement.activity_ids.filtered(lambda a: a.activity_type_id == kind).action_done()

    def _drop_approval(self, agreement):
        """Nobody has to decide any more."""
        kind = self._kind("approve")
        agreement.activity_ids.filtered(lambda a: a.activity_type_id == kind).unlink()

    def _ask_to_write_off(self, agreement):
        manager = self._get_manager(agreement.company_id)
        own, agreement = self._for(manager, agreement)
        self._ask(agreement, "approve", manager, own.env._(
            "All was paid: write off the rest of %(agreement)s", agreement=agreement.display_name
        ))

    def _ask_about_failure(self, record, error):
        """Told once: the night tries again every day."""
        manager = self._get_manager(record.company_id)
        own, record = self._for(manager, record)
        summary = own.env._("The night could not follow %(agreement)s",
                            agreement=record.display_name)
        about = record if "activity_ids" in record._fields else record.case_id
        if summary not in about.activity_ids.mapped("summary"):
            self._ask(about, "approve", manager, summary, error)

    def _ask_about_broken(self, agreement):
        own, agreement = self._for(agreement.case_id.user_id, agreement)
        self._ask(agreement.case_id, "broken", agreement.case_id.user_id, own.env._(
            "Call: %(agreement)s was not kept", agreement=agreement.display_name
        ), own.env._("Ask what has happened before anything else: a new plan may be the answer."))

    def _ask_about_interest(self, agreement):
        """It ended before its time, and its interest stands in the ledger."""
        case, user = agreement.case_id, agreement.case_id.user_id
        own, agreement = self._for(user, agreement)
        self._ask(case, "answer", user, own.env._(
            "Look at the interest invoice %(invoice)s: %(agreement)s has ended",
            invoice=agreement.interest_move_id.display_name, agreement=agreement.display_name,
        ), own.env._("It was posted before. Leave it if it is still owed, else credit it."))

    def _ask_about_write_off(self, agreement):
        """The rest was written off, and then what had been paid came back."""
        manager = self._get_manager(agreement.company_id)
        own, agreement = self._for(manager, agreement)
        self._ask(agreement, "approve", manager, own.env._(
            "Look at the write-off %(entry)s: a payment of %(agreement)s came back",
            entry=agreement.write_off_move_id.display_name, agreement=agreement.display_name,
        ), own.env._("Reverse it if the settlement is over: the whole debt is open again then."))

    # ------------------------------------------------------------------ the ledger

    def _ask_about_ghosts(self, payments, company):
        """A payment set back that still closes an invoice: somebody must undo it."""
        kind = self._kind("payment")
        known = self.env["mail.activity"].sudo().search([
            ("res_model", "=", "account.payment"), ("res_id", "in", payments.ids),
            ("activity_type_id", "=", kind.id),
        ])
        new = payments.filtered(lambda p: p.id not in known.mapped("res_id"))
        self._create_activities([
            self._activity_values(
                payment, kind, company.credit_controller_id or self._get_manager(company),
                company._credit_today(), self.env._("Payment set back still closes an invoice"),
                self.env._(
                    "%(payment)s of %(debtor)s is no longer valid, and its invoice still counts as"
                    " paid. Cancel the payment, or undo the reconciliation.",
                    payment=payment.display_name, debtor=payment.partner_id.display_name,
                ),
            )
            for payment in new
        ])

    def _ask_about_night(self, company, error):
        """Nothing is reminded in this company until somebody has mended what stops its night."""
        kind = self._kind("mail.mail_activity_data_warning")
        known = self.env["mail.activity"].sudo().search_count([
            ("res_model", "=", "res.partner"), ("res_id", "=", company.partner_id.id),
            ("activity_type_id", "=", kind.id), ("automated", "=", True),
        ])
        if not known:
            self._create_activities([self._activity_values(
                company.partner_id, kind, self._get_manager(company), company._credit_today(),
                self.env._("The night of Credit Care failed in %(company)s", company=company.name),
                error,
            )])
