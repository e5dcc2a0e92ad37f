"""Accounts of staff: posts, invitations, and what is left behind by who goes."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from flask import flash, request
from flask_admin.actions import action
from peewee import Expression, IntegrityError, Model, ModelSelect
from wtforms import EmailField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from administration import addresses, appointments
from backoffice.filters import OneOf
from backoffice.lists import RowAct, take_actions
from backoffice.people.people import ACCOUNT_FILTERS, PeopleView, PersonForm, write_person
from config.office import office
from models import Role, RoleHolding, User
from moves import assignments
from moves.changes import record_change
from moves.officials import holders_of_posts
from rules.email_addresses import email_key
from rules.formats import moment_short
from rules.labels import REQUIRED
from rules.nip import BadNip, parse_nip
from rules.roles import PELANGGAN
from rules.text import one_line
from storage.database import database
from web.accounts.identity import valid_email
from web.accounts.invitations import invite, waiting_invitations
from web.runtime import me, now

NOT_INVITED = (
    "{} tidak perlu diundang lagi: kata sandi sudah dipilih, atau akun tidak aktif. Kata sandi "
    "yang terlupa diatur ulang lewat “Lupa password ?” pada halaman masuk."
)


LAST_ADMINISTRATOR = (
    "Ini satu-satunya Administrator yang aktif. Berikan pos itu kepada orang lain dahulu: tanpa "
    "Administrator tidak ada yang dapat membuka kembali akun atau membagi pos."
)


class StaffForm(PersonForm):
    email = EmailField("Email", validators=[InputRequired(REQUIRED)])
    posts = SelectMultipleField(
        "Pos",
        validators=[InputRequired("Pilih sedikitnya satu pos.")],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    nip = StringField(
        "NIP",
        filters=[one_line],
        description="18 angka; tercetak pada surat yang ditandatangani.",
    )
    rank = StringField(
        "Pangkat/golongan",
        filters=[one_line],
        validators=[Length(max=60)],
        description="Misalnya Pembina (IV/a).",
    )
    position = StringField(
        "Jabatan",
        filters=[one_line],
        validators=[Length(max=120)],
        description="Sebutan resmi pada surat, bila berbeda dari nama pos.",
    )

    def validate_nip(self, field: StringField) -> None:
        if field.data:
            try:
                field.data = parse_nip(field.data)
            except BadNip as refusal:
                raise ValidationError(str(refusal)) from None

    def validate_email(self, field: EmailField) -> None:
        field.data = valid_email(field.data or "")

    def __init__(self, *args: object, **kwargs: object):
        super().__init__(*args, **kwargs)
        self.posts.choices = _posts()


def _posts() -> list[tuple[str, str]]:
    return [(code, title) for code, title in office().posts.items() if code != PELANGGAN]


class PostHeld(OneOf):
    """By the posts that somebody holds."""

    def condition(self, codes: list[str]) -> Expression:
        held = RoleHolding.select(RoleHolding.user).join(Role).where(Role.name.in_(codes))
        return User.id.in_(held)


class StaffAccountView(PeopleView):
    model = User
    name = "Petugas"
    url = "/backoffice/petugas"
    endpoint = "staff"
    category = "Orang"
    lead = "Akun petugas dan pos yang dipegang."
    new_words = "Undang petugas"
    create_words = "Kirim undangan"
    more_links = (("Lembar kerja", "roster.index"),)
    reads = "staff"
    writes = "staff_write"
    can_create = True
    form_class = StaffForm
    filename = "petugas"
    column_list = (
        "name", "email", "phone", "posts", "active", "invitation", "nip", "rank", "position",
    )  # fmt: skip
    column_folded = ("nip", "rank", "position")
    column_sortable_list = (("name", User.name_key), "email", "nip", "active")
    column_formatters = MappingProxyType({
        **PeopleView.column_formatters,
        "posts": lambda view, context, row, name: ", ".join(row.__dict__["post_titles"]),
    })  # fmt: skip
    column_filters = (
        PostHeld(User.id, "Pos", _posts),
        *ACCOUNT_FILTERS,
    )
    column_extra_row_actions = (
        RowAct("invite", "Kirim undangan lagi", lambda row: row.active and row.is_invited),
    )
    action_view = take_actions

    def get_query(self) -> ModelSelect:
        return User.select().where(User.is_staff)

    def prepare(self, rows: list[User]) -> None:
        post_titles_of(rows)
        waiting, at = waiting_invitations(rows), now()
        for user in rows:
            user.is_invited = user.id in waiting
            user.invitation = _told(waiting[user.id], at) if user.is_invited else "-"

    def form_data(self, row: User) -> dict[str, object]:
        return {**super().form_data(row), "posts": sorted(row.role_codes)}

    def ask_first(self, form: StaffForm, row: User) -> str:
        """What becomes of the work of somebody who leaves, or gives up a post."""
        lost = row.role_codes - set(form.posts.data) if form.active.data else row.role_codes
        if row.active and _is_last_administrator(row, lost):
            field = form.posts if form.active.data else form.active
            field.errors = [LAST_ADMINISTRATOR]
            return self._form_page(form, row)
        left = left_behind(row, lost, is_leaving=row.active and not form.active.data)
        if not row.active or not left or request.form.get("confirm"):
            return ""
        return self.render("backoffice/people/staff_confirm.html", form=form, row=row, left=left)

    def _form_page(self, form: StaffForm, row: User | None):
        left = None
        if row and not row.active:
            left = left_behind(row, row.role_codes, is_leaving=True)
        page = self.render("backoffice/people/staff_edit.html", form=form, row=row, left=left)
        return page, 422 if form.errors else 200

    def write(self, form: StaffForm, row: User | None) -> tuple[Model, list[str]]:
        return write_staff(form, row)

    def saved_words(self, row: User, is_new: bool) -> str:
        """Who was invited, where, and until when."""
        if not is_new:
            return super().saved_words(row, is_new)
        until = waiting_invitations([row]).get(row.id)
        return f"Undangan dikirim ke {row.email}, berlaku sampai {moment_short(until)}."

    @action("invite", "Undang lagi yang dipilih")
    def invite_picked(self, ids: Sequence[str]) -> None:
        for row in self.picked(ids):
            self._invite(row)

    def _invite(self, row: User) -> None:
        """Send a new invitation in place of the one before, to who hasn't chosen a password."""
        at = now()
        if not row.active or row.id not in waiting_invitations([row]):
            flash(NOT_INVITED.format(row.name), "warning")
            return
        with database.atomic():
            until = moment_short(invite(row, at=at))
            record_change(
                row,
                "record_changed",
                before={},
                after={"invitation": until},
                actor=me(),
                at=at,
            )
        flash(f"Undangan baru sudah dikirim kepada {row.name}; berlaku sampai {until}.", "success")


