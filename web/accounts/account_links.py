"""Where the links of messages about an account lead: a page first, and what its button does.

Programs follow links too: mail scanners, previews, prefetch. So a GET changes nothing here.
"""

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import ResetPasswordForm, current_user, verify_password
from flask_wtf import FlaskForm
from wtforms import PasswordField

from administration.account_links import AccountLink, BadLink, LateLink, path_of, read_link
from administration.addresses import CALLED, RESET, prove
from models import User
from moves.refusals import Refused
from rules.phone import display_phone
from web.accounts.invitations import choose_password
from web.accounts.limits import count_attempt
from web.runtime import now, runtime

# In the cookie of the browser in which somebody signed up: for which account.
SIGNED_UP = "signed_up"
TRIES, SECONDS = 10, 900
WRONG = "Kata sandi salah. Isi kata sandi yang dipilih saat akun ini dibuat."
BAD = (
    "Tautan ini tidak berlaku: sudah digantikan oleh yang lebih baru, atau alamat maupun kata "
    "sandi akunnya berubah sejak tautan dikirim."
)
LATE = "Masa berlaku tautan ini sudah lewat."


class ProofForm(FlaskForm):
    """One button; and the password where the browser is one that we don't know the account by."""

    password = PasswordField("Kata sandi akun")


def open_link(kind: str, token: str) -> AccountLink:
    """What a link of a message says. Raises BadLink."""
    secret_key = runtime().settings.secret_key
    return read_link(kind, token, secret_key=secret_key, now=now())


def prove_address(token: str) -> ResponseReturnValue:
    """The page behind a link that proves an address; its button proves it."""
    try:
        link = open_link("proof", token)
    except BadLink as bad:
        return _over(LATE if isinstance(bad, LateLink) else BAD)
    facts = {"link": link, "called": CALLED[link.channel], "address": _shown(link)}
    if link.person.proved_address(link.channel) == link.address:
        return render_template("security/address_proved.html", **facts)
    form = ProofForm()
    if _is_known_here(link.person):
        del form.password
    if form.validate_on_submit() and _knows_account(form, link.person):
        try:
            person = prove(link, now=now())
        except Refused as refusal:
            return _over(str(refusal), status=409)
        flash(f"Terima kasih, {facts['called']} Anda sudah terbukti.", "success")
        return redirect(_after(person, link))
    page = render_template("security/prove_address.html", form=form, **facts)
    return page, 422 if form.errors else 200


def _shown(link: AccountLink) -> str:
    return display_phone(link.address) if link.channel == "whatsapp" else link.address


def _is_known_here(person: User) -> bool:
    """Whether this browser belongs to who made the account, or nobody has made one yet.

    Without that, who gives a stranger's address could have the stranger bless the account.
    """
    if not person.has_account or session.get(SIGNED_UP) == person.public_id:
        return True
    return current_user.is_authenticated and current_user.id == person.id


def _knows_account(form: ProofForm, person: User) -> bool:
    if "password" not in form:
        return True
    count_attempt("proof", person.public_id, times=TRIES, seconds=SECONDS)
    if verify_password(form.password.data or "", person.password):
        return True
    form.password.errors = [WRONG]
    return False


def _after(person: User, link: AccountLink) -> str:
    """Where one goes on: into the account, or to a password where there is none."""
    if current_user.is_authenticated:
        return url_for("portal.after_login")
    if person.has_account:
        return url_for("security.login")
    if link.channel == "whatsapp" or person.is_staff:
        return url_for("portal.tracking")
    return path_of(
        "reset",
        person,
        channel=link.channel,
        address=link.address,
        until=now() + RESET,
        secret_key=runtime().settings.secret_key,
    )


def _over(reason: str, *, status: int = 410) -> ResponseReturnValue:
    return render_template("security/link_over.html", reason=reason), status


def reset_password(token: str) -> ResponseReturnValue:
    """The page behind a link for a new password."""
    try:
        link = open_link("reset", token)
        if link.person.proved_address(link.channel) != link.address:
            raise BadLink
    except BadLink as bad:
        flash(f"{LATE if isinstance(bad, LateLink) else BAD} Minta tautan baru di sini.", "error")
        return redirect(url_for("security.forgot_password"))
    form = ResetPasswordForm()
    form.user = link.person
    if form.validate_on_submit():
        if not choose_password(link.person, form.password.data):
            return redirect(url_for("security.forgot_password"))
        flash("Kata sandi sudah diubah. Silakan masuk.", "success")
        return redirect(url_for("security.login"))
    page = render_template(
        "security/reset_password.html", reset_password_form=form, reset_password_token=token
    )
    return page, 422 if request.method == "POST" else 200
