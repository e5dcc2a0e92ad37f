"""A card that stays open in a browser: who else has it, and what is half written on it."""

from datetime import timedelta

import pytest

from models.workplace import Presence
from tests.people import Person, file_request

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("engine", ["sqlite"], indirect=True)]


@pytest.fixture
def filed(people, runtime, now):
    return file_request(runtime, people.customer, now=now)


def test_a_card_in_sight_says_that_it_is_open_still(chromium, live, people, filed):
    admin = Person(chromium, live)
    admin.page.clock.install()
    admin.logs_in(people.admin_layanan.email)
    admin.sees("Menunggu saya")
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
    assert len(asked) == 1
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


def test_the_way_back_leads_to_the_list_as_it_was(chromium, live, people, runtime, now):
    for index in range(22):
        file_request(runtime, people.customer, now=now + timedelta(minutes=index), key=f"B{index}")
    admin = Person(chromium, live)
    admin.logs_in(people.admin_layanan.email)
    admin.sees("Menunggu saya")
    admin.opens("/backoffice/?tab=semua&service=data")
    admin.page.get_by_role("link", name="Berikutnya").click()
    admin.page.wait_for_url("**n=2**")
    left = admin.page.url
    admin.page.locator(".m-queue tbody a").first.click()
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
