"""Who changed what in the office's own tables, with what it said before and after."""

from collections.abc import Sequence
from types import MappingProxyType

from peewee import JOIN, Expression, ModelSelect

from backoffice.base import SafeView
from backoffice.filters import OneOf, filters_for
from backoffice.manage.change_words import TITLES, change_in_words, names_of
from models import ChangeRecord, Event, User

SYSTEM = "sistem"


def actors() -> list[tuple[str, str]]:
    """Everybody who changed something: (argument, name). One query."""
    changing = Event.select(Event.actor).join(ChangeRecord, on=ChangeRecord.event == Event.id)
    people = User.select(User.public_id, User.name).where(User.id.in_(changing))
    found = people.order_by(*User.name_order()).tuples()
    return [*found, (SYSTEM, "Sistem")]


class By(OneOf):
    """Who changed it: a person by the public id, or the system, which is nobody."""

    def condition(self, codes: list[str]) -> Expression:
        theirs = User.public_id.in_(codes)
        return theirs | Event.actor.is_null() if SYSTEM in codes else theirs


class ChangeView(SafeView):
    model = ChangeRecord
    name = "Jejak Perubahan"
    url = "/backoffice/jejak"
    endpoint = "changes"
    category = "Kelola"
    lead = "Siapa mengubah data acuan dan akun, kapan, dan apa bunyinya sebelum dan sesudahnya."
    reads = "audit"
    filename = "jejak-perubahan"
    column_list = ("id", "event.actor", "thing", "words")
    column_labels = MappingProxyType({
        "id": "Waktu",
        "event.actor": "Oleh",
        "thing": "Data",
        "words": "Perubahan",
    })  # fmt: skip
    # By the order in which they were written, which no clock disturbs.
    column_sortable_list = ("id", ("thing", (ChangeRecord.table, ChangeRecord.id)))
    column_default_sort = ("id", True)
    column_formatters = MappingProxyType({
        "id": lambda view, context, row, name: row.event.at,
        "event.actor": lambda view, context, row, name: (
            row.event.actor.name if row.event.actor else "Sistem"
        ),
        "words": lambda view, context, row, name: change_in_words(row),
    })  # fmt: skip
    export_kinds = MappingProxyType({"id": ("date", 18), "words": ("text", 80)})
    column_filters = (
        *filters_for(ChangeRecord.table, "Data", tuple(TITLES.items()), alias="table"),
        By(Event.actor, "Oleh", actors, "oleh"),
        *filters_for(Event.at, "Waktu", alias="since"),
    )  # fmt: skip

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
