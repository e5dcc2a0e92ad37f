"""The public check of a document: what it says, what it keeps to itself, and the file compared."""

from datetime import timedelta

import pytest

import tasks
import workflow
from models import Document, Request
from outputs.papers.authenticity import proof_of, read_code
from outputs.papers.documents import render_document
from tests.outputs.papers.ordered_papers import complete, ordered
from tests.papers import ABOVE_NAME, FROM_RIGHT, assert_carries_code
from tests.people import REFUSAL, Person, advance, enter, file_request
from workflow import Reader

SITE = "http://localhost"


def act(request: Request, code: str, actor, at, **inputs: str) -> Request:
    return workflow.act(
        request, code, reader=Reader.at(actor, at), inputs=inputs, version=request.version
    )


@pytest.fixture
def make(runtime, now):
    """Make what was ordered, as the background does."""

    def run(request: Request, kind: str, version: int = 1) -> Document:
        tasks.make_pending_documents(runtime.storage, base_url=SITE, now=now)
        return ordered(request, kind, version)

    return run


def page_of(app, document: Document) -> str:
    response = enter(app, None).get(f"/v/{document.code}")
    assert response.status_code == 200
    return response.text


def test_code_is_128_random_bits_and_forgives_how_it_is_typed(people, runtime, now):
    request = file_request(runtime, people.customer, now=now)
    codes = {row.code for row in Document.select().where(Document.request == request)}
    assert len(codes) == 2
    for code in codes:
        assert read_code(code) == code
        assert read_code(f" {code[:4].upper()}-{code[4:9]} {code[9:]}\n") == code
    assert read_code("abc") == read_code("1" * 26) == read_code("\x00" * 26) == ""


def test_page_tells_what_was_issued_and_no_more(app, people, runtime, now, make):
    people.customer.name = "Rahasia Sekali"
    people.customer.save()
    request = file_request(runtime, people.customer, now=now, subject="Perihal yang tak terbuka")
    receipt = make(request, "tanda_terima")
    page = page_of(app, receipt)
    for words in ("BERLAKU", "Tanda Terima Permohonan", request.public_id, receipt.sha256,
                  "29 Jul 2024 12:57:45 WITA", "R*** S***", "Balai Teknik Pantai"):  # fmt: skip
        assert words in page, words
    for secret in ("Rahasia Sekali", request.subject, people.customer.email, "Petugas "):
        assert secret not in page


def test_customers_uploads_and_unreleased_results_have_no_proof(app, people, runtime, now, make):
    request = file_request(runtime, people.customer, now=now)
    unmade = ordered(request, "tanda_terima")
    assert proof_of(unmade.code) is None
    assert proof_of(ordered(request, "pendukung").code) is None
    request = advance(request, people, runtime, now=now, until="SERAH_PELANGGAN")
    report = Document.get((Document.request == request) & Document.is_result)
    assert enter(app, None).get(f"/v/{report.code}").status_code == 404
    advance(request, people, runtime, now=now + timedelta(hours=8))
    assert "BERLAKU" in page_of(app, report)


def test_unknown_code_gets_a_neutral_answer_and_a_limit(app, db):
    client = enter(app, None)
    response = client.get("/v/" + "a" * 26)
    assert response.status_code == 404
    assert "Kode ini tidak kami kenali" in response.text
    assert client.get("/v/<script>alert(1)</script>").status_code == 404
    assert client.get("/v/%00%F0%9F%8C%8A").status_code == 404
    assert client.get("/v?kode=pendek").status_code == 422
    assert client.get("/v?kode=" + "A" * 26).headers["Location"] == "/v/" + "a" * 26
    statuses = [client.get("/v/" + "b" * 26).status_code for _ in range(30)]
    assert statuses[-1] == 429


