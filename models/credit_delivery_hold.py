from odoo import models
from odoo.exceptions import UserError


class CreditDeliveryHold(models.AbstractModel):
    """Outgoing deliveries wait while credit is suspended, where ``stock`` is installed.

    ``stock`` is no dependency, so its method is wrapped when the registry is ready (core's
    ``base_automation`` does the same); the wrapper is taken off and put on at each load.
    """

    _name = "credit.delivery.hold"
    _description = "Credit care: hold of deliveries"

    def _register_hook(self):
        result = super()._register_hook()
        if "stock.picking" in self.env:
            self._wrap(self.env.registry["stock.picking"])
        return result

    def _wrap(self, picking_class):
        if getattr(picking_class.button_validate, "credit_care", False):
            return
        origin = picking_class.button_validate

        def button_validate(pickings):
            pickings.env["credit.delivery.hold"]._check(pickings)
            return origin(pickings)

        button_validate.credit_care = True
        button_validate.origin = origin
        picking_class.button_validate = button_validate

    def _unregister_hook(self):
        result = super()._unregister_hook()
        if "stock.picking" in self.env:
            picking_class = self.env.registry["stock.picking"]
            wrapped = picking_class.__dict__.get("button_validate")
            if getattr(wrapped, "credit_care", False):
                del picking_class.button_validate
        return result

    def _get_waiting(self, pickings):
        """Those that would bring goods to a customer. Returns to a supplier leave as well, and
        receipts and transfers move nothing out of the house."""
        return pickings.sudo().filtered(
            lambda p: p.picking_type_code == "outgoing" and p.state not in ("done", "cancel")
            and p.location_dest_id.usage == "customer"
        )

    def _check(self, pickings):
        for picking in self._get_waiting(pickings):
            order = picking.sale_id if "sale_id" in picking._fields else self.env["sale.order"]
            case = order._credit_stop() if order else (
                picking.partner_id._credit_suspension(picking.company_id)
            )
            if case:
                raise UserError(self._get_text(picking, order, case))

    def _get_text(self, picking, order, case):
        """What somebody at the gate can act on, without rights on orders or cases."""
        values = {
            "delivery": picking.name, "customer": case.partner_id.display_name,
            "cause": case._get_cause_text(), "order": order.name,
            "controller": case.user_id.name or self.env._("the credit controller"),
        }
        if order:
            return self.env._(
                "%(delivery)s waits: credit of %(customer)s is suspended, %(cause)s. It can leave"
                " as soon as that, or order %(order)s, is paid. Otherwise ask %(controller)s, or a"
                " credit manager, who may let the order pass with a reason.", **values,
            )
        return self.env._(
            "%(delivery)s waits: credit of %(customer)s is suspended, %(cause)s. It can leave as"
            " soon as that is paid. Otherwise ask %(controller)s, or a credit manager, who may"
            " exempt the customer from suspension.", **values,
        )
