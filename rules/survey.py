"""The questionnaire: a versioned definition, its answers keyed by element code."""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Any

from rules.labels import REQUIRED
from rules.skm import ELEMENTS

CHOOSE = "Pilih salah satu jawaban."
RENEWED = "Pertanyaan ini baru diperbarui. Pilih jawaban Anda kembali."
KINDS = ("yes_no", "text")
# What the words of the survey may speak of; `tahun` is the year of the answer.
VARIABLES = {
    "title": frozenset({"tahun"}),
    "greeting": frozenset({"sapaan", "nama", "nomor"}),
    "closing": frozenset({"sapaan", "nama"}),
}
TITLES = {"title": "Judul", "greeting": "Pengantar", "closing": "Penutup"}
# Asked by the regulation's form, and told by code in figures and reports.
DEMOGRAPHICS = ("gender", "age", "education", "occupation")
EXTRAS = ("suggestion",)


@dataclass(frozen=True)
class Question:
    """A question of the index; the first option scores 1, the last 4."""

    element: str
    text: str
    options: tuple[str, ...]
    hint: str = ""


@dataclass(frozen=True)
class Demographic:
    code: str
    label: str
    required: bool
    options: tuple[str, ...]
    hint: str = ""


@dataclass(frozen=True)
class Extra:
    """A question outside the index; `kind` is yes_no or text."""

    code: str
    text: str
    kind: str
    max_length: int = 1000
    required: bool = False
    hint: str = ""


@dataclass(frozen=True)
class Questionnaire:
    code: str
    version: str
    title: str
    greeting: str
    closing: str
    questions: tuple[Question, ...]
    demographics: tuple[Demographic, ...]
    extras: tuple[Extra, ...]

    @property
    def name(self) -> str:
        """`skm-2024-1`, by which answers name the version they were given to."""
        return f"{self.code}-{self.version}"


@dataclass(frozen=True)
class CheckedAnswers:
    scores: dict[str, int]
    demographics: dict[str, str]
    extras: dict[str, str]


def read_definition(path: Path) -> dict[str, Any]:
    """A questionnaire's file as it is kept, checked. Raises ValueError with file and fault."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        problems = problems_of(parse_questionnaire(raw))
    except KeyError as missing:
        raise ValueError(f"{path.name}: {missing} is missing") from None
    except (TypeError, ValueError) as fault:
        raise ValueError(f"{path.name}: {fault}") from None
    if problems:
        raise ValueError(f"{path.name}: {' '.join(problems)}")
    return raw


def parse_questionnaire(raw: Mapping[str, Any]) -> Questionnaire:
    """The questionnaire of a definition; what it says isn't checked."""
    return Questionnaire(
        **{name: raw[name] for name in ("code", "version", "title", "greeting", "closing")},
        questions=tuple(
            Question(**{**entry, "options": tuple(entry["options"])})
            for entry in raw.get("question", ())
        ),
        demographics=tuple(
            Demographic(**{"required": False, **entry, "options": tuple(entry["options"])})
            for entry in raw.get("demographic", ())
        ),
        extras=tuple(Extra(**entry) for entry in raw.get("extra", ())),
    )


def problems_of(questionnaire: Questionnaire) -> list[str]:
    """What is wrong with a questionnaire, in sentences for whoever writes one.

    Elements, scale and weights are those of PermenPANRB 14/2017; an office only words them.
    """
    found = [
        f"{TITLES[name]}: {problem}"
        for name in VARIABLES
        if (problem := variable_problem(name, getattr(questionnaire, name)))
    ]
    found += _question_problems(questionnaire)
    asked = questionnaire.demographics + questionnaire.extras
    codes = [item.code for item in asked]
    for code in (*DEMOGRAPHICS, *EXTRAS):
        if code not in codes:
            found.append(f"Isian {code} diminta oleh pedoman survei dan tidak dapat dihapus.")
    codes += [question.element for question in questionnaire.questions]
    if twice := sorted({code for code in codes if codes.count(code) > 1}):
        found.append(f"Kode {', '.join(twice)} dipakai dua kali.")
    for demographic in questionnaire.demographics:
        if problem := options_problem(demographic.options):
            found.append(f"{demographic.label}: {problem}")
    for extra in questionnaire.extras:
        if extra.kind not in KINDS:
            found.append(f"{extra.code}: jenisnya salah satu dari {', '.join(KINDS)}.")
        if not extra.text.strip():
            found.append(f"{extra.code}: pertanyaannya masih kosong.")
    return found