def _is_last_administrator(person: User, lost: Collection[str]) -> bool:
    """Whether nobody could give posts to anybody once this person has lost these."""
    able = office().posts_that_may("staff_write")
    if not able & set(lost) or able & (person.role_codes - set(lost)):
        return False
    holders = holders_of_posts()
    return all(holders.get(post, set()) <= {person.id} for post in able)


def _told(until: datetime | None, at: datetime) -> str:
    if until is None or until < at:
        return "Kedaluwarsa"
    return f"Berlaku sampai {moment_short(until)}"


@dataclass(frozen=True)
class LeftBehind:
    """What would be nobody's when somebody goes."""

    requests: int
    # Title of a post, and who is invited to it.
    lonely: Sequence[tuple[str, Sequence[str]]]
    mandates: Sequence[str]

    def __bool__(self) -> bool:
        return bool(self.requests or self.lonely or self.mandates)


def left_behind(person: User, lost: Collection[str], *, is_leaving: bool) -> LeftBehind:
    """Open requests held by name at these posts, posts without anybody else, mandates."""
    titles = office().posts
    held = assignments.holdings(assignments.open_requests(), person=person) if lost else []
    lonely = [
        (titles[role], appointments.invited_to(role))
        for role in appointments.posts_held_only_by(person)
        if role in lost
    ]
    mandates = appointments.mandates_of(person, now()) if is_leaving else []
    requests = {holding.request.id for holding in held if holding.role in lost}
    return LeftBehind(len(requests), lonely, [appointments.described(m) for m in mandates])


def write_staff(form: StaffForm, row: User | None) -> tuple[User, list[str]]:
    """Save the account and its posts; invite a new person by message.

    Returns the person and the names of the fields that changed. Call inside a transaction.
    """
    given = dict(form.data)
    posts = given.pop("posts")
    given["email"] = email_key(given["email"])
    if row is None:
        # A customer who only claims the address of somebody of the office stands in nobody's way.
        try:
            addresses.release(given["email"], now=now())
        except addresses.EmailTaken:
            raise IntegrityError from None
        target = User(is_staff=True, fs_uniquifier=secrets.token_hex(32), created_at=now(), **given)
        target.save()
        changed = list(given)
    else:
        target, changed = write_person(row, given)
    if set(posts) != target.role_codes:
        target.hold_posts(posts)
        changed.append("posts")
    if row is None:
        invite(target, at=now())
    return target, changed


def post_titles_of(users: list[User]) -> None:
    """Put codes and titles of the posts held beside each user of a list. One query.

    A title is what the office calls the post now, whatever its row was first written with.
    """
    held = (
        RoleHolding.select(RoleHolding.user, Role.name, Role.title)
        .join(Role)
        .where(RoleHolding.user.in_([user.id for user in users] or [0]))
        .order_by(Role.id)
        .tuples()
    )
    posts: dict[int, dict[str, str]] = {}
    for user_id, code, title in held:
        posts.setdefault(user_id, {})[code] = office().posts.get(code, title)
    for user in users:
        found = posts.get(user.id, {})
        user.__dict__.update(post_codes=set(found), post_titles=list(found.values()))
