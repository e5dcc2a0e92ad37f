"""The states of a bill, as the treasurer's book counts them: each bill has exactly one."""

from dataclasses import dataclass
from datetime import date, timedelta

from rules.statuses import OPEN_STATUSES

PAID, REPLACED, VOID = "paid", "replaced", "void"
UNPAID, LAPSING, LAPSED = "unpaid", "lapsing", "lapsed"
# A bill lapses soon on its last day and the two before, when its customer is reminded.
LAPSING_DAYS = 2
# Bills that a request may still be paid by; of a request that ended there is nothing to pay.
WAITING = (UNPAID, LAPSING)


@dataclass(frozen=True)
class StateWords:
    title: str
    tone: str


STATES = {
    UNPAID: StateWords("Belum dibayar", "info"),
    LAPSING: StateWords("Segera kedaluwarsa", "progress"),
    LAPSED: StateWords("Kedaluwarsa", "danger"),
    PAID: StateWords("Lunas", "success"),
    VOID: StateWords("Gugur (permohonan berakhir)", "muted"),
    REPLACED: StateWords("Diganti", "muted"),
}
# Everything that was issued and still stands: a replaced bill is counted by the one after it.
ISSUED = tuple(state for state in STATES if state != REPLACED)


def state_of(
    *, is_paid: bool, is_replaced: bool, expires_on: date, request_status: str, today: date
) -> str:
    """The state of one bill; on its last day it may still be paid."""
    if is_paid:
        return PAID
    if is_replaced:
        return REPLACED
    if request_status not in OPEN_STATUSES:
        return VOID
    if expires_on < today:
        return LAPSED
    return LAPSING if expires_on <= today + timedelta(days=LAPSING_DAYS) else UNPAID
