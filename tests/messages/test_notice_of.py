"""Messages as rows of a list: whole sentences, although the link stands beside them."""

import re
from datetime import UTC, datetime

import pytest

from administration.wordings import default_wordings
from messages.compose import MessageTemplates, notice_of
from models import Message
from tests.people import advance, enter, file_request

DEFAULTS, FOOTER = default_wordings()
CODES = sorted(DEFAULTS)
LINK = "/layanan/01ABC"


def notice(code: str) -> tuple[str, str, str]:
    names = set(re.findall(r"\{(\w+)", DEFAULTS[code].subject + DEFAULTS[code].text))
    variables = {name: name.capitalize() for name in names} | {"tautan": LINK}
    message = Message(template=code, variables=variables, state="queued",
                      created_at=datetime(2024, 7, 29, tzinfo=UTC))  # fmt: skip
    return notice_of(message, MessageTemplates(DEFAULTS, {}, FOOTER, ""), under="/layanan/")


@pytest.mark.parametrize("code", CODES)
def test_sentences_stay_whole_without_their_link(code):
    _, text, link = notice(code)
    assert text and LINK not in text and "\x00" not in text
    assert not re.search(r"\s[.,;:!?]|\s{2}|:\s*[.]|:$|\s$", text), text
    # No word that wants a place is left without one.
    assert not re.search(r"\b(di|ke|dari|melalui) (untuk|lalu|sampai|dan|[.,]|$)", text), text
    assert link == ("" if DEFAULTS[code].is_secret else LINK)


def test_a_message_by_two_channels_is_listed_once(app, people, runtime, now):
    advance(file_request(runtime, people.customer, now=now), people, runtime, now=now,
                   until="DISPOSISI_KABALAI")  # fmt: skip
    first = Message.select().where(Message.recipient == people.customer).first()
    again = {
        name: value for name, value in first.__data__.items() if name not in ("id", "public_id")
    }
    Message.create(**again | {"dedupe_key": "again", "channel": "email", "origin": first})
    page = enter(app, people.customer).get("/pemberitahuan").text
    listed = page.partition("m-tasks-wide")[2].partition("</ul>")[0].count("<li")
    sent = Message.select().where(Message.recipient == people.customer).count()
    assert (listed, sent) == (2, 3)
