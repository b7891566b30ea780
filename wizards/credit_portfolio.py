from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..domain import fee_statement
from ..domain.fees import Entrusted
from ..domain.money import from_units
from ..domain.portfolio import LEAST
from ..models.credit_mandate import KINDS
from ..models.credit_mandate_terms import PREVIEW, to_share
from ..models.windows import open_record

CHOSEN = [("state", "in", ("courtesy", "collection"))]


class CreditPortfolio(models.TransientModel):
    """Asks which cases; shows what they are made of, what may be expected of them, and what a
    mandate would cost. The sheet for an agency names nobody."""

    _name = "credit.portfolio"
    _inherit = "credit.window"
    _description = "Portfolio analysis"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, readonly=True
    )
    case_domain = fields.Char("Cases", default=str(CHOSEN))
    min_days = fields.Integer("Overdue for at least", default=1)
    min_amount = fields.Monetary("Overdue at least")
    currency_id = fields.Many2one(related="company_id.currency_id")
    mandate_id = fields.Many2one(
        "credit.mandate", check_company=True,
        domain="[('company_id', '=', company_id), ('state', '!=', 'ended')]",
        help="Shows what these cases would cost under it. It need not be active yet.",
    )
    kind = fields.Selection(KINDS, "As", required=True, default="collection")
    case_count = fields.Integer("Cases count", compute="_compute_sheet")
    amount = fields.Monetary("Overdue", compute="_compute_sheet")
    analysis_html = fields.Html(compute="_compute_sheet")
    cost_html = fields.Html(compute="_compute_sheet")

    def _compute_display_name(self):
        self.display_name = self.env._("Portfolio analysis")

    @api.model
    def _open(self, cases):
        """From chosen cases."""
        portfolio = self.create({"case_domain": str([("id", "in", cases.ids)]), "min_days": 1})
        return portfolio.action_show()

    def action_show(self):
        """Computes it for what is chosen now."""
        self.ensure_one()
        return open_record(self, name=self.env._("Portfolio analysis"), target="current")

    def action_open_cases(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_credit_care.credit_case_action"
        )
        return action | {
            "domain": [("id", "in", [row.case_id for row in self._read()[1]])], "context": {},
        }

    # ------------------------------------------------------------------ what is shown

    def _get_cases(self):
        """Those that whoever asks may read; live and with something overdue."""
        try:
            chosen = Domain(literal_eval(self.case_domain or "[]"))
        except (ValueError, SyntaxError, TypeError) as error:
            raise UserError(self.env._("Choose the cases by fields and plain values.")) from error
        return self.env["credit.case"].search(chosen & Domain([
            ("company_id", "=", self.company_id.id), ("state", "!=", "closed"),
            ("amount_open", ">", 0),
        ]), order="id")

    def _read(self):
        today = self.company_id._credit_today()
        rows = self.env["credit.portfolio.sheet"].sudo()._read_rows(self._get_cases(), today)
        rounding = self.currency_id.rounding
        return today, [
            row for row in rows if row.days >= self.min_days
            and from_units(row.amount, rounding) >= self.min_amount
        ]

    def _get_sheet(self, least=LEAST):
        today, rows = self._read()
        sheet = self.env["credit.portfolio.sheet"].sudo()
        return sheet._get_sheet(rows, self.company_id, today, least)

    @api.depends("case_domain", "min_days", "min_amount", "mandate_id", "kind")
    def _compute_sheet(self):
        for portfolio in self:
            today, rows = portfolio._read()
            rounding = portfolio.currency_id.rounding
            sheet = portfolio.env["credit.portfolio.sheet"].sudo()._get_sheet(
                rows, portfolio.company_id, today, 1
            )
            portfolio.case_count = len(rows)
            portfolio.amount = from_units(sum(row.amount for row in rows), rounding)
            portfolio.analysis_html = portfolio.env["ir.qweb"]._render(
                "account_credit_care.portfolio_analysis", {"sheet": sheet}, minimal_qcontext=True
            )
            portfolio.cost_html = (
                portfolio._render_cost(rows, today) if portfolio.mandate_id else False
            )

    def _render_cost(self, rows, today):
        """“On this portfolio, at 20, 40, 60 % recovery, this costs …”."""
        costs = self._simulate(rows, today)

        def money(units):
            return self.currency_id.format(from_units(units, self.currency_id.rounding))

        return self.env["ir.qweb"]._render("account_credit_care.portfolio_cost", {"rows": [
            {
                "share": percent, "recovered": money(cost.recovered), "fixed": money(cost.fixed),
                "success": money(cost.success), "limits": money(cost.adjusted),
                "fee": money(cost.total), "bonus": money(cost.bonus),
                "left": money(cost.recovered - cost.total),
                "part": round(100 * cost.per_unit, 1) if cost.per_unit is not None else "–",
            }
            for percent, cost in zip(PREVIEW, costs, strict=True)
        ]}, minimal_qcontext=True)

    def _simulate(self, rows, today):
        """As if all that no dispute holds were placed today and the mandate began today."""
        terms = self.mandate_id.sudo()._to_terms()._replace(start=today, until=None)
        faults = fee_statement.faults(terms)
        if faults:
            raise UserError(self.mandate_id.sudo()._explain_fault(faults[0]))
        placed = [
            Entrusted(row.case_id, today, row.free, row.days, self.kind)
            for row in rows if row.free
        ]
        return fee_statement.simulate(terms, placed, [to_share(percent) for percent in PREVIEW])

    def _get_file_name(self):
        return self.env._("Portfolio analysis %(day)s", day=self.company_id._credit_today())
