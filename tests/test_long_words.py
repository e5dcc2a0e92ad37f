"""A word of two hundred letters, as a link or a file's name is one, widens no page."""

import json
from datetime import UTC, datetime

import pytest
from peewee import fn

from models import (
    ActionPlan,
    CallTask,
    ChannelState,
    Document,
    FaqItem,
    FlowVersion,
    Holiday,
    IncomingLetter,
    IncomingMessage,
    Mandate,
    Message,
    OwnWording,
    Page,
    RecapLayout,
    Remark,
    Request,
    SavedView,
    SurveyPeriod,
    SurveyVersion,
    User,
)
from tests.shown_pages import Demo, demo_of
from tests.test_accessibility import DESK, EXCESS, PHONE

WORD = "Gelombang" * 30
# Every column in which people write freely.
WRITTEN = {
    User: ("name", "institution_name", "address", "rank", "position"),
    Request: ("subject", "description"),
    Document: ("title", "filename", "description"),
    IncomingLetter: ("sender",),
    Mandate: ("letter",),
    FlowVersion: ("note",),
    SurveyVersion: ("note",),
    CallTask: ("reason", "note"),
    Message: ("error",),
    OwnWording: ("subject", "text"),
    Remark: ("text",),
    IncomingMessage: ("text", "answer"),
    ChannelState: ("reason",),
    SurveyPeriod: ("summary",),
    ActionPlan: ("program", "responsible", "note"),
    SavedView: ("title",),
    RecapLayout: ("title",),
    Holiday: ("title", "source"),
    Page: ("title", "summary", "body"),
    FaqItem: ("question", "answer"),
}
WIDEST = """() => {
    const most = document.documentElement.clientWidth;
    return [...document.querySelectorAll("body *")]
        .filter(one => one.getBoundingClientRect().right > most + 1)
        .filter(one => ![...one.children].some(c => c.getBoundingClientRect().right > most + 1))
        .slice(0, 3).map(one => one.tagName + "." + one.className + " in " +
            one.parentElement.tagName + "." + one.parentElement.className);
}"""


def write_long_words() -> None:
    for table, names in WRITTEN.items():
        for name in names:
            longest = getattr(table._meta.fields[name], "max_length", None) or 270
            word = WORD[: min(longest, 200)]
            table.update({name: word}).where(fn.LENGTH(getattr(table, name)) > 0).execute()
    User.update(email=fn.SUBSTR(WORD, 1, 60).concat("@").concat(User.id).concat(".test")).execute()
    for table, name in ((Request, "details"), (Message, "variables")):
        for row in table.select():
            said = {key: longer(value) for key, value in getattr(row, name).items()}
            table.update({name: said}).where(table.id == row.id).execute()


def longer(value: object) -> object:
    """What people wrote as one long word; codes, dates and figures as they are."""
    is_text = isinstance(value, str) and " " in value and not value.startswith("/")
    return WORD[:200] if is_text else value


def all_pages(demo: Demo):
    """(cookies, page) of every reader: they log in before their addresses change."""
    return [(demo.cookies(reader), pages) for reader, pages in demo.by_reader().items()]


@pytest.mark.browser
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_long_word_widens_no_page(app, db, chromium, whole):
    faults, widths = {}, (PHONE, DESK)
    with demo_of(app, now=datetime.now(UTC)) as demo:
        readers = all_pages(demo)
        write_long_words()
        for cookies, pages in readers:
            context = chromium.new_context(locale="id-ID", java_script_enabled=True)
            context.add_cookies(cookies)
            page = context.new_page()
            for shown in pages if whole else pages[::6]:
                answer = page.goto(demo.base + shown.path, wait_until="domcontentloaded")
                # An invitation to an address that changed is over.
                assert answer.status in (shown.status, 410), shown
                for width in widths if whole else widths[:1]:
                    page.set_viewport_size({"width": width, "height": 900})
                    if (excess := page.evaluate(EXCESS)) > 0:
                        faults[f"{shown.name} at {width}"] = (excess, page.evaluate(WIDEST))
                widths = widths[::-1]
            context.close()
    assert faults == {}, json.dumps(faults, indent=1)
