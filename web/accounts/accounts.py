"""Flask-Security-Too as this office uses it: generic answers, links by message, limits first."""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import wraps

from flask import Flask, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import (
    ForgotPasswordForm,
    Form,
    LoginForm,
    PeeweeUserDatastore,
    RegisterFormV2,
    Security,
    SendConfirmationForm,
    signals,
    uia_email_mapper,
)
from flask_security.mail_util import MailUtil
from peewee import IntegrityError

from administration.addresses import (
    ask_for_proof,
    claims_of,
    send_reset,
    tell_of_account,
)
from config.settings import CONTENT, Settings
from models import Event, Role, RoleHolding, User
from rules.email_addresses import email_key
from rules.labels import BAD_EMAIL, REQUIRED
from storage.database import database, new_public_id
from web.accounts.account_links import SIGNED_UP, prove_address, reset_password
from web.accounts.form_limits import install_form_limits, is_dropped
from web.accounts.known_devices import install_known_devices
from web.accounts.sessions import end_other_sessions, forget_log_in, install_sessions
from web.runtime import now
from web.security_events import LOG_IN_REFUSED, install_security_events, security_event

# These answer alike for known and unknown accounts, also in the time they take.
EVEN_VIEWS = ("security.forgot_password", "security.send_confirmation", "security.register")
ATOMIC_VIEWS = (
    "security.register",
    "security.reset_password",
    "security.change_password",
)

SIGN_UP_SENT = "Terima kasih. Buka tautan yang kami kirim, lalu tekan tombolnya."
CLOSED = (
    "Akun tidak aktif. Permohonan yang sedang berjalan tetap dilayani; hubungi Pusat Bantuan untuk "
    "mengaktifkan akun kembali."
)
JOINED = (
    "Akun ini sudah digabung ke akun Anda yang lain{}. Masuklah dengan akun itu; semua permohonan "
    "ada di sana."
)


def _why_closed(user: User) -> str:
    """What the owner of a closed account may do. Only for who gave its password."""
    if user.in_use == user:
        return CLOSED
    name, _, domain = user.in_use.shown_email.partition("@")
    return JOINED.format(f" ({name[0]}***@{domain})" if name else "")


class OfficeLoginForm(LoginForm):
    """Tells whoever knows the password of a closed account that it is closed.

    The library turns each answer of this page into the same one, so that nobody learns which
    accounts there are; who gives the right password knows already.
    """

    def validate(self, **kwargs: object) -> bool:
        valid = super().validate(**kwargs)
        if self.user_authenticated and self.user and not self.user.is_active:
            self.email.errors = []
            self.form_errors = [*self.form_errors, _why_closed(self.user)]
        if not valid:
            known = {"account": self.user.public_id} if self.user else {}
            security_event(LOG_IN_REFUSED, **known)
        return valid


def _is_address(form: Form) -> bool:
    """Whether what was typed can be an account's e-mail; else the form says so.

    The library hides what is wrong with an address, since that tells who has an account. That none
    can have such a one is no secret, and who mistyped it would wait for a link in vain.
    """
    typed = (form.email.data or "").strip()
    try:
        current_app.extensions["security"].mail_util.validate(typed)
    except ValueError:
        form.form_errors = [BAD_EMAIL if typed else REQUIRED]
        return False
    return True


class ForgotForm(ForgotPasswordForm):
    """Tells an address that is none."""

    def validate(self, **kwargs: object) -> bool:
        valid = super().validate(**kwargs)
        return _is_address(self) and valid


class ResendForm(SendConfirmationForm):
    """Also for who proved one address and not yet the other."""

    def validate(self, **kwargs: object) -> bool:
        # Past the library's own check, to which an account is verified or isn't.
        valid = super(SendConfirmationForm, self).validate(**kwargs)
        return _is_address(self) and valid and not self.user.is_proved


