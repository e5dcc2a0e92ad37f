"""What is missing is asked of the customer: the clock stands, reminders come, then it expires."""

from datetime import datetime, timedelta

import pytest

import tasks
from config.background import huey
from models import Document, Request, RequestDraft
from moves import completions
from moves.catalogue import current_stage
from tests.moves.side_steps import (
    REASON,
    clock_stands,
    kinds,
    last_event,
    offered,
    take,
    told,
    wita,
)
from tests.people import (
    enter,
    post,
    stored,
)
from workflow import InvalidInput, Refused

ASKED_AT = [
    ("data", "TERIMA_ADMIN"),
    ("data", "VERIFIKASI_DATA"),
    ("advis", "KAJI_PERMINTAAN"),
    ("lab", "TERIMA_BENDA_UJI"),
]


@pytest.mark.parametrize(("service", "stage"), ASKED_AT)
def test_completion_stops_the_clock_and_comes_back_to_who_asked(
    people, runtime, at, service, stage
):
    request = at(stage, service)
    holder, assigned = people.staff[current_stage(request).role], request.assignee_id
    asked = take(request, "ask_completion", holder, wita(7, 30, 10), days="5",
                 items="- Dokumen Pendukung: belum bertanda tangan\n- Peta lokasi")  # fmt: skip
    assert (asked.status, asked.waiting_role) == ("needs_completion", "pelanggan")
    # Five working days from Tuesday 10.00: Wed, Thu, Fri, Mon, Tuesday.
    assert asked.pending_due_at == wita(8, 6, 10)
    assert clock_stands(asked)
    [message] = told(asked, people.customer, "perlu_dilengkapi")
    assert message.variables["daftar"] == "Dokumen Pendukung: belum bertanda tangan; Peta lokasi"
    assert message.variables["batas"] == "Selasa, 6 Agu 2024"
    assert "complete" not in offered(asked, holder, wita(7, 30, 11))
    with pytest.raises(Refused):
        take(asked, "give_completion", people.other_customer, wita(7, 31, 9))
    with pytest.raises(InvalidInput) as missing:
        take(asked, "give_completion", people.customer, wita(7, 31, 9))
    assert set(missing.value.errors) == {"file", "file2"}

    given = take(asked, "give_completion", people.customer, wita(8, 1, 10),
                 file=stored(runtime, name="baru.pdf"), answer2="Ada di surat.")  # fmt: skip
    assert (given.stage_code, given.assignee_id) == (stage, assigned)
    assert not clock_stands(given)
    # It stood for two working days and no minute; the promise moves by that.
    whole_days_later = (given.due_at - asked.due_at).days
    assert whole_days_later == (4 if service == "data" else 2)
    assert given.due_at.time() == asked.due_at.time()
    versions = Document.select().where(
        (Document.request == given) & (Document.kind == "pendukung")
    ).order_by(Document.version)  # fmt: skip
    assert [(v.version, v.replaced_by_id is None) for v in versions] == [(1, False), (2, True)]
    assert told(given, holder, "kelengkapan_diterima")
    assert kinds(given)[-2:] == ["completion_asked", "completion_given"]
    assert offered(given, holder, wita(8, 1, 10)) >= {"complete"}


def test_completion_may_be_withdrawn_by_who_may_ask(people, at):
    asked = take(at("TERIMA_ADMIN"), "ask_completion", people.admin_layanan, wita(7, 30, 10),
                 days="5", items="Surat bertanda tangan")  # fmt: skip
    with pytest.raises(Refused):
        take(asked, "withdraw_completion", people.kepala_balai, wita(7, 30, 11), reason=REASON)
    back = take(asked, "withdraw_completion", people.admin_layanan, wita(7, 30, 11), reason=REASON)
    assert (back.pending, back.status) == ("", "waiting_verification")
    assert not clock_stands(back)
    assert told(back, people.customer, "tahap_dilanjutkan")


def ticks(first: datetime, last: datetime):
    while first <= last:
        yield first
        first += timedelta(hours=3)


