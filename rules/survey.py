"""The questionnaire: a versioned file, its answers keyed by element code."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rules.skm import ELEMENTS

REQUIRED = "Wajib diisi."
CHOOSE = "Pilih salah satu jawaban."


@dataclass(frozen=True)
class Question:
    """A question of the index; the first option scores 1, the last 4."""

    element: str
    text: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class Demographic:
    code: str
    label: str
    required: bool
    options: tuple[str, ...]


@dataclass(frozen=True)
class Extra:
    """A question outside the index; `kind` is yes_no or text."""

    code: str
    text: str
    kind: str
    max_length: int = 1000
    required: bool = False


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


@dataclass(frozen=True)
class CheckedAnswers:
    scores: dict[str, int]
    demographics: dict[str, str]
    extras: dict[str, str]


def load_questionnaire(path: Path) -> Questionnaire:
    """Read a questionnaire. Raises ValueError unless each of the nine elements is there once."""
    raw = tomllib.loads(path.read_text())
    questions = tuple(
        Question(entry["element"], entry["text"], tuple(entry["options"]))
        for entry in raw["question"]
    )
    if sorted(question.element for question in questions) != sorted(ELEMENTS):
        raise ValueError(f"{path.name}: the nine elements must each have one question")
    for question in questions:
        if len(question.options) != 4:
            raise ValueError(f"{path.name}: {question.element} needs four options")
    return Questionnaire(
        **{name: raw[name] for name in ("code", "version", "title", "greeting", "closing")},
        questions=questions,
        demographics=tuple(
            Demographic(entry["code"], entry["label"], entry["required"], tuple(entry["options"]))
            for entry in raw.get("demographic", ())
        ),
        extras=tuple(Extra(**entry) for entry in raw.get("extra", ())),
    )


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
        value = raw.get(extra.code, "").replace("\x00", "").strip()
        if problem := _extra_problem(extra, value):
            errors[extra.code] = problem
        elif value:
            extras[extra.code] = value
    return CheckedAnswers(scores, demographics, extras), errors


def _extra_problem(extra: Extra, value: str) -> str:
    if not value:
        return REQUIRED if extra.required else ""
    if extra.kind == "yes_no" and value not in ("ya", "tidak"):
        return CHOOSE
    if len(value) > extra.max_length:
        return f"Paling banyak {extra.max_length} huruf."
    return ""
