"""The statuses of a request: what lists filter on. A status is not a stage."""

from dataclasses import dataclass

WAITING_VERIFICATION = "waiting_verification"
NEEDS_COMPLETION = "needs_completion"
IN_PROCESS = "in_process"
WAITING_CUSTOMER = "waiting_customer"
SUSPENDED = "suspended"
DONE = "done"
REJECTED = "rejected"
CANCELLED = "cancelled"
EXPIRED = "expired"


@dataclass(frozen=True)
class StatusLabel:
    """How a status is told to people; `tone` is info, progress, success, danger or muted."""

    title: str
    tone: str
    # Said to the customer, where that is another thing.
    to_customer: str = ""


LABELS = {
    WAITING_VERIFICATION: StatusLabel("Menunggu Verifikasi", "info"),
    NEEDS_COMPLETION: StatusLabel("Perlu Dilengkapi", "progress"),
    IN_PROCESS: StatusLabel("Sedang Diproses", "progress"),
    WAITING_CUSTOMER: StatusLabel("Menunggu Pelanggan", "info", "Menunggu Anda"),
    SUSPENDED: StatusLabel("Ditangguhkan", "muted"),
    DONE: StatusLabel("Selesai", "success"),
    REJECTED: StatusLabel("Ditolak", "danger"),
    CANCELLED: StatusLabel("Dibatalkan", "muted"),
    EXPIRED: StatusLabel("Kedaluwarsa", "muted"),
}

OPEN_STATUSES = (WAITING_VERIFICATION, NEEDS_COMPLETION, IN_PROCESS, WAITING_CUSTOMER, SUSPENDED)
CLOSED_STATUSES = (DONE, REJECTED, CANCELLED, EXPIRED)
# Ended without anything having been done.
ENDED_STATUSES = (REJECTED, CANCELLED, EXPIRED)
# The dashboard's “Disetujui”: everything the admin has accepted.
APPROVED_STATUSES = (IN_PROCESS, WAITING_CUSTOMER, SUSPENDED, DONE)
