"""What was sold to whom, and when it was paid: decided here in pure Python, booked by `books`.

Every invoice has a random generator of its own, seeded by its name: a debtor added to the table
changes nobody else's story, and the story moves with today without changing.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from .people import DEBTORS, Debtor

SEED = "bellandi 2"
PERIOD = 425    # days, 14 months
PARTS_EVERY = 140   # mean days between two invoices of the second company
FIRST_DUE = {"now": 0, "30": 30, "30/60/90": 30}    # terms on which an exact due date can be hit

# product (key of company.PRODUCTS): price in EUR
PRICES = {
    "turning": 58, "pump": 340, "cylinder": 490, "maintenance": 64, "callout": 95,
    "seals": 38, "tiller": 690, "freight": 45,
}
USUAL = {
    "private": ("callout", "tiller", "seals"),
    "farm": ("maintenance", "pump", "seals", "freight"),
}
OTHERS = ("turning", "cylinder", "pump", "seals", "freight")
DOLLARS = 1.15  # of the price list


@dataclass(frozen=True)
class Sale:
    """An invoice to be issued; `held` invoices stay open on purpose."""

    debtor: Debtor
    company: str        # workshop or parts
    date: date
    term: str
    lines: tuple        # of (product, quantity)
    key: str
    held: bool = False
    by_order: bool = False


def sales(company, today):
    """All invoices of one company, oldest first."""
    found = [
        sale
        for debtor in DEBTORS
        if company == "workshop" or debtor.parts
        for sale in _sales_to(debtor, company, today)
    ]
    return sorted(found, key=lambda sale: (sale.date, sale.key))


def payments(sale, due, today):
    """When one instalment was paid: a list of (day, share of what was left), up to yesterday."""
    rng = Random(f"{SEED}|{sale.key}|{(due - sale.date).days}")
    habit, last_day = sale.debtor.habit, today - timedelta(days=1)
    if sale.held and habit != "part":
        return [(last_day, 1.0)] if habit == "yesterday" else []
    shares = [1.0]
    match habit:
        case "late" | "yesterday":
            delays = [rng.randint(5, 15)]
        case "slow":
            delays = [rng.randint(30, 60)]
        case "part":
            first = rng.choice((0.3, 0.4, 0.5, 0.6))
            delays, shares = [rng.randint(3, 12), rng.randint(45, 60)], [first, 1.0]
        case _ if habit.startswith("stop"):
            delays, last_day = [rng.randint(2, 12)], today - timedelta(days=int(habit[4:]))
        case _:
            delays = [0 if sale.debtor.debit else -rng.randint(0, 4)]
    days = [_banking_day(max(due + timedelta(days=delay), sale.date)) for delay in delays]
    return [(day, share) for day, share in zip(days, shares, strict=True) if day <= last_day]


def lines(debtor, company, key):
    """One to three products that come to about the debtor's usual amount."""
    rng = Random(f"{SEED}|{key}")
    target = debtor.size * rng.lognormvariate(0, 0.45) * (1 if company == "workshop" else 0.4)
    if company == "parts":
        products = ["seals"] + rng.sample(("pump", "freight"), rng.randint(0, 1))
    else:
        usual = USUAL.get(debtor.sector, OTHERS)
        products = rng.sample(usual, rng.randint(1, min(3, len(usual))))
    share = target / len(products)
    return tuple((name, max(1, round(share / PRICES[name]))) for name in products)


def price(product, debtor):
    """What one unit costs this debtor, in his currency."""
    euros = PRICES[product]
    return euros if debtor.currency == "EUR" else round(euros * DOLLARS)


def _sales_to(debtor, company, today):
    every = debtor.every if company == "workshop" else PARTS_EVERY
    count = 0
    if every:
        rng = Random(f"{SEED}|{company}|{debtor.name}")
        age = PERIOD - rng.randrange(every)
        while age > 0:
            count += 1
            by_order = (    # for some good payers, the third
                company == "workshop" and count == 3 and debtor.is_company and not debtor.ladder
                and debtor.habit in ("punctual", "late") and debtor.currency == "EUR"
            )
            yield _sale(debtor, company, _working_day(today - timedelta(days=age)), count,
                        term=debtor.term, by_order=by_order)
            age -= round(every * rng.uniform(0.7, 1.3))
    if company == "workshop" or debtor.habit == "yesterday":
        term = debtor.term if debtor.term in FIRST_DUE else "30"
        for offset in debtor.ladder:
            count += 1
            day = today + timedelta(days=offset - FIRST_DUE[term])
            yield _sale(debtor, company, day, count, term=term, held=True)


def _sale(debtor, company, day, number, **facts):
    key = f"{company}|{debtor.name}|{number}"
    return Sale(debtor, company, day, key=key, lines=lines(debtor, company, key), **facts)


def _working_day(day):
    """The day itself, or the Friday before."""
    return day - timedelta(days=max(0, day.weekday() - 4))


def _banking_day(day):
    """The day itself, or the Monday after."""
    return day + timedelta(days=(7 - day.weekday()) % 7 if day.weekday() > 4 else 0)
