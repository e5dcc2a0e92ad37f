"""The closed vocabulary of the history: kinds of events, and how each is told to people."""

SUBMITTED = "submitted"
STAGE_COMPLETED, STEP_COMPLETED = "stage_completed", "step_completed"
REJECTED = "rejected"
COMPLETION_ASKED, COMPLETION_GIVEN = "completion_asked", "completion_given"
COMPLETION_WITHDRAWN = "completion_withdrawn"
SUSPENDED, RESUMED = "suspended", "resumed"
RETURNED, NEGOTIATED, BILLING_REISSUED = "returned", "negotiated", "billing_reissued"
AMENDMENT_OFFERED, AMENDMENT_AGREED = "amendment_offered", "amendment_agreed"
AMENDMENT_DECLINED, AMENDMENT_WITHDRAWN = "amendment_declined", "amendment_withdrawn"
CANCELLED, CANCEL_ASKED, CANCEL_REFUSED = "cancelled", "cancel_asked", "cancel_refused"
OBJECTED, OBJECTION_UPHELD, REOPENED = "objected", "objection_upheld", "reopened"
REVISION_ASKED, REVISION_REFUSED = "revision_asked", "revision_refused"
REVISION_OPENED = "revision_opened"
EXPIRED, REASSIGNED, DEADLINE_MOVED = "expired", "reassigned", "deadline_moved"
DOCUMENT_MADE, FILE_INFECTED = "document_made", "file_infected"
CUSTOMER_MERGED = "customer_merged"
PROMISE_SLIPPED = "promise_slipped"
HOLDER_REMINDED, DELAY_EXPLAINED, DATE_TOLD = "holder_reminded", "delay_explained", "date_told"
# What was taken back before it took effect: written together, once it was.
ACT_BEGUN, ACT_UNDONE = "act_begun", "act_undone"
MANDATE_GIVEN, MANDATE_REVOKED = "mandate_given", "mandate_revoked"
WORDING_CHANGED, WORDING_RESTORED = "wording_changed", "wording_restored"
MESSAGE_WRITTEN, NOTE_WRITTEN = "message_written", "note_written"
REPLY_NOT_NEEDED = "reply_not_needed"
# Said about a request without moving it.
CONVERSATION = (
    MESSAGE_WRITTEN,
    NOTE_WRITTEN,
    REPLY_NOT_NEEDED,
    HOLDER_REMINDED,
    DELAY_EXPLAINED,
    ACT_BEGUN,
    ACT_UNDONE,
)
# What happens to the definition of a service; their stream is `flow:<service>`.
FLOW_DRAFT_OPENED, FLOW_DRAFT_CHANGED = "flow_draft_opened", "flow_draft_changed"
FLOW_DRAFT_DISCARDED, FLOW_PUBLISHED = "flow_draft_discarded", "flow_published"
# A paper about many requests was made, or doesn't hold any more.
PRINTOUT_ISSUED, PRINTOUT_WITHDRAWN = "printout_issued", "printout_withdrawn"
# What happens to the questionnaire of the survey.
SURVEY_DRAFT_OPENED, SURVEY_DRAFT_CHANGED = "survey_draft_opened", "survey_draft_changed"
SURVEY_DRAFT_DISCARDED, SURVEY_PUBLISHED = "survey_draft_discarded", "survey_published"
SURVEY_WITHDRAWN = "survey_withdrawn"
TARGET_SET = "target_set"
# What happens to all data at once; their stream is `system`.
BACKED_UP, RESTORED, MOVED = "backed_up", "restored", "database_moved"
# What happens to the folder of kept files; their stream is `files`.
MAINTENANCE = "maintenance"
LIST_EXPORTED = "list_exported"
SWEPT, SWEEP_REFUSED, FILE_DAMAGED = "files_swept", "files_not_swept", "file_damaged"

COMPLETING = (SUBMITTED, STAGE_COMPLETED)
# Events after which the stages from `data.to` on have to be passed again.
REWINDING = (RETURNED, NEGOTIATED, BILLING_REISSUED, REVISION_OPENED)

