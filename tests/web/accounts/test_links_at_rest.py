"""Links that open an account are composed as they leave: no row and no page of staff holds one."""

import re

import pytest

from administration.account_links import PATHS
from messages.compose import read_message_templates
from messages.handover import Postman
from messages.sending import deliver_due
from models import TABLES, Message
from storage.database import database
from tests.messages.carriers import Gateway
from tests.people import enter, post
from tests.story_forms import SIGN_UP
from web.runtime import now as instant

INVITED = {"name": "Petugas Undangan", "email": "undangan@balai.test", "phone": "0812 3456 7000",
           "posts": "auditor"}  # fmt: skip


def everything_kept() -> str:
    """All rows of all tables, as whoever copies the database reads them."""
    return "\n".join(
        str(row) for table in TABLES
        for row in database.execute_sql(f'SELECT * FROM "{table._meta.table_name}"').fetchall()
    )  # fmt: skip


def ask(app, people, what: str) -> None:
    if what == "sign-up":
        post(app.test_client(), "/daftar", SIGN_UP)
    elif what == "lost password":
        post(enter(app, None), "/lupa-sandi", {"email": people.customer.email})
    else:
        post(enter(app, people.administrator), "/backoffice/petugas/new/", INVITED)


@pytest.mark.parametrize("what", ["sign-up", "lost password", "invitation"])
def test_no_row_holds_what_opens_an_account(app, people, what):
    Message.delete().execute()
    ask(app, people, what)
    secret = Message.select().where(Message.link != "")
    assert secret.count() >= 1
    assert all("tautan" not in message.variables for message in secret)
    settings, taken = app.extensions["melasti"].settings, Gateway()
    templates = read_message_templates("https://layanan.contoh.test", settings.secret_key)
    deliver_due(Postman({"whatsapp": taken, "email": taken}, templates), now=instant())
    links = [one.variables["tautan"] for one in taken.taken]
    tokens = [
        link.rpartition("/")[2] for link in links if any(path in link for path in PATHS.values())
    ]
    assert len(tokens) >= 1 and all(re.fullmatch(r"[\w.-]{40,}", token) for token in tokens)
    kept = everything_kept()
    assert not [token for token in tokens if token in kept]
    page = enter(app, people.administrator).get("/backoffice/pesan/").text
    assert not [token for token in tokens if token in page]
