"""What the figures need beside the story: segments, rates of the allowance, a year of them."""
from datetime import timedelta

RATES = {-1: 0.002, 0: 0.01, 30: 0.05, 60: 0.15, 90: 0.4}
WEEKS = 56
ACCOUNTS = {  # codes of the Italian chart: losses on receivables, allowance for doubtful accounts
    "credit_allowance_expense_id": "490500",
    "credit_allowance_account_id": "154000",
}


def prepare(env):
    """Once; commits."""
    _name_segments(env)
    for company in env["res.company"].search([], order="id"):
        _set_allowance(env, company)
        today = company._credit_today()
        for week in range(WEEKS, 0, -1):
            env["credit.snapshot"]._take(company, today - timedelta(days=7 * week))
        env["credit.snapshot"]._take(company, today - timedelta(days=1))
    env.cr.commit()


def _name_segments(env):
    """The industry of a customer is what his tag says."""
    for tag in env["res.partner.category"].search([]):
        industry = env["res.partner.industry"].create({"name": tag.name})
        tag.partner_ids.filtered(lambda partner: not partner.industry_id).industry_id = industry


def _set_allowance(env, company):
    for row in env["credit.allowance.rate"]._provide(company):
        row.rate = RATES.get(row.over_days, 0)
    company.credit_allowance_journal_id = env["account.journal"].search([
        ("company_id", "=", company.id), ("type", "=", "general"),
    ], limit=1)
    for name, code in ACCOUNTS.items():
        company[name] = env["account.account"].with_company(company).search([
            *env["account.account"]._check_company_domain(company), ("code", "=", code),
        ], limit=1)