WORDS = {
    SUBMITTED: "Permohonan diajukan",
    STAGE_COMPLETED: "Tahap selesai",
    STEP_COMPLETED: "Bagian tahap selesai",
    REJECTED: "Permohonan ditolak",
    COMPLETION_ASKED: "Kelengkapan diminta",
    COMPLETION_GIVEN: "Kelengkapan diterima",
    COMPLETION_WITHDRAWN: "Permintaan kelengkapan dicabut",
    SUSPENDED: "Layanan ditangguhkan",
    RESUMED: "Layanan dilanjutkan",
    RETURNED: "Dikembalikan ke tahap sebelumnya",
    NEGOTIATED: "Pelanggan meminta perubahan",
    BILLING_REISSUED: "Tagihan diminta terbit ulang",
    AMENDMENT_OFFERED: "Perubahan lingkup diajukan",
    AMENDMENT_AGREED: "Perubahan lingkup disetujui",
    AMENDMENT_DECLINED: "Perubahan lingkup tidak disetujui",
    AMENDMENT_WITHDRAWN: "Perubahan lingkup dicabut",
    CANCELLED: "Permohonan dibatalkan",
    CANCEL_ASKED: "Pembatalan diminta",
    CANCEL_REFUSED: "Pembatalan tidak disetujui",
    OBJECTED: "Keberatan diajukan",
    OBJECTION_UPHELD: "Keberatan tidak dapat diterima",
    REOPENED: "Permohonan dibuka kembali",
    REVISION_ASKED: "Perbaikan laporan diminta",
    REVISION_REFUSED: "Perbaikan laporan tidak disetujui",
    REVISION_OPENED: "Perbaikan laporan dimulai",
    EXPIRED: "Permohonan kedaluwarsa",
    REASSIGNED: "Petugas dialihkan",
    DEADLINE_MOVED: "Batas waktu dihitung ulang",
    DOCUMENT_MADE: "Dokumen dibuat",
    FILE_INFECTED: "Berkas berbahaya ditutup",
    CUSTOMER_MERGED: "Akun pelanggan digabungkan",
    PROMISE_SLIPPED: "Perkiraan selesai bergeser",
    HOLDER_REMINDED: "Petugas diingatkan",
    DELAY_EXPLAINED: "Penyebab keterlambatan dicatat",
    DATE_TOLD: "Tanggal selesai baru disampaikan",
    ACT_BEGUN: "Tindakan dimulai",
    ACT_UNDONE: "Tindakan diurungkan",
    MANDATE_GIVEN: "Pejabat pengganti ditunjuk",
    MANDATE_REVOKED: "Mandat pejabat pengganti diakhiri",
    WORDING_CHANGED: "Templat pesan diubah",
    WORDING_RESTORED: "Templat pesan dikembalikan ke bawaan",
    MESSAGE_WRITTEN: "Pesan ditulis",
    NOTE_WRITTEN: "Catatan internal ditulis",
    REPLY_NOT_NEEDED: "Pesan pelanggan tidak perlu dijawab",
    FLOW_DRAFT_OPENED: "Draf alur dibuka",
    FLOW_DRAFT_CHANGED: "Draf alur diubah",
    FLOW_DRAFT_DISCARDED: "Draf alur dibuang",
    FLOW_PUBLISHED: "Versi alur diterbitkan",
    PRINTOUT_ISSUED: "Dokumen rekapitulasi diterbitkan",
    PRINTOUT_WITHDRAWN: "Dokumen rekapitulasi dicabut",
    SURVEY_DRAFT_OPENED: "Draf kuesioner dibuka",
    SURVEY_DRAFT_CHANGED: "Draf kuesioner diubah",
    SURVEY_DRAFT_DISCARDED: "Draf kuesioner dibuang",
    SURVEY_PUBLISHED: "Versi kuesioner diterbitkan",
    SURVEY_WITHDRAWN: "Versi kuesioner dibatalkan sebelum berlaku",
    TARGET_SET: "Target penerimaan ditetapkan",
    BACKED_UP: "Cadangan data dibuat",
    RESTORED: "Data dipulihkan dari cadangan",
    MOVED: "Basis data dipindahkan",
    SWEPT: "Berkas tak terpakai dipindahkan ke tempat sampah",
    SWEEP_REFUSED: "Pembersihan berkas dihentikan",
    FILE_DAMAGED: "Berkas hilang atau berubah",
    MAINTENANCE: "Pemeliharaan dimulai atau selesai",
    LIST_EXPORTED: "Daftar diunduh sebagai berkas",
}
