"""Letters that wait for the electronic signature of whoever is logged in."""

from collections.abc import Mapping

from flask import abort, flash, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_security import current_user
from flask_wtf import FlaskForm
from peewee import ModelSelect
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Regexp

from backoffice.base import StaffView
from models import Document, OutgoingLetter
from outputs.papers.making import power_to_sign, preview, sign_letter
from outputs.signing.registry import chosen_way
from outputs.signing.way import Credentials, SigningFailed, Way
from rules.labels import REQUIRED
from rules.text import one_line
from web.accounts.limits import is_within_limit, patience
from web.requests.uploads import show_pdf
from web.runtime import reader, runtime

MOST_SHOWN = 50
BAD_NIK = "NIK terdiri dari 16 angka."
NOBODY_PICKED = "Pilih sedikitnya satu surat."
OTHERS_WAIT = "Tidak dicoba, karena surat sebelumnya gagal."


class SignForm(FlaskForm):
    """Typed each time; the passphrase isn't kept and never comes back to the page."""

    nik = StringField(
        "NIK",
        filters=[one_line],
        validators=[
            InputRequired(REQUIRED),
            Regexp(r"[0-9]{16}\Z", message="NIK terdiri dari 16 angka."),
        ],
        render_kw={"inputmode": "numeric", "maxlength": 16},
    )
    passphrase = PasswordField("Passphrase", validators=[InputRequired(REQUIRED)])


class SignatureView(StaffView):
    """For who signs letters in person; where the office has no such way the menu lacks it."""

    name = "Tanda tangani"
    url = "/backoffice/tanda-tangan"
    endpoint = "signatures"
    category = "Surat"
    reads = "signatures"

    def is_visible(self) -> bool:
        return _way().needs_signer

    @expose("/")
    def index(self) -> ResponseReturnValue:
        return self._page(SignForm(formdata=None))

    @expose("/<public_id>/pratinjau")
    def preview(self, public_id: str) -> ResponseReturnValue:
        """The letter as it would be; nothing is kept of it."""
        letter = _waiting().where(OutgoingLetter.public_id == public_id[:26]).first()
        if letter is None or not _may_sign(letter):
            abort(404)
        content = preview(letter.document, base_url=runtime().settings.base_url)
        return show_pdf(content, letter.document.filename)

    @expose("/", methods=("POST",))
    def sign(self) -> ResponseReturnValue:
        """Sign each of the ticked letters; the first failure stops, what is signed stays so."""
        form, picked = SignForm(), request.form.getlist("surat")
        letters = [one for one in _mine() if one.public_id in picked]
        if not form.validate() or not letters:
            error = "" if letters else NOBODY_PICKED
            return self._page(form, picked=picked, error=error), 422
        if not is_within_limit("sign", current_user.public_id, times=10, seconds=900):
            flash(patience("Terlalu banyak percobaan menandatangani."), "error")
            return self._page(form, picked=picked), 429
        by = Credentials(form.nik.data, form.passphrase.data)
        outcomes = _signed(letters, by)
        if failed := [words for words in outcomes.values() if words]:
            if done := len(outcomes) - len(failed):
                flash(f"{done} surat ditandatangani; sisanya belum.", "warning")
            return self._page(form, picked=picked, outcomes=outcomes), 422
        flash(f"{len(outcomes)} surat ditandatangani dan terbit.", "success")
        return self._page(SignForm(formdata=None))

    def _page(
        self,
        form: SignForm,
        *,
        picked: list[str] | None = None,
        error: str = "",
        outcomes: Mapping[str, str] | None = None,
    ) -> str:
        return self.render(
            "backoffice/letters/signatures.html",
            form=form,
            letters=_mine(),
            is_used=_way().needs_signer,
            picked=picked or [],
            error=error,
            outcomes=outcomes or {},
        )


def _way() -> Way:
    return chosen_way(runtime().settings)


def _waiting() -> ModelSelect:
    """Letters whose paper isn't made, which is signed when it is."""
    waiting = OutgoingLetter.visible_to(reader()).where(Document.sha256 == "")
    return waiting.order_by(OutgoingLetter.issued_at, OutgoingLetter.id)


def _may_sign(letter: OutgoingLetter) -> bool:
    return _way().needs_signer and power_to_sign(letter, reader()) is not None


def _mine() -> list[OutgoingLetter]:
    if not _way().needs_signer:
        return []
    return [one for one in _waiting().limit(10 * MOST_SHOWN) if _may_sign(one)][:MOST_SHOWN]


def _signed(letters: list[OutgoingLetter], by: Credentials) -> dict[str, str]:
    """Public id -> why it wasn't signed, empty where it was. A failure stops the others: each
    wrong passphrase counts against the certificate, and a service that is down stays so."""
    outcomes: dict[str, str] = {}
    for letter in letters:
        if any(outcomes.values()):
            outcomes[letter.public_id] = OTHERS_WAIT
            continue
        try:
            sign_letter(
                letter,
                reader=reader(),
                by=by,
                way=_way(),
                storage=runtime().storage,
                base_url=runtime().settings.base_url,
            )
            outcomes[letter.public_id] = ""
        except SigningFailed as why:
            outcomes[letter.public_id] = str(why)
    return outcomes
