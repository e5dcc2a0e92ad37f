"""Checklists that say no and rules of inputs, as each post meets them on the card."""

import re
from datetime import timedelta

import pytest

from models import Billing, Event, Request, StageRecord, UniqueValue
from rules.formats import ZONE
from tests.people import (
    REFUSAL,
    advance,
    complete_desk,
    enter,
    file_request,
    pdf,
    post,
    upload,
)

ADDRESS = "/backoffice/permohonan/{}/complete"


@pytest.fixture
def lies_at(people, runtime, now, clock):
    """A request that lies at a stage, and the form that its post sends there."""

    def make(code: str, service: str = "lab", key: str = "K1", turn: int = 1) -> Request:
        filed = file_request(runtime, people.customer, now=now, service=service, key=key)
        found = advance(filed, people, runtime, now=now, until=code)
        for _ in range(turn - 1):
            found = complete_desk(found, people, runtime, now=now)
        return found

    return make


def send(client, item: Request, **given):
    fields = {name.replace("__", "-"): value for name, value in given.items()}
    item = Request.get_by_id(item.id)
    return post(client, ADDRESS.format(item.public_id), {"version": str(item.version), **fields})


def stage_of(item: Request) -> str:
    return Request.get_by_id(item.id).stage_code


def error_at(answer, name: str) -> str:
    """The sentence at a field of the form that came back."""
    assert answer.status_code == 422, answer.text[:2000]
    found = re.search(rf'id="(?:complete-)?{name}-error">(.*?)</span>\s*(?:<|$)', answer.text, re.S)
    assert found, f"nothing is said at {name}"
    return " ".join(re.sub(r"<[^>]+>", "", found[1]).replace("⚠", "").split())


# -- checklists ----------------------------------------------------------------------------------


def test_a_point_says_no_with_a_remark_and_stands_in_the_history(app, people, lies_at):
    item = lies_at("KAJI_ULANG")
    manager = enter(app, people.manajer_teknis)
    rest = {"method": "Uji model fisik 2D", "penyelia": people.penyelia.public_id,
            "benda_uji": "Contoh dikirim pelanggan", "penguji": people.penguji.public_id,
            "review__0": "ya", "review__1": "ya", "review__2": "ya", "review__5": "ya"}  # fmt: skip
    # Two points are left open, and one is denied without a word.
    answer = send(manager, item, **rest, review__3="tidak")
    assert error_at(answer, "review-3") == "Tulis catatan: apa yang belum sesuai?"
    assert error_at(answer, "review-4") == "Jawab Ya, Tidak, atau Tidak berlaku."
    summary = answer.text.partition("Ada isian yang perlu diperbaiki")[2].partition("</ul>")[0]
    assert "“Kebutuhan subkontrak sudah dipertimbangkan”: Tulis catatan" in summary
    # What was answered and typed stands there still.
    form = answer.text.partition('id="tindakan"')[2].partition("</form>")[0]
    assert form.count(" checked>") >= 5 and 'value="Uji model fisik 2D"' in form
    assert re.search(r'name="review-3"\s+value="tidak"\s+checked', form)
    # A point without which the review can't end.
    broken = {**rest, "review__1": "tidak", "review__1-remark": "Kolam dipakai sampai Maret",
              "review__3": "ya", "review__4": "ya"}  # fmt: skip
    answer = send(manager, item, **broken)
    assert error_at(answer, "review-1") == "Butir ini harus Ya sebelum dapat diteruskan."
    assert 'value="Kolam dipakai sampai Maret"' in answer.text
    assert stage_of(item) == "KAJI_ULANG" and not moves(item)
    # Said no where a no may be.
    done = send(manager, item, **rest, review__3="tidak", review__4="tidak_berlaku",
                **{"review__3-remark": "Belum ada subkontraktor"})  # fmt: skip
    assert done.status_code == 302
    card = enter(app, people.kasubag_tu).get(f"/backoffice/permohonan/{item.public_id}").text
    history = card.partition('id="riwayat"')[2]
    assert "Metode uji tepat dan tersedia: Ya" in history
    assert "subkontrak sudah dipertimbangkan: Tidak (Belum ada subkontraktor)" in history
    assert "(7.1.3): Tidak berlaku" in history
    assert people.manajer_teknis.name in history
    # What the customer doesn't read stays inside.
    page = enter(app, people.customer).get(f"/layanan/{item.public_id}").text
    assert "subkontraktor" not in page


