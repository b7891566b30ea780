from collections import defaultdict

from odoo import models

from .credit_case_seller import COVERED_BY_SAVED


class CreditTask(models.AbstractModel):
    """What colleagues are told: tasks of the controller, one mail a person to the salespeople."""

    _inherit = "credit.task"

    # ------------------------------------------------------------------ notices to colleagues

    def _deliver_notices(self, actions, company, today):
        """Note and agency become activities of the controller; what concerns the salesperson is
        told in one mail a person, however many customers it is about."""
        notices = actions.filtered(lambda a: a.kind == "notice")
        notices -= self._withdraw_outdated(notices, company, today)
        tasks = notices.filtered(lambda a: a.notice in ("handover", "ready"))
        self._deliver_tasks(tasks, today)
        told = notices - tasks
        for user, batch in told.grouped("user_id").items():
            reachable = user.active and user.email_normalized
            if reachable:
                self._mail_digest(user, batch, company)
            batch._set_state("sent" if reachable else "done")

    def _withdraw_outdated(self, notices, company, today):
        """Hours lie between the night and the mail: what is no longer so is not told."""
        live = notices.case_id.filtered(lambda case: case.state != "closed")
        facts = self.env["credit.standing"]._read_cases(live, company, today) if live else {}
        over = {fact.case_id: self._get_outdated(fact) for fact in facts.values()}
        ended = {"suspension_warning", "suspended", "handover", "ready"}
        outdated = notices.filtered(lambda a: a.notice in over.get(a.case_id.id, ended))
        if outdated:
            why = self.env["credit.standing"]._explain("settled")
            outdated._set_state("cancelled", skip_reason=why)
        return outdated

    def _get_outdated(self, fact):
        """The notices about this debtor that do not hold at this moment."""
        standing = fact.stand()
        lifted = standing.lift or standing.unwarn
        told = {
            "suspension_warning": lifted, "suspended": lifted,
            "released": bool(fact.head["suspended_on"]),
            "handover": "handover_on" in standing.over,
            "ready": "ready_on" in standing.over,
        }
        return {code for code, is_over in told.items() if is_over}

    def _deliver_tasks(self, actions, today):
        """The note is asked from the salesperson; readiness is the controller's,
        unless the policy lets the case go by itself and an agency may take it."""
        asked = actions.filtered(lambda action: action.notice == "handover")
        self.env["credit.handover"]._request(asked.case_id)
        asked._set_state("done")
        kind = self._kind("agency")
        ready = actions - asked
        alone = ready.case_id.filtered("policy_id.place_by_itself")
        refused = self.env["credit.placement"]._place_by_itself(alone)
        gone = ready.filtered(lambda a: a.case_id in alone and a.case_id not in refused)
        gone._set_state("done")
        ready -= gone
        activities = self._create_activities([
            self._activity_values(
                action.case_id, kind, action.user_id, today, kind.summary or kind.name,
                refused.get(action.case_id, False),
            )
            for action in ready
        ])
        for activity, action in zip(activities, ready, strict=True):
            action._set_state("done", activity_id=activity.id)

    def _mail_digest(self, user, actions, company):
        """One mail about all his customers; each notice keeps what was said of its own customer,
        because others read that case."""
        lang = user.lang or "en_US"
        words = self.env["credit.message"].with_context(lang=lang)
        rows = words._get_digest_rows(actions)
        groups = defaultdict(list)
        saved = actions.filtered(lambda action: action.notice == "saved").case_id
        for action in actions:
            if action.case_id not in saved or action.notice not in COVERED_BY_SAVED:
                groups[action.notice].append(rows[action])
            action.write({
                "body": self._render_digest(
                    user, company, {action.notice: [rows[action]]}, lang
                ),
                "email_to": user.email_normalized,
            })
        env = self.env(context=dict(self.env.context, lang=lang))
        self.env["mail.mail"].sudo().create({
            "subject": env._("Credit of your customers: news of today"),
            "body_html": self._render_digest(user, company, groups, lang),
            "email_from": company.email_formatted or user.email_formatted,
            "recipient_ids": [(6, 0, user.partner_id.ids)], "auto_delete": True,
            "state": "outgoing",
        })
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()

    def _render_digest(self, user, company, groups, lang):
        return self.env["ir.qweb"].with_context(lang=lang)._render(
            "account_credit_care.salesperson_digest",
            {"user": user.sudo(), "company": company.sudo(), "groups": groups},
            minimal_qcontext=True,
        )
