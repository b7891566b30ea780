"""Running payment plans: one is agreed by the ORM, the others are its copies in SQL.

The steps that ``bench/night --plans`` adds to those of measure.py: each measures what the night
asks of the plans alone (``credit.agreement._review_due``), once the ledger was followed.
"""

from datetime import timedelta

from meter import Measure, count, same, vacuum
from odoo_process import at
from seed import MONDAY, Cloner

INSTALMENTS = 4
FIRST = MONDAY + timedelta(days=14)  # of the instalments, a month between them
NIGHT = MONDAY + timedelta(days=1)
PAID = 20  # one of so many debtors pays
BATCH = 5000  # so many plans the night looks at together
SAMPLE = 40  # so many copies are read by the ORM


def plans_agree(env):
    """A plan for every debtor, running since the first night."""
    env.cr.execute(
        "UPDATE credit_action SET state = 'done', done_at = date WHERE state = 'planned'")
    cases = env["credit.case"].search([("state", "!=", "closed")], order="id")
    with at(MONDAY):
        pattern = _agree(cases[0])
        _copy(env, pattern, cases[1:])
        vacuum(env)
        _check(env, pattern, len(cases))
    return {}


def _agree(case):
    agreement = case.env["credit.agreement"].create({
        "kind": "plan", "case_id": case.id, "currency_id": case.company_id.currency_id.id,
        "item_ids": [(6, 0, case.open_item_ids.ids)], "count": INSTALMENTS, "first_on": FIRST,
    })
    agreement.action_make_schedule()
    agreement._start()
    agreement.env.flush_all()
    return agreement


def _copy(env, pattern, cases):
    """Every debtor of the bench ledger owes the same amounts, so the schedule fits them all."""
    env.cr.execute("CREATE TEMP TABLE bench_target (number int PRIMARY KEY, case_id int)")
    env.cr.execute(
        "INSERT INTO bench_target SELECT ordinality, id FROM unnest(%s) WITH ORDINALITY AS t (id)",
        (cases.ids,))
    copies = Cloner(env.cr, {
        "credit_agreement": pattern.ids, "credit_agreement_line": pattern.line_ids.sorted("id").ids,
    }, len(cases))
    case = "(SELECT case_id FROM bench_target WHERE number = k)"
    copies.clone(
        "credit_agreement", case_id=case, name="old.name || '-' || k",
        partner_id=f"(SELECT partner_id FROM credit_case WHERE id = {case})",
        salesperson_id=f"(SELECT salesperson_id FROM credit_case WHERE id = {case})",
    )
    copies.clone("credit_agreement_line")
    env.cr.execute("""
        INSERT INTO credit_agreement_item_rel (agreement_id, item_id)
        SELECT agreement.id, item.id FROM credit_agreement agreement
          JOIN credit_item item ON item.case_id = agreement.case_id AND item.closed_on IS NULL
            ON CONFLICT DO NOTHING""")
    env.invalidate_all()


def _check(env, pattern, wanted):
    """What the module says of the copies: their schedule covers what is owed, and to look at them
    changes nothing that was copied."""
    plans = env["credit.agreement"].search([("state", "=", "running")], order="id")
    same(len(plans), wanted)
    sample = plans[:: max(1, wanted // SAMPLE)] | plans[-1]
    sample._check_items()
    for plan in sample:
        same(len(plan.line_ids), INSTALMENTS)
        plan._check_ready()  # the instalments come to what the items have open
        same(plan.partner_id, plan.case_id.partner_id)
    heads = ("amount_agreed", "amount_open", "amount_received", "next_due_on", "next_check_on",
             "breaks_on")
    sample._review(MONDAY)
    same([[plan[name] for name in heads] for plan in sample],
         [[pattern[name] for name in heads]] * len(sample))
    env.cr.rollback()  # nothing should have been written


# ---------------------------------------------------------------------- the nights


def plans_quiet(env):
    """No day has come, no money has moved."""
    return _measure(env, NIGHT, looked=0)


def plans_all(env):
    """Each has to be looked at; nothing follows."""
    env.cr.execute("UPDATE credit_agreement SET next_check_on = %s", (NIGHT,))
    return _measure(env, NIGHT, looked=_running(env))


def plans_reminded(env):
    """The worst of all days: the instalment of each comes near and a message is planned."""
    days = count(env, "SELECT max(instalment_remind_days) FROM credit_policy WHERE is_default")
    figures = _measure(env, FIRST - timedelta(days=days), looked=_running(env))
    same(figures["messages"], _running(env))
    return figures


def plans_paid(env):
    """One debtor of twenty has paid one of his invoices."""
    every = env["credit.agreement"].search([("state", "=", "running")], order="id")
    paying = every[::PAID]
    moves = env["account.move"].browse(
        max(plan.item_ids.move_id, key=lambda move: move.amount_residual).id for plan in paying)
    with at(NIGHT):
        env["account.payment.register"].with_context(
            active_model="account.move", active_ids=moves.ids, tracking_disable=True,
        ).create({"payment_date": NIGHT, "group_payment": False})._create_payments()
        env["credit.ledger"]._refresh(env.company, NIGHT)
    vacuum(env)
    figures = _measure(env, NIGHT, looked=len(paying))
    same(figures["instalments_paid"], 2 * len(paying))  # 4,200 of 6,670 in four
    return figures


def _running(env):
    return count(env, "SELECT count(*) FROM credit_agreement WHERE state = 'running'")


def _measure(env, night, looked):
    """The night's part, taken back: each of these nights begins with the same plans."""
    same(len(env["credit.agreement"]._pick_due(env.company, night)), looked)
    messages = count(env, "SELECT count(*) FROM credit_action WHERE purpose IS NOT NULL")
    measure = Measure(env)
    with at(night), measure.taken():
        env["credit.agreement"]._review_due(env.company, night)
    planned = count(env, "SELECT count(*) FROM credit_action WHERE purpose IS NOT NULL") - messages
    paid = count(env, "SELECT count(*) FROM credit_agreement_line WHERE state = 'paid'")
    env.cr.rollback()
    return measure.values | {
        "looked": looked, "batches": -(-looked // BATCH), "messages": planned,
        "instalments_paid": paid,
    }


STEPS = (plans_agree, plans_quiet, plans_all, plans_reminded, plans_paid)
