"""Who stands in by a mandate: for which days and services."""

from datetime import datetime

import pytest

from models import Message, Request
from moves.officials import vacant_posts
from rules.formats import ZONE
from tests.moves.official_steps import (
    complete,
    last_event,
    leave,
    mandate,
    may_complete,
    queue_of,
    wita,
)
from tests.people import advance, make_staff
from workflow import Reader


def test_plh_takes_the_queue_and_the_history_says_by_what_right(people, runtime, request_at):
    request = request_at("DISPOSISI_KABALAI")
    at = wita(29, 15)
    acting = people.kasubag_tu
    assert queue_of(acting, at) == []
    letter = mandate("kepala_balai", acting, absent=people.kepala_balai)
    assert queue_of(acting, at) == [request.id]
    assert may_complete(request, people.kepala_balai, at)

    request = complete(request, acting, people, runtime, at)
    event = last_event(request)
    assert (event.actor_id, event.acted_for) == (acting.id, "kepala_balai")
    assert (event.data["power"], event.data["mandate"]) == ("plh", letter.public_id)
    # What follows is done by the same person by the own right.
    request = complete(request, acting, people, runtime, at)
    assert "power" not in last_event(request).data


def test_a_new_task_is_told_to_the_plh_instead_of_the_absent(people, runtime, request_at):
    mandate("kepala_balai", people.kasubag_tu, absent=people.kepala_balai)
    request = request_at("DISPOSISI_KABALAI")
    told = {m.recipient_id for m in Message.select().where(
        (Message.request == request) & (Message.template == "tugas_baru"))}  # fmt: skip
    assert people.kasubag_tu.id in told
    assert people.kepala_balai.id not in told


@pytest.mark.parametrize(
    ("at", "holds"),
    [
        (wita(28, 23, 59), False),
        # 00.00 WITA is still yesterday in UTC: both days count by local time.
        (wita(29, 0, 0), True),
        (wita(31, 23, 59), True),
        (datetime(2024, 8, 1, 0, 0, tzinfo=ZONE), False),
    ],
)
def test_both_days_of_a_mandate_count_in_wita(people, request_at, at, holds):
    request = request_at("DISPOSISI_KABALAI")
    mandate("kepala_balai", people.bendahara, absent=people.kepala_balai)
    assert may_complete(request, people.bendahara, at) is holds
    assert queue_of(people.bendahara, at) == ([request.id] if holds else [])


def test_a_revoked_mandate_ends_at_once(people, request_at):
    request, at = request_at("DISPOSISI_KABALAI"), wita(30, 9)
    given = mandate("kepala_balai", people.bendahara, absent=people.kepala_balai)
    assert may_complete(request, people.bendahara, at)
    given.revoked_at = at
    given.save()
    assert not may_complete(request, people.bendahara, at)
    assert queue_of(people.bendahara, at) == []


def test_a_mandate_for_one_service_leaves_the_others_alone(people, request_at):
    data, lab = request_at("DISPOSISI_KABALAI"), request_at("DISPOSISI_KABALAI", "lab", "K2")
    at = wita(30, 9)
    mandate("kepala_balai", people.bendahara, absent=people.kepala_balai, services=["lab"])
    assert [may_complete(r, people.bendahara, at) for r in (data, lab)] == [False, True]
    assert queue_of(people.bendahara, at) == [lab.id]
    assert queue_of(people.kepala_balai, at) == [data.id, lab.id]


def test_a_plt_ends_the_vacancy(people, now, request_at):
    request, at = request_at("DISPOSISI_KABALAI"), wita(30, 9)
    leave(people.kepala_balai)
    assert may_complete(request, people.kasubag_tu, at)
    mandate("kepala_balai", people.bendahara, kind="plt")
    assert vacant_posts(at) == []
    assert may_complete(request, people.bendahara, at)
    assert not may_complete(request, people.kasubag_tu, at)


def test_a_mandate_of_somebody_who_left_is_worth_nothing(people, request_at):
    request, at = request_at("DISPOSISI_KABALAI"), wita(30, 9)
    mandate("kepala_balai", people.bendahara, kind="plt")
    leave(people.kepala_balai, people.bendahara)
    assert vacant_posts(at) == ["kepala_balai", "bendahara"]
    assert may_complete(request, people.kasubag_tu, at)


def test_an_assignment_goes_with_the_plh_of_its_holder_only(app, people, request_at):
    with app.app_context():
        colleague = make_staff("pemangku_data", email="pemangku2@balai.test")
    request, at = request_at("LAPORAN_KE_PETUGAS"), wita(30, 9)
    mandate("pemangku_data", people.bendahara, absent=people.pemangku_data)
    assert may_complete(request, people.bendahara, at)
    assert not may_complete(request, colleague, at)
    assert queue_of(people.bendahara, at) == [request.id]


def test_staff_without_a_post_and_customers_have_no_powers(app, people, runtime, request_at):
    request, at = request_at("SURVEI"), wita(30, 9)
    with app.app_context():
        idle = make_staff("staf_tu", email="tanpa-pos@balai.test")
    idle.hold_posts([])
    request = advance(request, people, runtime, now=at)
    assert request.status == "done"
    # A closed request waits for nobody, which isn't the same as for somebody without a post.
    assert list(Request.visible_to(Reader.at(idle, at))) == []
    assert queue_of(idle, at) == []
    assert list(Reader.at(people.customer, at).powers) == []
