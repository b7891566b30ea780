"""What was said and agreed in the weeks behind us, as tables: who, how many days ago, what. No Odoo
here; `scenes` plays it through the product's own methods."""

from typing import NamedTuple


class Scene(NamedTuple):
    back: int       # days before today
    who: str        # debtor, in the first company
    what: str       # method of scenes.Stage
    facts: dict


def _at(back, who, what, **facts):
    return Scene(back, who, what, facts)


SCENES = (
    # promises: kept, broken, running
    _at(20, "Ermes Campani", "promise", after=6, remark="Pays when his pension comes in"),
    _at(15, "Ermes Campani", "pay"),
    _at(14, "Impresa Edile Bedogni Geom. Aldo", "promise", after=5,
        remark="Will go to the bank on Friday"),
    _at(4, "Carpenteria Bonini & Figli S.n.c.", "promise", after=8,
        remark="A customer of theirs pays this week, then they do"),
    # plans: on time, late, broken, kept; one waits for a signature, one for a manager
    _at(41, "Gres Secchia S.r.l.", "plan_on_page", count=4, after=7,
        remark="La cassa integrazione è finita, da ottobre incassiamo di nuovo."),
    _at(40, "Gres Secchia S.r.l.", "sign", name="Roberto Secchi"),
    _at(38, "Edil Crostolo S.r.l.", "plan", count=6, after=8, frequency="fortnight", pays=2,
        sheet={"expected_receipts": 31000, "suppliers": 14500, "staff": 8200, "rent": 1100,
               "taxes": 1900}),
    _at(37, "Edil Crostolo S.r.l.", "sign", name="Ivan Crostoli"),
    _at(33, "Kerry Ridge Farms DAC", "plan", count=5, after=7, frequency="week", pays=1),
    _at(31, "Kerry Ridge Farms DAC", "sign", name="Nuala Kerry"),
    _at(42, "Antonio Lo Presti", "plan", count=3, after=6, frequency="fortnight"),
    _at(41, "Antonio Lo Presti", "sign", name="Antonio Lo Presti"),
    _at(1, "Autotrasporti Gualdi S.r.l.", "plan", count=4, after=15),
    _at(1, "Marmi Apuani Tonelli S.r.l.", "plan_on_page", count=30, after=20,
        remark="Di più in questo momento non riusciamo."),
    # less than the whole: approved, signed, paid; the rest waits for its write-off
    _at(30, "Gino Bertolini", "settle", amount=600, after=14,
        remark="Lives on a small pension; his daughter pays the 600 at once"),
    _at(17, "Gino Bertolini", "pay", amount=600),
    # something is wrong: told on the page, with a department, answered, accepted, run out
    _at(6, "Meccanica Savena S.r.l.", "wrong_on_page", kind="our_failure",
        text="Due delle pompe consegnate perdono olio. Le abbiamo rimandate il 3."),
    _at(5, "Legnami Appennino S.r.l.", "dispute", kind="our_failure", owner="fabio", part=300,
        after=9, text="The chuck of the lathe came back with a crack; wants 300 off"),
    _at(17, "Contoterzisti Riuniti Soc. Coop.", "dispute", kind="our_failure", owner="fabio",
        after=7, text="One of the seals was the wrong size"),
    _at(14, "Contoterzisti Riuniti Soc. Coop.", "resolve", by="fabio", how="answered",
        answer="La guarnizione giusta è partita oggi con il corriere, senza spese per voi."),
    _at(6, "Cooperativa Braccianti Argine S.c.", "dispute", kind="dispute", part=120, after=12,
        text="Freight was to be free of charge"),
    _at(3, "Cooperativa Braccianti Argine S.c.", "resolve", by="davide", how="accepted",
        answer="Avete ragione: il trasporto era franco. Vi arriva la nota di credito."),
    _at(16, "Frigor Adriatica S.r.l.", "dispute", kind="administrative", after=9,
        text="Their order number is missing on our invoice"),
    # lost invoices
    _at(12, "Great Lakes Hydraulics LLC", "resend_on_page"),
    _at(9, "Wessex Farm Machinery Ltd", "resend", remark="The mailbox of accounts had changed"),
    # answers from the page
    _at(2, "Thistle Hydraulics Ltd", "paid_on_page", remark="Wire transfer, reference TH-8841"),
    _at(1, "Zootecnica Padana Nord S.r.l.", "call_on_page", after=1, at="11:30",
        remark="Chiedere della signora Bassi"),
    _at(2, "Hudson Seal & Gasket Corp.", "pause", after=12,
        reason="Their auditors are in the house"),
)

# written two days after they were asked for; the others are still waited for
NOTES = {
    "Great Lakes Hydraulics LLC": {
        "approach": "gentle", "contact_name": "Dana Whitfield",
        "contact_email": "dana@great-lakes-hydraulics.example",
        "approach_note": "Everything in writing, with their purchase order numbers.",
        "special_attention": True, "special_how": "No letters: she takes them as a threat.",
        "special_why": "Customer since 1998; half of their pumps are ours.",
        "asks_priority": True, "priority_why": "A third of our sales in dollars depends on her.",
    },
    "Gino Bertolini": {
        "approach": "gentle", "contact_name": "Lucia Bertolini",
        "approach_note": "His daughter looks after his papers; he has asked us to speak with her.",
    },
    "Meccanica Savena S.r.l.": {
        "approach": "gentle", "contact_name": "Marco Dotti", "contact_phone": "+39 051 5552399",
        "approach_note": "First the pumps, then the money.",
        "own_step": "I am there on Tuesday and look at them.", "own_step_after": 5,
    },
    "Sacramento Orchard Supply Inc.": {
        "approach": "gentle", "contact_name": "Mary Okafor",
        "approach_note": "The harvest is in; they pay when the cannery pays.",
        "asks_priority": True, "priority_why": "They open two more branches next year.",
    },
}
WAIVED = {"Bruno Manzini": "He moved away; nobody of us knows him"}
GRANTED = {"Great Lakes Hydraulics LLC"}    # the relationship comes first, a manager says

DEPARTMENT = "fabio"    # answers for our failures
PORTAL = ("gres", "Gres Secchia S.r.l.")    # login of a debtor's own
LINKED = ("Autotrasporti Gualdi S.r.l.", "Frantoio Ricci S.r.l.")   # whose page is told
