"""A service drawn as its stages, one below the other: readable on a phone, printable, and told
a second time by the table beside it.

Kinds differ by shape and by word, never by colour alone. No style attribute and no script, so the
strict content security policy holds; colours come from the style sheet.
"""

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup, escape

from config.office import office
from rules.services import CUSTOMER, HANDOVER, OFFICE, SUBMIT, SURVEY, Flow, Stage

WIDTH = 328
BOX_LEFT, BOX_RIGHT = 34, 306
LINE, PAD, GAP = 16, 10, 26
# Letters that fit a line: Latin text at 12 and 11 px is at most about 6.6 and 6.1 px a letter.
TITLE_LETTERS, TEXT_LETTERS = 36, 40
KIND_WORDS = {
    SUBMIT: "Pengajuan oleh pelanggan",
    OFFICE: "Dikerjakan balai",
    CUSTOMER: "Menunggu pelanggan",
    SURVEY: "Survei oleh pelanggan",
    HANDOVER: "Penyerahan hasil",
}
SIDE_WORDS = {
    "ask_completion": "minta kelengkapan",
    "reject": "tolak",
    "return": "kembalikan",
    "suspend": "tangguhkan",
    "amend": "ubah lingkup",
    "negotiate": "minta perubahan",
    "cancel": "batalkan",
    "cancel_with_consent": "batal dengan persetujuan",
    "reissue_billing": "terbitkan ulang tagihan",
}
EFFECT_WORDS = {
    "issue_number": "nomor terbit",
    "stop_clock": "jam layanan berhenti",
    "ask_survey": "survei diminta",
    "release_report": "hasil dibuka bagi pelanggan",
    "agree_deadline": "tanggal selesai disepakati",
    "record_billing": "tagihan dicatat",
    "record_payment": "pembayaran dicatat",
    "make_document": "dokumen",
}


@dataclass(frozen=True)
class Row:
    """A stage in words, for the table beside the picture."""

    number: int
    code: str
    title: str
    short: str
    kind: str
    days: str
    until: str
    desks: tuple["DeskRow", ...]
    only_for: str
    mark: str = ""


@dataclass(frozen=True)
class DeskRow:
    """One turn of a stage in words."""

    letter: str
    post: str
    action: str
    sides: tuple[str, ...]
    effects: tuple[str, ...]


def days_words(days: Decimal) -> str:
    """`2,5`"""
    return f"{days.normalize():f}".replace(".", ",")


def own_days(flow: Flow, stage: Stage) -> Decimal:
    """Working days of this stage alone: the definition counts from the filing."""
    index = flow.position(stage.code)
    return stage.days - (flow.stages[index - 1].days if index else Decimal(0))


def side_words(entry: str) -> str:
    """`tangguhkan (Manajer Teknis)`"""
    name, _, role = entry.partition(":")
    words = SIDE_WORDS.get(name, name)
    return f"{words} ({_post(role)})" if role else words


def effect_words(entry: str) -> str:
    name, _, argument = entry.partition(":")
    words = EFFECT_WORDS.get(name, name)
    if name == "make_document":
        return f"{words} {argument.replace('_', ' ')}"
    return words


def _post(role: str) -> str:
    return office().posts.get(role, role)


def rows_of(flow: Flow, marks: Mapping[str, str] | None = None) -> list[Row]:
    """The stages in words; `marks` are short words per stage code (`baru`, `diubah`)."""
    return [
        Row(
            number=number,
            code=stage.code,
            title=stage.title,
            short=stage.short,
            kind=", ".join(dict.fromkeys(KIND_WORDS.get(d.kind, d.kind) for d in stage.desks)),
            days=days_words(own_days(flow, stage)),
            until=days_words(stage.days),
            desks=tuple(_desk_row(desk) for desk in stage.desks),
            only_for=" ".join(_exceptions(flow, stage)),
            mark=(marks or {}).get(stage.code, ""),
        )
        for number, stage in enumerate(flow.stages, start=1)
    ]


