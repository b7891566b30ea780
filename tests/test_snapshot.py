from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from .common import day
from .figures_common import FiguresCommon, Invoice, Part


class TestSnapshot(FiguresCommon):
    def _write(self):
        with self.at():
            self._write_ledger(self.company, [
                Invoice(-120, 30, 80_000, False, (Part("cash", 100, 50),)),
                Invoice(-80, 20, 100_000, False, (Part("cash", 40, 70),)),
                Invoice(-20, 40, 50_000, False, ()),
            ])

    def _kept(self, offset=None, company=None):
        """What was kept, of one day or of all."""
        found = self.env["credit.snapshot"].search([
            ("company_id", "=", (company or self.company).id),
            *([("day", "=", day(offset))] if offset is not None else []),
        ])
        return {
            (row.day, row.code, row.dimension): (row.value, row.unit, row.n) for row in found
        }

    def test_the_figures_of_a_day(self):
        self._write()
        with self.at():
            self.env["credit.snapshot"]._take(self.company, day(-30))
            money = self.figures._get_money(self.company, *self.figures._get_period(day(-30)))
        kept = self._kept(-30)
        self.assertEqual(kept[day(-30), "ageing", "1"], (1000, "money", 1))
        self.assertEqual(kept[day(-30), "overdue", ""], (1000, "money", 1))
        for code in ("dso", "dso_best", "dso_count_back", "average_days_late", "cei"):
            self.assertAlmostEqual(kept[day(-30), code, ""][0], money[code]["value"], 4)
        self.assertNotIn((day(-30), "forecast", ""), kept)
        with self.at():
            self.env["credit.snapshot"]._take(self.company, day(-1))
        kept = self._kept(-1)
        self.assertEqual(kept[day(-1), "ageing", "0"], (500, "money", 1))
        self.assertEqual(kept[day(-1), "overdue", ""], (600, "money", 1))

    def test_at_least_so_many_days_is_no_point_of_a_course(self):
        with self.at():
            self._write_ledger(self.company, [Invoice(-900, 30, 80_000, False, ())])
            self._write_ledger(self.company, [Invoice(-40, 30, 1_000, False, ())])
            self.env["credit.snapshot"]._take(self.company, day(-30))
        kept = self._kept(-30)
        self.assertIn((day(-30), "dso", ""), kept)
        self.assertNotIn((day(-30), "dso_count_back", ""), kept)

    def test_again_is_the_same(self):
        self._write()
        with self.at():
            for _time in range(2):
                self.env["credit.snapshot"]._take(self.company, day(-30))
                first = self._kept()
            self.assertEqual(self._kept(), first)
        with self.at(40):
            self.env["credit.snapshot"]._take(self.company, day(-30))
        self.assertEqual(self._kept(), first, "a past day gives what it gave then")

    def test_what_cannot_be_told_any_more_goes(self):
        self._write()
        with self.at():
            self.env["credit.snapshot"]._take(self.company, day(-1))
            self.assertIn((day(-1), "average_days_late", ""), self._kept())
            self.env["account.move.line"].search([
                ("company_id", "=", self.company.id), ("account_type", "=", "asset_receivable"),
            ]).remove_move_reconcile()
            self.env["credit.snapshot"]._take(self.company, day(-1))
        self.assertNotIn((day(-1), "average_days_late", ""), self._kept())

    def test_the_night_takes_what_was_missed(self):
        self._write()
        self._night()
        self._tick("credit.snapshot", "_cron_take")
        self.env.invalidate_all()
        self.assertEqual({key[0] for key in self._kept()}, {day(-1)})
        self._tick("credit.snapshot", "_cron_take", 3)
        self.env.invalidate_all()
        self.assertEqual({key[0] for key in self._kept()}, {day(-1), day(0), day(1), day(2)})

    def test_past_days_by_a_manager(self):
        self._write()
        with self.at():
            Wizard = self.env["credit.snapshot.rebuild"].with_company(self.company)
            wizard = Wizard.with_user(self.manager).create({"first": day(-3), "last": day(-1)})
            wizard.action_rebuild()
            self.assertEqual({key[0] for key in self._kept()}, {day(-3), day(-2), day(-1)})
            for first, last in ((-1, 0), (-1, -2), (-900, -1)):
                with self.assertRaises(UserError):
                    self.env["credit.snapshot"].with_user(self.manager).with_company(
                        self.company
                    )._rebuild(self.company, day(first), day(last))
            with self.assertRaises(AccessError):
                Wizard.with_user(self.controller).create({})
            with self.assertRaises(AccessError):
                self.env["credit.snapshot"].with_user(self.controller)._rebuild(
                    self.company, day(-3), day(-1)
                )

    def test_many_past_days_are_left_to_the_scheduler(self):
        self._write()
        snapshots = self.env["credit.snapshot"].with_user(self.manager).with_company(self.company)
        wizard = self.env["credit.snapshot.rebuild"].with_user(self.manager).with_company(
            self.company
        )
        with self.at():
            told = wizard.create({"first": day(-40), "last": day(-1)}).action_rebuild()
            self.assertEqual(told["tag"], "display_notification")
            self.assertFalse(self._kept())
            snapshots._rebuild(self.company, day(-45), day(-10))
        self._tick("credit.snapshot", "_cron_take")
        self.env.invalidate_all()
        self.assertEqual({key[0] for key in self._kept()}, {day(-n) for n in range(1, 46)})
        self.assertFalse(self.company.credit_rebuild_from)

    def test_a_day_that_fails_stands_in_the_way_of_no_other(self):
        self._write()
        with self.at():
            self.env["credit.snapshot"].with_user(self.manager).with_company(
                self.company
            )._rebuild(self.company, day(-40), day(-1))
        self.env.cr.execute(
            """CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
               AS $$ BEGIN RAISE 'refused'; END $$;
               CREATE TRIGGER refuse BEFORE INSERT ON credit_snapshot FOR EACH ROW
               WHEN (NEW.day = %s) EXECUTE FUNCTION refuse()""", [day(-20)],
        )
        with self.assertLogs("odoo.addons.account_credit_care", "ERROR"):
            self._tick("credit.snapshot", "_cron_take")
        self.env.invalidate_all()
        self.assertEqual(
            {key[0] for key in self._kept()}, {day(-n) for n in range(1, 41)} - {day(-20)}
        )
        self.assertFalse(self.company.credit_rebuild_from)

    def test_no_more_days_wait_than_may_be_asked_for(self):
        self._write()
        snapshots = self.env["credit.snapshot"].with_user(self.manager).with_company(self.company)
        with self.at():
            snapshots._rebuild(self.company, day(-900), day(-850))
            with self.assertRaisesRegex(UserError, "are still being taken"):
                snapshots._rebuild(self.company, day(-40), day(-1))
        self.assertEqual(self.company.credit_rebuild_until, day(-850))

    def test_the_scheduler_comes_back_for_the_days_that_are_left(self):
        self._write()
        with self.at():
            self.env["credit.snapshot"].with_user(self.manager).with_company(
                self.company
            )._rebuild(self.company, day(-40), day(-1))
        no_time = patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *_a, **_k: 0)
        with no_time:
            self._tick("credit.snapshot", "_cron_take")
        self.env.invalidate_all()
        self.assertEqual(self.company.credit_rebuild_from, day(-39))
        self._tick("credit.snapshot", "_cron_take")
        self.env.invalidate_all()
        self.assertEqual(len({key[0] for key in self._kept()}), 40)

    def test_of_another_company_nothing_is_seen(self):
        other = self.setup_other_company(name="Corsini")["company"]
        stranger = new_test_user(
            self.env, "stranger", "account_credit_care.group_credit_manager",
            company_id=other.id, company_ids=[Command.set(other.ids)],
        )
        self._write()
        with self.at():
            self.env["credit.snapshot"]._take(self.company, day(-1))
            snapshots = self.env["credit.snapshot"].with_user(stranger).with_company(other)
            self.assertFalse(snapshots.search([]))
            with self.assertRaises(AccessError):
                snapshots._rebuild(self.company.with_user(stranger), day(-3), day(-1))
            with self.assertRaises(AccessError):
                self.env["credit.snapshot"].with_user(self.salesperson).search([])
