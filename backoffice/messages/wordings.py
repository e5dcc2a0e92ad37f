"""The words of the messages: read by the office, changed by the administrator, seen beforehand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from administration.wordings import restore, reword, versions_of, words_of_row
from backoffice.base import StaffView
from messages.compose import MessageTemplates, write_out
from messages.email_html import STYLE
from messages.gateways.meta_cloud import one_line
from models import OwnWording
from rules.formats import moment_short
from rules.wording import LINK, PURPOSES, SAMPLES, Wording, problems_of
from web.runtime import me, now, runtime
from workflow import Conflict, InvalidInput

NO_ERRORS: Mapping[str, str] = {}


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


class WordingView(StaffView):
    name = "Templat"
    url = "/backoffice/pesan-templat"
    endpoint = "wordings"
    category = "Komunikasi"
    reads = "messages"
    writes = "wordings_write"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        templates = runtime().message_templates
        groups = [
            (
                title,
                [
                    _row(code, templates)
                    for code, words in templates.defaults.items()
                    if words.purpose == purpose
                ],
            )
            for purpose, title in PURPOSES.items()
        ]
        return self.render("backoffice/messages/wordings.html", groups=groups)

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


def _row(code: str, templates: MessageTemplates) -> dict[str, object]:
    words = templates.in_force(code)
    changed: datetime | None = None
    if templates.own.get(code):
        changed = templates.own[code][-1][0]
    default = templates.defaults[code]
    is_own = (words.subject, words.text) != (default.subject, default.text)
    state = f"Kata balai sejak {moment_short(changed)}" if is_own and changed else "Bawaan"
    return {
        "code": code,
        "subject": words.subject,
        "text": words.text,
        "state": state,
        "is_own": is_own,
        "url": url_for(".wording", code=code),
    }


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
