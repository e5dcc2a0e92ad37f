"""Who only looks changes nothing: neither a person, nor HEAD, nor a program that looks ahead.

What is kept of a look is the record of an access: that a customer fetched a result, or somebody a
list as a file. A paper that was ordered before is made by the first who asks for it, as the worker
would have. That a request is open and a message was read is said by forms.
"""

import re

import pytest

from models import TABLES, Document, Presence, RateBucket, Remark, Request
from storage.database import database
from tests.people import advance, enter, file_request, post
from tests.web.test_access import addresses, world  # noqa: F401

AHEAD = ({"Sec-Purpose": "prefetch"}, {"Purpose": "prefetch"}, {"X-Moz": "prefetch"},
         {"Sec-Purpose": "prefetch;prerender"})  # fmt: skip
# Counted, so that looking ahead is limited as looking is.
COUNTED = {RateBucket}


def everything() -> dict[str, list[tuple]]:
    """All rows of all tables, but for what is counted."""
    return {
        table._meta.table_name: sorted(
            map(repr, database.execute_sql(f'SELECT * FROM "{table._meta.table_name}"').fetchall())
        )
        for table in TABLES
        if table not in COUNTED
    }


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "who", ["visitor", "customer", "admin_layanan", "staf_tu", "bendahara", "administrator"]
)
@pytest.mark.parametrize("how", ["HEAD", "prefetch", "GET"])
def test_looking_ahead_changes_no_row(app, people, now, world, who, how):  # noqa: F811
    client = enter(app, None if who == "visitor" else getattr(people, who))
    item = Request.get(Request.public_id == world["public_id"])
    said = {"request": item, "text": "Halo", "at": now, "via": "portal"}
    for author in (people.customer, people.admin_layanan):
        Remark.create(key=author.public_id, author=author, is_from_customer=not author.is_staff,
                      **said)  # fmt: skip
    # A file that isn't there is an alarm, whoever asks for it.
    whole = Document.get(Document.public_id == world["document"])
    Document.update(sha256=whole.sha256, size=whole.size).where(
        Document.sha256 == "0" * 64
    ).execute()
    changed = []
    before = everything()
    for number, (entry, path) in enumerate(addresses(world).items()):
        if not entry.startswith("GET "):
            continue
        headers = AHEAD[number % len(AHEAD)] if how == "prefetch" else {}
        answer = client.open(path, method="HEAD" if how == "HEAD" else "GET", headers=headers)
        answer.close()
        if (after := everything()) != before:
            tables = [name for name in after if after[name] != before[name]]
            if how == "GET" and entry.endswith("/unduh") and tables == ["event"]:
                tables = []
            changed += [(entry, tables)] if tables else []
            before = after
    assert changed == []


def changed_by(client, path: str, **headers: str) -> dict[str, int]:
    """Table -> by how many rows it grew; 0 where a row has changed."""
    before = everything()
    client.get(path, headers=headers).close()
    after = everything()
    return {
        name: len(after[name]) - len(before[name]) for name in after if after[name] != before[name]
    }


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_what_is_kept_of_a_look_is_that_a_result_was_fetched(app, people, runtime, now):
    filed = advance(file_request(runtime, people.customer, now=now), people, runtime, now=now)
    customer, staff = enter(app, people.customer), enter(app, people.admin_layanan)
    result = Document.get((Document.request == filed) & Document.is_result)
    paper = Document.get((Document.request == filed) & (Document.sha256 == ""))
    address = f"/dokumen/{result.public_id}"
    assert changed_by(customer, address) == {"event": 1}
    assert changed_by(customer, address, Range="bytes=4-") == {}
    assert changed_by(staff, address) == {}
    results = Document.select().where((Document.request == filed) & Document.is_result).count()
    assert changed_by(customer, f"/layanan/{filed.public_id}/berkas.zip") == {"event": results}
    # Ordered by the move; whoever makes it, it is the same paper.
    assert changed_by(staff, f"/dokumen/{paper.public_id}").keys() <= {"document", "event"}
    assert changed_by(staff, f"/dokumen/{paper.public_id}") == {}


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_open_and_read_are_said_by_forms(app, people, runtime, now):
    filed = file_request(runtime, people.customer, now=now)
    said = {"request": filed, "at": now, "via": "portal"}
    Remark.create(key="a", author=people.admin_layanan, text="Halo", **said)
    customer, staff = enter(app, people.customer), enter(app, people.admin_layanan)
    page = f"/layanan/{filed.public_id}"
    for _ in range(2):
        assert "1 baru" in customer.get(page).text
    last = re.search(r'name="last" value="(\w+)"', customer.get(page).text)[1]
    assert post(customer, f"{page}/pesan/dibaca", {"last": "lain"}).status_code == 303
    assert "1 baru" in customer.get(page).text
    assert post(customer, f"{page}/pesan/dibaca", {"last": last}).status_code == 303
    assert "1 baru" not in customer.get(page).text
    card = f"/backoffice/permohonan/{filed.public_id}"
    staff.get(card)
    assert not Presence.select().exists()
    post(staff, f"{card}/hadir")
    assert Presence.get().user_id == people.admin_layanan.id
