"""Changes to a definition, each as a new definition; the old one stays as it is.

Days are told here per stage, as people think of them; the definition itself counts from the
filing, so every change counts them anew.
"""

import copy
import re
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from rules.services import CUSTOMER, HANDOVER, OFFICE, SUBMIT, TODAY

Raw = dict[str, Any]
# Effects that a service has exactly once: their stage can't be taken out.
KEPT_EFFECTS = {
    "issue_number": "menerbitkan nomor",
    "stop_clock": "menghentikan jam layanan",
    "release_report": "membuka hasil bagi pelanggan",
}
NOTE = {"name": "note", "type": "longtext", "label": "Catatan", "max_length": 1000}
ANSWER = {
    "name": "response",
    "type": "longtext",
    "label": "Tanggapan Anda",
    "required": True,
    "max_length": 2000,
}


RULES_THAT_NAME = ("required_if", "required_unless", "not_before", "not_after", "equals")


class BadEdit(ValueError):
    """A change that can't be made; the text is a sentence for whoever asked."""


def stage_of(raw: Mapping[str, Any], code: str) -> Raw:
    """The raw stage with this code. Raises KeyError."""
    return {stage["code"]: stage for stage in raw["stage"]}[code]


def own_days(raw: Mapping[str, Any]) -> dict[str, Decimal]:
    """Stage code -> working days of that stage alone."""
    found, before = {}, Decimal(0)
    for stage in raw["stage"]:
        until = _until(stage)
        found[stage["code"]], before = until - before, until
    return found


def _until(stage: Mapping[str, Any]) -> Decimal:
    days = stage.get("days")
    if days is None:
        days = stage["step"][0]["days"]
    return Decimal(str(days))


def with_days(
    raw: Mapping[str, Any], own: Mapping[str, Decimal], promise: int, promises: Mapping[str, int]
) -> Raw:
    """Other working days per stage, for the whole service and per sub-classification."""
    new = copy.deepcopy(dict(raw))
    new["working_days"] = promise
    for subclass in new.get("subclass", ()):
        subclass["working_days"] = promises.get(subclass["code"], subclass["working_days"])
    return _counted(new, own)


def _counted(raw: Raw, own: Mapping[str, Decimal]) -> Raw:
    until = Decimal(0)
    for stage in raw["stage"]:
        until += own.get(stage["code"], Decimal(0))
        text = f"{until.normalize():f}"
        for step in stage.get("step", ()):
            step.pop("days", None)
        # A number that says the same is left as it was written.
        if "days" not in stage or Decimal(str(stage["days"])) != until:
            stage["days"] = text
    return raw


def with_stage_moved(raw: Mapping[str, Any], code: str, by: int) -> Raw:
    """One place up (-1) or down (1); filing stays first, the handover last. Raises BadEdit."""
    new, days = copy.deepcopy(dict(raw)), own_days(raw)
    stages = new["stage"]
    index = [stage["code"] for stage in stages].index(code)
    if not (0 < index < len(stages) - 1 and 0 < index + by < len(stages) - 1):
        raise BadEdit("Pengajuan tetap tahap pertama dan penyerahan tetap tahap terakhir.")
    stages.insert(index + by, stages.pop(index))
    return _counted(new, days)


def why_not_removable(stage: Mapping[str, Any], raw: Mapping[str, Any]) -> str:
    """The reason why a stage has to stay; empty when it may go."""
    turns = [stage, *stage.get("step", ())]
    if any(turn.get("kind") in (SUBMIT, HANDOVER) for turn in turns):
        return "Pengajuan dan penyerahan tidak dapat dihapus."
    for turn in turns:
        for effect in turn.get("effects", ()):
            if words := KEPT_EFFECTS.get(effect):
                return f"Tahap ini {words}; pindahkan dulu akibat itu melalui berkas alur."
    if raw.get("revision_stage") == stage["code"]:
        return "Perbaikan laporan dimulai pada tahap ini; ubah dulu melalui berkas alur."
    return ""


def without_stage(raw: Mapping[str, Any], code: str) -> Raw:
    """The stage taken out, and every mention of it. Its days go with it. Raises BadEdit."""
    if reason := why_not_removable(stage_of(raw, code), raw):
        raise BadEdit(reason)
    new, days = copy.deepcopy(dict(raw)), own_days(raw)
    new["stage"] = [stage for stage in new["stage"] if stage["code"] != code]
    for stage in new["stage"]:
        for turn in (stage, *stage.get("step", ())):
            if "not_by" in turn:
                turn["not_by"] = [name for name in turn["not_by"] if name.split("/")[0] != code]
            for entry in turn.get("input", ()):
                if "assigns" in entry:
                    entry["assigns"] = [n for n in entry["assigns"] if n.split("/")[0] != code]
    for subclass in new.get("subclass", ()):
        if "skips" in subclass:
            subclass["skips"] = [name for name in subclass["skips"] if name != code]
        subclass.get("stage", {}).pop(code, None)
    return _counted(_without_dangling_rules(new), days)


