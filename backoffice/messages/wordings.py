"""The words of the messages: read by the office, changed by the administrator, seen beforehand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from administration.wordings import restore, reword, versions_of, words_of_row
from backoffice.base import SafeView
from backoffice.filters import OneOf
from backoffice.lists import RowLink
from messages.compose import MessageTemplates, write_out
from messages.email_html import STYLE
from messages.gateways.meta_cloud import one_line
from models import OwnWording
from rules.formats import moment_short
from rules.search_terms import order_key
from rules.text import fold
from rules.wording import LINK, PURPOSES, SAMPLES, Wording, problems_of
from web.listing import Page, text_argument, with_arguments
from web.runtime import me, now, runtime
from workflow import Conflict, InvalidInput

NO_ERRORS: Mapping[str, str] = {}


@dataclass(frozen=True)
class Row:
    """A message in the list."""

    code: str
    subject: str
    text: str
    purpose: str
    state: str
    is_own: bool

    @property
    def id(self) -> str:
        return self.code

    @property
    def whose(self) -> str:
        return "balai" if self.is_own else "bawaan"


@dataclass(frozen=True)
class Preview:
    """What would leave, with examples for the variables."""

    text: str
    subject: str
    letter: str
    html: str
    body: str
    # Number, variable, value as it is sent, what was done to it.
    parameters: list[tuple[int, str, str, str]]
    advice: list[str]


class PlainOneOf(OneOf):
    """A choice among the messages, which lie in no table."""

    def apply(self, query: list[Row], value: list[str]) -> list[Row]:
        return [row for row in query if getattr(row, self.column) in value]


class WordingView(SafeView):
    """The messages of the office's file with the words in force; a few dozen, kept in memory."""

    # Of what the office made of them; the list itself is no table.
    model = OwnWording
    name = "Templat"
    url = "/backoffice/pesan-templat"
    endpoint = "wordings"
    category = "Komunikasi"
    title = "Templat pesan"
    lead = (
        "Kata-kata setiap pesan WhatsApp dan email, dari satu sumber. Perubahan berlaku untuk "
        "pesan yang dikirim sesudahnya."
    )
    reads = "messages"
    writes = "wordings_write"
    filename = "templat-pesan"
    column_list = ("subject", "text", "purpose", "state", "code")
    column_clipped = ("text",)
    column_labels = MappingProxyType({
        "subject": "Subjek",
        "text": "Isi",
        "purpose": "Kegunaan",
        "state": "Kata-kata",
        "code": "Kode",
    })  # fmt: skip
    column_sortable_list = ("subject", "purpose", "state", "code")
    column_default_sort = ("purpose", False)
    column_choices = MappingProxyType({"purpose": tuple(PURPOSES.items())})
    export_kinds = MappingProxyType({"text": ("text", 80)})
    column_filters = (
        PlainOneOf("purpose", "Kegunaan", tuple(PURPOSES.items())),
        PlainOneOf("whose", "Kata-kata", (("balai", "Kata balai"), ("bawaan", "Bawaan"))),
    )
    column_extra_row_actions = (
        RowLink("Buka", lambda row: url_for("wordings.wording", code=row.code)),
    )

    def init_search(self) -> bool:
        return True

    def get_query(self) -> list[Row]:
        templates = runtime().message_templates
        return [_row(code, templates) for code in templates.defaults]

    def _found(self, query: list[Row], words: str) -> list[Row]:
        pieces = fold(words).split()
        said = [(row, fold(f"{row.subject} {row.text} {row.code}")) for row in query]
        return [row for row, text in said if all(piece in text for piece in pieces)]

    def get_list(
        self,
        page: int | None,
        sort_column: str | None,
        sort_desc: bool | None,
        search: str | None,
        filters: Sequence[tuple[int, str, str]] | None,
        execute: bool = True,
        page_size: int | None = None,
    ) -> tuple[None, Page]:
        """A page by its number: the rows are those of a file."""
        rows = self._in_order(self._chosen(search, filters), sort_column, bool(sort_desc))
        size, asked = page_size or self.page_size, text_argument("page", 3)
        last = max(1, -(-len(rows) // size))
        number = min(max(1, int(asked)), last) if asked.isdecimal() else 1
        return None, Page(
            rows[(number - 1) * size : number * size],
            number,
            size,
            len(rows),
            len(rows),
            previous_url=with_arguments(page=number - 1) if number > 1 else "",
            next_url=with_arguments(page=number + 1) if number < last else "",
        )

    def _in_order(self, rows: list[Row], name: str | None, is_falling: bool) -> list[Row]:
        name, is_falling = (name, is_falling) if name else self.default_sort()
        places = list(PURPOSES)
        key = {
            "purpose": lambda row: places.index(row.purpose),
            "state": lambda row: (not row.is_own, row.state),
        }.get(name, lambda row: order_key(getattr(row, name)))
        return sorted(rows, key=key, reverse=is_falling)

    def export_rows(self) -> list[Row]:
        asked = self._get_list_extra_args()
        name = None if asked.sort is None else self.column_list[asked.sort]
        return self._in_order(
            self._chosen(asked.search, asked.filters), name, bool(asked.sort_desc)
        )

    @expose("/<code>")
    def wording(self, code: str) -> ResponseReturnValue:
        words = runtime().message_templates.in_force(_known(code))
        return self._show(code, words.subject, words.text)

    @expose("/<code>", methods=("POST",))
    def save(self, code: str) -> ResponseReturnValue:
        """Put other words in force."""
        subject, text = self._posted(code)
        try:
            changed = reword(code, subject, text, version=_version(), actor=me(), now=now())
        except InvalidInput as refusal:
            return self._show(code, subject, text, refusal.errors), 422
        except Conflict as conflict:
            flash(str(conflict), "warning")
            return self._show(code, subject, text), 409
        words = "Kata-kata baru berlaku mulai sekarang." if changed else "Tidak ada yang berubah."
        flash(words, "success" if changed else "info")
        return redirect(url_for(".wording", code=code))

    @expose("/<code>/pratinjau", methods=("POST",))
    def preview(self, code: str) -> ResponseReturnValue:
        """Show what would leave, without keeping it; only the preview for the script."""
        subject, text = self._posted(code)
        errors = problems_of(runtime().message_templates.defaults[code], subject.strip(), text)
        if request.headers.get("X-Requested-With") == "fetch":
            return render_template(
                "backoffice/messages/_wording_preview.html",
                preview=None if errors else _preview(code, subject, text),
                errors=errors,
            )
        return self._show(code, subject, text, errors), 422 if errors else 200

    @expose("/<code>/kembalikan", methods=("POST",))
    def restore(self, code: str) -> ResponseReturnValue:
        """Put the default in force again."""
        self._posted(code)
        try:
            changed = restore(code, version=_version(), actor=me(), now=now())
        except Conflict as conflict:
            flash(str(conflict), "warning")
            return redirect(url_for(".wording", code=code))
        words = "Kata-kata bawaan berlaku lagi." if changed else "Kata-kata bawaan sudah berlaku."
        flash(words, "success" if changed else "info")
        return redirect(url_for(".wording", code=code))

    def _posted(self, code: str) -> tuple[str, str]:
        """Subject and text of the form; 403 for who may only read, 404 for no such message."""
        self.writers_only()
        _known(code)
        text = request.form.get("text", "").replace("\r\n", "\n")
        return request.form.get("subject", ""), text

    def _show(self, code: str, subject: str, text: str, errors: Mapping[str, str] = NO_ERRORS):
        templates = runtime().message_templates
        default, versions = templates.defaults[code], versions_of(code)
        return self.render(
            "backoffice/messages/wording.html",
            code=code,
            default=default,
            purpose=PURPOSES[default.purpose],
            subject=subject,
            text=text,
            errors=errors,
            problems=[
                (name, f"{label}: {errors[name]}")
                for name, label in (("subject", "Subjek"), ("text", "Isi"))
                if errors.get(name)
            ],
            preview=None if errors else _preview(code, subject, text),
            version=versions[0].version if versions else 0,
            is_own=bool(versions) and not versions[0].is_default,
            versions=[_version_line(row) for row in versions],
            may_write=self.may_write,
            secret=default.is_secret,
        )


def _known(code: str) -> str:
    return code if code in runtime().message_templates.defaults else abort(404)


def _version() -> int:
    text = request.form.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 9 else 0


def _row(code: str, templates: MessageTemplates) -> Row:
    words = templates.in_force(code)
    default, changed = templates.defaults[code], None
    if templates.own.get(code):
        changed = templates.own[code][-1][0]
    is_own = (words.subject, words.text) != (default.subject, default.text)
    state = f"Kata balai sejak {moment_short(changed)}" if is_own and changed else "Bawaan"
    return Row(code, words.subject, words.text, default.purpose, state, is_own)


def _version_line(row: OwnWording) -> dict[str, object]:
    words: Wording = words_of_row(row)
    return {
        "version": row.version,
        "at": row.created_at,
        "who": row.created_by.name if row.created_by else "-",
        "is_default": row.is_default,
        "subject": words.subject,
        "text": words.text,
    }


# -- preview -------------------------------------------------------------------------------------


def _preview(code: str, subject: str, text: str) -> Preview:
    """Render the words with examples. They must be without problems."""
    templates = runtime().message_templates
    default = templates.defaults[code]
    words = default.reworded(subject.strip(), text.strip(), 0)
    values = {name: SAMPLES.get(name, f"contoh {name}") for name in default.allowed}
    link = values.get(LINK, "")
    if link:
        values[LINK] = f"{templates.base_url}{link}"
    plain, letter = (
        write_out(words, values, templates, address="", key="", is_email=is_email)
        for is_email in (False, True)
    )
    parameters = [
        (number, name, one_line(values[name]), _cleaned(values[name]))
        for number, name in enumerate(words.parameter_names, start=1)
    ]
    return Preview(
        plain.text,
        plain.subject,
        letter.text,
        letter.html.replace(STYLE, ""),
        words.template_body,
        parameters,
        _advice(default, words),
    )


def _cleaned(value: str) -> str:
    return "" if one_line(value) == value else "baris baru, tab, dan spasi beruntun diganti spasi"


def _advice(default: Wording, words: Wording) -> list[str]:
    """What the Cloud API would mind."""
    if words.is_free:
        return []
    found = []
    if words.parameter_names != default.parameter_names:
        found.append(
            "Urutan atau jumlah parameter berbeda dari bawaan. Daftarkan dulu templat ini di Meta "
            "dengan isi di atas; sebelum disetujui, pesannya ditolak Meta dan dikirim lewat email."
        )
    elif words.text != default.text:
        found.append("Perbarui juga isi templat ini di Meta; kata-katanya diambil dari sana.")
    body = words.template_body
    if body.startswith("{{") or body.endswith("}}"):
        found.append("Meta dapat menolak templat yang diawali atau diakhiri parameter.")
    return found
