"""What was typed on the debtor's page, as values for the answers of a case. Nothing is believed
here: the models check all of it again."""
from datetime import date

from odoo.http import request

from ..domain.typed import parse_amount
from ..models.credit_case_files import MAX_BYTES, MAX_FILES


def typed_text(name):
    """A file under the name of a text is none."""
    text = request.params.get(name)
    return text if isinstance(text, str) else ""


def typed_day(name):
    try:
        return date.fromisoformat(typed_text(name))
    except ValueError:
        return None


def typed_amount(name):
    """None where nothing was typed, 0 for what is no amount: the model refuses it."""
    text = typed_text(name).strip()
    return (parse_amount(text) or 0) if text else None


def typed_number(name):
    text = typed_text(name).strip()
    if not text:
        return 0
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else -1


def typed_record(model, name):
    return request.env[model].sudo().browse(filter(None, [_id(typed_text(name))]))


def chosen_items():
    typed = request.httprequest.form.getlist("item")
    return request.env["credit.item"].sudo().browse(filter(None, map(_id, typed)))


def sent_files():
    """One more than allowed and one byte more than allowed: enough to be refused."""
    files = [one for one in request.httprequest.files.getlist("files") if one.filename]
    return [(one.filename, one.read(MAX_BYTES + 1)) for one in files[: MAX_FILES + 1]]


def _id(text):
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def answer_paid(case):
    case._answer_paid(
        typed_day("paid_on"), typed_amount("amount"), typed_record("res.currency", "currency"),
        typed_text("remark"), sent_files(),
    )


def answer_invoice(case):
    case._answer_resend(chosen_items(), typed_text("address"))


def answer_plan(case):
    case._answer_plan(*typed_plan(), remark=typed_text("remark"))


def answer_wrong(case):
    case._answer_dispute(
        chosen_items(), typed_record("credit.reason", "reason"), typed_text("text"),
        sent_files(),
    )


def answer_call(case):
    case._answer_call(
        typed_day("on"), typed_text("at"), typed_text("phone"),
        typed_text("remark"),
    )


def typed_plan():
    return chosen_items(), typed_number("count"), typed_amount("amount"), typed_day("first_on")


ANSWERS = {
    "paid": answer_paid, "invoice": answer_invoice, "plan": answer_plan, "wrong": answer_wrong,
    "call": answer_call,
}