def _question_problems(questionnaire: Questionnaire) -> list[str]:
    given = [question.element for question in questionnaire.questions]
    found = []
    if missing := [element for element in ELEMENTS if element not in given]:
        found.append(
            f"Unsur {', '.join(missing)} belum ditanyakan. Kesembilan unsur ditetapkan PermenPANRB "
            "14/2017; tidak satu pun dapat dihapus."
        )
    if unknown := [element for element in given if element not in ELEMENTS]:
        found.append(
            f"Unsur {', '.join(unknown)} tidak ada dalam PermenPANRB 14/2017; tanyakan hal lain "
            "sebagai pertanyaan tambahan."
        )
    for question in questionnaire.questions:
        if not question.text.strip():
            found.append(f"{question.element}: pertanyaannya masih kosong.")
        if problem := scale_problem(question.options):
            found.append(f"{question.element}: {problem}")
    return found


def scale_problem(options: Collection[str]) -> str:
    """Why these aren't the answers of an element; empty when they are."""
    if len(options) != 4 or not all(option.strip() for option in options):
        return "isi keempat jawaban; skala 1–4 ditetapkan PermenPANRB 14/2017."
    if len({option.strip().casefold() for option in options}) != 4:
        return "keempat jawaban harus berbeda."
    return ""


def options_problem(options: Collection[str]) -> str:
    """Why nobody can choose from these; empty when one can."""
    if len(options) < 2 or not all(option.strip() for option in options):
        return "isi sedikitnya dua pilihan."
    if len({option.strip().casefold() for option in options}) != len(options):
        return "ada pilihan yang ditulis dua kali."
    return ""


def variable_problem(name: str, text: str) -> str:
    """Why the words `name` can't be filled in; empty when they can."""
    allowed = ", ".join(f"{{{word}}}" for word in sorted(VARIABLES[name]))
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        return f"kurung kurawal hanya untuk {allowed}."
    for _, variable, form, conversion in parts:
        if variable is not None and (variable not in VARIABLES[name] or form or conversion):
            return f"yang dapat disisipkan hanya {allowed}."
    return "" if text.strip() else "masih kosong."


def carried(
    given: Mapping[str, str], seen: Questionnaire | None, asked: Questionnaire
) -> tuple[dict[str, str], dict[str, str]]:
    """(what of the answers given to `seen` holds for `asked`, a sentence per question that went).

    For who opened the survey before a new version came into force. An answer to other words is
    not an answer.
    """
    old = {question.element: question for question in seen.questions} if seen else {}
    changed = {
        question.element
        for question in asked.questions
        if question.element not in old
        or (old[question.element].text, old[question.element].options)
        != (question.text, question.options)
    }
    kept = {code: value for code, value in given.items() if code not in changed}
    return kept, dict.fromkeys(sorted(changed), RENEWED)


def check_answers(
    questionnaire: Questionnaire, raw: Mapping[str, str]
) -> tuple[CheckedAnswers, dict[str, str]]:
    """The answers that hold, and a sentence for each field that doesn't.

    `raw` maps an element code to "1"…"4", and a demographic's or extra's code to its text.
    """
    scores, demographics, extras, errors = {}, {}, {}, {}
    for question in questionnaire.questions:
        value = raw.get(question.element, "")
        if value in ("1", "2", "3", "4"):
            scores[question.element] = int(value)
        else:
            errors[question.element] = CHOOSE
    for demographic in questionnaire.demographics:
        value = raw.get(demographic.code, "")
        if value in demographic.options:
            demographics[demographic.code] = value
        elif value or demographic.required:
            errors[demographic.code] = CHOOSE
    for extra in questionnaire.extras:
        value = _typed(raw.get(extra.code, ""))
        if problem := _extra_problem(extra, value):
            errors[extra.code] = problem
        elif value:
            extras[extra.code] = value
    return CheckedAnswers(scores, demographics, extras), errors


def _typed(text: str) -> str:
    """Text as a person typed it: forms send CR LF for one line break."""
    return text.replace("\r\n", "\n").replace("\x00", "").strip()


def _extra_problem(extra: Extra, value: str) -> str:
    if not value:
        return REQUIRED if extra.required else ""
    if extra.kind == "yes_no" and value not in ("ya", "tidak"):
        return CHOOSE
    if len(value) > extra.max_length:
        return f"Paling banyak {extra.max_length} huruf."
    return ""
