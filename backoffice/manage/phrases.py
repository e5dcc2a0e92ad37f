"""Sentences that are kept ready: everybody's, a post's, and one's own."""

from collections.abc import Mapping
from types import MappingProxyType

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from peewee import Model, ModelSelect
from wtforms import BooleanField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, Length

from administration.phrases import KINDS, REFUSAL, VARIABLES, unknown_variables, whom_it_is_for
from backoffice.base import SafeView
from backoffice.filters import filters_for
from backoffice.lists import RowLink
from config.office import office
from models import Phrase, lock_roles
from rules.labels import REQUIRED
from rules.text import normalise
from web.access import may
from web.runtime import me, now, reader
from web.translations import OfficeForm

EVERYBODY, MINE, OF_POST = "semua", "saya", "pos:"
VARIABLES_HINT = "Isian otomatis: " + " ".join(f"{{{name}}}" for name in VARIABLES) + "."
OF_REFUSAL = "Hanya untuk alasan penolakan."


def _clean(text: str | None) -> str:
    return normalise((text or "").replace("\r\n", "\n")).strip()


def _whom() -> list[tuple[str, str]]:
    """For whom this person may keep sentences."""
    found = [(MINE, "Hanya saya")]
    found += [(f"{OF_POST}{post}", f"Pos {office().posts[post]}") for post in sorted(reader().held)]
    if may("reference_write"):
        found = [(EVERYBODY, "Semua pos"), *found]
        found += [
            (f"{OF_POST}{post}", f"Pos {title}")
            for post, title in office().posts.items()
            if post in office().posts_that_may("works") and post not in reader().held
        ]
    return found


class PhraseForm(OfficeForm):
    kind = SelectField("Jenis", choices=list(KINDS.items()))
    for_whom = SelectField("Untuk", choices=_whom)
    title = StringField(
        "Judul singkat",
        validators=[InputRequired(REQUIRED), Length(max=80, message="Paling banyak 80 huruf.")],
    )
    text = TextAreaField(
        "Kalimat",
        description=VARIABLES_HINT,
        filters=[_clean],
        validators=[InputRequired(REQUIRED), Length(max=1000, message="Paling banyak 1000 huruf.")],
    )
    basis = StringField(
        "Dasar penolakan",
        description=OF_REFUSAL,
        filters=[_clean],
        validators=[Length(max=300, message="Paling banyak 300 huruf.")],
    )
    alternative = TextAreaField(
        "Saran untuk pelanggan",
        description=OF_REFUSAL,
        filters=[_clean],
        validators=[Length(max=1000, message="Paling banyak 1000 huruf.")],
    )
    is_active = BooleanField("Dipakai", default=True)

    def validate_text(self, field: TextAreaField) -> None:
        if unknown := unknown_variables(field.data or "", self.alternative.data or ""):
            raise ValidationError(
                f"Isian otomatis yang tidak dikenal: {', '.join(unknown)}. {VARIABLES_HINT}"
            )

    def validate_basis(self, field: StringField) -> None:
        if self.kind.data != REFUSAL and (field.data or self.alternative.data):
            raise ValidationError("Dasar dan saran hanya untuk alasan penolakan; kosongkan.")


class PhraseView(SafeView):
    """Each keeps their own and their posts'; who keeps reference data, everybody's too."""

    model = Phrase
    name = "Kalimat Siap Pakai"
    url = "/backoffice/kalimat"
    endpoint = "phrases"
    category = "Kelola"
    reads = "works"
    also_reads = ("reference_write",)
    can_create = can_edit = True
    new_words = "Tambah kalimat"
    lead = (
        "Disisipkan pada percakapan, penolakan, permintaan kelengkapan, dan disposisi. Ketik “/” "
        "di awal baris atau pilih dari daftar."
    )
    form_class = PhraseForm
    filename = "kalimat-siap-pakai"
    empty_words = ("Belum ada kalimat", "Tambahkan yang sering Anda tulis.")
    column_list = ("title", "kind", "text", "for_whom", "is_active", "updated_at")
    column_clipped = ("text",)
    column_labels = MappingProxyType({
        "title": "Judul",
        "kind": "Jenis",
        "text": "Kalimat",
        "for_whom": "Untuk",
        "is_active": "Dipakai",
        "updated_at": "Diperbarui",
    })  # fmt: skip
    column_formatters = MappingProxyType({
        "kind": lambda view, context, row, name: KINDS.get(row.kind, row.kind),
        "for_whom": lambda view, context, row, name: whom_it_is_for(row),
    })  # fmt: skip
    column_sortable_list = ("title", ("kind", (Phrase.kind, Phrase.title)), "updated_at")
    column_default_sort = ("kind", False)
    column_searchable_list = (Phrase.title, Phrase.text)
    column_filters = (
        *filters_for(Phrase.kind, "Jenis", tuple(KINDS.items()), alias="jenis"),
        *filters_for(Phrase.is_active, "Dipakai"),
    )

    @property
    def may_write(self) -> bool:
        return self.is_accessible()

    def get_query(self) -> ModelSelect:
        """Nobody sees what a colleague keeps for oneself."""
        if may("reference_write"):
            return Phrase.select().where(Phrase.owner.is_null() | (Phrase.owner == me().id))
        return Phrase.visible_to(reader())

    def may_change(self, row: Phrase) -> bool:
        is_theirs = row.owner_id == me().id or row.role_code in reader().held
        return is_theirs or (not row.owner_id and may("reference_write"))

    def get_list_row_actions(self) -> list[RowLink]:
        return [RowLink("Ubah", self._edit_url)]

    def _edit_url(self, row: Phrase) -> str:
        return self.get_url(".edit_view", id=row.id) if self.may_change(row) else ""

    @expose("/edit/", methods=("GET", "POST"))
    def edit_view(self) -> ResponseReturnValue:
        row = self.get_one(request.args.get("id", ""))
        if not self.may_change(row):
            if request.method == "POST":
                abort(403)
            flash(
                "Kalimat untuk semua pos diubah oleh administrator. Buat milik Anda sendiri.",
                "info",
            )
            return redirect(self.get_url(".index_view"))
        return super().edit_view()

    def form_data(self, row: Phrase) -> Mapping[str, object]:
        whom = MINE if row.owner_id else f"{OF_POST}{row.role_code}" if row.role_code else EVERYBODY
        return {**super().form_data(row), "for_whom": whom}

    def write(self, form: PhraseForm, row: Phrase | None) -> tuple[Model, list[str]]:
        """Two clicks on “Simpan” make one sentence."""
        given = dict(form.data)
        whom = given.pop("for_whom")
        given["owner"] = me().id if whom == MINE else None
        given["role_code"] = whom.removeprefix(OF_POST) if whom.startswith(OF_POST) else ""
        if row is None:
            lock_roles()
            alike = Phrase.select().where(
                *(
                    getattr(Phrase, name) == value
                    for name, value in given.items()
                    if name != "owner"
                ),
                Phrase.owner.is_null()
                if given["owner"] is None
                else Phrase.owner == given["owner"],
            )
            if found := alike.first():
                return found, []
        before = self.form_data(row) if row else {}
        target = row or Phrase()
        for name, value in given.items():
            setattr(target, name, value)
        target.updated_at = now()
        target.save()
        return target, [name for name in form.data if before.get(name) != form.data[name]]
