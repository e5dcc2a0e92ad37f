"""Queue and card in a browser: what stays in sight, what closes, and what is half written."""

from datetime import timedelta

import pytest

from models import Presence, Remark, RemarkReading, Request, User
from tests.people import Person, advance, file_request

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("engine", ["sqlite"], indirect=True)]


@pytest.fixture
def filed(people, runtime, now):
    return file_request(runtime, people.customer, now=now)


def test_a_card_in_sight_says_that_it_is_open_still(chromium, live, people, filed):
    admin = Person(chromium, live)
    admin.page.clock.install()
    admin.logs_in(people.admin_layanan.email)
    admin.sees("Menunggu saya")
    # At once, by the form of the page.
    with admin.page.expect_response("**/hadir"):
        admin.opens(f"/backoffice/permohonan/{filed.public_id}")
    admin.sees("Tindakan Anda")
    first = Presence.get()
    Presence.update(seen_at=first.seen_at - timedelta(minutes=2)).execute()
    colleague = people.kasubag_tu
    Presence.create(request=filed, user=colleague, seen_at=first.seen_at)
    asked = []
    admin.page.on("request", lambda one: asked.append(one.url))
    with admin.page.expect_response("**/hadir"):
        admin.page.clock.fast_forward(66_000)
    admin.sees(f"sedang dibuka oleh {colleague.name}")
    assert Presence.get(Presence.user == people.admin_layanan).seen_at >= first.seen_at
    # The bell of the page asks beside it.
    assert [one.endswith("/hadir") for one in asked].count(True) == 1
    admin.leaves()


def test_what_the_customer_wrote_is_read_once_it_was_on_the_screen(
    chromium, live, people, filed, now
):
    said = {"request": filed, "author": people.customer, "is_from_customer": True, "via": "portal"}
    Remark.create(key="K", text="Kapan selesai?", at=now, **said)
    admin = Person(chromium, live, width=360)
    admin.logs_in(people.admin_layanan.email)
    admin.sees("Menunggu saya")
    with admin.page.expect_response("**/hadir"):
        admin.opens(f"/backoffice/permohonan/{filed.public_id}")
    assert not RemarkReading.select().exists()
    with admin.page.expect_response("**/percakapan/dibaca"):
        admin.page.locator("#percakapan .m-talk").last.scroll_into_view_if_needed()
        admin.page.mouse.wheel(0, 300)
    assert RemarkReading.get().user_id == people.admin_layanan.id
    admin.leaves()


