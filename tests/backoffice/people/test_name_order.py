"""People stand in the order of the language wherever they are listed, on both engines."""

import io
import re
from html import escape

import pytest
from openpyxl import load_workbook

from models import User
from rules.search_terms import order_key
from tests.people import advance, enter, file_request, make_customer, make_staff

NAMES = ["Ádi", "’Aisyah", "andi", "budi", "de Vries", "Devi", "Dr. Ketut Suarta", "Émile",
         "I Gede Ngurah", "Made", "O’Brien", "Östlund", "Wayan", "Zainal"]  # fmt: skip
# As they may come in.
GIVEN = [*NAMES[1::2], *reversed(NAMES[::2])]
ADMIN = "administrator"


@pytest.fixture
def named(app, people):
    with app.app_context():
        _make()


def _make():
    for place, name in enumerate(GIVEN):
        for person in (
            make_staff("pemangku_data", email=f"p{place}@urut.test"),
            make_customer(f"c{place}@laut.test", "Nama lama"),
        ):
            User.update(name=name).where(User.id == person.id).execute()


def order_on(text: str) -> list[str]:
    """The names in the order in which they first appear."""
    places = {name: _place_of(name, text) for name in NAMES}
    return sorted(NAMES, key=places.__getitem__)


def _place_of(name: str, text: str) -> int:
    found = re.search(rf"(?<=[>\s]){re.escape(escape(name))}(?=[<,\s])", text)
    assert found, name
    return found.start()


def test_key_is_kept_by_the_database(people, named):
    for name, key in User.select(User.name, User.name_key).tuples():
        assert key == order_key(name)
    rows = User.select(User.name).where(User.name.in_(NAMES) & User.is_staff)
    assert [row.name for row in rows.order_by(*User.name_order())] == NAMES
    assert [row.name for row in rows.order_by(User.name_key.desc())] == NAMES[::-1]
    made = User.get(User.name == "Made")
    made.name = "Älin"
    made.save()
    assert User.get_by_id(made.id).name_key == "alin"


def test_choices_and_lists(app, people, named, runtime, now, clock):
    admin, clerk = enter(app, people.administrator), enter(app, people.admin_layanan)
    for client, address in (
        (clerk, "/backoffice/"),
        (admin, "/backoffice/mandat/baru"),
        (admin, "/backoffice/petugas/?q=urut.test"),
        (admin, "/backoffice/pelanggan/?q=laut.test"),
        (clerk, "/backoffice/loket/?q=laut.test"),
    ):
        text = client.get(address).text
        found = order_on(text[text.find("<main") :])
        assert found == NAMES, address
    sheet = load_workbook(io.BytesIO(admin.get("/backoffice/petugas-impor/unduh").data)).active
    listed = [row[0].value for row in sheet.iter_rows(min_row=2)]
    assert [name for name in listed if name in NAMES] == NAMES


def test_choice_of_who_takes_over(app, people, named, runtime, now, clock):
    filed = file_request(runtime, people.customer, now=now)
    item = advance(filed, people, runtime, now=now, until="TUNJUK_PEMANGKU")
    page = enter(app, people.ketua_tim).get(f"/backoffice/permohonan/{item.public_id}").text
    choice = page[page.find("Pemangku") :]
    assert order_on(choice[choice.find("<select") :]) == NAMES
