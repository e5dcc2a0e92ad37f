"""A request goes back to an earlier desk."""

import pytest

import workflow
from models import Event, Message, Request
from moves.catalogue import flow_of
from rules.timeline import completed_stages
from tests.moves.side_steps import REASON, take, told, wita
from tests.people import (
    complete_desk,
)
from workflow import InvalidInput, Reader


def told_customer(request: Request) -> int:
    return Message.select().where(Message.recipient == request.customer_id).count()


@pytest.mark.parametrize("is_told", [True, False])
def test_a_return_is_told_to_the_customer_only_when_asked(people, at, is_told):
    request = at("VERIFIKASI_DATA")
    before = told_customer(request)
    choice = next(c for c in workflow.choices(request, Reader.at(people.ketua_tim, wita(7, 30, 9)))
                  if c.code == "return")  # fmt: skip
    nearest, *_, farthest = choice.inputs[0].options
    assert nearest.startswith("5.") and farthest.startswith("2.")
    with pytest.raises(InvalidInput):
        take(request, "return", people.ketua_tim, wita(7, 30, 9), to="9. Surga", reason=REASON,
             tell="Tidak")  # fmt: skip
    back = take(request, "return", people.ketua_tim, wita(7, 30, 9), to=farthest, reason=REASON,
                tell="Ya" if is_told else "Tidak")  # fmt: skip
    assert told_customer(back) - before == (1 if is_told else 0)
    assert told(back, people.admin_layanan, "dikembalikan_petugas")
    assert (back.number, back.stage_code, back.status) == (
        request.number, "TERIMA_ADMIN", "in_process")  # fmt: skip
    history = list(Event.select().where(Event.request == back).order_by(Event.seq))
    assert list(completed_stages(flow_of(back), history)) == ["PENGAJUAN"]


def test_what_is_accepted_again_keeps_its_number_and_says_it_once(people, runtime, at):
    request = at("DISPOSISI_KABALAI")
    [way] = (
        next(
            c
            for c in workflow.choices(request, Reader.at(people.kepala_balai, wita(7, 30, 9)))
            if c.code == "return"
        )
        .inputs[0]
        .options
    )
    back = take(request, "return", people.kepala_balai, wita(7, 30, 9), to=way, reason=REASON,
                tell="Tidak")  # fmt: skip
    again = complete_desk(back, people, runtime, now=wita(7, 30, 10))
    assert again.number == request.number
    assert len(told(again, people.customer, "permintaan_bernomor")) == 1


def test_two_turns_of_one_post_are_two_places_to_go_back_to(people, at):
    request = at("PERSIAPAN", "lab")
    ways = next(c for c in workflow.choices(request, Reader.at(people.penyelia, wita(7, 30, 9)))
                if c.code == "return").inputs[0].options  # fmt: skip
    turns = [way for way in ways if "Pembayaran" in way]
    assert [way.partition("giliran ")[2][0] for way in turns] == ["3", "1"]
    back = take(request, "return", people.penyelia, wita(7, 30, 9), to=turns[0], reason=REASON,
                tell="Tidak")  # fmt: skip
    assert (back.stage_code, back.step) == ("PEMBAYARAN", 2)
