"""A database or a store of files that is busy or away: a page that loses nothing typed.

It says when to try again and asks the database nothing; what was typed is in it, and its button
sends the same form once more. A request by a script gets its sentence as JSON.
"""

import logging
import re
import sqlite3

import psycopg
from flask import Flask, Response, g, make_response, render_template, request
from peewee import PeeweeException
from playhouse.pool import MaxConnectionsExceeded

from config import sightings
from config.logs import without_personal
from storage.engines import is_busy
from storage.files import StoreUnavailable
from storage.outage import is_unavailable
from web.errors import crash, note_reference
from web.kept_forms import OF_THE_PAGE
from web.security import MARK_BEGINS, TOKEN

log = logging.getLogger("melasti.web")

RETRY_AFTER_SECONDS = 5
BUSY = (
    "Server sedang sibuk",
    "Permintaan Anda belum dapat kami kerjakan karena banyak yang sedang dikerjakan bersamaan. "
    "Tunggu beberapa detik, lalu coba lagi.",
)
GONE_RETRY_SECONDS = 30
GONE = (
    "Layanan sedang tidak dapat dipakai",
    "Basis data kami sedang tidak menjawab. Administrator kami diberi tahu, dan layanan kembali "
    "dengan sendirinya. Coba lagi beberapa menit lagi.",
)
STORE_GONE = (
    "Penyimpanan berkas sedang tidak dapat dihubungi",
    "Berkas sedang tidak dapat disimpan atau dibuka. Administrator kami diberi tahu, dan layanan "
    "kembali dengan sendirinya. Coba lagi beberapa menit lagi.",
)
# Not given back: typed once more, or made for a single use.
SECRET = re.compile(r"password|sandi|^otp|^pin$|passphrase", re.IGNORECASE)
# Signed names of files that are kept already.
UNSEEN = re.compile(r"_kept$|token")
# What a choice is called in the program.
CODE = re.compile(r"[a-z_]+")


def install_database_errors(app: Flask) -> None:
    app.register_error_handler(PeeweeException, _answer)
    app.register_error_handler(MaxConnectionsExceeded, _answer)
    # What isn't asked through peewee: the queue.
    app.register_error_handler(psycopg.Error, _answer)
    app.register_error_handler(sqlite3.Error, _answer)
    app.register_error_handler(StoreUnavailable, _without_files)


def _answer(error: Exception) -> Response | tuple[str, int]:
    if is_busy(error):
        # Its words name no value of anybody's row; what follows the first line may.
        reason = without_personal(str(error) or type(error).__name__)
        sightings.note(sightings.BUSY)
        log.error("503 %s %s: %s", request.method, request.endpoint, reason)
        return unavailable(BUSY, retry_after=RETRY_AFTER_SECONDS)
    if is_unavailable(error):
        # Said once for all requests of an outage: `storage/outage.py`.
        log.error("the database is away", exc_info=error)
        return unavailable(GONE, retry_after=GONE_RETRY_SECONDS)
    return crash(error)


def _without_files(error: StoreUnavailable) -> Response:
    # Said once for all requests of an outage: `storage/outage.py`.
    log.error("the store of files is away", exc_info=error)
    return unavailable(STORE_GONE, retry_after=GONE_RETRY_SECONDS)


def unavailable(sentences: tuple[str, str], *, retry_after: int) -> Response:
    """The page of what can't be had right now."""
    reference = note_reference()
    title, advice = sentences
    if "X-CSRFToken" in request.headers or request.accept_mimetypes.best == "application/json":
        response = make_response({"error": advice, "reference": reference}, 503)
    else:
        page = render_template(
            "errors/unavailable.html",
            title=title,
            advice=advice,
            reference=reference,
            address=request.full_path.rstrip("?"),
            is_form=request.method == "POST",
            **_sent_again(),
        )
        response = make_response(page, 503)
    response.headers["Retry-After"] = str(retry_after)
    response.headers["Cache-Control"] = "no-store"
    return response


def _sent_again() -> dict[str, object]:
    """What a form said: as it is sent again, and the words of it that a person typed.

    Of a form that no page of ours sent nothing is given back.
    """
    if request.method != "POST" or not g.get("csrf_valid"):
        return {"fields": [], "words": [], "had_files": False, "had_secrets": False}
    fields = [
        (name, value)
        for name, values in request.form.lists()
        for value in values
        if name != TOKEN and not SECRET.search(name)
    ]
    owner = g.get("form_owner")
    token = request.form.get(TOKEN, "") + (f"{MARK_BEGINS}{owner}" if owner else "")
    return {
        "fields": [*fields, (TOKEN, token)],
        "words": [value for name, value in fields if _was_typed(name, value)],
        "had_files": any(file.filename for file in request.files.values()),
        "had_secrets": any(SECRET.search(name) for name in request.form),
    }


def _was_typed(name: str, value: str) -> bool:
    is_code = CODE.fullmatch(value) or OF_THE_PAGE.fullmatch(value)
    return bool(value.strip()) and not is_code and not UNSEEN.search(name)
