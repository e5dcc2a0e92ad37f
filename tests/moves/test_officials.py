"""Acting officials: who may act at a moment, whose queue it is, and who is told."""

from datetime import UTC, date, datetime

import pytest

import workflow
from models import Event, Mandate, Message, Request, User
from moves.catalogue import current_stage
from moves.officials import empower, people_for, powers_of, vacant_posts
from rules.formats import ZONE
from tests.people import advance, file_request, inputs_for, make_staff

FROM, UNTIL = date(2024, 7, 29), date(2024, 7, 31)


def mandate(role, acting, *, absent=None, kind="plh", from_on=FROM, until_on=UNTIL, services=()):
    return Mandate.create(
        role_code=role, kind=kind, absent=absent, acting=acting, letter="SPT-01/2024",
        from_on=from_on, until_on=until_on, services=list(services),
        created_at=datetime(2024, 7, 1, tzinfo=UTC),
    )  # fmt: skip


def wita(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2024, 7, day, hour, minute, tzinfo=ZONE)


def leave(*users) -> None:
    for user in users:
        user.active = False
        user.save()


def queue_of(user, at) -> list[int]:
    """Ids of what waits for somebody, by the query and by the rule for rows alike."""
    user = User.get_by_id(user.id)
    empower(user, at)
    waiting = [request.id for request in Request.waiting_for(user).order_by(Request.id)]
    running = Request.select().where(Request.waiting_role != "").order_by(Request.id)
    assert waiting == [r.id for r in running
                       if user.has_turn(r.waiting_role, r.service_code, r.assignee_id)]  # fmt: skip
    return waiting


def may_complete(request, user, at) -> bool:
    return "complete" in {choice.code for choice in workflow.choices(request, user, at)}


def complete(request, user, people, runtime, at):
    given = inputs_for(current_stage(request), people, runtime, request, at)
    return workflow.act(
        request, "complete", actor=user, inputs=given, version=request.version, now=at
    )


def last_event(request) -> Event:
    return Event.select().where(Event.request == request).order_by(Event.seq.desc()).first()


@pytest.fixture
def request_at(people, runtime, now):
    """A request of a service that lies at a stage."""

    def make(stage, service="data", key="K1"):
        filed = file_request(runtime, people.customer, now=now, service=service, key=key)
        return advance(filed, people, runtime, now=now, until=stage)

    return make


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


def test_a_vacant_post_with_a_mandate_for_one_service_falls_to_its_substitute_in_the_others(
    people, request_at
):
    """Kepala Balai is gone; a Plt. covers the laboratory, Kasubag TU stands in for the rest."""
    data, lab = request_at("DISPOSISI_KABALAI"), request_at("DISPOSISI_KABALAI", "lab", "K2")
    at = wita(30, 9)
    mandate("kepala_balai", people.bendahara, kind="plt", services=["lab"])
    leave(people.kepala_balai)
    assert [may_complete(r, people.bendahara, at) for r in (data, lab)] == [False, True]
    assert [may_complete(r, people.kasubag_tu, at) for r in (data, lab)] == [True, False]
    assert queue_of(people.kasubag_tu, at) == [data.id]
    assert queue_of(people.bendahara, at) == [lab.id]


def test_a_vacant_post_falls_to_the_next_living_substitute(people, runtime, request_at):
    """penguji -> penyelia -> manajer_teknis: whoever is there."""
    request = request_at("PENGUJIAN", "lab")
    at = wita(30, 9)
    assert vacant_posts(at) == []
    leave(people.penguji)
    assert vacant_posts(at) == ["penguji"]
    assert may_complete(request, people.penyelia, at)
    assert queue_of(people.penyelia, at) == [request.id]
    assert queue_of(people.manajer_teknis, at) == []
    leave(people.penyelia)
    assert may_complete(request, people.manajer_teknis, at)
    request = complete(request, people.manajer_teknis, people, runtime, at)
    assert last_event(request).data["power"] == "substitute"
    assert last_event(request).acted_for == "penguji"


