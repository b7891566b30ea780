from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

PURPOSES = [
    ("resend", "Invoice sent again"),
    ("answer", "Answer to the customer"),
    ("proposal", "Agreement proposed"),
    ("agreed", "Agreement confirmed"),
    ("instalment", "Instalment coming due"),
    ("chase", "Instalment not paid"),
    ("thanks", "Thanks for a payment"),
    ("closing", "Thanks at the end"),
    ("link", "New link to the page"),
]
ONCE = ("instalment", "chase")
THANKS = ("thanks", "closing")


class Wish(NamedTuple):
    """A channel and what stands in for it, as a level has them."""

    channel: str
    fallback: str
    mail_template_id: models.BaseModel


class CreditAction(models.Model):
    """Messages that are no step of the policy: answers, instalments, thanks. They take the same
    outbox, with the last look of their own."""

    _inherit = "credit.action"

    purpose = fields.Selection(PURPOSES)
    agreement_id = fields.Many2one("credit.agreement", index="btree_not_null", ondelete="restrict")
    agreement_line_id = fields.Many2one(
        "credit.agreement.line", index="btree_not_null", ondelete="set null"
    )
    dispute_id = fields.Many2one("credit.dispute", index="btree_not_null", ondelete="restrict")

    answer_text = fields.Text(related="dispute_id.answer")
    valid_until_text = fields.Char(compute="_compute_page")
    page_url = fields.Char(compute="_compute_page")
    page_html = fields.Html(compute="_compute_page", sanitize=False)

    _instalment_once = models.UniqueIndex(
        "(agreement_line_id, purpose) WHERE agreement_line_id IS NOT NULL AND state != 'cancelled'",
        "This message about the instalment exists already.",
    )

    @api.depends("case_id", "agreement_id")
    @api.depends_context("lang")
    def _compute_page(self):
        """The link to the debtor's own page, and what texts may say about an offer."""
        qweb, words = self.env["ir.qweb"], self.env["credit.message"]
        for action in self:
            case = action.case_id._origin or action.case_id
            action.page_url = case.id and case.sudo()._get_page_url()
            action.page_html = action.page_url and qweb._render(
                "account_credit_care.mail_page_button",
                {"page_url": action.page_url, "accent": words._get_accent(action.company_id)},
                minimal_qcontext=True,
            )
            action.valid_until_text = words._day(action.agreement_id.valid_until)

    # ------------------------------------------------------------------ planning

    def _plan_message(self, case, purpose, items=None, **values):
        """One message, to be sent with the next tick of the outbox."""
        return self._plan_messages([(case, purpose, items or self.env["credit.item"], values)])

    def _plan_messages(self, wanted):
        """``(case, purpose, items, values)``, by batch."""
        together = [row[0].id for row in wanted]  # a case that was picked out is read alone
        wanted = [(case.with_prefetch(together), *rest) for case, *rest in wanted]
        targets = {}
        for (company, purpose), rows in self._by_purpose(wanted).items():
            wish = self._get_wish(purpose)
            found = self.env["credit.channel"].sudo()._resolve(
                [(case.partner_id.id, wish) for case, *_rest in rows], company
            )
            targets |= {(purpose, partner_id): target for partner_id, target in found.items()}
        actions = self.env["credit.action"].sudo().create([
            self._to_message(case, purpose, items, targets[purpose, case.partner_id.id]) | values
            for case, purpose, items, values in wanted
        ])
        if actions:
            self.env.ref("account_credit_care.ir_cron_credit_send").sudo()._trigger()
        return actions

    def _by_purpose(self, wanted):
        found = {}
        for row in wanted:
            found.setdefault((row[0].company_id, row[1]), []).append(row)
        return found

    def _to_message(self, case, purpose, items, target):
        today = case.company_id._credit_today()
        disputed = self.env["credit.dispute"].sudo()._get_parts(items, today)
        return {
            "case_id": case.id, "company_id": case.company_id.id, "kind": "message",
            "purpose": purpose, "direction": "out", "state": "planned", "date": today,
            "pressure": case.pressure, "user_id": case.user_id.id, "channel": target.channel,
            "contact_id": target.contact_id, "email_to": target.email, "phone": target.phone,
            "lang": target.lang,
            "line_ids": [
                (0, 0, {
                    "item_id": item.id, "round": item.round, "due_on": item.due_on,
                    "days_overdue": max((today - item.due_on).days, 0),
                    "amount": item.amount_residual - disputed.get(item.id, 0),
                    "amount_disputed": disputed.get(item.id, 0),
                    "amount_company": item.move_line_id.amount_residual,
                    "amount_original": item.move_line_id.amount_currency,
                })
                for item in items.sudo()
            ],
        }

    def _get_wish(self, purpose):
        """A text that somebody has deleted becomes a task for the controller."""
        template = self.env.ref(f"account_credit_care.mail_template_{purpose}", False)
        return Wish(
            "email", "letter" if purpose in ("proposal", "chase") else "activity",
            (template or self.env["mail.template"]).sudo(),
        )

    def _get_template(self):
        """The text of the step, or of the purpose."""
        if self.purpose:
            return self._get_wish(self.purpose).mail_template_id
        return self.level_id.mail_template_id

    def _get_level(self):
        """What tells channel and fallback of this action."""
        return self._get_wish(self.purpose) if self.purpose else self.level_id

    def _plan_instalments(self, due):
        """``(purpose, id of the line)``: each once, whatever runs at the same time."""
        if not due:
            return
        self.env.flush_all()
        known = set(self.env.execute_query(SQL(
            """SELECT purpose, agreement_line_id FROM credit_action
                WHERE agreement_line_id IN %s AND state != 'cancelled'""",
            tuple(line_id for _purpose, line_id in due),
        )))
        fresh = [row for row in due if row not in known]
        lines = self.env["credit.agreement.line"].sudo().browse(line_id for _p, line_id in fresh)
        planned = self._plan_messages([
            (line.agreement_id._get_live_case(), purpose, self.env["credit.item"], {
                "agreement_id": line.agreement_id.id, "agreement_line_id": line.id,
            })
            for (purpose, _line_id), line in zip(fresh, lines, strict=True)
        ])
        for day, actions in planned.grouped("date").items():
            actions.case_id.last_contact_on = day  # reminders keep their distance from it

    def _plan_thanks(self, company, today):
        """Who has paid what he was reminded of is thanked, once: for the payment, or, where that
        was the last of it, at the end of the case."""
        self.env.flush_all()
        rows = self.env.execute_query(SQL(
            """SELECT DISTINCT item.case_id
                 FROM credit_item item
                 JOIN credit_case care ON care.id = item.case_id
                 JOIN credit_policy policy ON policy.id = care.policy_id AND policy.thanks
                WHERE item.company_id = %(company)s AND %(fresh)s""",
            company=company.id, fresh=self._deserves_thanks(today),
        ))
        self.env["credit.run"]._isolated(
            self.env["credit.case"].sudo().browse(row[0] for row in rows),
            lambda cases: self._thank(cases, today),
        )

    def _deserves_thanks(self, today):
        return SQL(
            """item.closed_on >= %s::date - 3 AND item.close_reason = 'cash'
               AND item.thanked_on IS NULL AND item.level_on IS NOT NULL
               AND item.reached_day > 0""",
            today,
        )

    def _thank(self, cases, today):
        rows = self.env.execute_query(SQL(
            """UPDATE credit_item item SET thanked_on = %(today)s
                 FROM credit_case care
                WHERE care.id = item.case_id AND care.id IN %(cases)s AND %(fresh)s
            RETURNING item.case_id, EXISTS (
                          SELECT FROM credit_case live
                           WHERE live.partner_id = care.partner_id AND live.state != 'closed'
                             AND live.company_id = care.company_id)""",
            today=today, cases=tuple(cases.ids), fresh=self._deserves_thanks(today),
        ))
        self.env["credit.item"].invalidate_model(["thanked_on"])
        none = self.env["credit.item"]
        self._plan_messages([
            (self.env["credit.case"].sudo().browse(case_id),
             "thanks" if goes_on else "closing", none, {})
            for case_id, goes_on in dict(rows).items()
        ])

    def _withdraw_thanks(self):
        """Nobody is thanked for a payment that came back, nor told that all is settled while
        something is open again. What did come is thanked for another time. Returns those that
        were withdrawn."""
        early = self.filtered(lambda action: action.purpose in THANKS and action._is_too_early())
        for action in early:
            action._get_thanked().thanked_on = False
        early._cancel("came_back")
        return early

    def _is_too_early(self):
        thanked = self._get_thanked()
        stays = thanked.filtered("move_line_id.reconciled")
        if self.purpose == "thanks":
            return bool(thanked and not stays)
        return stays != thanked or bool(self.env["credit.case"].sudo().search_count([
            ("partner_id", "=", self.case_id.partner_id.id), ("state", "!=", "closed"),
            ("company_id", "=", self.company_id.id),
        ], limit=1))

    def _get_thanked(self):
        """What it was about; an item that is open again may have gone to a new case."""
        return self.env["credit.item"].sudo().search([
            ("case_id.partner_id", "=", self.case_id.partner_id.id),
            ("company_id", "=", self.company_id.id), ("thanked_on", "=", self.date),
        ])

    # ------------------------------------------------------------------ the last look

    def _look_at_messages(self, company, today):
        """What is no longer true is not sent: an instalment that was paid since, an offer that was
        taken back. Returns what may go, with the amounts of now."""
        self._refresh_told(company, today)
        self.agreement_id.filtered(lambda a: a.state == "running")._review_again(today)
        over = self.filtered(lambda action: action._is_outdated())
        over._cancel("settled")
        going = self - over
        going -= going._withdraw_thanks()
        asked = going.filtered(lambda action: action.purpose in ONCE)
        amounts = asked.agreement_id._read_asked(today)
        return going - asked.filtered(lambda action: action._must_wait(amounts, today))

    def _refresh_told(self, company, today):
        """Hours may have passed, or days where a mail had failed: what was paid since is told no
        more, and what is left has its amounts of now."""
        told = self.filtered(lambda action: action.line_ids and not action.agreement_id)
        if not told:
            return
        facts = self.env["credit.standing"]._read_cases(told.case_id, company, today)
        values, settled = [], self.env["credit.action.line"]
        for action in told:
            amounts = facts[action.case_id.partner_id.id].told_amounts(action.line_ids.item_id.ids)
            for line in action.line_ids:
                if line.item_id.id in amounts:
                    values.append({"id": line.id, **amounts[line.item_id.id]})
                else:
                    settled |= line
        settled.unlink()
        self.env["credit.action.line"]._refresh(values)
        told.invalidate_recordset()  # what was rendered of them

    def _find_outdated(self):
        """Those about an instalment that is paid by now."""
        about = self.filtered(lambda action: action.purpose in ONCE)
        for company, batch in about.grouped("company_id").items():
            batch.agreement_id.filtered(lambda a: a.state == "running")._review_again(
                company._credit_today()
            )
        return about.filtered(lambda action: action._is_outdated())

    def _must_wait(self, amounts, today):
        """Nothing may be asked for now: disputed, paused, or credited since. It stays planned until
        that is over."""
        paused = self.case_id.paused_until
        if self.purpose == "chase" and paused and paused >= today:
            return True
        return not any(amounts[line.id] > 0 for line in self._get_asked_lines())

    def _get_asked_lines(self):
        """The instalment of a message; who is chased reads those unpaid before it as well."""
        line = self.agreement_line_id.sudo()
        if self.purpose != "chase":
            return line
        return self.agreement_id.sudo().line_ids.filtered(
            lambda other: other.state != "paid" and other.due_on <= line.due_on
        )

    def _is_outdated(self):
        if self.purpose == "proposal":
            return self.agreement_id.state != "proposed"
        if self.purpose in ONCE:
            paid = self.agreement_line_id.state == "paid"
            return paid or self.agreement_id.state != "running" or (
                not self.agreement_id.amount_missing if self.purpose == "chase"
                else self.agreement_line_id._get_day() < self.company_id._credit_today()
            )
        if self.purpose == "agreed":
            return self.agreement_id.state not in ("running", "kept")
        return self.purpose == "resend" and not self.line_ids