def test_reminders_come_two_working_days_before_and_on_the_day_once_each(people, asked):
    for moment in ticks(wita(7, 30, 10, 7), wita(8, 6, 11, 7)):
        for _ in range(2):
            completions.remind_of_completions(now=moment)
    reminders = told(asked, people.customer, "pengingat_lengkapi")
    # Friday is two working days before Tuesday; not in the night but from 07.00 on.
    assert [m.created_at for m in reminders] == [wita(8, 2, 7, 7), wita(8, 6, 7, 7)]
    assert {m.variables["batas"] for m in reminders} == {"Selasa, 6 Agu 2024"}
    # What the gateway can't deliver by then isn't sent any more.
    assert {m.expires_at for m in reminders} == {wita(8, 6, 10)}


def test_a_reminder_missed_in_a_downtime_is_sent_while_it_still_helps(people, asked):
    completions.remind_of_completions(now=wita(8, 5, 9))
    completions.remind_of_completions(now=wita(8, 20, 9))
    assert len(told(asked, people.customer, "pengingat_lengkapi")) == 1


def test_no_reminder_after_the_completion_came_and_new_ones_for_a_second_asking(
    people, runtime, asked
):
    given = take(asked, "give_completion", people.customer, wita(7, 31, 9), file=stored(runtime))
    completions.remind_of_completions(now=wita(8, 2, 9))
    assert told(given, people.customer, "pengingat_lengkapi") == []
    take(given, "ask_completion", people.admin_layanan, wita(8, 2, 9), days="3", items="Peta lagi")
    # Three working days from Friday: Wednesday 7 August; two before it is Monday.
    completions.remind_of_completions(now=wita(8, 5, 9))
    assert len(told(given, people.customer, "pengingat_lengkapi")) == 1


def test_expiry_waits_for_the_grace_and_happens_once(people, runtime, asked):
    """Three working days after Tuesday 6 August 10.00: Friday 9 August 10.00."""
    assert completions.expire_overdue(now=wita(8, 9, 10)) == 0
    assert "give_completion" in offered(asked, people.customer, wita(8, 9, 10))
    assert completions.expire_overdue(now=wita(8, 9, 10, 1)) == 1
    assert completions.expire_overdue(now=wita(8, 9, 10, 1)) == 0
    request = Request.get_by_id(asked.id)
    assert (request.status, request.waiting_role, request.pending) == ("expired", "", "")
    assert not clock_stands(request)
    assert (last_event(request).kind, last_event(request).actor_id) == ("expired", None)
    [message] = told(request, people.customer, "kedaluwarsa")
    assert message.variables["batas"] == "Selasa, 6 Agu 2024"
    # It had no number yet, and a dash is no name.
    assert message.variables["nomor"] == "“Uji Coba Layanan Data”"
    with pytest.raises(Refused):
        take(request, "give_completion", people.customer, wita(8, 9, 11), file=stored(runtime))


def test_the_alarm_clock_minds_completions_every_hour(people, asked):
    """The real task on the real clock: that the asking lies years back closes it at once."""
    task = tasks.follow_up_completions
    assert task.task_class in huey._registry.periodic_tasks or any(
        isinstance(entry, task.task_class) for entry in huey._registry.periodic_tasks
    )
    due = [minute for minute in range(60) if task.task_class().validate_datetime(
        datetime(2026, 1, 1, 5, minute))]  # fmt: skip
    assert due == [7]
    for _ in range(2):
        task.call_local()
    assert Request.get_by_id(asked.id).status == "expired"
    assert kinds(asked).count("expired") == 1


def test_an_expired_request_is_filed_again_from_a_copy(app, people, asked):
    completions.expire_overdue(now=wita(8, 20, 9))
    client = enter(app, people.customer)
    page = post(client, f"/layanan/{asked.public_id}/salin", follow_redirects=True)
    assert page.status_code == 200
    draft = RequestDraft.get()
    assert draft.answers["subject"] == asked.subject
    assert list(draft.files) == ["pendukung"]
    stranger = enter(app, people.other_customer)
    assert post(stranger, f"/layanan/{asked.public_id}/salin").status_code == 404


def test_a_decision_that_is_awaited_is_no_completion_to_remind_of(people, at):
    asked = take(at("PERSIAPAN", "lab"), "ask_cancel", people.customer, wita(7, 30, 10),
                 reason=REASON)  # fmt: skip
    assert asked.pending_due_at is not None
    assert completions.remind_of_completions(now=wita(8, 5, 10)) == 0
    assert told(asked, people.customer, "pengingat_lengkapi") == []
