from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_date

DAY = timedelta(days=1)
MANAGER = "account_credit_care.group_credit_manager"
CODES = [
    ("ageing", "Ageing"),
    ("overdue", "Overdue"),
    ("dso", "DSO"),
    ("dso_count_back", "DSO, count-back"),
    ("dso_best", "DSO, best possible"),
    ("average_days_late", "Average days late"),
    ("cei", "Collection effectiveness"),
    ("allowance", "Bad-debt allowance"),
]
UNITS = [("money", "Amount"), ("days", "Days"), ("share", "Share"), ("count", "Number")]
MAX_REBUILD = 800  # days asked for at once
AT_ONCE = 31  # days that somebody waits for; more are taken by the scheduler, a commit each


class CreditSnapshot(models.Model):
    """A figure of a company at the end of a day, kept so that its course can be drawn at once.
    Whoever takes a day again overwrites it: from the ledger a past day gives the same, unless
    something was booked into the past since, and then the new one is right."""

    _name = "credit.snapshot"
    _description = "Figure of a day"
    _order = "day desc, code, dimension"
    _rec_name = "code"

    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    day = fields.Date(required=True, readonly=True)
    code = fields.Selection(CODES, "Figure", required=True, readonly=True)
    dimension = fields.Char(
        "Of", default="", readonly=True, help="The bucket of the ageing, by its number."
    )
    bucket_id = fields.Many2one(
        "credit.allowance.rate", readonly=True, ondelete="set null",
        help="As the buckets were when the figure was taken.",
    )
    value = fields.Float(digits=(16, 4), readonly=True, aggregator="avg")
    unit = fields.Selection(UNITS, required=True, readonly=True)
    n = fields.Integer(
        "Records", readonly=True, aggregator="avg", help="How many it comes from."
    )

    _figure_of_a_day = models.Constraint(
        "UNIQUE (company_id, day, code, dimension)", "This figure of the day is there already."
    )

    # ------------------------------------------------------------------ taking

    def _cron_take(self):
        """The figures of each company at the end of yesterday, and of the days that were missed
        since the last snapshot, at most a month back."""
        run = self.env["credit.run"].sudo()
        for company in run._get_companies():  # one whose ledger cannot be read stops no other
            run._retrying(company, lambda own=company: self._take_missed(own))
        asked = self.env["res.company"].sudo().search([("credit_rebuild_from", "!=", False)])
        for company in asked:
            while company.credit_rebuild_from:
                done = run._retrying(company, lambda own=company: self._take_asked(own))
                if done is None:  # it failed, and stands in the way of no other day
                    self._pass_over(company)
                    self.env["ir.cron"]._commit_progress()
                elif not done:
                    return

    def _take_missed(self, company):
        yesterday = company._credit_today() - DAY
        last = self.sudo().search([("company_id", "=", company.id)], limit=1, order="day desc")
        since = max(last.day if last else yesterday, yesterday - relativedelta(months=1))
        self._take_days(company, min(since, yesterday), yesterday)
        self.env["credit.dashboard"]._keep(company)
        self.env["ir.cron"]._commit_progress()

    def _take_days(self, company, first, last):
        day = first
        while day <= last:
            self._take(company, day)
            self.env["ir.cron"]._commit_progress()
            day += DAY

    def _take_asked(self, company):
        """Past days that a manager has asked for. Returns whether the time was enough; else the
        scheduler comes back for the others."""
        while day := company.credit_rebuild_from:
            self._take(company, day)
            left = self._pass_over(company)
            in_time = self.env["ir.cron"]._commit_progress(1, remaining=max(left, 0))
            if left > 0 and not in_time:
                return False
        return True

    def _pass_over(self, company):
        """On to the next day that was asked for; returns how many are left."""
        day = company.credit_rebuild_from
        left = (company.credit_rebuild_until - day).days
        company.credit_rebuild_from = day + DAY if left > 0 else False
        return left

    def _take(self, company, day):
        """The figures of ``company`` at the end of ``day``, instead of those that were there."""
        rows = [
            (code, dimension, bucket_id, round(value, 4), unit, n)
            for code, dimension, bucket_id, value, unit, n in self._get_figures(company, day)
            if value is not None
        ]
        self.flush_model()
        self.env.cr.execute(SQL(
            """WITH fresh AS (
                   SELECT * FROM unnest(%(codes)s, %(dimensions)s, %(buckets)s::int[],
                                        %(values)s::float8[], %(units)s, %(counts)s::int[])
                       AS f (code, dimension, bucket_id, value, unit, n)
               ), gone AS (
                   DELETE FROM credit_snapshot old
                    WHERE old.company_id = %(company)s AND old.day = %(day)s AND NOT EXISTS (
                          SELECT FROM fresh
                           WHERE fresh.code = old.code AND fresh.dimension = old.dimension)
               )
               INSERT INTO credit_snapshot AS known (
                   company_id, day, code, dimension, bucket_id, value, unit, n,
                   create_uid, create_date, write_uid, write_date)
               SELECT %(company)s, %(day)s, code, dimension, bucket_id, value, unit, n,
                      %(uid)s, %(now)s, %(uid)s, %(now)s FROM fresh
               ON CONFLICT (company_id, day, code, dimension) DO UPDATE
                      SET bucket_id = EXCLUDED.bucket_id, value = EXCLUDED.value,
                          unit = EXCLUDED.unit, n = EXCLUDED.n, write_uid = EXCLUDED.write_uid,
                          write_date = EXCLUDED.write_date""",
            company=company.id, day=day, uid=self.env.uid, now=fields.Datetime.now(),
            **dict(zip(
                ("codes", "dimensions", "buckets", "values", "units", "counts"),
                ([row[place] for row in rows] for place in range(6)), strict=True,
            )),
        ))
        self.invalidate_model()

    def _get_figures(self, company, day):
        """``[(code, dimension, bucket, value, unit, n)]`` at the end of ``day``; periods are the
        three months up to it. Only what the ledger gives for a past day as well: no forecast."""
        figures = self.env["credit.figures"].sudo()
        found = figures._get_past_money(company, *figures._get_period(day))
        ageing = found.pop("ageing")
        rows = [("overdue", "", None, ageing["overdue"], "money", ageing["overdue_n"])]
        buckets = self.env["credit.allowance.rate"]._read_company(company)
        by_number = dict(enumerate(buckets.ids))
        rows += [
            ("ageing", str(number), by_number.get(number), bucket["amount"], "money", bucket["n"])
            for number, bucket in enumerate(ageing["buckets"])
        ]
        codes = {code for code, _label in CODES}
        return rows + [
            (code, "", None, figure["value"], figure["unit"], figure["n"])
            for code, figure in found.items()
            if code in codes and figure.get("complete", True)  # “at least” is no point of a course
        ]

    # ------------------------------------------------------------------ by hand

    @api.model
    def _rebuild(self, company, first, last):
        """Past days anew, by a manager of the company. Returns whether they were taken at once:
        many are left to the scheduler, which is called now."""
        if not self.env.user.has_group(MANAGER) or company not in self.env.companies:
            raise AccessError(self.env._("Only a credit manager takes figures of past days."))
        if not first <= last < company._credit_today():
            raise UserError(self.env._("Choose days that are over, the first one first."))
        days = (last - first).days + 1
        if days > MAX_REBUILD:
            raise UserError(self.env._(
                "These are too many days at once: %(n)s at most.", n=MAX_REBUILD
            ))
        if days > AT_ONCE:
            self._leave_to_scheduler(company.sudo(), first, last)
            return False
        for ahead in range(days):
            self.sudo()._take(company, first + ahead * DAY)
        return True

    def _leave_to_scheduler(self, company, first, last):
        """Together with what it still has to take."""
        if company.credit_rebuild_from:
            first = min(company.credit_rebuild_from, first)
            last = max(company.credit_rebuild_until, last)
        if (last - first).days >= MAX_REBUILD:
            raise UserError(self.env._(
                "The days from %(first)s to %(last)s are still being taken. Ask for others when"
                " they are done.", first=format_date(self.env, company.credit_rebuild_from),
                last=format_date(self.env, company.credit_rebuild_until),
            ))
        company.write({"credit_rebuild_from": first, "credit_rebuild_until": last})
        self.env.ref("account_credit_care.ir_cron_credit_snapshot").sudo()._trigger()
