"""The table of side paths: what may happen to a request beside completing its stages.

Each is one entry of SIDES: its words, what it asks for, and the function of `side_moves` that does
it. Who may take it, where and when, is decided in `offers`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from moves import delays, side_moves
from moves.side_moves import NO, YES, Move
from rules import events
from rules.services import TODAY, Input


def _reason(label: str, *, hint: str = "", minimum: int = 10, is_shown: bool = False) -> Input:
    """A reason; one that `is_shown` stands on the customer's page."""
    least = f"Sedikitnya {minimum} huruf."
    hint = hint or (f"Dibaca pelanggan. {least}" if is_shown else least)
    return Input(
        "reason",
        "longtext",
        label,
        required=True,
        min_length=minimum,
        max_length=1000,
        hint=hint,
        is_shown=is_shown,
    )


NOTE = Input("note", "longtext", "Catatan", max_length=1000)


@dataclass(frozen=True)
class Side:
    """One side path: words, inputs, the function that does it, and what the actor reads after."""

    title: str
    apply: Callable[[Move], None]
    outcome: str
    inputs: tuple[Input, ...] = ()
    is_danger: bool = False
    confirm: str = ""


NOT_UNDONE = "Tindakan ini tidak dapat diurungkan."
SIDES = {
    "ask_completion": Side(
        "Minta kelengkapan",
        side_moves.ask_completion,
        "Permintaan kelengkapan dikirim kepada pelanggan. Jam layanan berhenti.",
        (
            Input(
                "items",
                "longtext",
                "Yang perlu dilengkapi",
                required=True,
                min_length=5,
                max_length=1000,
                hint="Satu butir per baris. Dibaca pelanggan.",
                is_shown=True,
            ),
            Input(
                "days",
                "choice",
                "Batas melengkapi (hari kerja)",
                required=True,
                options=("5", "3", "10"),
            ),
        ),
    ),
    "give_completion": Side(
        "Kirim kelengkapan",
        side_moves.give_completion,
        "Kelengkapan Anda sudah kami terima.",
        (
            # Before it stands a slot for each point, see `offers`.
            Input("note", "longtext", "Penjelasan", max_length=1000),
        ),
    ),
    "withdraw_completion": Side(
        "Lanjutkan tanpa kelengkapan",
        side_moves.withdraw_completion,
        "Permintaan kelengkapan dicabut. Layanan dilanjutkan.",
        (_reason("Alasan"),),
    ),
    "reject": Side(
        "Tolak permohonan",
        side_moves.reject,
        "Permohonan ditolak. Pelanggan menerima alasan Anda.",
        (
            _reason("Alasan penolakan", minimum=20, is_shown=True),
            Input(
                "basis",
                "text",
                "Dasar penolakan",
                required=True,
                max_length=300,
                hint="Ketentuan atau keadaan yang menjadi dasar.",
                is_shown=True,
            ),
            Input(
                "alternative",
                "longtext",
                "Saran untuk pelanggan",
                required=True,
                max_length=1000,
                hint="Apa yang dapat dilakukan pelanggan selanjutnya.",
                is_shown=True,
            ),
        ),
        is_danger=True,
        confirm="Tolak permohonan ini? Pelanggan akan membaca alasan Anda dan dapat mengajukan "
        "keberatan.",
    ),
    "object": Side(
        "Ajukan keberatan",
        side_moves.raise_objection,
        "Keberatan Anda sudah kami terima dan akan diputus oleh atasan.",
        (
            _reason(
                "Alasan keberatan",
                hint="Jelaskan mengapa penolakan perlu ditinjau. Sedikitnya 20 huruf.",
                minimum=20,
            ),
        ),
        confirm="Kirim keberatan? Keberatan hanya dapat diajukan satu kali.",
    ),
    "uphold": Side(
        "Tetap menolak",
        side_moves.uphold,
        "Putusan dikirim kepada pelanggan.",
        (_reason("Pertimbangan", minimum=20, is_shown=True),),
        is_danger=True,
        confirm=f"Tetap menolak permohonan ini? {NOT_UNDONE}",
    ),
    "reopen": Side(
        "Terima keberatan dan buka kembali",
        side_moves.reopen,
        "Permohonan dibuka kembali pada tahap semula.",
        (_reason("Pertimbangan", is_shown=True),),
    ),
    "suspend": Side(
        "Tunda layanan",
        side_moves.suspend,
        "Layanan ditangguhkan. Jam layanan berhenti dan pelanggan diberi tahu.",
        (
            _reason("Alasan penundaan", is_shown=True),
            Input("resumes_on", "date", "Perkiraan dilanjutkan", required=True, is_shown=True),
        ),
    ),
    "resume": Side(
        "Lanjutkan layanan",
        side_moves.resume,
        "Layanan dilanjutkan; batas waktu dihitung ulang.",
        (NOTE,),
    ),
    "return": Side(
        "Kembalikan ke tahap sebelumnya",
        side_moves.go_back_to,
        "Permohonan dikembalikan.",
        (
            Input("to", "choice", "Dikembalikan ke", required=True),
            _reason(
                "Alasan pengembalian",
                is_shown=True,
                hint="Sedikitnya 10 huruf. Dibaca pelanggan hanya bila diberi tahu.",
            ),
            Input("tell", "choice", "Beri tahu pelanggan", required=True, options=(NO, YES)),
        ),
    ),
    "negotiate": Side(
        "Minta perubahan",
        side_moves.negotiate,
        "Permintaan perubahan Anda sudah dikirim.",
        (_reason("Yang perlu diubah"),),
    ),
    "reissue_billing": Side(
        "Terbitkan ulang tagihan",
        side_moves.reissue_billing,
        "Tagihan dapat diterbitkan ulang.",
        (_reason("Alasan"),),
    ),
    "amend": Side(
        "Ajukan perubahan lingkup",
        side_moves.amend,
        "Perubahan lingkup dikirim kepada pelanggan untuk disetujui.",
        (
            Input(
                "scope",
                "longtext",
                "Lingkup yang baru",
                required=True,
                min_length=10,
                max_length=2000,
                hint="Dibaca dan disetujui pelanggan.",
                is_shown=True,
            ),
            Input(
                "review",
                "yes_no",
                "Kaji ulang perubahan",
                required=True,
                options=(
                    "Metode tetap tepat",
                    "Sumber daya dan jadwal tersedia",
                    "Biaya sudah disesuaikan bila perlu",
                ),
            ),
            Input(
                "finish_on",
                "date",
                "Tanggal selesai yang baru",
                hint="Kosongkan bila tidak berubah.",
                is_shown=True,
            ),
        ),
    ),
    "agree_amendment": Side(
        "Setujui perubahan lingkup",
        side_moves.agree_amendment,
        "Persetujuan Anda sudah kami catat. Layanan dilanjutkan.",
        (NOTE,),
    ),
    "decline_amendment": Side(
        "Tidak setuju",
        side_moves.decline_amendment,
        "Jawaban Anda sudah kami catat. Layanan dilanjutkan dengan lingkup semula.",
        (_reason("Alasan"),),
    ),
    "withdraw_amendment": Side(
        "Cabut perubahan lingkup",
        side_moves.withdraw_amendment,
        "Perubahan lingkup dicabut. Layanan dilanjutkan.",
        (_reason("Alasan"),),
    ),
    "cancel": Side(
        "Batalkan permohonan",
        side_moves.cancel,
        "Permohonan sudah dibatalkan.",
        (_reason("Alasan pembatalan"),),
        is_danger=True,
        confirm=f"Batalkan permohonan ini? {NOT_UNDONE}",
    ),
    "ask_cancel": Side(
        "Minta pembatalan",
        side_moves.ask_cancel,
        "Permintaan pembatalan dikirim dan akan diputus oleh balai.",
        (_reason("Alasan pembatalan"),),
        is_danger=True,
        confirm="Minta pembatalan? PNBP yang sudah disetor tidak otomatis kembali.",
    ),
    "grant_cancel": Side(
        "Setujui pembatalan",
        side_moves.cancel,
        "Permohonan dibatalkan atas permintaan pelanggan.",
        (NOTE,),
        is_danger=True,
        confirm=f"Setujui pembatalan? {NOT_UNDONE}",
    ),
    "refuse_cancel": Side(
        "Tolak pembatalan",
        side_moves.refuse_cancel,
        "Layanan dilanjutkan; pelanggan membaca alasan Anda.",
        (_reason("Alasan", is_shown=True),),
    ),
    "ask_revision": Side(
        "Minta perbaikan laporan",
        side_moves.ask_revision,
        "Permintaan perbaikan sudah kami terima.",
        (
            Input("pages", "text", "Halaman atau bagian", required=True, max_length=200),
            _reason("Yang perlu diperbaiki", minimum=20),
        ),
    ),
    "revise": Side(
        "Terbitkan perbaikan laporan",
        side_moves.revise,
        "Perbaikan laporan dimulai. Laporan lama tetap terbaca sampai digantikan.",
        (_reason("Yang diperbaiki dan alasannya", is_shown=True),),
        confirm="Buka kembali tahap laporan untuk menerbitkan perbaikan?",
    ),
    "refuse_revision": Side(
        "Tolak perbaikan",
        side_moves.refuse_revision,
        "Jawaban dikirim kepada pelanggan.",
        (_reason("Alasan", minimum=20, is_shown=True),),
    ),
    "remind": Side(
        "Ingatkan petugas",
        delays.remind,
        "Pengingat dikirim kepada petugas yang memegangnya.",
        (Input("note", "text", "Pesan singkat", max_length=200, hint="Ikut terkirim bila diisi."),),
    ),
    "explain_delay": Side(
        "Catat penyebab keterlambatan",
        delays.explain,
        "Penyebab keterlambatan dicatat.",
        (
            Input("cause", "choice", "Penyebab", required=True),
            Input(
                "note",
                "longtext",
                "Penjelasan",
                max_length=1000,
                hint="Wajib bila penyebabnya lain. Tidak dibaca pelanggan.",
            ),
        ),
    ),
    "tell_new_date": Side(
        "Sampaikan tanggal selesai baru",
        delays.tell_new_date,
        "Tanggal baru dan alasannya dikirim kepada pelanggan.",
        (
            Input(
                "finish_on",
                "date",
                "Perkiraan selesai yang baru",
                required=True,
                is_shown=True,
                not_before=TODAY,
            ),
            _reason("Alasan", is_shown=True),
        ),
    ),
}


