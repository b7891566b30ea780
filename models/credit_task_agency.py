from odoo import models


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
