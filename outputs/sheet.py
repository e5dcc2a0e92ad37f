"""The A4 sheet on which the office prints: one letterhead, one type, one way to break pages.

Everything is laid out line by line: a row that doesn't fit is cut between two lines and goes on
overleaf, however long it is. Text is tagged for screen readers while it is written.
"""

import io
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import unescape
from itertools import chain, groupby
from typing import cast

from fpdf.enums import MethodReturnValue

from outputs.page import BLUE, BOTTOM, INK, LEFT, MARK, MUTED, NEXT_LINE, TOP, Page
from outputs.typeface import printable

RULE = (120, 130, 142)
SHADE = (236, 240, 245)
WIDTH = 210 - 2 * LEFT
PAD = 1.6
BOX = 3.4
# Millimetres: up to this height a row isn't cut; what heads of two lines and a title take.
UNCUT, HEADS, TITLE = 60, 12, 10
# How many rows stay with what has to follow them.
KEPT_ROWS = 2
# What is left free for a hand to sign in, and for the mark where one signs by it.
FREE, SEALED = 14, 23
# Steps by which a form gets smaller so as to stay on one page.
SCALES = (0.95, 0.9, 0.85, 0.8, 0.75, 0.7)
SVG_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.DOTALL)
# Where a word that is longer than its column is best cut: behind these.
SEAM = re.compile(r"(?<=[-_./@])")
SVG_SIZE = re.compile(r'viewBox="0 0 (\d+) (\d+)"')


@dataclass(frozen=True)
class Line:
    """One paragraph of a cell; `tick` puts a box before it, crossed or empty."""

    text: str
    is_bold: bool = False
    is_small: bool = False
    # For what is only looked up, like digests.
    is_tiny: bool = False
    tick: bool | None = None


@dataclass(frozen=True)
class Part:
    """A piece of a Line as it fits the column."""

    text: str
    line: Line
    is_first: bool
    scale: float = 1.0

    @property
    def height(self) -> float:
        return (2.9 if self.line.is_tiny else 4.1 if self.line.is_small else 5.0) * self.scale

    @property
    def size(self) -> float:
        return (6.4 if self.line.is_tiny else 8 if self.line.is_small else 9.5) * self.scale


Cell = str | Sequence[Line]


@dataclass(frozen=True)
class Column:
    """Pieces below each other, from `x` on."""

    x: float
    parts: list[Part]
    width: float = WIDTH
    align: str = "L"
    # Its place in the structure, where it isn't that of the row.
    tag: str = ""


@dataclass(frozen=True)
class Grid:
    """The columns of a ruled table, and what stands above them on every page."""

    widths: tuple[float, ...]
    heads: tuple[str, ...] = ()
    aligns: str = ""
    # Millimetres above and below what a row says.
    pad: float = PAD


@dataclass(frozen=True)
class Signature:
    """Who signs: the post above the empty space, below it the name and what else belongs to it."""

    place: str
    post: str
    name: str
    note: str = ""
    # Rank and number, below the name in the same type.
    titles: tuple[str, ...] = ()
    # Whether the mark by which the paper is checked stands in the empty space.
    is_marked: bool = False


