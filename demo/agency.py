"""An agency and a lawyer who work for the first company, and what they did in the past months.
Acts go through the desk at which their people sit, as their pages and their program do."""

from datetime import timedelta

from odoo.exceptions import UserError
from odoo.fields import Command

from . import dues, plot

AGENCY, LAWYER = "Fiducia Crediti S.r.l.", "Studio Legale Avv. Ghirelli"
# login: (name, house, team leader, qualified)
PEOPLE = {
    "nadia": ("Nadia Corsi", AGENCY, True, True),
    "piero": ("Piero Galli", AGENCY, False, False),
    "silvia": ("Silvia Conti", AGENCY, False, True),
    "ghirelli": ("Avv. Anna Ghirelli", LAWYER, True, True),
}
TIERS = (  # days overdue when placed, share recovered above, rate
    (0, 0, 8), (0, 50, 11), (0, 80, 13), (90, 0, 14), (90, 50, 18),
)
SAID = (
    ("reached", "no_money", "Waits for a customer of theirs; pays when he has paid."),
    ("reached", "forgot", "Had it on the desk; sends it today."),
    ("not_reached", None, "Nobody answers before noon."),
    ("reached", "administrative", "Their office was without a book-keeper; has one again."),
)
GENERIC = "A good customer who is always late: friendly, and with a day before you hang up."
GIVEN_BACK = "Bruno Manzini"  # has moved; the agency did not find him
SPEAKS = 2  # days ago: a claim and a question
PRIORITY_FROM = 8  # days ago: from then on what a manager put first is placed as well


