"""The two companies: address, chart of accounts, bank, rates, terms, products."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from odoo import fields
from odoo.fields import Command

from . import papers, story

ZONE = "Europe/Rome"
WORKSHOP, PARTS = "Officine Bellandi S.r.l.", "Bellandi Ricambi S.r.l."
ADDRESS = {"zip": "42124", "city": "Reggio Emilia", "lang": "it_IT", "tz": ZONE, "is_company": True}
COMPANIES = {
    "workshop": ADDRESS | {
        "name": WORKSHOP, "street": "Via dell'Aeronautica 27", "vat": "IT98000010359",
        "phone": "+39 0522 555100", "email": "amministrazione@bellandi.example",
        "website": "https://bellandi.example",
    },
    "parts": ADDRESS | {
        "name": PARTS, "street": "Via dell'Aeronautica 29", "vat": "IT98000020358",
        "phone": "+39 0522 555180", "email": "ricambi@bellandi.example",
        "website": "https://ricambi.bellandi.example",
    },
}
IBAN = {
    "workshop": "IT88 A035 9912 8000 0000 0102 938",
    "parts": "IT62 A035 9912 8000 0000 0564 738",
    "dollars": "IT69 A035 9912 8000 0000 0847 561",
}
# key: (xml id of core's term or None, English, Italian, [(percent, type, days)])
TERMS = {
    "now": ("account.account_payment_term_immediate", "", "Pagamento immediato", ()),
    "30": ("account.account_payment_term_30days", "", "30 giorni", ()),
    "60em": (None, "60 Days End of Month", "60 giorni fine mese",
             ((100, "days_end_of_month_on_the", 60),)),
    "30/60/90": (None, "30/60/90 Days", "30/60/90 giorni",
                 ((33.33, "days_after", 30), (33.33, "days_after", 60), (33.34, "days_after", 90))),
}
SECTORS = {
    "farm": ("Farming", "Agricoltura"), "food": ("Food", "Alimentare"),
    "ceramics": ("Ceramics", "Ceramica"), "building": ("Building", "Edilizia"),
    "metal": ("Engineering", "Meccanica"), "transport": ("Transport", "Trasporti"),
    "private": ("Consumers", "Privati"), "export": ("Export", "Estero"),
}
PRODUCTS = {
    "turning": ("Precision turning, hour", "Tornitura di precisione, ora", "service"),
    "pump": ("Hydraulic pump overhaul", "Revisione pompa idraulica", "service"),
    "cylinder": ("Hydraulic cylinder to drawing", "Cilindro idraulico su disegno", "consu"),
    "maintenance": ("Machine maintenance, hour", "Manutenzione macchine, ora", "service"),
    "callout": ("Call-out and repair", "Uscita e riparazione", "service"),
    "seals": ("Seal kit", "Kit guarnizioni", "consu"),
    "tiller": ("Reconditioned power tiller", "Motocoltivatore ricondizionato", "consu"),
    "freight": ("Transport", "Trasporto", "service"),
}
DIRECT_DEBIT = ("SEPA Direct Debit", "Addebito diretto SEPA")


@dataclass
class House:
    """What the builders hand on: everything by key, login or name."""

    env: object
    today: date
    companies: dict
    terms: dict
    goods: dict
    staff: dict = field(default_factory=dict)
    partners: dict = field(default_factory=dict)


def today_there(env):
    """Today where the companies are, whoever asks."""
    return fields.Date.context_today(env.user.with_context(tz=ZONE))


def open_house(env, today):
    """Found the two companies, ready to invoice."""
    italian = env["res.lang"].with_context(active_test=False).search([("code", "=", "it_IT")])
    if not italian.active:  # loading the terms of 65 modules takes 6 seconds
        env["base.language.install"].create({"lang_ids": [Command.set(italian.ids)]}).lang_install()
    companies = {
        "workshop": env.ref("base.main_company"),
        "parts": env["res.company"].create({"name": PARTS}),
    }
    for key, company in companies.items():
        _furnish(env, company, key)
    _quote_dollars(env, today)
    _sell_in_dollars(companies["workshop"])
    if not env["mail.alias.domain"].search_count([], limit=1):
        env["mail.alias.domain"].create({"name": "bellandi.example"})
    env.ref("base.user_admin").write({
        "company_ids": [Command.link(company.id) for company in companies.values()],
        "email": "admin@bellandi.example", "tz": ZONE,
    })
    env = env(context=env.context | {
        "allowed_company_ids": [company.id for company in companies.values()],
    })
    companies = {key: company.with_env(env) for key, company in companies.items()}
    return House(env, today, companies, _terms(env), _products(env, companies))


def sectors(env):
    """Tags of the debtors by key."""
    tags = env["res.partner.category"].create([{"name": name} for name, _it in SECTORS.values()])
    for tag, (_name, italian) in zip(tags, SECTORS.values(), strict=True):
        tag.with_context(lang="it_IT").name = italian
    return dict(zip(SECTORS, tags, strict=True))


def bank(company, currency=None):
    """The bank journal on which this currency comes in."""
    foreign = currency and currency != company.currency_id and currency
    return company.env["account.journal"].search([
        ("company_id", "=", company.id), ("type", "=", "bank"),
        ("currency_id", "=", foreign.id if foreign else False),
    ], limit=1)


def direct_debit(company):
    """The payment method line of direct debits."""
    return bank(company).inbound_payment_method_line_ids.filtered(
        lambda line: line.with_context(lang="en_US").name == DIRECT_DEBIT[0]
    )


def _furnish(env, company, key):
    # The country goes in through the partner: written on the company it would have core install
    # every localization module of Europe.
    italy = env.ref("base.it")
    province = italy.state_ids.filtered(lambda state: state.code == "RE")
    company.partner_id.write(COMPANIES[key] | {
        "country_id": italy.id, "state_id": province.id, "image_1920": papers.logo(key),
    })
    company.name = COMPANIES[key]["name"]
    if company.chart_template != "it":
        env["account.chart.template"].try_loading("it", company=company, install_demo=False)
    company.resource_calendar_id.tz = ZONE
    if "iap_enrich_auto_done" in company:
        company.iap_enrich_auto_done = True     # nobody to ask about an invented company
    company.write({
        "external_report_layout_id": env.ref("web.external_layout_standard").id,
        "primary_color": "#1f4e5f", "secondary_color": "#c0562f",
    })
    method = env.ref("account.account_payment_method_manual_in")
    journal = bank(company)
    _open_account(journal, IBAN[key])
    line = env["account.payment.method.line"].create({
        "journal_id": journal.id, "payment_method_id": method.id, "name": DIRECT_DEBIT[0],
    })
    if "l10n_it_payment_method" in line:
        line.l10n_it_payment_method = "MP19"


def _terms(env):
    """Payment terms by key; core's own where it has them."""
    found = {}
    for key, (xmlid, english, italian, parts) in TERMS.items():
        found[key] = env.ref(xmlid) if xmlid else env["account.payment.term"].create({
            "name": english,
            "company_id": False,
            "line_ids": [
                Command.create({
                    "value": "percent", "value_amount": percent, "delay_type": delay_type,
                    "nb_days": days, "days_next_month": "0",
                })
                for percent, delay_type, days in parts
            ],
        })
        found[key].with_context(lang="it_IT").name = italian
    return found


