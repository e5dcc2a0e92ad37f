"""Who changed what in the office's own tables, with what it said before and after."""

from collections.abc import Sequence

from peewee import JOIN, ModelSelect

from backoffice.base import Filter, SafeView
from backoffice.manage.change_words import TITLES, change_in_words, names_of
from models import ChangeRecord, Event, User
from rules.formats import moment_short
from web.listing import between_dates, text_argument, with_arguments

SYSTEM = "sistem"


class ChangeView(SafeView):
    model = ChangeRecord
    name = "Jejak Perubahan"
    url = "/backoffice/jejak"
    endpoint = "changes"
    category = "Kelola"
    lead = "Siapa mengubah data acuan dan akun, kapan, dan apa bunyinya sebelum dan sesudahnya."
    list_template = "backoffice/manage/changes.html"
    reads = "audit"
    order = (ChangeRecord.id.desc(),)
    filters = (
        Filter(
            "table",
            "Data",
            tuple((table, words, ChangeRecord.table == table) for table, words in TITLES.items()),
        ),
    )
    columns = (
        ("Waktu", lambda row: moment_short(row.event.at)),
        ("Oleh", lambda row: row.event.actor.name if row.event.actor else "Sistem"),
        ("Data", lambda row: row.__dict__["thing"]),
        ("Perubahan", change_in_words),
    )

    def get_query(self) -> ModelSelect:
        return (
            ChangeRecord.select(ChangeRecord, Event, User)
            .join(Event)
            .join(User, JOIN.LEFT_OUTER)
            .switch(ChangeRecord)
        )

    def prepare(self, rows: Sequence[ChangeRecord]) -> None:
        names = names_of(rows)
        for row in rows:
            row.__dict__["thing"] = names[row.id]

    def actors(self) -> list[tuple[str, str]]:
        """Everybody who changed something: (argument, name). One query."""
        changing = Event.select(Event.actor).join(ChangeRecord, on=ChangeRecord.event == Event.id)
        people = User.select(User.public_id, User.name).where(User.id.in_(changing))
        found = people.order_by(*User.name_order()).tuples()
        return [*found, (SYSTEM, "Sistem")]

    def _filtered(self) -> tuple[ModelSelect, list[tuple[str, str]]]:
        query, chips = super()._filtered()
        if by := text_argument("oleh"):
            name = dict(self.actors()).get(by)
            if name:
                is_theirs = Event.actor.is_null() if by == SYSTEM else User.public_id == by
                query = query.where(is_theirs)
                chips.append((f"Oleh: {name}", with_arguments(oleh=None)))
        query, days = between_dates(query, Event.at)
        return query, [*chips, *days]