def moves(item: Request) -> list[Event]:
    here = (Event.request == item) & (Event.stage_code == item.stage_code)
    return list(Event.select().where(here & (Event.kind == "stage_completed")))


def test_one_box_answers_what_is_left_open_with_yes_and_nothing_else(app, people, lies_at):
    item = lies_at("TERIMA_ADMIN", "data")
    done = send(enter(app, people.admin_layanan), item, checklist="semua", checklist__1="tidak",
                **{"checklist__1-remark": "Lingkup ditanyakan ke pemohon"})  # fmt: skip
    assert done.status_code == 302
    [kept] = [row.inputs["checklist"] for row in StageRecord.select().order_by(StageRecord.id)
              if "checklist" in row.inputs]  # fmt: skip
    assert [said["answer"] for said in kept.values()] == ["ya", "tidak", "ya"]


def test_a_customers_agreement_is_still_ticked_whole(app, people, lies_at):
    item = lies_at("KONTRAK")
    client = enter(app, people.customer)
    page = client.get(f"/layanan/{item.public_id}").text
    assert 'name="agreement"' in page and 'name="agreement-0"' not in page
    answer = post(client, f"/layanan/{item.public_id}/tindakan/complete",
                  {"version": str(item.version), "kontrak": upload(pdf("Kontrak"))})  # fmt: skip
    assert error_at(answer, "agreement") == "Periksa dan centang setiap butir."


def test_ticks_of_earlier_versions_are_still_shown(app, people, lies_at):
    item = lies_at("DISPOSISI_KABALAI", "data")
    record = StageRecord.get(
        (StageRecord.request == item) & (StageRecord.stage_code != "PENGAJUAN")
    )
    record.inputs = {**record.inputs, "checklist": list(record.inputs["checklist"])}
    record.save()
    card = enter(app, people.kepala_balai).get(f"/backoffice/permohonan/{item.public_id}").text
    assert "Identitas dan kontak pemohon lengkap: Ya" in card


# -- a disposition -------------------------------------------------------------------------------


@pytest.mark.parametrize("service", ["data", "lab", "advis"])
def test_a_disposition_needs_a_tick_or_a_text(app, people, lies_at, service):
    item = lies_at("DISPOSISI_KABALAI", service)
    head = enter(app, people.kepala_balai)
    kind = {"sifat": item.subclass_code} if service == "advis" else {}
    answer = send(head, item, **kind, note=" ")
    assert "centang sedikitnya satu butir pada “Petunjuk”" in error_at(answer, "note")
    ticked = re.search(r'name="instructions"\s+value="([^"]+)"', answer.text)[1]
    assert send(head, item, **kind, instructions=ticked).status_code == 302
    assert stage_of(item) == "DISPOSISI_KASUBAG"


# -- what the laboratory took --------------------------------------------------------------------


def test_a_bill_equals_the_offer_and_isnt_over_when_it_is_issued(app, people, lies_at, now):
    item = lies_at("PEMBAYARAN")
    price = next(row.inputs["price"] for row in StageRecord.select() if "price" in row.inputs)
    on = (now.astimezone(ZONE) - timedelta(days=1)).date().isoformat()
    treasurer = enter(app, people.bendahara)
    given = {"billing": "820211112222333", "tagihan": upload(pdf("Tagihan"))}
    answer = send(treasurer, item, **given, nominal="1.000", berlaku=on)
    assert error_at(answer, "nominal").startswith("Harus sama dengan “Biaya (rupiah)”: Rp")
    assert error_at(answer, "berlaku") == "Tanggal ini sudah lewat. Isi hari ini atau sesudahnya."
    assert 'value="1.000"' in answer.text and not Billing.select().exists()
    later = (now.astimezone(ZONE) + timedelta(days=7)).date().isoformat()
    given["tagihan"] = upload(pdf("Tagihan"))
    assert send(treasurer, item, **given, nominal=price, berlaku=later).status_code == 302
    assert Billing.get().amount == int(price)


