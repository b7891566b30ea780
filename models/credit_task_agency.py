from odoo import models
from odoo.tools import format_date


class CreditTask(models.AbstractModel):
    """What colleagues are asked to do about an agency."""

    _inherit = "credit.task"

    def _ask_house(self, placement, xmlid, user, text, **facts):
        """``text(env, **facts)``: the summary, in the language of whoever gets it."""
        own, placement = self._for(user, placement)
        return self._ask(placement, xmlid, user, text(own.env), **facts)

    def _ask_to_answer_agency(self, placement, seat, text):
        case = placement.case_id
        user = case.user_id or placement.mandate_id.user_id
        return self._ask_house(placement, "agency_question", user, lambda env: env._(
            "%(collector)s asks about %(debtor)s",
            collector=seat._get_signature(), debtor=case.display_name,
        ), note=text)

    def _ask_to_find(self, claim):
        """Whoever books the bank sees it first; else the controller of the case."""
        placement = claim.placement_id
        user = placement.case_id.user_id or placement.mandate_id.user_id
        return self._ask_house(placement, "claim", user, lambda env: env._(
            "Look for %(amount)s of %(debtor)s",
            amount=claim.currency_id.format(claim.amount),
            debtor=placement.case_id.display_name,
        ), note=claim.remark or "")

    def _tell_breach(self, action):
        """A contact outside hours or caps: the one responsible for the mandate speaks with the
        agency about it."""
        placement = action.placement_id
        user = placement.mandate_id.user_id or self._get_manager(placement.company_id)
        self._ask_house(placement, "breach", user, lambda env: env._(
            "%(collector)s: contact with %(debtor)s outside hours or caps",
            collector=action.collector_id._get_signature(),
            debtor=placement.case_id.display_name,
        ), note=action.breach)

    def _ask_for_renewal(self, placements):
        """Told once a last day."""
        kind = self._kind("agency_papers")
        for placement in placements:
            manager = placement.mandate_id.user_id or self._get_manager(placement.company_id)
            own, placement = self._for(manager, placement)
            summary = own.env._(
                "Renew until later? %(placement)s comes back after %(day)s",
                placement=placement.display_name,
                day=format_date(own.env, placement.until_on, lang_code=manager.lang),
            )
            known = placement.with_context(active_test=False).activity_ids.mapped("summary")
            if summary not in known:
                self._create_activities([self._activity_values(
                    placement, kind, manager, placement.company_id._credit_today(), summary,
                )])

    def _close_renewal(self, placement):
        kind = self._kind("agency_papers")
        placement.activity_ids.filtered(lambda a: a.activity_type_id == kind).action_done()
