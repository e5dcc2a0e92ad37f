"""Walk-in: the admin files for somebody at the counter, and types in a paper survey."""

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_security import current_user
from flask_wtf import FlaskForm
from peewee import IntegrityError, ModelSelect
from wtforms import RadioField, SelectField, StringField, TelField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

import workflow
from administration.addresses import OFFICE_PROOF, ask_for_proof, is_only_claimed
from backoffice.base import StaffView
from backoffice.requests.card_content import find_request
from backoffice.requests.counter_acceptance import ACCEPT, Acceptance, acceptances
from config.office import statements
from models import NO_EMAIL, Document, Request, RequestDraft, User
from moves.catalogue import flow_of
from moves.changes import record_change
from rules.email_addresses import email_key
from rules.labels import BAD_EMAIL, PICK_ONE
from rules.phone import parse_phone
from rules.services import SURVEY
from rules.survey import CheckedAnswers, Questionnaire
from search.lookup import PEOPLE
from storage.database import database, new_public_id
from web.accounts.identity import IdentityFields, can_be_mailed
from web.accounts.limits import is_within_limit, patience
from web.errors import flashed_refusal
from web.listing import text_argument
from web.requests.filing import (
    Filled,
    blank_form,
    field_errors,
    look_through,
    read_form,
    submission_of,
)
from web.requests.survey import form_of, read_answers, store_answers
from web.requests.uploads import DISK_FULL, is_disk_full
from web.runtime import me, now, reader, runtime
from web.searched_words import find_in, searched_words
from workflow import InvalidInput, Refused, next_action

MOST_FOUND = 20
RECEIPT = "tanda_terima"


class CounterForm(IdentityFields, FlaskForm):
    """Somebody without an account: a name, and if they like a way to be reached."""

    phone = TelField("No HP", validators=[Optional()])
    gender = SelectField(
        "Jenis Kelamin", choices=(("", "Tidak diisi"), ("L", "Laki-laki"), ("P", "Perempuan"))
    )
    email = StringField(
        "Email",
        filters=[lambda text: (text or "").strip()],
        validators=[Optional(), Length(max=254)],
    )

    def __init__(self, *args: object, **kwargs: object):
        super().__init__(*args, **kwargs)
        self.fill_choices()
        self.name.label.text = "Nama"
        del self.newsletter

    def validate_email(self, field: StringField) -> None:
        text = email_key(field.data)
        if "@" not in text or " " in text:
            raise ValidationError(BAD_EMAIL)
        can_be_mailed(self, field)
        owner = User.get_or_none(User.email == text)
        if owner and not (is_only_claimed(owner) and owner.active):
            raise ValidationError(_where_found(owner))


class HowForm(FlaskForm):
    """How the request came in, and that the statement is signed on paper."""

    channel = RadioField(
        "Cara permohonan masuk",
        choices=(("loket", "Datang ke loket"), ("surat", "Surat")),
        default="loket",
        validators=[InputRequired(PICK_ONE)],
    )


