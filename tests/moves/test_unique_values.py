"""Values that stand in one request only: claimed once, given back, and known of old requests."""

import pytest

from models import Request, StageRecord, UniqueValue
from moves.catalogue import current_stage, flow_of
from moves.refusals import InvalidInput
from moves.side_moves import earlier_desks
from moves.unique_values import register_unique
from tests.moves.side_steps import take, wita

SAMPLE = {"jumlah": "1", "kondisi": "Baik dan lengkap"}


def receive(request: Request, people, code: str) -> Request:
    now = wita(7, 30, 10)
    return take(request, "complete", people.petugas_contoh, now, kode=code, **SAMPLE)


@pytest.fixture
def lying(at):
    return [at("TERIMA_BENDA_UJI", "lab", key=f"K{number}") for number in range(3)]


def test_what_one_request_holds_no_other_gets(people, lying):
    first, second, _ = lying
    receive(first, people, "BU-1")
    for code in ("BU-1", " bu-1 ", "Bu-1"):
        with pytest.raises(InvalidInput) as refusal:
            receive(second, people, code)
        assert refusal.value.errors == {
            "kode": f"Sudah dipakai pada permohonan {first.number}. Isi yang lain."
        }
    assert [row.request_id for row in UniqueValue.select()] == [first.id]
    receive(second, people, "BU-1.1")


def test_a_refused_move_claims_nothing(people, lying):
    with pytest.raises(InvalidInput):
        take(lying[0], "complete", people.petugas_contoh, wita(7, 30, 10), kode="BU-1",
             jumlah="0", kondisi="Baik dan lengkap")  # fmt: skip
    assert not UniqueValue.select().exists()


def test_who_does_it_again_may_keep_the_code_or_take_another(people, lying):
    first, second, _ = lying
    moved = receive(first, people, "BU-1")
    for code in ("BU-1", "BU-2"):
        ways = earlier_desks(flow_of(moved), current_stage(moved))
        here = next(words for words, desk in ways.items() if desk.code == "TERIMA_BENDA_UJI")
        given = {"to": here, "reason": "Kode benda uji keliru", "tell": "Tidak"}
        back = take(moved, "return", people.penyelia, wita(7, 30, 11), **given)
        moved = receive(back, people, code)
    assert [row.value for row in UniqueValue.select()] == ["bu-2"]
    # What was given back is free.
    receive(second, people, "BU-1")


def test_a_rule_that_is_published_later_knows_what_was_given_before(people, runtime, lying):
    for request, code in zip(lying, ("BU-1", "bu-1", "BU-3"), strict=True):
        receive(request, people, f"{code}-{request.id}")
    for record in StageRecord.select().where(StageRecord.stage_code == "TERIMA_BENDA_UJI"):
        record.inputs = {**record.inputs, "kode": record.inputs["kode"].rpartition("-")[0]}
        record.save()
    UniqueValue.delete().execute()
    for _ in range(2):
        register_unique(runtime.catalogue["lab"].flow)
        found = {row.value: row.request_id for row in UniqueValue.select()}
        # Of two that hold the same, the earlier keeps it.
        assert found == {"bu-1": lying[0].id, "bu-3": lying[2].id}
