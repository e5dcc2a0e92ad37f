"""The pages on which an administrator writes, looks at and publishes a questionnaire."""

import html

import pytest

from administration import questionnaires
from administration.drafts import stamp_of
from models import SurveyDraft, SurveyVersion
from tests.people import enter, post

HOME = "/backoffice/kuesioner"
U3 = {
    "text": "Apakah layanan selesai tepat waktu?",
    "hint": "Bandingkan dengan tanggal pada tanda terima.",
    "one": "Tidak",
    "two": "Kurang",
    "three": "Tepat",
    "four": "Sangat tepat",
}


@pytest.fixture
def client(app, people):
    return enter(app, people.administrator)


def seen() -> dict[str, str]:
    return {"seen": stamp_of(SurveyDraft.get())}


def begin(client) -> None:
    assert post(client, f"{HOME}/versi/skm-2024-1/draf").status_code == 302


def test_from_a_draft_over_the_preview_to_a_version(client, app, people):
    begin(client)
    saved = post(client, f"{HOME}/draf/unsur/U3", U3 | seen(), follow_redirects=True).text
    assert "Draf sudah disimpan" in saved
    assert "<ins>Apakah layanan selesai tepat waktu?</ins>" in saved
    preview = html.unescape(client.get(f"{HOME}/draf/pratinjau").text)
    for words in ("3. Apakah layanan selesai tepat waktu?", "Bandingkan dengan tanggal",
                  "Sangat tepat", "Pelanggan Contoh", "48/L.Data/29/VII/24"):  # fmt: skip
        assert words in preview, words
    assert "Kirim survei" not in preview
    page = client.get(f"{HOME}/draf/terbitkan").text
    assert "keterangan" in page
    given = {"start": "sekarang", "note": "Diperjelas sesuai rapat tinjauan."} | seen()
    done = post(client, f"{HOME}/draf/terbitkan", given, follow_redirects=True).text
    assert "sudah diterbitkan dan berlaku sekarang" in done
    version = SurveyVersion.select().order_by(SurveyVersion.id.desc()).get()
    assert version.published_by == people.administrator
    assert version.note == "Diperjelas sesuai rapat tinjauan."
    # Everybody who reads the survey can look it up; the trail tells what it said before.
    read = enter(app, people.kasubag_tu).get(f"{HOME}/versi/{version.name}").text
    assert "Perubahan dari skm-2024-1" in read
    trail = html.unescape(enter(app, people.auditor).get("/backoffice/jejak/").text)
    assert "menjadi “Apakah layanan selesai tepat waktu?”" in trail


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"text": " "}, "Wajib diisi"),
        ({"four": ""}, "Isi keempat jawaban; skala 1–4 ditetapkan PermenPANRB 14/2017"),
        ({"four": "tepat"}, "Keempat jawaban harus berbeda"),
        ({"text": "x" * 401}, "Paling banyak 400 huruf"),
    ],
)
def test_a_wrong_question_keeps_what_was_typed(client, change, sentence):
    begin(client)
    before = SurveyDraft.get().definition
    page = post(client, f"{HOME}/draf/unsur/U3", U3 | change | seen())
    assert page.status_code == 422
    assert sentence in html.unescape(page.text)
    assert "Bandingkan dengan tanggal" in page.text
    assert SurveyDraft.get().definition == before


def test_unknown_variables_are_named(client):
    begin(client)
    words = {"title": "Survei {tahun}", "greeting": "Halo {telepon}", "closing": "Terima {kasih"}
    page = post(client, f"{HOME}/draf/kata", words | seen())
    assert page.status_code == 422
    assert "Yang dapat disisipkan hanya {nama}, {nomor}, {sapaan}" in page.text
    assert "Kurung kurawal hanya untuk {nama}, {sapaan}" in page.text
    assert post(client, f"{HOME}/draf/kata", words | {
        "greeting": "Halo {nama.__class__}", "closing": "Terima kasih"} | seen()
    ).status_code == 422  # fmt: skip


def test_questions_beside_the_index_come_and_go(client):
    begin(client)
    given = {"text": "Dari mana Anda tahu layanan ini?", "kind": "text", "max_length": "200"}
    page = post(client, f"{HOME}/draf/tambah", given | seen(), follow_redirects=True).text
    assert "Dari mana Anda tahu layanan ini?" in page
    extras = questionnaires.questionnaire_of(SurveyDraft.get()).extras
    assert [item.code for item in extras][-2:] == ["extra_1", "suggestion"]
    assert (extras[-2].kind, extras[-2].max_length) == ("text", 200)
    page = post(client, f"{HOME}/draf/", {"do": "remove:tambahan:extra_1"} | seen(),
                follow_redirects=True).text  # fmt: skip
    assert "Belum ada perubahan" in page
    for code in ("unsur:U1", "responden:gender", "tambahan:suggestion"):
        refused = post(client, f"{HOME}/draf/", {"do": f"remove:{code}"} | seen(),
                       follow_redirects=True).text  # fmt: skip
        assert "diminta oleh PermenPANRB 14/2017" in refused


def test_options_of_the_respondents_are_lines(client):
    begin(client)
    address = f"{HOME}/draf/responden/education"
    given = {"label": "Pendidikan", "options": "SD\r\nSMP\r\n\r\n SMA ", "required": "y"}
    assert post(client, address, given | seen()).status_code == 302
    found = questionnaires.questionnaire_of(SurveyDraft.get()).demographics[2]
    assert (found.label, found.options, found.required) == (
        "Pendidikan",
        ("SD", "SMP", "SMA"),
        True,
    )
    page = post(client, address, given | {"options": "SD\nsd"} | seen())
    assert page.status_code == 422
    assert "Ada pilihan yang ditulis dua kali" in page.text


def test_the_second_administrator_is_told_and_keeps_the_words(client):
    begin(client)
    stale = seen()
    post(client, f"{HOME}/draf/unsur/U3", U3 | stale)
    page = post(client, f"{HOME}/draf/unsur/U3", U3 | {"text": "Kalimat yang lain?"} | stale)
    assert page.status_code == 409
    assert "baru saja diubah oleh" in page.text
    assert "Kalimat yang lain?" in page.text
    stale_publication = {"start": "sekarang", "note": "Catatan"} | stale
    assert post(client, f"{HOME}/draf/terbitkan", stale_publication).status_code == 409
    assert SurveyVersion.select().count() == 1


def test_a_day_is_asked_for_when_it_is_to_begin_later(client):
    begin(client)
    post(client, f"{HOME}/draf/unsur/U3", U3 | seen())
    page = post(client, f"{HOME}/draf/terbitkan", {"start": "tanggal", "note": "Catatan"} | seen())
    assert page.status_code == 422
    assert "Isi tanggal mulai" in page.text
    given = {"start": "tanggal", "starts_on": "2020-01-01", "note": "Catatan"} | seen()
    page = post(client, f"{HOME}/draf/terbitkan", given)
    assert page.status_code == 422
    assert "paling lambat setahun lagi" in page.text
    assert 'value="2020-01-01"' in page.text


@pytest.mark.parametrize(
    "address",
    ["versi/skm-9", "draf/unsur/U10", "draf/apa/U1", "draf/responden/U1", "draf/tambahan/%00"],
)
def test_what_is_not_there(client, address):
    begin(client)
    assert client.get(f"{HOME}/{address}").status_code == 404


def test_without_a_draft_there_is_none_to_open(client):
    for address in ("draf/", "draf/pratinjau", "draf/terbitkan", "draf/kata", "draf/tambah"):
        assert client.get(f"{HOME}/{address}").status_code == 404
