"""Texts that the office keeps itself: pages and questions."""

from types import MappingProxyType

from flask import abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from markupsafe import Markup
from peewee import Model, fn
from wtforms import BooleanField, Form, IntegerField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from backoffice.base import SafeView
from backoffice.filters import filters_for
from models import FaqItem, Page, lock_roles
from moves.changes import record_change
from rules.labels import REQUIRED
from storage.database import database
from web.markdown import render_markdown
from web.runtime import me, now
from web.translations import OfficeForm


def _required(longest: int) -> list:
    limit = Length(max=longest, message=f"Paling banyak {longest} huruf.")
    return [InputRequired(REQUIRED), DataRequired(REQUIRED), limit]


def _lines(text: str | None) -> str:
    """A text with the ends of lines that are stored; a browser sends others."""
    return (text or "").replace("\r\n", "\n")


class PageForm(OfficeForm):
    title = StringField("Judul", validators=_required(120))
    summary = StringField("Ringkasan", validators=[Length(max=300)])
    body = TextAreaField(
        "Isi (Markdown)", validators=_required(60_000), filters=[_lines], render_kw={"rows": 24}
    )


class FaqForm(OfficeForm):
    position = IntegerField("Urutan", default=1, validators=[NumberRange(0, 1000, "Angka 0–1000.")])
    question = StringField("Pertanyaan", validators=_required(200))
    answer = TextAreaField("Jawaban (Markdown)", validators=_required(4000), filters=[_lines])
    is_shown = BooleanField("Tampilkan di portal", default=True)


class ReferenceView(SafeView):
    """Read by the office, written by the administrator."""

    reads = "reference"
    writes = "reference_write"
    can_edit = True
    can_create = True


class StampedView(ReferenceView):
    """Rows that say when they were last changed."""

    def stamp(self, row: Model) -> None:
        row.updated_at = now()


class TextView(StampedView):
    """Texts in Markdown, seen as the portal shows them before they are saved."""

    edit_template = create_template = "backoffice/manage/text_edit.html"
    can_remove = False

    @expose("/pratinjau/", methods=("POST",))
    def preview(self) -> ResponseReturnValue:
        """What the form holds as the portal would show it, for the script; nothing is saved."""
        if not self.may_write:
            abort(403)
        if request.headers.get("X-Requested-With") != "fetch":
            abort(404)
        return self.previewed(self.form_class(request.form))

    def previewed(self, form: Form) -> Markup:
        """A fragment of HTML; what is missing in the form is missing in it."""
        raise NotImplementedError


class PageView(TextView):
    model = Page
    name = "Halaman"
    url = "/backoffice/halaman"
    endpoint = "pages"
    category = "Kelola"
    lead = "Teks halaman portal. Sisipkan fakta balai dengan {office.email} dan sejenisnya."
    can_create = False
    form_class = PageForm
    filename = "halaman"
    column_list = ("title", "summary", "updated_at")
    column_labels = MappingProxyType(
        {"title": "Judul", "summary": "Ringkasan", "updated_at": "Diperbarui"}
    )
    column_sortable_list = (("title", fn.melasti_order(Page.title)), "updated_at")
    column_default_sort = ("title", False)
    column_searchable_list = (Page.title, Page.summary, Page.body)
    column_filters = tuple(filters_for(Page.updated_at, "Diperbarui"))

    def previewed(self, form: PageForm) -> Markup:
        return Markup(
            render_template(
                "backoffice/manage/_text_preview.html",
                title=form.title.data or "Judul",
                lead=form.summary.data or "",
                body=render_markdown(form.body.data or ""),
            )
        )


class FaqView(TextView):
    model = FaqItem
    name = "FAQ"
    url = "/backoffice/faq"
    endpoint = "faq_items"
    category = "Kelola"
    can_remove = True
    lead = "Pertanyaan yang sering diajukan, menurut urutannya."
    new_words = "Tambah pertanyaan"
    form_class = FaqForm
    filename = "faq"
    column_list = ("question", "position", "is_shown", "updated_at")
    column_labels = MappingProxyType({
        "position": "Urutan",
        "question": "Pertanyaan",
        "is_shown": "Di portal",
        "updated_at": "Diperbarui",
    })  # fmt: skip
    column_sortable_list = ("position", "question", "is_shown", "updated_at")
    column_default_sort = ("position", False)
    column_searchable_list = (FaqItem.question, FaqItem.answer)
    column_filters = (
        *filters_for(FaqItem.is_shown, "Di portal"),
        *filters_for(FaqItem.updated_at, "Diperbarui"),
    )

    def named(self, row: FaqItem) -> str:
        return row.question

    def previewed(self, form: FaqForm) -> Markup:
        return Markup(
            render_template(
                "backoffice/manage/_text_preview.html",
                title=form.question.data or "Pertanyaan",
                body=render_markdown(form.answer.data or ""),
                is_question=True,
                is_shown=form.is_shown.data,
            )
        )

    def write(self, form: FaqForm, row: FaqItem | None) -> tuple[Model, list[str]]:
        """Two clicks on “Simpan” make one question."""
        if row is None:
            lock_roles()
            if alike := FaqItem.get_or_none(**form.data):
                return alike, []
        return super().write(form, row)

    @expose("/delete/", methods=("POST",))
    def delete_view(self) -> ResponseReturnValue:
        """Remove a question; what it said stays in the trail."""
        if not self.may_write:
            abort(403)
        row, actor = self.get_one(request.form.get("id", "")), me()
        with database.atomic():
            if FaqItem.delete().where(FaqItem.id == row.id).execute():
                record_change(
                    row,
                    "record_deleted",
                    before=self.form_data(row),
                    after={},
                    actor=actor,
                    at=now(),
                )
        flash(f"Pertanyaan “{row.question}” sudah dihapus.", "success")
        return redirect(self.get_url(".index_view"))
