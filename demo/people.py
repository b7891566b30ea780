"""The debtors, as a table: invented firms and people, and how each of them pays. No Odoo here."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Debtor:
    """One debtor: who he is, and what `story` needs to know of how he buys and pays."""

    name: str
    street: str
    city: str               # key of places.PLACES
    sector: str             # key of company.SECTORS
    rep: str                # login of the salesperson, '' for none
    habit: str              # punctual, late, slow, part, stop<days>,
    #                         yesterday = late, and what is on the ladder was paid yesterday
    term: str = "30"        # key of company.TERMS
    every: int = 53         # mean days between two invoices of the main company, 0 for none
    size: int = 1400        # usual amount of an invoice before tax
    ladder: tuple = ()      # invoices left open, (first) due on today + each of these days
    credit: str = ""        # credit note on the ladder's invoice, or else an old one:
    #                         full = reversed, applied = part of it, open = not reconciled yet
    on_account: str = ""    # a payment nobody allocated: cover = as much as is open, over = more
    opening: int = 0        # carried over from the old books; negative: paid since
    mail: str = "own"       # own, both, invoice (only that contact's), bounce, none, nothing
    vat: str = ""           # of foreigners; the Italian ones are computed
    parts: bool = False     # customer of the second company too
    quiet: bool = False     # the ladder's invoice is marked "no follow-up"
    debit: bool = False     # pays by direct debit
    is_company: bool = True
    lang: str = "it_IT"
    currency: str = "EUR"


def _person(name, street, city, habit="punctual", **facts):
    facts = {"every": 0, "size": 260, "term": "now", "rep": "giulia"} | facts
    return Debtor(name, street, city, "private", habit=habit, is_company=False, **facts)


def _abroad(name, street, city, habit="punctual", **facts):
    facts = {"every": 62, "size": 3200, "rep": "elena", "lang": "en_US"} | facts
    return Debtor(name, street, city, "export", habit=habit, **facts)


def _dollar(name, street, city, habit="punctual", **facts):
    return _abroad(name, street, city, habit, currency="USD", **facts)


FIRMS = (
    # the good ones
    Debtor("Caseificio Val d'Enza S.r.l.", "Via Prampolini 12", "Montecchio Emilia",
           "food", "sara", "punctual", parts=True, debit=True),
    Debtor("Latteria Sociale Tricolore S.c.a.", "Via Gramsci 60", "Reggio Emilia",
           "food", "sara", "punctual", every=32, parts=True, debit=True),
    Debtor("Oleodinamica Panaro S.r.l.", "Via per Sassuolo 210", "Vignola",
           "metal", "luca", "punctual", term="60em", credit="full", parts=True),
    Debtor("Pompe Lombarde S.p.A.", "Via Mecenate 71", "Milano",
           "metal", "luca", "punctual", term="60em", size=3600, mail="both"),
    Debtor("Stampi Ruini S.r.l.", "Via Primo Maggio 12", "Soliera",
           "metal", "luca", "punctual", term="60em", size=2200, credit="full"),
    Debtor("Agriturismo Ca' del Vento", "Via Cerezzola 5", "Canossa",
           "private", "giulia", "punctual", term="now", size=340),
    # late by habit, never by much
    Debtor("Cantina Colli di Querciola S.c.a.", "Via Romana 88", "Scandiano",
           "food", "sara", "late", parts=True),
    Debtor("Salumificio Fratelli Ghirri S.p.A.", "Via Calestano 30", "Felino",
           "food", "sara", "late", term="60em", size=3800, mail="both"),
    Debtor("Prefabbricati Enza S.p.A.", "Via Parma 55", "Poviglio",
           "building", "marco", "late", term="30/60/90", size=5400, mail="invoice", parts=True),
    Debtor("Macchine Agricole Spaggiari S.r.l.", "Via Vasari 2", "Gualtieri",
           "farm", "paolo", "late", term="30/60/90", every=26, size=5200, mail="both", parts=True),
    Debtor("Tornerie Manfredini S.r.l.", "Via Emilia Est 1120", "Modena",
           "metal", "luca", "late", parts=True),
    Debtor("Agriservice Ferrarini S.r.l.", "Via per Modena 77", "Finale Emilia",
           "farm", "paolo", "late", credit="applied", parts=True),
    Debtor("Imballaggi Tosi S.r.l.", "Via Larga 31", "Bologna",
           "transport", "marco", "late", mail="invoice", opening=-880),
    Debtor("Nautica Delta S.r.l.", "Via Marina 27", "Comacchio",
           "metal", "marco", "late", size=1900, parts=True),
    Debtor("Pastificio Tondelli S.r.l.", "Strada dei Mercati 5", "Parma",
           "food", "sara", "yesterday", ladder=(-9,), parts=True),
    # slow
    Debtor("Consorzio Irriguo Bassa Reggiana", "Viale Po 7", "Guastalla",
           "farm", "paolo", "slow", term="60em", mail="both", parts=True),
    Debtor("Ceramiche Montefalco S.p.A.", "Via Radici in Piano 400", "Sassuolo",
           "ceramics", "luca", "slow", term="60em", size=6200, mail="both", parts=True),
    Debtor("Scavi Lusetti S.n.c.", "Via Bagnoli 19", "Castelnovo ne' Monti",
           "building", "marco", "slow", mail="none", opening=-1260),
    Debtor("Logistica Po Servizi S.c.a.r.l.", "Via Caorsana 127", "Piacenza",
           "transport", "renzo", "slow", size=2600, mail="both"),
    Debtor("Vetreria Fontana S.n.c.", "Via Selice 102", "Imola",
           "building", "marco", "slow"),
    # in pieces
    Debtor("Smalti e Colori Zanni S.r.l.", "Via Ghiarola Nuova 22", "Fiorano Modenese",
           "ceramics", "luca", "part", size=2300),
    Debtor("Contoterzisti Riuniti Soc. Coop.", "Via Argine 14", "Boretto",
           "farm", "paolo", "part", size=1900, ladder=(-20,), parts=True),
    Debtor("Cooperativa Braccianti Argine S.c.", "Via Bologna 534", "Ferrara",
           "farm", "paolo", "part", term="60em", opening=-2150),
    # stopped paying
    Debtor("Gres Secchia S.r.l.", "Via Statale 467 n. 118", "Casalgrande",
           "ceramics", "luca", "stop70", every=34, term="30/60/90", size=4100, mail="both",
           parts=True),
    Debtor("Edil Crostolo S.r.l.", "Via Emilia Ospizio 91", "Reggio Emilia",
           "building", "marco", "stop120", size=2900, opening=4180, parts=True),
    Debtor("Impresa Edile Bedogni Geom. Aldo", "Via della Chiusa 3", "Rubiera",
           "building", "marco", "stop40", every=28, mail="none"),
    Debtor("Autotrasporti Gualdi S.r.l.", "Via Statale Nord 33", "Mirandola",
           "transport", "renzo", "stop70", every=34, opening=2340),
    Debtor("Idraulica Bertani di Bertani Luca", "Via Pellegrini 8", "Scandiano",
           "building", "marco", "stop40", every=28, size=540, mail="bounce"),
    Debtor("Marmi Apuani Tonelli S.r.l.", "Viale Zaccagna 6", "Carrara",
           "building", "", "stop120", size=2400, mail="invoice"),
    # one invoice open, exactly on a step of the ladder
    Debtor("Azienda Agricola Corte Lunga S.s.", "Strada Provinciale Nord 41", "Novellara",
           "farm", "paolo", "punctual", ladder=(5,)),
    Debtor("Vivai Bassi di Bassi Ornella", "Via Beviera 16", "Bagnolo in Piano",
           "farm", "paolo", "punctual", size=620, ladder=(0,)),
    Debtor("Molino Prandi S.n.c.", "Via per Carpi 60", "Correggio",
           "food", "sara", "punctual", ladder=(-3,)),
    Debtor("Officina Rabitti di Rabitti Ivo", "Via Guastalla 144", "Carpi",
           "metal", "luca", "punctual", ladder=(-10,), mail="none"),
    Debtor("Termoidraulica Iori S.n.c.", "Via Rivasi 40", "Cavriago",
           "building", "marco", "punctual", size=710, ladder=(-20,)),
    Debtor("Serramenti Casali S.r.l.", "Via Giardini Sud 88", "Formigine",
           "building", "marco", "punctual", term="30/60/90", ladder=(-30,)),
    Debtor("Frantoio Ricci S.r.l.", "Via Masironi 4", "Brisighella",
           "food", "sara", "punctual", ladder=(-31,), mail="invoice"),
    Debtor("Zootecnica Padana Nord S.r.l.", "Via Mantova 92", "Cremona",
           "farm", "paolo", "punctual", ladder=(-35,), parts=True),
    Debtor("Carpenteria Bonini & Figli S.n.c.", "Strada Villa Inferiore 9", "Suzzara",
           "metal", "marco", "punctual", ladder=(-40,), mail="both"),
    Debtor("Frigor Adriatica S.r.l.", "Via Assano 85", "Cesena",
           "food", "renzo", "punctual", ladder=(-45,)),
    # complications
    Debtor("Meccanica Savena S.r.l.", "Via dell'Industria 18", "Bologna",
           "metal", "luca", "punctual", ladder=(-50,), credit="open", parts=True),
    Debtor("Legnami Appennino S.r.l.", "Via Giardini 190", "Pavullo nel Frignano",
           "building", "marco", "punctual", ladder=(-33,), credit="applied"),
    Debtor("Allevamenti San Prospero S.s.", "Via Canaletto 63", "San Prospero",
           "farm", "paolo", "punctual", ladder=(-31, -12), on_account="cover"),
    Debtor("Tecnoguarnizioni Mella S.r.l.", "Via Orzinuovi 58", "Brescia",
           "metal", "luca", "punctual", on_account="over"),
)

PRIVATE = (
    _person("Gino Bertolini", "Via Mazzini 14", "Novellara", ladder=(-210,)),
    _person("Maria Grazia Fontanesi", "Via Adua 61", "Reggio Emilia", ladder=(-10,)),
    _person("Ermes Campani", "Via Chiesa 3", "Bagnolo in Piano", ladder=(-45,), mail="none"),
    _person("Luisa Montanari", "Via Vignolese 702", "Modena", ladder=(-3,)),
    _person("Franco Guidetti", "Via Cisa 20", "Boretto", every=150),
    _person("Silvana Reverberi", "Via Roma 9", "Cavriago", every=130),
    _person("Antonio Lo Presti", "Via Fratelli Cervi 77", "Reggio Emilia", ladder=(-95,)),
    _person("Paola Cattani", "Via Garibaldi 32", "Correggio", every=210),
    _person("Ivano Zambelli", "", "Guastalla", ladder=(-64,), mail="nothing"),
    _person("Teresa Donelli", "Via Matteotti 18", "Gualtieri", every=180),
    _person("Giordano Pelliciari", "Via Nonantolana 255", "Modena", ladder=(-40,)),
    _person("Rosanna Cocchi", "Via Emilia Ovest 101", "Rubiera", every=160, mail="none"),
    _person("Davide Simonazzi", "Via Spallanzani 7", "Scandiano", ladder=(0,)),
    _person("Nicoletta Fabbri", "Via Saffi 44", "Bologna", every=240),
    _person("Walter Iotti", "Via XXV Aprile 12", "Poviglio", ladder=(-35,)),
    _person("Loredana Barbieri", "Via Canalino 80", "Carpi", ladder=(-28,), quiet=True),
    _person("Omar Benassi", "Via Spezia 39", "Parma", every=120, habit="late"),
    _person("Carla Vezzani", "Via Dante 5", "Montecchio Emilia", every=170),
    _person("Mirco Sassi", "Via Matilde 23", "Canossa", term="30", ladder=(5,)),
    _person("Elisa Gandolfi", "Via Turati 66", "Felino", every=200, habit="slow"),
    _person("Bruno Manzini", "Via Fossa 2", "San Prospero", ladder=(-130,), mail="bounce"),
)

FOREIGN = (
    _abroad("Harrow & Stone Agricultural Ltd", "Sleaford Road 210", "Lincoln", vat="GB987001119"),
    _abroad("Peak Valve Services Ltd", "Neepsend Lane 48", "Sheffield", "late", vat="GB987002214"),
    _abroad("Wessex Farm Machinery Ltd", "Poundbury Road 12", "Dorchester", "slow",
            vat="GB987003309", mail="both"),
    _abroad("Thistle Hydraulics Ltd", "Dunkeld Road 155", "Perth", vat="GB987004404",
            ladder=(-31,)),
    _abroad("Shannon Dairy Equipment Ltd", "Dock Road 77", "Limerick", "late", vat="IE9876501O",
            mail="both"),
    _abroad("Boyne Tractor Parts Ltd", "Donore Road 9", "Drogheda", "part", vat="IE9876502Q"),
    _abroad("Kerry Ridge Farms DAC", "Rock Street 41", "Tralee", "stop70", vat="IE9876503S",
            every=36),
    _abroad("Hofmann Landtechnik GmbH", "Siemensstrasse 16", "Landshut", vat="DE987650010",
            term="60em", size=5100),
    _abroad("Nordsee Pumpen GmbH", "Hafenstrasse 3", "Husum", "late", vat="DE987650028"),
    _abroad("Schwarzwald Mechanik GmbH", "Basler Strasse 115", "Freiburg im Breisgau",
            vat="DE987650036", ladder=(-20,)),
    _dollar("Prairie Fluid Power Inc.", "1420 Locust Street", "Des Moines", "late", mail="both"),
    _dollar("Great Lakes Hydraulics LLC", "310 Summit Street", "Toledo", "stop70", every=36,
            size=4600),
    _dollar("Cedar Valley Implements Inc.", "88 Sycamore Street", "Waterloo", ladder=(-10,)),
    _dollar("Blue Ridge Machine Works LLC", "605 Salem Avenue", "Roanoke", "slow"),
    _dollar("Sacramento Orchard Supply Inc.", "2201 R Street", "Sacramento", ladder=(-40,)),
    _dollar("Hudson Seal & Gasket Corp.", "79 Broadway", "Albany", "part", on_account="cover"),
)

DEBTORS = FIRMS + PRIVATE + FOREIGN
