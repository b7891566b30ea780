import hashlib
import json

from odoo import models

from ..domain.money import from_units

ACTION_STATES = ("sent", "done")
AGREEMENT_STATES = ("proposed", "running", "kept", "broken")


class CreditDossier(models.AbstractModel):
    """What the agency is told of a placement, read from the records each time it is asked for.
    This is the white-list: what does not stand here stays in the house (see docs/dossier.md).
    No word of it is about the day on which it is read, so that it changes only when something
    has happened."""

    _name = "credit.dossier"
    _description = "Dossier of a placement"

    def _collect(self, placements):
        """``{placement id: content}``, made of texts, numbers and lists only; of any number of
        placements in a constant number of queries."""
        placements = placements.sudo()
        cash = placements._read_cash_since()
        actions = self._read_actions(placements)
        disputed = {}
        for company, batch in placements.grouped("company_id").items():
            items = batch.line_ids.item_id.filtered(lambda item: not item.closed_on)
            disputed |= self.env["credit.dispute"].sudo()._get_parts(
                items, company._credit_today()
            )
        return {
            placement.id: self._in_language_of(placement)._describe(
                placement, cash.get(placement.id, ()), actions.get(placement.case_id, ()), disputed
            )
            for placement in placements
        }

    def _in_language_of(self, placement):
        """One language for all who read it, so that it is the same for all: the creditor's."""
        installed = {code for code, _name in self.env["res.lang"].get_installed()}
        wanted = placement.company_id.partner_id.lang
        return self.with_context(lang=wanted if wanted in installed else "en_US")

    def _get_digest(self, content):
        return hashlib.sha256(
            json.dumps(content, sort_keys=True, ensure_ascii=True).encode()
        ).hexdigest()

    def _read_actions(self, placements):
        actions = self.env["credit.action"].sudo().search([
            ("case_id", "in", placements.case_id.ids), ("kind", "!=", "notice"),
            ("state", "in", ACTION_STATES), ("direction", "in", ("out", "in")),
        ], order="date, id")
        return actions.grouped("case_id")

    def _describe(self, placement, cash, actions, disputed):
        placement = placement.with_env(self.env(su=True))
        lines = placement.line_ids.sorted(lambda line: (line.due_on, line.id))
        items = lines.item_id
        return {
            "lang": self.env.lang,
            "placement": self._describe_placement(placement),
            "creditor": self._describe_creditor(placement, items),
            "debtor": self._describe_debtor(placement),
            "note": self._describe_note(placement.handover_id),
            "items": [self._describe_item(line, disputed) for line in lines],
            "receipts": [
                {
                    "on": self._day(day), "currency": placement.currency_id.name,
                    "amount": self._money(
                        from_units(units, placement.currency_id.rounding), placement.currency_id
                    ),
                }
                for day, units in cash
            ],
            "contacts": [
                self._describe_action(action.with_env(self.env(su=True)), placement)
                for action in actions if self._concerns(action, items)
            ],
            "agreements": [
                self._describe_agreement(agreement)
                for agreement in self._get_agreements(placement, items)
            ],
            "disputes": [
                self._describe_dispute(dispute, items)
                for dispute in placement.case_id.dispute_ids.sorted("id")
                if dispute.kind != "pause" and dispute.line_ids.item_id & items
            ],
        }

    # ------------------------------------------------------------------ who

    def _describe_placement(self, placement):
        mandate = placement.mandate_id
        return {
            "id": placement.id, "number": placement.name or "", "kind": placement.kind,
            "state": placement.state, "pressure": placement.pressure_now,
            "priority": placement.relationship_priority,
            "placed": self._day(placement.sent_on), "accepted": self._day(placement.accepted_on),
            "agency": mandate.agency_id.name or "", "mandate": mandate.name or "",
            "disclosure": mandate.disclosure or "",
        }

    def _describe_creditor(self, placement, items):
        company, words = placement.company_id, self.env["credit.message"]
        owner = placement.case_id._get_owner()
        moves = items.move_id
        return {
            "name": company.name, "vat": company.vat or "",
            "address": words._format_address(company.partner_id, company)[1:],
            "contact": {
                "name": owner.name or company.name,
                "phone": owner.partner_id.phone or company.phone or "",
                "email": owner.email_normalized or company.email or "",
            },
            "accounts": [
                {"holder": account["holder"] or "", "number": account["number"] or "",
                 "bank": account["bank"] or ""}
                for account in words._get_accounts(moves, company)
            ],
        }

    def _describe_debtor(self, placement):
        partner, contact = placement.partner_id, placement._get_contact()
        return {
            "name": partner.name or "", "vat": partner.vat or "",
            "company": partner.is_company,
            "address": self.env["credit.message"]._format_address(
                partner, placement.company_id
            )[1:],
            "country": partner.country_id.code or "",
            "lang": partner.lang or "", "phone": partner.phone or "",
            "email": partner.email_normalized or "",
            "contact": contact != partner and {
                "name": contact.name or "", "phone": contact.phone or "",
                "email": contact.email_normalized or "", "role": contact.function or "",
            } or {},
        }

    def _describe_note(self, note):
        """Not why it needs attention, nor why somebody waived it: that stays in the house."""
        if note.state != "submitted":
            return {"state": note.state}
        return {
            "state": note.state, "on": self._day(note.submitted_on),
            "firmness": note.approach or "", "approach": note.approach_note or "",
            "attention": (note.special_how or "") if note.special_attention else "",
        }

    # ------------------------------------------------------------------ what

    def _describe_item(self, line, disputed):
        item, move, currency = line.item_id, line.item_id.move_id, line.currency_id
        return {
            "document": item.name or "", "currency": currency.name,
            "issued": self._day(move.invoice_date or move.date), "due": self._day(item.due_on),
            "original": self._money(item.move_line_id.amount_currency, currency),
            "placed": self._money(line.amount, currency),
            "open": self._money(item.amount_residual, currency),
            "disputed": self._money(disputed.get(item.id, 0), currency),
            "closed": item.close_reason or "" if item.closed_on else "",
        }

    def _concerns(self, action, items):
        """What was said about what is placed; a call names no items, and counts from the day on
        which the oldest of them existed."""
        named = action.line_ids.filtered(lambda line: not line.released).item_id
        if named:
            return bool(named & items)
        first = min(
            (item.move_id.invoice_date or item.due_on for item in items), default=action.date
        )
        return action.date >= first

    def _describe_action(self, action, placement):
        """The remark of a contact is shown to the agency that wrote it."""
        own = action.collector_id and action.placement_id.agency_id == placement.agency_id
        return {
            "on": self._day(action.date), "channel": action.channel,
            "direction": action.direction, "by": "agency" if action.placement_id else "house",
            "what": action.title or "", "outcome": action.outcome or "",
            "reason": action.reason_id.name or "",
            "remark": (action.summary or "") if own else "",
        }

    def _get_agreements(self, placement, items):
        return placement.case_id.agreement_ids.filtered(
            lambda one: one.state in AGREEMENT_STATES and one.item_ids & items
        ).sorted("id")

    def _describe_agreement(self, agreement):
        currency = agreement.currency_id
        return {
            "number": agreement.name or "", "kind": agreement.kind, "state": agreement.state,
            "currency": currency.name,
            "amount": self._money(agreement.amount_agreed, currency),
            "received": self._money(agreement.amount_received, currency),
            "until": self._day(agreement.valid_until) if agreement.state == "proposed" else "",
            "instalments": [
                {
                    "due": self._day(line.due_on), "amount": self._money(line.amount, currency),
                    "received": self._money(line.received, currency), "state": line.state,
                }
                for line in agreement.line_ids.sorted(lambda line: (line.due_on, line.id))
            ],
        }

    def _describe_dispute(self, dispute, items):
        return {
            "kind": dispute.kind, "state": dispute.state, "since": self._day(dispute.opened_on),
            "until": self._day(dispute.until), "reason": dispute.reason_id.name or "",
            "text": dispute.text or "", "resolution": dispute.resolution or "",
            "answer": dispute.answer or "",
            "items": [
                {
                    "document": line.name or "", "currency": line.currency_id.name,
                    "amount": self._money(line.amount, line.currency_id) if line.amount else "",
                }
                for line in dispute.line_ids if line.item_id in items
            ],
        }

    # ------------------------------------------------------------------ words

    def _day(self, day):
        return day.isoformat() if day else ""

    def _money(self, amount, currency):
        return f"{currency.round(amount or 0.0) + 0.0:.{currency.decimal_places}f}"
