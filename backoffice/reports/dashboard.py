"""How the work of a post goes: what lies where now, how long things took, where it stalls."""

from urllib.parse import urlencode

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from administration import printouts
from backoffice.base import StaffView
from outputs.dashboards.board import Board, read_board
from outputs.dashboards.figures import AGES, NO_CAUSE
from outputs.dashboards.statistics import share_words
from web.listing import text_argument
from web.requests.uploads import send_bytes
from web.runtime import me, reader, runtime


class DashboardView(StaffView):
    """Everybody sees the own posts; the chain of a request sees all of them."""

    name = "Dasbor"
    url = "/backoffice/dasbor"
    endpoint = "dashboard"
    reads = "requests"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        return self.render(
            "backoffice/reports/dashboard.html",
            board=_board(text_argument("service")),
            flows=_flows(),
            ages=AGES,
            NO_CAUSE=NO_CAUSE,
            list_url=list_url,
            share=share_words,
        )

    @expose("/unduh", methods=("POST",))
    def download(self) -> ResponseReturnValue:
        """The same dashboard as a PDF, which everybody who holds it can check."""
        # Here and not above, as in `outputs.papers.documents`.
        from outputs.dashboards.paper import write_dashboard

        board = _board(request.form.get("service", ""))
        paper = printouts.Paper(
            kind=printouts.DASHBOARD,
            about=board.about,
            # The dashboard of a month is replaced by a later one of that month, not by the next.
            series=(board.whose, board.service, board.past.months[-1]),
            capability="requests",
        )

        def write(number: str, code: str) -> bytes:
            url = f"{runtime().settings.base_url}/v/{code}"
            return write_dashboard(board, number=number, made_by=me().name, check_url=url)

        number, content = printouts.publish(paper, write, reader=reader())
        return send_bytes(content, f"{number.casefold()}.pdf", "application/pdf")


def _board(service: str) -> Board:
    return read_board(reader(), _flows(), service=service)


def _flows():
    return [offer.flow for offer in runtime().catalogue.values()]


def list_url(**arguments: str) -> str:
    """The list behind a figure: the queue with its filters."""
    kept = {"tab": "semua"} | {name: value for name, value in arguments.items() if value}
    return f"{url_for('queue.index')}?{urlencode(kept)}"
