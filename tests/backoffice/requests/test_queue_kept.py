"""Work stays in view: what one worked on, what a post keeps, and what may still be asked of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

import workflow
from config.office import office
from models import Billing, Document, Participation, Remark, Request
from moves import officials
from moves.catalogue import current_stage
from tests.backoffice.requests.queue_pages import colleague_of
from tests.moves.official_steps import leave, mandate
from tests.moves.side_steps import REASON
from tests.people import REFUSAL, advance, complete_desk, enter, file_request, inputs_for, post
from workflow import Reader


@pytest.fixture
def billed(people, runtime, now):
    """A laboratory test whose bill was issued and waits to be paid."""
    filed = file_request(runtime, people.customer, now=now, service="lab", key="LAB")
    request = advance(filed, people, runtime, now=now, until="PEMBAYARAN")
    return complete_desk(request, people, runtime, now=now + timedelta(hours=3))


def shown(client, address: str) -> bool:
    return "Uji Coba Layanan Data</strong>" in client.get(address).text


def card_of(request) -> str:
    return f"/backoffice/permohonan/{request.public_id}"


def test_b4_the_treasurer_keeps_every_bill(app, people, billed, runtime, now, clock):
    """Also after it is paid, by whichever treasurer, in a tab of its own."""
    clock.forward(hours=4)
    bill = Billing.get(Billing.request == billed)
    colleague = colleague_of(app, "bendahara", email="bendahara2@balai.test")
    for person in (people.bendahara, colleague):
        client = enter(app, person)
        page = client.get("/backoffice/").text
        assert "Tagihan (1)" in page and "Semua (1)" in page
        assert "Riwayat saya" not in page
        assert shown(client, "/backoffice/?tab=arsip-bendahara")
        assert bill.code in client.get(card_of(billed)).text
    advance(billed, people, runtime, now=now + timedelta(hours=4))
    assert shown(enter(app, colleague), "/backoffice/?tab=arsip-bendahara")
    assert shown(enter(app, colleague), "/backoffice/?tab=selesai")


def test_b4_a_lapsed_bill_is_issued_anew_from_the_card(app, people, billed, clock):
    clock.forward(hours=4)
    client = enter(app, people.bendahara)
    assert "Terbitkan ulang tagihan" in client.get(card_of(billed)).text
    answer = post(client, f"{card_of(billed)}/reissue_billing",
                  {"reason": REASON, "version": str(billed.version)})  # fmt: skip
    assert answer.status_code == 302
    fresh = Request.get_by_id(billed.id)
    assert (fresh.waiting_role, fresh.step) == ("bendahara", 0)


def test_b4_items_received_stay_with_their_post(app, people, billed, runtime, now, clock):
    clock.forward(days=1)
    advance(billed, people, runtime, now=now + timedelta(hours=4), until="PENGUJIAN")
    client = enter(app, people.petugas_contoh)
    assert "Benda uji (1)" in client.get("/backoffice/").text
    assert shown(client, "/backoffice/?tab=arsip-petugas_contoh")
    assert client.get(card_of(billed)).status_code == 200
    # The tab of a post that one doesn't hold is none.
    assert not shown(client, "/backoffice/?tab=arsip-bendahara")


def test_what_one_worked_on_stays_but_not_for_the_colleague(app, people, runtime, now, clock):
    request = file_request(runtime, people.customer, now=now, key="K")
    advance(request, people, runtime, now=now)
    clock.forward(days=1)
    client = enter(app, people.pemangku_data)
    assert "Riwayat saya (1)" in client.get("/backoffice/").text
    assert shown(client, "/backoffice/?tab=dikerjakan")
    colleague = enter(app, colleague_of(app, "pemangku_data", email="pemangku2@balai.test"))
    assert not shown(colleague, "/backoffice/?tab=dikerjakan")
    assert colleague.get(card_of(request)).status_code == 404


def test_documents_remarks_and_search_follow_the_scope(app, people, billed, now, clock):
    clock.forward(hours=4)
    paper = Document.select().where(Document.request == billed).first()
    reader = Reader.at(people.bendahara, clock.now)
    Remark.create(key="R", request=billed, author=people.customer, is_from_customer=True,
                  via="portal", text="Kode billing kedaluwarsa.", at=now)  # fmt: skip
    assert Remark.visible_to(reader).count() == 1
    client = enter(app, people.bendahara)
    assert client.get(f"/dokumen/{paper.public_id}").status_code == 200
    assert shown(client, "/backoffice/?q=Uji Coba")
    stranger = enter(app, people.tim_advis)
    assert stranger.get(f"/dokumen/{paper.public_id}").status_code == 404
    assert stranger.get(card_of(billed)).status_code == 404
    assert not shown(stranger, "/backoffice/?q=Uji Coba")


def test_a_post_named_by_a_side_path_sees_it_before_it_acted(app, people, billed, clock):
    """Also who stands in for it, by letter or since it is vacant; not beyond the stage."""
    clock.forward(hours=4)
    Participation.delete().execute()
    newcomer = colleague_of(app, "bendahara", email="bendahara2@balai.test")
    assert _may(newcomer, billed, "reissue_billing", clock.now)
    mandate("bendahara", people.tim_advis, kind="plt")
    assert _may(people.tim_advis, billed, "reissue_billing", clock.now)
    Request.update(step=0).where(Request.id == billed.id).execute()
    fresh = Request.get_by_id(billed.id)
    assert not _may(people.penguji, fresh, "reissue_billing", clock.now)


def _may(person, request, code: str, at) -> bool:
    """Whether somebody sees a request and the button on it."""
    reader = Reader.at(person, at)
    seen = Request.visible_to(reader).where(Request.id == request.id).first()
    return seen is not None and code in {choice.code for choice in workflow.choices(seen, reader)}


def test_a_colleague_sees_what_the_post_asked_the_customer(app, people, billed, runtime, now):
    """The completion is nobody's by name, so that every holder may withdraw it."""
    at = now + timedelta(days=1)
    for _ in range(2):
        billed = complete_desk(billed, people, runtime, now=at)
    asked = workflow.act(
        billed, "ask_completion", reader=Reader.at(people.petugas_contoh, at),
        inputs={"items": "Gambar potongan", "days": "5"}, version=billed.version,
    )  # fmt: skip
    Participation.delete().execute()
    colleague = colleague_of(app, "petugas_contoh", email="contoh2@balai.test")
    assert asked.waiting_role == "pelanggan"
    assert _may(colleague, asked, "withdraw_completion", at)


