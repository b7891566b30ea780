"""Invariant 12: install, update and uninstall leave the database clean.

On a copy of the database without the module, with a ledger in it, in processes of their own.
"""
from datetime import date, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged
from odoo.tools import SQL

from .on_copy import CopyCase

MODULE = "account_credit_care"
TODAY = date(2026, 3, 4)  # a Wednesday: letters and mails leave
NOON = f"{TODAY} 12:00:00"
# what any start of Odoo and any message writes
RESTLESS = {
    "bus_bus",
    "base_registry_signaling", "orm_signaling_assets", "orm_signaling_default",
    "orm_signaling_groups", "orm_signaling_registry", "orm_signaling_routing",
    "orm_signaling_stable", "orm_signaling_templates", "res_device_log", "res_users_log",
    "ir_cron_trigger",
}
# what core writes anew with each update of any module
STAMPS = ("write_date", "write_uid", "arch_prev", "url")
RECREATED = {"ir_act_window_view": ("id", "create_date")}


# ------------------------------------------------------------------ jobs, in other processes


@freeze_time(NOON)
def write_ledger(env):
    """Debtors before the module comes: late, not due, paid."""
    company = env.company
    env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
    for name, due in (("Late", -40), ("Just late", -5), ("Not due", 10), ("Paid", -20)):
        partner = env["res.partner"].create({"name": name, "email": "debtor@debtor.example"})
        move = env["account.move"].create({
            "move_type": "out_invoice", "partner_id": partner.id,
            "invoice_date": TODAY + timedelta(days=due - 30),
            "invoice_date_due": TODAY + timedelta(days=due),
            "invoice_line_ids": [Command.create({
                "name": "Goods", "price_unit": 100, "tax_ids": [Command.clear()],
            })],
        })
        move.action_post()
        if name == "Paid":
            _pay(env, move).action_draft()  # set back, and it still closes its invoice


def _pay(env, move):
    return env["account.payment.register"].with_context(
        active_model="account.move", active_ids=move.ids
    ).create({})._create_payments()


@freeze_time(NOON)
def use(env):
    """Credit care at work, and what its users make of their own."""
    policy = env["credit.policy"].search([], limit=1)
    policy.write({"is_default": True, "state": "active", "name": "Ours"})
    company = policy.company_id
    company.credit_bank_fresh_days = 0
    partner = env["res.partner"].search([("name", "=", "Late")])
    partner.with_company(company).credit_care_never_suspend = True
    env["credit.run"]._cron_review()
    env["credit.action"]._cron_send()
    cases = env["credit.case"].search([])
    cases[0].message_subscribe(partner.ids)
    cases[0].message_post(body="Said")
    cases[0].activity_schedule("mail.mail_activity_data_todo", summary="Do")
    env["ir.attachment"].create({
        "name": "A.txt", "res_model": "credit.case", "res_id": cases[0].id, "raw": b"x",
    })
    _configure(env, policy)
    return {
        "cases": len(cases), "actions": env["credit.action"].search_count([]),
        "ghosts": env["mail.activity"].search_count([("res_model", "=", "account.payment")]),
    }


def _configure(env, policy):
    """What an update must not take back, and an uninstall must take along."""
    env.ref(f"{MODULE}.mail_template_friendly").subject = "Our own words"
    env.ref(f"{MODULE}.ir_cron_credit_review").active = False
    env.ref(f"{MODULE}.group_credit_user").user_ids |= env.ref("base.user_admin")
    policy.level_ids[0].delay_days += 1
    model = env["ir.model"]._get("credit.case")
    env["ir.filters"].create({
        "name": "My worklist", "model_id": "credit.case", "user_ids": [Command.clear()],
        "domain": "[('state', '=', 'collection')]",
    })
    env["mail.template"].create({"name": "My template", "model_id": model.id})
    env["mail.activity.type"].create({"name": "My task", "res_model": "credit.case"})
    env["ir.exports"].create({"name": "My export", "resource": "credit.case"})
    env["ir.actions.server"].with_context(mail_create_nolog=True).create({
        "name": "My action", "model_id": model.id, "state": "code", "code": "pass",
        "binding_model_id": model.id,
    })
    case = env["credit.case"].search([], limit=1)
    env["snailmail.letter"].create({
        "partner_id": case.partner_id.id, "model": "credit.case", "res_id": case.id,
        "company_id": case.company_id.id,
    })
    env["mail.scheduled.message"].create({
        "model": "credit.case", "res_id": case.id, "body": "Later",
        "author_id": env.user.partner_id.id,
        "scheduled_date": "2027-01-01 08:00:00",
    })
    env["ir.default"].set("credit.case", "pressure", "gentle")


