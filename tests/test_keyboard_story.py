"""A morning without a mouse: log in, find, act on three requests, and pick several at once."""

from datetime import timedelta

import pytest

from models.requests import Request
from tests.people import PASSWORD, Person, advance, file_request

pytestmark = pytest.mark.browser


class Typist(Person):
    """Somebody who only types."""

    def types(self, text: str) -> None:
        self.page.keyboard.type(text)

    def hits(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def lands(self, path: str) -> None:
        self.page.wait_for_url(lambda url: path in url)

    @property
    def name(self) -> str:
        return self.page.evaluate("document.activeElement.name || ''")

    @property
    def focus(self) -> str:
        return self.page.evaluate("document.activeElement.textContent.trim()")


def log_in(typist: Typist, email: str) -> None:
    typist.opens("/masuk")
    typist.page.wait_for_load_state()
    typist.page.focus("#email")
    typist.types(email)
    typist.hits("Tab")
    typist.page.focus("#password")
    typist.types(PASSWORD)
    typist.hits("Enter")
    typist.lands("/backoffice/")


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_head_of_office_works_by_keyboard_alone(live, chromium, people, runtime, now):
    for index in range(5):
        filed = file_request(runtime, people.customer, now=now + timedelta(minutes=index),
                             key=f"K{index}", subject=f"Abrasi Pantai {index}")  # fmt: skip
        advance(filed, people, runtime, now=now, until="DISPOSISI_KABALAI")
    head = Typist(chromium, live)
    log_in(head, people.kepala_balai.email)

    # Find one by its words, open it, and come back.
    head.hits("/")
    head.types("pantai 3")
    head.hits("Enter")
    head.lands("q=pantai")
    head.hits("j")
    assert head.focus == "Abrasi Pantai 3"
    head.hits("Enter")
    head.lands("/backoffice/permohonan/")
    head.hits("u")
    head.page.wait_for_url(lambda url: url.endswith("/backoffice/"))
    head.page.wait_for_load_state()

    # The help says what the keys do, and Escape closes it.
    head.hits("?")
    head.sees("pilih atau lepas baris itu")
    head.hits("Escape")

    # Three in a row: the action has the focus, Ctrl+Enter sends it, the next one opens.
    head.hits("j", "j", "k", "Enter")
    head.lands("/backoffice/permohonan/")
    for number in range(3):
        head.page.wait_for_load_state()
        head.hits("a")
        head.types("Mohon ditindaklanjuti sesuai ketentuan.")
        if number == 0:
            while head.name != "then":
                head.hits("Tab")
            head.hits("Space")
            assert head.page.locator("#tindakan input[name=then]").first.is_checked()
        before = head.page.url
        head.hits("Control+Enter")
        head.page.wait_for_url(lambda url, before=before: url.split("#")[0] != before)
    moved = Request.select().where(Request.stage_code == "DISPOSISI_KASUBAG")
    assert moved.count() == 3

    # The last two together.
    head.page.wait_for_load_state()
    head.hits("u")
    head.page.wait_for_url(lambda url: url.endswith("/backoffice/"))
    head.page.wait_for_load_state()
    head.hits("j", "x", "j", "x")
    head.sees("2 dipilih")
    head.hits("b")
    head.lands("/backoffice/massal/")
    head.page.wait_for_load_state()
    head.page.locator("#note").focus()
    head.types("Laksanakan.")
    head.hits("Tab", "Enter")
    head.sees("2 dari 2 permohonan berhasil")
    assert moved.count() == 5
    head.leaves()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_typing_is_no_shortcut_and_they_can_be_turned_off(live, chromium, people, runtime, now):
    file_request(runtime, people.customer, now=now, subject="Abrasi Pantai")
    admin = Typist(chromium, live)
    log_in(admin, people.admin_layanan.email)
    admin.hits("/")
    admin.types("j?xbn")
    assert admin.page.input_value("#q") == "j?xbn"
    assert not admin.page.locator("#m-keys").is_visible()
    admin.page.evaluate("document.activeElement.blur()")
    admin.page.locator("summary", has_text="Atur tampilan").focus()
    admin.hits("Enter")
    admin.page.get_by_label("Pintasan papan ketik satu huruf").focus()
    admin.hits("Space", "Tab", "Enter")
    admin.sees("Tampilan antrean Anda sudah disimpan.")
    admin.hits("j")
    assert admin.focus != "Abrasi Pantai"
    admin.leaves()
