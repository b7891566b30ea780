import uuid
from collections import defaultdict
from typing import NamedTuple

from markupsafe import Markup

from odoo import models
from odoo.tools import SQL, formataddr, str2bool

# asks for no money: no table of items, no way to pay
QUIET = ("thanks", "closing", "survey", "survey_reminder")


class Target(NamedTuple):
    """Where a message to a debtor goes, once addresses were looked at."""

    channel: str
    contact_id: int | None = None
    email: str | None = None
    phone: str | None = None
    lang: str | None = None


class CreditChannel(models.AbstractModel):
    """Delivers actions: who is addressed, how it is rendered, which of core's ways it takes.
    Everything by batch; one small method a channel."""

    _name = "credit.channel"
    _description = "Credit care: channels"

    # ------------------------------------------------------------------ who is addressed

    def _resolve(self, wanted, company):
        """``{partner id: Target}`` for ``wanted`` pairs (partner id, level). A debtor who cannot
        be reached on the channel falls to the level's fallback, at last to an activity."""
        contacts = self._read_contacts([partner_id for partner_id, _level in wanted])
        return {
            partner_id: self._choose(level, contacts.get(partner_id, []), partner_id)
            for partner_id, level in wanted
        }

    def _read_contacts(self, partner_ids):
        """Candidates by debtor, best first: the contact for reminders set on the customer, the
        invoice address, the customer himself; of a company any other contact. One query. A debt
        is no matter of a subsidiary, of whoever takes in the goods, or of a private person's
        people, unless somebody has named them."""
        self.env["res.partner"].flush_model()
        rows = self.env.execute_query_dict(SQL(
            """SELECT debtor.id AS debtor_id, contact.id, contact.email_normalized AS email,
                      contact.phone,
                      COALESCE(contact.lang, debtor.lang) AS lang,
                      (TRIM(contact.street) != '' AND TRIM(contact.city) != '') AS postal,
                      debtor.credit_care_no_calls AS no_calls
                 FROM res_partner debtor JOIN res_partner contact
                   ON contact.id = debtor.id
                   OR (contact.parent_id = debtor.id AND contact.active
                       AND contact.commercial_partner_id = debtor.id
                       AND (contact.id = debtor.credit_care_contact_id OR contact.type = 'invoice'
                            OR (debtor.is_company AND contact.type IN ('contact', 'other'))))
                WHERE debtor.id IN %s
                ORDER BY debtor.id, contact.id = debtor.credit_care_contact_id DESC NULLS LAST,
                         contact.type = 'invoice' DESC, contact.id = debtor.id DESC,
                         contact.type = 'contact' DESC, contact.id""",
            tuple(partner_ids) or (0,),
        ))
        contacts = defaultdict(list)
        for row in rows:
            contacts[row["debtor_id"]].append(row)
        return contacts

    def _choose(self, level, contacts, partner_id):
        tests = {
            "email": lambda c: c["email"],
            "sms": lambda c: c["phone"],
            "phone": lambda c: c["phone"] and not c["no_calls"],
            "letter": lambda c: c["postal"],
            "none": lambda c: True,
        }
        texts = {"email": level.mail_template_id, "letter": level.mail_template_id}
        for channel in (level.channel, level.fallback):
            if channel == "activity" or not texts.get(channel, True):
                continue
            found = next((c for c in contacts if tests[channel](c)), None)
            if found:
                return Target(
                    channel, found["id"], found["email"] or None, found["phone"], found["lang"],
                )
        lang = contacts[0]["lang"] if contacts else None
        return Target("activity", partner_id, None, None, lang)

    # ------------------------------------------------------------------ dispatch

    def _deliver(self, channel, actions, company, today):
        deliver = {
            "email": self._deliver_email,
            "letter": self._deliver_letter,
            "sms": self._deliver_sms,
            "phone": self.env["credit.task"]._lay_out,
            "activity": self.env["credit.task"]._lay_out,
            "none": self._deliver_nothing,
        }
        actions._move_to(today)
        deliver[channel](actions.with_company(company), company, today)

    def _deliver_nothing(self, actions, company, today):
        actions._set_state("done")

    # ------------------------------------------------------------------ e-mail

    def _deliver_email(self, actions, company, today):
        """Renders in the debtor's language, freezes, queues: message, mail and state are written
        in the same commit; core's queue does the sending."""
        reply_to = actions.case_id._notify_get_reply_to_batch(author_ids={
            action.case_id.id: (action.user_id.partner_id or company.partner_id).id
            for action in actions
        })
        self._ensure_tokens(actions)
        attachments = self._get_invoice_pdfs(actions)
        texts = self._render(actions, company, attachments=attachments)
        mails = self.env["mail.mail"].sudo().create([
            self._get_mail_values(action, company, *texts[action.id]) | {
                "reply_to": reply_to.get(action.case_id.id) or self._get_sender(action, company),
                "attachment_ids": [(6, 0, attachments[action.id])],
            }
            for action in actions
        ])
        self._follow_delivery(mails, actions)
        for mail, action in zip(mails, actions, strict=True):
            subject, body = texts[action.id]
            action._set_state(
                "queued", subject=subject, body=action._without_key(body),
                attachment_ids=[(6, 0, attachments[action.id])],
                mail_mail_id=mail.id, mail_message_id=mail.mail_message_id.id,
            )
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()

    def _get_mail_values(self, action, company, subject, body):
        return {
            "subject": subject, "body": action._without_key(body), "body_html": body,
            "email_from": self._get_sender(action, company),
            "author_id": action.user_id.partner_id.id,
            "recipient_ids": [(6, 0, action.contact_id.ids)],
            "model": "credit.case", "res_id": action.case_id.id,
            "record_name": action.case_id.display_name,
            "message_type": "email_outgoing",
            "subtype_id": self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_comment"),
            "is_notification": True, "auto_delete": True, "state": "outgoing",
            "headers": repr({"X-Auto-Response-Suppress": "OOF"}),
        }

    def _follow_delivery(self, mails, actions):
        """So that a bounce is told on the case, as with ``message_post``."""
        self.env["mail.notification"].sudo().create([
            {
                "author_id": mail.author_id.id, "mail_message_id": mail.mail_message_id.id,
                "mail_mail_id": mail.id, "res_partner_id": action.contact_id.id,
                "notification_type": "email", "notification_status": "ready", "is_read": True,
            }
            for mail, action in zip(mails, actions, strict=True)
        ])

    def _get_sender(self, action, company):
        """The named controller, who can be answered; the company when nobody is named."""
        user = action.user_id
        if user.email_normalized:
            return formataddr((f"{user.name} · {company.name}", user.email_normalized))
        return company.email_formatted or self.env.user.email_formatted

    def _get_invoice_pdfs(self, actions):
        """Existing PDFs only, by one query: nothing is generated, nothing is sent to the tax
        authority's e-invoicing system."""
        wanting = actions.filtered(
            lambda action: action.level_id.attach_invoices or action.purpose == "resend"
        )
        moves = wanting.line_ids.item_id.move_id
        found = self.env["ir.attachment"].sudo().search([
            ("res_model", "=", "account.move"), ("res_id", "in", moves.ids),
            ("res_field", "=", "invoice_pdf_report_file"),
        ])
        pdf_of = {attachment.res_id: attachment.id for attachment in found}
        result = {action.id: action.attachment_ids.ids for action in actions}
        for action in wanting:
            move_ids = dict.fromkeys(action.line_ids.item_id.move_id.ids)
            pdfs = [pdf_of[move_id] for move_id in move_ids if move_id in pdf_of]
            result[action.id] = list(dict.fromkeys(result[action.id] + pdfs))
        return result

    def _ensure_tokens(self, actions):
        """Invoices get their portal token, as core's own invoice mail gives it; by one query,
        because writing invoices one by one is expensive."""
        missing = actions.line_ids.item_id.move_id.sudo().filtered(
            lambda move: not move.access_token and move.is_sale_document()
        )
        if missing:
            self.env.execute_query(SQL(
                """UPDATE account_move move SET access_token = v.token
                     FROM unnest(%s::int[], %s::varchar[]) AS v (id, token)
                    WHERE move.id = v.id AND move.access_token IS NULL RETURNING move.id""",
                missing.ids, [str(uuid.uuid4()) for _move in missing],
            ))
            missing.invalidate_recordset(["access_token"])

    # ------------------------------------------------------------------ rendering

    def _render(
        self, actions, company, layout="account_credit_care.mail_layout", attachments=None
    ):
        """``{action id: (subject, body)}``: the text of the level's template (or of the reviewer)
        within the layout, in the language of each debtor."""
        result = {}
        for template, batch in actions.grouped(lambda a: a._get_template()).items():
            langs = self._by_lang(batch)
            for lang, group in langs.items():
                result |= self._render_lang(
                    template, group, company, lang, layout, attachments or {}
                )
        return result

    def _by_lang(self, actions):
        installed = {code for code, _name in self.env["res.lang"].get_installed()}
        default = actions.company_id.partner_id.lang or self.env.lang or "en_US"
        return actions.grouped(lambda a: a.lang if a.lang in installed else default)

    def _render_lang(self, template, actions, company, lang, layout, attachments):
        template = template.sudo().with_context(lang=lang)
        group = actions.with_context(lang=lang)
        subjects = template._render_field("subject", group.ids, set_lang=lang)
        bodies = template._render_field("body_html", group.ids, set_lang=lang)
        qweb = self.env["ir.qweb"].with_context(lang=lang)
        words = self.env["credit.message"].with_context(lang=lang)
        result = {}
        for action in group:
            text = Markup(action.note) if action.note else bodies[action.id]
            body = qweb._render(layout, {
                "action": action, "subject": subjects[action.id], "body": text,
                "company": company.sudo(),
                "user": action.user_id.sudo(), "lang": lang,
                "pay_url": action.pay_url, "table": action.table_html,
                "page_url": action.page_url,
                "thanks": action.purpose in QUIET,
                **words._get_values(action, company.sudo(), len(attachments.get(action.id, ()))),
            }, minimal_qcontext=True)
            result[action.id] = (subjects[action.id], body)
        return result

    def _get_pay_url(self, moves):
        """Core's page of the invoice with its own token, where one invoice is all that is asked
        and online payment is switched on."""
        enabled = str2bool(self.env["ir.config_parameter"].sudo().get_param(
            "account_payment.enable_portal_payment"
        ) or "false")
        move = moves.sudo()[:1]
        if not enabled or len(moves) != 1 or not move.access_token:
            return False
        return self._get_move_url(move)

    def _get_move_url(self, move):
        base = self.env["ir.config_parameter"].sudo().get_param("web.base.url")
        return f"{base}/my/invoices/{move.id}?access_token={move.access_token}"