def _desk_row(desk: Stage) -> DeskRow:
    return DeskRow(
        letter=chr(ord("a") + desk.step) if desk.turns > 1 else "",
        post=_post(desk.role),
        action=desk.action,
        sides=tuple(dict.fromkeys(side_words(entry) for entry in desk.allows)),
        effects=tuple(effect_words(entry) for entry in desk.effects),
    )


def _exceptions(flow: Flow, stage: Stage) -> Iterator[str]:
    skipping = [one.title for one in flow.subclasses if stage.code in one.skips]
    if skipping:
        yield f"Tidak untuk {', '.join(skipping)}."
    if any(desk.paid_only for desk in stage.desks):
        yield "Hanya bila berbayar."


# -- drawing -------------------------------------------------------------------------------------


def draw_flow(flow: Flow, marks: Mapping[str, str] | None = None, *, id: str = "alur") -> Markup:
    """The picture; `id` begins the ids inside it, so that two may stand on one page."""
    parts: list[str] = []
    top, tops = 4, {}
    for row, stage in zip(rows_of(flow, marks), flow.stages, strict=True):
        lines = list(_lines(row, stage))
        height = sum(LINE for _ in lines) + 2 * PAD
        tops[stage.code] = (top, top + height)
        parts.append(_stage(row, stage, lines, top, height))
        top += height
        if row.number < len(flow.stages):
            parts.append(_arrow(top))
            top += GAP
    parts += _detours(flow, tops)
    height = top + 4
    promise = days_words(Decimal(flow.working_days))
    return Markup(
        f'<svg class="m-flow" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img" aria-labelledby="{escape(id)}-title '
        f'{escape(id)}-desc"><title id="{escape(id)}-title">Diagram alur {escape(flow.title)}'
        f'</title><desc id="{escape(id)}-desc">{len(flow.stages)} tahap dari atas ke bawah, '
        f"janji {promise} hari kerja. Isinya sama dengan tabel tahap pada halaman ini.</desc>"
        f"{''.join(parts)}</svg>"
    )


def _lines(row: Row, stage: Stage) -> Iterator[tuple[str, str]]:
    """(class, words) of the lines in a stage's box."""
    mark = f" [{row.mark}]" if row.mark else ""
    for line in textwrap.wrap(f"{row.short}{mark}", TITLE_LETTERS):
        yield "m-flow-title", line
    first = KIND_WORDS.get(stage.desks[0].kind, stage.kind)
    if len(row.desks) == 1:
        yield "m-flow-kind", first
        for line in textwrap.wrap(row.desks[0].post, TEXT_LETTERS):
            yield "m-flow-text", line
    if stage.kind != SUBMIT:
        days = "tidak dihitung" if stage.kind in (SURVEY, CUSTOMER) else f"{row.days} hari kerja"
        yield "m-flow-text", f"{days}, batas hari ke-{row.until}"
    for desk_row, desk in zip(row.desks, stage.desks, strict=True):
        for name, words in _desk_words(desk_row, desk):
            yield from ((name, line) for line in textwrap.wrap(words, TEXT_LETTERS))
    yield from (("m-flow-note", line) for line in textwrap.wrap(row.only_for, TEXT_LETTERS))


def _desk_words(row: DeskRow, desk: Stage) -> Iterator[tuple[str, str]]:
    if row.letter:
        kind = "pelanggan" if desk.kind in (CUSTOMER, SURVEY) else "balai"
        yield "m-flow-desk", f"{row.letter}) {row.post} ({kind}): {row.action}"
    if row.effects:
        yield "m-flow-small", f"▸ {'; '.join(row.effects)}"
    if row.sides:
        yield "m-flow-small", f"↩ {'; '.join(row.sides)}"


