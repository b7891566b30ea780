"""Dossiers of an agency: what its program asks each night, with a position of every debtor placed.

The steps that ``bench/night --dossiers`` adds to those of measure.py: the list in parts of a
hundred (``pull_list``, which tells what has changed) and one dossier after the other
(``pull_dossier``).
"""

from statistics import median

from meter import Measure, count, same, vacuum
from odoo_process import at, following
from seed import MONDAY

TODAY = following(MONDAY, 1)
SAMPLE = 20  # so many dossiers are fetched, the first apart


def dossiers_place(env):
    """All open items of each debtor with one agency, accepted by its leader; copied in SQL."""
    agency = env["res.partner"].create({"name": "Agency", "is_company": True})
    admin = env.ref("base.user_admin")
    admin.group_ids |= env.ref("account_credit_care.group_credit_manager")
    mandate = env["credit.mandate"].create({
        "name": "Bench", "agency_id": agency.id, "company_id": env.company.id,
        "user_id": admin.id, "start_on": MONDAY, "pressure": "firm", "does_collection": True,
        "licence_number": "1", "licence_office": "Modena", "contract_on": MONDAY,
    })
    user = env["res.users"].create({
        "name": "Gina", "login": "gina", "group_ids": [(6, 0, env.ref("base.group_portal").ids)],
    })
    user.partner_id.parent_id = agency
    seat = env["credit.collector"].create({
        "mandate_id": mandate.id, "user_id": user.id, "is_leader": True,
    })
    with at(MONDAY):
        mandate.with_user(admin).action_activate()
    env.flush_all()
    _place(env.cr, mandate, seat)
    vacuum(env)
    return {"placements": count(env, "SELECT count(*) FROM credit_placement")}


def _place(cr, mandate, seat):
    cr.execute("""
        CREATE TEMP TABLE entrusted AS
        SELECT care.id AS case_id, care.company_id, care.partner_id,
               nextval('credit_placement_id_seq')::int AS placement_id,
               nextval('credit_handover_id_seq')::int AS handover_id
          FROM credit_case care WHERE care.state = 'collection' ORDER BY care.id""")
    cr.execute("""
        INSERT INTO credit_handover (id, case_id, company_id, partner_id, user_id, state)
        SELECT handover_id, case_id, company_id, partner_id, 2, 'submitted' FROM entrusted""")
    cr.execute("""
        INSERT INTO credit_placement (
            id, case_id, company_id, partner_id, handover_id, mandate_id, agency_id, collector_id,
            age, name, kind, state, pressure, sent_on, accepted_on, amount)
        SELECT placement_id, case_id, company_id, partner_id, handover_id, %(mandate)s, %(agency)s,
               %(seat)s, 45, 'P' || placement_id, 'collection', 'accepted', 'firm', %(day)s,
               %(day)s, (SELECT SUM(amount_opened) FROM credit_item item
                          WHERE item.case_id = entrusted.case_id AND item.closed_on IS NULL)
          FROM entrusted""", {
        "mandate": mandate.id, "agency": mandate.agency_id.id, "seat": seat.id, "day": MONDAY,
    })
    cr.execute("""
        INSERT INTO credit_placement_line (
            placement_id, company_id, item_id, due_on, amount, amount_company)
        SELECT placement_id, item.company_id, item.id, item.due_on, item.amount_opened,
               item.amount_opened
          FROM entrusted
          JOIN credit_item item ON item.case_id = entrusted.case_id AND item.closed_on IS NULL""")
    cr.execute(
        "UPDATE credit_case SET state = 'agency' WHERE id IN (SELECT case_id FROM entrusted)")


def dossiers(env):
    """The whole list in parts, then some dossiers."""
    user = env["res.users"].search([("login", "=", "gina")])
    desk = env["credit.agency.desk"].with_user(user)
    placed = count(env, "SELECT count(*) FROM credit_placement")
    with at(TODAY):
        parts, ids = _walk(desk)
        same(len(ids), placed)
        wanted = ids[:: max(1, placed // SAMPLE)][:SAMPLE]
        fetched = [_fetch(desk, one) for one in wanted]
    whole = [part for part in parts if part["size"] == parts[0]["size"]]
    env.cr.rollback()
    return {
        "placements": placed, "parts": len(parts), "size": parts[0]["size"],
        "part_queries": sorted({part["queries"] for part in whole[1:] or whole}),
        "part": _middle(whole[1:] or whole), "dossier": _middle(fetched[1:]),
        "kilobytes": median(one["bytes"] for one in fetched) / 1024,
        "peak_mb": fetched[-1]["peak_mb"],
    }


def _walk(desk):
    parts, ids, after = [], [], None
    while True:
        measure = Measure(desk.env)
        with measure.taken():
            told = desk.pull_list(after=after)
        parts.append(measure.values | {"size": len(told["placements"])})
        ids += [one["id"] for one in told["placements"]]
        after = told["next"]
        if not after:
            return parts, ids


def _fetch(desk, placement_id):
    measure = Measure(desk.env)
    with measure.taken():
        told = desk.pull_dossier(placement_id)
    return measure.values | {"bytes": told["size"]}


def _middle(rounds):
    return {key: median(one[key] for one in rounds) for key in rounds[0]}


STEPS = (dossiers_place, dossiers)
