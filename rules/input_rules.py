"""Rules between the inputs of a flow: what one asks of another, of an earlier one, or of today.

Looked at once each value is clean by itself (`rules.inputs`). What a rule names and nobody gave
breaks no rule: a request may have skipped the stage that asks for it. The rule `unique` needs the
table of values and is in `moves.input_rules`.
"""

from collections.abc import Collection, Mapping
from datetime import date

from rules.formats import day, decimal_id, rupiah
from rules.inputs import BadInput, clean_value
from rules.services import TODAY, Input

# An input and the value that it was given, or None.
Answered = tuple[Input, object]


def clean_values(
    wanted: Collection[Input], given: Mapping[str, object], *, today: date
) -> tuple[dict[str, object], dict[str, str]]:
    """What a form gave, by the names of its inputs: the clean values, and a sentence for each that
    is wrong by itself or beside the others, and for each point. Files and people aren't looked at.
    """
    kept: dict[str, object] = {}
    wrong: dict[str, str] = {}
    for entry in wanted:
        try:
            value = clean_value(entry, given.get(entry.name))
        except BadInput as problem:
            wrong[entry.name] = str(problem)
            wrong |= {f"{entry.name}-{place}": said for place, said in problem.points.items()}
            continue
        if value:
            kept[entry.name] = value
    return kept, broken_rules(wanted, kept, {}, today=today) | wrong


def broken_rules(
    wanted: Collection[Input],
    given: Mapping[str, object],
    earlier: Mapping[str, Answered],
    *,
    today: date,
) -> dict[str, str]:
    """Name of an input -> what is wrong with its value, a sentence each.

    `given` has the clean values of this form, `earlier` what was given before, by the name.
    """
    others = dict(earlier) | {entry.name: (entry, given.get(entry.name)) for entry in wanted}
    found: dict[str, str] = {}
    for entry in wanted:
        value = given.get(entry.name)
        rules = (_equals, _not_before, _not_after) if value else (_required_if, _required_unless)
        for rule in rules:
            if words := rule(entry, value, others, today):
                found.setdefault(entry.name, words)
    return found


def _required_if(
    entry: Input, _: object, others: Mapping[str, Answered], today: date
) -> str | None:
    if not entry.required_if:
        return None
    name, *asking = entry.required_if
    other, value = others.get(name, (entry, None))
    if not value or (asking and not _is_among(value, asking)):
        return None
    said = f"adalah “{value}”" if asking and isinstance(value, str) else "diisi"
    return f"Isi bagian ini, karena “{other.label}” {said}."


def _is_among(value: object, wanted: Collection[str]) -> bool:
    return any(one in wanted for one in ([value] if isinstance(value, str) else value))  # type: ignore[attr-defined]


def _required_unless(
    entry: Input, _: object, others: Mapping[str, Answered], today: date
) -> str | None:
    if not entry.required_unless:
        return None
    other, value = others.get(entry.required_unless, (None, None))
    if value or other is None:
        return None
    if other.type == "checklist":
        return f"Isi bagian ini, atau centang sedikitnya satu butir pada “{other.label}”."
    return f"Isi bagian ini, atau “{other.label}”."


def _not_before(
    entry: Input, value: object, others: Mapping[str, Answered], today: date
) -> str | None:
    limit, whose = _limit(entry.not_before, others, today)
    if limit is None or str(value) >= limit.isoformat():
        return None
    if not whose:
        return "Tanggal ini sudah lewat. Isi hari ini atau sesudahnya."
    return f"Tidak boleh sebelum “{whose}”, {day(limit)}."


def _not_after(
    entry: Input, value: object, others: Mapping[str, Answered], today: date
) -> str | None:
    limit, whose = _limit(entry.not_after, others, today)
    if limit is None or str(value) <= limit.isoformat():
        return None
    if not whose:
        return "Tanggal ini belum tiba. Isi hari ini atau sebelumnya."
    return f"Tidak boleh sesudah “{whose}”, {day(limit)}."


def _limit(name: str, others: Mapping[str, Answered], today: date) -> tuple[date | None, str]:
    """The day that a rule names, and whose it is; empty for today."""
    if name == TODAY:
        return today, ""
    other, value = others.get(name, (None, None))
    return (date.fromisoformat(str(value)), other.label) if other and value else (None, "")


def _equals(entry: Input, value: object, others: Mapping[str, Answered], today: date) -> str | None:
    other, wanted = others.get(entry.equals, (None, None))
    if other is None or not wanted or value == wanted:
        return None
    return f"Harus sama dengan “{other.label}”: {_words(other, wanted)}."


def _words(entry: Input, value: object) -> str:
    if entry.type == "money":
        return rupiah(int(str(value)))
    if entry.type == "number":
        return decimal_id(int(str(value)), 0)
    return day(date.fromisoformat(str(value))) if entry.type == "date" else str(value)


def rule_words(entry: Input, labels: Mapping[str, str]) -> list[str]:
    """The rules of an input for whoever edits the flow; `labels` are those of all inputs."""
    said = {name: "hari ini" if name == TODAY else f"“{labels.get(name, name)}”"
            for name in (*entry.others, TODAY)}  # fmt: skip
    words = []
    if entry.required_yes:
        words.append(f"{len(entry.required_yes)} dari {len(entry.options)} butir harus Ya")
    if entry.unique:
        words.append("tidak boleh sama dengan permohonan lain")
    if entry.min is not None:
        words.append(f"paling sedikit {decimal_id(entry.min, 0)}")
    if entry.max is not None:
        words.append(f"paling banyak {decimal_id(entry.max, 0)}")
    if entry.required_if:
        name, *values = entry.required_if
        words.append(f"wajib bila {said[name]} {' atau '.join(values) or 'diisi'}")
    if entry.required_unless:
        words.append(f"wajib bila {said[entry.required_unless]} kosong")
    if entry.not_before:
        words.append(f"tidak sebelum {said[entry.not_before]}")
    if entry.not_after:
        words.append(f"tidak sesudah {said[entry.not_after]}")
    if entry.equals:
        words.append(f"sama dengan {said[entry.equals]}")
    return words
