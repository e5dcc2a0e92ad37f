"""What makes every response safe: hosts, cookies, CSRF, content security policy, connections."""

import hmac
import re
import secrets
import time
from datetime import timedelta

from flask import Flask, Response, abort, current_app, g, request, session
from flask_security import current_user
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf
from itsdangerous.encoding import base64_decode, bytes_to_int
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.middleware.proxy_fix import ProxyFix

from config.settings import Settings
from storage.database import database
from storage.engines import NONE, TimeOuts, time_outs
from storage.outage import outage

# Well above the 2 MB of a letter: one that is too large must reach the form's own sentence, with
# everything else that was typed. `LocalStorage.stage` stops reading at 2 MB.
MAX_BODY = 24 * 1024 * 1024
# Forms in which a desk may ask for large files. A script sends these in pieces; without one they
# come as a whole, and only from somebody who is logged in.
LARGE_FORMS = ("card.act", "portal.act", "bulk.act")
LARGE_ADDRESSES = re.compile(r"/(backoffice/permohonan|layanan)/[^/]+/|/backoffice/massal/")
# Of the sheet on which forty requests are handled at once, each with its own checklist.
MOST_PARTS = {"bulk.act": 4000}
MAX_LARGE_BODY = 208 * 1024 * 1024
# Seconds that a token may be old which came with a form, to go into the page that answers it.
TOKEN_KEPT_FOR = 3600
TOKEN = "csrf_token"
MARK_BEGINS = "~"
ANOTHERS = "The form was made for another person."


csrf = CSRFProtect()


def owner_mark(public_id: str) -> str:
    """A keyed digest that stands for a person: known to their own pages, told by nobody else."""
    said = f"form|{public_id}".encode()
    return hmac.digest(current_app.secret_key.encode(), said, "sha256").hex()[:32]


def _marked_token() -> str:
    """A token that says besides for whom its page was made.

    A form that comes after the log-in ended can so be kept for its writer alone, and one that was
    left open isn't sent in the name of who logged in afterwards.
    """
    token = generate_csrf()
    if not current_user.is_authenticated:
        return token
    if "form_mark" not in g:
        g.form_mark = owner_mark(current_user.public_id)
    return f"{token}{MARK_BEGINS}{g.form_mark}"


def _take_mark_off() -> None:
    """Note for whom the page of a form was made; what is left is the token that is checked."""
    if request.method in ("GET", "HEAD"):
        return
    form = request.form
    token, mark, g.form_owner = form.get(TOKEN, "").partition(MARK_BEGINS)
    if mark:
        rest = [(name, value) for name, value in form.items(multi=True) if name != TOKEN]
        request.form = ImmutableMultiDict([*rest, (TOKEN, token)])
    elif header := request.headers.get("X-CSRFToken"):
        token, _, g.form_owner = header.partition(MARK_BEGINS)
        request.environ["HTTP_X_CSRFTOKEN"] = token


def _refuse_anothers_form() -> None:
    owner = g.get("form_owner")
    if not owner or not current_user.is_authenticated:
        return
    if not hmac.compare_digest(owner.encode(), owner_mark(current_user.public_id).encode()):
        raise CSRFError(ANOTHERS)


def install_security(app: Flask, settings: Settings) -> None:
    """Configure cookies and hosts, and put the headers on every response."""
    app.config.update(
        SECRET_KEY=settings.secret_key,
        TRUSTED_HOSTS=list(settings.trusted_hosts),
        MAX_CONTENT_LENGTH=MAX_BODY,
        MAX_FORM_MEMORY_SIZE=500_000,
        MAX_FORM_PARTS=200,
        SESSION_COOKIE_NAME="__Host-melasti" if settings.is_https else "melasti",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_https,
        SESSION_COOKIE_PATH="/",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        WTF_CSRF_TIME_LIMIT=12 * 3600,
        WTF_CSRF_SSL_STRICT=settings.is_https,
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)
    # Before the token is looked for, which reads the form.
    app.before_request(_let_large_forms_in)
    app.before_request(_take_mark_off)
    csrf.init_app(app)
    app.context_processor(lambda: {"csrf_token": _marked_token})
    app.jinja_env.globals["csrf_token"] = _marked_token
    app.before_request(_keep_token)
    app.before_request(_refuse_nul)
    app.before_request(_open_connection)
    app.before_request(_refuse_anothers_form)
    app.teardown_request(_close_connection)
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    app.after_request(_headers(settings))


def csp_nonce() -> str:
    """The nonce of this response; made at the first use."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return g.csp_nonce


def _keep_token() -> None:
    """Only for speed ("tracking" 1.04): the answer to a form carries the token that proved good.

    A new one is compressed and signed, as costly as the history of a request. One that is older
    than an hour is replaced, so that the next page doesn't run out of its time.
    """
    if g.get("csrf_valid") and (token := request.form.get(TOKEN)):
        signed_at = bytes_to_int(base64_decode(token.rsplit(".", 2)[1]))
        if time.time() - signed_at < TOKEN_KEPT_FOR:
            g.csrf_token = token


def _let_large_forms_in() -> None:
    if request.endpoint in LARGE_FORMS and "_user_id" in session:
        request.max_content_length = MAX_LARGE_BODY
        request.max_form_parts = MOST_PARTS.get(request.endpoint, request.max_form_parts)


def _open_connection() -> None:
    if request.endpoint != "static":
        rules = current_app.extensions["melasti"].settings.database
        # A visitor waits so long and no longer; this thread serves nobody else meanwhile.
        time_outs.set(TimeOuts(rules.statement_seconds, rules.lock_seconds))
        database.connect(reuse_if_open=True)
        outage.note_back()


def _refuse_nul() -> None:
    """No person types a NUL, and Postgres answers one with an error."""
    if "\x00" in request.path:
        abort(404)
    if any("\x00" in value for values in request.form.lists() for value in values[1]):
        abort(400)


def _close_connection(error: BaseException | None) -> None:
    time_outs.set(NONE)
    if not database.is_closed():
        database.close()


# On every answer, unless its view said otherwise.
HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
)
# Of a page whose form may be filled with where somebody is, once they press the button for it.
ASKS_WHERE = {"Permissions-Policy": "camera=(), microphone=(), geolocation=(self)"}


def _content_security_policy() -> str:
    own = f"'self' 'nonce-{g.csp_nonce}'" if "csp_nonce" in g else "'self'"
    return (
        "default-src 'self'; "
        f"script-src {own}; style-src {own}; "
        "img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


def _headers(settings: Settings):
    secure = (("Strict-Transport-Security", "max-age=31536000"),) if settings.is_https else ()

    def put(response: Response) -> Response:
        headers = response.headers
        given = {name.lower() for name, _ in headers}
        for name, value in (
            ("Content-Security-Policy", _content_security_policy()),
            *HEADERS,
            *secure,
        ):
            if name.lower() not in given:
                headers.add(name, value)
        if response.mimetype == "text/html" and (session or request.method == "POST"):
            # What one person saw must not come back from a shared computer's cache.
            headers["Cache-Control"] = "no-store"
        return response

    return put