def test_a_refusal_that_fell_is_withdrawn_and_a_second_one_replaces_it(
    app, people, runtime, now, make
):
    request = file_request(runtime, people.customer, now=now)
    at = now + timedelta(hours=1)
    request = act(request, "reject", people.admin_layanan, at, **REFUSAL)
    letter = make(request, "surat_penolakan")
    page = page_of(app, letter)
    assert "BERLAKU" in page
    assert "Balai Teknik Pantai, Admin Layanan" in page
    request = act(request, "object", people.customer, at, reason="Sudah ditandatangani semuanya.")
    request = act(request, "reopen", people.kasubag_tu, at, reason="Tanda tangan memang ada.")
    assert "DICABUT" in page_of(app, letter)
    assert "dicabut" in enter(app, people.customer).get(f"/layanan/{request.public_id}").text
    act(request, "reject", people.admin_layanan, at, **REFUSAL)
    assert "BERLAKU" in page_of(app, make(request, "surat_penolakan", 2))
    assert "digantikan oleh versi 2" in page_of(app, letter)


def test_an_offer_falls_with_its_negotiation(app, people, runtime, now, make):
    request = file_request(runtime, people.customer, now=now, service="lab")
    request = advance(request, people, runtime, now=now, until="KONTRAK")
    offer, at = make(request, "penawaran"), now + timedelta(days=1)
    assert "BERLAKU" in page_of(app, offer)
    request = act(request, "negotiate", people.customer, at, reason="Jadwalnya mohon dimajukan.")
    assert "DICABUT" in page_of(app, offer)
    request = complete(request, people, runtime, at=at + timedelta(hours=1))
    assert "BERLAKU" in page_of(app, make(request, "penawaran", 2))
    assert "DIGANTIKAN" in page_of(app, offer)


def test_a_report_holds_until_its_revision_is_handed_over(app, people, runtime, now):
    request = file_request(runtime, people.customer, now=now, service="lab")
    request = advance(request, people, runtime, now=now)
    first, at = ordered(request, "laporan"), now + timedelta(days=2)
    request = act(request, "revise", people.manajer_teknis, at, reason="Satuan diperbaiki.")
    request = advance(request, people, runtime, now=at, until="SERAH_PELANGGAN")
    assert "BERLAKU" in page_of(app, first)
    advance(request, people, runtime, now=at + timedelta(days=1))
    assert "DIGANTIKAN" in page_of(app, first)
    assert "BERLAKU" in page_of(app, ordered(request, "laporan", 2))


def test_every_form_carries_the_address_of_its_check(people, runtime, now):
    request = advance(file_request(runtime, people.customer, now=now), people, runtime, now=now)
    lab = file_request(runtime, people.customer, now=now, service="lab", key="LAB")
    lab = advance(lab, people, runtime, now=now, until="KONTRAK")
    refused = file_request(runtime, people.customer, now=now, key="REFUSED")
    refused = act(refused, "reject", people.admin_layanan, now, **REFUSAL)
    for owner, kind in ((request, "tanda_terima"), (request, "lembar_disposisi"),
                        (request, "berita_acara"), (lab, "penawaran"),
                        (refused, "surat_penolakan")):  # fmt: skip
        document = ordered(owner, kind)
        content = render_document(document, base_url=SITE)
        place = ABOVE_NAME if kind == "surat_penolakan" else FROM_RIGHT
        assert_carries_code(content, f"{SITE}/v/{document.code}", from_right=place)


@pytest.mark.browser
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_file_is_compared_in_the_browser_and_never_sent(
    chromium, live, people, runtime, now, make, tmp_path
):
    from axe_playwright_python.sync_playwright import Axe

    receipt = make(file_request(runtime, people.customer, now=now), "tanda_terima")
    genuine, forged = tmp_path / "asli.pdf", tmp_path / "palsu.pdf"
    genuine.write_bytes(runtime.storage.open(receipt.sha256).read())
    forged.write_bytes(genuine.read_bytes() + b" ")
    visitor = Person(chromium, live, width=360)
    page = visitor.page
    visitor.opens("/v")
    page.fill("#kode", receipt.code.upper())
    visitor.presses("Periksa dokumen")
    visitor.sees("masih berlaku")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    sent = []
    page.on("request", lambda request: sent.append(request.url))
    page.set_input_files("#compare", genuine)
    visitor.sees("Cocok. Berkas ini sama persis")
    page.set_input_files("#compare", forged)
    visitor.sees("Tidak cocok.")
    assert sent == []
    violations = Axe().run(page).response["violations"]
    assert [v["id"] for v in violations if v["impact"] in ("serious", "critical")] == []
    visitor.leaves()
