"""What customers have said of how they were treated, for charts that show something true.

    voices.listen(env)   # answers to talks and settled cases of the past; again does nothing

Who was asked and what he said is drawn from his name and the day, so that the same ledger always
has the same answers. What is drawn is told apart by what happened: the house is liked a little
better than an agency, a debt that was followed for long is remembered less fondly, and each
collector has a hand of his own. Answers of the past are written down as they would stand now;
nobody is alarmed about them. From today on the rules ask by themselves.
"""

from datetime import datetime, time, timedelta
from random import Random

from odoo.addons.account_credit_care.domain import voices

SEED = "bellandi voices"
ASKED = ("contact", "closed", "plan")   # rules that are switched on
ANSWERING = {"contact": 0.4, "closed": 0.5}
OF_AGENCY = 0.9     # whom somebody else has called has more to say
REMARKS = {
    "good": ("Gentilissimi, risolto in una telefonata.", "Kind and quick.", "Tutto bene, grazie."),
    "bad": ("Ho dovuto spiegare tre volte la stessa cosa.", "Called twice on the same day.",
            "Avevo già pagato quando mi avete chiamato."),
}


def listen(env):
    """Rules of the first company on since a week, and the answers of the past."""
    company = env["res.company"].search([], order="id", limit=1)
    today = company._credit_today()
    rules = {name: env.ref(f"account_credit_care.credit_survey_rule_{name}") for name in ASKED}
    for name, rule in rules.items():
        rule.write({"company_id": company.id})
        if rule.state == "draft":
            rule.action_start()
            rule.sudo().started_on = today - timedelta(days=7)
        if name in ANSWERING:
            _answer_past(rule, _events(rule, name, company, today))


def _events(rule, name, company, today):
    """``(key, case, day, conversation)`` of what happened before the rule asked by itself."""
    if name == "closed":
        cases = rule.env["credit.case"].search([
            ("company_id", "=", company.id), ("state", "=", "closed"),
            ("defaulted_on", "!=", False), ("closed_on", "<", rule.started_on),
        ], order="id")
        return [(f"closed|{case.id}", case, case.closed_on, None) for case in cases]
    talks = rule.env["credit.action"].search([
        ("company_id", "=", company.id), ("channel", "=", "phone"), ("state", "=", "done"),
        ("outcome", "=", "reached"), ("date", "<", rule.started_on),
    ], order="id")
    return [(f"contact|{talk.id}", talk.case_id, talk.date, talk) for talk in talks]


def _answer_past(rule, events):
    known = set(rule.env["survey.user_input"].search([
        ("credit_rule_id", "=", rule.id),
    ]).mapped("credit_event_key"))
    for key, case, day, talk in events:
        draw = Random(f"{SEED}|{rule.event}|{case.partner_id.name}|{case.opened_on}|{day}")
        if key in known or not _left_in_peace(rule, case, day):
            continue
        placement = _get_placement(case, day, talk)
        if draw.random() < (OF_AGENCY if placement else ANSWERING[rule.event]):
            _write_down(rule, key, case, day, talk, placement, draw)


def _left_in_peace(rule, case, day):
    """Not asked within the cooling-off before that day, nor soon after it."""
    span = timedelta(days=rule.cooling_days)
    return not rule.env["survey.user_input"].search_count([
        ("credit_case_id.partner_id", "=", case.partner_id.id),
        ("credit_asked_on", ">", day - span), ("credit_asked_on", "<", day + span),
    ], limit=1)


def _get_placement(case, day, talk):
    """Under which the talk was, or which brought the case to its end."""
    return talk.placement_id if talk else case.placement_ids.filtered(
        lambda own: own.sent_on and own.sent_on <= day and (own.ended_on or day) >= day
    )[-1:]


def _write_down(rule, key, case, day, talk, placement, draw):
    collector = talk.collector_id if talk and talk.collector_id else placement.collector_id
    heard_on = day + timedelta(days=draw.randint(rule.delay_days, rule.delay_days + 6))
    answer = rule.env["survey.user_input"].create({
        "survey_id": rule.survey_id.id, "partner_id": case.partner_id.id,
        "email": case.partner_id.email, "credit_rule_id": rule.id, "credit_event_key": key,
        "credit_company_id": case.company_id.id, "credit_case_id": case.id,
        "credit_action_id": talk and talk.id, "credit_placement_id": placement.id,
        "credit_collector_id": collector.id, "credit_asked_on": day + timedelta(rule.delay_days),
        "credit_answered_on": heard_on, "state": "done",
        "start_datetime": datetime.combine(heard_on, time(10)),
        "end_datetime": datetime.combine(heard_on, time(10, 2)),
        "deadline": datetime.combine(day + timedelta(days=30), time(23)),
    })
    warmth = _warmth(case, placement, collector, draw)
    for question in answer.survey_id.question_ids:
        if question.credit_metric:
            lowest, highest = voices.SCALES[question.credit_metric]
            value = lowest + (highest - lowest) * (warmth + draw.gauss(0, 0.12))
            answer._save_lines(question, str(min(highest, max(lowest, round(value)))))
        elif draw.random() < 0.3:
            answer._save_lines(question, draw.choice(REMARKS["good" if warmth > 0.6 else "bad"]))
    if answer._get_bad_lines():
        answer.credit_heard_on = heard_on   # acted on long ago


def _warmth(case, placement, collector, draw):
    """0 to 1: how the customer felt about it."""
    warmth = 0.78 - (0.08 if placement else 0)
    days = ((case.closed_on or case.oldest_due_on or case.opened_on) - case.opened_on).days
    warmth -= min(max(days, 0), 120) * 0.0012
    if collector:
        warmth += Random(f"{SEED}|{collector.display_name}").uniform(-0.12, 0.1)
    return warmth + draw.gauss(0, 0.17)
