"""The office's own seal: a real PAdES signature, or a letter that waits."""

import shutil
import subprocess
from dataclasses import replace
from datetime import timedelta

import pypdf
import pytest

import tasks
import workflow
from config.settings import BadSetting, read_settings
from models import Document, DocumentFailure, Event, OutgoingLetter
from outputs.papers import failures
from outputs.papers.failures import PAUSES
from outputs.signing.none import Unsigned
from outputs.signing.p12 import OfficeSeal
from outputs.signing.registry import WAYS, chosen_way
from tests.outputs.papers.ordered_papers import SITE
from tests.outputs.signing.certificates import PASSWORD, verdict
from tests.papers import read_pdf
from tests.people import REFUSAL, enter, file_request
from workflow import Reader


@pytest.fixture
def refused(people, runtime, now):
    request = file_request(runtime, people.customer, now=now)
    return workflow.act(request, "reject", reader=Reader.at(people.admin_layanan, now),
                        inputs=REFUSAL, version=request.version)  # fmt: skip


def make(runtime, now, way) -> int:
    return tasks.make_pending_documents(runtime.storage, base_url=SITE, now=now, way=way)


def letter_of(runtime, request) -> tuple[Document, bytes]:
    row = Document.get((Document.request == request) & (Document.kind == "surat_penolakan"))
    return row, runtime.storage.open(row.sha256).read() if row.sha256 else b""


def seal(p12, password: str = PASSWORD) -> OfficeSeal:
    return OfficeSeal({"SIGNING_P12": str(p12), "SIGNING_P12_PASSWORD": password})


def test_a_letter_is_sealed_and_holds_by_an_independent_check(runtime, refused, now, p12, tmp_path):
    assert make(runtime, now, seal(p12)) == 2
    document, content = letter_of(runtime, refused)
    found = verdict(content, p12)
    assert found.intact and found.valid and found.trusted and found.bottom_line
    assert found.coverage.name == "ENTIRE_FILE"
    letter = OutgoingLetter.get(OutgoingLetter.document == document)
    assert (letter.signed_by_way, letter.signed_at) == ("pyhanko", now)
    assert "disegel secara elektronik" in read_pdf(content)[1]
    made = [event.data for event in Event.select().where(Event.kind == "document_made")]
    assert {said["document"]: said.get("signed") for said in made}[document.public_id] == "pyhanko"
    # What is no letter, like the receipt, isn't sealed.
    receipt = Document.get(Document.kind == "tanda_terima")
    with runtime.storage.open(receipt.sha256) as file:
        assert b"/ByteRange" not in file.read()
    if tool := shutil.which("pdfsig"):
        (tmp_path / "surat.pdf").write_bytes(content)
        said = subprocess.run([tool, str(tmp_path / "surat.pdf")], capture_output=True, text=True,
                              check=False)  # fmt: skip
        assert "Signature is Valid" in said.stdout


def test_a_changed_letter_is_found_out(runtime, refused, now, p12):
    make(runtime, now, seal(p12))
    _, content = letter_of(runtime, refused)
    at = content.index(b"/ByteRange") // 3
    forged = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
    try:
        assert not verdict(forged, p12).bottom_line
    except Exception as broken:
        # Or it can't even be read as a PDF any more.
        assert type(broken).__name__ in ("PdfReadError", "PdfStreamError", "ValueError")


@pytest.mark.parametrize("what", ["password", "file"])
def test_a_letter_that_cannot_be_sealed_waits(
    app, people, runtime, refused, now, p12, tmp_path, what
):
    way = seal(p12, "salah") if what == "password" else seal(tmp_path / "hilang.p12")
    assert make(runtime, now, way) == 1
    document, _ = letter_of(runtime, refused)
    assert document.sha256 == ""
    assert OutgoingLetter.get().signed_at is None
    # It isn't tried over and over; once it can be sealed, the next round after the pause makes it.
    [failed] = DocumentFailure.select()
    assert (failed.document, failed.attempts) == (document, 1)
    assert failed.next_attempt_at == now + timedelta(minutes=1)
    assert make(runtime, now + timedelta(seconds=59), seal(p12)) == 0
    assert make(runtime, failed.next_attempt_at, seal(p12)) == 1
    assert verdict(letter_of(runtime, refused)[1], p12).bottom_line
    assert not DocumentFailure.select().exists()


def test_a_letter_waits_for_its_seal_however_long_that_takes(runtime, refused, now, p12, tmp_path):
    lost, at = seal(tmp_path / "hilang.p12"), now
    make(runtime, at, lost)
    for _ in range(2 * len(PAUSES)):
        at = DocumentFailure.get().next_attempt_at
        assert make(runtime, at, lost) == 0
    assert letter_of(runtime, refused)[0].sha256 == ""
    # With the file there, within an hour by itself; by the administrator's button at once.
    assert DocumentFailure.get().next_attempt_at == at + timedelta(hours=1)
    assert make(runtime, at, seal(p12)) == 0
    assert failures.retry(now=at) == 1
    assert make(runtime, at, seal(p12)) == 1
    assert verdict(letter_of(runtime, refused)[1], p12).bottom_line


def test_without_a_way_no_paper_claims_to_be_signed(runtime, refused, now):
    make(runtime, now, Unsigned({}))
    document, content = letter_of(runtime, refused)
    assert b"/ByteRange" not in content
    assert pypdf.PdfReader(runtime.storage.path(document.sha256)).get_fields() is None
    assert "secara elektronik" not in read_pdf(content)[1]
    assert OutgoingLetter.get().signed_by_way == ""


def test_the_first_download_seals_as_well(app, people, runtime, refused, now, p12, monkeypatch):
    environ = {"SIGNING_P12": str(p12), "SIGNING_P12_PASSWORD": PASSWORD}
    settings = replace(runtime.settings, signing="pyhanko", environ=environ)
    monkeypatch.setitem(app.extensions, "melasti", replace(runtime, settings=settings))
    document, _ = letter_of(runtime, refused)
    answer = enter(app, people.customer).get(f"/dokumen/{document.public_id}")
    assert answer.status_code == 200
    assert verdict(answer.data, p12).bottom_line


def test_what_a_way_lacks_is_named_at_start(tmp_path):
    def settings(**environ: str):
        return read_settings({"DATA_DIR": str(tmp_path), **environ})

    assert chosen_way(settings()).name == "none"
    with pytest.raises(BadSetting, match="SIGNING must be one of none, pyhanko, bsre"):
        chosen_way(settings(SIGNING="materai"))
    for way in WAYS:
        for name, is_needed in way.settings:
            rest = {other: "x" for other, _ in way.settings if other != name}
            if is_needed:
                with pytest.raises(BadSetting, match=name):
                    chosen_way(settings(SIGNING=way.name, **rest))


def test_starting_loads_nothing_that_signs():
    import sys

    code = "import run, sys; sys.exit('pyhanko' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
