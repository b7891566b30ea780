from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_date

from .windows import open_record


class CreditCase(models.Model):
    """From whom the note on a case is asked, and by when."""

    _inherit = "credit.case"

    attention = fields.Text(related="partner_id.credit_care_attention")
    note_state = fields.Char("Salesperson's note", compute="_compute_note_state")

    @api.depends("handover_ids.state", "handover_ids.ended_on", "handover_ids.deadline_on")
    @api.depends_context("lang")
    def _compute_note_state(self):
        """In a few words on the page of the case."""
        for case in self:
            note = case.note_id.sudo()
            values = {"name": note.user_id.name or "", "waiver": note.waiver_id.name or "",
                      "day": format_date(self.env, note.deadline_on) if note.deadline_on else ""}
            case.note_state = {
                "requested": self.env._("Asked from %(name)s, wanted by %(day)s", **values),
                "submitted": self.env._("Written by %(name)s", **values),
                "waived": self.env._("Waived by %(waiver)s", **values),
            }.get(note.state, False)

    def action_open_note(self):
        self.ensure_one()
        return open_record(self.note_id)

    def action_request_note(self):
        """By hand, at any time."""
        self.env["credit.handover"]._request(self._checked())
        return True

    def _to_note_request(self):
        today = self.company_id._credit_today()
        writer = self._get_note_writer()
        return {
            "case_id": self.id, "user_id": writer.id, "requested_on": today,
            "deadline_on": self._get_note_deadline(today),
            "contact_id": self.partner_id.sudo().credit_care_contact_id.id,
            "special_how": self.partner_id.sudo().credit_care_attention,
            "special_attention": bool(self.partner_id.sudo().credit_care_attention),
        }

    def _get_note_deadline(self, today):
        """Before the day of placement, and never less than two days from now."""
        days = (self.policy_id._get_agency_day(), self.policy_id.place_after_days)
        after = next((day for day in days if day > self.oldest_days), 0) or days[-1]
        soonest = today + timedelta(days=2)
        if not after or not self.oldest_due_on:
            return today + timedelta(days=7)
        return max(soonest, self.oldest_due_on + timedelta(days=after - 1))

    def _get_note_writer(self):
        """Of the order, of the customer, of the invoice, the head of the team; at last whoever
        controls. Nobody inactive, nobody from outside."""
        moves = self.open_item_ids.move_id.sudo().sorted("invoice_date", reverse=True)
        orders = moves.line_ids.sale_line_ids.order_id
        teams = moves.team_id | self.partner_id.user_id.sale_team_id
        candidates = [
            *orders.user_id, *self.partner_id.user_id, *moves.invoice_user_id, *teams.user_id,
            *self.salesperson_id, *self.user_id,
            *self.env["credit.task"]._get_manager(self.company_id),
        ]
        found = next((user for user in candidates if self._can_write_note(user)), None)
        return found or self.env.ref("base.user_admin")

    def _can_write_note(self, user):
        user = user.sudo()
        return bool(user.active and not user.share and self.company_id in user.company_ids
                    and not user._is_superuser())
