"""The A4 page on which everything is printed: letterhead, head and foot, and the check mark.

What a page holds is tagged for screen readers while it is written.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any, cast

import segno
from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.prefs import ViewerPreferences

from config.office import office
from outputs.typeface import FACES, printable

BLUE = (11, 61, 110)
INK = (24, 32, 42)
MUTED = (75, 87, 100)
LEFT, TOP, BOTTOM = 20, 15, 20
# Side of the square by which a paper is checked.
MARK = 20.0
# Groups of four signs of a check code on a line.
CODE_GROUPS = 4
# The box of the logo, and how far the words of the letterhead keep away from it.
LOGO, BESIDE = 24, 4
# Stands for the number of pages until it is known; nobody writes this by chance.
PAGES = "{#hlm#}"
NEXT_LINE: dict[str, Any] = {"new_x": XPos.LMARGIN, "new_y": YPos.NEXT}


class Page(FPDF):
    """A tagged A4 document: letterhead on the first page, a slim head on the others."""

    def __init__(
        self,
        title: str,
        *,
        reference: str = "",
        note: str = "",
        check_url: str = "",
        landscape: bool = False,
        seal: str = "",
        scale: float = 1.0,
    ):
        """`reference` names the request in head and foot, `note` stands in the foot.

        `check_url` is the page where everybody can check the document, `seal` says by what it is
        signed, where it is. `scale` makes type and lines smaller, for a form that is to stay on
        one page.
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
        self._seal, self.scale = seal, scale
        self._title, self._reference, self._note = title, printable(reference), printable(note)
        self.add_page()

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
        """The ministry, its units and the office below each other, the logo on the left."""
        facts, head = office(), office().letters.head
        top = self.get_y()
        room = LOGO + BESIDE if head.logo else 0
        if head.logo:
            self._logo(head.logo, top)
        self.set_left_margin(LEFT + room)
        self.set_x(LEFT + room)
        self._type(12, INK)
        for line in (facts.parent, *head.units):
            self._letterhead_line(line.upper(), 5.6)
        self._type(14.5, INK, bold=True)
        self._letterhead_line(facts.name.upper(), 7)
        self._type(8.5, INK)
        self._letterhead_line(facts.address, 4)
        self._letterhead_line("  |  ".join(_ways()), 4)
        self.set_left_margin(LEFT)
        bottom = max(self.get_y(), top + LOGO if head.logo else 0) + 1.5
        self._rule(bottom, 0.9)
        self._rule(bottom + 1.2, 0.25)
        self.set_xy(LEFT, bottom + 6)

    def _logo(self, path: Path, top: float) -> None:
        """As large as its box lets it be, in the middle of the box."""
        box = {"x": LEFT, "y": top, "w": LOGO, "h": LOGO}
        self.image(path, keep_aspect_ratio=True, **box)

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
            if self._seal:
                self.set_xy(LEFT, -7.8)
                self._type(6.8, MUTED)
                self.cell(0, 3.4, self._seal)

    def _rule(self, y: float, thickness: float) -> None:
        self.set_draw_color(*INK)
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

    def gap(self, height: float) -> None:
        self.set_y(self.get_y() + height * self.scale)

    # -- the mark by which a document is checked -----------------------------------------------

    def check_mark(self, side: float, *, x: float | None = None) -> None:
        """A QR code of the page where everybody can check this document; also told in the foot.

        On the right edge where no `x` is given.
        """
        x = LEFT + self.epw - side if x is None else x
        with self.tagged("Figure", alt=f"Kode QR untuk memeriksa keaslian: {self._check_url}"):
            matrix = segno.make(self._check_url, error="m", micro=False).matrix
            self._squares(matrix, x, self.get_y(), side)

    def check_code(self, y: float) -> None:
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


def _ways() -> list[str]:
    """How the office is reached, as letterheads say it."""
    facts, head = office(), office().letters.head
    ways = (
        ("Telp.", head.phone),
        ("Faks.", head.fax),
        ("WhatsApp", facts.whatsapp),
        ("Laman", facts.web.url),
        ("Pos-el", facts.email),
    )
    return [f"{label} {value}" for label, value in ways if value]


def spaced_code(code: str) -> str:
    """`abcd-efgh-…`: in groups that are easy to type."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))