def test_a_half_written_message_is_not_left_by_mistake(chromium, live, people, filed):
    admin = Person(chromium, live)
    admin.logs_in(people.admin_layanan.email)
    admin.sees("Menunggu saya")
    admin.opens(f"/backoffice/permohonan/{filed.public_id}")
    page, words, asked = admin.page, "Mohon kirim ulang surat tugas.", []

    def stay(dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    message = page.get_by_label("Pesan kepada pelanggan")
    message.fill(words)
    page.get_by_role("link", name="Kembali ke antrean").click()
    for box in page.locator("#tindakan form").first.get_by_role("checkbox").all():
        box.check()
    accept = page.get_by_role("button", name="Terima dan teruskan ke Kepala Balai")
    accept.click()
    assert asked == ["beforeunload"] * 2
    assert message.input_value() == words
    # A document opens beside it, and its own button sends it without a question.
    page.locator(".m-jump").get_by_role("link", name="Dokumen").click()
    with page.context.expect_page():
        page.locator("#dokumen").get_by_role("link", name="Buka File").first.click()
    for box in page.locator("#tindakan form").first.get_by_role("checkbox").all():
        box.uncheck()
    admin.presses("Kirim ke pelanggan")
    admin.sees("Pesan dikirim ke pelanggan.")
    assert len(asked) == 2 and message.input_value() == ""
    # Nothing is half written any more.
    page.get_by_role("link", name="Kembali ke antrean").click()
    admin.sees("Menunggu saya")
    assert len(asked) == 2
    admin.leaves()


def test_what_is_as_it_came_is_left_without_a_question(chromium, live, people, filed):
    """A box ticked and unticked, a word written and erased, and a page that is loaded anew."""
    admin = Person(chromium, live)
    admin.logs_in(people.admin_layanan.email)
    admin.sees("Menunggu saya")
    admin.opens(f"/backoffice/permohonan/{filed.public_id}")
    page, asked = admin.page, []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    box = page.locator("#tindakan form").first.get_by_role("checkbox").first
    message = page.get_by_label("Pesan kepada pelanggan")
    box.check()
    message.fill("Mohon")
    page.reload()
    assert asked == ["beforeunload"]
    # Whatever the browser puts back.
    box.check()
    box.uncheck()
    message.fill("Mohon")
    message.fill("")
    page.get_by_role("link", name="Kembali ke antrean").click()
    admin.sees("Menunggu saya")
    assert asked == ["beforeunload"]
    admin.leaves()


def test_the_way_back_leads_to_the_list_as_it_was(chromium, live, people, runtime, now):
    for index in range(22):
        file_request(runtime, people.customer, now=now + timedelta(minutes=index), key=f"B{index}")
    admin = Person(chromium, live)
    admin.logs_in(people.admin_layanan.email)
    admin.sees("Menunggu saya")
    admin.opens("/backoffice/?tab=semua&service=data")
    admin.page.get_by_role("link", name="Berikutnya").click()
    admin.page.wait_for_url("**n=2**")
    admin.page.locator(".m-queue tbody a").first.click()
    # With the request beside it.
    admin.page.wait_for_url("**buka=**")
    left = admin.page.url
    assert "n=2" in left and "service=data" in left
    admin.page.get_by_role("link", name="Kartu lengkap").click()
    admin.page.get_by_label("Pesan kepada pelanggan").fill("Baik.")
    admin.presses("Kirim ke pelanggan")
    admin.sees("Pesan dikirim ke pelanggan.")
    admin.page.keyboard.press("u")
    admin.page.wait_for_url(left)
    # Whoever logs in next in this window finds no trace of it.
    admin.page.evaluate("document.querySelector('[data-staff] form').requestSubmit()")
    admin.page.wait_for_url(lambda url: "/backoffice/" not in url)
    assert admin.page.evaluate("sessionStorage.length") == 0
    admin.leaves()


def test_the_queue_keeps_its_head_and_closes_what_it_opened(chromium, live, people, runtime, now):
    for index in range(20):
        file_request(runtime, people.customer, now=now + timedelta(minutes=index), key=f"H{index}")
    columns = ["nomor", "pelanggan", "instansi", "keadaan", "petugas", "diajukan", "batas"]
    User.update(preferences={"queue": {"columns": columns}}).where(
        User.id == people.admin_layanan.id
    ).execute()
    admin = Person(chromium, live)
    admin.logs_in(people.admin_layanan.email)
    admin.sees("Menunggu saya")
    page = admin.page
    views, preferences = (page.locator(".m-pop").filter(has_text=words)
                    for words in ("Tampilan tersimpan", "Kerapatan"))  # fmt: skip
    # One at a time, within the window, and closed by Escape or a click beside it.
    views.locator("summary").click()
    preferences.locator("summary").click()
    assert [one.get_attribute("open") is not None for one in (views, preferences)] == [False, True]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("Lega").focus()
    page.keyboard.press("Escape")
    assert preferences.get_attribute("open") is None
    assert page.evaluate("document.activeElement.textContent") == "Atur tampilan"
    views.locator("summary").click()
    page.get_by_role("columnheader", name="Perihal").click()
    assert views.get_attribute("open") is None

    # The head stays in sight over rows of one line, at every width of a desk.
    head, last = page.get_by_role("columnheader", name="Perihal"), page.locator("tbody tr").last
    for width in (1280, 900):
        page.set_viewport_size({"width": width, "height": 500})
        last.scroll_into_view_if_needed()
        assert 0 <= head.bounding_box()["y"] < last.bounding_box()["y"]
        assert last.bounding_box()["height"] <= 36
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.set_viewport_size({"width": 1280, "height": 900})

    # The button says for how many rows it sends.
    first, second = Request.select().order_by(Request.stage_due_at, Request.id).limit(2)
    people.admin_layanan.hold_posts(["admin_layanan", "kepala_balai"])
    advance(first, people, runtime, now=now, until="DISPOSISI_KABALAI")
    admin.opens(f"/backoffice/massal/?id={second.public_id}&id={first.public_id}")
    sends = page.locator("[data-sends]")
    assert sends.inner_text() == "Kirim untuk 2 permohonan"
    page.locator("[name=rowid]").first.uncheck()
    assert sends.inner_text() == "Kirim untuk 1 permohonan"
    admin.leaves()
