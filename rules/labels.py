"""What codes are called in front of people, where more than one place says it."""

from dataclasses import dataclass

REQUIRED = "Wajib diisi."
PICK_ONE = "Pilih salah satu."
RIGHT_DATE = "Isi tanggal yang benar."
LATER_DATE = "Pilih tanggal setelah hari ini."
BAD_EMAIL = "Format email tidak valid."
# Why somebody isn't there.
ABSENCES = {"cuti": "Cuti", "dinas": "Dinas luar", "sakit": "Sakit", "lain": "Berhalangan"}
# As colleagues read it: that somebody is ill is a matter of health (UU 27/2022 art. 4(2)).
ABSENCES_TOLD = ABSENCES | {"sakit": ABSENCES["lain"]}
# The channels of messages.
CHANNELS = {"whatsapp": "WhatsApp", "email": "Email"}


@dataclass(frozen=True)
class StateLabel:
    """A state of a message in the words of each place; `tone` is that of a badge.

    `title` stands alone in the outbox, `staff` and `customer` within a sentence on the request,
    `tried` alone beside the test message in the profile.
    """

    title: str
    staff: str
    customer: str
    tried: str
    tone: str


# To the customer what failed is our trouble.
MESSAGE_STATES = {
    "queued": StateLabel(
        "Menunggu", "menunggu dikirim", "sedang kami kirim", "Menunggu dikirim", "info"
    ),
    "sending": StateLabel(
        "Sedang dikirim", "sedang dikirim", "sedang kami kirim", "Sedang dikirim", "progress"
    ),
    "unknown": StateLabel(
        "Belum pasti",
        "belum pasti terkirim",
        "mungkin sudah sampai",
        "Belum pasti terkirim; menunggu laporan",
        "progress",
    ),
    "sent": StateLabel(
        "Terkirim", "terkirim", "sudah kami kirim", "Terkirim, belum ada laporan diterima", "info"
    ),
    "delivered": StateLabel(
        "Diterima", "diterima", "sudah Anda terima", "Sudah diterima", "success"
    ),
    "read": StateLabel("Dibaca", "dibaca", "sudah Anda baca", "Sudah dibaca", "success"),
    "failed": StateLabel("Gagal", "gagal", "belum sampai", "Gagal dikirim", "danger"),
    "cancelled": StateLabel(
        "Dibatalkan", "dibatalkan", "tidak jadi dikirim", "Dibatalkan", "muted"
    ),
}


@dataclass(frozen=True)
class OriginLabel:
    """How a request came in: for a narrow column, on paper, and what staff did with it."""

    short: str
    title: str
    recorded: str = ""


ORIGINS = {
    "portal": OriginLabel("Portal", "Portal MELASTI"),
    "loket": OriginLabel("Loket", "Loket layanan", "dicatat di loket"),
    "surat": OriginLabel("Surat", "Surat", "dicatat dari surat"),
}
