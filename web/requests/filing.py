"""The form of a request: the common fields, and what each service asks besides.

The portal's form and the counter's use it alike. Fields of a service are named
`<service>-<field>`, so that one page can hold the fields of all services.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import astuple, dataclass, field, replace
from datetime import date
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from config.office import office
from models import RequestDraft, User
from moves.catalogue import Offer
from moves.officials import today
from rules.input_rules import clean_values
from rules.inputs import BadInput, clean_value
from rules.labels import REQUIRED
from rules.letters import letter_words
from rules.services import Flow, Input
from rules.text import normalise, one_line
from storage.database import canonical_json
from storage.file_policy import CHOOSERS, PDF, FileRejected, NotNow, words_of
from storage.pdf_policy import MAX_BYTES
from web.requests.uploads import LETTER, keep_paper, look_at
from web.runtime import now, runtime
from workflow import ATTACHMENT, StoredFile, Submission

LETTER_FIELDS = ("letter_number", "letter_on", "letter_from")
PLAIN_FIELDS = ("service", "subclass", "subject", "description", *LETTER_FIELDS, "statement")
# Of what is chosen or is a day, not typed.
LONGEST_CODE = 60
# A letter's day; typed and kept as `2026-11-24`.
LETTER_DATE = Input("letter_on", "date", "Tanggal surat")


def _cut(value: object, most: int) -> object:
    return value[:most] if isinstance(value, str) else value


def _clean(text: str | None) -> str:
    return normalise(text).strip()


class FilingForm(FlaskForm):
    """The fields that every request has."""

    service = RadioField("Klasifikasi Layanan", validators=[InputRequired(REQUIRED)])
    subclass = RadioField("Sub-klasifikasi", validate_choice=False)
    subject = StringField(
        "Perihal",
        filters=[one_line],
        validators=[InputRequired(REQUIRED), Length(max=200, message="Paling banyak 200 huruf.")],
        render_kw={"maxlength": 200},
    )
    description = TextAreaField(
        "Deskripsi Permohonan",
        filters=[_clean],
        validators=[
            InputRequired(REQUIRED),
            Length(max=4000, message="Paling banyak 4000 huruf."),
        ],
        render_kw={"maxlength": 4000},
    )
    letter_number = StringField(
        "Nomor surat",
        filters=[one_line],
        validators=[Length(max=100, message="Paling banyak 100 huruf.")],
        render_kw={"maxlength": 100},
    )
    letter_on = StringField("Tanggal surat", filters=[one_line], render_kw={"type": "date"})
    letter_from = StringField(
        "Penanda tangan surat",
        filters=[one_line],
        validators=[Length(max=160, message="Paling banyak 160 huruf.")],
        render_kw={"maxlength": 160},
    )
    file = FileField(
        "Upload Dokumen Pendukung",
        render_kw={"accept": CHOOSERS[PDF], "data-max-bytes": str(MAX_BYTES), "multiple": True},
    )
    statement = BooleanField(
        "Pernyataan",
        validators=[InputRequired("Anda harus menyetujui pernyataan antigratifikasi.")],
    )

    def __init__(self, *args: object, **kwargs: object):
        super().__init__(*args, **kwargs)
        # Taken once: a service published meanwhile doesn't change what this form is checked by.
        self.offers = dict(runtime().catalogue)
        flows = [offer.flow for offer in self.offers.values()]
        self.service.choices = [(flow.code, flow.tile) for flow in flows]
        self.flows = {flow.code: flow for flow in flows}
        self.subclass.choices = [
            (subclass.code, subclass.title)
            for flow in flows
            for subclass in flow.subclasses
            if not subclass.office_only
        ]
        if self.service.data is None and len(flows) == 1:
            self.service.data = flows[0].code

    @property
    def flow(self) -> Flow | None:
        """The service chosen, once one is."""
        return self.offer.flow if self.offer else None

    @property
    def first_kind(self) -> str:
        """The first sub-classification that the page shows: links to the group lead there."""
        shown = [self.flow] if self.flow and self.flow.subclasses else self.flows.values()
        kinds = (kind for flow in shown for kind in flow.subclasses if not kind.office_only)
        return next((kind.code for kind in kinds), "")

    @property
    def offer(self) -> Offer | None:
        """The version of the chosen service by which the form is checked, and filed."""
        return self.offers.get(self.service.data or "")

    @property
    def kind(self) -> str:
        """The sub-classification chosen, if it is one of the chosen service."""
        known = self.flow.subclass(self.subclass.data or "") if self.flow else None
        return known.code if known and not known.office_only else ""

    def validate_letter_on(self, field: StringField) -> None:
        """A letter with a number has a day, and none is from tomorrow."""
        try:
            text = clean_value(LETTER_DATE, field.data)
        except BadInput as problem:
            raise ValidationError(str(problem)) from None
        if text and date.fromisoformat(str(text)) > today(now()):
            raise ValidationError("Tanggal surat belum tiba. Periksa kembali tanggalnya.")
        if self.letter_number.data and not text:
            raise ValidationError("Isi juga tanggal suratnya.")

    def validate_subclass(self, field: RadioField) -> None:
        if self.flow and self.flow.subclasses and not self.kind:
            field.errors = [*field.errors, "Pilih sub-klasifikasi layanan."]

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        valid = super().validate(extra_validators)
        return valid and not self.subclass.errors

    def answers(self) -> dict[str, object]:
        return {name: self[name].data for name in PLAIN_FIELDS}

    def most_letters(self) -> dict[str, int]:
        """How many letters each field takes that is typed into, by its name on the page."""
        plain = {name: (self[name].render_kw or {}).get("maxlength") for name in PLAIN_FIELDS}
        own = {
            f"{flow.code}-{entry.name}": entry.most_typed
            for flow in self.flows.values()
            for entry in flow.fields
        }
        return {name: most for name, most in plain.items() if most} | own


@dataclass(frozen=True)
class Filled:
    """A form as somebody filled it: what was typed, the files, and what is wrong with them."""

    form: FilingForm
    typed: Mapping[str, str]
    details: Mapping[str, object]
    files: Mapping[str, list]
    # Field of a service (as named on the page) -> sentence.
    errors: Mapping[str, str] = field(default_factory=dict)
    is_valid: bool = False

    def value(self, flow: Flow, entry: Input) -> str:
        return self.typed.get(f"{flow.code}-{entry.name}", "")

    def kept(self, flow: Flow, entry: Input) -> list | None:
        return self.files.get(f"{flow.code}:{entry.name}")

    @property
    def is_begun(self) -> bool:
        """Whether there is anything in it that somebody typed or chose of their own accord."""
        plain = self.form.answers()
        return bool(self.typed) or any(plain[name] for name in PLAIN_FIELDS if name != "service")

    @property
    def answers(self) -> dict[str, object]:
        """What a draft keeps of it: of each field as much as the field takes.

        Who wrote more was told so; what was cut can't be filed before it was looked at again.
        """
        most = self.form.most_letters()
        plain, typed = self.form.answers(), dict(self.typed)
        kept = {name: _cut(value, most.get(name, LONGEST_CODE)) for name, value in plain.items()}
        kept_typed = {name: value[: most.get(name, 0)] for name, value in typed.items()}
        if kept != plain or kept_typed != typed:
            kept["statement"] = False
        return {**kept, "typed": kept_typed}


def blank_form(answers: Mapping[str, object] | None, files: Mapping[str, list]) -> Filled:
    """The form as a draft left it, without a word about what is missing."""
    form = FilingForm(formdata=None, data=dict(answers) if answers else None)
    typed = dict((answers or {}).get("typed") or {})
    return Filled(form, typed, {}, dict(files))


def read_form(files: Mapping[str, list], *, with_files: bool) -> Filled:
    """The posted form, with the files kept from before; new files replace them.

    Files are kept even when a field is wrong; what takes long to look at waits for
    `look_through`. Visitors' files aren't taken.
    """
    form = FilingForm()
    valid = form.validate()
    names = {f"{flow.code}-{entry.name}" for flow in form.flows.values() for entry in flow.fields}
    typed = {name: text for name in sorted(names) if (text := _clean(request.form.get(name)))}
    kept = dict(files)
    details, errors = _details(form, typed)
    if with_files:
        _take_files(form, kept, errors)
        # A file that was refused is told as that, not as missing.
        errors = _missing_files(form, kept) | errors
    if message := errors.pop("file", ""):
        form.file.errors = [message]
        valid = False
    return Filled(form, typed, details, kept, errors, valid and not errors)


def look_through(filled: Filled, before: Mapping[str, list]) -> Filled:
    """A valid form with its new files checked, which takes long: all else is right.

    A file that is refused gives way to the one `before`.
    """
    kept, errors = dict(filled.files), dict(filled.errors)
    for name, key, entry in _file_inputs(filled.form):
        try:
            if key in kept:
                kept[key] = list(astuple(look_at(StoredFile(*kept[key]), entry)))
        except FileRejected as rejection:
            errors[name] = str(rejection)
            if not isinstance(rejection, NotNow):
                del kept[key]
                kept |= _checked({key: before[key]} if key in before else {})
    valid = not errors
    if message := errors.pop("file", ""):
        filled.form.file.errors = [message]
    return replace(filled, files=kept, errors=errors, is_valid=valid)


def _checked(files: Mapping[str, list]) -> dict[str, list]:
    return {key: file for key, file in files.items() if not StoredFile(*file).is_unchecked}


def check_draft(answers: Mapping[str, object], files: Mapping[str, list]) -> Filled:
    """Whether the form would accept a draft as it stands: a draft keeps whatever was typed."""
    plain = {name: answers.get(name) for name in PLAIN_FIELDS}
    data = MultiDict({name: value for name, value in plain.items() if value})
    form = FilingForm(data, meta={"csrf": False})
    valid = form.validate()
    typed = dict(answers.get("typed") or {})
    details, errors = _details(form, typed)
    errors |= _missing_files(form, _checked(files))
    return Filled(form, typed, details, dict(files), errors, valid and not errors)


def _file_inputs(form: FilingForm) -> list[tuple[str, str, Input]]:
    """What the chosen kind takes as a file: name on the page, key among the kept files, input.

    What was chosen for another kind before is hidden on the page: nobody can mend it there.
    """
    own = form.flow.attachments_for(form.kind) if form.flow else ()
    code = form.flow.code if form.flow else ""
    return [
        ("file", ATTACHMENT, LETTER),
        *((f"{code}-{entry.name}", f"{code}:{entry.name}", entry) for entry in own),
    ]


def _take_files(form: FilingForm, kept: dict[str, list], errors: dict[str, str]) -> None:
    for name, key, entry in _file_inputs(form):
        try:
            file = keep_paper(request.files.getlist(name), entry)
        except FileRejected as rejection:
            errors[name] = str(rejection)
            continue
        if file:
            kept[key] = list(astuple(file))


def _details(
    form: FilingForm, typed: Mapping[str, str]
) -> tuple[dict[str, object], dict[str, str]]:
    if form.flow is None:
        return {}, {}
    asked, prefix = form.flow.fields_for(form.kind), f"{form.flow.code}-"
    given = {entry.name: typed.get(prefix + entry.name) for entry in asked}
    details, errors = clean_values(asked, given, today=today(now()))
    return details, {prefix + name: sentence for name, sentence in errors.items()}


def _missing_files(form: FilingForm, files: Mapping[str, list]) -> dict[str, str]:
    missing = {} if ATTACHMENT in files else {"file": REQUIRED}
    for entry in form.flow.attachments_for(form.kind) if form.flow else ():
        if entry.required and f"{form.flow.code}:{entry.name}" not in files:
            missing[f"{form.flow.code}-{entry.name}"] = f"Unggah berkas {words_of(entry.kinds)}."
    return missing


def submission_of(
    filled: Filled, customer: User, *, statement_version: str, channel: str = "portal"
) -> Submission:
    """A valid form as the workflow takes it."""
    form = filled.form
    institution = office().institutions.get(customer.institution_category)
    return Submission(
        service_code=form.flow.code,
        subclass_code=form.kind,
        subject=form.subject.data,
        description=form.description.data,
        statement_version=statement_version,
        file=StoredFile(*filled.files[ATTACHMENT]),
        details=filled.details,
        attachments={
            entry.name: StoredFile(*kept)
            for entry in form.flow.attachments_for(form.kind)
            if (kept := filled.kept(form.flow, entry))
        },
        channel=channel,
        letter_number=form.letter_number.data or "",
        letter_on=date.fromisoformat(form.letter_on.data) if form.letter_on.data else None,
        letter_from=form.letter_from.data or "",
        is_free=bool(institution and institution.internal),
    )


def letter_as_typed(filled: Filled) -> str:
    """What a valid form says of the customer's letter, in one line."""
    form = filled.form
    on = date.fromisoformat(form.letter_on.data) if form.letter_on.data else None
    return letter_words(form.letter_number.data or "", on, form.letter_from.data or "")


def seal_of(draft: RequestDraft, offer: Offer) -> str:
    """A digest of what the check page shows.

    Another tab may change the draft meanwhile, and an administrator the service.
    """
    shown = [draft.answers, draft.files, offer.version_id]
    return hashlib.sha256(canonical_json(shown).encode()).hexdigest()


def field_errors(filled: Filled) -> list[tuple[str, str]]:
    """The problems of the service's own fields for the summary: (id, sentence)."""
    flow = filled.form.flow
    labels = (
        {f"{flow.code}-{e.name}": e.label for e in (*flow.fields, *flow.attachments)}
        if flow
        else {}
    )
    return [(name, f"{labels.get(name, name)}: {text}") for name, text in filled.errors.items()]
