"""Forms that can't be taken when they come: kept for whoever wrote them, and shown again filled.

The log-in ended, or the page was open for longer than its token lives. What was typed is kept for
a day under a random key, bound to the person for whom the page was made; after the log-in the page
of the form is drawn as ever, and the form on it filled. Passwords, tokens and files aren't kept.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import (
    Flask,
    Response,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_security import current_user
from flask_security.decorators import default_unauthn_handler
from flask_wtf.csrf import CSRFError, generate_csrf
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from models import KeptForm, User
from web.accounts.limits import is_within_limit, visitor
from web.errors import error_page
from web.form_filling import fill_form
from web.runtime import now
from web.security import ANOTHERS, TOKEN, owner_mark

# The argument of an address that names what was kept.
KEY = "terisi"
LIFETIME = timedelta(hours=24)
# Of a page that was open for longer than this not even the text is taken.
OLDEST_PAGE = 30 * 24 * 3600
MOST_BYTES = 128 * 1024
MOST_KEPT = 20
KEPT_PER_HOUR = 60
SECRET = re.compile(r"token|password|sandi|_kept$|^otp|^pin$", re.IGNORECASE)
# What hidden fields say and nobody types: keys, versions, moments, codes of choices, ticked boxes.
OF_THE_PAGE = re.compile(
    r"[0-9A-HJKMNP-TV-Z]{26}|[a-z2-7]{26}|\d{1,4}|on|y|[A-Za-z0-9]+(?:[_:][A-Za-z0-9]+)+|[0-9a-f]{16,}"
    r"|\d{4}-\d\d-\d\d[T ][\d:.+-]+"
)
REDIRECTS = (301, 302, 303, 307, 308)
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
# Where the page that is drawn has its notices, until it is known what became of the form.
PLACE = "<!-- kept form -->"

SESSION_LOST = (
    "Sesi formulir sudah berakhir",
    "Kembali ke halaman sebelumnya, muat ulang, lalu kirim lagi.",
)
TOO_LONG = (
    "Sesi formulir sudah berakhir",
    "Isian Anda terlalu panjang untuk kami simpan sementara. Kembali ke halaman sebelumnya, salin "
    "yang Anda tulis, muat ulang halamannya, lalu kirim lagi.",
)
OF_ANOTHER = (
    "Formulir ini dibuka dengan akun lain",
    "Sesudah halaman itu dibuka, akun lain masuk di peramban ini, jadi formulirnya tidak dikirim. "
    "Masuklah kembali dengan akun yang semula bila isiannya milik Anda.",
)
NO_COOKIES = (
    "Kuki peramban tidak diterima",
    "Formulir belum terkirim karena peramban Anda tidak mengirim kuki (cookie) situs ini. Izinkan "
    "kuki untuk situs ini di pengaturan peramban, lalu kirim lagi.",
)
LOG_IN = "Anda perlu masuk lagi untuk melanjutkan. Isian Anda masih tersimpan dan belum terkirim."
GONE = "Isian yang tadi disimpan sementara sudah tidak ada. Silakan isi kembali."


def install_kept_forms(app: Flask) -> None:
    """Keep forms that a log-in or a token stands in the way of. After Flask-Security."""
    app.register_error_handler(CSRFError, _refused_by_token)
    app.extensions["security"].unauthn_handler(_log_in_first)
    # It gave Flask-Login its own at the start.
    app.login_manager.unauthorized_handler(_log_in_first)
    app.before_request(_find)
    app.after_request(_fill)
    app.after_request(_forget)
    app.after_request(_lead_to_a_page)


# -- keeping ---------------------------------------------------------------------------------------


def written_by_another() -> bool:
    """Whether the form was made for somebody who isn't logged in any more."""
    return bool(g.get("form_owner")) and not current_user.is_authenticated


def _log_in_first(mechanisms: object = None, headers: object = None) -> ResponseReturnValue:
    """Send a visitor to the log-in page; a form's way leads from there to the page it stood on."""
    if request.method != "POST":
        return default_unauthn_handler(mechanisms, headers)
    kept = _keep(g.form_owner) if g.get("form_owner") and _comes_from_our_page() else None
    if kept:
        flash(LOG_IN, "info")
    else:
        flash("Silakan masuk dahulu untuk melanjutkan.", "info")
    return redirect(url_for("security.login", next=_page_of_form(kept)))


def _refused_by_token(error: CSRFError) -> ResponseReturnValue:
    """What becomes of a form whose token isn't good, or isn't any more."""
    if not _comes_from_our_page():
        return error_page(400, SESSION_LOST)
    if error.description == ANOTHERS:
        return error_page(400, OF_ANOTHER)
    owner = g.get("form_owner")
    if owner and not current_user.is_authenticated:
        return _log_in_first()
    if owner and owner != owner_mark(current_user.public_id):
        return error_page(400, OF_ANOTHER)
    has_cookie = current_app.config["SESSION_COOKIE_NAME"] in request.cookies
    kept = _keep(owner or _own_mark())
    page = _page_of_form(kept)
    if not has_cookie:
        return error_page(400, NO_COOKIES, back=(page, "Kembali ke formulir"))
    if kept is None:
        return error_page(400, TOO_LONG)
    return redirect(page, 303)


def _comes_from_our_page() -> bool:
    """Whether a page of ours was sent by its own button, however long ago it was drawn."""
    if request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate":
        return False
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return False
    origin = request.headers.get("Origin")
    if (origin and urlsplit(origin).netloc != request.host) or "X-CSRFToken" in request.headers:
        return False
    token = request.form.get(TOKEN, "")
    signer = URLSafeTimedSerializer(current_app.secret_key, salt="wtf-csrf-token")
    try:
        signer.loads(token, max_age=OLDEST_PAGE)
    except BadData:
        return False
    return True


