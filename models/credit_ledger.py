from odoo import fields, models
from odoo.tools import SQL

RECENT = 90  # days for which a closed case still says how its debtor is to be treated
BULK = 1000  # so many new rows make the planner's statistics of this very transaction worthless


class CreditLedger(models.AbstractModel):
    """The ledger's side of the night: set-based SQL that opens items and cases for new
    receivables, closes what is settled and refreshes totals. A handful of statements whatever
    the size; each writes only rows that really change.
    """

    _name = "credit.ledger"
    _description = "Credit care: the ledger's side of the night"

    def _refresh(self, company, today):
        """Brings items and cases of ``company`` in line with its ledger. Runs alone per company:
        the other run waits, and begins anew where its look at the database is too old."""
        self.env.flush_all()
        self._refresh_now(company, today)
        self.env.invalidate_all()

    def _refresh_now(self, company, today):
        self._run(SQL("SELECT pg_advisory_xact_lock(%s, %s)", 190_300, company.id))
        # compiling these few statements takes longer than they do
        self._run(SQL("SET LOCAL jit = off"))
        self._hand_over_cases(company)
        self.env.flush_all()
        look = self._look_at(company, today)
        self._withdraw_items(look["moved"], today)
        self._close_settled(look["over"], company, today)
        self._resolve_policies(company)
        self._follow_salespeople(company)
        opened = self._open_cases(company, today)
        if look["fresh"] or look["moved"]:
            opened += self._open_items(company, today)
        self._follow_controllers(company)
        if opened > BULK:
            self._run(SQL("ANALYZE credit_case, credit_item"))
        self._total(company, today)

    def _run(self, query):
        """Executes a statement of its own; returns how many rows it wrote."""
        self.env.cr.execute(query)
        return self.env.cr.rowcount

    # ------------------------------------------------------------------ what a receivable is

    def _receivables(self, company):
        """FROM and WHERE of the open receivable lines of a company: posted, not reconciled, on
        trade receivable accounts. ``payment_state`` and ``invoice_date_due`` both lie."""
        return SQL(
            """account_move_line line
               JOIN res_partner partner ON partner.id = line.partner_id
              WHERE line.company_id = %(company)s
                AND line.account_id IN %(accounts)s
                AND line.reconciled IS NOT TRUE
                AND line.parent_state = 'posted'""",
            company=company.id, accounts=self._account_ids(company),
        )

    def _account_ids(self, company):
        accounts = self.env["account.account"].with_company(company).sudo().with_context(
            active_test=False
        ).search([
            *self.env["account.account"]._check_company_domain(company),
            ("account_type", "=", "asset_receivable"), ("non_trade", "=", False),
        ])
        return tuple(accounts.ids) or (0,)

    def _lead_days(self, company):
        """How many days before the due date the earliest level of any active policy comes."""
        [(earliest,)] = self.env["credit.policy.level"]._read_group(
            [("policy_id.state", "=", "active"), ("company_id", "=", company.id)],
            aggregates=["delay_days:min"],
        )
        return max(0, -(earliest or 0))

    # ------------------------------------------------------------------ statements

    def _open_cases(self, company, today):
        """A case for each debtor with a receivable that the ladder can reach, under any policy."""
        return self._run(SQL(
            """INSERT INTO credit_case (
                   partner_id, company_id, policy_id, state, state_since, opened_on, pressure,
                   user_id, salesperson_id, next_check_on, last_contact_on, paused_until,
                   pause_reason, relationship_priority, item_count, amount_open, amount_overdue,
                   amount_excluded, oldest_due_on, amount_credit, priority, pays_late,
                   create_date, write_date)
               SELECT debtor.id, %(company)s, chosen.policy_id, 'courtesy', %(today)s, %(today)s,
                      COALESCE(policy.pressure, 'standard'),
                      COALESCE(policy.user_id, %(controller)s),
                      (SELECT seller.id FROM res_users seller
                        WHERE seller.id = COALESCE(debtor.user_id, (
                              -- by the contacts: commercial_partner_id of moves has no index
                              SELECT move.invoice_user_id FROM res_partner contact
                                JOIN account_move move ON move.partner_id = contact.id
                               WHERE contact.commercial_partner_id = debtor.id
                                 AND move.company_id = %(company)s AND move.state = 'posted'
                                 AND move.move_type = 'out_invoice'
                               ORDER BY move.invoice_date DESC, move.id DESC LIMIT 1))
                          AND seller.active AND NOT seller.share),
                      %(today)s,
                      former.last_contact_on, former.paused_until, former.pause_reason,
                      COALESCE(former.relationship_priority, FALSE),
                      due.items, due.open, COALESCE(due.overdue, 0), COALESCE(due.excluded, 0),
                      due.oldest, 0, 0, FALSE, %(now)s, %(now)s
                 FROM (SELECT partner.commercial_partner_id AS id, %(sums)s
                         FROM %(receivables)s
                          AND line.amount_residual_currency > 0
                          AND COALESCE(line.date_maturity, line.date) <= %(horizon)s
                          AND NOT EXISTS (
                              SELECT FROM credit_item known
                               WHERE known.move_line_id = line.id
                                 AND known.close_reason = 'given_up')
                          AND NOT EXISTS (
                              SELECT FROM credit_case live
                               WHERE live.partner_id = partner.commercial_partner_id
                                 AND live.company_id = %(company)s AND live.state != 'closed')
                        GROUP BY partner.commercial_partner_id
                      ) AS due
                 JOIN res_partner debtor ON debtor.id = due.id
                 -- once for all: a look for each would meet the cases that are being opened
                 LEFT JOIN (%(former)s) AS former ON former.partner_id = debtor.id
                CROSS JOIN LATERAL (SELECT %(policy)s::int AS policy_id) AS chosen
                 LEFT JOIN credit_policy policy ON policy.id = chosen.policy_id
                WHERE chosen.policy_id IS NOT NULL""",
            **self._values(company, today), policy=self._policy_of_partner(company),
            controller=company.credit_controller_id.id or None, former=self._former(company, today),
            sums=self._sums(today, SQL("COALESCE(line.date_maturity, line.date)")),
        ))

    def _former(self, company, today):
        """SQL: what holds of a debtor whatever his case: when he was last spoken to, until when he
        is left in peace, and the priority of the relationship, when the last case was of this
        quarter."""
        return SQL(
            """SELECT DISTINCT ON (partner_id) partner_id,
                      MAX(last_contact_on) OVER (PARTITION BY partner_id) AS last_contact_on,
                      CASE WHEN paused_until >= %(today)s THEN paused_until END AS paused_until,
                      CASE WHEN paused_until >= %(today)s THEN pause_reason END AS pause_reason,
                      relationship_priority AND state_since > %(recent)s AS relationship_priority
                 FROM credit_case
                WHERE company_id = %(company)s AND merged_into_id IS NULL
                ORDER BY partner_id, state_since DESC, id DESC""",
            company=company.id, today=today, recent=fields.Date.subtract(today, days=RECENT),
        )

    def _open_items(self, company, today):
        """New receivables of debtors with a live case; lines open again (a payment that came
        back, an entry posted again) reopen their item; a debtor who became another's contact
        takes his items along; an entry posted anew may have another number, day or currency."""
        return self._run(SQL(
            """INSERT INTO credit_item AS item (
                   move_line_id, name, case_id, company_id, currency_id, due_on, round,
                   opened_on, amount_opened, create_date, write_date)
               SELECT line.id, line.move_name, care.id, %(company)s, line.currency_id,
                      COALESCE(line.date_maturity, line.date), 1, %(today)s,
                      line.amount_residual_currency, %(now)s, %(now)s
                 FROM credit_case care
                 JOIN (SELECT line.id, line.move_name, line.currency_id, line.date,
                              line.date_maturity, line.amount_residual_currency,
                              partner.commercial_partner_id, known.case_id, known.closed_on,
                              known.id AS item_id, known.close_reason, known.due_on,
                              known.name, known.currency_id AS known_currency_id
                         FROM account_move_line line
                         JOIN res_partner partner ON partner.id = line.partner_id
                         LEFT JOIN credit_item known ON known.move_line_id = line.id
                        WHERE line.company_id = %(company)s AND line.account_id IN %(accounts)s
                          AND line.reconciled IS NOT TRUE AND line.parent_state = 'posted'
                          AND line.amount_residual_currency > 0
                          AND COALESCE(line.date_maturity, line.date) <= %(horizon)s) AS line
                   ON line.commercial_partner_id = care.partner_id
                WHERE care.company_id = %(company)s AND care.state != 'closed'
                  AND (line.item_id IS NULL
                       OR (line.closed_on IS NOT NULL AND line.close_reason != 'given_up')
                       OR line.case_id != care.id AND line.closed_on IS NULL
                       OR line.due_on != COALESCE(line.date_maturity, line.date)
                       OR line.name IS DISTINCT FROM line.move_name
                       OR line.known_currency_id != line.currency_id)
               ON CONFLICT (move_line_id) DO UPDATE
                      SET case_id = EXCLUDED.case_id, closed_on = NULL, close_reason = NULL,
                          due_on = EXCLUDED.due_on, name = EXCLUDED.name,
                          currency_id = EXCLUDED.currency_id,
                          amount_opened = CASE WHEN item.currency_id = EXCLUDED.currency_id
                              THEN item.amount_opened ELSE EXCLUDED.amount_opened END,
                          write_date = EXCLUDED.write_date""",
            **self._values(company, today), accounts=self._account_ids(company),
        ))

    def _look_at(self, company, today):
        """What differs between the ledger and the items under care, by one look at both: whether
        there are ``fresh`` receivables, or known ones that have changed; ids of items that may be
        ``over``, since no open line stands behind them; ids of those that somebody else owes now
        (``moved``), also of what was closed and is open again."""
        [(fresh, over, moved)] = self.env.execute_query(SQL(
            """SELECT COUNT(*) FILTER (WHERE debt.id IS NOT NULL AND item.id IS NULL
                          OR item.due_on != debt.due_on OR item.currency_id != debt.currency_id
                          OR debt.id IS NOT NULL AND item.name IS DISTINCT FROM debt.move_name),
                      ARRAY_AGG(item.id) FILTER (WHERE debt.id IS NULL),
                      ARRAY_AGG(item.id) FILTER (WHERE item.debtor_id != debt.debtor_id)
                 FROM (SELECT line.id, line.move_name, line.currency_id,
                              COALESCE(line.date_maturity, line.date) AS due_on,
                              partner.commercial_partner_id AS debtor_id
                         FROM %(receivables)s AND line.amount_residual_currency > 0) AS debt
                 FULL JOIN (
                      SELECT item.id, item.move_line_id, item.name, item.currency_id, item.due_on,
                             care.partner_id AS debtor_id
                        FROM credit_item item JOIN credit_case care ON care.id = item.case_id
                       WHERE item.company_id = %(company)s AND item.closed_on IS NULL) AS item
                   ON item.move_line_id = debt.id
                WHERE debt.id IS NULL OR item.debtor_id != debt.debtor_id
                   OR debt.due_on <= %(horizon)s AND (
                      item.id IS NULL OR item.due_on != debt.due_on
                      OR item.currency_id != debt.currency_id
                      OR item.name IS DISTINCT FROM debt.move_name)""",
            **self._values(company, today),
        ))
        moved = (moved or []) + (self._read_reopened(company) if fresh else [])
        return {"fresh": fresh, "over": over or [], "moved": moved}

    def _read_reopened(self, company):
        """Ids of items that were closed and stand open again, on the books of somebody else."""
        return [row[0] for row in self.env.execute_query(SQL(
            """SELECT item.id
                 FROM credit_item item
                 JOIN credit_case care ON care.id = item.case_id
                 JOIN res_partner debtor ON debtor.id = care.partner_id
                 JOIN account_move_line line ON line.id = item.move_line_id
                 JOIN res_partner partner ON partner.id = line.partner_id
                WHERE item.company_id = %(company)s AND item.closed_on IS NOT NULL
                  AND line.reconciled IS NOT TRUE AND line.parent_state = 'posted'
                  AND partner.commercial_partner_id != debtor.commercial_partner_id""",
            company=company.id,
        ))]

    def _close_settled(self, item_ids, company, today):
        """What the ledger settled or withdrew is closed, saying how. A partial carries a write-off
        together with cash (see ``_paid_share``): what settled the most is the reason."""
        if not item_ids:
            return
        self._run(SQL(
            """UPDATE credit_item item
                  SET closed_on = %(today)s, write_date = %(now)s, write_uid = %(uid)s,
                      close_reason = CASE
                          WHEN line.id IS NULL OR line.parent_state != 'posted' THEN 'withdrawn'
                          ELSE COALESCE(settled.how, 'other')
                          END
                 FROM credit_item open
                 LEFT JOIN account_move_line line ON line.id = open.move_line_id
                 LEFT JOIN LATERAL (%(how)s) AS settled ON TRUE
                WHERE item.id = open.id AND open.id IN %(over)s
                  AND (line.id IS NULL OR line.reconciled OR line.parent_state != 'posted'
                       OR line.amount_residual_currency <= 0)""",
            **self._values(company, today), how=self._how_settled(), over=tuple(item_ids),
        ))

    def _values(self, company, today):
        return {
            "company": company.id, "today": today, "uid": self.env.uid,
            "now": fields.Datetime.now(), "receivables": self._receivables(company),
            "horizon": fields.Date.add(today, days=self._lead_days(company)),
        }
