"""Texts and days that the office keeps itself: pages, questions, holidays."""

from peewee import Model
from wtforms import DateField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from backoffice.base import Filter, SafeView
from models import FaqItem, Holiday, Page
from rules.formats import day, moment_short
from rules.roles import ADMIN_LAYANAN, ADMINISTRATOR, AUDITOR, KASUBAG_TU, STAF_TU
from web.runtime import now
from web.translations import OfficeForm

REQUIRED = "Wajib diisi."
KINDS = (
    ("nasional", "Libur nasional"),
    ("cuti_bersama", "Cuti bersama"),
    ("lokal", "Libur lokal"),
    ("khusus", "Khusus"),
)
READERS = (ADMINISTRATOR, ADMIN_LAYANAN, KASUBAG_TU, STAF_TU, AUDITOR)


def _required(longest: int) -> list:
    return [InputRequired(REQUIRED), Length(max=longest, message=f"Paling banyak {longest} huruf.")]


class PageForm(OfficeForm):
    title = StringField("Judul", validators=_required(120))
    summary = StringField("Ringkasan", validators=[Length(max=300)])
    body = TextAreaField("Isi (Markdown)", validators=_required(60_000), render_kw={"rows": 24})


class FaqForm(OfficeForm):
    position = IntegerField("Urutan", default=1, validators=[NumberRange(0, 1000, "Angka 0–1000.")])
    question = StringField("Pertanyaan", validators=_required(200))
    answer = TextAreaField("Jawaban (Markdown)", validators=_required(4000))


class HolidayForm(OfficeForm):
    on = DateField("Tanggal", validators=[InputRequired("Isi tanggal yang benar.")])
    title = StringField("Nama", validators=_required(120))
    kind = SelectField("Jenis", choices=KINDS)
    source = StringField("Sumber", validators=[Length(max=120)])


class ReferenceView(SafeView):
    """Read by the office, written by the administrator."""

    posts = READERS
    writers = (ADMINISTRATOR,)
    can_edit = True
    can_create = True


class StampedView(ReferenceView):
    """Rows that say when they were last changed."""

    def stamp(self, row: Model) -> None:
        row.updated_at = now()


class PageView(StampedView):
    title = "Halaman"
    lead = "Teks halaman portal. Sisipkan fakta balai dengan {office.email} dan sejenisnya."
    can_create = False
    form_class = PageForm
    order = (Page.title, Page.id)
    searched = (Page.title, Page.body)
    columns = (
        ("Judul", lambda page: page.title),
        ("Ringkasan", lambda page: page.summary),
        ("Diperbarui", lambda page: moment_short(page.updated_at)),
    )

    def __init__(self):
        super().__init__(Page, name="Halaman", url="/backoffice/halaman", endpoint="pages")


class FaqView(StampedView):
    title = "FAQ"
    lead = "Pertanyaan yang sering diajukan, menurut urutannya."
    new_words = "Tambah pertanyaan"
    form_class = FaqForm
    order = (FaqItem.position, FaqItem.id)
    searched = (FaqItem.question, FaqItem.answer)
    columns = (
        ("Urutan", lambda item: item.position),
        ("Pertanyaan", lambda item: item.question),
        ("Diperbarui", lambda item: moment_short(item.updated_at)),
    )

    def __init__(self):
        super().__init__(FaqItem, name="FAQ", url="/backoffice/faq", endpoint="faq_items")


class HolidayView(ReferenceView):
    title = "Hari libur"
    lead = "Hari yang tidak dihitung sebagai hari kerja pada batas waktu permohonan baru."
    new_words = "Tambah hari libur"
    form_class = HolidayForm
    order = (Holiday.on.desc(), Holiday.id)
    searched = (Holiday.title,)
    filters = (
        Filter(
            "kind",
            "Jenis",
            tuple((code, title, Holiday.kind == code) for code, title in KINDS),
        ),
    )
    columns = (
        ("Tanggal", lambda holiday: day(holiday.on)),
        ("Nama", lambda holiday: holiday.title),
        ("Jenis", lambda holiday: dict(KINDS).get(holiday.kind, holiday.kind)),
        ("Sumber", lambda holiday: holiday.source or "-"),
    )

    def __init__(self):
        super().__init__(
            Holiday, name="Hari Libur", url="/backoffice/hari-libur", endpoint="holidays"
        )
