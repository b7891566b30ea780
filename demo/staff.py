"""Who works there. Everybody's password is the login."""

from odoo.fields import Command

from .company import ZONE

GROUPS = {  # groups of the module are given where it is installed
    "manager": ("account.group_account_manager", "sales_team.group_sale_salesman_all_leads",
                "account_credit_care.group_credit_manager"),
    "controller": ("account.group_account_invoice", "account_credit_care.group_credit_user"),
    "accountant": ("account.group_account_manager", "account.group_account_user"),
    "sales": ("sales_team.group_sale_salesman",),
    "workshop": (),
}
# login: (name, role, telephone, language, works for the second company too)
STAFF = {
    "marta": ("Marta Ferri", "manager", "+39 0522 555110", "en_US", True),
    "davide": ("Davide Serra", "controller", "+39 0522 555111", "en_US", True),
    "chiara": ("Chiara Lodi", "controller", "+39 0522 555112", "it_IT", False),
    "ivana": ("Ivana Rossetti", "accountant", "+39 0522 555120", "en_US", True),
    "fabio": ("Fabio Neri", "workshop", "+39 0522 555125", "en_US", False),
    "paolo": ("Paolo Bellandi", "sales", "+39 333 5550131", "en_US", True),
    "luca": ("Luca Morini", "sales", "+39 333 5550132", "en_US", True),
    "sara": ("Sara Incerti", "sales", "+39 333 5550133", "en_US", True),
    "elena": ("Elena Prampolini", "sales", "+39 333 5550134", "en_US", True),
    "marco": ("Marco Zanichelli", "sales", "+39 333 5550135", "en_US", True),
    "giulia": ("Giulia Artioli", "sales", "+39 333 5550136", "en_US", False),
    "renzo": ("Renzo Malagoli", "sales", "+39 333 5550137", "it_IT", False),
}
LEFT = "renzo"
# leader: (team, members)
TEAMS = {
    "paolo": ("Emilia", ("paolo", "luca", "sara")),
    "elena": ("Export and Consumers", ("elena", "marco", "giulia")),
}


def hire(house):
    """Fill in users by login, and make the sales teams."""
    env, workshop = house.env, house.companies["workshop"]
    both = Command.set([company.id for company in house.companies.values()])
    users = env["res.users"].create([
        {
            "name": name, "login": login, "password": login, "lang": lang, "tz": ZONE,
            "email": f"{login}@bellandi.example", "phone": phone,
            "company_id": workshop.id,
            "company_ids": [both if parts else Command.set(workshop.ids)],
            "group_ids": [Command.set(_groups(env, role))],
        }
        for login, (name, role, phone, lang, parts) in STAFF.items()
    ])
    house.staff = dict(zip(STAFF, users, strict=True))
    env["crm.team"].search([]).active = False   # Odoo's own, led by the administrator
    for sequence, (leader, (name, members)) in enumerate(TEAMS.items()):
        env["crm.team"].create({
            "name": name, "sequence": sequence, "company_id": False,
            "user_id": house.staff[leader].id,
            "member_ids": [Command.set([house.staff[login].id for login in members])],
        })


def grant(env):
    """The module's rights, where it was installed after the books were written."""
    users = env['res.users'].search([('login', 'in', list(STAFF))])
    for user in users:
        groups = _groups(env, STAFF[user.login][1])
        user.group_ids = [Command.link(group) for group in groups]


def retire(house):
    """Archive the one who left, once his invoices are issued."""
    house.staff[LEFT].active = False


def _groups(env, role):
    names = ("base.group_user", *GROUPS[role])
    return [group.id for name in names if (group := env.ref(name, raise_if_not_found=False))]
