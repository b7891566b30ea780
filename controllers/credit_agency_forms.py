"""What was typed on the agency's pages, as arguments of the desk. Nothing is believed here: the
desk reads all of it again."""
from odoo.http import request

from .credit_answers import typed_amount, typed_number, typed_record, typed_text


def _amount(name="amount"):
    value = typed_amount(name)
    return None if value is None else float(value)


def _number(name):
    return max(typed_number(name), 0)


def contact(desk, placement_id):
    return desk.log_contact(
        placement_id, typed_text("outcome"),
        reason=typed_record("credit.reason", "reason").id or None, remark=typed_text("remark"),
        channel=typed_text("channel") or "phone",
        on=typed_text("on") or None, again_at=typed_text("again_at") or None,
    )


def courtesy(desk, placement_id):
    return desk.log_courtesy(
        placement_id, typed_text("outcome"), typed_text("remark"), typed_text("on") or None
    )


def promise(desk, placement_id):
    return desk.promise(
        placement_id, _amount() or 0, typed_text("currency"), typed_text("on"),
        typed_text("remark"),
    )


def _terms():
    return {
        "currency": typed_text("currency"), "count": _number("count"), "amount": _amount(),
        "first_on": typed_text("first_on"), "frequency": typed_text("frequency"),
        "remark": typed_text("remark"),
    }


def plan(desk, placement_id):
    return desk.propose(placement_id, "plan", _terms())


def settlement(desk, placement_id):
    terms = {**_terms(), "settlement": _amount("settlement") or 0, "amount": None}
    terms["count"] = terms["count"] or 1
    return desk.propose(placement_id, "settlement", terms)


def claim(desk, placement_id):
    return desk.claim(
        placement_id, _amount() or 0, typed_text("currency"), typed_text("on"),
        typed_text("method"), typed_text("remark"),
    )


def ask(desk, placement_id):
    return desk.ask(placement_id, typed_text("text"))


def give_back(desk, placement_id):
    return desk.give_back(placement_id, typed_text("reason"))


def accept(desk, placement_id):
    return desk.accept(placement_id)


def assign(desk, placement_id):
    return desk.assign(placement_id, typed_record("credit.collector", "collector").id or None)


ACTS = {
    "accept": accept, "assign": assign, "contact": contact, "courtesy": courtesy,
    "promise": promise, "plan": plan, "settlement": settlement, "claim": claim, "ask": ask,
    "give_back": give_back,
}
ENDED = "returned"  # the state in which there is nothing to see any more


def typed_filters():
    return [one for one in request.httprequest.args.getlist("filter") if isinstance(one, str)]
