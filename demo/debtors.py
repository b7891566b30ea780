"""Partners for the debtors of `people`, with their contacts for invoices."""

import re
import unicodedata

from .company import direct_debit, sectors
from .people import DEBTORS
from .places import PLACES

PHONES = {  # numbers set aside for fiction where the country has such
    "it": "+39 0522 5552{:02d}", "uk": "+44 1632 9602{:02d}", "ie": "+353 61 5552{:02d}",
    "de": "+49 30 231252{:02d}", "us": "+1 515-555-01{:02d}",
}
MOBILE = "+39 333 55502{:02d}"
CLERKS = {
    "it_IT": ("Paola Ferrari, ufficio contabilità", "Rag. Claudio Bigi", "Monica Testi",
              "Ufficio fornitori"),
    "en_US": ("Accounts Payable", "Heather Doyle", "Mark Osborne", "Purchase Ledger"),
}
LEGAL_FORM = re.compile(r"\b(s\.?r\.?l|s\.?p\.?a|s\.?n\.?c|s\.?s|s\.?c|s\.?c\.?a|s\.?c\.?a\.?r\.?l"
                        r"|soc\.? coop|ltd|dac|gmbh|inc|llc|corp)\b\.?$", re.I)


def register(house):
    """Create all debtors and fill them in by name."""
    env, staff, tags = house.env, house.staff, sectors(house.env)
    partners = env["res.partner"].create([
        _values(env, number, debtor) | {
            "user_id": staff[debtor.rep].id if debtor.rep else False,
            "category_id": tags[debtor.sector].ids,
        }
        for number, debtor in enumerate(DEBTORS)
    ])
    env["res.partner"].create([
        _clerk(number, debtor, partner)
        for number, (debtor, partner) in enumerate(zip(DEBTORS, partners, strict=True))
        if debtor.mail in ("both", "invoice")
    ])
    for company in house.companies.values():
        method = direct_debit(company)
        for debtor, partner in zip(DEBTORS, partners.with_company(company), strict=True):
            partner.property_payment_term_id = house.terms[debtor.term]
            if debtor.debit:
                partner.property_inbound_payment_method_line_id = method
    house.partners = dict(zip((debtor.name for debtor in DEBTORS), partners, strict=True))


def _values(env, number, debtor):
    code, province, country = PLACES[debtor.city]
    nation = env.ref(f"base.{country}")
    values = {
        "name": debtor.name, "is_company": debtor.is_company, "lang": debtor.lang,
        "street": debtor.street, "zip": code, "city": debtor.city, "country_id": nation.id,
        "state_id": nation.state_ids.filtered(lambda state: state.code == province).id,
        "email": _email(debtor), "vat": debtor.vat or False,
    }
    pattern = PHONES[country] if debtor.is_company else MOBILE
    values["phone"] = pattern.format(number)
    if debtor.mail == "nothing":
        values |= {"phone": False, "zip": False, "state_id": False}
    if debtor.is_company and country == "it":
        values["vat"] = _partita_iva(number)
        if "l10n_it_pec_email" in env["res.partner"]:
            values["l10n_it_pec_email"] = f"{_slug(debtor.name)}@pec.example"
    return values


def _clerk(number, debtor, partner):
    names = CLERKS[debtor.lang]
    mailbox = "contabilita" if debtor.lang == "it_IT" else "accounts"
    return {
        "type": "invoice", "parent_id": partner.id, "name": names[number % len(names)],
        "email": f"{mailbox}@{_slug(debtor.name)}.example", "lang": debtor.lang,
        "street": partner.street, "zip": partner.zip, "city": partner.city,
        "state_id": partner.state_id.id, "country_id": partner.country_id.id,
    }


def _email(debtor):
    if debtor.mail in ("invoice", "none", "nothing"):
        return False
    if debtor.mail == "bounce":
        return f"{_slug(debtor.name)}@bounce.example"
    if not debtor.is_company:
        return f"{_slug(debtor.name)}@posta.example"
    return f"info@{_slug(debtor.name)}.example"


def _slug(name):
    name = LEGAL_FORM.sub("", name.strip())
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")


def _partita_iva(number):
    """A number with the right check digit, in a range that is not given out."""
    digits = f"98{number + 100:05d}035"
    doubled = (int(digit) * (1 + odd % 2) for odd, digit in enumerate(digits))
    return f"IT{digits}{-sum(n // 10 + n % 10 for n in doubled) % 10}"
