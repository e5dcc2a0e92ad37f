"""Which version of a service is on offer."""

from datetime import timedelta

from models import FlowVersion
from moves.catalogue import newest_versions


def version(people, digest: str, published_at=None) -> FlowVersion:
    """By somebody, as those are that go with the test."""
    newest = newest_versions(["data"])["data"]
    return FlowVersion.create(service_code="data", digest=digest, definition=newest.definition,
                              created_at=newest.created_at, published_at=published_at,
                              published_by=people.administrator)  # fmt: skip


def test_the_newest_published_version_is_on_offer_and_a_draft_is_not(people, runtime, now):
    before = newest_versions(["data", "advis"])
    assert set(before) == {"data", "advis"}
    version(people, "belum")
    assert newest_versions(["data"])["data"] == before["data"]
    later = version(people, "baru", published_at=now + timedelta(days=4000))
    version(people, "lama", published_at=now - timedelta(days=4000))
    assert newest_versions(["data"]) == {"data": later}


def test_nothing_is_on_offer_of_services_that_nobody_asked_for(app, db, runtime):
    assert newest_versions([]) == {}
    assert newest_versions(["tidak-ada"]) == {}
