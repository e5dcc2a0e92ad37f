"""Papers about many requests: each carries its code, and the public page says what holds."""

import hashlib
import re

import pytest

from administration import printouts
from models import Event, ExportJob, Printout
from outputs.papers.authenticity import proof_of
from outputs.recap import jobs
from tests.papers import assert_carries_code, words_of
from tests.people import enter, file_request, post
from tests.test_queries import Counter
from workflow import Reader, Refused

COLUMNS = ["number", "customer", "subject", "status"]
CODE = re.compile(r"/v/([a-z2-7]{26})")


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


def test_a_recap_is_checked_by_its_code_and_tells_no_person(app, people, runtime, clock, filed):
    content = recap_of(enter(app, people.staf_tu), status="waiting_verification")
    code = code_of(content)
    assert_carries_code(content, f"{runtime.settings.base_url}/v/{code}")
    assert "Rahasia Sekali" in words_of(content)
    page = page_of(app, code)
    for words in ("BERLAKU", "Rekap Layanan", hashlib.sha256(content).hexdigest(),
                  "REKAP-20240730-125745", "Menunggu Verifikasi", "Balai Teknik Pantai, Staf TU",
                  "30 Jul 2024 12:57:45 WITA", "<dt>Jumlah permohonan</dt><dd>1</dd>"):  # fmt: skip
        assert words in page, words
    for secret in ("Rahasia", filed.subject, filed.public_id, people.staf_tu.name):
        assert secret not in page
    issued = Event.get(Event.kind == "printout_issued")
    assert issued.actor == people.staf_tu and issued.acted_for == "staf_tu"


def test_only_paper_is_written_down(app, people, clock, filed):
    for kind in ("xlsx", "csv"):
        recap_of(enter(app, people.staf_tu), format=kind)
    assert not Printout.select().exists()


def test_the_same_recap_again_takes_the_place_of_the_first(app, people, clock, filed):
    client = enter(app, people.staf_tu)
    first = code_of(recap_of(client))
    clock.forward(minutes=3)
    other = code_of(recap_of(client, service="data"))
    second = code_of(recap_of(client))
    assert "DIGANTIKAN" in page_of(app, first)
    assert "digantikan oleh REKAP-20240730-130045" in page_of(app, first)
    for code in (other, second):
        assert "BERLAKU" in page_of(app, code)
    # Another post's recap of the same choice is another paper.
    recap_of(enter(app, people.kepala_balai))
    assert "BERLAKU" in page_of(app, second)


def test_a_withdrawn_recap_says_so_and_the_one_before_holds_again(app, people, clock, filed):
    client = enter(app, people.staf_tu)
    first = code_of(recap_of(client))
    clock.forward(minutes=3)
    second = Printout.get(Printout.code == code_of(recap_of(client)))
    with pytest.raises(Refused):
        printouts.withdraw(second, reader=Reader.at(people.pemangku_data, clock.now))
    printouts.withdraw(second, reader=Reader.at(people.staf_tu, clock.now))
    with pytest.raises(Refused):
        printouts.withdraw(second, reader=Reader.at(people.staf_tu, clock.now))
    assert "DICABUT" in page_of(app, second.code)
    assert "BERLAKU" in page_of(app, first)
    assert Event.get(Event.kind == "printout_withdrawn").data["printout"] == second.public_id


def test_papers_are_listed_to_their_post_and_taken_back_there(app, people, clock, filed):
    client = enter(app, people.staf_tu)
    row = Printout.get(Printout.code == code_of(recap_of(client)))
    page = client.get("/backoffice/terbitan/").text
    assert row.number in page and f"/v/{row.code}" in page and "Cabut" in page
    assert "Berlaku" in page and "Digantikan" not in page
    clock.forward(minutes=3)
    recap_of(client)
    assert "Digantikan" in client.get("/backoffice/terbitan/").text
    stranger = enter(app, people.pemangku_data)
    assert row.number not in stranger.get("/backoffice/terbitan/").text
    address = f"/backoffice/terbitan/{row.public_id}/cabut"
    assert post(stranger, address, {}).status_code == 404
    assert post(client, address, {}).status_code == 302
    assert "DICABUT" in page_of(app, row.code)
    assert client.get("/backoffice/terbitan/").text.count("Cabut <span") == 1


def test_papers_of_one_second_have_numbers_of_their_own(app, people, clock, filed):
    names, numbers = set(), set()
    for person in (people.staf_tu, people.kepala_balai, people.staf_tu):
        given = {"period": "semua", "format": "pdf", "column": COLUMNS}
        answer = post(enter(app, person), "/backoffice/rekap/unduh", given)
        row = Printout.get(Printout.code == code_of(answer.data))
        assert row.number in words_of(answer.data)
        names.add(re.search(r"filename=(\S+)", answer.headers["Content-Disposition"])[1].strip('"'))
        numbers.add(row.number)
    first = "REKAP-20240730-125745"
    assert numbers == {first, f"{first}-2", f"{first}-3"}
    assert len(names) == 3 and "rekap-layanan-20240730-125745-2.pdf" in names


