"""One page per kind of failure: what happened, what to do, a reference code."""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, Response, current_app, flash, g, render_template, request, url_for
from werkzeug.exceptions import HTTPException

from config import sightings
from config.logs import reference as reference_of_request
from web.access import is_official
from web.accounts.limits import is_past_limit, time_left
from workflow import Conflict, Refused

log = logging.getLogger("melasti.web")

SENTENCES = {
    400: ("Permintaan tidak dapat dibaca", "Periksa kembali isian Anda, lalu coba lagi."),
    403: (
        "Anda tidak berwenang membuka halaman ini",
        "Masuk dengan akun yang sesuai, atau hubungi kami bila menurut Anda ini keliru.",
    ),
    404: ("Halaman tidak ditemukan", "Periksa alamatnya, atau mulai lagi dari halaman utama."),
    405: ("Halaman ini tidak dapat dibuka langsung", "Kembali dan gunakan tombol pada halaman."),
    409: (
        "Keadaan permohonan sudah berubah",
        "Muat ulang halamannya untuk melihat keadaan terbaru.",
    ),
    413: (
        "Berkas terlalu besar",
        "Berkasnya lebih besar daripada yang diterima di sini. Kecilkan, lalu unggah kembali.",
    ),
    415: ("Bentuk permintaan tidak didukung", "Gunakan formulir pada halaman."),
    429: ("Terlalu banyak percobaan", "Coba lagi dalam {time}."),
    500: ("Terjadi gangguan", "Coba lagi beberapa saat lagi atau hubungi kami dengan kode ini."),
}


@contextmanager
def flashed_refusal(category: str = "") -> Iterator[None]:
    """Say on the next page why what is done within was refused, and go on behind it."""
    try:
        yield
    except Refused as refusal:
        usual = "warning" if isinstance(refusal, Conflict) else "error"
        flash(str(refusal), category or usual)


def install_error_pages(app: Flask) -> None:
    """Answer every HTTPException, Conflict and crash with a page of ours."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Conflict, lambda error: error_page(409, (str(error), _hint(409))))
    app.register_error_handler(Exception, crash)
    app.after_request(_say_when)


def error_page(
    code: int, sentences: tuple[str, str] | None = None, *, back: tuple[str, str] | None = None
) -> tuple[str, int]:
    """A page that says what happened; `back` is the address and the words of a first way on."""
    title, advice = sentences or SENTENCES.get(code, SENTENCES[400])
    reference = note_reference()
    facts = {
        "code": code,
        "title": title,
        "advice": advice.format(time=time_left()),
        "reference": reference,
        "back": back,
    }
    try:
        facts |= _shell()
        # An address that isn't ours has no page with links either.
        known = "errors/plain.html" if code == 400 and request.endpoint is None else None
        return render_template(known or "errors/error.html", **facts), code
    except Exception:
        log.exception("the error page could not be drawn")
        return render_template("errors/plain.html", **facts), code


def _shell() -> dict[str, object]:
    """The frame around the page: at their desks, staff keep their menu and a way back to it."""
    is_desk = request.path.startswith("/backoffice/") and is_official()
    if not is_desk:
        return {"shell": "portal/layout.html"}
    (admin,) = current_app.extensions["admin"]
    return {"shell": "backoffice/layout.html", "admin_view": admin.index_view,
            "queue_url": url_for("queue.index")}  # fmt: skip


def note_reference() -> str:
    """The reference of this request, which its page is to show; every line of it bears it."""
    known = reference_of_request.get()
    g.error_reference = known if known != "-" else secrets.token_hex(4).upper()
    return g.error_reference


def _hint(code: int) -> str:
    return SENTENCES[code][1]


def _http_error(error: HTTPException) -> Response | tuple:
    if error.code is None or error.code < 400:
        return error.get_response()
    # Its line is the one of the request, under the same reference.
    return error_page(error.code)


def _say_when(response: Response) -> Response:
    """Say when to try again, on a page of its own or above a form that was given back."""
    if response.status_code == 429 and is_past_limit():
        response.headers["Retry-After"] = str(g.retry_after)
    return response


def crash(error: Exception) -> tuple[str, int]:
    """The page of a mistake of ours, with all that is known of it in the log."""
    log.exception("%s of %s broke", request.method, request.endpoint)
    sightings.note(sightings.CRASHED)
    return error_page(500)
