from dateutil.relativedelta import relativedelta

from odoo import Command, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from ..domain import figures
from ..domain.figures import MIN_LOSS_CASES
from .res_company import COLLEAGUES

MANAGER = "account_credit_care.group_credit_manager"


class ResCompany(models.Model):
    """The bad-debt allowance: the ageing times the rates of the table, as a draft entry with its
    reversal. An accountant posts both, or neither."""

    _inherit = "res.company"

    credit_allowance_journal_id = fields.Many2one(
        "account.journal", "Journal of the allowance", check_company=True,
        domain="[('type', '=', 'general')]", groups=COLLEAGUES,
    )
    credit_allowance_account_id = fields.Many2one(
        "account.account", "Allowance account", check_company=True, groups=COLLEAGUES,
        help="Where the allowance stands in the balance sheet, against the receivables.",
    )
    credit_allowance_expense_id = fields.Many2one(
        "account.account", "Expense of the allowance", check_company=True, groups=COLLEAGUES,
    )

    def _credit_get_allowance(self, day):
        """``[(name of the bucket, Provision)]`` at the end of ``day``, in units."""
        self.ensure_one()
        figures_ = self.env["credit.figures"].sudo()
        Rate = self.env["credit.allowance.rate"]
        buckets = [bucket.open for bucket in figures_._read_buckets(self, day)]
        names = Rate._name_buckets(Rate._get_limits(self))
        return list(zip(
            names, figures.allowance(buckets, Rate._get_rates(self)), strict=True
        ))

    def _credit_propose_rates(self, day):
        """``[LossRate]`` by bucket: what of the claims of a year before ``day`` no cash had settled
        by ``day``. No rate from fewer claims than make a rate."""
        self.ensure_one()
        found = self.env["credit.figures"].sudo()._read_loss_rates(
            self, day - relativedelta(years=1), day,
            self.env["credit.allowance.rate"]._get_limits(self),
        )
        return [figures.rate_of(*row, MIN_LOSS_CASES) for row in found]

    def _credit_use_rates(self, day):
        """The proposed rates become those of the table; a bucket without one keeps its own."""
        self._credit_check_manager()
        starts = self.env["credit.allowance.rate"]._get_starts(self)
        rows = {row.over_days: row for row in self.env["credit.allowance.rate"]._provide(self)}
        for start, proposal in zip(starts, self._credit_propose_rates(day), strict=True):
            if proposal.rate is not None:
                rows[start].rate = float(proposal.rate)

    def _credit_prepare_allowance(self, day, reverse_on):
        """The draft entry of ``day`` and its draft reversal; those that are there already, if
        somebody was faster. Nothing is posted here."""
        self._credit_check_manager()
        if reverse_on <= day:
            raise UserError(self.env._("The reversal comes after the day of the allowance."))
        found = self.env["account.move"].sudo().search([
            ("company_id", "=", self.id), ("credit_allowance_on", "=", day),
            ("reversed_entry_id", "=", False), ("state", "!=", "cancel"),
        ])
        known = found.filtered(lambda move: move.date <= day)[:1]
        if known:
            return known | known.reversal_move_ids
        # reversals whose entry somebody has deleted
        found.filtered(lambda move: move.state == "draft").button_cancel()
        values = self._credit_to_allowance_entry(day)
        entry = self.env["account.move"].sudo().with_company(self).create(values)
        reversal = entry._reverse_moves([{
            "date": reverse_on, "auto_post": "no", "credit_allowance_on": day,
            "ref": self.env._("Reversal of: %(entry)s", entry=entry.ref),
        }])
        return entry | reversal

    def _credit_check_manager(self):
        if not self.env.su and not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Only a credit manager prepares the allowance."))
        if not self.env.su and self not in self.env.companies:
            raise AccessError(self.env._("Switch to the company first."))

    def _credit_to_allowance_entry(self, day):
        accounts = (
            self.credit_allowance_journal_id, self.credit_allowance_account_id,
            self.credit_allowance_expense_id,
        )
        if not all(accounts):
            raise UserError(self.env._(
                "Choose journal and accounts of the allowance first (Settings, Credit Care)."
            ))
        parts = [(name, part) for name, part in self._credit_get_allowance(day) if part.allowance]
        if not parts:
            raise UserError(self.env._(
                "The allowance is nothing: no bucket with an amount has a rate. Set the rates"
                " first (Configuration, Ageing and allowance)."
            ))
        journal, balance, expense = accounts
        to_amount = self.env["credit.figures"]._to_amount
        total = to_amount(self, sum(part.allowance for _name, part in parts))
        label = self.env._("Bad-debt allowance at %(day)s", day=format_date(self.env, day))
        return {
            "move_type": "entry", "journal_id": journal.id, "date": day, "ref": label,
            "credit_allowance_on": day, "company_id": self.id,
            "line_ids": [Command.create({
                "name": label, "account_id": expense.id, "debit": total,
            })] + [
                Command.create({
                    "name": self.env._(
                        "%(label)s: %(bucket)s, %(rate)s %% of %(amount)s", label=label,
                        bucket=name, rate=f"{100 * float(part.rate):g}",
                        amount=self.currency_id.format(to_amount(self, part.amount)),
                    ),
                    "account_id": balance.id, "credit": to_amount(self, part.allowance),
                })
                for name, part in parts
            ],
        }
