"""Uploads with a scanner: an infected one is refused, and one that came meanwhile waits."""

from contextlib import contextmanager
from dataclasses import replace

import pytest

from models import INFECTED, WAITING_SCAN, Document, Event, Message, Upload
from moves.documents import scan_waiting
from tests.people import enter, pdf
from tests.scanner import scanner
from tests.storage import file_samples as samples
from tests.web.requests.upload_steps import Desk, ready_for_results, token_of


@pytest.fixture
def desk(app, people, runtime, now):
    return Desk(app, people.pemangku_data, ready_for_results(runtime, people, now))


@pytest.fixture
def scanned_at(app, runtime):
    """The application with its scanner at an address, for a while."""

    @contextmanager
    def during(address: str):
        settings = replace(runtime.settings, clamd=address)
        app.extensions["melasti"] = replace(runtime, settings=settings)
        try:
            yield
        finally:
            app.extensions["melasti"] = runtime

    return during


def waiting_result(desk, scanned_at, content: bytes, name: str) -> Document:
    """A result that was handed in while the scanner was away."""
    with scanned_at("/tidak/ada/clamd.sock"):
        kept = desk.uploads(name, content)
    assert "menunggu pemeriksaan" in kept["kept"]
    assert desk.hands_in([token_of(kept)]).status_code == 302
    found = Document.get(Document.kind == "laporan")
    assert found.scan == WAITING_SCAN
    return found


def test_an_infected_file_is_refused_in_a_sentence(desk, scanned_at):
    with scanner() as server, scanned_at(server.address):
        good = desk.uploads("tabel.csv", samples.table())
        bad = desk.uploads("data.zip", samples.archive({"a.txt": samples.EICAR}, packed=False))
        assert bad["status"] == 422 and "Eicar-Test-Signature" in bad["error"]
        assert [row.filename for row in Upload.select()] == ["tabel.csv"]
        assert desk.hands_in([token_of(good)]).status_code == 302
    assert Document.get(Document.kind == "laporan").scan == ""


def test_an_infected_letter_costs_nothing_that_was_typed(app, people, desk, scanned_at):
    """Through the plain form, too."""
    with scanner() as server, scanned_at(server.address):
        content = b"waktu;isi\n1;" + samples.EICAR
        page = desk.hands_in(plain=[("a.csv", content)], note="Catatan saya").text
    assert "perangkat lunak berbahaya" in page and "Catatan saya" in page


def test_what_came_while_the_scanner_was_away_is_served_once_it_has_looked(
    app, people, runtime, desk, scanned_at, now
):
    found = waiting_result(desk, scanned_at, pdf("Laporan"), "laporan.pdf")
    staff = enter(app, people.pemangku_data)
    assert staff.get(f"/dokumen/{found.public_id}").status_code == 409
    assert scan_waiting(runtime.storage, "/tidak/ada/clamd.sock", now=now) == 0
    assert Document.get_by_id(found.id).scan == WAITING_SCAN
    with scanner() as server:
        assert scan_waiting(runtime.storage, server.address, now=now) == 1
        assert scan_waiting(runtime.storage, server.address, now=now) == 0
    assert staff.get(f"/dokumen/{found.public_id}").status_code == 200


def test_what_turns_out_infected_is_closed_and_its_maker_told(
    app, people, runtime, desk, scanned_at, now
):
    content = b"waktu;isi\n1;" + samples.EICAR
    found = waiting_result(desk, scanned_at, content, "tabel.csv")
    with scanner() as server:
        for _ in range(2):
            scan_waiting(runtime.storage, server.address, now=now)
    assert Document.get_by_id(found.id).scan == INFECTED
    [event] = Event.select().where(Event.kind == "file_infected")
    assert event.data["found"] == "Eicar-Test-Signature" and event.request_id == found.request_id
    [told] = Message.select().where(Message.template == "berkas_berbahaya")
    assert told.recipient_id == people.pemangku_data.id
    staff = enter(app, people.pemangku_data)
    assert staff.get(f"/dokumen/{found.public_id}").status_code == 409
    card = staff.get(f"/backoffice/permohonan/{desk.request.public_id}")
    assert "Berbahaya menurut pemindai" in card.text


def test_without_a_scanner_nothing_waits_for_ever(runtime, desk, scanned_at, now):
    found = waiting_result(desk, scanned_at, pdf("Laporan"), "laporan.pdf")
    assert scan_waiting(runtime.storage, "", now=now) == 1
    assert Document.get_by_id(found.id).scan == ""
