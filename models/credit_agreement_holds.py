from odoo import models
from odoo.tools import SQL

from ..domain.owed import Hold


class CreditAgreement(models.Model):
    """What is promised, agreed or offered waits, and what was broken is told by."""

    _inherit = "credit.agreement"

    # ------------------------------------------------------------------ what it holds

    def _read_holds(self, item_ids, today):
        """``{item id: Hold}`` of what is promised, agreed or offered. The hold of a running
        agreement ends the day it breaks if nothing comes in: the preview sees that day. What the
        debtor proposes himself holds once: proposing anew, never to sign, holds no more."""
        if not item_ids:
            return {}
        self.flush_model()
        rows = self.env.execute_query(SQL(
            """SELECT DISTINCT ON (rel.item_id) rel.item_id, agreement.kind, agreement.state,
                      CASE agreement.state WHEN 'proposed' THEN agreement.valid_until
                           WHEN 'running' THEN agreement.breaks_on - 1 END,
                      COALESCE(policy.plan_lifts_suspension, FALSE)
                 FROM credit_agreement_item_rel rel
                 JOIN credit_agreement agreement ON agreement.id = rel.agreement_id
                 JOIN credit_case care ON care.id = agreement.case_id
                 LEFT JOIN credit_policy policy ON policy.id = care.policy_id
                WHERE rel.item_id IN %s
                  AND (agreement.state = 'running' AND (
                           agreement.breaks_on IS NULL OR agreement.breaks_on > %s)
                       OR agreement.state = 'proposed' AND agreement.valid_until >= %s
                          AND NOT (agreement.negotiated_by = 'debtor'
                                   AND agreement.approver_id IS NULL AND EXISTS (
                              SELECT FROM credit_agreement_item_rel again
                                JOIN credit_agreement former ON former.id = again.agreement_id
                               WHERE again.item_id = rel.item_id AND former.id < agreement.id
                                 AND former.negotiated_by = 'debtor' AND former.start_on IS NULL))
                       OR agreement.state = 'kept' AND agreement.kind = 'settlement')
                ORDER BY rel.item_id, agreement.state DESC, agreement.id DESC""",
            tuple(item_ids), today, today,
        ))
        words = {"promise": "promised", "plan": "plan", "settlement": "settlement"}
        return {
            item_id: Hold(
                "proposed" if state == "proposed" else words[kind], until,
                counts=state == "proposed" or kind == "promise" or state == "running" and not lifts,
            )
            for item_id, kind, state, until, lifts in rows
        }

    def _get_live_case(self):
        """The case of what is still open: another one than its own where all had been paid, and a
        payment came back."""
        open_items = self.item_ids.filtered(lambda item: not item.closed_on)
        return open_items.case_id[:1] or self.case_id

    def _read_broken_cases(self, case_ids):
        """Those of ``case_ids`` with a broken agreement on something that is still open, and under
        no other agreement since. Asked of the items: a payment that came back may have opened
        another case than that of the agreement."""
        if not case_ids:
            return set()
        self.flush_model()
        return {row[0] for row in self.env.execute_query(SQL(
            """SELECT DISTINCT item.case_id FROM credit_agreement agreement
                 JOIN credit_agreement_item_rel rel ON rel.agreement_id = agreement.id
                 JOIN credit_item item ON item.id = rel.item_id
                WHERE item.case_id IN %s AND agreement.state = 'broken'
                  AND item.closed_on IS NULL AND NOT EXISTS (
                      SELECT FROM credit_agreement_item_rel again
                        JOIN credit_agreement newer ON newer.id = again.agreement_id
                       WHERE again.item_id = item.id AND newer.state = 'running')""",
            tuple(case_ids),
        ))}
