"""What an administrator types into a draft of a flow, and how it becomes a change of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from flask import request
from wtforms import (
    BooleanField,
    Form,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    Optional,
    Regexp,
    ValidationError,
)
from wtforms.widgets import CheckboxInput, ListWidget

from config.office import office
from outputs.flow_diagram import side_words
from rules.flow_check import LONGEST_LABEL
from rules.flow_edit import kinds_for_new, own_days
from rules.flow_shape import MOST_DAYS, are_days
from rules.labels import REQUIRED
from rules.roles import PELANGGAN
from rules.services import CUSTOMER, MOST_MB, OFFICE, SUBMIT, SURVEY, TODAY, Flow, Stage
from storage.file_policy import KINDS, PDF
from web.translations import OfficeForm

OFFICE_MOVES = (
    "ask_completion",
    "return",
    "reject",
    "suspend",
    "amend",
    "cancel",
    "cancel_with_consent",
)
CUSTOMER_MOVES = ("negotiate", "cancel")
WRONG_DAYS = f"Isi hari kerja 0 sampai {MOST_DAYS}, misalnya 0,5 atau 2."


def read_days(text: str | None) -> Decimal | None:
    """`0,5` as people type it; None for what isn't a number of days."""
    cleaned = (text or "").strip().replace(",", ".")
    return Decimal(cleaned) if cleaned and are_days(cleaned) else None


def _text(longest: int) -> list:
    """Must have come with the form, and not be blank: either alone lets the other one through."""
    return [
        InputRequired(REQUIRED),
        DataRequired(REQUIRED),
        Length(max=longest, message=f"Paling banyak {longest} huruf."),
    ]


def _strip(text: str | None) -> str:
    return (text or "").strip()


class StageForm(OfficeForm):
    """The words and days of a stage."""

    title = TextAreaField("Judul resmi", filters=[_strip], validators=_text(300))
    short = StringField("Sebutan singkat", filters=[_strip], validators=_text(60))
    days = StringField("Waktu tahap ini (hari kerja)", validators=_text(20))
    clause = StringField(
        "Klausul SNI ISO/IEC 17025:2017",
        filters=[_strip],
        validators=[Optional(), Length(max=60, message="Paling banyak 60 huruf.")],
    )

    def validate_days(self, field: StringField) -> None:
        if read_days(field.data) is None:
            raise ValidationError(WRONG_DAYS)

    @property
    def working_days(self) -> Decimal:
        return read_days(self.days.data) or Decimal(0)


