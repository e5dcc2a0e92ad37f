"""The questionnaire: a versioned file, its answers keyed by element code."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rules.skm import ELEMENTS

REQUIRED = "Wajib diisi."
CHOOSE = "Pilih salah satu jawaban."
KINDS = ("yes_no", "text")


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
    """Read and check a questionnaire. Raises ValueError that names the file and the fault."""
    try:
        questionnaire = _build(tomllib.loads(path.read_text(encoding="utf-8")))
    except KeyError as missing:
        raise ValueError(f"{path.name}: {missing} is missing") from None
    except (TypeError, ValueError) as fault:
        raise ValueError(f"{path.name}: {fault}") from None
    if problem := _problem(questionnaire):
        raise ValueError(f"{path.name}: {problem}")
    return questionnaire


def _build(raw: Mapping[str, Any]) -> Questionnaire:
    return Questionnaire(
        **{name: raw[name] for name in ("code", "version", "title", "greeting", "closing")},
        questions=tuple(
            Question(entry["element"], entry["text"], tuple(entry["options"]))
            for entry in raw.get("question", ())
        ),
        demographics=tuple(
            Demographic(
                entry["code"],
                entry["label"],
                entry.get("required", False),
                tuple(entry["options"]),
            )
            for entry in raw.get("demographic", ())
        ),
        extras=tuple(Extra(**entry) for entry in raw.get("extra", ())),
    )


def _problem(questionnaire: Questionnaire) -> str:
    """What is wrong with a questionnaire; empty when nothing is."""
    found = [question.element for question in questionnaire.questions]
    if missing := [element for element in ELEMENTS if element not in found]:
        return f"no question for {', '.join(missing)}"
    if len(found) > len(ELEMENTS):
        return "each of the nine elements has exactly one question, and there are no others"
    for question in questionnaire.questions:
        if len(set(question.options)) != 4:
            return f"{question.element} needs four different options"
    codes = [*found, *(item.code for item in questionnaire.demographics + questionnaire.extras)]
    if len(set(codes)) != len(codes):
        return "a code is used twice"
    for demographic in questionnaire.demographics:
        if not all(demographic.options) or not demographic.options:
            return f"{demographic.code} needs options"
    for extra in questionnaire.extras:
        if extra.kind not in KINDS:
            return f"{extra.code}: kind is one of {', '.join(KINDS)}"
    return ""


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