def test_the_superior_of_who_refused_sees_it_before_an_objection(app, people, runtime, now):
    request = file_request(runtime, people.customer, now=now, key="K")
    request = advance(request, people, runtime, now=now, until="DISPOSISI_KABALAI")
    workflow.act(request, "reject", reader=Reader.at(people.kepala_balai, now), inputs=REFUSAL,
                 version=request.version)  # fmt: skip
    superior = colleague_of(app, "atasan_balai", email="atasan@balai.test")
    assert Request.visible_to(Reader.at(superior, now)).count() == 1
    assert Request.visible_to(Reader.at(people.penguji, now)).count() == 0


def test_the_post_that_opens_reports_again_sees_them(app, people, runtime, now, monkeypatch):
    """A post that doesn't see everything of its own accord."""
    request = file_request(runtime, people.customer, now=now, service="lab", key="K")
    request = advance(request, people, runtime, now=now)
    _takes_sight_from("manajer_teknis", monkeypatch)
    newcomer = colleague_of(app, "manajer_teknis", email="manajer2@balai.test")
    assert _may(newcomer, request, "revise", now)


def _takes_sight_from(post: str, monkeypatch) -> None:
    known = office()
    fewer = {**known.capabilities, post: known.capabilities[post] - {"sees_all"}}
    monkeypatch.setattr(officials, "office", lambda: replace(known, capabilities=fewer))


def test_who_stands_in_for_the_makers_sees_what_is_left_to_them(people, runtime, now, monkeypatch):
    """The only supervisor made the test: a substitute of the post is to look at it."""
    _takes_sight_from("ketua_tim", monkeypatch)
    request = file_request(runtime, people.customer, now=now, service="lab", key="K")
    request = advance(request, people, runtime, now=now, until="PENGUJIAN")
    people.penyelia.hold_posts(["penyelia", "penguji"])
    leave(people.penguji, people.manajer_teknis)
    people.tim_advis.hold_posts(["ketua_tim"])
    at = now + timedelta(days=2)
    made = workflow.act(
        request, "complete", reader=Reader.at(people.penyelia, at),
        inputs=inputs_for(current_stage(request), people, runtime, request, at),
        version=request.version,
    )  # fmt: skip
    assert made.stage_code == "JAMIN_MUTU"
    assert _may(people.tim_advis, made, "complete", at)