class OutboxMail(MailUtil):
    """Write Flask-Security's mails into the outbox, each for the address that may have it.

    Addresses are kept in lower case, so that one is found by its index however it is typed.
    """

    def normalize(self, email: str) -> str:
        return email_key(super().normalize(email_key(email)))

    def validate(self, email: str) -> str:
        return email_key(super().validate(email_key(email)))

    def send_mail(
        self,
        template: str,
        subject: str,
        recipient: str,
        sender: object,
        body: str,
        html: str | None,
        **context: object,
    ) -> None:
        if is_dropped():
            return
        user, at = context["user"], now()
        match template.rpartition("/")[2]:
            case "welcome":
                ask_for_proof(user, "akun_terdaftar", now=at)
            case "welcome_existing":
                _tell_existing(user)
            case "confirmation_instructions":
                for person in claims_of(user.email) or [user]:
                    ask_for_proof(person, "kirim_ulang_verifikasi", now=at)
            case "reset_instructions":
                send_reset(user, now=at)
            case _:
                lost = url_for("security.forgot_password")
                tell_of_account(user, "sandi_diubah", now=at, path=lost)


def _tell_existing(user: User) -> None:
    """Somebody signs up with the e-mail of this account."""
    if not user.email_confirmed_at and not user.has_account and not user.is_staff:
        # Written down at the counter: whoever proves the e-mail goes on to a password.
        ask_for_proof(user, "kirim_ulang_verifikasi", now=now(), channels=("email",))
    lost = url_for("security.forgot_password")
    tell_of_account(user, "selamat_datang_sudah_ada", now=now(), path=lost)


def _email_named(typed: str) -> str | None:
    """The e-mail by which somebody logs in, however it was copied; None for what is none."""
    return uia_email_mapper(email_key(typed))


def configure_accounts(app: Flask, settings: Settings) -> None:
    """Set Flask-Security's options; paths are Indonesian, answers never tell who has an account."""
    app.config.update(
        SECURITY_PASSWORD_SALT=settings.password_salt,
        SECURITY_PASSWORD_HASH="argon2",
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_DEPRECATED_PASSWORD_SCHEMES=[],
        SECURITY_PASSWORD_LENGTH_MIN=10,
        SECURITY_PASSWORD_CONFIRM_REQUIRED=False,
        SECURITY_PASSWORD_CHECK_BREACHED=None,
        SECURITY_PASSWORD_COMPLEXITY_CHECKER=None,
        SECURITY_REGISTERABLE=True,
        SECURITY_USE_REGISTER_V2=True,
        SECURITY_CONFIRMABLE=True,
        SECURITY_LOGIN_WITHOUT_CONFIRMATION=True,
        SECURITY_AUTO_LOGIN_AFTER_CONFIRM=False,
        SECURITY_AUTO_LOGIN_AFTER_RESET=False,
        SECURITY_RECOVERABLE=True,
        SECURITY_CHANGEABLE=True,
        SECURITY_RETURN_GENERIC_RESPONSES=True,
        SECURITY_CONFIRM_EMAIL_WITHIN="24 hours",
        SECURITY_RESET_PASSWORD_WITHIN="30 minutes",
        SECURITY_EMAIL_VALIDATOR_ARGS={"check_deliverability": False, "test_environment": True},
        SECURITY_PHONE_REGION_DEFAULT="ID",
        SECURITY_USER_IDENTITY_ATTRIBUTES=[
            {"email": {"mapper": _email_named, "case_insensitive": False}}
        ],
        SECURITY_LOGIN_URL="/masuk",
        SECURITY_LOGOUT_URL="/keluar",
        SECURITY_LOGOUT_METHODS=["POST"],
        SECURITY_REGISTER_URL="/daftar",
        SECURITY_RESET_URL="/lupa-sandi",
        SECURITY_CHANGE_URL="/ubah-sandi",
        SECURITY_CONFIRM_URL="/verifikasi",
        SECURITY_POST_LOGIN_VIEW="/setelah-masuk",
        SECURITY_POST_LOGOUT_VIEW="/",
        SECURITY_POST_REGISTER_VIEW="/daftar/terkirim",
        SECURITY_POST_CONFIRM_VIEW="/masuk",
        SECURITY_POST_RESET_VIEW="/masuk",
        SECURITY_POST_CHANGE_VIEW="/profil",
        # A page that asks for the password again; nothing here needs one.
        SECURITY_FRESHNESS=timedelta(minutes=-1),
        SECURITY_REDIRECT_BEHAVIOR=None,
        SECURITY_DEFAULT_REMEMBER_ME=False,
        SECURITY_I18N_DIRNAME=["builtin", str(CONTENT / "translations")],
        SECURITY_SEND_REGISTER_EMAIL=True,
        SECURITY_DATETIME_FACTORY=now,
        SECURITY_CSRF_IGNORE_UNAUTH_ENDPOINTS=False,
        SECURITY_MSG_CONFIRM_REGISTRATION=(SIGN_UP_SENT, "success"),
    )


