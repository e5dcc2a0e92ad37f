"""The A4 sheet on which the office prints: one letterhead, one type, one way to break pages.

Everything is laid out line by line: a row that doesn't fit is cut between two lines and goes on
overleaf, however long it is. Text is tagged for screen readers while it is written.
"""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from html import unescape
from itertools import chain, groupby
from typing import Any, cast

import segno
from fpdf import FPDF
from fpdf.enums import MethodReturnValue, XPos, YPos
from fpdf.prefs import ViewerPreferences

from config.office import office
from outputs.typeface import FACES, printable

BLUE = (11, 61, 110)
INK = (24, 32, 42)
MUTED = (75, 87, 100)
RULE = (120, 130, 142)
SHADE = (236, 240, 245)
LEFT, TOP, BOTTOM = 20, 15, 20
WIDTH = 210 - 2 * LEFT
PAD = 1.6
BOX = 3.4
# Millimetres: up to this height a row isn't cut; what heads of two lines and a title take.
UNCUT, HEADS, TITLE = 60, 12, 10
SVG_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.DOTALL)
# Where a word that is longer than its column is best cut: behind these.
SEAM = re.compile(r"(?<=[-_./@])")
SVG_SIZE = re.compile(r'viewBox="0 0 (\d+) (\d+)"')
# Side of the square by which a paper is checked.
MARK = 20.0
# Groups of four signs of a check code on a line.
CODE_GROUPS = 4
# Stands for the number of pages until it is known; nobody writes this by chance.
PAGES = "{#hlm#}"
NEXT_LINE: dict[str, Any] = {"new_x": XPos.LMARGIN, "new_y": YPos.NEXT}


@dataclass(frozen=True)
class Line:
    """One paragraph of a cell; `tick` puts a box before it, crossed or empty."""

    text: str
    is_bold: bool = False
    is_small: bool = False
    tick: bool | None = None


@dataclass(frozen=True)
class Part:
    """A piece of a Line as it fits the column."""

    text: str
    line: Line
    is_first: bool

    @property
    def height(self) -> float:
        return 4.1 if self.line.is_small else 5.0

    @property
    def size(self) -> float:
        return 8 if self.line.is_small else 9.5


Cell = str | Sequence[Line]


@dataclass(frozen=True)
class Column:
    """Pieces below each other, from `x` on."""

    x: float
    parts: list[Part]
    width: float = WIDTH
    align: str = "L"


@dataclass(frozen=True)
class Grid:
    """The columns of a ruled table, and what stands above them on every page."""

    widths: tuple[float, ...]
    heads: tuple[str, ...] = ()
    aligns: str = ""


@dataclass(frozen=True)
class Signature:
    """Who signs: the post above the empty space, the name below it."""

    place: str
    post: str
    name: str
    note: str = ""


