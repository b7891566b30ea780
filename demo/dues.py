"""What follows the work of agencies: who gets which case, what a court costs, fees that were
confirmed, the reports of the last month. Through the product's own methods, by the manager."""

from datetime import timedelta

from odoo.exceptions import UserError
from odoo.fields import Command

TO_COURT = 3  # days ago: what nobody else could bring in
COURT = (  # days after it went to the lawyer, what, EUR
    (1, "Registry search for the new address", 38.5),
    (2, "Court fee of an order for payment", 49),
)


def share_out(env, company, agency, lawyer):
    """Rules by which a case finds its agency, the first that holds it."""
    env["credit.mandate.rule"].create([
        {
            "name": name, "company_id": company.id, "sequence": sequence,
            "share_ids": [Command.create({"mandate_id": mandate.id, "weight": 1})],
            **conditions,
        }
        for sequence, (name, mandate, conditions) in enumerate((
            ("What is for a court", lawyer, {"kind": "legal"}),
            ("Italian customers", agency, {"country_ids": [Command.set(company.country_id.ids)]}),
            ("Everybody else", agency, {}),
        ), 1)
    ])


def go_to_court(env, manager, case, desk):
    """The lawyer takes what the agency gave back; whether it could go today."""
    try:
        with env.cr.savepoint():
            placement = env["credit.placement"].with_user(manager)._prepare(case, "legal")
            placement.with_user(manager).action_send()
            desk.accept(placement.id)
    except UserError:
        env.invalidate_all()
        return False
    env["credit.cost"].with_user(manager).create([
        {
            "name": name, "case_id": case.id, "placement_id": placement.id, "amount": amount,
            "date": placement.sent_on + timedelta(days=days),
        }
        for days, name, amount in COURT
    ])
    return True


def close_the_books(env, company, manager):
    """Fees of the periods that are over, all but the last confirmed, the oldest billed; and the
    reports of the last month, which the owner's people get from now on."""
    drafts = env["credit.statement"].search([
        ("company_id", "=", company.id), ("state", "=", "draft"),
    ], order="until_on")
    for mandate in drafts.mandate_id:
        own = drafts.filtered(lambda one, mandate=mandate: one.mandate_id == mandate)
        done = own[:-1].with_user(manager)
        done.action_confirm()
        for statement in done[:1].filtered(lambda one: one.amount_total > 0):
            statement.action_bill()
    company.credit_monthly_user_ids = manager
    env["credit.monthly"].with_user(manager).with_company(company).action_make_last_month()
