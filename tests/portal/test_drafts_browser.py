"""At a browser: kept while somebody types, without a connection too, and for nobody else."""

import re

import pytest

from models import RequestDraft
from tests.people import Person

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
KEPT = re.compile(r"^Tersimpan \d")
COPIES = "Object.keys(localStorage).filter((name) => name.startsWith('melasti.draf.'))"


@pytest.fixture
def telephone(chromium, live, people):
    person = Person(chromium, live, width=360)
    person.logs_in(people.customer.email)
    person.opens("/ajukan")
    yield person
    person.leaves()


def types(person: Person, subject: str) -> None:
    person.page.locator("#subject").press_sequentially(subject)


def subjects() -> list[str]:
    return [draft.answers["subject"] for draft in RequestDraft.select()]


def test_typed_is_kept_and_found_on_another_device(telephone, chromium, live, people):
    types(telephone, "Gelombang")
    telephone.sees(KEPT)
    assert subjects() == ["Gelombang"] and telephone.page.evaluate(COPIES) == []
    types(telephone, " 2023")
    # Left before the few seconds were over.
    telephone.opens("/dasbor")
    telephone.sees("Gelombang 2023")
    office = Person(chromium, live)
    office.logs_in(people.customer.email)
    office.opens("/dasbor")
    office.page.get_by_role("link", name="Lanjutkan Gelombang 2023").click()
    assert office.page.input_value("#subject") == "Gelombang 2023"
    office.leaves()


def test_without_a_connection_it_waits_here_and_is_sent_later(telephone):
    telephone._context.set_offline(True)
    types(telephone, "Tanpa sinyal")
    telephone.sees("tersimpan di perangkat ini")
    assert subjects() == [] and len(telephone.page.evaluate(COPIES)) == 1
    telephone._context.set_offline(False)
    telephone.sees(KEPT)
    assert subjects() == ["Tanpa sinyal"] and telephone.page.evaluate(COPIES) == []
    telephone.complaints.clear()


def test_what_waits_is_sent_by_the_next_page(telephone):
    telephone.page.route("**/ajukan/simpan", lambda route: route.abort())
    types(telephone, "Sinyal hilang")
    telephone.sees("tersimpan di perangkat ini")
    telephone.page.unroute("**/ajukan/simpan")
    telephone.opens("/dasbor")
    telephone.page.get_by_role("link", name="Lanjutkan Sinyal hilang").wait_for()
    assert subjects() == ["Sinyal hilang"] and telephone.page.evaluate(COPIES) == []
    telephone.complaints.clear()


@pytest.mark.parametrize("leaving", ["signs out", "log-in ends"])
def test_next_person_at_the_telephone_finds_nothing(telephone, people, leaving):
    telephone.page.route("**/ajukan/simpan", lambda route: route.abort())
    types(telephone, "Perihal rahasia")
    telephone.sees("tersimpan di perangkat ini")
    if leaving == "signs out":
        telephone.page.get_by_role("button", name="Menu akun").click()
        telephone.presses("Sign Out")
        telephone.page.wait_for_url(lambda url: "/ajukan" not in url)
    else:
        telephone._context.clear_cookies()
    telephone.page.unroute("**/ajukan/simpan")
    telephone.logs_in(people.other_customer.email)
    telephone.opens("/dasbor")
    telephone.sees("Belum ada permintaan")
    assert telephone.page.evaluate(COPIES) == []
    assert "rahasia" not in telephone.page.content() and subjects() == []
    telephone.complaints.clear()


def test_form_that_was_sent_leaves_no_copy(telephone):
    page = telephone.page
    page.check("input[name=service][value=lab]")
    types(telephone, "Perihal A")
    telephone.presses("Simpan")
    telephone.sees("Ada isian yang perlu diperbaiki")
    page.wait_for_function(f"{COPIES}.length === 0")
    assert subjects() == ["Perihal A"]


def test_draft_is_dropped_after_a_question(telephone):
    types(telephone, "Perihal A")
    telephone.sees(KEPT)
    telephone.opens("/dasbor")
    telephone.presses("Hapus Perihal A")
    telephone.presses("Ya, lanjutkan")
    telephone.sees("Draf sudah dihapus")
    assert subjects() == []