class Sheet(FPDF):
    """A tagged A4 document: letterhead on the first page, a slim head on the others."""

    def __init__(
        self,
        title: str,
        *,
        reference: str = "",
        note: str = "",
        check_url: str = "",
        landscape: bool = False,
    ):
        """`reference` names the request in head and foot, `note` stands in the foot.

        `check_url` is the page where everybody can check the document.
        """
        super().__init__(orientation="landscape" if landscape else "portrait", format="A4")
        for style, file in FACES.items():
            self.add_font("Lato", style, file)
        self.set_title(title)
        self.set_author(office().name)
        self.set_creator(office().short_name)
        self.set_lang("id-ID")
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self.set_margins(LEFT, TOP, LEFT)
        self.c_margin = 0
        self.alias_nb_pages(PAGES)
        self.set_auto_page_break(auto=True, margin=BOTTOM)
        self._check_url = check_url
        self._title, self._reference, self._note = title, printable(reference), printable(note)
        self.add_page()

    # -- the page --------------------------------------------------------------------------------

    def header(self) -> None:
        with self.artifact():
            if self.page_no() == 1:
                self._letterhead()
            else:
                self._type(8, MUTED)
                self.cell(0, 4, self._title)
                self.set_x(LEFT)
                self.cell(0, 4, self._reference, align="R")
                self._rule(self.get_y() + 5.5, 0.2)
                self.set_y(self.get_y() + 9)

    def _letterhead(self) -> None:
        facts = office()
        ways = [facts.email, f"WhatsApp {facts.whatsapp}" if facts.whatsapp else "", facts.web]
        self._type(11, INK)
        self._letterhead_line(facts.parent.upper(), 5.5)
        self._type(17, BLUE, bold=True)
        self._letterhead_line(facts.name.upper(), 8.5)
        self._type(8.5, MUTED)
        self._letterhead_line(facts.address, 4.2)
        self._letterhead_line("  |  ".join(way for way in ways if way), 4.2)
        self._rule(self.get_y() + 2, 0.9)
        self._rule(self.get_y() + 3.2, 0.25)
        self.set_y(self.get_y() + 9)

    def _letterhead_line(self, text: str, height: float) -> None:
        """As many lines as a long name takes, and none for what the office doesn't tell."""
        if text:
            self.multi_cell(0, height, printable(text), align="C", **NEXT_LINE)

    def footer(self) -> None:
        with self.artifact():
            self._rule(self.h - 16, 0.2)
            self.set_xy(LEFT, -14.5)
            self._type(7.5, MUTED)
            about = [office().short_name, self._title, self._reference, self._note]
            self.cell(0, 4, "  ·  ".join(part for part in about if part))
            # The total isn't known yet: it takes the room of a number as long as this one.
            page = str(self.page_no())
            self.set_x(LEFT + self.epw - self.get_string_width(f"Halaman {page} dari {page}"))
            self.cell(0, 4, f"Halaman {page} dari {PAGES}")
            if self._check_url:
                self.set_xy(LEFT, -11)
                self.cell(0, 4, f"Periksa keaslian: {self._check_url}")

    def _rule(self, y: float, thickness: float) -> None:
        self.set_draw_color(*BLUE)
        self.set_line_width(thickness)
        self.line(LEFT, y, LEFT + self.epw, y)

    @property
    def room(self) -> float:
        """Millimetres left on this page."""
        return self.h - BOTTOM - self.get_y()

    def need(self, height: float) -> None:
        """Go on overleaf unless this much is left."""
        if self.room < height:
            self.add_page()

    # -- text ------------------------------------------------------------------------------------

    def heading(self, title: str, below: str = "") -> None:
        top = self.get_y()
        self._centred(title.upper(), 14.5, 7, "H1", bold=True)
        if below:
            self._centred(below, 10, 5.2, "P")
        if self._check_url:
            bottom = self.get_y()
            self.set_y(top - 2)
            self._check_mark(MARK)
            self._check_code(top - 2 + MARK + 0.6)
            self.set_y(max(bottom, self.get_y() - 2))
        self.gap(4)

    def section(self, title: str, *, room: float = 34) -> None:
        """A small heading that keeps company with what follows it: `room` millimetres of it."""
        self.need(room)
        self.gap(2.5)
        self.start_section(title)
        with self.tagged("H2"):
            self._type(10.5, BLUE, bold=True)
            self.cell(0, 5.5, title, **NEXT_LINE)
        self.gap(1.2)

    def paragraph(self, text: str, *, bold: bool = False) -> None:
        self._slices([Column(LEFT, self._parts([Line(text, is_bold=bold)], self.epw))])
        self.gap(2)

    def gap(self, height: float) -> None:
        self.set_y(self.get_y() + height)

    def facts(self, lines: Iterable[tuple[str, str]], *, label_width: float = 48) -> None:
        """`Label : value` below each other; values wrap, an empty one is a dash."""
        for label, value in lines:
            self.fact(label, value, label_width=label_width)
        self.gap(1.5)

    def fact(self, label: str, value: str, *, label_width: float = 48) -> None:
        begin = LEFT + label_width
        self._slices(
            [
                Column(LEFT, self._parts([Line(label)], label_width - 4)),
                Column(begin - 2, self._parts([Line(":")], 2)),
                Column(begin + 1, self._parts([Line(value or "-")], self.epw - label_width - 1)),
            ]
        )
        self.gap(0.7)

    def ticks(self, options: Iterable[tuple[str, bool]]) -> None:
        """Boxes below each other, crossed where chosen."""
        for text, chosen in options:
            self._slices([Column(LEFT, self._parts([Line(text, tick=chosen)], self.epw))])
            self.gap(1)

    def _centred(
        self, text: str, size: float, height: float, tag: str, *, bold: bool = False
    ) -> None:
        self._type(size, INK, bold=bold)
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
    ) -> None:
        """A ruled table over the whole width; its heads come again on every page.

        `shares` divide the width among the columns; `aligns` is a letter a column, L or R. The
        section's `title`, the heads and the first row stay together.
        """
        grid = Grid(tuple(self.epw * share / sum(shares) for share in shares), tuple(heads), aligns)
        rest = iter(rows)
        first = next(rest, None)
        room = 22.0
        if first is not None:
            height = _row_height(self._cells(grid, first))
            room = max(room, (height if height <= UNCUT else 0) + (HEADS if heads else 0))
        if title:
            self.section(title, room=room + TITLE)
        self.need(room)
        if heads:
            self._heads(grid)
        for cells in chain([] if first is None else [first], rest):
            self._row(grid, cells)
        self.gap(2)

    def _heads(self, grid: Grid) -> None:
        lines = [[Line(head, is_bold=True, is_small=True)] for head in grid.heads]
        self._slices(self._columns(grid, lines), grid=replace(grid, heads=()), tag="TH")

    def _row(self, grid: Grid, cells: Sequence[Cell]) -> None:
        columns = self._cells(grid, cells)
        # A short row stays in one piece; only a long one is cut.
        if self.room < _row_height(columns) <= UNCUT:
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

    def signatures(self, people: Sequence[Signature], *, closing: str = "") -> None:
        """Up to two, side by side; one alone stands on the right as in letters.

        They stay in one piece, together with the `closing` words: no page holds only names.
        """
        height = self.signatures_height(people)
        if closing:
            words = self._parts([Line(closing)], self.epw)
            self.need(_height(words) + 2 + height)
            self._slices([Column(LEFT, words)])
            self.gap(2)
        self.need(height)
        self.gap(4)
        top, width = self.get_y(), self._signature_width
        lowest = top
        for index, person in enumerate(people):
            x = LEFT + (self.epw / 2 + 5) * (index if len(people) > 1 else 1)
            self.set_y(top)
            above, below = self._signature(person)
            self._slices([Column(x, above, width)])
            self.set_y(max(self.get_y(), top + 10) + 14)
            self._slices([Column(x, below, width)])
            lowest = max(lowest, self.get_y())
        self.set_y(lowest + 3)

    def signatures_height(self, people: Sequence[Signature]) -> float:
        """Millimetres that these signatures take, however long the names are."""
        heights = []
        for person in people:
            above, below = self._signature(person)
            heights.append(max(_height(above), 10) + 14 + _height(below))
        return 4 + max(heights)

    @property
    def _signature_width(self) -> float:
        return self.epw / 2 - 5

    def _signature(self, person: Signature) -> tuple[list[Part], list[Part]]:
        """What stands above the empty space, and what below it."""
        above = [Line(person.place), Line(person.post, is_bold=True)]
        below = [Line(person.name, is_bold=True)]
        if person.note:
            below.append(Line(person.note, is_small=True))
        return self._parts(above, self._signature_width), self._parts(below, self._signature_width)

    # -- the mark by which a document is checked -----------------------------------------------

    def _check_mark(self, side: float) -> None:
        """A QR code of the page where everybody can check this document; also told in the foot."""
        with self.tagged("Figure", alt=f"Kode QR untuk memeriksa keaslian: {self._check_url}"):
            matrix = segno.make(self._check_url, error="m", micro=False).matrix
            self._squares(matrix, LEFT + self.epw - side, self.get_y(), side)

    def _check_code(self, y: float) -> None:
        """The code itself below the square, for who types it: in groups, on as few lines."""
        groups = spaced_code(self._check_url.rpartition("/")[2]).split("-")
        self._type(7.2, INK)
        with self.tagged("P"):
            for start in range(0, len(groups), CODE_GROUPS):
                self.set_xy(LEFT, y)
                self.cell(0, 2.9, "  ".join(groups[start : start + CODE_GROUPS]), align="R")
                y += 2.9
        self.set_xy(LEFT, y)

    def _squares(
        self, matrix: Sequence[Sequence[int]], left: float, top: float, side: float
    ) -> None:
        """Dark modules as rectangles, a run at a time; a hair wider, so that no seams show."""
        step = side / len(matrix)
        self.set_fill_color(0, 0, 0)
        for row, modules in enumerate(matrix):
            column = 0
            for is_dark, run in groupby(modules, key=bool):
                count = len(list(run))
                if is_dark:
                    x, y = left + column * step, top + row * step
                    self.rect(x, y, count * step + 0.02, step + 0.02, style="F")
                column += count

    # -- the engine ------------------------------------------------------------------------------

    def _parts(self, lines: Iterable[Line], width: float) -> list[Part]:
        """Cut paragraphs into pieces that fit a column."""
        parts = []
        for line in lines:
            first = Part("", line, True)
            self._type(first.size, INK, bold=line.is_bold)
            room = width - (BOX + 2 if line.tick is not None else 0)
            lines_of_text = self.multi_cell(
                room,
                5,
                self._cut(printable(line.text), room),
                align="L",
                dry_run=True,
                output=MethodReturnValue.LINES,
            )
            for index, piece in enumerate(cast(list[str], lines_of_text) or [""]):
                parts.append(Part(piece, line, index == 0))
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
        pad = PAD if grid else 0
        left = [Column(c.x, list(c.parts), c.width, c.align) for c in columns]
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
                self._write(column, top + pad, tag)
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
            indent = BOX + 2
            if part.is_first:
                self._tick_box(column.x, y + 0.8, crossed=line.tick)
        colour = MUTED if line.is_small and not line.is_bold else INK
        self._type(part.size, colour, bold=line.is_bold or bool(line.tick))
        self.set_xy(column.x + indent, y)
        self.cell(column.width - indent, part.height, part.text, align=column.align)

    def _tick_box(self, x: float, y: float, *, crossed: bool) -> None:
        self.set_draw_color(*INK)
        self.set_line_width(0.3)
        self.rect(x, y, BOX, BOX)
        if crossed:
            self._type(9.5, INK, bold=True)
            self.set_xy(x, y)
            self.cell(BOX, BOX, "X", align="C")

    def _type(self, size: float, colour: tuple[int, int, int], *, bold: bool = False) -> None:
        self.set_font("Lato", "B" if bold else "", size)
        self.set_text_color(*colour)

    @contextmanager
    def tagged(self, kind: str, *, alt: str | None = None) -> Iterator[None]:
        """Mark what is written as one element of the structure that screen readers follow."""
        page, mark = self.pages[self.page], self.struct_builder.next_mcid_for_page(self.page)
        _, page.struct_parents = self.struct_builder.add_marked_content(
            self.page, f"/{kind}", mcid=mark, alt_text=alt
        )
        with self._between(f"/{kind} <</MCID {mark}>> BDC"):
            yield

    @contextmanager
    def artifact(self) -> Iterator[None]:
        """Mark what is written as decoration, which screen readers skip."""
        with self._between("/Artifact BMC"):
            yield

    @contextmanager
    def _between(self, opening: str) -> Iterator[None]:
        contents = cast(bytearray, self.pages[self.page].contents)
        contents.extend(f"{opening}\n".encode())
        yield
        contents.extend(b"EMC\n")


def picture_height(svg: str, width: float) -> float:
    """How many millimetres high a picture is when it is so wide."""
    across, down = map(int, _found(SVG_SIZE, svg).groups())
    return width * down / across


def _found(pattern: re.Pattern[str], svg: str) -> re.Match[str]:
    found = pattern.search(svg)
    if found is None:
        raise ValueError("a picture needs a size and a title")
    return found


def spaced_code(code: str) -> str:
    """`abcd-efgh-…`: in groups that are easy to type."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def _height(parts: Iterable[Part]) -> float:
    return sum(part.height for part in parts)


def _row_height(columns: Iterable[Column]) -> float:
    return max(_height(column.parts) for column in columns) + 2 * PAD


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
