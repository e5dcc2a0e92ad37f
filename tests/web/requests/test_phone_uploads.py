"""Files as telephones send them: of another type, without an end, under any name."""

import io

import pytest

from models import RequestDraft
from tests.people import enter, pdf, post
from tests.story_forms import FORM
from workflow import ATTACHMENT


@pytest.mark.parametrize(
    ("name", "media_type", "kept"),
    [
        ("surat.pdf", "application/octet-stream", "surat.pdf"),
        ("surat.pdf", "application/x-pdf", "surat.pdf"),
        ("surat.pdf", "", "surat.pdf"),
        ("SURAT.PDF", "application/pdf", "SURAT.pdf"),
        ("surat", "application/pdf", "surat.pdf"),
        ("msf:1000012345", "application/pdf", "msf-1000012345.pdf"),
        (".pdf", "application/pdf", "dokumen.pdf"),
        ("x" * 300 + ".pdf", "application/pdf", "x" * 120 + ".pdf"),
        ("C:/Users/Made/Surat “baru”.pdf", "application/pdf", "Surat-baru.pdf"),
        ("../../surat.pdf", "application/pdf", "surat.pdf"),
        ("IMG_0001 (1).pdf", "image/jpeg", "IMG_0001-(1).pdf"),
        ("fdp.\u202etarus.pdf", "application/pdf", "fdp.tarus.pdf"),
    ],
)
def test_a_letter_is_taken_by_its_content(app, people, name, media_type, kept):
    client = enter(app, people.customer)
    file = (io.BytesIO(pdf()), name, media_type) if media_type else (io.BytesIO(pdf()), name)
    assert post(client, "/ajukan", {**FORM, "file": file}).status_code == 302
    assert RequestDraft.get().files[ATTACHMENT][2] == kept
