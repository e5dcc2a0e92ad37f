"""What a customer has to do now, with all that is needed for it: the bill, how to pay it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from models import Billing, Request
from moves.catalogue import current_stage, flow_of
from rules.formats import ZONE, day, rupiah, weekday_day
from rules.services import CUSTOMER
from web.requests.request_card import Sheet

HOW_TO_PAY = (
    "Buka m-banking, ATM, atau teller bank atau kantor pos; pilih Penerimaan Negara (MPN).",
    "Masukkan kode billing dan cocokkan jumlahnya.",
    "Simpan bukti penerimaan negara (BPN), lalu unggah di bawah ini.",
)


@dataclass(frozen=True)
class Bill:
    """A bill that isn't paid, in words; `code` is as one types it, `grouped` as one reads it."""

    code: str
    grouped: str
    amount: str
    until: str
    left: str
    how: Sequence[str] = HOW_TO_PAY
    # What the sheet of the same moment says of it again.
    said: frozenset[str] = frozenset()


def bill_of(item: Request, now: datetime) -> Bill | None:
    """The bill that waits for the customer; none where nothing is to be paid now.

    One query where a bill may be.
    """
    desk = current_stage(item)
    if item.pending or desk.kind != CUSTOMER:
        return None
    if not any(one.has_effect("record_billing") for one in flow_of(item).stage(desk.code).desks):
        return None
    row = (
        Billing.select()
        .where((Billing.request == item) & Billing.ntpn.is_null() & Billing.replaced_at.is_null())
        .order_by(Billing.id.desc())
        .first()
    )
    if row is None:
        return None
    groups = [row.code[start : start + 3] for start in range(0, len(row.code), 3)]
    return Bill(
        row.code,
        " ".join(groups),
        rupiah(row.amount),
        weekday_day(row.expires_on),
        _left((row.expires_on - now.astimezone(ZONE).date()).days),
        said=frozenset((row.code, rupiah(row.amount), day(row.expires_on))),
    )


def _left(days: int) -> str:
    if days < 0:
        return "sudah lewat"
    return f"{days} hari lagi" if days else "hari ini"


def without_bill(sheet: Sheet, bill: Bill | None) -> list[tuple[str, str]]:
    """The lines of a sheet but for those that the bill says larger."""
    return [line for line in sheet.lines if bill is None or line[1] not in bill.said]
