"""Who asks is an argument: a scope takes a person with all rights at an instant, or nothing."""

from datetime import date

import pytest

from models import Document, ExportJob, Mandate, Printout, Remark, Request, SavedView, User
from tests.people import file_request
from workflow import Reader

SCOPES = (
    Request.visible_to,
    Request.waiting_for,
    Document.visible_to,
    Remark.visible_to,
    Printout.visible_to,
    SavedView.visible_to,
    ExportJob.visible_to,
    User.customers_visible_to,
)


@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: scope.__qualname__)
def test_a_bare_person_is_refused(people, scope):
    for person in (people.customer, people.kepala_balai, None):
        with pytest.raises(TypeError, match="Reader.at"):
            scope(person)


def test_a_reader_is_frozen(people, now):
    reader = Reader.at(people.kepala_balai, now)
    with pytest.raises(AttributeError):
        reader.powers = ()


def test_a_mandate_widens_what_the_reader_sees_and_may(people, runtime, now):
    """The same scope answers less without it: nothing is hidden in the person."""
    filed = file_request(runtime, people.customer, now=now)
    Mandate.create(
        role_code="kepala_balai", kind="plh", absent=people.kepala_balai, acting=people.penguji,
        letter="SPT-01/2024", from_on=date(2024, 7, 29), until_on=date(2024, 7, 29),
        created_at=now,
    )  # fmt: skip
    acting = Reader.at(people.penguji, now)
    assert list(Request.visible_to(acting)) == [filed]
    assert acting.may("skm_lock") and not acting.may_by_own_post("skm_lock")
    assert (acting.held, acting.posts) == ({"penguji"}, {"penguji", "kepala_balai"})
    later = Reader.at(people.penguji, now.replace(day=30))
    assert list(Request.visible_to(later)) == []
    assert not later.may("skm_lock")


def test_equal_rights_are_equal_readers(people, now):
    """Prepared queries are kept by the reader; the instant isn't what changes their rows."""
    one, same = (Reader.at(people.penguji, at) for at in (now, now.replace(minute=58)))
    assert (one, hash(one)) == (same, hash(same))
    assert one != Reader.at(people.penyelia, now)


def test_who_left_may_nothing(people, now):
    people.kepala_balai.active = False
    people.kepala_balai.save()
    reader = Reader.at(people.kepala_balai, now)
    assert (reader.powers, reader.turns, reader.roster) == ((), (), None)
