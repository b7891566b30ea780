"""Whatever decides a number or a date. Pure: no Odoo, no clock, no search."""
