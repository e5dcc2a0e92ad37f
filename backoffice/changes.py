"""Who changed what in the office's own tables, with what it said before and after."""

from peewee import JOIN

from backoffice.base import Filter, SafeView
from config.office import office
from models.history import ChangeRecord, Event
from models.people import User
from rules.formats import moment_short
from rules.roles import ADMINISTRATOR, AUDITOR

TITLES = {
    "user": "Akun",
    "page": "Halaman",
    "faq_item": "FAQ",
    "holiday": "Hari libur",
    "own_wording": "Templat pesan",
    "survey_draft": "Draf kuesioner",
    "survey_version": "Kuesioner",
    "survey_period": "Ringkasan SKM",
    "action_plan": "Rencana tindak lanjut",
    "mandate": "Mandat",
    "flow_version": "Alur layanan",
}
LONGEST = 120
NAMES = {
    "active": "akun aktif",
    "name": "nama",
    "phone": "no HP",
    "email": "email",
    "posts": "pos",
    "institution_name": "nama instansi",
    "title": "judul",
    "subject": "subjek",
    "text": "isi",
    "summary": "ringkasan",
    "body": "isi",
    "question": "pertanyaan",
    "answer": "jawaban",
    "position": "urutan",
    "on": "tanggal",
    "kind": "jenis",
    "source": "sumber",
    "element": "unsur",
    "program": "program",
    "due_on": "waktu",
    "responsible": "penanggung jawab",
    "status": "status",
    "note": "catatan",
    "invitation": "undangan berlaku sampai",
}


class ChangeView(SafeView):
    title = "Jejak Perubahan"
    lead = "Siapa mengubah data acuan dan akun, kapan, dan apa bunyinya sebelum dan sesudahnya."
    posts = (ADMINISTRATOR, AUDITOR)
    order = (ChangeRecord.id.desc(),)
    filters = (
        Filter(
            "table",
            "Data",
            tuple((table, words, ChangeRecord.table == table) for table, words in TITLES.items()),
        ),
    )
    columns = (
        ("Waktu", lambda row: moment_short(row.event.at)),
        ("Oleh", lambda row: row.event.actor.name if row.event.actor else "Sistem"),
        ("Data", lambda row: f"{TITLES.get(row.table, row.table)} nomor {row.row_id}"),
        ("Perubahan", lambda row: _told(row)),
    )

    def __init__(self):
        super().__init__(
            ChangeRecord, name="Jejak Perubahan", url="/backoffice/jejak", endpoint="changes"
        )

    def get_query(self):
        return (
            ChangeRecord.select(ChangeRecord, Event, User)
            .join(Event)
            .join(User, JOIN.LEFT_OUTER)
            .switch(ChangeRecord)
        )


def _told(row: ChangeRecord) -> str:
    """`nama: “A” menjadi “B”; no HP: …`; `dihapus: …` for a row that is gone."""
    if not row.after:
        said = (f"{NAMES.get(name, name)}: {_value(was)}" for name, was in row.before.items())
        return f"dihapus: {'; '.join(said)}"
    parts = []
    for name, after in row.after.items():
        words = NAMES.get(name, name)
        if name in row.before:
            parts.append(f"{words}: {_value(row.before[name])} menjadi {_value(after)}")
        else:
            parts.append(f"{words}: {_value(after)}")
    return "; ".join(parts)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "ya" if value else "tidak"
    if isinstance(value, list):
        return ", ".join(office().posts.get(one, str(one)) for one in value) or "kosong"
    text = "" if value is None else str(value)
    if not text:
        return "kosong"
    return f"“{text if len(text) <= LONGEST else text[:LONGEST] + '…'}”"
