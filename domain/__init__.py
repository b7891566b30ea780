"""Whatever decides a number or a date. Pure: standard library only, no Odoo, no clock, no search."""