class CounterView(StaffView):
    """For the admin, and whoever stands in."""

    name = "Catat Permohonan"
    url = "/backoffice/loket"
    endpoint = "counter"
    reads = "counter"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Find the customer first: most who come have been here before."""
        words = searched_words()
        found = list(_search(words)) if len(words) >= 3 else []
        return self.render(
            "backoffice/requests/counter.html", words=words, found=found, most_found=MOST_FOUND
        )

    @expose("/permohonan", methods=("GET", "POST"))
    def file(self) -> ResponseReturnValue:
        """The request form, for the customer named in the address or for a new one."""
        customer = _named_customer()
        if customer and customer.has_account and not customer.is_proved:
            flash(f"{customer.name}: {workflow.UNPROVED_AT_COUNTER}", "error")
            return redirect(url_for("counter.index"))
        if request.method == "POST":
            return self._file(customer)
        return self._form(customer, CounterForm(), HowForm(), blank_form(None, {}), new_public_id())

    def _file(self, customer: User | None):
        is_patient = is_within_limit("upload", current_user.public_id, times=60, seconds=3600)
        key = request.form.get("key", "")[:26]
        if filed := _filed_before(key):
            return redirect(url_for("card.card", public_id=filed.public_id))
        draft = _draft_of(key)
        identity, how = CounterForm(), HowForm()
        if not is_patient:
            flash(patience("Terlalu banyak unggahan dalam satu jam."), "error")
            filled = read_form(draft.files, with_files=False)
            return self._form(customer, identity, how, filled, draft.key, status=429)
        if is_disk_full():
            flash(DISK_FULL, "error")
            filled = read_form(draft.files, with_files=False)
            return self._form(customer, identity, how, filled, draft.key, status=507)
        filled, known = read_form(draft.files, with_files=True), customer or identity.validate()
        accepted = _acceptance_of(filled)
        is_right = how.validate() & bool(known) & filled.is_valid
        if is_right := is_right and not (accepted and accepted.errors):
            filled = look_through(filled, draft.files)
        draft.answers, draft.files, draft.updated_at = filled.answers, dict(filled.files), now()
        draft.save()
        if not (is_right and filled.is_valid):
            return self._form(
                customer, identity, how, filled, draft.key, status=422, tried=accepted
            )
        try:
            filed = _submit(draft, filled, customer, identity, how.channel.data, accepted)
        except InvalidInput as refusal:
            tried = accepted.refused(refusal.errors) if accepted else None
            return self._form(customer, identity, how, filled, draft.key, status=422, tried=tried)
        except Refused as refusal:
            flash(str(refusal), "error")
            return self._form(customer, identity, how, filled, draft.key, status=403)
        except IntegrityError:
            identity.email.errors = ["Email ini baru saja didaftarkan. Cari pelanggannya kembali."]
            return self._form(customer, identity, how, filled, draft.key, status=409)
        if filed.number:
            return redirect(url_for("counter.done", public_id=filed.public_id))
        flash("Permohonan sudah dicatat. Berikan tanda terima kepada pelanggan.", "success")
        return redirect(url_for("card.card", public_id=filed.public_id))

    @expose("/selesai/<public_id>")
    def done(self, public_id: str) -> ResponseReturnValue:
        """The number and the receipt, to hand over to who stands at the counter."""
        item = find_request(public_id)
        if not item.number:
            abort(404)
        receipt = Document.visible_to(reader()).where(
            (Document.request == item) & (Document.kind == RECEIPT) & Document.replaced_by.is_null()
        )
        return self.render(
            "backoffice/requests/counter_done.html",
            item=item,
            flow=flow_of(item),
            receipt=receipt.order_by(Document.id.desc()).first(),
            waiting=next_action(item),
        )

    def _form(
        self,
        customer: User | None,
        identity: FlaskForm | None,
        how: FlaskForm,
        filled: Filled,
        key: str,
        *,
        status: int = 200,
        tried: Acceptance | None = None,
    ) -> ResponseReturnValue:
        asked = (how,) if customer else (identity, how)
        wrong = [(f, error) for form in asked for f in form for error in f.errors]
        able = acceptances(filled.form.flows.values(), reader())
        if tried:
            able[tried.flow.code] = tried
        page = self.render(
            "backoffice/requests/counter_form.html",
            customer=customer,
            identity=identity,
            how=how,
            form=filled.form,
            filled=filled,
            identity_errors=[(f.id, f"{f.label.text}: {error}") for f, error in wrong],
            extra_errors=[*field_errors(filled), *(tried.problems if tried else ())],
            acceptances=list(able.values()),
            accept=ACCEPT,
            key=key,
            statement=statements()["anti_gratification"],
        )
        return page, status

    @expose("/survei/<public_id>", methods=("GET", "POST"))
    def survey(self, public_id: str) -> ResponseReturnValue:
        """A paper survey of somebody without an account, typed in by the admin."""
        item = find_request(public_id)
        choices = workflow.choices(item, reader())
        if not any(choice.code == SURVEY and choice.on_behalf for choice in choices):
            abort(404)
        questionnaire = runtime().questionnaire
        given: dict[str, str] = {}
        errors: dict[str, str] = {}
        if request.method == "POST":
            given, answers, errors = read_answers(questionnaire)
            if answers and not errors:
                return self._answer(item, answers, questionnaire)
        page = self.render(
            "backoffice/requests/counter_survey.html",
            item=item,
            flow=flow_of(item),
            **form_of(questionnaire, item.customer, given, errors),
        )
        return page, 422 if errors else 200

    def _answer(self, item: Request, answers: CheckedAnswers, questionnaire: Questionnaire):
        with flashed_refusal():
            store_answers(item, answers, questionnaire)
            flash("Survei sudah dicatat.", "success")
        return redirect(url_for("card.card", public_id=item.public_id))


def _acceptance_of(filled: Filled) -> Acceptance | None:
    """How the chosen service is accepted with it; None where that isn't asked for, or can't be."""
    if not request.form.get(ACCEPT):
        return None
    flow = filled.form.flow
    found = acceptances([flow], reader()) if flow else {}
    return found[flow.code].read(now()) if flow and flow.code in found else None


def _where_found(owner: User) -> str:
    """Where the customer is whose e-mail is typed for a new one; closed accounts aren't found."""
    if owner.is_staff:
        return "Email ini milik akun petugas."
    if owner.in_use != owner:
        return (
            f"Akun dengan email ini sudah digabung ke akun {owner.in_use.name}. Pilih pelanggan "
            "itu dari pencarian."
        )
    if not owner.active:
        return "Akun dengan email ini tidak aktif. Aktifkan dahulu di halaman Pelanggan."
    return "Email ini sudah terdaftar. Pilih pelanggan itu dari pencarian."


