from odoo import models


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _check_amount_and_confirm_order(self):
        """Money that has come in must be booked, whatever becomes of the order: part of a payment
        for an order that stands still while credit is suspended leaves it a quotation, and its
        salesperson is told. (Refusing the confirmation here would undo the whole booking.)"""
        stopped = self.filtered(
            lambda tx: len(tx.sale_order_ids) == 1
            and tx.sale_order_ids.state in ("draft", "sent")
            and tx.sale_order_ids._credit_stop()
        )
        for order in stopped.sale_order_ids:
            order._credit_tell_prepayment()
        return super(PaymentTransaction, self - stopped)._check_amount_and_confirm_order()