def test_substitutes_of_each_other_do_not_turn_in_circles(people, now):
    """Kepala Balai and Kasubag TU stand in for each other; without both nobody is asked."""
    leave(people.kepala_balai, people.kasubag_tu)
    assert people_for("kepala_balai", now) == []
    assert {"kepala_balai", "kasubag_tu"} <= set(vacant_posts(now))


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


def test_an_assignment_comes_free_when_its_holder_leaves(app, people, runtime, request_at):
    """Another official of the post takes it over without anybody moving it by hand."""
    with app.app_context():
        colleague = make_staff("pemangku_data", email="pemangku2@balai.test")
    request, at = request_at("LAPORAN_KE_PETUGAS"), wita(30, 9)
    assert request.assignee_id == people.pemangku_data.id
    assert not may_complete(request, colleague, at)
    assert queue_of(colleague, at) == []
    people.pemangku_data.hold_posts(["staf_tu"])
    assert may_complete(request, colleague, at)
    assert queue_of(colleague, at) == [request.id]
    assert colleague.id in {user.id for user in people_for("pemangku_data", at)}
    assert not may_complete(request, people.pemangku_data, at)


def test_an_assignment_goes_with_the_plh_of_its_holder_only(app, people, request_at):
    with app.app_context():
        colleague = make_staff("pemangku_data", email="pemangku2@balai.test")
    request, at = request_at("LAPORAN_KE_PETUGAS"), wita(30, 9)
    mandate("pemangku_data", people.bendahara, absent=people.pemangku_data)
    assert may_complete(request, people.bendahara, at)
    assert not may_complete(request, colleague, at)
    assert queue_of(people.bendahara, at) == [request.id]


def test_an_acting_official_may_be_named_and_is_not_bound_for_ever(people, runtime, request_at):
    """A vacant Ketua Tim: the substitute is named; a new Ketua Tim takes over what is left."""
    request, at = request_at("DISPOSISI_KASUBAG"), wita(30, 9)
    leave(people.ketua_tim)
    request = workflow.act(
        request, "complete", actor=people.kasubag_tu, version=request.version, now=at,
        inputs={"ketua_tim": people.kasubag_tu.public_id},
    )  # fmt: skip
    assert request.assignee_id == people.kasubag_tu.id
    assert queue_of(people.kasubag_tu, at) == [request.id]
    people.bendahara.hold_posts(["ketua_tim"])
    assert may_complete(request, people.bendahara, at)
    assert queue_of(people.bendahara, at) == [request.id]
    assert not may_complete(request, people.kasubag_tu, at)


def test_an_objection_against_the_head_waits_for_whoever_stands_in_for_the_superior(
    people, runtime, request_at
):
    """Nobody holds the post above Kepala Balai: the one who decides sees it in the queue."""
    from tests.people import REFUSAL

    request, at = request_at("DISPOSISI_KABALAI"), wita(30, 9)
    request = workflow.act(request, "reject", actor=people.kepala_balai, inputs=REFUSAL,
                           version=request.version, now=at)  # fmt: skip
    request = workflow.act(
        request, "object", actor=people.customer, version=request.version, now=at,
        inputs={"reason": "Surat sudah ditandatangani pada halaman dua."},
    )  # fmt: skip
    assert request.waiting_role == "atasan_balai"
    assert queue_of(people.kasubag_tu, at) == [request.id]
    assert queue_of(people.kepala_balai, at) == []
    told = Message.get(Message.template == "keberatan_masuk")
    assert told.recipient_id == people.kasubag_tu.id
    assert "uphold" not in {c.code for c in workflow.choices(request, people.kepala_balai, at)}
    assert "uphold" in {c.code for c in workflow.choices(request, people.kasubag_tu, at)}


def test_staff_without_a_post_and_customers_have_no_powers(app, people, runtime, request_at):
    request, at = request_at("SURVEI"), wita(30, 9)
    with app.app_context():
        idle = make_staff("staf_tu", email="tanpa-pos@balai.test")
    idle.hold_posts([])
    request = advance(request, people, runtime, now=at)
    assert request.status == "done"
    # A closed request waits for nobody, which isn't the same as for somebody without a post.
    assert list(Request.visible_to(idle)) == []
    assert queue_of(idle, at) == []
    assert list(powers_of(people.customer, at)) == []
