from werkzeug.wsgi import wrap_file

from odoo import http
from odoo.exceptions import AccessError
from odoo.http import content_disposition, request

from .credit_pages import sealed


class CreditDossier(http.Controller):
    """The dossier as a file: for the house by the right to read the placement, for the agency by
    its desk. Both are asked again by each request."""

    def _send(self, placement):
        _digest, file = placement._make_dossier()
        size = file.seek(0, 2)
        file.seek(0)
        response = request.make_response(
            wrap_file(request.httprequest.environ, file), [
                ("Content-Type", "application/zip"), ("Content-Length", str(size)),
                ("Content-Disposition", content_disposition(placement._get_dossier_name())),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )
        response.direct_passthrough = True
        response.call_on_close(file.close)
        return sealed(response)

    @http.route(
        "/credit/placement/<int:placement_id>/dossier.zip", type="http", auth="user",
        methods=["GET"], readonly=False,
    )
    def for_the_house(self, placement_id, **_kwargs):
        placement = request.env["credit.placement"].browse(placement_id).exists()
        if not placement:
            return request.not_found()
        placement._check_may_download()
        return self._send(placement)

    @http.route(
        "/my/agency/<int:placement_id>/dossier.zip", type="http", auth="user", methods=["GET"],
        readonly=False,
    )
    def for_the_agency(self, placement_id, **_kwargs):
        try:
            placement = request.env["credit.agency.desk"]._get_placement(placement_id)
        except AccessError:
            return request.not_found()
        placement._note_fetched()
        return self._send(placement)
