"""Whether a definition has the words and kinds of values that a definition may have.

Looked at before anything is built from it: a file that somebody sends may hold anything.
"""

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import MISSING, fields
from decimal import Decimal, InvalidOperation
from typing import Any

import tomli_w

from rules.services import STANDARD_COMPONENTS, TODAY, BadFlow, Flow, Input, Stage, Subclass

LARGEST_AMOUNT = 10**13
LARGEST_FILE = 200_000
LONGEST_TEXT = 20_000
MOST_DAYS = 366
STAGE_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,35}")
INPUT_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
# Fields of every form beside those of a flow.
TAKEN_NAMES = frozenset({"version", "csrf_token", "key", TODAY})
TEXT, NUMBER, AMOUNT, YES_NO, LIST, TEXT_OR_LIST, DAYS = (
    "teks",
    "bilangan bulat",
    "bilangan bulat yang tidak negatif",
    "true atau false",
    "daftar teks",
    "teks atau daftar teks",
    "hari",
)
KINDS_OF_VALUES = {
    "str": TEXT,
    "int": NUMBER,
    "int | None": AMOUNT,
    "bool": YES_NO,
    "tuple[str, ...]": LIST,
    "str | tuple[str, ...]": TEXT_OR_LIST,
    "Decimal": DAYS,
}
# The order in which a file is written; what isn't named comes after, tables last.
ORDER = (
    "code",
    "edition",
    "title",
    "tile",
    "short",
    "name",
    "type",
    "label",
    "role",
    "kind",
    "days",
    "classification",
    "summary",
    "number_code",
    "working_days",
    "action",
    "waiting",
    "done",
    "required",
    "hint",
)
TABLES = ("subclass", "field", "attach", "standard", "stage", "step", "input")


def read_toml(content: bytes) -> dict[str, Any]:
    """A definition from the bytes of a file. Raises BadFlow with sentences for who sent it."""
    if len(content) > LARGEST_FILE:
        raise BadFlow("berkas", ["Berkas terlalu besar untuk sebuah alur."])
    try:
        raw = tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise BadFlow("berkas", ["Berkas bukan teks UTF-8."]) from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadFlow("berkas", [f"Berkas bukan TOML yang benar: {error}"]) from None
    if problems := list(misshapen(raw)):
        raise BadFlow("berkas", problems)
    return raw


def write_toml(raw: Mapping[str, Any]) -> str:
    """The definition as a file for people; `read_toml` gives the same definition back."""
    return tomli_w.dumps(_in_order(raw), multiline_strings=False)


def _in_order(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _in_order(value[name]) for name in sorted(value, key=_place)}
    return [_in_order(entry) for entry in value] if isinstance(value, list) else value


def _place(name: str) -> tuple[int, int, str]:
    if name in TABLES:
        return (2, TABLES.index(name), name)
    return (0, ORDER.index(name), name) if name in ORDER else (1, 0, name)


def misshapen(raw: Mapping[str, Any]) -> Iterator[str]:
    """What has the wrong shape, a sentence each; nothing when `parse_flow` may look at it."""
    built = {"subclasses", "stages", "fields", "attachments", "standard"}
    top = {name: kind for name, kind in _kinds(Flow).items() if name not in built}
    plain = {name: value for name, value in raw.items() if name not in TABLES}
    required = _required(Flow) - built - {"tile"}
    yield from _wrong_values("layanan", plain, top | {"edition": NUMBER}, required)
    standard = raw.get("standard")
    if not isinstance(standard, Mapping):
        yield "standard: belum diisi, atau bukan tabel"
    else:
        yield from _wrong_values("standard", standard, dict.fromkeys(STANDARD_COMPONENTS, TEXT), ())
    inputs = _kinds(Input)
    for name in ("field", "attach"):
        wanted = _required(Input) - ({"type"} if name == "attach" else set())
        for number, entry in _tables(raw, name):
            if not isinstance(entry, Mapping):
                yield f"{name} ke-{number}: harus berupa tabel"
            else:
                yield from _wrong_values(f"{name} ke-{number}", entry, inputs, wanted)
    for number, entry in _tables(raw, "subclass"):
        if not isinstance(entry, Mapping):
            yield f"subclass ke-{number}: harus berupa tabel"
        else:
            yield from _misshapen_subclass(f"subclass ke-{number}", entry)
    stages = _tables(raw, "stage")
    if not stages:
        yield "tidak ada satu pun tahap (stage)"
    for number, entry in stages:
        if not isinstance(entry, Mapping):
            yield f"tahap ke-{number}: harus berupa tabel"
        else:
            yield from _misshapen_stage(f"tahap ke-{number}", entry)


