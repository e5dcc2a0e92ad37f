"""List and request side by side: what shows without scrolling, and what a morning costs in clicks,
keys and taps."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe

from models import Event, Message, Request
from rules.events import STAGE_COMPLETED
from tests.people import Person, advance, file_request
from tests.test_accessibility import SERIOUS

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("engine", ["sqlite"], indirect=True)]

ROWS = """() => [...document.querySelectorAll(".m-queue tbody tr")].map(row => {
    const box = row.getBoundingClientRect();
    return [box.top, box.height, box.bottom <= innerHeight];
})"""
# Which of these shows wholly in the window, without scrolling, and isn't cut by a box around it.
SHOWN = """places => places.filter(place => {
    const one = document.querySelector(place), box = one.getBoundingClientRect();
    const found = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    return box.height && box.top >= 0 && box.bottom <= innerHeight
        && (one.contains(found) || found.contains(one));
})"""
GLANCE = [".m-glance-title", ".m-glance-who", ".m-glance-paper iframe", ".m-headline",
          "#tindakan .m-act button"]  # fmt: skip
MOST_CLICKS, MOST_KEYS, MOST_TAPS = 22, 40, 20


def filed(people, runtime, now, count: int) -> list[Request]:
    return [
        file_request(
            runtime,
            people.customer,
            now=now + timedelta(minutes=index),
            key=f"S{index}",
            subject=f"Abrasi Pantai {index}",
        )  # fmt: skip
        for index in range(count)
    ]


def accepted() -> int:
    done = (Event.kind == STAGE_COMPLETED) & (Event.stage_code == "TERIMA_ADMIN")
    return Event.select().where(done).count()


def shown_request(page) -> str:
    return page.locator(".m-glance-title").inner_text()


def test_ten_letters_are_read_and_accepted_beside_the_list(live, chromium, people, runtime, now):
    filed(people, runtime, now, 24)
    # Nothing is wrong with the messages of this office.
    Message.update(state="sent").execute()
    admin = Person(chromium, live)
    admin.logs_in(people.admin_layanan.email)
    admin.sees("Menunggu saya (24)")
    page = admin.page
    for width, height, first, least, most in ((360, 740, 180, 5, 112), (1280, 800, 200, 14, 36)):
        page.set_viewport_size({"width": width, "height": height})
        rows = page.evaluate(ROWS)
        assert rows[0][0] <= first and sum(row[2] for row in rows) >= least, rows[0]
        assert max(row[1] for row in rows) <= most

    # A click opens the first letter; then one for the points and one for the deed.
    page.locator(".m-queue tbody .c-subject a").first.click()
    clicks = 1
    for index in range(10):
        page.get_by_role("heading", name=f"Abrasi Pantai {index}", exact=True).wait_for()
        assert page.evaluate(SHOWN, GLANCE) == GLANCE
        page.get_by_label("Semua butir Ya").check()
        page.locator("#tindakan .m-act button").click()
        clicks += 2
    admin.sees("Menunggu saya (14)")
    page.get_by_role("heading", name="Abrasi Pantai 10", exact=True).wait_for()
    assert accepted() == 10 and clicks <= MOST_CLICKS
    # The list stays as it was, less what was done; the address leads here, with or without script.
    assert len(page.evaluate(ROWS)) == 10 and "buka=" in page.url
    page.evaluate(Axe().axe_script)
    assert page.evaluate(SERIOUS, True) == []
    page.reload()
    assert shown_request(page) == "Abrasi Pantai 10"

    # The same by keys alone: the focus is where it has to be, and the next one opens.
    page.keyboard.press("1")
    keys = 1
    for index in range(10, 20):
        page.get_by_role("heading", name=f"Abrasi Pantai {index}", exact=True).wait_for()
        page.locator("#tindakan :focus").wait_for()
        page.keyboard.press("Space")
        page.keyboard.press("Control+Enter")
        keys += 2
    admin.sees("Menunggu saya (4)")
    assert accepted() == 20 and keys <= MOST_KEYS
    admin.leaves()


def test_walking_asks_before_it_drops_and_the_card_decides_at_a_glance(
    live, chromium, people, runtime, now
):
    filed(people, runtime, now, 3)
    admin = Person(chromium, live)
    admin.logs_in(people.admin_layanan.email)
    page = admin.page
    page.keyboard.press("v")
    page.get_by_role("heading", name="Abrasi Pantai 0").wait_for()
    page.keyboard.press("j")
    page.get_by_role("heading", name="Abrasi Pantai 1").wait_for()
    page.keyboard.press("k")
    page.get_by_role("heading", name="Abrasi Pantai 0").wait_for()
    # A refusal by its number, which is wrong at first: what was typed stays beside the list.
    number = page.locator("summary", has_text="Tolak permohonan").get_attribute("data-key")
    page.keyboard.press(number)
    page.keyboard.type("Terlalu")
    questions = []
    page.once("dialog", lambda asked: (questions.append(asked.message), asked.dismiss()))
    page.locator(".m-queue tbody .c-subject a").nth(2).click()
    assert "belum dikirim" in questions[0]
    assert shown_request(page) == "Abrasi Pantai 0"
    page.get_by_label("Alasan penolakan").fill("")
    # Enter leads to the card, which says all without scrolling.
    page.locator(".m-queue tbody .c-subject a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/permohonan/" in url)
    page.set_viewport_size({"width": 1280, "height": 800})
    assert page.evaluate(SHOWN, GLANCE) == GLANCE
    page.evaluate(Axe().axe_script)
    assert page.evaluate(SERIOUS, True) == []
    # The way back leads to the list with the request beside it.
    page.keyboard.press("u")
    page.wait_for_url(lambda url: "buka=" in url)
    page.keyboard.press("Escape")
    page.wait_for_url(lambda url: "buka=" not in url)
    admin.leaves()


def test_head_disposes_ten_on_a_phone(live, chromium, people, runtime, now):
    for request in filed(people, runtime, now, 11):
        advance(request, people, runtime, now=now, until="DISPOSISI_KABALAI")
    head = Person(chromium, live, width=360)
    head.logs_in(people.kepala_balai.email)
    page = head.page
    page.set_viewport_size({"width": 360, "height": 740})
    page.get_by_role("link", name="Disposisikan").first.click()
    # What was ticked once is ticked at the next one, where it can be seen and changed.
    page.get_by_label("Untuk ditindaklanjuti").check()
    taps = 2
    for _ in range(10):
        before = page.url
        page.get_by_role("button", name="Disposisikan ke Kasubag TU").click()
        taps += 1
        page.wait_for_url(lambda url, before=before: url.split("#")[0] != before.split("#")[0])
    assert Request.select().where(Request.stage_code == "DISPOSISI_KASUBAG").count() == 10
    assert page.get_by_label("Untuk ditindaklanjuti").is_checked() and taps <= MOST_TAPS
    head.leaves()


def test_a_row_leaves_only_a_list_of_what_waits(live, chromium, people, runtime, now):
    filed(people, runtime, now, 3)
    admin = Person(chromium, live)
    admin.logs_in(people.admin_layanan.email)
    admin.opens("/backoffice/?tab=semua")
    page = admin.page
    first = page.locator(".m-queue tbody tr").first
    subject = first.locator(".c-subject a").inner_text()
    first.locator(".c-subject a").click()
    page.get_by_role("heading", name=subject, exact=True).wait_for()
    page.get_by_label("Semua butir Ya").check()
    page.locator("#tindakan .m-act button").click()
    page.locator("#kabar").get_by_text("selesai").first.wait_for()
    assert accepted() == 1
    assert page.locator(".m-queue tbody tr").count() == 3
    assert first.locator(".c-subject a").inner_text() == subject
    assert first.locator(".c-verb a").inner_text() == "Buka"
    admin.leaves()


def test_what_was_done_is_said_also_after_the_last_one(live, chromium, people, runtime, now):
    for request in filed(people, runtime, now, 2):
        advance(request, people, runtime, now=now, until="DISPOSISI_KABALAI")
    head = Person(chromium, live)
    head.logs_in(people.kepala_balai.email)
    page = head.page
    questions = []
    page.on("dialog", lambda asked: (questions.append(asked.message), asked.dismiss()))
    page.locator(".m-queue tbody .c-subject a").first.click()
    for index in range(2):
        page.get_by_role("heading", name=f"Abrasi Pantai {index}", exact=True).wait_for()
        page.get_by_label("Isi disposisi").fill("Mohon ditindaklanjuti.")
        page.get_by_role("button", name="Disposisikan ke Kasubag TU").click()
        number = Request.get(Request.subject == f"Abrasi Pantai {index}").number
        page.locator("#kabar", has_text=f"{number}: “").wait_for()
        head.sees("Diteruskan ke Kasubag TU")
    # What was sent isn't taken for half written, and nothing stands beside an empty list.
    page.wait_for_url("**/backoffice/")
    assert questions == [] and page.locator(".m-glance").count() == 0
    head.leaves()
