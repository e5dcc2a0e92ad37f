"""The way to a printed document, for those who need one only now and then.

What prints (fpdf2 and what it brings along) weighs some twenty megabytes and a quarter of a
second; a process carries that from its first document on, not from its start.
"""

from collections.abc import Mapping

from models import Document
from outputs.papers.snapshot import snapshot_of


def render_document(
    document: Document,
    *,
    base_url: str,
    seal: str = "",
    signature: Mapping[str, str] | None = None,
) -> bytes:
    """Render an ordered document. Raises KeyError for an unknown kind.

    `base_url` is the address of the site, for the page where the document is checked; `seal` is
    the sentence in the foot about what it will be signed by, `signature` who signs it if that
    isn't who was to sign when it was ordered.
    """
    from outputs.papers.papers import RENDERERS

    seen = snapshot_of(document, base_url=base_url, seal=seal)
    if signature and seen.letter:
        seen.letter.signature = dict(signature)
    return RENDERERS[document.kind](seen)


def render_sample(title: str, text: str) -> bytes:
    """A one-page PDF for the demo data."""
    from outputs.papers.papers import sample

    return sample(title, text)