def read_schema(env):
    """Tables with their columns, constraints and indexes; what Odoo knows of them and of data."""
    env.cr.execute(
        """SELECT 'column ' || table_name || '.' || column_name FROM information_schema.columns
            WHERE table_schema = current_schema
            UNION SELECT 'constraint ' || conrelid::regclass || ' ' || conname FROM pg_constraint
                   WHERE connamespace = current_schema::regnamespace AND contype != 'n'
            UNION SELECT 'index ' || tablename || ' ' || indexname FROM pg_indexes
                   WHERE schemaname = current_schema
            UNION SELECT 'sequence ' || relname FROM pg_class
                   WHERE relkind = 'S' AND relnamespace = current_schema::regnamespace
            UNION SELECT 'known constraint ' || name FROM ir_model_constraint
            UNION SELECT 'external id ' || module || '.' || name FROM ir_model_data"""
    )
    return sorted(row[0] for row in env.cr.fetchall())


def _tables(env):
    env.cr.execute(
        """SELECT table_name FROM information_schema.tables
            WHERE table_schema = current_schema AND table_type = 'BASE TABLE'"""
    )
    return sorted({row[0] for row in env.cr.fetchall()} - RESTLESS)


def count_rows(env):
    counts = {}
    for table in _tables(env):
        [[counts[table]]] = env.execute_query(
            SQL("SELECT count(*) FROM %s", SQL.identifier(table))
        )
    return counts


def read_content(env):
    """A fingerprint of each table, but for the stamps of the last write."""
    prints = {}
    for table in _tables(env):
        [[prints[table]]] = env.execute_query(SQL(
            "SELECT md5(string_agg(row::text, '|' ORDER BY row::text))"
            " FROM (SELECT to_jsonb(t) - %s::text[] AS row FROM %s t) AS rows",
            [*STAMPS, *RECREATED.get(table, ())], SQL.identifier(table),
        ))
    return prints


def read_before(env):
    write_ledger(env)
    env.flush_all()
    return {"schema": read_schema(env), "rows": count_rows(env)}


def uninstall(env):
    env.ref(f"base.module_{MODULE}").button_immediate_uninstall()


def work_without(env):
    """The database after the module: what is left, then a day's work."""
    told = {"schema": read_schema(env), "rows": count_rows(env)}
    write_ledger(env)
    move = env["account.move"].search(
        [("partner_id.name", "=", "Late"), ("state", "=", "posted")], limit=1
    )
    _pay(env, move)
    order = env["sale.order"].create({"partner_id": move.partner_id.id})
    order.action_confirm()
    return told | {"paid": move.payment_state, "order": order.state}


# ------------------------------------------------------------------ the test


@tagged("post_install", "-at_install")
class TestInstall(CopyCase):
    template = "CREDIT_CARE_BASE"
    maxDiff = None

    def test_install_update_and_uninstall_leave_the_database_clean(self):
        before = self._run(read_before)
        self._module("-i", MODULE)
        used = self._run(use)
        self.assertEqual(used["cases"], 2)
        self.assertGreaterEqual(used["actions"], 2)
        self.assertEqual(used["ghosts"], 1)

        content = self._run(read_content)
        self._module("-u", MODULE)
        self.assertEqual(self._differences(self._run(read_content), content), {})

        self._run(uninstall)
        after = self._run(work_without)
        self.assertEqual(sorted(set(after["schema"]) ^ set(before["schema"])), [])
        # who was asked about the payment that was set back follows it: core's way
        followed = {"mail_followers": (0, 1), "mail_followers_mail_message_subtype_rel": (0, 1)}
        self.assertEqual(self._differences(after["rows"], before["rows"]), followed)
        self.assertEqual((after["paid"], after["order"]), ("paid", "sale"))

    def _differences(self, one, other):
        return {
            key: (other.get(key), one.get(key))
            for key in one.keys() | other.keys() if one.get(key) != other.get(key)
        }
