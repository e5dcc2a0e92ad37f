"""A history that was changed in the database itself: what of it the check of the chain tells.

An end that was cut off, and a chain counted anew, it can't tell without a key or a second place.
"""

from datetime import timedelta

import pytest

from administration.audit import verify_history
from models import Event
from tests.people import advance, file_request

pytestmark = pytest.mark.fault


@pytest.fixture
def walked(people, runtime, now):
    """A request with a history from filing to the end, beside one of somebody else."""
    file_request(runtime, people.other_customer, now=now, key="K2")
    request = file_request(runtime, people.customer, now=now)
    return advance(request, people, runtime, now=now)


def event(request, seq: int):
    return (Event.request == request) & (Event.seq == seq)


CHANGES = {
    "kind": lambda found, people: {"kind": "stage_returned"},
    "actor": lambda found, people: {"actor": people.admin_layanan.id},
    "no actor": lambda found, people: {"actor": None},
    "earlier": lambda found, people: {"at": found.at - timedelta(days=1)},
    "a second later": lambda found, people: {"at": found.at + timedelta(seconds=1)},
    "data": lambda found, people: {"data": {**found.data, "inputs": "0" * 64}},
    "no data": lambda found, people: {"data": {}},
    "stage": lambda found, people: {"stage_code": "TERIMA_ADMIN"},
    "its digest": lambda found, people: {"hash": "0" * 64},
    "the digest before": lambda found, people: {"prev_hash": "0" * 64},
    "its place": lambda found, people: {"seq": 1000},
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("seq", [1, 3])
def test_a_changed_event(people, walked, change, seq):
    assert verify_history()[1] == []
    found = Event.get(event(walked, seq))
    given = CHANGES[change](found, people)
    if given == {name: getattr(found, name) for name in given}:
        return
    assert Event.update(given).where(event(walked, seq)).execute() == 1
    assert verify_history()[1] == [f"request:{walked.public_id}"]


@pytest.mark.parametrize("seq", [1, 2, 5])
def test_a_deleted_event(walked, seq):
    assert Event.delete().where(event(walked, seq)).execute() == 1
    assert verify_history()[1] == [f"request:{walked.public_id}"]


def test_an_event_put_in_between(walked):
    found = Event.get(event(walked, 4))
    last = Event.select().where(Event.request == walked).count()
    copied = dict(found.__data__) | {"seq": last + 1}
    del copied["id"]
    Event.insert(copied).execute()
    assert verify_history()[1] == [f"request:{walked.public_id}"]


def test_events_that_changed_places(walked):
    Event.update(seq=1000).where(event(walked, 2)).execute()
    Event.update(seq=2).where(event(walked, 3)).execute()
    Event.update(seq=3).where(event(walked, 1000)).execute()
    assert verify_history()[1] == [f"request:{walked.public_id}"]
