"""How often the forms of accounts may be sent: by address, by the account named, by device."""

from flask import Flask, abort, current_app, g, request
from flask_login import user_logged_in

from models import User
from rules.email_addresses import email_key
from rules.phone import BadPhone, parse_phone
from web.accounts.known_devices import device_of, remember
from web.accounts.limits import count_attempt, forget_attempts, is_within_limit, visitor
from web.security_events import LIMITED, security_event

# Endpoint -> (attempts per address, attempts per named account, window in seconds).
LIMITS = {
    "security.login": (60, 100, 900),
    "security.register": (20, 5, 3600),
    "security.forgot_password": (20, 5, 3600),
    "security.send_confirmation": (20, 5, 3600),
    "security.reset_password": (20, 20, 3600),
    "security.confirm_email": (60, 60, 3600),
    "security.change_password": (20, 20, 3600),
    "portal.invitation": (20, 20, 3600),
}
# Wrong passwords for one account from one address, or from a browser that was in before; from
# anywhere it takes ten times as many.
LOG_IN_TRIES = 10
SIGN_UPS_PER_PHONE = 3
DAY = 24 * 3600
# Past the limit of an account these answer as ever and send nothing: a refusal would tell the
# owner that a stranger was here first, and a stranger that it worked.
SILENT = ("security.forgot_password", "security.send_confirmation")


def install_form_limits(app: Flask) -> None:
    app.before_request(_limit_attempts)
    user_logged_in.connect(_forget_tries, app)


def is_dropped() -> bool:
    """Whether what this form asks for isn't to be sent any more in this hour."""
    return g.get("is_dropped", False)


def _limit_attempts() -> None:
    """Count before Flask-Security hashes anything: one Argon2 costs 100 ms of CPU."""
    if request.endpoint not in LIMITS or request.method != "POST":
        return
    if request.is_json:
        abort(415)
    per_address, per_account, seconds = LIMITS[request.endpoint]
    name, account = request.endpoint.rpartition(".")[2], _account_named()
    if device := device_of(account) if account else "":
        # Neither a stranger elsewhere nor one behind the same router takes these away.
        tries = LOG_IN_TRIES if name == "login" else per_account
        _count(f"{name}:known", f"{account}|{device}", times=tries, seconds=seconds)
        return
    count_attempt(name, visitor(), times=per_address, seconds=seconds)
    if account and name == "login":
        who = f"{account}|{visitor()}"
        count_attempt("login:here", who, times=LOG_IN_TRIES, seconds=seconds)
    if account:
        _count(f"{name}:account", account, times=per_account, seconds=seconds)
    if name == "register" and (phone := _phone_named()):
        count_attempt("register:phone", phone, times=SIGN_UPS_PER_PHONE, seconds=DAY)


def _count(name: str, who: str, *, times: int, seconds: int) -> None:
    if request.endpoint not in SILENT:
        count_attempt(name, who, times=times, seconds=seconds)
    elif not is_within_limit(name, who, times=times, seconds=seconds):
        g.pop("retry_after", None)
        g.is_dropped = True
        security_event(LIMITED, limit=name, is_silent=True)


def _account_named() -> str:
    """The account a form is about, spelled as it is kept, so that no other spelling is free."""
    given = request.form.get("email", "").strip()
    try:
        return current_app.extensions["security"].mail_util.normalize(given) if given else ""
    except ValueError:
        return email_key(given)


def _phone_named() -> str:
    try:
        return parse_phone(request.form.get("phone", ""), request.form.get("phone_region", "ID"))
    except BadPhone:
        return ""


def _forget_tries(app: Flask, user: User, **_: object) -> None:
    """A right password isn't a try: the count of wrong ones begins anew."""
    if request.endpoint != "security.login":
        return
    seconds = LIMITS["security.login"][2]
    forget_attempts("login:here", f"{user.email}|{visitor()}", seconds=seconds)
    if device := device_of(user.email):
        # The tries of strangers aren't forgiven by the owner's coming.
        forget_attempts("login:known", f"{user.email}|{device}", seconds=seconds)
    else:
        forget_attempts("login:account", user.email, seconds=seconds)
    remember(user.email)