class Sheet(Page):
    """Text, tables, pictures and signatures, line by line."""

    # -- text ------------------------------------------------------------------------------------

    def heading(self, title: str, below: str = "") -> None:
        top = self.get_y()
        self._centred(title.upper(), 13.5, 6.6, "H1", bold=True)
        if below:
            self._centred(below, 9.5, 4.8, "P")
        if self._check_url:
            bottom = self.get_y()
            self.set_y(top - 2)
            self.check_mark(MARK)
            self.check_code(top - 2 + MARK + 0.6)
            self.set_y(max(bottom, self.get_y() - 2))
        self.gap(4)

    def section(self, title: str, *, room: float = 34) -> None:
        """A small heading that keeps company with what follows it: `room` millimetres of it."""
        self.need(room)
        self.gap(2.5)
        self.start_section(title)
        with self.tagged("H2"):
            self._type(10.5 * self.scale, BLUE, bold=True)
            self.cell(0, 5.5 * self.scale, title, **NEXT_LINE)
        self.gap(1.2)

    def paragraph(self, text: str, *, bold: bool = False) -> None:
        self._slices([Column(LEFT, self._parts([Line(text, is_bold=bold)], self.epw))])
        self.gap(2)

    def facts(self, lines: Iterable[tuple[str, str]], *, label_width: float = 48) -> None:
        """`Label : value` below each other; values wrap, an empty one is a dash."""
        for label, value in lines:
            self.fact(label, value, label_width=label_width)
        self.gap(1.5)

    def fact(self, label: str, value: str, *, label_width: float = 48) -> None:
        begin = LEFT + label_width
        columns = [
            Column(LEFT, self._parts([Line(label)], label_width - 4)),
            Column(begin - 2, self._parts([Line(":")], 2)),
            Column(begin + 1, self._parts([Line(value or "-")], self.epw - label_width - 1)),
        ]
        # No last line of it alone on the next page.
        if self.room < max(_height(column.parts) for column in columns) <= UNCUT:
            self._turn(None)
        self._slices(columns)
        self.gap(0.7)

    def ticks(self, options: Iterable[tuple[str, bool]]) -> None:
        """Boxes below each other, crossed where chosen."""
        for text, chosen in options:
            self._slices([Column(LEFT, self._parts([Line(text, tick=chosen)], self.epw))])
            self.gap(1)

    def _centred(
        self, text: str, size: float, height: float, tag: str, *, bold: bool = False
    ) -> None:
        self._type(size * self.scale, INK, bold=bold)
        height *= self.scale
        # As much is kept free on the left as the square takes on the right.
        room = MARK + 3 if self._check_url else 0.0
        self.set_x(LEFT + room)
        with self.tagged(tag):
            self.multi_cell(self.epw - 2 * room, height, printable(text), align="C", **NEXT_LINE)

    # -- tables ----------------------------------------------------------------------------------

    def ruled(
        self,
        shares: Sequence[float],
        rows: Iterable[Sequence[Cell]],
        *,
        heads: Sequence[str] = (),
        aligns: str = "",
        title: str = "",
        pad: float = PAD,
        tail: float = 0.0,
    ) -> None:
        """A ruled table over the whole width; its heads come again on every page.

        `shares` divide the width among the columns; `aligns` is a letter a column, L or R. The
        section's `title`, the heads and the first row stay together. The last rows stay with
        `tail` millimetres that come below the table, so that these never have a page of their own.
        """
        widths = tuple(self.epw * share / sum(shares) for share in shares)
        grid = Grid(widths, tuple(heads), aligns, pad)
        rest = iter(rows)
        first = next(rest, None)
        room = 22.0
        if first is not None:
            height = self._row_height(grid, self._cells(grid, first))
            room = max(room, (height if height <= UNCUT else 0) + (HEADS if heads else 0) + tail)
        if title:
            self.section(title, room=room + TITLE)
        self.need(room)
        if heads:
            self._heads(grid)
        for cells in self._before_tail(grid, chain([] if first is None else [first], rest), tail):
            self._row(grid, cells)
        self.gap(2)

    def _before_tail(
        self, grid: Grid, rows: Iterable[Sequence[Cell]], tail: float
    ) -> Iterator[Sequence[Cell]]:
        """The rows; before the last ones a new page where these and the tail don't fit."""
        held: deque[Sequence[Cell]] = deque()
        for cells in rows:
            held.append(cells)
            if len(held) > (KEPT_ROWS if tail else 0):
                yield held.popleft()
        height = sum(self._row_height(grid, self._cells(grid, cells)) for cells in held) + tail + 2
        if held and self.room < height:
            self._turn(grid)
        yield from held

    def _heads(self, grid: Grid) -> None:
        lines = [[Line(head, is_bold=True, is_small=True)] for head in grid.heads]
        self._slices(self._columns(grid, lines), grid=replace(grid, heads=()), tag="TH")

    def _row(self, grid: Grid, cells: Sequence[Cell]) -> None:
        columns = self._cells(grid, cells)
        # A short row stays in one piece; only a long one is cut.
        if self.room < self._row_height(grid, columns) <= UNCUT:
            self._turn(grid)
        self._slices(columns, grid=grid)

    def _cells(self, grid: Grid, cells: Sequence[Cell]) -> list[Column]:
        return self._columns(
            grid, [[Line(cell)] if isinstance(cell, str) else list(cell) for cell in cells]
        )

    def _columns(self, grid: Grid, lines: Sequence[Sequence[Line]]) -> list[Column]:
        x, columns = float(LEFT), []
        aligns = grid.aligns or "L" * len(grid.widths)
        for width, content, align in zip(grid.widths, lines, aligns, strict=True):
            room = width - 2 * PAD
            columns.append(Column(x + PAD, self._parts(content, room), room, align))
            x += width
        return columns

    def _row_height(self, grid: Grid, columns: Iterable[Column]) -> float:
        return max(_height(column.parts) for column in columns) + 2 * grid.pad * self.scale

    def _turn(self, grid: Grid | None = None) -> None:
        self.add_page()
        if grid and grid.heads:
            self._heads(grid)

    # -- pictures --------------------------------------------------------------------------------

    def picture(self, svg: str, *, width: float) -> None:
        """A chart of `charts` as it stands on the page, `width` millimetres wide, on one sheet.

        Its title is read aloud for it; the names of its bars, which fpdf2 can't show, are left out.
        """
        height = picture_height(svg, width)
        self.need(min(height, self.h - BOTTOM - TOP - 20))
        plain = printable(SVG_TITLE.sub("", svg))
        with self.tagged("Figure", alt=unescape(_found(SVG_TITLE, svg)[1])):
            self.image(io.BytesIO(plain.encode()), x=LEFT, y=self.get_y(), w=width)
        self.set_xy(LEFT, self.get_y() + height)
        self.gap(3)

    # -- signatures ------------------------------------------------------------------------------

    def signatures(
        self, people: Sequence[Signature], *, closing: str = "", below: float = 0.0
    ) -> None:
        """Side by side, a third one below; one alone stands on the right as in letters.

        They stay in one piece, with the `closing` words and `below` millimetres of what follows:
        no page holds only names.
        """
        height = self.signatures_height(people) + below
        if closing:
            words = self._parts([Line(closing)], self.epw)
            self.need(_height(words) + 2 + height)
            self._slices([Column(LEFT, words)])
            self.gap(2)
        self.need(height)
        for row in _in_rows(people):
            self._signature_row(row, is_alone=len(people) == 1)

    def _signature_row(self, row: Sequence[Signature], *, is_alone: bool) -> None:
        self.gap(4)
        half = self.epw / 2 + 5
        places = [LEFT + half] if is_alone else [LEFT + half / 2] if len(row) == 1 else None
        top = lowest = self.get_y()
        free = self._free(row)
        for person, x in zip(row, places or [LEFT, LEFT + half], strict=True):
            self.set_y(top)
            above, below = self._signature(person)
            self._slices([Column(x, above, self._signature_width)])
            y = max(self.get_y(), top + 10 * self.scale)
            if person.is_marked and self._check_url:
                self.set_y(y + 1.5)
                self.check_mark(MARK, x=x)
            self.set_y(y + free)
            self._slices([Column(x, below, self._signature_width)])
            lowest = max(lowest, self.get_y())
        self.set_y(lowest + 3)

    def signatures_height(self, people: Sequence[Signature]) -> float:
        """Millimetres that these signatures take, however long the names are."""
        total = 0.0
        for row in _in_rows(people):
            heights = []
            for person in row:
                above, below = self._signature(person)
                heights.append(
                    max(_height(above), 10 * self.scale) + self._free(row) + _height(below)
                )
            total += 4 * self.scale + max(heights)
        return total + 3 * (len(_in_rows(people)) - 1)

    def _free(self, row: Sequence[Signature]) -> float:
        """Millimetres between post and name."""
        return SEALED if any(person.is_marked for person in row) else FREE * self.scale

    @property
    def _signature_width(self) -> float:
        return self.epw / 2 - 5

    def _signature(self, person: Signature) -> tuple[list[Part], list[Part]]:
        """What stands above the empty space, and what below it."""
        above = [Line(person.place)] if person.place else []
        above.append(Line(person.post, is_bold=True))
        below = [Line(person.name, is_bold=True), *map(Line, person.titles)]
        if person.note:
            below.append(Line(person.note, is_small=True))
        return self._parts(above, self._signature_width), self._parts(below, self._signature_width)

    # -- letters ---------------------------------------------------------------------------------

    def letter_facts(self, facts: Sequence[tuple[str, str]], *, dated: str) -> None:
        """`Nomor : …` below each other, place and day on the right of the first.

        The last of them is the heading of the letter, which has no other.
        """
        label_width, date_width = 22.0, 58.0
        begin = LEFT + label_width
        for number, (label, value) in enumerate(facts):
            is_first, is_last = number == 0, number == len(facts) - 1
            width = self.epw - label_width - 1 - (date_width if is_first else 20)
            line = Line(value or "-", is_bold=is_last)
            columns = [
                Column(LEFT, self._parts([Line(label)], label_width - 4)),
                Column(begin - 2, self._parts([Line(":")], 2)),
                Column(begin + 1, self._parts([line], width), tag="H1" if is_last else ""),
            ]
            if is_first:
                edge = LEFT + self.epw - date_width
                parts = self._parts([Line(dated)], date_width)
                columns.append(Column(edge, parts, date_width, "R"))
            self._slices(columns)
            self.gap(0.4)
        self.gap(4)

    def lines(self, texts: Iterable[str]) -> None:
        """Short lines right below each other, in one piece."""
        parts = self._parts(list(map(Line, texts)), self.epw)
        self.need(_height(parts))
        self._slices([Column(LEFT, parts)])

    def endnotes(self, title: str, texts: Sequence[str]) -> None:
        """What is only looked up, in the smallest type at the foot of the last page."""
        column = Column(LEFT, self._endnotes(title, texts))
        height = _height(column.parts)
        if height and self.room >= height:
            self._write(column, self.h - BOTTOM - height, "P")
        elif height:
            self._slices([column])

    def endnotes_height(self, title: str, texts: Sequence[str]) -> float:
        return _height(self._endnotes(title, texts))

    def _endnotes(self, title: str, texts: Sequence[str]) -> list[Part]:
        if not texts:
            return []
        said = [Line(title, is_bold=True, is_tiny=True)]
        said += [Line(text, is_tiny=True) for text in texts]
        return self._parts(said, self.epw)

    # -- the engine ------------------------------------------------------------------------------

    def _parts(self, lines: Iterable[Line], width: float) -> list[Part]:
        """Cut paragraphs into pieces that fit a column."""
        parts = []
        for line in lines:
            first = Part("", line, True, self.scale)
            self._type(first.size, INK, bold=line.is_bold)
            room = width - ((BOX + 2) * self.scale if line.tick is not None else 0)
            lines_of_text = self.multi_cell(
                room,
                5,
                self._cut(printable(line.text), room),
                align="L",
                dry_run=True,
                output=MethodReturnValue.LINES,
            )
            for index, piece in enumerate(cast(list[str], lines_of_text) or [""]):
                parts.append(Part(piece, line, index == 0, self.scale))
        return parts

    def _cut(self, text: str, room: float) -> str:
        """`text` with line ends in words that don't fit the room: behind a hyphen or a dot."""
        return re.sub(r"\S{12,}", lambda word: self._cut_word(word[0], room), text)

    def _cut_word(self, word: str, room: float) -> str:
        if self.get_string_width(word) <= room:
            return word
        lines = [""]
        for piece in SEAM.split(word):
            if lines[-1] and self.get_string_width(lines[-1] + piece) > room:
                lines.append("")
            lines[-1] += piece
        return "\n".join(lines)

    def _slices(
        self, columns: Sequence[Column], *, grid: Grid | None = None, tag: str = "P"
    ) -> None:
        """Write columns of lines beside each other, cut where a page ends."""
        pad = grid.pad * self.scale if grid else 0
        left = [replace(column, parts=list(column.parts)) for column in columns]
        while any(column.parts for column in left):
            if self.room < 5.2 + 2 * pad:
                self._turn(grid)
            room = self.room - 2 * pad
            now = [replace(column, parts=_taking(column.parts, room)) for column in left]
            height = max(_height(column.parts) for column in now) + 2 * pad
            top = self.get_y()
            if grid:
                self._frame(grid.widths, top, height, shaded=tag == "TH")
            for column in now:
                self._write(column, top + pad, column.tag or tag)
            self.set_xy(LEFT, top + height)

    def _frame(self, widths: Sequence[float], top: float, height: float, *, shaded: bool) -> None:
        self.set_draw_color(*RULE)
        self.set_line_width(0.2)
        self.set_fill_color(*SHADE)
        x = float(LEFT)
        with self.artifact():
            for width in widths:
                self.rect(x, top, width, height, style="DF" if shaded else "D")
                x += width

    def _write(self, column: Column, y: float, tag: str) -> None:
        for group in _by_line(column.parts):
            with self.tagged(tag):
                for part in group:
                    self._write_part(part, column, y)
                    y += part.height

    def _write_part(self, part: Part, column: Column, y: float) -> None:
        line, indent = part.line, 0.0
        if line.tick is not None:
            indent = (BOX + 2) * self.scale
            if part.is_first:
                self._tick_box(column.x, y + 0.8 * self.scale, crossed=line.tick)
        colour = MUTED if (line.is_small or line.is_tiny) and not line.is_bold else INK
        self._type(part.size, colour, bold=line.is_bold or bool(line.tick))
        self.set_xy(column.x + indent, y)
        self.cell(column.width - indent, part.height, part.text, align=column.align)

    def _tick_box(self, x: float, y: float, *, crossed: bool) -> None:
        self.set_draw_color(*INK)
        self.set_line_width(0.3)
        side = BOX * self.scale
        self.rect(x, y, side, side)
        if crossed:
            self._type(9.5 * self.scale, INK, bold=True)
            self.set_xy(x, y)
            self.cell(side, side, "X", align="C")