def install_accounts(app: Flask, settings: Settings, register_form: type[RegisterFormV2]) -> None:
    """Register Flask-Security with our form, mail, sessions, limits and transactions."""
    configure_accounts(app, settings)
    security = Security(
        datastore=PeeweeUserDatastore(database, User, Role, RoleHolding),
        register_form=register_form,
        login_form=OfficeLoginForm,
        forgot_password_form=ForgotForm,
        send_confirmation_form=ResendForm,
        mail_util_cls=OutboxMail,
    )
    security.init_app(app)
    security.want_json(lambda request: False)
    install_sessions(app)
    install_security_events(app)
    install_known_devices(app, is_https=settings.is_https)
    install_form_limits(app)
    app.view_functions["security.confirm_email"] = prove_address
    app.view_functions["security.reset_password"] = reset_password
    for endpoint in ATOMIC_VIEWS:
        app.view_functions[endpoint] = _in_one_transaction(app.view_functions[endpoint])
    app.config.setdefault("EVEN_ANSWER_SECONDS", 0.8)
    for endpoint in EVEN_VIEWS:
        app.view_functions[endpoint] = _in_even_time(app.view_functions[endpoint])
    signals.user_registered.connect(_on_registered, app)
    signals.password_changed.connect(_on_password_changed, app)
    signals.password_reset.connect(_on_password_changed, app)


def _in_one_transaction(view: Callable) -> Callable:
    """Write the account, its history and its messages together or not at all."""

    @wraps(view)
    def wrapped(*args: object, **kwargs: object) -> ResponseReturnValue:
        # Showing a form writes nothing; SQLite's one write lock isn't taken for it.
        if request.method != "POST":
            return view(*args, **kwargs)
        try:
            with database.atomic():
                return view(*args, **kwargs)
        except IntegrityError:
            # Two sign-ups at once with one e-mail: the answer is the one that existing gets.
            return redirect(url_for("portal.registered"))

    return wrapped


def _in_even_time(view: Callable) -> Callable:
    """Answer a POST no sooner than EVEN_ANSWER_SECONDS, after every transaction is over.

    A known account costs a hash and two messages more than an unknown one, which could be
    measured from outside. A sign-up also leaves the same cookie for both.
    """

    @wraps(view)
    def wrapped(*args: object, **kwargs: object) -> ResponseReturnValue:
        if request.method != "POST":
            return view(*args, **kwargs)
        begin = time.monotonic()
        answer = view(*args, **kwargs)
        if request.endpoint == "security.register":
            forget_log_in()
            # What a new account leaves in the cookie, a taken one leaves too.
            session[SIGNED_UP] = g.pop(SIGNED_UP, None) or new_public_id()
        rest = current_app.config["EVEN_ANSWER_SECONDS"] - (time.monotonic() - begin)
        time.sleep(max(0.0, rest))
        return answer

    return wrapped


def _on_registered(app: Flask, user: User, **_: object) -> None:
    User.update(created_at=now()).where(User.id == user.id).execute()
    setattr(g, SIGNED_UP, user.public_id)
    Event.record("account_registered", at=now(), actor=user)


def _on_password_changed(app: Flask, user: User, **_: object) -> None:
    Event.record("password_changed", at=now(), actor=user)
    end_other_sessions(user)
