"""What can't be done, however often it is tried, keeps nobody else waiting."""

import pytest

from models import Document
from tasks import ending, make_pending_documents
from tests.people import advance, file_request

pytestmark = pytest.mark.fault


@pytest.mark.parametrize("seconds", [0, 3])
def test_documents_that_cannot_be_made(people, runtime, now, seconds, caplog):
    request = file_request(runtime, people.customer, now=now)
    advance(request, people, runtime, now=now)
    pending = list(Document.select().where(Document.sha256 == "").order_by(Document.id))
    assert len(pending) >= 2
    bad = pending[0]
    Document.update(kind="tidak_ada").where(Document.id == bad.id).execute()
    for _ in range(1 + seconds):
        make_pending_documents(runtime.storage, base_url="http://localhost", now=now)
    left = Document.select().where(Document.sha256 == "")
    assert [each.id for each in left] == [bad.id]
    assert bad.public_id in caplog.text


def test_who_is_to_end_begins_no_further_paper(people, runtime, now):
    """A stop under load waits for the paper in hand, never for all that were ordered."""
    for number in range(3):
        file_request(runtime, people.customer, now=now, key=f"K{number}")
    told = {"base_url": "http://localhost", "now": now}
    ending.set()
    try:
        assert make_pending_documents(runtime.storage, **told) == 0
    finally:
        ending.clear()
    assert make_pending_documents(runtime.storage, **told) == 3