def _stage(row: Row, stage: Stage, lines: list[tuple[str, str]], top: int, height: int) -> str:
    kind = stage.desks[0].kind
    parts = [_shape(kind, top, height, "m-flow-box" + (" is-marked" if row.mark else ""))]
    y = top + PAD + 11
    for name, words in lines:
        parts.append(
            f'<text class="{name}" x="{BOX_LEFT + 16}" y="{y}" font-size="'
            f'{12 if name == "m-flow-title" else 11}">{escape(words)}</text>'
        )
        y += LINE
    middle = top + 18
    parts.append(
        f'<circle class="m-flow-dot" cx="16" cy="{middle}" r="13"/>'
        f'<text class="m-flow-number" x="16" y="{middle + 4}" font-size="12" '
        f'text-anchor="middle">{row.number}</text>'
    )
    return f'<g class="m-flow-{escape(kind)}">{"".join(parts)}</g>'


def _shape(kind: str, top: int, height: int, name: str) -> str:
    left, right, bottom, middle = BOX_LEFT, BOX_RIGHT, top + height, top + height / 2
    if kind in (SUBMIT, HANDOVER):
        radius = 18
        shape = (
            f'<rect class="{name}" x="{left}" y="{top}" width="{right - left}" '
            f'height="{height}" rx="{radius}"/>'
        )
        if kind == HANDOVER:
            shape += (
                f'<rect class="m-flow-inner" x="{left + 4}" y="{top + 4}" '
                f'width="{right - left - 8}" height="{height - 8}" rx="{radius - 4}"/>'
            )
        return shape
    points: list[tuple[float, float]]
    if kind == CUSTOMER:
        points = [(left + 12, top), (right, top), (right - 12, bottom), (left, bottom)]
    elif kind == SURVEY:
        points = [
            (left + 14, top),
            (right - 14, top),
            (right, middle),
            (right - 14, bottom),
            (left + 14, bottom),
            (left, middle),
        ]
    else:
        points = [(left, top), (right, top), (right, bottom), (left, bottom)]
    text = " ".join(f"{x:g},{y:g}" for x, y in points)
    return f'<polygon class="{name}" points="{text}"/>'


def _arrow(top: int) -> str:
    x, end = (BOX_LEFT + BOX_RIGHT) / 2, top + GAP - 2
    return (
        f'<path class="m-flow-line" d="M{x:g} {top}V{end - 5}"/>'
        f'<polygon class="m-flow-head" points="{x - 5:g},{end - 7} {x + 5:g},{end - 7} '
        f'{x:g},{end}"/>'
    )


def _detours(flow: Flow, tops: Mapping[str, tuple[int, int]]) -> Iterator[str]:
    """A dashed line on the right past every run of stages that some kinds of request skip."""
    runs: dict[tuple[int, int], list[str]] = {}
    for subclass in flow.subclasses:
        skipped = sorted(flow.position(c) for c in set(subclass.skips) if flow.has_stage(c))
        for first, last in _runs(skipped):
            if first > 0 and last < len(flow.stages) - 1:
                runs.setdefault((first, last), []).append(subclass.title)
    for lane, ((first, last), titles) in enumerate(sorted(runs.items())):
        begin = tops[flow.stages[first - 1].code][1] + 8
        end = tops[flow.stages[last + 1].code][0] - 11
        x, middle = BOX_RIGHT + 8 + 6 * (lane % 2), (BOX_LEFT + BOX_RIGHT) / 2
        yield (
            f'<path class="m-flow-detour" d="M{middle:g} {begin}H{x}V{end}H{middle + 8:g}" '
            f'stroke-dasharray="4 3"><title>{escape(", ".join(titles))} melewati tahap '
            f"{first + 1}{f'–{last + 1}' if last > first else ''}</title></path>"
            f'<polygon class="m-flow-head" points="{middle + 10:g},{end - 4} '
            f'{middle + 10:g},{end + 4} {middle + 3:g},{end}"/>'
        )


def _runs(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """`[3, 4, 7]` → (3, 4), (7, 7)"""
    run: list[int] = []
    for number in [*numbers, None]:
        if run and (number is None or number != run[-1] + 1):
            yield run[0], run[-1]
            run = []
        if number is not None:
            run.append(number)
