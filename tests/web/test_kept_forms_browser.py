"""At a browser: what was written is there again after logging in, and is sent by one press."""

import os

import pytest

from models import LoginSession, Remark, Request
from tests.people import PASSWORD, Person, file_request
from tests.story_forms import FORM
from tests.web.kept_steps import WORDS

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
SHOTS = os.environ.get("SHOTS")


@pytest.fixture
def at_browser(chromium, live):
    entered = []

    def enter(user, width: int = 1280) -> Person:
        person = Person(chromium, live, width=width)
        entered.append(person)
        person.logs_in(user.email)
        return person

    yield enter
    for person in entered:
        person.leaves()


def loses_log_in(person: Person, how: str) -> None:
    if how == "cookies":
        person._context.clear_cookies()
    LoginSession.delete().execute()


def logs_in_here(person: Person, email: str) -> None:
    """On the log-in page to which the form led."""
    person.sees("masih tersimpan")
    person.page.fill("#email", email)
    person.page.fill("#password", PASSWORD)
    person.page.click("text=Sign In")
    person.page.wait_for_url(lambda url: "/masuk" not in url)
    person.sees("Isian Anda belum terkirim")


def shot(person: Person, name: str) -> None:
    if SHOTS:
        person.page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


@pytest.mark.parametrize("how", ["cookies", "row"])
@pytest.mark.parametrize("width", [360, 1280])
def test_message_of_a_customer(people, runtime, now, at_browser, how, width):
    item = file_request(runtime, people.customer, now=now)
    customer = at_browser(people.customer, width)
    customer.opens(f"/layanan/{item.public_id}")
    customer.page.get_by_text("Tulis pesan kepada petugas …").click()
    customer.page.fill("#pesan-public", WORDS)
    loses_log_in(customer, how)
    customer.presses("Kirim pesan")
    logs_in_here(customer, people.customer.email)
    assert customer.page.input_value("#pesan-public") == WORDS
    shot(customer, f"pesan-{width}")
    customer.presses("Kirim pesan")
    customer.sees("sudah kami terima")
    assert Remark.get().text == WORDS


def test_request_with_its_file(people, at_browser, paper):
    customer = at_browser(people.customer, 360)
    customer.opens("/ajukan")
    page = customer.page
    page.check(f"input[name=service][value={FORM['service']}]")
    page.check(f"input[name=subclass][value={FORM['subclass']}]")
    page.fill("#subject", FORM["subject"])
    page.fill("#description", FORM["description"])
    page.check("#statement")
    page.set_input_files("#file", paper("Surat permohonan"))
    loses_log_in(customer, "cookies")
    customer.presses("Simpan")
    logs_in_here(customer, people.customer.email)
    customer.sees("pilih kembali berkasnya")
    shot(customer, "ajukan-360")
    page = customer.page
    assert page.input_value("#description") == FORM["description"]
    assert page.is_checked("#statement")
    page.set_input_files("#file", paper("Surat permohonan"))
    customer.presses("Simpan")
    customer.presses("Kirim permohonan")
    customer.sees("Permohonan Anda sudah kami terima")
    assert Request.get().subject == FORM["subject"]


def test_folded_move_of_staff_is_unfolded(people, runtime, now, at_browser):
    item = file_request(runtime, people.customer, now=now)
    admin = at_browser(people.admin_layanan)
    admin.opens(f"/backoffice/permohonan/{item.public_id}")
    admin.page.get_by_text("Tolak permohonan …").click()
    admin.page.fill("#reject-reason", WORDS)
    loses_log_in(admin, "row")
    admin.page.locator("form[action$='/reject'] button:not([type=button])").first.click()
    admin.presses("Ya, lanjutkan")
    logs_in_here(admin, people.admin_layanan.email)
    assert admin.page.locator("#reject-reason").is_visible()
    assert admin.page.input_value("#reject-reason") == WORDS
    shot(admin, "kartu-1280")


def test_two_tabs_at_one_browser_file_two_requests(people, at_browser, paper):
    customer = at_browser(people.customer)
    tabs = [customer.page, customer._context.new_page()]
    for number, page in enumerate(tabs):
        page.goto(f"{customer.base}/ajukan")
        page.check(f"input[name=service][value={FORM['service']}]")
        page.check(f"input[name=subclass][value={FORM['subclass']}]")
        page.fill("#subject", f"Perihal tab {number}")
        page.fill("#description", FORM["description"])
        page.check("#statement")
        page.set_input_files("#file", paper(f"Surat {['satu', 'dua'][number]}"))
    for page in tabs:
        page.get_by_role("button", name="Simpan", exact=True).click()
        page.get_by_role("button", name="Kirim permohonan").wait_for()
    for page in tabs:
        page.get_by_role("button", name="Kirim permohonan").click()
        page.get_by_text("Permohonan Anda sudah kami terima").first.wait_for()
    assert sorted(item.subject for item in Request.select()) == ["Perihal tab 0", "Perihal tab 1"]
