import base64
import binascii
from datetime import timedelta

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_date
from odoo.tools.mimetypes import guess_mimetype

MAX_COUNT = 60
MAX_SIGNATURE = 1024 * 1024


class CreditCase(models.Model):
    """The debtor's own plan: seen before it is sent, signed at once where the policy allows it."""

    _inherit = "credit.case"

    def _get_plannable(self, currency=None):
        """Open items that no agreement or dispute speaks of. A running plan is not changed by
        the one who owes it; an offer that has lapsed speaks of nothing; the rest of a settlement
        that was paid is not asked for."""
        today = self.company_id._credit_today()
        taken = self.agreement_ids.filtered(
            lambda one: one.state == "running" or one._is_given_up() or one.state == "proposed"
            and (not one.valid_until or one.valid_until >= today)
        ).item_ids | self.dispute_ids.filtered(lambda one: one.state == "open").line_ids.item_id
        items = self._get_page_items() - taken
        return items.filtered(lambda item: item.currency_id == currency) if currency else items

    def _prepare_plan(self, items, count, amount, first_on):
        """Values of the plan that he has in mind; refuses what makes no sense."""
        today = self.company_id._credit_today()
        items = items & self._get_plannable()
        if not items or len(items.currency_id) != 1:
            raise UserError(self.env._("Please choose at least one of the invoices."))
        if bool(count) == bool(amount):
            raise UserError(self.env._(
                "Say in how many instalments, or how much a month: one of the two."
            ))
        if count and not 0 < count <= MAX_COUNT:
            raise UserError(self.env._("Please choose 1 to 60 instalments."))
        if amount and not 0 < amount < 10**12:
            raise UserError(self.env._("Please write the amount in figures."))
        if not first_on or not today <= first_on <= today + timedelta(days=366):
            raise UserError(self.env._("From which day on can you pay? Choose a day from today."))
        return {
            "case_id": self.id, "kind": "plan", "currency_id": items.currency_id.id,
            "item_ids": [(6, 0, items.ids)], "user_id": self._get_owner().id,
            "negotiated_by": "debtor", "frequency": "month", "count": count or 0,
            "instalment_amount": float(amount or 0), "first_on": first_on,
        }

    def _preview_plan(self, items, count, amount, first_on):
        """The schedule as an agreement that is nowhere stored."""
        plan = self.env["credit.agreement"].new(
            self._prepare_plan(items, count, amount, first_on)
        )
        plan._fill(plan._compute_instalments())
        return plan

    def _answer_plan(self, items, count, amount, first_on, remark=""):
        """Within the limits he may sign at once; beyond them a manager is asked."""
        case, today = self._begin_answer()
        remark = self._check_text(remark)
        own = case._for_owner()
        values = case._prepare_plan(items.with_env(case.env), count, amount, first_on)
        plan = case.env["credit.agreement"].create({**values, "note": remark})
        plan.action_make_schedule()
        plan.with_env(own.env)._propose()
        env = own.env
        case._take_answer("plan", [
            (env._("Plan"), plan.name),
            (env._("Instalments"), env._(
                "%(count)s, from %(day)s on", count=len(plan.line_ids),
                day=format_date(env, plan.line_ids[:1].due_on),
            )),
            (env._("Beyond the limits"), plan.excess), (env._("Remark"), remark),
        ], reason_kind="no_money").agreement_id = plan
        return plan

    def _answer_sign(self, agreement, name, signature=False):
        """Typed or drawn: both bind."""
        case, _today = self._begin_answer()
        agreement = agreement.with_env(case.env) & case._get_signable()
        if not agreement:
            raise UserError(self.env._("This offer stands no longer. Please call us."))
        name = " ".join((name or "").replace("\x00", "").split())
        if not 2 <= len(name) <= 100:
            raise UserError(self.env._("Please write your first and last name."))
        own = case._for_owner()
        misfit = agreement.with_env(own.env)._find_misfit()
        if misfit:
            return case._ask_to_offer_again(agreement, name, misfit)
        agreement._sign(name, self._check_signature(signature))
        asked = case.action_ids.filtered(lambda action: action.agreement_id == agreement)
        asked.activity_id.action_feedback(  # his own proposal: nobody has to answer it any more
            feedback=own.env._("Signed on the customer's page by %(name)s", name=name)
        )
        own.env["credit.action"]._log_answer(own, "sign", [
            (own.env._("Agreement"), agreement.name), (own.env._("Signed by"), name),
        ], agreement_id=agreement.id)
        agreement.with_env(own.env).message_post(
            body=own.env._("Signed on the customer's page by %(name)s", name=name)
        )
        return agreement

    def _ask_to_offer_again(self, agreement, name, misfit):
        """He would have signed what fits no longer: it is a draft again, reminders wait, and the
        controller makes another offer."""
        agreement._take_back()
        env = self._for_owner().env
        self._take_answer("renew", [
            (env._("Agreement"), agreement.name), (env._("Would have signed"), name),
            (env._("What has changed"), misfit),
        ], task={"summary": env._(
            "Renew the offer %(agreement)s: %(debtor)s would have signed it",
            agreement=agreement.name, debtor=self.display_name,
        )}).agreement_id = agreement
        return agreement

    def _get_signable(self):
        today = self.company_id._credit_today()
        return self.agreement_ids.filtered(
            lambda one: one.state == "proposed" and not one._needs_approval()
            and (not one.valid_until or one.valid_until >= today)
        )

    def _check_signature(self, signature):
        if not signature:
            return False
        try:
            content = base64.b64decode(signature, validate=True)
        except (TypeError, ValueError, binascii.Error):
            content = b""
        if len(content) > MAX_SIGNATURE or guess_mimetype(content) != "image/png":
            raise UserError(self.env._("The signature could not be read. Please type your name."))
        return signature

