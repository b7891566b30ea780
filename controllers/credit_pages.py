from odoo.exceptions import UserError
from odoo.http import content_disposition, request

from .credit_answers import ANSWERS, chosen_items, typed_plan, typed_text

HEADERS = {
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Frame-Options": "DENY",
}
MAX_REQUEST = 32 * 1024 * 1024  # above it the server hangs up; up to it the page says what is wrong
THANKS = {*ANSWERS, "sign", "renew"}


def sealed(response):
    """Nobody keeps, indexes or passes on what is said here."""
    response.headers.update(HEADERS)
    return response


class DebtorPages:
    """What the two doors to a debtor's page share: the link in a message, and the portal. A door
    finds the case and knows the address (``base``) under which the page lives."""

    def _enter(self, case):
        """From here on in the debtor's language, whoever looks."""
        installed = {code for code, _name in request.env["res.lang"].get_installed()}
        wanted = (case.partner_id.lang, case.company_id.partner_id.lang, "en_US")
        lang = next(code for code in (*wanted, *sorted(installed)) if code in installed)
        request.update_context(lang=lang)
        request.lang = request.env["res.lang"]._get_data(code=lang)
        return case.with_env(request.env(su=True))

    def _render(self, template, case=None, base="", status=200, **values):
        # each answer is an address of its own: none of them is the portal's start page
        values |= {
            "base": base, "html_lang": request.env.lang.replace("_", "-"),
            "in_portal": base.startswith("/my"), "page_name": "credit", "credit_case": case,
        }
        if case:
            values = case._get_page_values() | values
        response = request.render(f"account_credit_care.{template}", values, status=status)
        response.flatten()
        return sealed(response)

    def _refuse(self):
        """The same for whatever is wrong, and nothing about anybody."""
        return self._render("page_wrong", status=404)

    # ------------------------------------------------------------------ pages

    def _show(self, case, base):
        case = self._enter(case)
        return self._render("page_closed" if case.state == "closed" else "page", case, base)

    def _ask(self, case, base, kind):
        if kind not in ANSWERS:
            return self._refuse()
        case = self._enter(case)
        if case.state == "closed":
            return self._to(base)
        return self._form(case, base, kind)

    def _form(self, case, base, kind, error="", **values):
        """What was typed stays; what is wrong with it is said on top."""
        typed = {key: text for key, text in request.params.items() if isinstance(text, str)}
        today = case.company_id._credit_today()
        return self._render(
            f"page_tell_{kind}", case, base, status=422 if error else 200, error=error, typed=typed,
            chosen=chosen_items().ids, today=today.isoformat(), kind=kind,
            reasons=case._get_page_reasons(), plannable=case._get_plannable().ids,
            currencies=case._get_page_items().currency_id, **values,
        )

    def _tell(self, case, base, kind):
        if kind not in ANSWERS:
            return self._refuse()
        case = self._enter(case)
        step = typed_text("step")
        if kind == "plan" and step == "change":
            return self._form(case, base, kind)
        try:
            if kind == "plan" and step != "send":
                plan = case._preview_plan(*typed_plan())
                return self._form(case, base, kind, preview=case._get_plan_preview(plan))
            with request.env.cr.savepoint():
                ANSWERS[kind](case)
        except UserError as error:
            return self._form(case, base, kind, error=error.args[0])
        return self._to(f"{base}/thanks/{kind}")

    def _thank(self, case, base, kind):
        if kind not in THANKS:
            return self._refuse()
        case = self._enter(case)
        return self._render("page_thanks", case, base, kind=kind, email=case._get_masked_email())

    def _to(self, url):
        return sealed(request.redirect(url, code=303))

    # ------------------------------------------------------------------ documents, signature

    def _send_invoice(self, case, move_id):
        document = self._enter(case)._get_page_invoice(move_id)
        if not document:
            return self._refuse()
        return sealed(request.make_response(document["content"], [
            ("Content-Type", "application/pdf"),
            ("Content-Disposition", content_disposition(document["filename"])),
        ]))

    def _sign(self, case, agreement_id, name, signature=False):
        """What is wrong, or nothing; and for what he is thanked."""
        agreement = case.env["credit.agreement"].sudo().browse(agreement_id)
        try:
            with request.env.cr.savepoint():
                signed = case._answer_sign(agreement, name, signature).signed_on
        except UserError as error:
            return error.args[0], ""
        return "", "sign" if signed else "renew"

    def _sign_typed(self, case, base, agreement_id):
        case = self._enter(case)
        error, kind = self._sign(case, agreement_id, typed_text("name"))
        if error:
            return self._render("page", case, base, status=422, error=error)
        return self._to(f"{base}/thanks/{kind}")

    def _sign_drawn(self, case, base, agreement_id, name, signature):
        """What core's signature form expects."""
        error, kind = self._sign(self._enter(case), agreement_id, name, signature)
        if error:
            return {"error": error}
        return {"force_refresh": True, "redirect_url": f"{base}/thanks/{kind}"}
