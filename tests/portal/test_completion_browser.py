"""Three points are answered from a phone: one paper replaced, one added, one told in words."""

import pytest

from config.clock import utc_now as instant
from models import Document
from tests.moves.side_steps import take
from tests.people import Person, file_request

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("engine", ["sqlite"], indirect=True),
]
ITEMS = "Dokumen Pendukung: belum bertanda tangan\nPeta lokasi\nPeriode data"


def test_three_slots_on_a_phone(chromium, live, people, runtime, paper):
    item = file_request(runtime, people.customer, now=instant())
    asked = take(item, "ask_completion", people.admin_layanan, instant(), days="5", items=ITEMS)
    customer = Person(chromium, live, width=360)
    page = customer.page
    customer.logs_in(people.customer.email)
    customer.opens(f"/layanan/{asked.public_id}")
    page.fill("#give_completion-answer3", "Januari sampai Desember 2023.")
    customer.presses("Kirim kelengkapan")
    customer.sees("Ada isian yang perlu diperbaiki")
    assert page.input_value("#give_completion-answer3") == "Januari sampai Desember 2023."
    page.set_input_files("#give_completion-file", paper("Surat bertanda tangan"))
    page.set_input_files("#give_completion-file2", paper("Peta"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    customer.presses("Kirim kelengkapan")
    customer.sees("Kelengkapan Anda sudah kami terima")
    page.get_by_text("Kabar dan jawaban (2)").click()
    customer.sees("3. Periode data: Januari sampai Desember 2023.")
    rows = Document.select().where(Document.request == item).order_by(Document.id)
    found = [(row.title, row.replaced_by_id is None) for row in rows if row.kind != "tanda_terima"]
    assert found == [("Dokumen Pendukung", False), ("Dokumen Pendukung", True),
                     ("Peta lokasi", True)]  # fmt: skip
    customer.leaves()