def _own_mark() -> str:
    """The mark of who is logged in, or of a visitor's browser."""
    if current_user.is_authenticated:
        return owner_mark(current_user.public_id)
    generate_csrf()
    return owner_mark(session["csrf_token"])


def _keep(owner: str) -> KeptForm | None:
    """Keep what was typed; None for more than is kept."""
    fields = list(_typed())
    size = sum(len(name) + len(value.encode()) for name, value in fields)
    patient = is_within_limit("kept_form", visitor(), times=KEPT_PER_HOUR, seconds=3600)
    if size > MOST_BYTES or not patient:
        return None
    own = KeptForm.owner == owner
    newest = KeptForm.select(KeptForm.id).where(own).order_by(KeptForm.id.desc())
    older = [row.id for row in newest.offset(MOST_KEPT - 1).limit(MOST_KEPT)]
    KeptForm.delete().where(KeptForm.id.in_(older)).execute()
    return KeptForm.create(
        owner=owner,
        address=request.path[:300],
        fields=fields,
        had_files=any(file.filename for file in request.files.values()),
        kept_at=now(),
    )


def keep_for(
    user: User, address: str, fields: Sequence[tuple[str, str]], *, had_files: bool
) -> KeptForm:
    """Keep a form that was taken and is given back, for its page to show once more."""
    return KeptForm.create(
        owner=owner_mark(user.public_id),
        address=address,
        fields=list(fields),
        had_files=had_files,
        kept_at=now(),
    )


def _typed() -> Iterator[tuple[str, str]]:
    for name, values in request.form.lists():
        if name != KEY and not SECRET.search(name):
            yield from ((name, value.replace("\x00", "")) for value in values)


# -- the page that a form stands on ----------------------------------------------------------------


def _page_of_form(kept: KeptForm | None) -> str:
    """The address of the page that the form was sent from, or of the nearest above its own."""
    came_from = urlsplit(request.referrer or "")
    arguments = ""
    if came_from.netloc == request.host and opens(came_from.path):
        path, arguments = came_from.path, came_from.query
    else:
        path = nearest_page(request.path)
        if path == request.path:
            arguments = request.query_string.decode("ascii", "replace")
    pairs = [(name, value) for name, value in parse_qsl(arguments) if name != KEY]
    if kept:
        pairs.append((KEY, kept.key))
    return f"{path}?{urlencode(pairs)}" if pairs else path


def nearest_page(path: str) -> str:
    """The address itself or the first above it that can be opened."""
    parts = path.strip("/").split("/")
    for length in range(len(parts), 0, -1):
        above = "/" + "/".join(parts[:length])
        if found := next((one for one in (above, f"{above}/") if opens(one)), None):
            return found
    return "/"


def opens(path: str) -> bool:
    """Whether an address of ours answers a GET. Nothing that a browser takes for another host."""
    if not path.startswith("/") or path.startswith(("//", "/\\")):
        return False
    adapter = current_app.create_url_adapter(request)
    try:
        adapter.match(path, method="GET")
    except RequestRedirect:
        return True
    except HTTPException:
        return False
    return True


def _lead_to_a_page(response: Response) -> Response:
    """A log-in leads to a page, also where `next` names an address that only takes forms."""
    if request.endpoint == "security.login" and response.status_code == 302:
        to = urlsplit(response.headers["Location"])
        if to.netloc in ("", request.host) and not opens(to.path):
            response.headers["Location"] = nearest_page(to.path)
    return response


# -- showing again ---------------------------------------------------------------------------------


def _find() -> ResponseReturnValue | None:
    """What the address of a page names, if it is this person's own."""
    key = request.args.get(KEY, "") if request.method == "GET" else ""
    if not key or request.endpoint in (None, "static"):
        return None
    kept = KeptForm.get_or_none((KeptForm.key == key[:26]) & (KeptForm.kept_at > now() - LIFETIME))
    if kept and kept.owner == _own_mark():
        g.kept_form = kept
    elif kept and current_user.is_authenticated:
        # Somebody else wrote it, in the same browser.
        return redirect(url_for("portal.after_login"))
    elif current_user.is_authenticated:
        flash(GONE, "warning")
    return None


def _fill(response: Response) -> Response:
    """Fill the form of the page that was drawn, and say so; or show what was typed beside it."""
    kept = g.get("kept_form")
    if kept is None or response.mimetype != "text/html" or response.status_code in REDIRECTS:
        return response
    filled = fill_form(
        response.get_data(as_text=True),
        kept.address,
        kept.fields,
        at=request.path,
        key=(KEY, kept.key),
    )
    notice = render_template(
        "_kept_form.html",
        has_form=filled.has_form,
        form_id=filled.form_id,
        had_files=kept.had_files,
        left_over=[
            ("Isian", words)
            for words in filled.left_over
            if words.strip() and not OF_THE_PAGE.fullmatch(words)
        ],
    )
    response.set_data(filled.page.replace(PLACE, notice, 1))
    return response


def _forget(response: Response) -> Response:
    """Drop what was kept once it has been sent."""
    is_sent = request.method == "POST" and response.status_code < 400
    key = request.form.get(KEY) if is_sent and request.mimetype in FORMS else None
    if key:
        own = KeptForm.owner == _own_mark()
        KeptForm.delete().where((KeptForm.key == key[:26]) & own).execute()
    return response
