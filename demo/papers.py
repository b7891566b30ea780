"""Pictures and PDFs, drawn here because rendering 30 invoices by wkhtmltopdf takes a minute."""

import base64
from io import BytesIO
from math import cos, pi, sin

from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from odoo.tools.misc import format_date, formatLang

LOGOS = {"workshop": ("BELLANDI", "officine dal 1974"), "parts": ("BELLANDI", "ricambi")}
BLUE, RUST = (31, 78, 95), (192, 86, 47)
WORDS = {
    "it_IT": ("Fattura", "del", "Imponibile", "IVA", "Totale", "Scadenza"),
    "en_US": ("Invoice", "of", "Untaxed amount", "VAT", "Total", "Due on"),
}


def logo(company_key):
    """A nut and the firm's name, as base64 PNG."""
    picture = Image.new("RGBA", (520, 150), (255, 255, 255, 0))
    pen = ImageDraw.Draw(picture)
    corners = [(75 + 65 * cos(pi * k / 3), 75 + 65 * sin(pi * k / 3)) for k in range(6)]
    pen.polygon(corners, fill=BLUE)
    pen.ellipse((42, 42, 108, 108), fill=RUST)
    pen.ellipse((54, 54, 96, 96), fill=(255, 255, 255, 255))
    name, line = LOGOS[company_key]
    pen.text((160, 22), name, fill=BLUE, font=ImageFont.load_default(64))
    pen.text((164, 96), line, fill=RUST, font=ImageFont.load_default(30))
    stream = BytesIO()
    picture.save(stream, "PNG")
    return base64.b64encode(stream.getvalue())


def attach_invoices(invoices):
    """Give each invoice a PDF where core looks for its own."""
    attachments = invoices.env["ir.attachment"].create([
        {
            "name": invoice._get_invoice_report_filename(), "raw": _page(invoice),
            "mimetype": "application/pdf", "res_model": "account.move", "res_id": invoice.id,
            "res_field": "invoice_pdf_report_file",
        }
        for invoice in invoices
    ])
    for invoice, attachment in zip(invoices, attachments, strict=True):
        invoice.message_main_attachment_id = attachment
    invoices.invalidate_recordset(["invoice_pdf_report_id", "invoice_pdf_report_file"])


def _page(invoice):
    env, lang, company = invoice.env, invoice.partner_id.lang, invoice.company_id
    title, of, net, tax, total, due = WORDS.get(lang, WORDS["en_US"])

    def money(amount):
        return formatLang(env(context=env.context | {"lang": lang}), amount,
                          currency_obj=invoice.currency_id)

    def day(value):
        return format_date(env, value, lang_code=lang)

    stream = BytesIO()
    page = Canvas(stream, pagesize=A4, invariant=1)
    page.setTitle(invoice.name)
    page.setFont("Helvetica-Bold", 15)
    page.drawString(60, 780, company.name)
    page.drawString(60, 640, f"{title} {invoice.name} {of} {day(invoice.invoice_date)}")
    page.setFont("Helvetica", 10)
    page.drawString(60, 764, f"{company.street}, {company.zip} {company.city} - {company.vat}")
    buyer = invoice.commercial_partner_id
    for row, text in enumerate((buyer.name, buyer.street, f"{buyer.zip or ''} {buyer.city}")):
        page.drawString(340, 720 - 14 * row, text or "")
    rows = [
        (f"{line.quantity:g} x {line.name}".splitlines()[0], money(line.price_subtotal))
        for line in invoice.invoice_line_ids
    ]
    rows += [
        ("", ""), (net, money(invoice.amount_untaxed)), (tax, money(invoice.amount_tax)),
        (total, money(invoice.amount_total)), ("", ""),
    ]
    rows += [
        (f"{due} {day(line.date_maturity)}", money(line.amount_currency))
        for line in invoice.line_ids.filtered(lambda line: line.display_type == "payment_term")
    ]
    for row, (text, amount) in enumerate(rows):
        page.drawString(60, 600 - 16 * row, text)
        page.drawRightString(530, 600 - 16 * row, amount)
    page.save()
    return stream.getvalue()
