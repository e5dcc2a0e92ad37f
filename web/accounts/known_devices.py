"""Browsers in which an account was logged in before, by a signed cookie that lives long.

Who knows an account's e-mail can use up its tries from anywhere. Its owner comes from a browser
that was in before, which has tries of its own.
"""

import secrets

from flask import Flask, Response, current_app, g, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from web.accounts.limits import anonymous_digest

LIFETIME_SECONDS = 180 * 24 * 3600
# So many accounts one browser keeps, the newest first: the office shares computers.
MOST_ACCOUNTS = 8
LONGEST = 600


def install_known_devices(app: Flask, *, is_https: bool) -> None:
    """Hand the cookie out with the answer to a log-in."""
    app.config["KNOWN_DEVICE_COOKIE"] = "__Host-melasti-known" if is_https else "melasti-known"
    app.after_request(_hand_out)


def remember(email: str) -> None:
    """Note that somebody has just logged in here; the answer carries it."""
    device, accounts = _read()
    account = anonymous_digest(email)
    others = [one for one in accounts if one != account]
    g.known_device = (device or secrets.token_hex(8), [account, *others][:MOST_ACCOUNTS])


def device_of(email: str) -> str:
    """The name of this browser, if the account was logged in here before; else empty."""
    device, accounts = _read()
    return device if anonymous_digest(email) in accounts else ""


def _read() -> tuple[str, list[str]]:
    cookie = request.cookies.get(current_app.config["KNOWN_DEVICE_COOKIE"], "")
    if not cookie or len(cookie) > LONGEST:
        return "", []
    try:
        device, accounts = _sealed().loads(cookie, max_age=LIFETIME_SECONDS)
    except (BadSignature, TypeError, ValueError):
        return "", []
    return device, accounts


def _hand_out(response: Response) -> Response:
    if "known_device" in g:
        response.set_cookie(
            current_app.config["KNOWN_DEVICE_COOKIE"],
            _sealed().dumps(g.known_device),
            max_age=LIFETIME_SECONDS,
            path="/",
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
        )
    return response


def _sealed() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key, salt="melasti-known-device")
