"""A report is revised after it was handed over."""

from datetime import timedelta

import pytest

from models import Document
from moves.catalogue import flow_of
from rules.formats import ZONE
from tests.moves.side_steps import REASON, SERVICES, offered, take, told
from tests.people import (
    advance,
    complete_desk,
)
from workflow import Reader


@pytest.mark.parametrize("service", SERVICES)
def test_a_revision_replaces_the_report_only_once_it_is_handed_over(
    people, runtime, now, service, at
):
    done = advance(at("SERAH_PELANGGAN", service), people, runtime, now=now + timedelta(days=1))
    number, decider = done.number, people.staff[flow_of(done).revision_role]

    def readable():
        rows = Document.visible_to(Reader.at(people.customer, now)).where(Document.is_result)
        return [row.version for row in rows.order_by(Document.id)]

    assert readable() == [1]
    later = now + timedelta(days=8)
    asked = take(done, "ask_revision", people.customer, later, pages="12", reason=REASON)
    assert (asked.status, asked.waiting_role) == ("done", flow_of(done).revision_role)
    assert told(asked, decider, "perbaikan_diminta")
    opened = take(asked, "revise", decider, later + timedelta(hours=1), reason=REASON)
    assert (opened.status, opened.revision, opened.number) == ("in_process", 1, number)
    assert opened.stage_code == flow_of(done).revision_stage
    # A revision isn't late on the day it begins.
    assert opened.stage_due_at > later and opened.due_at > later
    assert readable() == [1]
    again = opened
    while again.is_open:
        assert readable() == [1]
        later += timedelta(hours=2)
        again = complete_desk(again, people, runtime, now=later)
    assert again.status == "done"
    assert readable() == [1, 2]
    old = Document.get(Document.is_result & (Document.version == 1))
    assert old.replaced_by.version == 2
    # The survey was answered: neither asked again nor answered again.
    assert len(told(again, people.customer, "isi_survei")) == 1
    [message] = told(again, people.customer, "revisi_terbit")
    assert message.variables["versi"] == "R1"


def test_a_revision_may_be_refused_and_has_fourteen_working_days(people, runtime, now, at):
    done = advance(at("SERAH_PELANGGAN"), people, runtime, now=now)
    closed = done.closed_at.astimezone(ZONE)
    # Fourteen working days from Monday 29 July, the 17th being a Saturday: Friday 16 August.
    last = closed.replace(month=8, day=16)
    assert "ask_revision" in offered(done, people.customer, last)
    assert "ask_revision" not in offered(done, people.customer, last + timedelta(minutes=1))
    asked = take(done, "ask_revision", people.customer, last, pages="3", reason=REASON)
    refused = take(asked, "refuse_revision", people.ketua_tim, last, reason=REASON)
    assert (refused.status, refused.pending, refused.revision) == ("done", "", 0)
    assert told(refused, people.customer, "perbaikan_ditolak")
