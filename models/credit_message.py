from collections import defaultdict

from odoo import models
from odoo.tools import SQL, format_amount, format_date

RIGHT_WINDOW = {"BE", "ES", "FR", "IT", "PT"}  # envelopes sold there have their window on the right
ACCENT = "#2f4858"
MANY = 6  # documents that a sentence can name


class CreditMessage(models.AbstractModel):
    """What messages say beside the texts of the templates: greeting, items, how to pay. Amounts
    and dates are put into the words of the language of ``self.env``; never two currencies
    together. Read in a constant number of queries whatever the batch."""

    _name = "credit.message"
    _description = "Credit care: what messages say"

    # ------------------------------------------------------------------ words in the texts

    def _get_greeting(self, action):
        contact = action.contact_id or action.partner_id
        if contact.is_company or not contact.name:
            company = contact.name or action.partner_id.name
            return self.env._("Dear %(company)s,", company=company)
        return self.env._("Dear %(person)s,", person=contact.name)

    def _get_documents(self, action):
        """The documents asked for, in few words: for subjects and SMS. An answer names what was
        complained about, paid meanwhile or not."""
        return self._join(self._shown(action).item_id or action.sudo().dispute_id.line_ids.item_id)

    def _join(self, items):
        names = list(dict.fromkeys(item.name for item in items if item.name))
        if len(names) < 3:
            return ", ".join(names)
        return self.env._(
            "%(document)s and %(count)s more", document=names[0], count=len(names) - 1
        )

    def _get_answer_to(self, action):
        """Who can be answered, in a line: the controller, else the company."""
        company = action.company_id.sudo().partner_id
        person = action.user_id.sudo().partner_id or company
        return ", ".join(filter(None, (person.name, person.phone or company.phone)))

    # ------------------------------------------------------------------ items

    def _warm(self, actions):
        """Reads what the batch will need; record by record it would be a query a debtor."""
        items = actions.sudo().line_ids.item_id
        items.mapped("name")
        items.move_id.mapped("name")

    def _shown(self, action):
        return action.sudo().line_ids.filtered(lambda line: not line.released)

    def _render_tables(self, actions):
        """``{action id: html}``: the items as a table, for a letter or for a mail."""
        self._warm(actions)
        parts = self._read_parts(actions.sudo().line_ids.item_id.move_id)
        qweb = self.env["ir.qweb"]
        agreed = actions.filtered("agreement_id")
        agreements = self._read_agreements(actions - agreed)
        return self._render_schedules(agreed) | {
            action.id: qweb._render(
                "account_credit_care.items_table_letter" if action.channel == "letter"
                else "account_credit_care.items_table",
                {
                    "groups": self._get_groups(action, parts, agreements),
                    "accent": self._get_accent(action.company_id),
                },
                minimal_qcontext=True,
            )
            for action in actions - agreed
        }

    def _render_schedules(self, actions):
        """What was agreed, or the one instalment that the message is about."""
        asked = actions.filtered("agreement_line_id")
        amounts = {}
        for company, batch in asked.grouped("company_id").items():
            amounts |= batch.agreement_id._read_asked(company._credit_today())
        return {
            action.id: self.env["ir.qweb"]._render(
                "account_credit_care.schedule_table", self._get_schedule(action, amounts),
                minimal_qcontext=True,
            )
            for action in actions
        }

    def _get_schedule(self, action, amounts):
        """``amounts``: what may be asked of each instalment, where the message is about some."""
        agreement, asked = action.agreement_id.sudo(), action.agreement_line_id
        currency = agreement.currency_id
        if asked:
            lines = action._get_asked_lines().filtered(lambda line: amounts[line.id] > 0)
            left = {line: amounts[line.id] for line in lines}
        else:
            left = {line: line.amount - line.received for line in agreement.line_ids}
        return {
            "rows": [
                {
                    "day": self._day(line._get_day() if asked else line.due_on),
                    "amount": self._money(amount, currency),
                    "note": currency.compare_amounts(amount, line.amount) and self.env._(
                        "of %(amount)s", amount=self._money(line.amount, currency)
                    ),
                }
                for line, amount in sorted(left.items(), key=lambda row: row[0].due_on)
            ],
            "total": self._money(sum(left.values()), currency),
            "owed": agreement.kind == "settlement" and not asked
            and self._money(agreement.amount_open, currency),
        }

    def _read_parts(self, moves):
        """``{line id: (number, count)}`` of the instalments of the documents concerned."""
        rows = self.env.execute_query(SQL(
            """SELECT id, ROW_NUMBER() OVER part, COUNT(*) OVER (PARTITION BY move_id)
                 FROM account_move_line
                WHERE move_id IN %s AND display_type = 'payment_term'
               WINDOW part AS (PARTITION BY move_id ORDER BY date_maturity, id)""",
            tuple(moves.ids) or (0,),
        ))
        return {line_id: (number, count) for line_id, number, count in rows if count > 1}

    def _read_agreements(self, actions):
        """``{item: agreement}`` of what is paid as agreed, or is settled. Only an invoice that is
        sent again can be about such a thing: reminders ask for nothing of it."""
        items = actions.filtered(lambda action: action.purpose == "resend").line_ids.item_id
        agreements = self.env["credit.agreement"].sudo().search([
            ("item_ids", "in", items.ids),
            "|", ("state", "=", "running"),
            "&", ("state", "=", "kept"), ("kind", "=", "settlement"),
        ], order="state, id") if items else ()
        return {item: agreement for agreement in agreements for item in agreement.item_ids}

    def _get_groups(self, action, parts, agreements):
        """The items by currency, in words, with the credits that count towards them. What is paid
        as agreed is not asked for beside it."""
        groups = []
        for currency, lines in self._shown(action).grouped("currency_id").items():
            asked = lines.filtered(lambda line: line.item_id not in agreements)
            total, credit = sum(asked.mapped("amount")), sum(asked.mapped("amount_credit"))
            groups.append({
                "currency": currency.name,
                "rows": [
                    self._get_row(line, parts, agreements.get(line.item_id))
                    for line in lines.sorted("due_on")
                ],
                "total": self._money(total, currency),
                "credit": not currency.is_zero(credit) and self._money(-credit, currency),
                "left": asked and self._money(total - credit, currency),
            })
        return groups

    def _get_row(self, line, parts, agreement=None):
        move, currency = line.item_id.move_id, line.currency_id
        original = line.amount_original or line.item_id.move_line_id.amount_currency
        settled = original - line.amount - line.amount_disputed
        number, count = parts.get(line.item_id.move_line_id.id, (0, 0))
        return {
            "document": line.item_id.name or "",
            "url": bool(move.access_token) and self.env["credit.channel"]._get_move_url(move),
            "part": self._part(number, count),
            "issued": self._day(move.invoice_date or move.date),
            "due": self._day(line.due_on),
            "late": self._agreed(agreement) if agreement else self._late(line.days_overdue),
            "days": 0 if agreement else line.days_overdue,
            "original": self._money(original, currency),
            "settled": currency.compare_amounts(settled, 0) > 0 and self._money(settled, currency),
            "disputed": currency.compare_amounts(line.amount_disputed, 0) > 0
            and self._money(line.amount_disputed, currency),
            "open": self._money(line.amount, currency),
        }

    def _part(self, number, count):
        return count and self.env._(
            "instalment %(number)s of %(count)s", number=number, count=count
        )

    def _agreed(self, agreement):
        if agreement.state == "kept":
            return self.env._("settled as agreed on %(day)s", day=self._day(agreement.start_on))
        return self.env._("to be paid as agreed on %(day)s", day=self._day(agreement.start_on))

    def _late(self, days):
        if days < 1:
            return ""
        if days == 1:
            return self.env._("1 day late")
        return self.env._("%(days)s days late", days=days)

    def _money(self, amount, currency):
        return format_amount(self.env, amount, currency)

    def _day(self, day):
        """With the month in letters: nobody takes 3 April for 4 March."""
        return format_date(self.env, day, date_format="d MMM y") if day else ""

    # ------------------------------------------------------------------ around the text

    def _get_values(self, action, company, attached=0):
        """What the layouts of mail and letter show beside the text."""
        moves = self._shown(action).item_id.move_id
        agreed = action.agreement_id.sudo()
        return {
            "accent": self._get_accent(company),
            "accounts": self._get_accounts(moves or agreed.item_ids.move_id, company),
            "reference": agreed.name or self._get_reference(moves),
            # the table of an agreement names days, and opens no document
            "invoices": not agreed and self._get_invoices_note(moves, attached),
            "base_url": company.get_base_url(),
            "has_logo": bool(company.logo) and not company.uses_default_logo,
            "right_window": company.country_id.code in RIGHT_WINDOW,
            "address": self._get_address(action, company),
            "today": self._day(action.date),
        }

    def _get_address(self, action, company):
        """The lines in the window of the envelope."""
        return self._format_address((action.contact_id or action.partner_id).sudo(), company)

    def _format_address(self, contact, company):
        """Names and address, a line each; the country only abroad."""
        names = dict.fromkeys([contact.commercial_partner_id.name, contact.name])
        if contact.country_id.code == "IT":  # core writes the postcode last
            town = " ".join(filter(None, (contact.zip, contact.city, contact.state_id.code)))
            lines = [contact.street, contact.street2, town, contact.country_id.name]
        else:
            lines = contact._display_address(without_company=True).splitlines()
        if contact.country_id == company.country_id:
            lines = [line for line in lines if line != contact.country_id.name]
        return [line.strip() for line in (*names, *lines) if line and line.strip()]

    def _get_accounts(self, moves, company):
        """The bank accounts named on the invoices, else the company's first; each with its
        documents where there are several."""
        default = company.partner_id.bank_ids[:1]
        documents = defaultdict(list)
        for move in moves:
            bank = move.partner_bank_id or default
            if bank:
                documents[bank].append(move.name)
        return [
            {
                "holder": bank.acc_holder_name or bank.partner_id.name,
                "number": bank.acc_number,
                "bank": " · ".join(filter(None, (bank.bank_id.name, bank.bank_id.bic))),
                "documents": len(documents) > 1 and ", ".join(names[:MANY]),
            }
            for bank, names in documents.items()
        ]

    def _get_reference(self, moves):
        """What to write on the transfer, so that it finds its way."""
        names = [move.payment_reference or move.name for move in moves]
        if len(names) > MANY:
            return self.env._("the numbers of the invoices you pay")
        return ", ".join(names)

    def _get_invoices_note(self, moves, attached):
        """How the debtor finds his documents: said only as far as it is true."""
        if attached and attached >= len(moves):
            return (
                self.env._("A copy of the invoice is attached.") if attached == 1
                else self.env._("Copies of the invoices are attached.")
            )
        linked = any(move.access_token for move in moves)
        if attached and linked:
            return self.env._("Some copies are attached; every number above opens its document.")
        if linked:
            return self.env._("The number above opens the document.") if len(moves) == 1 else (
                self.env._("Every number above opens its document.")
            )
        return False

    def _get_accent(self, company):
        """The company's colour where white letters can be read on it."""
        colour = (company.primary_color or "").strip()
        try:
            channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        except ValueError:
            return ACCENT
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        return colour if 1.05 / (luminance + 0.05) >= 4.5 else ACCENT
