"""Texts that the office keeps itself: pages and questions."""

from peewee import Model
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from backoffice.base import SafeView
from models.content import FaqItem, Page
from rules.formats import moment_short
from rules.roles import ADMIN_LAYANAN, ADMINISTRATOR, AUDITOR, KASUBAG_TU, STAF_TU
from web.runtime import now
from web.translations import OfficeForm

REQUIRED = "Wajib diisi."
READERS = (ADMINISTRATOR, ADMIN_LAYANAN, KASUBAG_TU, STAF_TU, AUDITOR)


def _required(longest: int) -> list:
    limit = Length(max=longest, message=f"Paling banyak {longest} huruf.")
    return [InputRequired(REQUIRED), DataRequired(REQUIRED), limit]


class PageForm(OfficeForm):
    title = StringField("Judul", validators=_required(120))
    summary = StringField("Ringkasan", validators=[Length(max=300)])
    body = TextAreaField("Isi (Markdown)", validators=_required(60_000), render_kw={"rows": 24})


class FaqForm(OfficeForm):
    position = IntegerField("Urutan", default=1, validators=[NumberRange(0, 1000, "Angka 0–1000.")])
    question = StringField("Pertanyaan", validators=_required(200))
    answer = TextAreaField("Jawaban (Markdown)", validators=_required(4000))


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
