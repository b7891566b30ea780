from datetime import timedelta

from odoo import models

REMIND_AFTER = 2  # days without an answer


class CreditHandover(models.Model):
    """Asking for the note: whom, by when, once more, and at last his team leader."""

    _inherit = "credit.handover"

    def _request(self, cases):
        """A note for each case that has none; one mail a person, however many customers."""
        lacking = cases.filtered(lambda case: not case.note_id)
        # core's own key: the mail on all of them takes the place of one for each
        notes = self.sudo().with_context(mail_auto_subscribe_no_notify=True).create(
            [case._to_note_request() for case in lacking]
        ).with_env(self.sudo().env)
        notes._ask("requested")
        return notes

    def _ask(self, why):
        """An activity on each for whoever has none yet, and one mail a person."""
        tasks = self.env["credit.task"]
        kind = tasks._kind("note")
        for user, notes in self.grouped(lambda note: note._get_asked(why)).items():
            tasks._create_activities([
                tasks._activity_values(
                    note, kind, user, note.deadline_on,
                    note.with_context(lang=user.lang).display_name,
                )
                for note in notes if user not in note.sudo().activity_ids.user_id
            ])
            notes._mail(user, why)

    def _get_asked(self, why):
        return self._get_leader() or self.user_id if why == "escalated" else self.user_id

    def _mail(self, user, why):
        if not user.email_normalized:
            return
        company = self.company_id[:1]
        lang = user.lang or "en_US"
        body = self.env["ir.qweb"].with_context(lang=lang)._render(
            "account_credit_care.handover_mail", {
                "user": user, "why": why, "company": company,
                "rows": [note._to_row(lang) for note in self],
            }, minimal_qcontext=True,
        )
        env = self.env(context=dict(self.env.context, lang=lang))
        self.env["mail.mail"].sudo().create({
            "subject": env._(
                "Notes on customers that we need from you: %(count)s", count=len(self)
            ),
            "body_html": body, "email_from": company.email_formatted or user.email_formatted,
            "recipient_ids": [(6, 0, user.partner_id.ids)], "auto_delete": True,
            "state": "outgoing",
        })
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()

    def _to_row(self, lang):
        words = self.env["credit.message"].with_context(lang=lang)
        return {
            "name": self.partner_id.display_name, "asked": self.user_id.name,
            "url": f"{self.get_base_url()}/odoo/credit-handover/{self.id}",
            "amount": words._money(self.amount_overdue, self.currency_id),
            "days": self.oldest_days, "deadline": words._day(self.deadline_on),
        }

    def _chase(self, company, today):
        """Who has not answered is asked once more; on the last day his team leader is."""
        waiting = self.sudo().search([
            ("company_id", "=", company.id), ("state", "=", "requested"),
            ("ended_on", "=", False),
        ])
        run = self.env["credit.run"]
        gone = waiting.filtered(lambda n: not n.case_id._can_write_note(n.user_id))
        run._isolated(gone, lambda notes: notes._ask_somebody_else())
        late = waiting.filtered(lambda n: not n.escalated_on and n.deadline_on <= today)
        run._isolated(late, lambda notes: notes._remember_asking("escalated", today))
        slow = (waiting - late).filtered(
            lambda n: not n.reminded_on and not n.escalated_on
            and n.requested_on + timedelta(days=REMIND_AFTER) <= today
        )
        run._isolated(slow, lambda notes: notes._remember_asking("reminded", today))

    def _ask_somebody_else(self):
        """Who was asked has left, or the company is no longer his: nobody would ever answer."""
        for note in self:
            note.activity_ids.unlink()
            note.user_id = note.case_id._get_note_writer()
        self._ask("requested")

    def _remember_asking(self, why, today):
        self.write({f"{why}_on": today})
        self._ask(why)

    def _get_leader(self):
        """The head of his team, if that is another person who can answer."""
        leader = self.user_id.sale_team_id.user_id
        return leader if leader != self.user_id and self.case_id._can_write_note(leader) else (
            leader.browse()
        )
