from odoo import api, models
from odoo.tools import format_date

from ..models.credit_case_call import RECENT


class CreditCall(models.TransientModel):
    """What the caller sees before he dials: who, how, what the salesperson says, what has
    been."""

    _inherit = "credit.call"

    # ------------------------------------------------------------------ what the caller sees

    def _compute_is_user(self):
        for call in self:
            call.is_user = not call.case_id._get_caller()

    @api.depends("case_id", "action_id")
    def _compute_contact(self):
        """Who was laid out for the call, else the best contact with a telephone."""
        channel = self.env["credit.channel"].sudo()
        known = channel._read_contacts(self.case_id.partner_id.ids)
        for call in self:
            contacts = known.get(call.case_id.partner_id.id, [])
            best = next((row for row in contacts if row["phone"]), None)
            planned = call.action_id.sudo()
            call.phone = planned.phone or (best and best["phone"])
            call.contact_id = planned.contact_id.id if planned.phone else best and best["id"]

    @api.depends("pressure")
    def _compute_tone(self):
        tones = {
            "gentle": self.env._("Gentle: a courtesy. Ask how it is, remind, offer help."),
            "standard": self.env._("Standard: listen, then agree on a day."),
            "firm": self.env._("Firm: friendly, and with a date before you hang up."),
            "formal": self.env._("Formal: facts and dates only, as they will stand in writing."),
        }
        for call in self:
            call.tone = tones.get(call.pressure)

    @api.depends("action_id", "case_id")
    def _compute_script(self):
        for call in self:
            call.script = (call.action_id.level_id or call.case_id.level_id).sudo().script

    @api.depends("case_id")
    def _compute_note(self):
        """The salesperson's note, once it is written; whoever makes the call reads it."""
        for call in self:
            note = call.case_id.sudo().note_id
            note = note if note.state == "submitted" else note.browse()
            person = note._get_person()
            until = note.own_step_until and format_date(self.env, note.own_step_until)
            call.note_by = note.user_id.name
            call.note_approach = note.approach_note
            call.note_attention = note.special_attention and note.special_how
            call.note_contact = " · ".join(filter(None, (
                person.name, person.function, person.phone,
            )))
            call.note_step = " · ".join(filter(None, (note.own_step, until)))

    @api.depends("case_id")
    def _compute_history(self):
        for call in self:
            case = call.case_id
            call.item_ids = case.open_item_ids
            call.recent_ids = (case.action_ids - call.action_id).filtered(
                lambda action: action.direction != "internal"
                and action.state in ("queued", "sent", "done")
            )[:RECENT]
            call.agreement_ids = case.agreement_ids.filtered(
                lambda agreement: agreement.state in ("proposed", "running", "broken")
            )
            call.dispute_ids = case.dispute_ids.filtered(
                lambda dispute: dispute.state in ("open", "expired")
            )
