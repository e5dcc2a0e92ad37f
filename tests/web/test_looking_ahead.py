"""Programs that look ahead, and HEAD, change nothing, wherever they look."""

import pytest

from models import TABLES, Document, RateBucket, Remark, Request
from storage.database import database
from tests.people import enter
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
@pytest.mark.parametrize("who", ["visitor", "customer", "admin_layanan", "administrator"])
@pytest.mark.parametrize("how", ["HEAD", "prefetch"])
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
            changed.append((entry, tables))
            before = after
    assert changed == []
