"""One page per kind of failure: what happened, what to do, a reference code."""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, Response, flash, g, render_template, request
from werkzeug.exceptions import HTTPException

from web.accounts.limits import is_past_limit, minutes_left
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
    429: ("Terlalu banyak percobaan", "Coba lagi dalam {minutes} menit."),
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
    app.register_error_handler(Exception, _crash)
    app.after_request(_say_when)


def error_page(
    code: int, sentences: tuple[str, str] | None = None, *, back: tuple[str, str] | None = None
) -> tuple[str, int]:
    """A page that says what happened; `back` is the address and the words of a first way on."""
    title, advice = sentences or SENTENCES.get(code, SENTENCES[400])
    reference = secrets.token_hex(4).upper()
    g.error_reference = reference
    facts = {
        "code": code,
        "title": title,
        "advice": advice.format(minutes=minutes_left()),
        "reference": reference,
        "back": back,
    }
    try:
        # An address that isn't ours has no page with links either.
        known = "errors/plain.html" if code == 400 and request.endpoint is None else None
        return render_template(known or "errors/error.html", **facts), code
    except Exception:
        # The page asks who is logged in; without a database it can't be drawn.
        log.exception("error page ref=%s", reference)
        return render_template("errors/plain.html", **facts), code


def _hint(code: int) -> str:
    return SENTENCES[code][1]


def _http_error(error: HTTPException) -> Response | tuple:
    if error.code is None or error.code < 400:
        return error.get_response()
    page, code = error_page(error.code)
    log.info("%s %s %s ref=%s", error.code, request.method, request.endpoint, g.error_reference)
    return page, code


def _say_when(response: Response) -> Response:
    """Say when to try again, on a page of its own or above a form that was given back."""
    if response.status_code == 429 and is_past_limit():
        response.headers["Retry-After"] = str(g.retry_after)
    return response


def _crash(error: Exception) -> tuple[str, int]:
    page, code = error_page(500)
    log.exception("500 %s %s ref=%s", request.method, request.endpoint, g.error_reference)
    return page, code