class Agency:
    """What is placed with whom, from the first night of the demo to the last."""

    def __init__(self, env, company, manager):
        self.env, self.company, self.manager = env, company, manager
        self.plot = {scene.who for scene in plot.SCENES} | plot.NOTES.keys()
        self.mandates = {}
        self.firms = {
            name: env["res.partner"].create({
                "name": name, "is_company": True, "lang": "it_IT", "city": "Bologna",
                "country_id": env.ref("base.it").id, "email": f"info@{mail}.example",
            })
            for name, mail in ((AGENCY, "fiducia"), (LAWYER, "ghirelli"))
        }

    def begin(self, today):
        """Contracts, and the people who work under them; once."""
        if self.mandates:
            return
        self.mandates = {
            AGENCY: self._mandate(AGENCY, today, does_courtesy=True, fee_per_placement=12,
                                  disclosure="Chiamo per conto di Officine Bellandi; sono della"
                                             " Fiducia Crediti.", tier_ids=[
                Command.create({"from_age": age, "above": above, "rate": rate})
                for age, above, rate in TIERS
            ]),
            LAWYER: self._mandate(LAWYER, today, does_collection=False, does_legal=True, share=0,
                                  pressure="formal", fee_per_placement=90),
        }
        for login, (name, house, is_leader, qualified) in PEOPLE.items():
            user = self.env["res.users"].with_context(no_reset_password=True).create({
                "login": login, "password": login, "name": name, "lang": "en_US",
                "email": f"{login}@{'fiducia' if house == AGENCY else 'ghirelli'}.example",
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
                "company_id": self.company.id, "company_ids": [Command.set(self.company.ids)],
            })
            user.partner_id.parent_id = self.firms[house]
            seat = self.env["credit.collector"].create({
                "mandate_id": self.mandates[house].id, "user_id": user.id, "is_leader": is_leader,
            })
            if qualified:
                seat.with_user(self.manager).action_qualify()
        for mandate in self.mandates.values():
            mandate.with_user(self.manager).action_activate()
        dues.share_out(self.env, self.company, self.mandates[AGENCY], self.mandates[LAWYER])

    def _mandate(self, house, today, **values):
        return self.env["credit.mandate"].create({
            "name": f"Mandate with {house}", "agency_id": self.firms[house].id,
            "company_id": self.company.id, "user_id": self.manager.id, "start_on": today,
            "pressure": "firm", "licence_number": "118/2019",
            "licence_office": "Questura di Bologna", "licence_on": today,
            "contract_on": today, **values,
        })

    # ------------------------------------------------------------------ day by day

    def work(self, today, back):
        """Notes are written, what is ready is placed, collectors take it up, call, report."""
        self.today, self.is_last = today, back == 1
        if back <= PRIORITY_FROM:
            self.plot -= plot.GRANTED
        self._write_notes()
        self._place()
        for placement in self._placements("sent"):
            self._desk("nadia").accept(placement.id)
            collector = self._collectors()[placement.id % 2]
            if placement.relationship_priority:
                collector = self._collectors()[1]
            self._desk("nadia").assign(placement.id, collector.id)
        for placement in self._placements("accepted"):
            self._call(placement)
        if back == SPEAKS:
            self._speak(*self._placements("accepted")[:2])
        if back == dues.TO_COURT:
            self._go_to_court()

    def _go_to_court(self):
        """The largest that came back from the agency unpaid goes to the lawyer."""
        back = self._placements("returned").case_id.filtered_domain([("state", "=", "collection")])
        for case in back.sorted("amount_overdue", reverse=True):
            if dues.go_to_court(self.env, self.manager, case, self._desk("ghirelli")):
                return

    def _speak(self, first=None, second=None):
        """One says that something was paid, one asks."""
        try:
            with self.env.cr.savepoint():
                if first:
                    line, login = first.line_ids[:1], first.collector_id.user_id.login
                    self._desk(login).claim(
                        first.id, round(line.amount / 3, 2), line.currency_id.name,
                        self.today.isoformat(), "transfer", "He sends the receipt tomorrow.",
                    )
                if second:
                    self._desk(second.collector_id.user_id.login).ask(
                        second.id, "Is the mobile number of the owner known?",
                    )
        except UserError:
            self.env.invalidate_all()

    def _write_notes(self):
        for note in self.env["credit.handover"].search([
            ("company_id", "=", self.company.id), ("state", "=", "requested"),
            ("requested_on", "<=", self.today - timedelta(days=3)),
            ("partner_id.name", "not in", list(self.plot)),
        ]):
            if note.partner_id.name in plot.WAIVED:
                note.with_user(self.manager)._waive(plot.WAIVED[note.partner_id.name])
            else:
                own = note.with_user(note.user_id)
                own.write({"approach": "standard", "approach_note": GENERIC,
                           "contact_name": note.partner_id.child_ids[:1].name
                           or note.partner_id.name})
                own.action_submit()

    def _place(self):
        ready = self.env["credit.case"].search([
            ("company_id", "=", self.company.id), ("state", "=", "collection"),
            ("ready_on", "!=", False), ("ready_on", "<", self.today),
            ("partner_id.name", "not in", list(self.plot)),
        ])
        for case in ready:
            self._entrust(case)
        if self.is_last and not self._placements("ready"):
            self._entrust_one()

    def _entrust_one(self):
        """A manager need not wait for the day: one that has its note already waits for a word."""
        for case in self.env["credit.case"].search([
            ("company_id", "=", self.company.id), ("state", "=", "collection"),
            ("partner_id.name", "not in", list(self.plot)),
            ("handover_ids", "any", [("ended_on", "=", False), ("state", "=", "submitted")]),
        ], order="oldest_due_on, id"):
            self._entrust(case)
            if self._placements("ready"):
                return

    def _entrust(self, case):
        try:
            with self.env.cr.savepoint():
                placement = self.env["credit.placement"].with_user(self.manager)._prepare(case)
                if not self.is_last:  # those of yesterday wait for the manager's word
                    placement.with_user(self.manager).action_send()
        except UserError:  # an agreement, a dispute, a pause: it waits
            self.env.invalidate_all()

    def _call(self, placement):
        """Four days after it came, then every nine; what was said follows the number."""
        days = (self.today - placement.sent_on).days
        done = self.env["credit.action"].search_count([("placement_id", "=", placement.id)])
        if days < 4 + 9 * done or done > 3:
            return
        if placement.partner_id.name == GIVEN_BACK:
            self._desk("nadia").give_back(placement.id, "Moved; the registry has no new address.")
            self.plot |= {GIVEN_BACK}  # nobody tries again
            return
        outcome, kind, remark = SAID[(placement.id + done) % len(SAID)]
        reason = kind and self.env["credit.reason"].search([("kind", "=", kind)], limit=1).id
        login = placement.collector_id.user_id.login or "nadia"
        try:
            with self.env.cr.savepoint():
                self._desk(login).log_contact(placement.id, outcome, reason, remark)
        except UserError:  # Sunday, or enough contacts this week
            self.env.invalidate_all()

    def _placements(self, state):
        return self.env["credit.placement"].search([
            ("state", "=", state), ("mandate_id", "=", self.mandates[AGENCY].id),
        ], order="id")

    def _collectors(self):
        return self.mandates[AGENCY].collector_ids.filtered(
            lambda seat: seat.user_id.login in ("piero", "silvia")
        ).sorted(lambda seat: seat.user_id.login)

    def _desk(self, login):
        user = self.env["res.users"].search([("login", "=", login)])
        return self.env["credit.agency.desk"].with_user(user)
