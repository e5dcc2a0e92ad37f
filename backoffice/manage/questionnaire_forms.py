"""What an administrator types into a draft of the questionnaire, and the values it becomes."""

from collections.abc import Mapping
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    ValidationError,
)

from rules.labels import REQUIRED
from rules.survey import TITLES, options_problem, scale_problem, variable_problem
from rules.survey_edit import DEMOGRAPHIC, EXTRA, QUESTION
from rules.text import one_line
from web.translations import OfficeForm

KIND_WORDS = {"text": "Jawaban tertulis", "yes_no": "Ya atau tidak"}
NOW, LATER = "sekarang", "tanggal"


def _text(label: str, longest: int, *, required: bool = True) -> TextAreaField:
    """A text of at most so many letters; an area, since questions are sentences."""
    # The one refuses a field that wasn't sent, the other blanks.
    needed = [InputRequired(REQUIRED), DataRequired(REQUIRED)] if required else [Optional()]
    limit = Length(max=longest, message=f"Paling banyak {longest} huruf.")
    return TextAreaField(label, validators=[*needed, limit])


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"


class HeadForm(OfficeForm):
    """Title, greeting and closing, with the variables they may hold."""

    title = _text("Judul", 200)
    greeting = _text("Pengantar", 1000)
    closing = _text("Penutup", 500)

    def validate(self, extra_validators: Mapping | None = None) -> bool:
        valid = super().validate(extra_validators)
        for name in TITLES:
            if not self[name].errors and (problem := variable_problem(name, self[name].data)):
                self[name].errors = [_sentence(problem)]
                valid = False
        return valid


class QuestionForm(OfficeForm):
    """An element's wording; its weight and its scale of four are the regulation's."""

    text = _text("Pertanyaan", 400)
    hint = _text("Keterangan di bawah pertanyaan", 300, required=False)
    one = StringField("Jawaban bernilai 1 (terburuk)", validators=[Length(max=80)])
    two = StringField("Jawaban bernilai 2", validators=[Length(max=80)])
    three = StringField("Jawaban bernilai 3", validators=[Length(max=80)])
    four = StringField("Jawaban bernilai 4 (terbaik)", validators=[Length(max=80)])

    def validate_four(self, field: StringField) -> None:
        if problem := scale_problem(self.options):
            raise ValidationError(_sentence(problem))

    @property
    def options(self) -> list[str]:
        fields = (self.one, self.two, self.three, self.four)
        return [(field.data or "").strip() for field in fields]

    @classmethod
    def of(cls, entry: Mapping[str, Any], typed: Any) -> "QuestionForm":
        names = ("one", "two", "three", "four")
        options = dict(zip(names, entry["options"], strict=True))
        return cls(typed, data={**entry, **options})

    @property
    def values(self) -> dict[str, object]:
        return {**plain(self, "text", "hint"), "options": self.options}


class DemographicForm(OfficeForm):
    """Who answers: the words, and what one may choose."""

    label = _text("Pertanyaan", 120)
    hint = _text("Keterangan di bawah pertanyaan", 300, required=False)
    options = _text("Pilihan, satu baris satu pilihan", 1500)
    required = BooleanField("Wajib diisi")

    def validate_options(self, field: TextAreaField) -> None:
        if problem := options_problem(self.lines):
            raise ValidationError(_sentence(problem))
        if len(self.lines) > 20 or any(len(line) > 80 for line in self.lines):
            raise ValidationError("Paling banyak 20 pilihan, masing-masing 80 huruf.")

    @property
    def lines(self) -> list[str]:
        return [line.strip() for line in (self.options.data or "").splitlines() if line.strip()]

    @classmethod
    def of(cls, entry: Mapping[str, Any], typed: Any) -> "DemographicForm":
        return cls(typed, data={**entry, "options": "\n".join(entry["options"])})

    @property
    def values(self) -> dict[str, object]:
        required = {"required": bool(self.required.data)}
        return {**plain(self, "label", "hint"), "options": self.lines, **required}


class ExtraForm(OfficeForm):
    """A question outside the index."""

    text = _text("Pertanyaan", 400)
    hint = _text("Keterangan di bawah pertanyaan", 300, required=False)
    kind = SelectField("Jenis jawaban", choices=list(KIND_WORDS.items()))
    max_length = IntegerField(
        "Panjang jawaban tertulis (huruf)",
        default=1000,
        validators=[
            InputRequired("Isi dengan angka."),
            NumberRange(50, 2000, "Isi 50 sampai 2000."),
        ],
    )
    required = BooleanField("Wajib diisi")

    @classmethod
    def of(cls, entry: Mapping[str, Any], typed: Any) -> "ExtraForm":
        form = cls(typed, data={"max_length": 1000, **entry})
        # Answers are read by the kind they were given to.
        del form.kind
        if entry["kind"] != "text":
            del form.max_length
        return form

    @property
    def values(self) -> dict[str, object]:
        found = {**plain(self, "text", "hint"), "required": bool(self.required.data)}
        for name in ("kind", "max_length"):
            if name in self:
                found[name] = self[name].data
        return found


FORMS = {QUESTION: QuestionForm, DEMOGRAPHIC: DemographicForm, EXTRA: ExtraForm}


def plain(form: OfficeForm, *names: str) -> dict[str, str]:
    return {name: one_line(form[name].data) for name in names}


class PublishForm(OfficeForm):
    """From when, and why."""

    start = RadioField(
        "Mulai berlaku",
        choices=[(NOW, "Sekarang"), (LATER, "Pada tanggal tertentu, pukul 00.00 WITA")],
        default=NOW,
        validators=[InputRequired("Pilih kapan versi ini berlaku.")],
    )
    starts_on = DateField("Tanggal mulai", validators=[Optional()])
    note = TextAreaField(
        "Catatan",
        validators=[
            InputRequired("Tulis apa yang berubah dan mengapa."),
            Length(max=300, message="Paling banyak 300 huruf."),
        ],
    )

    def validate_start(self, field: RadioField) -> None:
        if field.data == LATER and not self.starts_on.data:
            raise ValidationError("Isi tanggal mulai, atau pilih sekarang.")
