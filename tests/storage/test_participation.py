"""What the migration finds in the history is what moves write down beside it."""

from importlib import import_module

from models import Participation, Request
from storage.database import database
from tests.moves.side_steps import REASON, take
from tests.people import advance, file_request

STEP = import_module("storage.migrations.0020_participation")


def written() -> set[tuple]:
    rows = Participation.select(
        Participation.request,
        Participation.user,
        Participation.role_code,
        Participation.submitted_at,
    )
    return set(rows.tuples())


def test_the_history_gives_the_same_rows_again(people, runtime, now):
    for number, service in enumerate(("data", "advis", "lab")):
        request = file_request(runtime, people.customer, now=now, service=service, key=f"K{number}")
        advance(request, people, runtime, now=now)
    request = file_request(runtime, people.customer, now=now, key="R")
    take(request, "ask_completion", people.admin_layanan, now, items="Surat", days="5")
    take(Request.get_by_id(request.id), "withdraw_completion", people.admin_layanan, now,
         reason=REASON)  # fmt: skip
    before = written()
    assert len(before) == Participation.select().count() > 20
    Participation.delete().execute()
    for sql in STEP.FILLS:
        database.execute_sql(sql)
    assert written() == before


def test_a_customer_takes_no_part(people, runtime, now):
    request = file_request(runtime, people.customer, now=now)
    advance(request, people, runtime, now=now)
    assert not Participation.select().where(Participation.user == people.customer).exists()
