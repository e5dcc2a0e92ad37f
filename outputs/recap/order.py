"""An export of the recap as it was asked for, and what fits into which format."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from peewee import ModelSelect

from administration.printouts import RECAP, Paper
from outputs.recap.choice import FILTERS, Choice, chosen_requests
from outputs.recap.columns import COLUMNS, USUAL_COLUMNS
from outputs.workbooks import MEDIA_TYPE
from rules.formats import ZONE, decimal_id, moment
from rules.services import Flow
from rules.survey import Questionnaire
from storage.database import new_check_code
from workflow import Reader

XLSX, CSV, PDF = "xlsx", "csv", "pdf"
MEDIA_TYPES = {
    XLSX: MEDIA_TYPE,
    CSV: "text/csv; charset=utf-8",
    PDF: "application/pdf",
}
# A sheet of paper takes so many columns and a pile so many rows; beyond that it is a workbook's.
PDF_COLUMNS, PDF_ROWS = 12, 3000
XLSX_ROWS = 1_048_575


# What goes on paper while nobody has chosen columns.
PAPER_COLUMNS = (
    "number",
    "service",
    "customer",
    "institution",
    "subject",
    "submitted",
    "due",
    "done",
    "on_time",
    "cause",
    "status",
    "received",
)


class TooMuch(Exception):
    """The choice doesn't fit into the format; the text is a sentence for the reader."""


@dataclass(frozen=True)
class Order:
    """An export as it was asked for.

    `flows` maps a service's code to the flow on offer; `told` is called with the number of rows
    written so far and may raise to stop. `number` is what a paper is called; `check_code` is what
    it is checked by, on the site at `base_url`. Files of the other formats carry neither.
    """

    choice: Choice
    reader: Reader
    flows: Mapping[str, Flow]
    questionnaire: Questionnaire
    told: Callable[[int], None] | None = None
    base_url: str = ""
    number: str = ""
    check_code: str = field(default_factory=new_check_code)

    @property
    def now(self) -> datetime:
        return self.reader.now

    @property
    def today(self) -> date:
        return self.now.astimezone(ZONE).date()

    @property
    def titles(self) -> dict[str, str]:
        return {code: flow.title for code, flow in self.flows.items()}

    @property
    def words(self) -> dict[str, str]:
        """The titles of the services, and of their stages as `service:stage`."""
        return self.titles | stage_titles(self.flows.values())

    @property
    def check_url(self) -> str:
        return f"{self.base_url}/v/{self.check_code}"

    def paper(self, rows: int) -> Paper:
        """What the check page says of it: the filters and how many requests it lists."""
        span, choice = self.choice.span(self.today), self.choice
        of_filters = [getattr(choice, name) for name in FILTERS]
        return Paper(
            kind=RECAP,
            about=[
                *choice.in_words(self.today, self.words),
                ("Kolom", ", ".join(COLUMNS[code].words for code in choice.columns)),
                ("Jumlah permohonan", decimal_id(rows, 0)),
            ],
            series=(span.first, span.last, choice.by, *of_filters, *choice.columns),
            capability="recap",
        )

    def query(self) -> ModelSelect:
        return chosen_requests(self.choice, self.reader)

    def about(self) -> list[tuple[str, str]]:
        """Filters, moment and maker, as every file says them."""
        return [
            *self.choice.in_words(self.today, self.words),
            ("Dibuat pada", moment(self.now)),
            ("Dibuat oleh", self.reader.user.name),
        ]


def stage_titles(flows: Iterable[Flow]) -> dict[str, str]:
    """`service:stage` -> the short name of the stage."""
    return {f"{flow.code}:{stage.code}": stage.short for flow in flows for stage in flow.stages}


def fitted(kind: str, choice: Choice) -> Choice:
    """The choice as a format takes it: on paper fewer columns, unless they were chosen."""
    if kind == PDF and choice.columns == USUAL_COLUMNS:
        return replace(choice, columns=PAPER_COLUMNS)
    return choice


def reason_against(kind: str, columns: int, rows: int) -> str:
    """Why a choice doesn't fit into a format; empty when it does."""
    if kind == XLSX and rows > XLSX_ROWS:
        return (
            f"Excel memuat paling banyak {decimal_id(XLSX_ROWS, 0)} baris. Persempit saringan, "
            "atau pilih CSV."
        )
    if kind == PDF and columns > PDF_COLUMNS:
        return (
            f"PDF memuat paling banyak {PDF_COLUMNS} kolom. Kurangi kolom, atau pilih Excel "
            "atau CSV."
        )
    if kind == PDF and rows > PDF_ROWS:
        return (
            f"PDF memuat paling banyak {decimal_id(PDF_ROWS, 0)} permohonan. Persempit "
            "saringan, atau pilih Excel atau CSV."
        )
    return ""
