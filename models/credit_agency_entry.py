from odoo import fields, models
from odoo.tools import SQL


class CreditAgencyEntry(models.Model):
    """What a program of the agency has entered, by the key that the program gave it: asked for a
    second time it is answered, not done. A row is there exactly when the entry was acted on."""

    _name = "credit.agency.entry"
    _description = "Entry of an agency's program"
    _order = "id desc"
    _rec_name = "key"

    mandate_id = fields.Many2one(
        "credit.mandate", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="mandate_id.company_id", store=True, index=True)
    user_id = fields.Many2one("res.users", required=True, ondelete="cascade", readonly=True)
    placement_id = fields.Many2one("credit.placement", ondelete="cascade", readonly=True)
    key = fields.Char(required=True, readonly=True)
    kind = fields.Char(required=True, readonly=True)
    digest = fields.Char(required=True, readonly=True, help="Of what was entered under the key.")
    result = fields.Json(readonly=True)

    _once = models.Constraint(
        "UNIQUE (mandate_id, user_id, key)", "This key was used for another entry."
    )

    def _claim_key(self, placement, key, kind, digest):
        """Nobody else acts under this key from here on. Who comes at the same moment waits for our
        commit, and then starts over with our answer before his eyes (PostgreSQL refuses him as
        not serializable, and Odoo repeats his request)."""
        self.env.flush_all()
        rows = self.env.execute_query(SQL(
            """INSERT INTO credit_agency_entry
                      (mandate_id, company_id, user_id, placement_id, key, kind, digest,
                       create_uid, create_date, write_uid, write_date)
               VALUES (%(mandate)s, %(company)s, %(user)s, %(placement)s, %(key)s, %(kind)s,
                       %(digest)s, %(user)s, now() AT TIME ZONE 'utc', %(user)s,
                       now() AT TIME ZONE 'utc')
               ON CONFLICT (mandate_id, user_id, key) DO NOTHING
               RETURNING id""",
            mandate=placement.mandate_id.id, company=placement.company_id.id,
            placement=placement.id, user=self.env.uid, key=key, kind=kind, digest=digest,
        ))
        return self.sudo().browse([row[0] for row in rows])