def new_code(short: str, used: Collection[str]) -> str:
    """A code for a stage, from its short title; never one that was used before."""
    base = re.sub(r"[^A-Z0-9]+", "_", short.upper()).strip("_")[:30]
    base = base if base[:1].isalpha() else f"TAHAP_{base}".strip("_")
    code, number = base, 2
    while code in used:
        code, number = f"{base}_{number}", number + 1
    return code


def with_stage(
    raw: Mapping[str, Any], stage: Mapping[str, Any], days: Decimal, *, after: str
) -> Raw:
    """A new stage behind another one. Raises BadEdit behind the last one."""
    new, own = copy.deepcopy(dict(raw)), own_days(raw)
    codes = [entry["code"] for entry in new["stage"]]
    if after not in codes[:-1]:
        raise BadEdit("Tahap baru ditempatkan sebelum penyerahan.")
    answer = ANSWER if stage["kind"] == CUSTOMER else NOTE
    new["stage"].insert(codes.index(after) + 1, {**stage, "days": "0", "input": [dict(answer)]})
    return _counted(new, {**own, stage["code"]: days})


def with_stage_words(
    raw: Mapping[str, Any],
    code: str,
    words: Mapping[str, str],
    days: Decimal,
    desks: Mapping[int, Mapping[str, Any]],
) -> Raw:
    """Other words, days and desks of a stage; `desks` maps a turn (from 0) to its values.

    Empty texts take their key out, so that an untouched stage stays exactly what it was.
    """
    new, own = copy.deepcopy(dict(raw)), own_days(raw)
    stage = stage_of(new, code)
    _put(stage, words)
    turns = stage.get("step") or [stage]
    for number, values in desks.items():
        inherited = stage if stage.get("step") else {}
        _put(turns[number], values, inherited)
    return _counted(new, {**own, code: days})


def _put(
    target: Raw, values: Mapping[str, Any], inherited: Mapping[str, Any] | None = None
) -> None:
    for name, value in values.items():
        known = target.get(name, (inherited or {}).get(name))
        if (known or "") == (value or ""):
            continue
        if value:
            target[name] = value
        elif inherited and inherited.get(name):
            target[name] = type(inherited[name])()
        else:
            target.pop(name, None)


def with_input(raw: Mapping[str, Any], code: str, turn: int, entry: Mapping[str, Any]) -> Raw:
    """A new input at the end of a desk."""
    new = copy.deepcopy(dict(raw))
    _inputs_of(new, code, turn).append(dict(entry))
    return new


def without_input(raw: Mapping[str, Any], code: str, turn: int, name: str) -> Raw:
    new = copy.deepcopy(dict(raw))
    inputs = _inputs_of(new, code, turn)
    inputs[:] = [entry for entry in inputs if entry["name"] != name]
    return _without_dangling_rules(new)


def _without_dangling_rules(raw: Raw) -> Raw:
    """Rules that name an input which isn't there any more, nor before, go with it."""
    turns = [turn for stage in raw["stage"] for turn in (stage, *stage.get("step", ()))]
    known = {TODAY}
    for inputs in (raw.get("field", []), *(turn.get("input", []) for turn in turns)):
        known |= {entry["name"] for entry in inputs}
        for entry in inputs:
            for rule in RULES_THAT_NAME:
                named = entry.get(rule)
                if named and (named[0] if isinstance(named, list) else named) not in known:
                    del entry[rule]
    return raw


def with_input_required(
    raw: Mapping[str, Any], code: str, turn: int, name: str, *, required: bool
) -> Raw:
    new = copy.deepcopy(dict(raw))
    for entry in _inputs_of(new, code, turn):
        if entry["name"] == name and required:
            entry["required"] = True
            for rule in ("required_if", "required_unless"):
                entry.pop(rule, None)
        elif entry["name"] == name:
            entry.pop("required", None)
    return new


def _inputs_of(raw: Raw, code: str, turn: int) -> list[Raw]:
    """The inputs of a desk, its own list: one shared by all turns is copied first."""
    stage = stage_of(raw, code)
    target = stage["step"][turn] if stage.get("step") else stage
    if "input" not in target:
        target["input"] = copy.deepcopy(stage.get("input", []))
    return target["input"]


def new_input_name(label: str, used: Collection[str]) -> str:
    """A name for an input, from its label."""
    base = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")[:30].strip("_")
    base = base if base[:1].isalpha() else f"isian_{base}".strip("_")
    name, number = base, 2
    while name in used:
        name, number = f"{base}_{number}", number + 1
    return name


def kinds_for_new() -> tuple[tuple[str, str], ...]:
    """Kinds that a stage added here may have, with words; the others are there once already."""
    return ((OFFICE, "Dikerjakan balai"), (CUSTOMER, "Menunggu pelanggan"))