class DeskForm(OfficeForm):
    """One turn of a stage: who, with which button, and what else may happen there."""

    role = SelectField("Pos yang menyelesaikan")
    action = StringField("Nama tindakan (tombol)", filters=[_strip], validators=_text(80))
    waiting = StringField("Kalimat saat menunggu", filters=[_strip], validators=_text(160))
    allows = SelectMultipleField(
        "Jalur samping yang diizinkan",
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    def __init__(self, desk: Stage, formdata: Any, **kwargs: Any):
        super().__init__(
            formdata,
            prefix=f"meja{desk.step}-",
            data={
                "role": desk.role,
                "action": desk.action,
                "waiting": desk.waiting,
                "allows": list(dict.fromkeys(desk.allows)),
            },
            **kwargs,
        )
        self.desk = desk
        if desk.kind == SUBMIT:
            del self.action
            del self.waiting
        if desk.role == PELANGGAN:
            del self.role
        else:
            self.role.choices = post_choices(desk.role)
        usual = CUSTOMER_MOVES if desk.kind in (CUSTOMER, SURVEY) else OFFICE_MOVES
        moves = dict.fromkeys((*usual, *desk.allows))
        if desk.kind in (SUBMIT, SURVEY) and not desk.allows:
            del self.allows
        else:
            self.allows.choices = [(entry, side_words(entry)) for entry in moves]

    @property
    def values(self) -> dict[str, Any]:
        """The keys of the raw desk; side moves keep the order in which they stood."""
        found = dict(self.data)
        if "allows" in found:
            ticked = found["allows"] or []
            kept = [entry for entry in dict.fromkeys(self.desk.allows) if entry in ticked]
            found["allows"] = kept + [entry for entry in ticked if entry not in kept]
            if set(found["allows"]) == set(self.desk.allows):
                found["allows"] = list(self.desk.allows)
        return found


INPUT_TYPES = (
    ("text", "Teks pendek"),
    ("longtext", "Teks panjang"),
    ("choice", "Pilih satu"),
    ("yes_no", "Daftar periksa (Ya, Tidak, atau Tidak berlaku)"),
    ("checklist", "Daftar centang (semua butir dicentang bila wajib)"),
    ("date", "Tanggal"),
    ("number", "Angka"),
    ("file", "Berkas"),
)
LISTED = ("choice", "checklist", "yes_no")
# Words for every kind; these are only written in files.
TYPE_WORDS = {
    **dict(INPUT_TYPES),
    "yes_no": "Daftar periksa",
    "checklist": "Daftar centang",
    "money": "Jumlah rupiah",
    "coordinates": "Koordinat",
    "person": "Pilih petugas",
    "subclass": "Sub-klasifikasi",
}


def _amount(label: str) -> StringField:
    whole = Regexp(r"[0-9]{1,9}", message="Isi dengan angka saja.")
    return StringField(label, filters=[_strip], validators=[Optional(), whole])


class InputForm(OfficeForm):
    """One thing more that the holder of a desk is asked for."""

    label = StringField("Label isian baru", filters=[_strip], validators=_text(LONGEST_LABEL))
    type = SelectField("Jenis isian", choices=INPUT_TYPES)
    options = TextAreaField(
        "Butir pilihan", validators=[Length(max=2000, message="Paling banyak 2000 huruf.")]
    )
    hint = StringField("Petunjuk", filters=[_strip], validators=[Optional(), Length(max=200)])
    all_yes = BooleanField("Daftar periksa: semua butir harus Ya sebelum diteruskan")
    unique = BooleanField("Teks atau angka: tidak boleh sama dengan permohonan lain layanan ini")
    least = _amount("Angka: paling sedikit")
    most = _amount("Angka: paling banyak")
    day = SelectField(
        "Tanggal: batasnya",
        default="",
        choices=(
            ("", "Tanpa batas"),
            ("not_before", "Hari ini atau sesudahnya"),
            ("not_after", "Hari ini atau sebelumnya"),
        ),
    )
    accept = SelectMultipleField(
        "Berkas: jenis yang diterima",
        choices=list(KINDS.items()),
        default=[PDF],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    max_mb = StringField("Berkas: ukuran paling besar (MB)", filters=[_strip], default="2")
    many = BooleanField("Berkas: boleh lebih dari satu, masing-masing dengan keterangan")
    required = BooleanField("Wajib diisi")
    is_shown = BooleanField("Jawabannya dapat dibaca pelanggan")

    def __init__(self, desk: Stage, formdata: Any):
        super().__init__(formdata, prefix=f"isian{desk.step}-")
        self.desk = desk
        if desk.role == PELANGGAN:
            del self.is_shown
            del self.unique

    @property
    def rule_errors(self) -> bool:
        return bool(self.least.errors or self.most.errors)

    @property
    def file_errors(self) -> bool:
        return bool(self.accept.errors or self.max_mb.errors)

    def validate_max_mb(self, field: StringField) -> None:
        size = field.data or "2"
        is_number = size.isascii() and size.isdecimal() and len(size) < 4
        if self.type.data == "file" and not (is_number and 1 <= int(size) <= MOST_MB):
            raise ValidationError(f"Isi 1 sampai {MOST_MB}.")

    def validate_most(self, field: StringField) -> None:
        least, most = self.least.data, field.data
        if least.isdecimal() and most.isdecimal() and int(most) < int(least):
            raise ValidationError("Lebih kecil daripada “paling sedikit”.")

    @property
    def listed_options(self) -> list[str]:
        lines = (line.strip() for line in (self.options.data or "").splitlines())
        return list(dict.fromkeys(line for line in lines if line))

    def validate_options(self, field: TextAreaField) -> None:
        if self.type.data in LISTED and not self.listed_options:
            raise ValidationError("Tulis butir pilihan, satu pada setiap baris.")

    def raw_input(self, name: str) -> dict[str, Any]:
        found = {
            "name": name,
            "type": self.type.data,
            "label": self.label.data,
            "hint": self.hint.data,
            "required": self.required.data,
            "is_shown": bool(self.is_shown and self.is_shown.data),
            "options": self.listed_options if self.type.data in LISTED else [],
            **self._rules(),
        }
        return {key: value for key, value in found.items() if value not in ("", False, [])}

    def _rules(self) -> dict[str, Any]:
        """The rules that fit the kind of input; those of another kind are left out."""
        kind = self.type.data
        if kind == "yes_no" and self.all_yes.data:
            return {"required_yes": self.listed_options}
        if kind == "date" and self.day.data:
            return {self.day.data: TODAY}
        if kind == "file":
            return self._file_limits()
        found: dict[str, Any] = {}
        if kind == "number":
            limits = {"min": self.least.data, "max": self.most.data}
            found = {name: int(text) for name, text in limits.items() if text}
        if kind in ("text", "number") and self.unique and self.unique.data:
            found["unique"] = "service"
        return found

    def _file_limits(self) -> dict[str, Any]:
        """What differs from a small PDF, which is what a file is when nothing is said."""
        kinds, size = self.accept.data or [PDF], int(self.max_mb.data or 2)
        found: dict[str, Any] = {"many": True} if self.many.data else {}
        if kinds != [PDF]:
            found["accept"] = kinds
        return found | ({"max_mb": size} if size != 2 else {})


class NewStageForm(StageForm):
    """A stage to be added."""

    kind = RadioField("Jenis tahap", choices=kinds_for_new(), default=OFFICE)
    after = SelectField("Letak: sesudah tahap")
    role = SelectField("Pos yang menyelesaikan (untuk tahap yang dikerjakan balai)")
    action = StringField("Nama tindakan (tombol)", filters=[_strip], validators=_text(80))
    waiting = StringField("Kalimat saat menunggu", filters=[_strip], validators=_text(160))

    def __init__(self, flow: Flow, formdata: Any):
        super().__init__(formdata)
        self.after.choices = [(stage.code, stage.short) for stage in flow.stages[:-1]]
        self.role.choices = post_choices()

    def raw_stage(self, code: str) -> dict[str, Any]:
        is_customer = self.kind.data == CUSTOMER
        found = {
            "code": code,
            "title": self.title.data,
            "short": self.short.data,
            "role": PELANGGAN if is_customer else self.role.data,
            "kind": self.kind.data,
            "clause": self.clause.data,
            "action": self.action.data,
            "waiting": self.waiting.data,
            "allows": ["cancel"] if is_customer else ["return", "cancel"],
        }
        return {name: value for name, value in found.items() if value}


def post_choices(held: str = "") -> list[tuple[str, str]]:
    """Posts that may hold a stage, and the one that holds it, whatever it is."""
    known = {
        code: title
        for code, title in office().posts.items()
        if code in office().posts_that_may("queue") or code == held
    }
    return list({**known, **({held: held} if held and held not in known else {})}.items())


class NoteForm(OfficeForm):
    """Why a version is published; without it nobody understands the history later."""

    note = TextAreaField(
        "Catatan penerbitan",
        filters=[_strip],
        validators=_text(300),
        render_kw={"maxlength": 300},
    )


@dataclass(frozen=True)
class DaysForm:
    """All days of a draft in one table; `errors` maps the name of a field to a sentence."""

    typed: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict)
    own: Mapping[str, Decimal] = field(default_factory=dict)
    promise: int = 0
    promises: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, raw: Mapping[str, Any], flow: Flow) -> "DaysForm":
        typed = {
            f"hari-{code}": f"{days.normalize():f}".replace(".", ",")
            for code, days in own_days(raw).items()
        }
        typed["janji"] = str(flow.working_days)
        typed |= {f"janji-{one.code}": str(one.working_days) for one in flow.subclasses}
        return cls(typed)

    @classmethod
    def read(cls, raw: Mapping[str, Any], flow: Flow) -> "DaysForm":
        """What was typed; a field that didn't come keeps what stands in the draft."""
        before = cls.of(raw, flow).typed
        typed = {name: request.form.get(name, value).strip() for name, value in before.items()}
        errors: dict[str, str] = {}
        own: dict[str, Decimal] = {}
        promises: dict[str, int] = {}
        for name, text in typed.items():
            if name.startswith("hari-"):
                days = read_days(text)
                if days is None and text == before[name]:
                    days = own_days(raw)[name.removeprefix("hari-")]
                if days is None:
                    errors[name] = WRONG_DAYS
                else:
                    own[name.removeprefix("hari-")] = days
            elif text.isdecimal() and len(text) < 7 and 1 <= int(text) <= MOST_DAYS:
                promises[name.removeprefix("janji").removeprefix("-")] = int(text)
            else:
                errors[name] = f"Isi hari kerja 1 sampai {MOST_DAYS}, tanpa pecahan."
        return cls(typed, errors, own, promises.pop("", 0), promises)


def listed_errors(forms: Collection[Form]) -> list[tuple[str, str]]:
    """(id of the field, sentence) over several forms, for one summary."""
    return [
        (entry.id, f"{entry.label.text}: {error}")
        for form in forms
        for entry in form
        for error in entry.errors
    ]