def test_a_sample_has_its_own_code_and_its_faults_are_described(app, people, lies_at):
    first, second = (lies_at("TERIMA_BENDA_UJI", key=key) for key in ("K1", "K2"))
    clerk = enter(app, people.petugas_contoh)
    given = {"kode": "BU-2024-001", "jumlah": "2", "kondisi": "Baik dan lengkap"}
    assert send(clerk, first, **given).status_code == 302
    answer = send(clerk, second, kode=" bu-2024-001", jumlah="0",
                  kondisi="Ada penyimpangan (jelaskan)", note="-")  # fmt: skip
    assert error_at(answer, "jumlah") == "Paling sedikit 1."
    number = Request.get_by_id(first.id).number
    answer = send(clerk, second, **{**given, "kode": " bu-2024-001"})
    assert error_at(answer, "kode") == f"Sudah dipakai pada permohonan {number}. Isi yang lain."
    answer = send(clerk, second, kode="BU-2", jumlah="1", kondisi="Ada penyimpangan (jelaskan)")
    assert "karena “Kondisi” adalah “Ada penyimpangan" in error_at(answer, "note")
    assert stage_of(second) == "TERIMA_BENDA_UJI"
    assert send(clerk, second, **{**given, "kode": "BU-2024-002"}).status_code == 302
    assert {row.value for row in UniqueValue.select()} == {"bu-2024-001", "bu-2024-002"}


def test_a_test_ends_after_it_began_and_not_in_the_future(app, people, lies_at, now):
    item = lies_at("PENGUJIAN")
    today = now.astimezone(ZONE).date()
    days = [(today + timedelta(days=by)).isoformat() for by in (-2, -1, 0, 1)]
    tester = enter(app, people.penguji)
    paper = {"lembar_kerja": upload(pdf("Lembar kerja"))}
    answer = send(tester, item, started_on=days[0], tested_on=days[3], conditions="-", **paper)
    assert error_at(answer, "tested_on").startswith("Tanggal ini belum tiba")
    assert "tanda saja belum menjelaskan" in error_at(answer, "conditions")
    given = {"conditions": "Suhu ruang 27 °C"}
    answer = send(tester, item, started_on=days[1], tested_on=days[0], **given)
    assert error_at(answer, "tested_on").startswith("Tidak boleh sebelum “Tanggal pengujian mulai”")
    paper = {"lembar_kerja": upload(pdf("Lembar kerja"))}
    done = send(tester, item, started_on=days[1], tested_on=days[2], **given, **paper)
    assert done.status_code == 302


def test_the_laboratorys_button_says_where_it_leads(app, people, lies_at):
    item = lies_at("DISPOSISI_KASUBAG")
    card = enter(app, people.kasubag_tu).get(f"/backoffice/permohonan/{item.public_id}").text
    assert "Disposisikan ke Manajer Teknis</button>" in card


def test_what_was_done_names_the_request_also_without_a_number(app, people, runtime, now, clock):
    item = file_request(runtime, people.customer, now=now, subject="Data pasang surut")
    client = enter(app, people.admin_layanan)
    card = f"/backoffice/permohonan/{item.public_id}"
    form = REFUSAL | {"version": item.version, "desk": "TERIMA_ADMIN"}
    page = post(client, f"{card}/reject", form, follow_redirects=True).text
    assert "“Data pasang surut”: Permohonan ditolak." in page