def _search(words: str) -> ModelSelect:
    living = User.customers_visible_to(reader()).where(User.active)
    found = find_in(living, words, {PEOPLE: User.id})
    return found.order_by(*User.name_order()).limit(MOST_FOUND)


def _named_customer() -> User | None:
    """The customer of the address; None for a new one; 404 for nonsense."""
    public_id = text_argument("pelanggan")
    if not public_id:
        return None
    customers = User.customers_visible_to(reader())
    return customers.where((User.public_id == public_id[:26]) & User.active).first() or abort(404)


def _filed_before(key: str) -> Request | None:
    """What this form filed already: a double click must not file twice."""
    mine = Request.registered_by == current_user.id
    return Request.get_or_none((Request.idempotency_key == key) & mine) if key else None


def _draft_of(key: str) -> RequestDraft:
    """The draft of this form; a new one for a key that isn't one of this person's."""
    found = RequestDraft.get_or_none(RequestDraft.key == key) if key else None
    if found and found.user_id == current_user.id:
        return found
    free = len(key) == 26 and key.isalnum() and not found
    return RequestDraft(user=me(), key=key if free else new_public_id())


def _submit(
    draft: RequestDraft,
    filled: Filled,
    customer: User | None,
    identity: CounterForm,
    channel: str,
    accepted: Acceptance | None,
) -> Request:
    version = statements()["anti_gratification"].version
    with database.atomic():
        if customer is None:
            customer = _register(identity, me())
        filed = workflow.submit(
            customer,
            filled.form.offer,
            submission_of(filled, customer, statement_version=version, channel=channel),
            key=draft.key,
            now=now(),
            registered_by=reader(),
            acceptance=accepted.answers if accepted else None,
        )
        RequestDraft.delete().where(RequestDraft.id == draft.id).execute()
    return filed


def _register(identity: CounterForm, clerk: User) -> User:
    """Write down a customer without an account; whoever proves the e-mail claims it."""
    public_id, at = new_public_id(), now()
    phone, email = identity.phone.data, email_key(identity.email.data or "")
    # One that an account only claims waits for its proof, as at sign-up.
    is_claimed = User.select().where(User.email == email).exists()
    made = User.create(
        public_id=public_id,
        email=f"{public_id}{NO_EMAIL}" if is_claimed or not email else email,
        new_email=email if is_claimed else "",
        fs_uniquifier=public_id,
        created_at=at,
        name=identity.name.data,
        institution_category=identity.institution_category.data,
        institution_name=identity.institution_name.data,
        phone=parse_phone(phone, identity.phone_region.data) if phone else "",
        gender=identity.gender.data,
        address=identity.address.data,
    )
    ask_for_proof(made, "bukti_alamat", now=at, lifetime=OFFICE_PROOF)
    after = {"name": made.name, "phone": made.phone, "institution_name": made.institution_name}
    record_change(
        made,
        "customer_registered",
        before={},
        after=after,
        actor=clerk,
        at=at,
        data={"customer": made.public_id},
    )
    return made
