"""A longer report on the office's sheet: chapters, tables, bars."""

from collections.abc import Sequence

from outputs.page import BLUE, INK, LEFT, NEXT_LINE
from outputs.sheet import Line, Sheet
from outputs.typeface import printable

PALE = (232, 238, 245)


class Report(Sheet):
    """The office's sheet with chapters, tables and bars."""

    def chapter(self, title: str, *, room: float = 60) -> None:
        """`room` is what has to follow on the same page, in millimetres."""
        self.need(room)
        self.gap(5)
        self.start_section(title, level=0)
        self._head(title, 13, BLUE, "H2")

    def part(self, title: str, *, room: float = 34) -> None:
        self.need(room)
        self.gap(1.5)
        self._head(title, 10.5, INK, "H3")

    def _head(self, title: str, size: float, colour: tuple[int, int, int], tag: str) -> None:
        self.set_font("Lato", "B", size)
        self.set_text_color(*colour)
        with self.tagged(tag):
            self.multi_cell(0, 6.5, title, **NEXT_LINE)
        self.gap(1)

    def grid(
        self,
        head: Sequence[str],
        rows: Sequence[Sequence[str]],
        *,
        widths: Sequence[float],
        align: str = "",
    ) -> None:
        """A table whose head is repeated on every page; `align` is a letter a column."""
        small = [[[Line(text, is_small=True)] for text in row] for row in rows]
        self.ruled(widths, small, heads=head, aligns=align)

    def boxes(self, figures: Sequence[tuple[str, str]], *, height: float = 22) -> None:
        """Figures with a word below each, side by side in boxes of one size."""
        gap = 3.0
        width = (self.epw - gap * (len(figures) - 1)) / len(figures)
        self.need(height + 4)
        y = self.get_y()
        for number, (value, words) in enumerate(figures):
            x = LEFT + number * (width + gap)
            with self.artifact():
                self.set_fill_color(*PALE)
                self.rect(x, y, width, height, style="F")
                self.set_fill_color(*BLUE)
                self.rect(x, y, width, 0.8, style="F")
            with self.tagged("P"):
                self.set_font("Lato", "B", 14)
                self.set_text_color(*BLUE)
                self.set_xy(x + 2.5, y + 2.2)
                self.cell(width - 5, 6.5, value)
                self.set_font("Lato", "", 8)
                self.set_text_color(*INK)
                self.set_xy(x + 2.5, y + 9)
                self.multi_cell(width - 4, 3.5, printable(words), align="L")
        self.set_y(y + height)
        self.gap(3)

    def frames(self, captions: Sequence[str], *, height: float = 74) -> None:
        """Empty frames one below the other, for pictures that are glued in; a line below each."""
        for caption in captions:
            self.need(height + 10)
            y = self.get_y()
            with self.artifact():
                self.set_draw_color(*BLUE)
                self.rect(LEFT, y, self.epw, height)
            self.set_y(y + height + 1)
            self.paragraph(caption)

    def bars(self, rows: Sequence[tuple[str, float | None, str]], *, top: float) -> None:
        """Lying bars: (name, value or None, the value in words) a row."""
        names, room = 70.0, 80.0
        if self.get_y() + 6 * len(rows) > 270:
            self.add_page()
        self.set_font("Lato", "", 8.5)
        for name, value, words in rows:
            y = self.get_y()
            self.set_text_color(*INK)
            width = room * min(1.0, (value or 0) / top)
            with self.artifact():
                self.set_fill_color(*PALE)
                self.rect(20 + names, y + 1, room, 4, style="F")
                self.set_fill_color(*BLUE)
                if width:
                    self.rect(20 + names, y + 1, width, 4, style="F")
            with self.tagged("P"):
                self.set_xy(20, y)
                self.cell(names - 2, 6, name, align="R")
                self.set_xy(20 + names + room + 2, y)
                self.cell(0, 6, words)
            self.set_y(y + 6)
        self.ln(3)
