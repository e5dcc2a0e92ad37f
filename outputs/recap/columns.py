"""The columns of the recap: what each is called, how wide it is, and how a row fills it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from config.office import office
from rules.labels import ORIGINS
from rules.services import Flow
from rules.statuses import LABELS, OPEN_STATUSES

TEXT, DATE, DAY, INTEGER, NUMBER = "text", "date", "day", "integer", "number"


class Raw(NamedTuple):
    """A row as the database gives it; instants are whole seconds since 1970."""

    id: int
    number: str | None
    flow_id: int
    service: str
    subclass: str
    is_free: int
    name: str
    category: str
    institution: str
    subject: str
    submitted: int
    accepted: int | None
    due: int
    done: int | None
    closed: int | None
    days: float | None
    status: str
    stage: str
    channel: str
    is_urgent: int
    revision: int
    month: str
    cause: str
    # Of its bills, read only where a column asks for them.
    billed: int | None = None
    received: int | None = None
    ntpn: str | None = None
    paid_on: date | None = None


@dataclass(frozen=True)
class Kind:
    """What all requests on one way share: its titles and the short names of its stages."""

    flow: Flow
    title: str
    subclass: str
    stages: Mapping[str, str]


@dataclass(frozen=True)
class Column:
    """A column; `value` makes a cell of a row: text, a number, seconds since 1970, or None."""

    code: str
    title: str
    width: int
    kind: str
    value: Callable[[Raw, Kind], str | float | date | None]
    is_usual: bool = True

    @property
    def words(self) -> str:
        """The title within a sentence, or above a column on paper."""
        return self.title.capitalize().replace("(rp)", "(Rp)").replace("Ntpn", "NTPN")


def _timely(row: Raw, _: Kind) -> str | None:
    return None if row.done is None else "Ya" if row.done <= row.due else "Tidak"


def _cause(row: Raw, _: Kind) -> str | None:
    return office().delay_causes.get(row.cause, row.cause) or None


def _category(row: Raw, _: Kind) -> str | None:
    category = office().institutions.get(row.category)
    return category.title if category else None


COLUMNS = {
    column.code: column
    for column in (
        Column("number", "NO PERMINTAAN LAYANAN", 20, TEXT, lambda row, kind: row.number or "-"),
        Column("service", "KLASIFIKASI LAYANAN", 20, TEXT, lambda row, kind: kind.title),
        Column(
            "subclass",
            "SUB-KLASIFIKASI",
            16,
            TEXT,
            lambda row, kind: kind.subclass,
            is_usual=False,
        ),
        Column("customer", "PELANGGAN", 17, TEXT, lambda row, kind: row.name),
        Column("category", "ASAL INSTANSI", 17, TEXT, _category),
        Column("institution", "NAMA INSTANSI", 19, TEXT, lambda row, kind: row.institution),
        Column("subject", "PERIHAL", 30, TEXT, lambda row, kind: row.subject),
        Column("submitted", "TANGGAL PENGAJUAN", 16, DATE, lambda row, kind: row.submitted),
        Column(
            "accepted",
            "TANGGAL DITERIMA",
            16,
            DATE,
            lambda row, kind: row.accepted,
            is_usual=False,
        ),
        Column("due", "TANGGAL MAX PROSES", 16, DATE, lambda row, kind: row.due),
        Column("done", "TANGGAL SELESAI DIKERJAKAN", 16, DATE, lambda row, kind: row.done),
        Column(
            "closed",
            "TANGGAL DITUTUP",
            16,
            DATE,
            lambda row, kind: row.closed,
            is_usual=False,
        ),
        Column("days", "LAMA (HARI KERJA)", 8, NUMBER, lambda row, kind: row.days),
        Column("on_time", "TEPAT WAKTU", 8, TEXT, _timely),
        Column("cause", "PENYEBAB TERLAMBAT", 16, TEXT, _cause),
        Column("status", "STATUS LAYANAN", 14, TEXT, lambda row, kind: LABELS[row.status].title),
        Column(
            "stage",
            "TAHAP",
            18,
            TEXT,
            lambda row, kind: kind.stages.get(row.stage) if row.status in OPEN_STATUSES else None,
            is_usual=False,
        ),
        Column(
            "channel",
            "CARA MASUK",
            9,
            TEXT,
            lambda row, kind: ORIGINS[row.channel].short,
            is_usual=False,
        ),
        Column(
            "urgent",
            "MENDESAK",
            12,
            TEXT,
            lambda row, kind: "Ya" if row.is_urgent else "Tidak",
            is_usual=False,
        ),
        Column(
            "free",
            "TANPA BIAYA",
            9,
            TEXT,
            lambda row, kind: "Ya" if row.is_free else "Tidak",
            is_usual=False,
        ),
        Column("revision", "REVISI", 8, INTEGER, lambda row, kind: row.revision, is_usual=False),
        Column("billed", "TAGIHAN (Rp)", 16, INTEGER, lambda row, kind: row.billed, is_usual=False),
        Column("received", "DITERIMA (Rp)", 13, INTEGER, lambda row, kind: row.received),
        Column("ntpn", "NTPN", 20, TEXT, lambda row, kind: row.ntpn, is_usual=False),
        Column("paid_on", "TANGGAL BAYAR", 14, DAY, lambda row, kind: row.paid_on, is_usual=False),
    )
}
# What is read of bills, and of that what is added up.
MONEY_COLUMNS = ("billed", "received", "ntpn", "paid_on")
SUMMED_COLUMNS = ("billed", "received")
# As many as an A4 that lies on its side takes in a readable type.
USUAL_COLUMNS = tuple(code for code, column in COLUMNS.items() if column.is_usual)
