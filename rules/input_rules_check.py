"""Whether the rules of an input can be kept: what they name is in reach and of the right kind."""

from collections.abc import Iterator, Mapping

from rules.roles import PELANGGAN
from rules.services import TODAY, UNIQUE_SCOPES, Flow, Input, Stage

NUMERIC = ("number", "money")
WORDED = ("text", "number")
COMPARABLE = ("text", "number", "money", "date", "choice", "coordinates")
Sentences = Iterator[str]


def check_rules(flow: Flow, desk: Stage | None, entry: Input) -> Sentences:
    """What is wrong with the rules of an input of a desk, or of the form where there is none."""
    known = _in_reach(flow, desk)
    yield from _check_lengths(entry)
    yield from _check_points(entry)
    yield from _check_unique(desk, entry)
    for rule, name in _named(entry):
        if name == entry.name:
            yield f"{rule} menyebut isian ini sendiri"
        elif name not in known:
            yield f"{rule} menyebut isian yang tidak ada di sini atau sebelumnya: {name}"
    yield from _check_conditions(entry, known)
    yield from _check_dates(entry, known)
    yield from _check_equals(entry, known)


def _in_reach(flow: Flow, desk: Stage | None) -> Mapping[str, Input]:
    """Inputs that a rule may name: those of the form, of earlier desks, and beside it."""
    found = {entry.name: entry for entry in flow.fields}
    if desk is None:
        return found
    for other in (*reversed(list(flow.before(desk))), desk):
        found |= {entry.name: entry for entry in other.inputs}
    return found


def _named(entry: Input) -> Iterator[tuple[str, str]]:
    """(rule, the input that it names)."""
    if entry.required_if:
        yield "required_if", entry.required_if[0]
    for rule in ("required_unless", "not_before", "not_after", "equals"):
        name = getattr(entry, rule)
        if name and not (name == TODAY and rule.startswith("not_")):
            yield rule, name


def _check_lengths(entry: Input) -> Sentences:
    if entry.min_length > entry.max_length:
        yield "min_length melebihi max_length"
    has_range = entry.min is not None or entry.max is not None
    if has_range and entry.type not in NUMERIC:
        yield "min dan max hanya untuk angka dan jumlah rupiah"
    if entry.min is not None and entry.max is not None and entry.min > entry.max:
        yield "min melebihi max"


def _check_points(entry: Input) -> Sentences:
    if entry.required_yes and entry.type != "yes_no":
        yield "required_yes hanya untuk daftar periksa (yes_no)"
    for point in entry.required_yes:
        if entry.type == "yes_no" and point not in entry.options:
            yield f"required_yes menyebut butir yang tidak ada: {point}"
    if entry.type == "yes_no" and len(set(entry.options)) != len(entry.options):
        yield "dua butir sama bunyinya"


def _check_unique(desk: Stage | None, entry: Input) -> Sentences:
    if not entry.unique:
        return
    if entry.unique not in UNIQUE_SCOPES:
        yield f"unique adalah service atau office, bukan {entry.unique}"
    if entry.type not in WORDED:
        yield "unique hanya untuk teks pendek dan angka"
    if desk is None or desk.role == PELANGGAN:
        yield "unique hanya untuk isian yang diisi balai"


def _check_conditions(entry: Input, known: Mapping[str, Input]) -> Sentences:
    if entry.required and (entry.required_if or entry.required_unless):
        yield "isian yang selalu wajib tidak memerlukan required_if atau required_unless"
    if entry.required_if and entry.required_unless:
        yield "required_if dan required_unless tidak dapat bersama-sama"
    other = known.get(entry.required_if[0]) if entry.required_if else None
    values = entry.required_if[1:]
    if other is None or not values:
        return
    if other.type not in ("choice", "checklist"):
        yield f"required_if: isian {other.name} tidak mempunyai pilihan untuk disebut"
        return
    for value in values:
        if value not in other.options:
            yield f"required_if menyebut pilihan yang tidak ada pada {other.name}: {value}"


def _check_dates(entry: Input, known: Mapping[str, Input]) -> Sentences:
    limits = {rule: getattr(entry, rule) for rule in ("not_before", "not_after")}
    if any(limits.values()) and entry.type != "date":
        yield "not_before dan not_after hanya untuk tanggal"
        return
    for rule, name in limits.items():
        if name in known and known[name].type != "date":
            yield f"{rule}: isian {name} bukan tanggal"
    first, last = limits["not_before"], limits["not_after"]
    if first and first == last and first != TODAY:
        yield f"tanggal ini hanya dapat sama dengan {first}; pakai equals"
    other = known.get(first)
    if other and _goes_round(entry, other, "not_before", known):
        yield f"not_before berputar melalui {first}"
    if first == TODAY and last in known and known[last].not_after == TODAY:
        yield f"tanggal ini tidak boleh sebelum hari ini, tetapi {last} tidak boleh sesudahnya"
    if last == TODAY and first in known and known[first].not_before == TODAY:
        yield f"tanggal ini tidak boleh sesudah hari ini, tetapi {first} tidak boleh sebelumnya"


def _goes_round(entry: Input, other: Input, rule: str, known: Mapping[str, Input]) -> bool:
    seen: set[str] = set()
    while other and other.name not in seen:
        if getattr(other, rule) == entry.name:
            return True
        seen.add(other.name)
        other = known.get(getattr(other, rule))  # type: ignore[assignment]
    return False


def _check_equals(entry: Input, known: Mapping[str, Input]) -> Sentences:
    other = known.get(entry.equals)
    if other is None or other is entry:
        return
    if other.type != entry.type or entry.type not in COMPARABLE:
        yield f"equals: isian {other.name} berjenis lain, atau tidak dapat dibandingkan"
        return
    if _lowest(entry) > _highest(other) or _lowest(other) > _highest(entry):
        yield f"equals: batas angka {other.name} tidak bertemu dengan batas isian ini"


def _lowest(entry: Input) -> float:
    return entry.min if entry.min is not None else 0


def _highest(entry: Input) -> float:
    return entry.max if entry.max is not None else float("inf")
