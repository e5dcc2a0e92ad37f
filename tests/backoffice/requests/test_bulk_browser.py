"""Kasubag hands twelve on: six clicks at most, and one takes all of it back."""

from dataclasses import replace

import pytest

from models import Event, HeldAct, Message, Request
from tests.people import Clicks, Person, advance

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("engine", ["sqlite"], indirect=True),
]


@pytest.fixture
def twelve(people, runtime, filed, now):
    return [advance(row, people, runtime, now=now, until="DISPOSISI_KASUBAG") for row in filed(12)]


def test_kasubag_hands_twelve_on_and_takes_it_back(
    app, people, twelve, live, chromium, monkeypatch
):
    runtime = app.extensions["melasti"]
    # Longer than this test takes, however slow the machine.
    held = replace(runtime, settings=replace(runtime.settings, undo_seconds=120))
    monkeypatch.setitem(app.extensions, "melasti", held)
    before = Message.select().count()
    kasubag = Person(chromium, live)
    kasubag.logs_in(people.kasubag_tu.email)
    kasubag.opens("/backoffice/?tab=saya")
    clicks = Clicks(kasubag)
    clicks.on("[data-tick-all]")
    clicks.on("button:has-text('Tindak bersama')")
    # The one Ketua Tim there is was chosen beforehand; a tick of the first row goes to all.
    clicks.on("[data-row] summary")
    clicks.on("[data-row] input[type=checkbox][name$=instructions]")
    clicks.on("button:has-text('Isi semua ke bawah')")
    assert kasubag.page.locator("[data-ticked]:has-text('Untuk ditindaklanjuti')").count() == 12
    clicks.on("button:has-text('Kirim untuk 12 permohonan')")
    kasubag.sees("12 dari 12 permohonan dikerjakan")
    assert clicks.count == 6
    assert HeldAct.select().count() == 12 and Message.select().count() == before

    kasubag.page.locator("body").press("z")
    kasubag.sees("Diurungkan pada 12 permohonan")
    assert {row.stage_code for row in Request.select()} == {"DISPOSISI_KASUBAG"}
    assert Event.select().where(Event.kind == "act_undone").count() == 12
    assert not HeldAct.select().exists() and Message.select().count() == before
    kasubag.leaves()