def _products(env, companies):
    """What is sold, by key, with the ordinary tax of each company."""
    taxes = [company.account_sale_tax_id.id for company in companies.values()]
    goods = env["product.product"].create([
        {
            "name": name, "type": kind, "list_price": story.PRICES[key],
            "invoice_policy": "order", "taxes_id": [Command.set(taxes)],
        }
        for key, (name, _italian, kind) in PRODUCTS.items()
    ])
    for product, (_name, italian, _kind) in zip(goods, PRODUCTS.values(), strict=True):
        product.with_context(lang="it_IT").name = italian
    return dict(zip(PRODUCTS, goods, strict=True))


def _open_account(journal, iban):
    name, env = "Banca Popolare dell'Enza", journal.env
    bank = (
        env["res.bank"].search([("name", "=", name)], limit=1)
        or env["res.bank"].create({"name": name, "bic": "BPEZIT22XXX"})
    )
    journal.set_bank_account(iban, bank.id)
    journal.bank_account_id.allow_out_payment = True


def _quote_dollars(env, today):
    """A rate a week from before the first invoice, for both companies."""
    dollar, rng = env.ref("base.USD"), Random(story.SEED)
    dollar.active = True
    rate, rates = 1.09, []
    for age in range(story.PERIOD + 60, -1, -7):
        rate = min(1.18, max(1.03, rate + rng.uniform(-0.012, 0.012)))
        rates.append({
            "currency_id": dollar.id, "company_id": False, "rate": round(rate, 4),
            "name": today - timedelta(days=age),
        })
    env["res.currency.rate"].create(rates)


def _sell_in_dollars(company):
    journal = company.env["account.journal"].with_company(company).create({
        "name": "Bank USD", "type": "bank", "code": "BNK2", "company_id": company.id,
        "currency_id": company.env.ref("base.USD").id,
    })
    _open_account(journal, IBAN["dollars"])
