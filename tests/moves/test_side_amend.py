"""Scope, offer, day and bill are changed while a request is on its way."""

from datetime import UTC, datetime

import pytest

from models import Billing
from moves.catalogue import current_stage
from moves.sides import SIDES
from rules.formats import ZONE
from tests.moves.side_steps import (
    REASON,
    clock_stands,
    last_event,
    offered,
    rows_of,
    take,
    told,
    wita,
)
from tests.people import (
    inputs_for,
)
from workflow import InvalidInput, Refused

AMENDED_AT = [
    ("data", "VERIFIKASI_DATA", "ketua_tim"),
    ("advis", "ANALISIS", "ketua_tim"),
    ("lab", "PENGUJIAN", "manajer_teknis"),
]


@pytest.mark.parametrize(("service", "stage", "by"), AMENDED_AT)
@pytest.mark.parametrize("answer", ["agree_amendment", "decline_amendment", "withdraw_amendment"])
def test_a_changed_scope_needs_the_customers_renewed_agreement(
    people, at, service, stage, by, answer
):
    request = at(stage, service)
    review = [e.options for e in SIDES["amend"].inputs if e.name == "review"][0]
    with pytest.raises(InvalidInput) as missing:
        take(request, "amend", people.staff[by], wita(7, 30, 10), scope="Lingkup yang lebih luas")
    assert "review" in missing.value.errors
    offer = take(request, "amend", people.staff[by], wita(7, 30, 10),
                 scope="Lingkup yang lebih luas", review=list(review),
                 finish_on="2025-03-03")  # fmt: skip
    assert (offer.status, offer.waiting_role) == ("waiting_customer", "pelanggan")
    assert clock_stands(offer)
    assert told(offer, people.customer, "butuh_persetujuan")
    by_whom = people.staff[by] if answer == "withdraw_amendment" else people.customer
    with pytest.raises(Refused):
        take(offer, answer, people.other_customer, wita(7, 31, 10), reason=REASON)
    answered = take(offer, answer, by_whom, wita(7, 31, 10), reason=REASON)
    assert (answered.stage_code, answered.assignee_id) == (stage, request.assignee_id)
    assert not clock_stands(answered)
    if answer == "agree_amendment":
        # The agreed day ends when the office closes: 16.00 WITA.
        assert answered.due_at == datetime(2025, 3, 3, 16, tzinfo=ZONE)
        assert last_event(answered).data["contract"] == 2
    else:
        assert answered.agreed_due_on == request.agreed_due_on
        assert answered.due_at.date() < datetime(2025, 3, 3, tzinfo=UTC).date()


@pytest.mark.parametrize(
    ("service", "stage", "back_to"),
    [("advis", "KESEPAKATAN", "KAJI_PERMINTAAN"), ("lab", "KONTRAK", "PENAWARAN")],
)
def test_a_customer_may_ask_for_another_offer(people, at, service, stage, back_to):
    request = at(stage, service)
    back = take(request, "negotiate", people.customer, wita(7, 30, 10), reason=REASON)
    assert back.stage_code == back_to
    holder = people.staff[current_stage(back).role]
    assert told(back, holder, "pelanggan_meminta_perubahan")
    assert not clock_stands(back)


def test_a_day_that_has_passed_is_neither_offered_nor_agreed(people, runtime, at):
    offer = at("PENAWARAN", "lab")
    given = inputs_for(current_stage(offer), people, runtime, offer, wita(7, 30, 9))
    with pytest.raises(InvalidInput) as wrong:
        take(offer, "complete", people.admin_layanan, wita(7, 30, 9),
             **given | {"finish_on": "2024-07-30"})  # fmt: skip
    assert set(wrong.value.errors) == {"finish_on"}
    contract = take(offer, "complete", people.admin_layanan, wita(7, 30, 9),
                    **given | {"finish_on": "2024-07-31"})  # fmt: skip
    signed = inputs_for(current_stage(contract), people, runtime, contract, wita(8, 1, 9))
    before = rows_of(contract)
    with pytest.raises(Refused, match="31 Jul 2024, sudah lewat"):
        take(contract, "complete", people.customer, wita(8, 1, 9), **signed)
    assert rows_of(contract) == before
    assert "negotiate" in offered(contract, people.customer, wita(8, 1, 9))
    agreed = take(contract, "complete", people.customer, wita(7, 31, 9), **signed)
    assert agreed.due_at == wita(7, 31, 16)


def test_a_bill_that_ran_out_is_issued_anew_and_the_old_code_is_replaced(people, runtime, at):
    request = at("PEMBAYARAN/2", "lab")
    back = take(request, "reissue_billing", people.bendahara, wita(7, 30, 10), reason=REASON)
    assert (back.stage_code, back.step) == ("PEMBAYARAN", 0)
    given = inputs_for(current_stage(back), people, runtime, back, wita(7, 30, 11))
    used = Billing.get().code
    with pytest.raises(InvalidInput, match="ditandai"):
        take(back, "complete", people.bendahara, wita(7, 30, 11), **given | {"billing": used})
    take(back, "complete", people.bendahara, wita(7, 30, 11), **given)
    bills = list(Billing.select().order_by(Billing.id))
    assert [bill.replaced_at is None for bill in bills] == [False, True]


def test_a_payment_is_noted_on_the_bill_in_force_of_its_own_request(people, runtime, at):
    other = at("PEMBAYARAN/2", "lab", key="LAIN")
    own = at("PEMBAYARAN/2", "lab")
    own = take(own, "reissue_billing", people.bendahara, wita(7, 30, 10), reason=REASON)
    for minute, who in enumerate((people.bendahara, people.customer, people.bendahara)):
        now = wita(7, 30, 11, minute)
        given = inputs_for(current_stage(own), people, runtime, own, now)
        own = take(own, "complete", who, now, **given)
    bills = Billing.select().order_by(Billing.id)
    said = [(bill.request_id, bool(bill.ntpn), bool(bill.replaced_at)) for bill in bills]
    assert sorted(said) == sorted(
        [(other.id, False, False), (own.id, False, True), (own.id, True, False)]
    )
