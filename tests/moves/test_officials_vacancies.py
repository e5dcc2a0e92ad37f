"""Who stands in where a post is vacant, and what becomes of assignments."""

import workflow
from models import Message
from moves.officials import people_for, vacant_posts
from tests.moves.official_steps import (
    complete,
    last_event,
    leave,
    mandate,
    may_complete,
    queue_of,
    wita,
)
from tests.people import make_staff
from workflow import Reader


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


def test_an_acting_official_may_be_named_and_is_not_bound_for_ever(people, runtime, request_at):
    """A vacant Ketua Tim: the substitute is named; a new Ketua Tim takes over what is left."""
    request, at = request_at("DISPOSISI_KASUBAG"), wita(30, 9)
    leave(people.ketua_tim)
    request = workflow.act(
        request, "complete", reader=Reader.at(people.kasubag_tu, at), version=request.version,
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
    request = workflow.act(
        request,
        "reject",
        reader=Reader.at(people.kepala_balai, at),
        inputs=REFUSAL,
        version=request.version,
    )
    request = workflow.act(
        request, "object", reader=Reader.at(people.customer, at), version=request.version,
        inputs={"reason": "Surat sudah ditandatangani pada halaman dua."},
    )  # fmt: skip
    assert request.waiting_role == "atasan_balai"
    assert queue_of(people.kasubag_tu, at) == [request.id]
    assert queue_of(people.kepala_balai, at) == []
    told = Message.get(Message.template == "keberatan_masuk")
    assert told.recipient_id == people.kasubag_tu.id
    assert "uphold" not in {
        c.code for c in workflow.choices(request, Reader.at(people.kepala_balai, at))
    }
    assert "uphold" in {c.code for c in workflow.choices(request, Reader.at(people.kasubag_tu, at))}
