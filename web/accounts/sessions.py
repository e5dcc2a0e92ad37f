"""A row per log-in: ending the row kills every copy of the cookie."""

import hashlib
import secrets
from datetime import timedelta
from functools import cache

from flask import Flask, g, request, session
from flask.sessions import SecureCookieSessionInterface
from flask_login import user_logged_in, user_logged_out
from flask_security.utils import set_request_attr
from itsdangerous import URLSafeTimedSerializer
from peewee import ModelSelect

from models import Event, LoginSession, RequestDraft, User
from storage.fast import Bound, prepared
from web.runtime import now
from web.searched_words import KEY
from web.security_events import LOG_IN, security_event

LIFETIME = timedelta(hours=12)
TOKEN = "login_token"
# Forms that a visitor may have begun side by side; their keys go with the cookie.
MOST_BEGUN = 8
# What Flask-Login and Flask-Security put into the cookie of somebody who is logged in.
LOG_IN_KEYS = ("_user_id", "_id", "_fresh", "_permanent", "fs_cc", "fs_paa", "fs_gexp")


class SignedCookies(SecureCookieSessionInterface):
    """Flask's own sessions. Only for speed ("tracking" 1.03): their signer is made once."""

    @cache  # noqa: B019 - there is one of them as long as the process lives
    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        return super().get_signing_serializer(app)


def install_sessions(app: Flask) -> None:
    """Load people through their session row. Call after Flask-Security's init_app."""
    app.session_interface = SignedCookies()
    app.login_manager.user_loader(_load_user)
    # Nobody logs in by a token in a header or an address.
    app.login_manager.request_loader(lambda request: None)
    # It would note in every cookie that the log-in isn't fresh, which nobody reads, and send the
    # cookie anew with each page. What ends a log-in here is its row.
    app.login_manager.session_protection = None
    user_logged_in.connect(_begin, app)
    user_logged_out.connect(_end, app)


def _load_user(fs_uniquifier: str) -> User | None:
    """The active person whose cookie names a living session row. One query."""
    token = session.get(TOKEN)
    if not token or not fs_uniquifier:
        return None
    logged_in = _logged_in(digest=token_digest(token), now=now(), uniquifier=str(fs_uniquifier))
    found = logged_in[0] if logged_in else None
    if found:
        # What Flask-Security's own loader notes, and its decorators read.
        set_request_attr("fs_authn_via", "session")
        set_request_attr("fs_paa", session.get("fs_paa", 0))
    return found


@prepared
def _logged_in() -> ModelSelect:
    return (
        User.select(User, LoginSession.id.alias("session_id"))
        .join(LoginSession)
        .where(
            (LoginSession.token_digest == Bound("digest"))
            & (LoginSession.expires_at > Bound("now", LoginSession.expires_at))
            & (User.fs_uniquifier == Bound("uniquifier"))
            & User.active
        )
        .objects()
        .limit(1)
    )


def _begin(app: Flask, user: User, **_: object) -> None:
    # Flask-Security logs a person in who has just signed up, which would tell a new e-mail from
    # a taken one. Without a row the cookie is worth nothing, so both see the same page.
    if request.endpoint == "security.register":
        return
    token = secrets.token_urlsafe(32)
    session[TOKEN] = token
    at = now()
    LoginSession.create(
        token_digest=token_digest(token), user=user, started_at=at, expires_at=at + LIFETIME
    )
    Event.record("logged_in", at=at, actor=user)
    security_event(LOG_IN, account=user.public_id)
    # What a visitor typed before logging in is theirs from now on, and nobody else's.
    RequestDraft.update(user=user).where(
        RequestDraft.key.in_(keys_of_browser()) & RequestDraft.user.is_null()
    ).execute()


def _end(app: Flask, user: User | None = None, **_: object) -> None:
    token = session.pop(TOKEN, None)
    # The next person at this computer starts with an empty form.
    session.pop("draft", None)
    session.pop("drafts", None)
    session.pop(KEY, None)
    if token:
        LoginSession.delete().where(LoginSession.token_digest == token_digest(token)).execute()
        if user:
            Event.record("logged_out", at=now(), actor=user)
    g.pop("_login_user", None)


def go_on_with(draft: RequestDraft) -> None:
    """Note that this browser has begun a form, and comes back to it first."""
    session["draft"] = draft.key
    if draft.user_id is None:
        others = [key for key in session.get("drafts", []) if key != draft.key]
        session["drafts"] = [*others, draft.key][-MOST_BEGUN:]


def keys_of_browser() -> list[str]:
    """Of the forms that a visitor began here, in however many tabs."""
    return list({*session.get("drafts", []), session.get("draft", "")} - {""})


def forget_log_in() -> None:
    """Take the traces of a log-in out of the cookie, so that it looks like a visitor's."""
    for key in LOG_IN_KEYS:
        session.pop(key, None)
    g.pop("_login_user", None)


def end_other_sessions(user: User) -> None:
    """Log this person out everywhere else; for a changed password."""
    mine = LoginSession.token_digest == token_digest(session.get(TOKEN, ""))
    LoginSession.delete().where((LoginSession.user == user) & ~mine).execute()


def token_digest(token: str) -> str:
    """What is kept of a secret address or log-in: whoever reads the database can't use it."""
    return hashlib.sha256(token.encode()).hexdigest()
