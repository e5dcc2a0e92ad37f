"""Papers that a request has ordered, made and read."""

import pypdf

import workflow
from models import Document, Request
from moves.catalogue import current_stage
from outputs.papers.documents import render_document
from tests.papers import read_pdf
from tests.people import inputs_for
from workflow import Reader

SITE = "https://melasti.balai.test"


SECRET = "Catatan intern: pemohon belum membayar denda."


def ordered(request: Request, kind: str, version: int = 1) -> Document:
    return Document.get(
        (Document.request == request) & (Document.kind == kind) & (Document.version == version)
    )


def read(document: Document) -> tuple[pypdf.PdfReader, str]:
    """(the rendered PDF, its text in one line)."""
    return read_pdf(render_document(document, base_url=SITE))


def complete(request: Request, people, runtime, *, at, actor=None, **given) -> Request:
    """Complete the stage at which a request lies, with sample inputs where none are given."""
    stage = current_stage(request)
    inputs = inputs_for(stage, people, runtime, request, at) | given
    return workflow.act(
        request,
        "complete",
        reader=Reader.at(actor or people.staff.get(stage.role, request.customer), at),
        inputs=inputs,
        version=request.version,
    )
