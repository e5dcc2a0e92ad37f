"""Papers about many requests: each carries its code, and the public page says what holds."""

import hashlib
import re
from datetime import timedelta

import pytest

import exports
from models.documents import Printout
from models.history import Event
from models.workplace import ExportJob
from outputs.authenticity import proof_of
from tests.papers import assert_carries_code, words_of
from tests.people import enter, file_request, post
from tests.test_queries import Counter
from workflow import printouts
from workflow.door import Refused

COLUMNS = ["number", "customer", "subject", "status"]
CODE = re.compile(r"/v/([a-z2-7]{26})")


@pytest.fixture
def at(monkeypatch, now):
    clock = {"now": now + timedelta(days=1)}
    monkeypatch.setattr("backoffice.recap.now", lambda: clock["now"])
    return clock


@pytest.fixture
def filed(people, runtime, now):
    people.customer.name = "Rahasia Sekali"
    people.customer.save()
    return file_request(runtime, people.customer, now=now, subject="Perihal yang tak terbuka")


def recap_of(client, **choice: str) -> bytes:
    given = {"period": "semua", "format": "pdf", "column": COLUMNS, **choice}
    response = post(client, "/backoffice/rekap/unduh", given)
    assert response.status_code == 200
    return response.data


def code_of(content: bytes) -> str:
    return CODE.search(words_of(content))[1]


def page_of(app, code: str) -> str:
    response = enter(app, None).get(f"/v/{code}")
    assert response.status_code == 200
    return response.text


def test_a_recap_is_checked_by_its_code_and_tells_no_person(app, people, runtime, at, filed):
    content = recap_of(enter(app, people.staf_tu), status="waiting_verification")
    code = code_of(content)
    assert_carries_code(content, f"{runtime.settings.base_url}/v/{code}")
    assert "Rahasia Sekali" in words_of(content)
    page = page_of(app, code)
    for words in ("BERLAKU", "Rekap Layanan", hashlib.sha256(content).hexdigest(),
                  "REKAP-20240730-1257", "Menunggu Verifikasi", "Balai Teknik Pantai, Staf TU",
                  "30 Jul 2024 12:57:45 WITA", "<dt>Jumlah permohonan</dt><dd>1</dd>"):  # fmt: skip
        assert words in page, words
    for secret in ("Rahasia", filed.subject, filed.public_id, people.staf_tu.name):
        assert secret not in page
    issued = Event.get(Event.kind == "printout_issued")
    assert issued.actor == people.staf_tu and issued.acted_for == "staf_tu"


def test_only_paper_is_written_down(app, people, at, filed):
    for kind in ("xlsx", "csv"):
        recap_of(enter(app, people.staf_tu), format=kind)
    assert not Printout.select().exists()


def test_the_same_recap_again_takes_the_place_of_the_first(app, people, at, filed):
    client = enter(app, people.staf_tu)
    first = code_of(recap_of(client))
    at["now"] += timedelta(minutes=3)
    other = code_of(recap_of(client, service="data"))
    second = code_of(recap_of(client))
    assert "DIGANTIKAN" in page_of(app, first)
    assert "digantikan oleh REKAP-20240730-1300" in page_of(app, first)
    for code in (other, second):
        assert "BERLAKU" in page_of(app, code)
    # Another post's recap of the same choice is another paper.
    recap_of(enter(app, people.kepala_balai))
    assert "BERLAKU" in page_of(app, second)


def test_a_withdrawn_recap_says_so_and_the_one_before_holds_again(app, people, at, filed):
    client = enter(app, people.staf_tu)
    first = code_of(recap_of(client))
    at["now"] += timedelta(minutes=3)
    second = Printout.get(Printout.code == code_of(recap_of(client)))
    with pytest.raises(Refused):
        printouts.withdraw(second, actor=people.pemangku_data, now=at["now"])
    printouts.withdraw(second, actor=people.staf_tu, now=at["now"])
    with pytest.raises(Refused):
        printouts.withdraw(second, actor=people.staf_tu, now=at["now"])
    assert "DICABUT" in page_of(app, second.code)
    assert "BERLAKU" in page_of(app, first)
    assert Event.get(Event.kind == "printout_withdrawn").data["printout"] == second.public_id


def test_papers_are_listed_to_their_post_and_taken_back_there(app, people, at, filed):
    client = enter(app, people.staf_tu)
    row = Printout.get(Printout.code == code_of(recap_of(client)))
    page = client.get("/backoffice/terbitan/").text
    assert row.number in page and f"/v/{row.code}" in page and "Cabut" in page
    assert "Berlaku" in page and "Digantikan" not in page
    at["now"] += timedelta(minutes=3)
    recap_of(client)
    assert "Digantikan" in client.get("/backoffice/terbitan/").text
    stranger = enter(app, people.pemangku_data)
    assert row.number not in stranger.get("/backoffice/terbitan/").text
    address = f"/backoffice/terbitan/{row.public_id}/cabut"
    assert post(stranger, address, {}).status_code == 404
    assert post(client, address, {}).status_code == 302
    assert "DICABUT" in page_of(app, row.code)
    assert client.get("/backoffice/terbitan/").text.count("Cabut<") == 1


def test_list_runs_a_fixed_number_of_queries(app, people, at, filed, monkeypatch):
    counter, client = Counter(monkeypatch), enter(app, people.staf_tu)
    recap_of(client)
    few = counter.of(client, "/backoffice/terbitan/")
    for _ in range(5):
        at["now"] += timedelta(minutes=1)
        recap_of(client)
    assert counter.of(client, "/backoffice/terbitan/") == few


def test_a_recap_of_the_background_can_be_checked_too(people, runtime, now, filed):
    choice = exports.Choice(period="semua", columns=tuple(COLUMNS))
    exports.order_export("pdf", choice, owner=people.staf_tu, now=now)
    assert exports.make_due(runtime.storage, base_url="http://localhost", clock=lambda: now) == 1
    job, row = ExportJob.get(), Printout.get()
    content = runtime.storage.open(job.sha256).read()
    assert_carries_code(content, f"http://localhost/v/{row.code}")
    assert proof_of(row.code).sha256 == hashlib.sha256(content).hexdigest() == job.sha256
