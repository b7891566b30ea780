from email.utils import parseaddr

from odoo import fields, models
from odoo.tools import html2plaintext

from .credit_agency_desk import iso
from .credit_placement_agency import NEWS

SEEN = ("queued", "sent", "done")


class CreditPlacement(models.Model):
    """What a collector may know of a placement, as plain values: a white-list, of the documents
    that were placed and no others, as in the dossier. The data of the debtor that he needs and no
    more; of the house's history what was done, and not what colleagues remarked on it."""

    _inherit = "credit.placement"

    def _show_now(self):
        """Whether the debtor may be called at this moment; if not, why and from when on."""
        case = self.case_id
        moment = case._get_next_contact()
        codes = case._get_breaches(self.company_id._credit_today(), fields.Datetime.now())
        return {
            "may": not codes, "why": case._explain_breaches(codes),
            "next": case._explain_next_contact(moment) if codes else "",
            "next_at": iso(moment),
        }

    def _show_person(self):
        """Whom to speak with, and where he is reached: the customer and the person of the note."""
        debtor, contact = self.partner_id, self._get_contact()
        return {
            "name": debtor.name, "vat": debtor.vat or "",
            "address": [
                line for line in debtor._display_address(without_company=True).splitlines() if line
            ],
            "language": debtor.lang or "",
            "contact": contact.name, "role": contact.function or "",
            "phones": [
                {"name": one.name, "phone": one.phone}
                for one in (contact | debtor) if one.phone
            ],
            "emails": [
                {"name": one.name, "email": one.email_normalized}
                for one in (contact | debtor) if one.email_normalized
            ],
        }

    def _show_note(self):
        """How to approach, and in what way he needs care; why is the house's own."""
        note = self.handover_id
        return {
            "how": note.approach_note or "",
            "care": note.special_how or "" if note.special_attention else "",
            "author": note.user_id.name if note.state == "submitted" else "",
        }

    def _show_items(self):
        today = self.company_id._credit_today()
        return [
            {
                "id": line.item_id.id, "document": line.item_id.display_name,
                "move_id": line.item_id.move_id.is_sale_document(include_receipts=True)
                and line.item_id.move_id.id,
                "due_on": line.due_on.isoformat(), "late": max((today - line.due_on).days, 0),
                "currency": line.currency_id.name, "placed": line.amount,
                "open": line.amount_open,
            }
            for line in self.line_ids.sorted(lambda line: (line.due_on, line.id))
        ]

    def _show_history(self):
        dossier, items = self.env["credit.dossier"], self.line_ids.item_id
        actions = self.case_id.action_ids.filtered(
            lambda one: one.direction != "internal" and one.state in SEEN
            and (one.state != "queued" or one.channel != "phone") and dossier._concerns(one, items)
        )
        return [
            self._show_action(one)
            for one in actions.sorted(lambda one: (one.date, one.id), reverse=True)
        ]

    def _show_action(self, action):
        """The agency reads what it has written itself; of others, what came of it."""
        outcomes = dict(action._fields["outcome"]._description_selection(self.env))
        channels = dict(action._fields["channel"]._description_selection(self.env))
        own = action.collector_id and action.placement_id.agency_id == self.agency_id
        return {
            "id": action.id, "date": action.date.isoformat(), "title": action.title,
            "channel": channels.get(action.channel, ""),
            "who": action.collector_id.display_name if own else self.company_id.name
            if action.direction == "out" else self.partner_id.name,
            "is_ours": bool(own), "outcome": outcomes.get(action.outcome, ""),
            "reason": action.reason_id.name or "",
            "remark": action.summary or "" if own else "", "breach": own and action.breach or "",
        }

    def _show_agreements(self):
        shown = self.env["credit.dossier"]._get_agreements(self, self.line_ids.item_id)
        kinds = dict(shown._fields["kind"]._description_selection(self.env))
        states = dict(shown._fields["state"]._description_selection(self.env))
        return [
            {
                "id": one.id, "name": one.name or "", "kind": kinds[one.kind], "state": one.state,
                "state_text": states[one.state], "currency": one.currency_id.name,
                "amount": one.amount_agreed, "received": one.amount_received,
                "waits": one.state == "proposed" and one._needs_approval(),
                "lines": [
                    {"due_on": line.due_on.isoformat(), "amount": line.amount}
                    for line in one.line_ids.sorted("due_on")
                ],
            }
            for one in shown.sorted("id", reverse=True)
        ]

    def _show_disputes(self):
        items = self.line_ids.item_id
        shown = self.case_id.dispute_ids.filtered(
            lambda one: one.kind != "pause" and one.state != "cancelled"
            and one.line_ids.item_id & items
        )
        states = dict(shown._fields["state"]._description_selection(self.env))
        return [
            {
                "id": one.id, "reason": one.reason_id.name or "", "state": one.state,
                "state_text": states[one.state],
                "documents": ", ".join((one.line_ids.item_id & items).mapped("display_name")),
            }
            for one in shown.sorted("id", reverse=True)
        ]

    def _show_claims(self):
        states = dict(self.claim_ids._fields["state"]._description_selection(self.env))
        return [
            {
                "id": one.id, "state": one.state, "state_text": states[one.state],
                "paid_on": one.paid_on.isoformat(), "amount": one.amount,
                "currency": one.currency_id.name, "answer": one.answer or "",
            }
            for one in self.claim_ids
        ]

    def _show_messages(self):
        """The thread of both houses, and nothing else of the chatter."""
        messages = self.env["mail.message"].search([
            ("model", "=", self._name), ("res_id", "=", self.id),
            ("subtype_id", "=", self.env.ref(NEWS).id),
        ], order="id")
        return [
            {
                "id": one.id, "at": iso(one.date), "is_ours": not one.author_id,
                "who": one.author_id.name or parseaddr(one.email_from)[0],
                "text": html2plaintext(one.body).strip(),
            }
            for one in messages
        ]

    def _show_team(self):
        """Who may get it."""
        return [
            {"id": one.id, "name": one.display_name, "is_qualified": bool(one.qualified_on)}
            for one in self.mandate_id.collector_ids
            if one.qualified_on or not self.relationship_priority
        ]