def _misshapen_subclass(where: str, raw: Mapping) -> Iterator[str]:
    plain = {name: value for name, value in raw.items() if name != "stage"}
    yield from _wrong_values(where, plain, _kinds(Subclass), _required(Subclass))
    words = raw.get("stage", {})
    if not isinstance(words, Mapping):
        yield f"{where}: stage harus berupa tabel"
        return
    reworded = dict.fromkeys(("title", "short", "action", "waiting", "done"), TEXT)
    for code, entry in words.items():
        if not isinstance(entry, Mapping):
            yield f"{where}: stage.{code} harus berupa tabel"
        else:
            yield from _wrong_values(f"{where}, {code}", entry, reworded, ())


def _misshapen_stage(where: str, raw: Mapping) -> Iterator[str]:
    kinds = {
        name: kind
        for name, kind in _kinds(Stage).items()
        if name not in ("inputs", "step", "turns", "steps")
    }
    steps = _tables(raw, "step")
    common = {name: value for name, value in raw.items() if name not in ("step", "input")}
    given = set(common).union(*(set(s) for _, s in steps if isinstance(s, Mapping)))
    yield from _wrong_values(where, common, kinds, _required(Stage) - (given - set(common)))
    for number, step in [(0, raw), *steps]:
        if not isinstance(step, Mapping):
            yield f"{where}: step harus berupa tabel"
            continue
        place = f"{where}, meja ke-{number}" if number else where
        if number:
            plain = {name: value for name, value in step.items() if name != "input"}
            yield from _wrong_values(place, plain, kinds, ())
        for position, entry in _tables(step, "input"):
            if not isinstance(entry, Mapping):
                yield f"{place}: isian harus berupa tabel"
            else:
                yield from _wrong_values(
                    f"{place}, isian ke-{position}", entry, _kinds(Input), _required(Input)
                )


def _tables(raw: Mapping, name: str) -> list[tuple[int, Any]]:
    found = raw.get(name, [])
    return list(enumerate(found, start=1)) if isinstance(found, list) else [(1, found)]


def _kinds(model: type) -> dict[str, str]:
    return {one.name: KINDS_OF_VALUES.get(_name(one.type), "") for one in fields(model)}


def _name(annotation: object) -> str:
    return (
        getattr(annotation, "__name__", "")
        if annotation in (str, int, bool, Decimal)
        else str(annotation)
    )


def _required(model: type) -> set[str]:
    return {
        one.name
        for one in fields(model)
        if one.default is MISSING and one.default_factory is MISSING
    }


def _wrong_values(
    where: str, raw: Mapping, kinds: Mapping[str, str], required: Collection[str]
) -> Iterator[str]:
    for name in sorted(set(required) - set(raw)):
        yield f"{where}: “{name}” belum diisi"
    for name, value in raw.items():
        if name not in kinds:
            yield f"{where}: “{name}” tidak dikenal"
        elif not _fits(kinds[name], value):
            yield f"{where}: “{name}” harus berupa {kinds[name] or 'nilai lain'}"


def _fits(kind: str, value: object) -> bool:
    if kind == TEXT:
        return isinstance(value, str) and len(value) <= LONGEST_TEXT and "\x00" not in value
    if kind == NUMBER:
        return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 10**6
    if kind == AMOUNT:
        if isinstance(value, bool) or not isinstance(value, int):
            return False
        return 0 <= value <= LARGEST_AMOUNT
    if kind == YES_NO:
        return isinstance(value, bool)
    if kind == LIST:
        return isinstance(value, list) and all(_fits(TEXT, entry) for entry in value)
    if kind == TEXT_OR_LIST:
        return _fits(TEXT, value) or _fits(LIST, value)
    return kind == DAYS and are_days(value)


def are_days(value: object) -> bool:
    """Whether a value says working days: from none to a year, quarters of a day and the like."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return False
    try:
        days = Decimal(str(value))
    except InvalidOperation:
        return False
    return days.is_finite() and 0 <= days <= MOST_DAYS and days == round(days, 2)
