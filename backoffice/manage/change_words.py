"""What a trail tells: the name of each thing as it is now, and values as the screens write them."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from peewee import ModelSelect

from administration.appointments import described
from administration.closures import KINDS
from administration.phrases import KINDS as KINDS_OF_PHRASES
from config.office import office
from models import (
    Absence,
    ActionPlan,
    ChangeRecord,
    FaqItem,
    FlowVersion,
    Holiday,
    IncomingLetter,
    Mandate,
    OwnWording,
    Page,
    Phrase,
    RecapSchedule,
    RevenueTarget,
    SurveyPeriod,
    SurveyVersion,
    User,
)
from outputs.survey.periods import PLAN_STATUSES
from rules.formats import day, decimal_id, moment_short
from rules.labels import ABSENCES
from rules.periods import parse_period
from rules.phone import display_phone
from rules.skm import ELEMENTS
from web.runtime import runtime

TITLES = {
    "user": "Akun",
    "page": "Halaman",
    "faq_item": "FAQ",
    "phrase": "Kalimat siap pakai",
    "holiday": "Hari libur",
    "own_wording": "Templat pesan",
    "survey_draft": "Draf kuesioner",
    "survey_version": "Kuesioner",
    "survey_period": "Periode SKM",
    "action_plan": "Rencana tindak lanjut",
    "mandate": "Mandat",
    "flow_version": "Alur layanan",
    "revenue_target": "Target PNBP",
    "incoming_letter": "Surat masuk",
    "recap_schedule": "Rekap terjadwal",
    "absence": "Berhalangan",
    "calendar_feed": "Alamat kalender",
}
FIELDS = {
    "amount": "rupiah",
    "active": "akun aktif",
    "name": "nama",
    "phone": "no HP",
    "email": "email",
    "posts": "pos",
    "nip": "NIP",
    "rank": "pangkat/golongan",
    "institution_name": "nama instansi",
    "institution_category": "asal instansi",
    "gender": "jenis kelamin",
    "address": "alamat",
    "title": "judul",
    "subject": "subjek",
    "text": "isi",
    "summary": "ringkasan",
    "body": "isi",
    "question": "pertanyaan",
    "answer": "jawaban",
    "position": "urutan",
    "is_shown": "tampil di portal",
    "is_active": "dipakai",
    "for_whom": "untuk",
    "basis": "dasar",
    "alternative": "saran",
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
    "locked": "dikunci",
    "number": "nomor",
    "dated_on": "tanggal surat",
    "sender": "penanda tangan",
    "format": "bentuk",
    "day_of_month": "tanggal kirim",
    "recipients": "penerima",
    "ended": "diakhiri",
    "from_on": "mulai",
    "until_on": "sampai",
}
# The same name means something else in another table.
OWN_FIELDS = {("user", "position"): "jabatan"}
LONGEST = 120
DAY = re.compile(r"\d{4}-\d\d-\d\d")
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d\S*")
# How accounts that were joined used to be told.
NUMBERED = re.compile(r" \(nomor \d+\)$")


@dataclass(frozen=True)
class Named:
    """How the rows of a table are fetched, and what each is called."""

    rows: Callable[[], ModelSelect]
    words: Callable[[object], str]


def _period_title(code: str) -> str:
    period = parse_period(code)
    return period.title if period else code


def _service_title(code: str) -> str:
    offer = runtime().catalogue.get(code)
    return offer.flow.title if offer else code


def _wording_title(code: str) -> str:
    default = runtime().message_templates.defaults.get(code)
    return default.subject if default else code


def _element(code: str) -> str:
    return f"{code} {ELEMENTS.get(code, '')}".strip()


NAMED: Mapping[str, Named] = {
    "user": Named(User.select, lambda row: row.name),
    "page": Named(Page.select, lambda row: row.title),
    "faq_item": Named(FaqItem.select, lambda row: row.question),
    "phrase": Named(Phrase.select, lambda row: row.title),
    "holiday": Named(Holiday.select, lambda row: f"{day(row.on)}, {row.title}"),
    "own_wording": Named(OwnWording.select, lambda row: _wording_title(row.code)),
    "survey_version": Named(SurveyVersion.select, lambda row: row.name),
    "survey_period": Named(SurveyPeriod.select, lambda row: _period_title(row.code)),
    "action_plan": Named(
        ActionPlan.select,
        lambda row: f"{_element(row.element)}, {_period_title(row.period_code)}",
    ),
    "mandate": Named(Mandate.with_people, described),
    "revenue_target": Named(
        RevenueTarget.select, lambda row: f"{_service_title(row.service_code)}, {row.year}"
    ),
    "absence": Named(Absence.select, lambda row: row.user.name),
    "recap_schedule": Named(RecapSchedule.select, lambda row: row.title),
    "incoming_letter": Named(IncomingLetter.select, lambda row: f"agenda {row.seq}/{row.year}"),
    "flow_version": Named(FlowVersion.select, lambda row: _service_title(row.service_code)),
}
# By what a row that is gone was called, as far as the change itself says.
CALLED = ("name", "title", "question")


def names_of(changes: Iterable[ChangeRecord]) -> dict[int, str]:
    """Id of a change -> `Hari libur: 17 Agu 2027, Hari Kemerdekaan`. A query for each kind of
    data among the changes, however many they are."""
    changes = list(changes)
    wanted: dict[str, set[int]] = {}
    for change in changes:
        wanted.setdefault(change.table, set()).add(change.row_id)
    found: dict[tuple[str, int], str] = {}
    for table, ids in wanted.items():
        if named := NAMED.get(table):
            query = named.rows()
            for row in query.where(query.model.id.in_(sorted(ids))):
                found[table, row.id] = named.words(row)
    return {
        change.id: _titled(change.table, found.get((change.table, change.row_id)) or _past(change))
        for change in changes
    }


def _titled(table: str, name: str) -> str:
    title = TITLES.get(table, table)
    return f"{title}: {name}" if name else title


def _past(change: ChangeRecord) -> str:
    """What a row that is gone was called."""
    said = {**change.after, **change.before}
    parts = [day(date.fromisoformat(said["on"]))] if DAY.fullmatch(str(said.get("on", ""))) else []
    return ", ".join([*parts, *(str(said[name]) for name in CALLED if said.get(name))])


def change_in_words(change: ChangeRecord) -> str:
    """`nama: “A” menjadi “B”; no HP: …`; `dihapus: …` for a row that is gone."""

    def value(name: str, side: Mapping[str, object]) -> str:
        return value_words(change.table, name, side[name])

    def field(name: str) -> str:
        return OWN_FIELDS.get((change.table, name)) or FIELDS.get(name, name)

    if not change.after:
        said = (f"{field(name)}: {value(name, change.before)}" for name in change.before)
        return f"dihapus: {'; '.join(said)}"
    parts = []
    for name in change.after:
        words, now = field(name), value(name, change.after)
        if name in change.before:
            now = f"{value(name, change.before)} menjadi {now}"
        parts.append(f"{words}: {now}")
    return "; ".join(parts)


def value_words(table: str, name: str, value: object) -> str:
    """A value as the screens write it; what somebody typed stands in quotation marks."""
    if isinstance(value, bool):
        return "Ya" if value else "Tidak"
    if isinstance(value, (int, float)):
        return decimal_id(value, 0 if value == int(value) else 2)
    if isinstance(value, list):
        return ", ".join(office().posts.get(one, str(one)) for one in value) or "kosong"
    text = "" if value is None else str(value)
    if not text:
        return "kosong"
    if label := _label(table, name, text):
        return label
    text = NUMBERED.sub("", text)
    return f"“{text if len(text) <= LONGEST else text[:LONGEST] + '…'}”"


def _label(table: str, name: str, text: str) -> str:
    """The words of a screen for a code, a day or a telephone number; empty for anything typed."""
    if (table, name) == ("holiday", "kind"):
        return KINDS.get(text, text)
    if (table, name) == ("phrase", "kind"):
        return KINDS_OF_PHRASES.get(text, text)
    if (table, name) == ("action_plan", "status"):
        return PLAN_STATUSES.get(text, text)
    if (table, name) == ("action_plan", "element"):
        return _element(text)
    if (table, name) == ("absence", "kind"):
        return ABSENCES.get(text, text)
    if name == "phone":
        return display_phone(text)
    try:
        if DAY.fullmatch(text):
            return day(date.fromisoformat(text))
        if MOMENT.fullmatch(text):
            return moment_short(datetime.fromisoformat(text))
    except ValueError:
        # Looks like a day and is none.
        return ""
    return ""
