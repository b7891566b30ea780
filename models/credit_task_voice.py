from odoo import models


class CreditTask(models.AbstractModel):
    """Who hears of a bad answer: the manager on the same day, and whoever is to call."""

    _inherit = "credit.task"

    def _activity_xmlids(self):
        return [*super()._activity_xmlids(), "account_credit_care.mail_activity_type_voice"]

    def _tell_bad_answer(self, case, answer, lines):
        manager, owner = self._get_manager(case.company_id), case._get_owner()
        for user, kind in ((manager, "voice"), (owner or manager, "call")):
            own, told = self._for(user, case)
            summaries = {
                "voice": own.env._("Not happy: %(debtor)s", debtor=told.display_name),
                "call": own.env._(
                    "Call %(debtor)s and listen: he was not happy", debtor=told.display_name
                ),
            }
            self._ask(
                told, kind, user, summaries[kind],
                own.env._("What he has said stands under Answers on the case."),
            )
        if manager.email_normalized:
            self._mail_bad_answer(manager, case, answer, lines)

    def _mail_bad_answer(self, manager, case, answer, lines):
        own, case = self._for(manager, case)
        company = case.company_id.sudo()
        body = own.env["ir.qweb"]._render("account_credit_care.bad_answer_mail", {
            "user": manager.sudo(), "case": case, "company": company, "answer": answer,
            "lines": lines.with_context(lang=own.env.lang),
            "collector": answer.credit_collector_id.display_name,
            "agency": answer.credit_placement_id.agency_id.name,
            "url": f"{company.get_base_url()}/odoo/credit.case/{case.id}",
            "accent": own.env["credit.message"]._get_accent(company),
        }, minimal_qcontext=True)
        self.env["mail.mail"].sudo().create({
            "subject": own.env._("Not happy: %(debtor)s", debtor=case.display_name),
            "body_html": body, "auto_delete": True, "state": "outgoing",
            "email_from": company.email_formatted or manager.email_formatted,
            "recipient_ids": [(6, 0, manager.partner_id.ids)],
        })
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()
