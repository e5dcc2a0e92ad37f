"""The list of staff as a spreadsheet: taken out, and brought in after a dry run.

A line is checked by the same form as the page of one person. Nothing is written before the
administrator saw what each line would do.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from werkzeug.datastructures import MultiDict

from administration.addresses import asked_for, is_only_claimed
from backoffice.base import StaffView, record_change
from backoffice.people.dry_run import sign, unsign, uploaded_rows
from backoffice.people.staff import (
    StaffForm,
    left_behind,
    post_titles_of,
    write_staff,
)
from backoffice.spreadsheets import LINE, BadSpreadsheet, formula_in, without_formulas
from config.office import office
from models import User
from moves.officials import holders_of_posts
from outputs.workbooks import MEDIA_TYPE, Column, write_table
from rules.email_addresses import email_key
from rules.nip import display_nip
from rules.phone import display_phone
from rules.text import fold
from storage.database import canonical_json, database
from web.access import may
from web.requests.uploads import send_bytes
from web.runtime import me, now

HEADINGS = ("NAMA", "EMAIL", "NO HP", "POS")
# What letters say of who signs, by the name of the field; a list without it changes none of it.
LETTER_HEADINGS = {"nip": "NIP", "rank": "PANGKAT/GOLONGAN", "position": "JABATAN"}
COLUMNS = (
    Column("NAMA", 32),
    Column("EMAIL", 32),
    Column("NO HP", 18),
    Column("POS", 60),
    Column("NIP", 24),
    Column("PANGKAT/GOLONGAN", 26),
    Column("JABATAN", 40),
    Column("AKUN AKTIF", 12),
)
NEW, CHANGED, SAME, REFUSED = "new", "changed", "same", "refused"
PLAIN = ("name", "phone", *LETTER_HEADINGS)
FIELD_WORDS = {
    "name": "nama",
    "phone": "no HP",
    "nip": "NIP",
    "rank": "pangkat/golongan",
    "position": "jabatan",
}


@dataclass(frozen=True)
class Line:
    """What one line of the spreadsheet would do."""

    number: int
    name: str
    email: str
    outcome: str
    words: str


class RosterView(StaffView):
    """Bringing in is for the administrator, taking out for the auditor too."""

    name = "Impor Petugas"
    url = "/backoffice/petugas-impor"
    endpoint = "roster"
    category = "Orang"
    in_menu = False
    reads = "staff"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        return self.render("backoffice/people/roster.html", may_write=may("staff_write"))

    @expose("/unduh")
    def download(self) -> ResponseReturnValue:
        """Everybody of the office, in the columns that bringing in expects."""
        people = list(User.select().where(User.is_staff).order_by(*User.name_order()))
        titles = _titles_of(people)
        rows = (
            (
                one.name,
                one.email,
                display_phone(one.phone),
                ", ".join(titles.get(one.id, [])),
                display_nip(one.nip),
                one.rank,
                one.position,
                "Ya" if one.active else "Tidak",
            )
            for one in people
        )
        return send_bytes(write_table("Petugas", COLUMNS, rows), "petugas-melasti.xlsx", MEDIA_TYPE)

    @expose("/periksa", methods=("POST",))
    def check(self) -> ResponseReturnValue:
        """The dry run: what each line would do. Writes nothing."""
        _administrator_only()
        try:
            rows = uploaded_rows(HEADINGS, tuple(LETTER_HEADINGS.values()))
        except BadSpreadsheet as refusal:
            page = self.render("backoffice/people/roster.html", may_write=True, error=str(refusal))
            return page, 422
        return self._show(rows)

    def _show(self, rows: Sequence[Mapping[str, str]], *, code: int = 200):
        lines = [line for line, _, _ in _planned(rows)]
        sealed = sign("roster", {"rows": list(rows), "plan": _digest(lines)})
        page = self.render(
            "backoffice/people/roster.html",
            may_write=True,
            lines=lines,
            sealed=sealed,
            writes=sum(line.outcome in (NEW, CHANGED) for line in lines),
        )
        return page, code

    @expose("/terapkan", methods=("POST",))
    def apply(self) -> ResponseReturnValue:
        """Write what the dry run showed, all of it or nothing."""
        _administrator_only()
        said = unsign("roster", request.form.get("sealed", ""))
        if said is None:
            flash("Pemeriksaan sudah kedaluwarsa. Unggah berkasnya kembali.", "warning")
            return redirect(url_for("roster.index"))
        with database.atomic():
            planned = _planned(said["rows"])
            if _digest([line for line, _, _ in planned]) != said["plan"]:
                flash("Data petugas berubah sesudah diperiksa. Periksa kembali.", "warning")
                return self._show(said["rows"], code=409)
            written = [
                _write(form, row) for line, form, row in planned if line.outcome in (NEW, CHANGED)
            ]
        flash(f"{len(written)} petugas disimpan.", "success")
        return redirect(url_for("staff.index_view"))


def _administrator_only() -> None:
    if not may("staff_write"):
        abort(403)


def _digest(lines: Sequence[Line]) -> str:
    said = [[line.number, line.email, line.outcome, line.words] for line in lines]
    return hashlib.sha256(canonical_json(said).encode()).hexdigest()


def _planned(rows: Sequence[Mapping[str, str]]) -> list[tuple[Line, StaffForm, User | None]]:
    """Each line with its checked form and the person it is about.

    Four queries, and three for each line that takes a post away.
    """
    posts_on_offer = office().posts.items()
    codes = {fold(word): code for code, title in posts_on_offer for word in (code, title)}
    emails = {email_key(row["EMAIL"]) for row in rows if not formula_in(row)}
    found = User.select().where(User.email.in_(emails or {""}))
    # A customer who only claims the address of somebody of the office stands in nobody's way.
    known = {one.email: one for one in found if not is_only_claimed(one)}
    posts, holders = _codes_of(list(known.values())), holders_of_posts()
    seen: set[str] = set()
    planned = []
    for row in rows:
        number = int(row[LINE])
        email = email_key(row["EMAIL"])
        titles = [title.strip() for title in row["POS"].replace(";", ",").split(",")]
        wanted = [codes.get(fold(title), title) for title in titles if title]
        unknown = [title for title in titles if title and fold(title) not in codes]
        person = known.get(email)
        form = StaffForm(
            MultiDict(
                [("name", row["NAMA"]), ("email", email), ("phone", row["NO HP"])]
                + [
                    (name, row.get(heading, getattr(person, name, "")))
                    for name, heading in LETTER_HEADINGS.items()
                ]
                + [("posts", code) for code in wanted]
                + ([("active", "y")] if person is None or person.active else [])
            )
        )
        held = posts.get(person.id, set()) if person else set()
        outcome, words = _outcome(form, person, held, holders)
        if wrong := formula_in(row):
            outcome, words = REFUSED, wrong
        elif unknown:
            outcome, words = REFUSED, f"Pos tidak dikenal: {', '.join(unknown)}."
        elif email and email in seen:
            outcome, words = REFUSED, "Email ini sudah ada pada baris sebelumnya."
        elif person and outcome == CHANGED:
            # What one line takes away isn't there for the next.
            for role in held - set(form.posts.data):
                holders[role].discard(person.id)
        seen.add(email)
        shown = without_formulas(row, "NAMA", "EMAIL")
        planned.append((Line(number, *shown, outcome, words), form, person))
    return planned


def _outcome(
    form: StaffForm, person: User | None, held: set[str], holders: Mapping[str, set[int]]
) -> tuple[str, str]:
    if person and not person.is_staff:
        return REFUSED, "Email ini milik akun pelanggan."
    if not form.validate():
        wrong = [f"{form[name].label.text}: {errors[0]}" for name, errors in form.errors.items()]
        return REFUSED, " ".join(wrong)
    if person is None:
        return NEW, "Diundang lewat pesan."
    before = _plain(person)
    changed = [
        f"{FIELD_WORDS[name]}: “{before[name] or 'kosong'}” menjadi “{form[name].data or 'kosong'}”"
        for name in PLAIN
        if before[name] != form[name].data
    ]
    if given := _titles(set(form.posts.data) - held):
        changed.append(f"pos ditambah: {given}")
    if lost := held - set(form.posts.data):
        lonely = any(holders.get(role, set()) <= {person.id} for role in lost)
        if lonely or left_behind(person, lost, is_leaving=False):
            return REFUSED, (
                f"Pos {_titles(lost)} masih memegang pekerjaan atau tidak dipegang orang lain. "
                "Lepaskan lewat halaman petugas."
            )
        changed.append(f"pos dilepas: {_titles(lost)}")
    return (CHANGED, "; ".join(changed)) if changed else (SAME, "Tidak berubah.")


def _plain(person: User) -> dict[str, str]:
    """The columns of a person as a line writes them: the phone that is wanted."""
    return {name: getattr(person, name) for name in PLAIN} | {
        "phone": asked_for(person, "whatsapp")
    }


def _titles(codes: set[str]) -> str:
    return ", ".join(title for code, title in office().posts.items() if code in codes)


def _codes_of(people: Sequence[User]) -> dict[int, set[str]]:
    """Id -> codes of the posts held. One query."""
    post_titles_of(list(people))
    return {person.id: person.__dict__["post_codes"] & set(office().posts) for person in people}


def _titles_of(people: Sequence[User]) -> dict[int, list[str]]:
    post_titles_of(list(people))
    return {person.id: person.__dict__["post_titles"] for person in people}


def _write(form: StaffForm, person: User | None) -> User:
    before = _plain(person) | {"posts": sorted(person.role_codes)} if person else {}
    saved, changed = write_staff(form, person)
    record_change(
        saved,
        "record_changed" if person else "record_created",
        before={name: before[name] for name in before if name in changed},
        after={name: form[name].data for name in (*PLAIN, "posts", "email") if name in changed},
        actor=me(),
        at=now(),
    )
    return saved
