"""What the commonest deeds cost a hand, besides the words that are typed."""

from dataclasses import replace
from datetime import timedelta

import openpyxl
import pytest

from administration import phrases
from messages.conversation import write_remark
from models import HeldAct, Remark
from storage.database import new_public_id
from tests.people import Clicks, Person, file_request
from workflow import Reader

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("engine", ["sqlite"], indirect=True)]


@pytest.mark.parametrize("seconds", [120, 0])
def test_refusing_is_three_clicks_and_a_canned_reason(
    app, live, chromium, people, runtime, now, monkeypatch, seconds
):
    """What can't be undone is asked about before; that answer is a fourth click."""
    phrases.seed(now=now)
    held = replace(runtime, settings=replace(runtime.settings, undo_seconds=seconds))
    monkeypatch.setitem(app.extensions, "melasti", held)
    for index in range(3):
        file_request(runtime, people.customer, now=now, key=f"T{index}", subject=f"Uji {index}")
    admin = Person(chromium, live)
    admin.logs_in(people.admin_layanan.email)
    clicks = Clicks(admin)
    clicks.on(".m-queue tbody .c-subject a")
    clicks.on("#samping summary:has-text('Tolak permohonan')")
    # One choice fills in reason, basis and advice.
    form = admin.page.locator("#samping details[open]", has_text="Alasan penolakan")
    form.locator("[data-phrases] select").select_option(index=1)
    for field in form.locator("textarea, input[type=text]").all():
        assert field.input_value()
    clicks.on("#samping details[open] button:has-text('Tolak permohonan')")
    if not seconds:
        clicks.on("#m-confirm button:has-text('Ya, lanjutkan')")
    admin.page.locator("#kabar").get_by_text("ditolak").first.wait_for()
    assert clicks.count == (3 if seconds else 4)
    assert HeldAct.select().count() == (1 if seconds else 0)
    # Off this list, whether it is held or done.
    assert admin.page.locator(".m-queue tbody tr").count() == 2
    admin.leaves()


def test_answering_a_customer_is_two_clicks_and_the_words(live, chromium, people, runtime, now):
    item = file_request(runtime, people.customer, now=now)
    at = now + timedelta(minutes=5)
    write_remark(item, "Kapan datanya siap?", reader=Reader.at(people.customer, at),
                 key=new_public_id(), via="portal")  # fmt: skip
    admin = Person(chromium, live)
    admin.logs_in(people.admin_layanan.email)
    clicks = Clicks(admin)
    clicks.on("a:has-text('Belum dijawab')")
    # The field of the first one has the focus.
    admin.page.locator("textarea:focus").wait_for()
    admin.page.keyboard.type("Besok pagi, kami kabari.")
    clicks.on("main button:has-text('Kirim')")
    admin.sees("Jawaban")
    assert clicks.count == 2
    newest = Remark.select().order_by(Remark.id.desc()).first()
    assert (newest.text, newest.author) == ("Besok pagi, kami kabari.", people.admin_layanan)
    admin.leaves()


def test_last_months_recap_is_two_clicks(live, chromium, people, runtime, now, tmp_path):
    file_request(runtime, people.customer, now=now)
    tu = Person(chromium, live)
    tu.logs_in(people.staf_tu.email)
    clicks = Clicks(tu)
    clicks.on("header a:has-text('Rekap Layanan')")
    with tu.page.expect_download() as download:
        clicks.on("main a:has-text('Unduh Excel'), main button:has-text('Unduh Excel')")
    file = tmp_path / "rekap.xlsx"
    download.value.save_as(file)
    sheet = openpyxl.load_workbook(file).active
    assert sheet.max_row > 5 and clicks.count == 2
    tu.leaves()