def test_a_number_that_was_taken_meanwhile_is_another_papers(app, people, now):
    """Somebody issues a paper while this one is written: it is written anew."""
    paper = printouts.Paper("dasbor", [], ("x",), "skm_plan")
    written = []

    def write(number: str, code: str) -> bytes:
        written.append(number)
        if len(written) == 1:
            printouts.publish(paper, lambda *_: b"faster", reader=Reader.at(people.kasubag_tu, now))
        return number.encode()

    number, content = printouts.publish(paper, write, reader=Reader.at(people.staf_tu, now))
    assert written == ["DASBOR-20240729-125745", "DASBOR-20240729-125745-2"]
    assert content == number.encode() == written[1].encode()
    assert sorted(row.number for row in Printout.select()) == written
    assert Printout.get(Printout.number == number).sha256 == hashlib.sha256(content).hexdigest()


def test_an_export_whose_number_was_taken_is_made_under_the_next(
    people, runtime, now, filed, monkeypatch
):
    choice = jobs.Choice(period="semua", columns=tuple(COLUMNS))
    jobs.order_export("pdf", choice, reader=Reader.at(people.staf_tu, now))
    real, faster = jobs.write_file, []

    def while_somebody_is_faster(*args):
        if not faster:
            faster.append(printouts.free_number("rekap", now))
            paper = printouts.Paper("rekap", [], ("x",), "skm_plan")
            printouts.publish(paper, lambda *_: b"x", reader=Reader.at(people.kasubag_tu, now))
        return real(*args)

    monkeypatch.setattr(jobs, "write_file", while_somebody_is_faster)
    assert jobs.make_due(runtime.storage, base_url="http://localhost", clock=lambda: now) == 1
    job = ExportJob.get()
    own = Printout.get(Printout.created_by == people.staf_tu)
    assert own.number == f"{faster[0]}-2"
    assert own.number in words_of(runtime.storage.open(job.sha256).read())
    assert Printout.select().count() == 2


def test_papers_are_filtered_by_kind_and_paged(app, people, clock, filed, now):
    for number in range(23):
        paper = printouts.Paper("dasbor", [("Pos", "x")], (number,), "skm_plan")
        printouts.publish(paper, lambda *_: b"x", reader=Reader.at(people.staf_tu, now))
    client = enter(app, people.staf_tu)
    recap_of(client)
    address = "/backoffice/terbitan/"
    first = client.get(address).text
    assert "Menampilkan 1–20 dari 24" in first and "REKAP-" in first
    second = client.get(f"{address}?page=2").text
    assert "Menampilkan 21–24 dari 24" in second and "REKAP-" not in second
    only = client.get(f"{address}?jenis=rekap").text
    assert "Menampilkan 1–1 dari 1" in only and "DASBOR-" not in only
    assert "Tidak ada dokumen jenis ini" in client.get(f"{address}?jenis=laporan_skm").text


def test_the_code_under_the_square_is_typed_as_it_stands(app, people, clock, filed):
    content = recap_of(enter(app, people.staf_tu))
    code = code_of(content)
    groups = [code[start : start + 4] for start in range(0, 26, 4)]
    words = words_of(content)
    assert " ".join(groups[:4]) in words and " ".join(groups[4:]) in words
    public = enter(app, None)
    for typed in (" ".join(groups), "-".join(groups).upper(), f" {code[:13].upper()} {code[13:]}"):
        found = public.get("/v", query_string={"kode": typed})
        assert found.headers["Location"].endswith(f"/v/{code}"), typed


def test_list_runs_a_fixed_number_of_queries(app, people, clock, filed, monkeypatch):
    counter, client = Counter(monkeypatch), enter(app, people.staf_tu)
    recap_of(client)
    few = counter.of(client, "/backoffice/terbitan/")
    for _ in range(5):
        clock.forward(minutes=1)
        recap_of(client)
    assert counter.of(client, "/backoffice/terbitan/") == few


def test_a_recap_of_the_background_can_be_checked_too(people, runtime, now, filed):
    choice = jobs.Choice(period="semua", columns=tuple(COLUMNS))
    jobs.order_export("pdf", choice, reader=Reader.at(people.staf_tu, now))
    assert jobs.make_due(runtime.storage, base_url="http://localhost", clock=lambda: now) == 1
    job, row = ExportJob.get(), Printout.get()
    content = runtime.storage.open(job.sha256).read()
    assert_carries_code(content, f"http://localhost/v/{row.code}")
    assert proof_of(row.code).sha256 == hashlib.sha256(content).hexdigest() == job.sha256
