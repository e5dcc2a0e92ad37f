"""A morning without a mouse: log in, find, act on three requests, several at once, and export."""

from datetime import timedelta

import openpyxl
import pytest

from models import Request
from rules.statuses import LABELS
from tests.people import PASSWORD, Person, advance, file_request

pytestmark = pytest.mark.browser

# What is said of the thing that has the focus: its label, or the words on it.
SAID = """() => {
    const one = document.activeElement;
    const said = one.labels?.length ? one.labels[0] : one;
    return (one.getAttribute("aria-label") || said.textContent).replace(/\\s+/g, " ").trim();
}"""
# Whether the thing that has the focus shows, wholly or in part, and nothing lies on it.
SHOWS = """() => {
    const one = document.activeElement, box = one.getBoundingClientRect();
    const found = document.elementFromPoint(
        Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 1),
        Math.min(Math.max(box.top + box.height / 2, 1), innerHeight - 1));
    return one.contains(found) || [...(one.labels || [])].some(label => label.contains(found));
}"""
# A page with more stops than this before what one looks for is not one for the keyboard.
MOST_STOPS = 60


class Typist(Person):
    """Somebody who only types. Nothing here points, or puts the focus anywhere but by keys."""

    def __init__(self, chromium, base: str):
        super().__init__(chromium, base)
        self.page.emulate_media(reduced_motion="reduce")

    def types(self, text: str) -> None:
        self.page.keyboard.type(text)

    def hits(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def goes_to(self, words: str, *, back: bool = False) -> None:
        """Tab to what these words begin; each stop on the way has to show."""
        for _ in range(MOST_STOPS):
            self.hits("Shift+Tab" if back else "Tab")
            assert self.page.evaluate(SHOWS), f"“{self.focus}” has the focus and can't be seen"
            if self.focus.startswith(words):
                return
        raise AssertionError(f"“{words}” can't be reached, the last stop was “{self.focus}”")

    def lands(self, path: str) -> None:
        """Wait for an address with this in it."""
        self.page.wait_for_url(lambda url: path in url)

    def leaves_for(self, *keys: str) -> None:
        """Hit keys that lead to another page, and wait until it is there."""
        before = self.page.url.split("#")[0]
        self.hits(*keys)
        self.page.wait_for_url(lambda url: url.split("#")[0] != before)

    @property
    def focus(self) -> str:
        return self.page.evaluate(SAID)


def log_in(typist: Typist, email: str) -> None:
    typist.opens("/masuk")
    typist.goes_to("Email")
    typist.types(email)
    typist.goes_to("Password")
    typist.types(PASSWORD)
    typist.leaves_for("Enter")
    typist.lands("/backoffice/")


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_head_of_office_works_by_keyboard_alone(live, chromium, people, runtime, now, tmp_path):
    for index in range(5):
        filed = file_request(runtime, people.customer, now=now + timedelta(minutes=index),
                             key=f"K{index}", subject=f"Abrasi Pantai {index}")  # fmt: skip
        advance(filed, people, runtime, now=now, until="DISPOSISI_KABALAI")
    head = Typist(chromium, live)
    log_in(head, people.kepala_balai.email)

    # Find one by its words, open it, and come back.
    head.hits("/")
    head.types("pantai 3")
    head.leaves_for("Enter")
    head.lands("cari=")
    head.hits("j")
    assert head.focus == "Abrasi Pantai 3"
    head.leaves_for("Enter")
    head.lands("/backoffice/permohonan/")
    head.leaves_for("u")
    head.lands("cari=")
    head.goes_to("Cari: pantai 3")
    head.leaves_for("Enter")
    assert "cari=" not in head.page.url

    # The help says what the keys do, and Escape closes it.
    head.hits("?")
    head.sees("pilih atau lepas baris itu")
    head.hits("Escape")

    # Three in a row: the action has the focus, Ctrl+Enter sends it, the next one opens.
    head.hits("j", "j", "k")
    head.leaves_for("Enter")
    for _ in range(3):
        head.hits("a")
        # The kind of letter comes first, with the usual one chosen.
        head.goes_to("Isi disposisi")
        head.types("Mohon ditindaklanjuti sesuai ketentuan.")
        head.leaves_for("Control+Enter")
    moved = Request.select().where(Request.stage_code == "DISPOSISI_KASUBAG")
    assert moved.count() == 3

    # The last two together.
    head.leaves_for("u")
    head.hits("j", "x", "j", "x")
    head.sees("2 dipilih")
    head.leaves_for("b")
    head.goes_to("Isi disposisi")
    head.types("Laksanakan.")
    head.goes_to("Isi semua ke bawah", back=True)
    head.hits("Enter")
    head.goes_to("Kirim untuk 2 permohonan")
    head.hits("Enter")
    head.sees("2 dari 2 permohonan dikerjakan")
    assert moved.count() == 5

    # What the morning came to, as a workbook.
    head.goes_to("Rekap Layanan")
    head.leaves_for("Enter")
    head.goes_to("Periode")
    head.types("Semua")
    head.goes_to("Terapkan")
    head.leaves_for("Enter")
    # The file of last month stands before the choice, that of the choice behind it.
    head.goes_to("Terapkan")
    head.goes_to("Unduh Excel")
    with head.page.expect_download() as coming:
        head.hits("Enter")
    coming.value.save_as(tmp_path / "rekap.xlsx")
    rows = list(openpyxl.load_workbook(tmp_path / "rekap.xlsx")["Data"].values)
    heads = next(row for row in rows if row[0] == "NO")
    subject, status = heads.index("PERIHAL"), heads.index("STATUS LAYANAN")
    found = [(row[subject], row[status]) for row in rows if isinstance(row[0], int)]
    assert sorted(found) == [
        (f"Abrasi Pantai {index}", LABELS[moved.get().status].title) for index in range(5)
    ]
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
    admin.goes_to("Atur tampilan")
    admin.hits("Enter")
    admin.goes_to("Pintasan papan ketik satu huruf")
    admin.hits("Space")
    admin.goes_to("Simpan")
    admin.hits("Enter")
    admin.sees("Tampilan antrean Anda sudah disimpan.")
    admin.hits("j")
    assert admin.focus != "Abrasi Pantai"
    admin.leaves()