# Kind of event -> what was asked for at it, for whoever reads the history.
INPUTS_OF_EVENT = {
    events.COMPLETION_ASKED: SIDES["ask_completion"].inputs,
    events.COMPLETION_GIVEN: (
        Input("points", "longtext", "Butir dan jawabannya"),
        # As it was kept before each point had its own.
        Input("file", "file", "Dokumen yang dilengkapi"),
        *SIDES["give_completion"].inputs,
    ),
    events.COMPLETION_WITHDRAWN: SIDES["withdraw_completion"].inputs,
    events.REJECTED: SIDES["reject"].inputs,
    events.OBJECTED: SIDES["object"].inputs,
    events.OBJECTION_UPHELD: SIDES["uphold"].inputs,
    events.REOPENED: SIDES["reopen"].inputs,
    events.SUSPENDED: SIDES["suspend"].inputs,
    events.RESUMED: SIDES["resume"].inputs,
    events.RETURNED: SIDES["return"].inputs,
    events.NEGOTIATED: SIDES["negotiate"].inputs,
    events.BILLING_REISSUED: SIDES["reissue_billing"].inputs,
    events.AMENDMENT_OFFERED: SIDES["amend"].inputs,
    events.AMENDMENT_AGREED: SIDES["agree_amendment"].inputs,
    events.AMENDMENT_DECLINED: SIDES["decline_amendment"].inputs,
    events.AMENDMENT_WITHDRAWN: SIDES["withdraw_amendment"].inputs,
    events.CANCELLED: (*SIDES["cancel"].inputs, *SIDES["grant_cancel"].inputs),
    events.CANCEL_ASKED: SIDES["ask_cancel"].inputs,
    events.CANCEL_REFUSED: SIDES["refuse_cancel"].inputs,
    events.REVISION_ASKED: SIDES["ask_revision"].inputs,
    events.REVISION_REFUSED: SIDES["refuse_revision"].inputs,
    events.REVISION_OPENED: SIDES["revise"].inputs,
    events.HOLDER_REMINDED: SIDES["remind"].inputs,
    events.DELAY_EXPLAINED: SIDES["explain_delay"].inputs,
    events.DATE_TOLD: SIDES["tell_new_date"].inputs,
}
