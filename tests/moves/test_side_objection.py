"""A refusal, and the objection that the superior decides on."""

import pytest

import workflow
from models import Document, Request
from tests.moves.side_steps import REASON, kinds, offered, take, told, wita
from tests.people import (
    REFUSAL,
    make_staff,
)
from workflow import Refused

REFUSED_AT = [
    ("data", "TERIMA_ADMIN", "admin_layanan", "kasubag_tu", "kasubag_tu"),
    ("data", "VERIFIKASI_DATA", "ketua_tim", "kasubag_tu", "kasubag_tu"),
    ("advis", "DISPOSISI_KABALAI", "kepala_balai", "atasan_balai", "kasubag_tu"),
    ("lab", "KAJI_ULANG", "manajer_teknis", "kepala_balai", "kepala_balai"),
]


@pytest.mark.parametrize(("service", "stage", "refuser", "superior", "decider"), REFUSED_AT)
@pytest.mark.parametrize("decision", ["uphold", "reopen"])
def test_an_objection_is_decided_by_the_superior_of_the_refuser(
    people, at, service, stage, refuser, superior, decider, decision
):
    request = at(stage, service)
    number, assigned, due_at = request.number, request.assignee_id, request.due_at
    refused = take(request, "reject", people.staff[refuser], wita(7, 30, 10), **REFUSAL)
    assert (refused.status, refused.waiting_role) == ("rejected", "")
    assert Document.get((Document.request == refused) & (Document.kind == "surat_penolakan"))
    # Ten working days from Tuesday 30 July: Tuesday 13 August.
    [message] = told(refused, people.customer, "ditolak")
    assert message.variables["batas"] == "Selasa, 13 Agu 2024"

    objected = take(refused, "object", people.customer, wita(7, 31, 10), reason=REASON)
    assert (objected.status, objected.waiting_role) == ("rejected", superior)
    assert objected.pending_due_at == objected.stage_due_at == wita(8, 7, 10)
    assert told(objected, people.customer, "keberatan_diterima")
    assert told(objected, people.staff[decider], "keberatan_masuk")
    for name, person in people.staff.items():
        may = offered(objected, person, wita(7, 31, 11)) >= {"uphold", "reopen"}
        assert may is (name == decider), name

    decided = take(objected, decision, people.staff[decider], wita(8, 1, 10), reason=REASON)
    # Once only, whatever was decided.
    assert "object" not in offered(decided, people.customer, wita(8, 1, 11))
    if decision == "uphold":
        assert (decided.status, decided.pending, decided.waiting_role) == ("rejected", "", "")
        assert told(decided, people.customer, "keberatan_ditolak")
        return
    assert (decided.number, decided.stage_code, decided.assignee_id) == (number, stage, assigned)
    assert decided.closed_at is None
    assert kinds(decided)[-3:] == ["rejected", "objected", "reopened"]
    assert told(decided, people.customer, "dibuka_kembali")
    # From Tuesday to Thursday at the same hour the promise moved by two working days.
    assert decided.due_at > due_at
    assert decided.due_at.time() == due_at.time()
    assert "complete" in offered(decided, people.staff[refuser], wita(8, 1, 11))


def test_who_refused_never_decides_on_the_objection(app, people, at):
    """Also not by holding the superior's post as well; a colleague at that post does."""
    both = people.admin_layanan
    both.hold_posts(["admin_layanan", "kasubag_tu"])
    with app.app_context():
        colleague = make_staff("kasubag_tu", email="rekan@balai.test")
    refused = take(at("TERIMA_ADMIN"), "reject", both, wita(7, 30, 10), **REFUSAL)
    objected = take(refused, "object", people.customer, wita(7, 31, 10), reason=REASON)
    assert not {"uphold", "reopen"} & offered(objected, both, wita(7, 31, 11))
    assert {"uphold", "reopen"} <= offered(objected, colleague, wita(7, 31, 11))
    with pytest.raises(Refused):
        take(objected, "uphold", both, wita(7, 31, 11), reason=REASON)
    assert kinds(objected)[-1] == "objected"


def test_an_objection_has_ten_working_days(people, at):
    refused = take(at("TERIMA_ADMIN"), "reject", people.admin_layanan, wita(7, 30, 10), **REFUSAL)
    assert "object" in offered(refused, people.customer, wita(8, 13, 10))
    assert "object" not in offered(refused, people.customer, wita(8, 13, 10, 1))
    assert "object" not in offered(refused, people.other_customer, wita(7, 31, 9))
    with pytest.raises(Refused):
        take(refused, "object", people.customer, wita(8, 13, 10, 1), reason=REASON)


def test_a_conflict_names_officials_to_officials_only(people, at):
    request = at("DISPOSISI_KABALAI")
    stale = Request.get_by_id(request.id)
    stale.version -= 1
    for reader, is_named in ((people.customer, False), (people.kasubag_tu, True)):
        with pytest.raises(workflow.Conflict, match="baru saja diproses") as conflict:
            take(stale, "cancel", reader, wita(7, 30, 9), reason=REASON)
        assert (people.admin_layanan.name in str(conflict.value)) is is_named