def on_one_page(make: Callable[[float], Sheet], *, smallest: float = 0.8) -> Sheet:
    """The sheet in the largest type in which it has one page; in full size where it never has."""
    full = sheet = make(1.0)
    for scale in SCALES:
        if sheet.page_no() == 1 or scale < smallest:
            break
        sheet = make(scale)
    return sheet if sheet.page_no() == 1 else full


def picture_height(svg: str, width: float) -> float:
    """How many millimetres high a picture is when it is so wide."""
    across, down = map(int, _found(SVG_SIZE, svg).groups())
    return width * down / across


def _found(pattern: re.Pattern[str], svg: str) -> re.Match[str]:
    found = pattern.search(svg)
    if found is None:
        raise ValueError("a picture needs a size and a title")
    return found


def _in_rows(people: Sequence[Signature]) -> list[Sequence[Signature]]:
    return [people[start : start + 2] for start in range(0, len(people), 2)]


def _height(parts: Iterable[Part]) -> float:
    return sum(part.height for part in parts)


def _taking(parts: list[Part], room: float) -> list[Part]:
    """Take from the front what fits the room; at least one."""
    taken: list[Part] = []
    while parts and (not taken or _height(taken) + parts[0].height <= room):
        taken.append(parts.pop(0))
    return taken


def _by_line(parts: Iterable[Part]) -> Iterator[list[Part]]:
    """The parts of each paragraph together."""
    for _, group in groupby(parts, key=lambda part: id(part.line)):
        yield list(group)
