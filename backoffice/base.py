"""The one safe view: every row is fetched through a scope, and nothing is open by default.

Flask-Admin's own `get_one`, mass actions and look-ups go round `get_query`, its deletes are
recursive and its saves write every column. Here each address is ours: those aren't registered.
"""

import hashlib
from collections.abc import Mapping, Sequence

from flask import abort, current_app, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose
from flask_security import current_user
from peewee import IntegrityError, Model
from wtforms import Form

from backoffice.lists import LISTS, ListView
from moves.changes import record_change
from storage.database import database
from web.access import is_official, may
from web.runtime import me, now

STALE = (
    "Data ini diubah orang lain sejak Anda membukanya. Yang berbeda dari isian Anda: {}. Buka "
    "kembali dari daftar untuk melihatnya, atau simpan sekali lagi untuk menggantinya."
)


# As `reads` of a view.
ANY_POST = "*"


class StaffOnly:
    """Access by post: visitors go to the log-in page, others get 403. Closed unless named.

    Who looks needs the capability `reads`, who changes anything `writes`; `config/office.toml`
    says which posts have them.
    """

    name = ""
    url = ""
    endpoint = ""
    # The word under which the menu folds what belongs together, so that it fits beside the queue.
    category: str | None = None
    in_menu = True
    reads = ""
    # Further capabilities that open it as well.
    also_reads: Sequence[str] = ()
    writes = ""

    def __init__(self, *args: object):
        # Flask-Admin would set these four to None over those of the class.
        super().__init__(
            *args, name=self.name, url=self.url, endpoint=self.endpoint, category=self.category
        )

    def is_visible(self) -> bool:
        return self.in_menu

    def is_accessible(self) -> bool:
        if self.reads == ANY_POST:
            return is_official()
        return any(may(word) for word in (self.reads, *self.also_reads))

    @property
    def opens_cards(self) -> bool:
        """Whether links to request cards lead anywhere for this person."""
        return may("requests")

    @property
    def may_write(self) -> bool:
        return may(self.writes)

    def writers_only(self) -> None:
        if not self.may_write:
            abort(403)

    def inaccessible_callback(self, name: str, **kwargs: object) -> ResponseReturnValue:
        if not current_user.is_authenticated:
            return current_app.login_manager.unauthorized()
        abort(403)


class StaffView(StaffOnly, BaseView):
    """A page of the backoffice that isn't a table."""


def typed() -> Mapping[str, str] | None:
    """The form of a POST. An empty one on a GET would count as everything unticked."""
    return request.form if request.method == "POST" else None


def _is_saving() -> bool:
    """Whether the form was sent to be saved, not to be looked at or gone back to."""
    return request.method == "POST" and not {"back", "preview"} & set(request.form)


class SafeView(StaffOnly, ListView):
    """A table: list, and for who `writes` create and edit with a form of ours; never delete."""

    edit_template = "backoffice/edit.html"
    create_template = "backoffice/edit.html"
    new_words = "Tambah"
    # On the button of the form for a new row.
    create_words = "Simpan"
    # The field whose value no other row may have, and what to say of one that has; else the first.
    unique = ""
    taken_words = "Sudah ada data lain dengan isian yang sama."
    # (words, endpoint) of pages beside the list.
    more_links: Sequence[tuple[str, str]] = ()
    form_class: type[Form]

    def __init__(self):
        super().__init__(self.model)
        LISTS[self.endpoint] = self
        self.title = self.title or self.name

    @property
    def may_create(self) -> bool:
        return self.can_create and self.may_write

    # -- forms --

    @expose("/new/", methods=("GET", "POST"))
    def create_view(self) -> ResponseReturnValue:
        if not self.can_create:
            abort(404)
        self.writers_only()
        form = self.form_class(typed())
        if _is_saving() and form.validate() and self._saved(form, None):
            return redirect(self.get_url(".index_view"))
        return self._form_page(form, None)

    @expose("/edit/", methods=("GET", "POST"))
    def edit_view(self) -> ResponseReturnValue:
        if not self.can_edit:
            abort(404)
        self.writers_only()
        row = self.get_one(request.args.get("id", ""))
        form = self.form_class(typed(), data=self.form_data(row))
        if _is_saving() and form.validate() and self._is_fresh(form, row):
            if question := self.ask_first(form, row):
                return question
            if self._saved(form, row):
                return redirect(self.get_url(".index_view"))
        return self._form_page(form, row)

    def seen_of(self, row: Model) -> str:
        """What a form tells of the row that it was made from. One query: `row` may be half
        changed by a write that failed."""
        stored = type(row).get_by_id(row.id)
        said = repr(sorted(self.form_data(stored).items())).encode()
        return hashlib.sha256(said).hexdigest()[:16]

    def _is_fresh(self, form: Form, row: Model) -> bool:
        """Whether nobody changed the row since the form was opened; else a sentence above it."""
        if request.form.get("seen") in (None, self.seen_of(row)):
            return True
        stored = self.form_data(row)
        other = [field.label.text for field in form if field.data != stored.get(field.name)]
        form.form_errors.append(STALE.format(", ".join(other) or "tidak ada"))
        return False

    def ask_first(self, form: Form, row: Model) -> str:
        """A page that asks before something far-reaching is saved; empty to save at once."""
        return ""

    def form_data(self, row: Model) -> Mapping[str, object]:
        return {name: getattr(row, name, None) for name in self.form_class(None)._fields}

    def _form_page(self, form: Form, row: Model | None):
        template = self.edit_template if row else self.create_template
        return self.render(template, form=form, row=row), 422 if form.errors else 200

    def _saved(self, form: Form, row: Model | None) -> bool:
        """Write the row and its event together; a taken unique value becomes a sentence."""
        before = self.form_data(row) if row else {}
        try:
            with database.atomic():
                saved, changed = self.write(form, row)
                if changed:
                    record_change(
                        saved,
                        "record_changed" if row else "record_created",
                        before={name: before.get(name) for name in changed if row},
                        after={name: self.form_data(saved).get(name) for name in changed},
                        actor=me(),
                        at=now(),
                    )
        except IntegrityError:
            (form[self.unique] if self.unique else next(iter(form))).errors = [self.taken_words]
            return False
        flash(self.saved_words(saved, row is None), "success")
        return True

    def saved_words(self, row: Model, is_new: bool) -> str:
        return "Perubahan sudah disimpan."

    def write(self, form: Form, row: Model | None) -> tuple[Model, list[str]]:
        """Save the form's values into `row` or a new one; return it and the changed names."""
        target = row or self.model()
        changed = [name for name, value in form.data.items() if getattr(target, name) != value]
        for name in changed:
            setattr(target, name, form.data[name])
        self.stamp(target)
        target.save()
        return target, changed

    def stamp(self, row: Model) -> None:
        """Set what the form doesn't: nothing here."""
