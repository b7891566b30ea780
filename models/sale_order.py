from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import format_date

OVERRIDE = {
    "credit_override", "credit_override_reason", "credit_override_amount",
    "credit_override_currency_id", "credit_override_partner_id",
}


class SaleOrder(models.Model):
    _inherit = "sale.order"

    credit_override = fields.Boolean(
        "Suspension overridden", copy=False, readonly=True, tracking=True,
        groups="base.group_user",  # customers read their orders by RPC
    )
    credit_override_reason = fields.Char(
        copy=False, readonly=True, tracking=True, groups="base.group_user"
    )
    credit_override_amount = fields.Monetary(
        "Let pass up to", copy=False, readonly=True, groups="base.group_user",
        currency_field="credit_override_currency_id",
        help="What the order came to when it was let pass: what is added later is stopped again.",
    )
    credit_override_currency_id = fields.Many2one(
        "res.currency", "Let pass in", copy=False, readonly=True, groups="base.group_user"
    )
    credit_override_partner_id = fields.Many2one(
        "res.partner", "Let pass for", copy=False, readonly=True, groups="base.group_user"
    )
    credit_care_note = fields.Char(
        compute="_compute_credit_care_note", groups="base.group_user"
    )
    credit_care_case_id = fields.Many2one(
        related="partner_id.credit_care_case_id", related_sudo=False,
        groups="account_credit_care.group_credit_user,sales_team.group_sale_salesman",
    )

    @api.depends(
        "partner_invoice_id", "partner_id", "company_id", "state", "credit_override",
        "amount_total", "currency_id",
    )
    def _compute_credit_care_note(self):
        for order in self:
            waits = order.state in ("draft", "sent") or order._credit_has_goods_here()
            stop = waits and order._credit_stop()
            order.credit_care_note = order._credit_stop_text(stop) if stop else False

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        orders._check_override_rights(any(order.credit_override for order in orders.sudo()))
        return orders

    def write(self, vals):
        self._check_override_rights(OVERRIDE & vals.keys())
        return super().write(vals)

    def _check_override_rights(self, touched):
        """The reason and the name belong to an override: it has one door."""
        if touched and not self.env.su:
            raise AccessError(self.env._(
                "A suspension is overridden with a reason, by the button of the order."
            ))

    def _confirmation_error_message(self):
        error = super()._confirmation_error_message()
        if error:
            return error
        case = self._credit_stop()
        return self._credit_stop_text(case) if case else False

    def _credit_stop(self):
        """The suspended case that stops this order, if any: a prepaid order and one that a
        manager has let pass are never stopped."""
        self.ensure_one()
        if self._credit_is_prepaid() or self._credit_may_pass() or not self.company_id:
            return self.env["credit.case"]
        return self._credit_customer().sudo()._credit_suspension(self.company_id)

    def _credit_customer(self):
        return (self.partner_invoice_id or self.partner_id).commercial_partner_id

    def _credit_may_pass(self):
        """A manager has said so, of this customer, and the order has not grown since."""
        order = self.sudo()
        return bool(
            order.credit_override
            and order.credit_override_partner_id == order._credit_customer()
            and order.credit_override_currency_id == order.currency_id
            and order.currency_id.compare_amounts(
                order.amount_total, order.credit_override_amount
            ) <= 0
        )

    def _credit_has_goods_here(self):
        """Confirmed before credit was suspended, and a delivery has not left (``stock``)."""
        if self.state != "sale" or "picking_ids" not in self._fields:
            return False
        return bool(self.env["credit.delivery.hold"]._get_waiting(self.sudo().picking_ids))

    def _credit_is_prepaid(self):
        """All of it was paid: online, or by invoices of this order."""
        order = self.sudo()
        invoices = order.invoice_ids.filtered(lambda move: move.state == "posted")
        sign = {"out_invoice": 1, "out_refund": -1}
        invoiced = sum(
            sign.get(move.move_type, 0) * (move.amount_total - move.amount_residual)
            for move in invoices if move.currency_id == order.currency_id
        )
        paid = max(order.amount_paid, invoiced)
        return order.currency_id and order.currency_id.compare_amounts(
            paid, order.amount_total
        ) >= 0

    def _credit_tell_prepayment(self):
        """Part of the order was paid online, and it waits all the same: somebody must decide."""
        text = self.env._(
            "%(amount)s of this order were paid online. It waits because credit of the customer is"
            " suspended; paid in full it passes.",
            amount=self.currency_id.format(self.amount_paid),
        )
        self.message_post(body=text, author_id=self.env.ref("base.partner_root").id)
        self.activity_schedule(
            "mail.mail_activity_data_todo", summary=self.env._("Paid in part, credit suspended"),
            note=text, user_id=(self.user_id or self._credit_stop().user_id).id,
        )

    def _credit_stop_text(self, case):
        """What a salesperson can act on; to the customer himself, civil and no more."""
        if self.env.user.share:
            return self.env._(
                "Thank you for your order. Before we can accept it, please get in touch with us."
            )
        text = self.env._(
            "Credit of %(customer)s is suspended since %(day)s: %(cause)s. It starts again by"
            " itself when that is paid. A prepaid order passes; otherwise ask %(controller)s, or a"
            " credit manager may let this order pass with a reason.",
            customer=case.partner_id.display_name,
            day=format_date(self.env, case.suspended_on),
            cause=case._get_cause_text(),
            controller=case.user_id.name or self.env._("the credit controller"),
        )
        if not self.sudo().credit_override:
            return text
        return text + " " + self.env._(
            "It was let pass for %(customer)s up to %(amount)s, and has changed since.",
            customer=self.sudo().credit_override_partner_id.display_name,
            amount=(self.sudo().credit_override_currency_id or self.currency_id).format(
                self.sudo().credit_override_amount
            ),
        )

    def action_open_credit_case(self):
        return self.partner_id.action_open_credit_case()

    def action_credit_override(self):
        return self.env["credit.ask"]._open("override", self)

    def _override_credit(self, reason):
        """A manager lets an order pass: his name and reason stay on the order and the case."""
        if not self.env.user.has_group("account_credit_care.group_credit_manager"):
            raise AccessError(self.env._("Only a credit manager may let an order pass."))
        self.check_access("write")
        for order in self.sudo():
            case = order._credit_stop()
            order.write({
                "credit_override": True, "credit_override_reason": reason,
                "credit_override_amount": order.amount_total,
                "credit_override_currency_id": order.currency_id.id,
                "credit_override_partner_id": order._credit_customer().id,
            })
            order.message_post(
                body=self.env._("Suspension of credit overridden: %(reason)s", reason=reason),
                author_id=self.env.user.partner_id.id,
            )
            if case:
                case._log_notice("override", self.env._(
                    "%(order)s let pass by %(manager)s: %(reason)s",
                    order=order.name, manager=self.env.user.name, reason=reason,
                ), self.env.user)
