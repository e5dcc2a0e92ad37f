"""The customer's page of a request speaks to the customer."""

import re

import pytest

import workflow
from models import Billing, Document
from rules.formats import ZONE, rupiah, weekday_day
from tests.people import advance, complete_desk, enter, file_request, post
from workflow import Reader

pytestmark = [
    pytest.mark.parametrize("engine", ["sqlite"], indirect=True),
    pytest.mark.usefixtures("clock"),
]


def test_what_waits_for_the_reader_says_so(app, people, runtime, now):
    filed = file_request(runtime, people.customer, now=now)
    item = advance(filed, people, runtime, now=now, until="SURVEI")
    mine = enter(app, people.customer).get(f"/layanan/{item.public_id}").text
    assert "menunggu survei dari Anda." in mine
    assert "dari pelanggan" not in mine
    # Colleagues and visitors are told of a customer.
    card = enter(app, people.admin_layanan).get(f"/backoffice/permohonan/{item.public_id}").text
    assert "menunggu survei dari pelanggan" in card
    seen = post(enter(app, None), "/lacak", {"number": item.number}).text
    assert "menunggu survei dari pelanggan" in seen


NINE = """PENGAJUAN PERMOHONAN LAYANAN
ADMIN LAYANAN MENERIMA DAN MENYAMPAIKAN INFORMASI PERMOHONAN KEPADA KEPALA BALAI TEKNIK PANTAI
KEPALA BALAI MENDISPOSISIKAN PERMOHONAN PELANGGAN KE KASUBAG TU
KASUBAG TU MENDISPOSISIKAN PERMOHONAN PELANGGAN KE KETUA TIM LAYANAN
SUBKOR LAYANAN MENUNJUK PEMANGKU DATA
KETUA TIM MEMVERIFIKASI KETERSEDIAAN DATA
LAPORAN DATA INFORMASI DAN DISEMINASI DISERAHKAN KEPADA PETUGAS LAYANAN
PENGISIAN KUESIONER / SURVEY LAYANAN OLEH PELANGGAN
LAPORAN DATA INFORMASI DAN DISEMINASI DISERAHKAN KEPADA PELANGGAN"""


@pytest.mark.parametrize(
    ("until", "place", "folds"),
    [
        ("TERIMA_ADMIN", "Tahap 2 dari 9", ["1 tahap selesai", "7 tahap berikutnya"]),
        ("VERIFIKASI_DATA", "Tahap 6 dari 9", ["5 tahap selesai", "3 tahap berikutnya"]),
        ("SERAH_PELANGGAN", "Tahap 9 dari 9", ["8 tahap selesai"]),
    ],
)
def test_says_how_far_it_is_and_folds_the_other_stages(
    app, people, runtime, now, until, place, folds
):
    item = advance(
        file_request(runtime, people.customer, now=now), people, runtime, now=now, until=until
    )
    page = enter(app, people.customer).get(f"/layanan/{item.public_id}").text
    assert re.findall(r"<h1[^>]*>(.*?)</h1>", page) == [item.subject]
    assert f"<span>{place}</span>" in page
    assert re.findall(r"<summary>(\d+ tahap [a-z]+)</summary>", page) == folds
    # The manual's titles stay, word for word and in their order, whether folded or not.
    assert re.findall(r'"m-manual">(.*?)<', page) == NINE.splitlines()
    assert page.count("Semua pemberitahuan") == 1


def lab(people, runtime, now, until):
    filed = file_request(runtime, people.customer, now=now, service="lab")
    return advance(filed, people, runtime, now=now, until=until)


def turn(app, person, item) -> str:
    """The card of what is to be done now."""
    page = enter(app, person).get(f"/layanan/{item.public_id}").text
    return page.partition('id="tindakan"')[2].partition("Timeline Status Pengajuan")[0]


def test_offer_stands_with_its_paper_where_it_is_agreed(app, people, runtime, now):
    item = lab(people, runtime, now, "KONTRAK")
    card = turn(app, people.customer, item)
    paper = Document.get((Document.request == item) & (Document.kind == "penawaran"))
    assert "Tanggal selesai yang ditawarkan" in card
    assert card.index(f"/dokumen/{paper.public_id}?lihat=1") < card.index('name="kontrak"')
    assert "terlampir" not in card


def test_bill_is_paid_from_one_card(app, people, runtime, now):
    item = lab(people, runtime, now, "PEMBAYARAN")
    assert "Kode billing" not in turn(app, people.customer, item)
    item = complete_desk(item, people, runtime, now=now)
    bill, card = Billing.get(Billing.request == item), turn(app, people.customer, item)
    assert f'data-copy="{bill.code}"' in card
    assert card.count(rupiah(bill.amount)) == 1
    days = (bill.expires_on - now.astimezone(ZONE).date()).days
    assert f"Berlaku sampai {weekday_day(bill.expires_on)} <strong>({days} hari lagi)" in card
    proof = Document.get((Document.request == item) & (Document.kind == "tagihan"))
    assert card.index(f"/dokumen/{proof.public_id}?lihat=1") < card.index('name="bukti_bayar"')
    # Nobody else's page knows of it.
    stranger = enter(app, people.other_customer)
    assert stranger.get(f"/layanan/{item.public_id}").status_code == 404


def test_refusal_stands_above_the_objection(app, people, runtime, now):
    item = file_request(runtime, people.customer, now=now)
    reason = "Data yang diminta bukan milik balai ini."
    workflow.act(
        item, "reject", reader=Reader.at(people.admin_layanan, now), version=item.version,
        inputs={"reason": reason, "basis": "SOP", "alternative": "Hubungi BMKG."},
    )  # fmt: skip
    card = turn(app, people.customer, item)
    assert card.index(reason) < card.index('id="pilihan-object"')


def test_what_was_done_without_a_number_is_said_once(app, people, runtime, now):
    item = file_request(runtime, people.customer, now=now)
    client = enter(app, people.customer)
    form = {"version": item.version, "desk": "TERIMA_ADMIN", "reason": "Tidak jadi diperlukan."}
    address = f"/layanan/{item.public_id}"
    page = post(client, f"{address}/tindakan/cancel", form, follow_redirects=True).text
    assert "<p>Permohonan sudah dibatalkan.</p>" in page
    # On paper: the office, the moment, the address.
    assert re.search(r"m-printonly.*?Balai Teknik Pantai.*?Dicetak .*? WITA dari http", page, re.S)
