"""Stories of a refusal and of an acting head, in a real browser."""

from datetime import timedelta

import pytest

from models import Document, Event, Mandate
from rules.formats import ZONE
from tests.people import Person, advance, file_request
from tests.story_steps import Office
from web.runtime import now as instant

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("engine", ["sqlite"], indirect=True),
]


def test_refusal_objection_and_reopening(chromium, live, people, app):
    """Kasubag TU decides on an objection against the admin; number and history stay."""
    office = Office(chromium, live, people, "Data yang ditolak")
    request = file_request(app.extensions["melasti"], people.customer, now=instant(),
                           subject=office.subject)  # fmt: skip
    customer = Person(chromium, live, width=360)
    customer.logs_in(people.customer.email)
    admin = office.at("admin_layanan")
    admin.page.get_by_text("Tolak permohonan …").click()
    admin.page.fill("#reject-reason", "Surat permohonan belum ditandatangani pemohon.")
    admin.page.fill("#reject-basis", "Persyaratan pada standar pelayanan.")
    admin.page.fill("#reject-alternative", "Lengkapi tanda tangan, lalu ajukan kembali.")
    admin.presses("Tolak permohonan")
    admin.presses("Ya, lanjutkan")
    admin.sees("Pelanggan menerima alasan Anda")

    address = f"/layanan/{request.public_id}"
    customer.opens(address)
    customer.sees("Surat permohonan belum ditandatangani pemohon.")
    customer.sees("Surat Penolakan")
    customer.page.get_by_text("Ajukan keberatan …").click()
    customer.page.fill("#object-reason", "Surat sudah ditandatangani pada halaman dua.")
    customer.presses("Ajukan keberatan")
    customer.presses("Ya, lanjutkan")
    customer.sees("akan diputus oleh atasan")

    kasubag = office.at("kasubag_tu")
    kasubag.page.fill("#reopen-reason", "Tanda tangan memang ada pada halaman dua.")
    kasubag.presses("Terima keberatan dan buka kembali")
    kasubag.sees("dibuka kembali pada tahap semula")
    customer.opens(address)
    customer.sees("Menunggu verifikasi Admin Layanan")
    kinds = [event.kind for event in Event.select().where(Event.request == request)
             .order_by(Event.seq)]  # fmt: skip
    assert kinds == ["submitted", "rejected", "objected", "reopened"]
    letter = Document.get((Document.request == request) & (Document.kind == "surat_penolakan"))
    assert not letter.is_internal
    office.leaves()
    customer.leaves()


def test_acting_head_decides_on_a_phone(chromium, live, people, app):
    """Kepala Balai travels; by mandate the Kasubag acts as Plh. from a phone."""
    office = Office(chromium, live, people, "Data untuk Plh.")
    runtime = app.extensions["melasti"]
    request = file_request(runtime, people.customer, now=instant(), subject=office.subject)
    request = advance(request, people, runtime, now=instant(), until="DISPOSISI_KABALAI")
    today = instant().astimezone(ZONE).date()
    Mandate.create(
        role_code="kepala_balai", kind="plh", absent=people.kepala_balai,
        acting=people.kasubag_tu, letter="SPT-01/2026", from_on=today,
        until_on=today + timedelta(days=300), created_at=instant(),
        created_by=people.administrator,
    )  # fmt: skip
    acting = office.at("kasubag_tu", width=360)
    acting.sees("Anda bertindak sebagai Plh. Kepala Balai.")
    assert acting.page.evaluate("document.documentElement.scrollWidth") <= 360
    acting.page.fill("#complete-note", "Mohon ditindaklanjuti selama saya bertugas.")
    acting.presses("Disposisikan ke Kasubag TU")
    acting.sees("Diteruskan ke Kasubag TU")
    event = Event.select().where(Event.request == request).order_by(Event.seq.desc()).first()
    assert (event.actor_id, event.acted_for) == (people.kasubag_tu.id, "kepala_balai")
    assert event.data["power"] == "plh"
    acting = office.at("kasubag_tu")
    acting.sees("Plh. Kepala Balai")
    office.leaves()
