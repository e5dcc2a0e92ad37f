"""The page of the recap: its figures, what is chosen, and what is kept for the next time."""

import re

import pytest

from models import RecapLayout
from outputs.recap.choice import Choice
from outputs.recap.columns import COLUMNS, USUAL_COLUMNS
from tests.backoffice.reports.skm_samples import answer
from tests.people import (
    Person,
    enter,
    make_staff,
    post,
)


def figures(page: str) -> dict[str, tuple[str, str]]:
    """Label of each counter -> its figure and the address that it opens, if any."""
    found = re.findall(
        r'<(?:a|div) class="m-counter[^"]*"(?: href="([^"]+)")?><strong>([^<]+)</strong>([^<]+)<',
        page,
    )
    return {label: (value, url.replace("&amp;", "&")) for url, value, label in found}


# -- the figures ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choice", "counts"),
    [
        ("period=semua", (5, 2, 2, 1)),
        ("period=tanggal&since=2024-07-01&until=2024-07-31", (2, 0, 1, 1)),
        ("period=tanggal&since=2024-08-01&service=data", (3, 2, 1, 0)),
        ("period=semua&status=in_process", (1, 0, 1, 0)),
        ("period=semua&status=rejected", (1, 0, 0, 1)),
        ("period=semua&service=lab", (0, 0, 0, 0)),
    ],
)
def test_each_figure_opens_the_list_that_holds_as_many(app, people, several, choice, counts):
    client = enter(app, people.staf_tu)
    found = figures(client.get(f"/backoffice/rekap/?{choice}").text)
    labels = ("permohonan", "menunggu verifikasi", "disetujui", "ditolak")
    assert tuple(int(found[label][0]) for label in labels) == counts
    for label in labels:
        value, url = found[label]
        assert bool(url) == (value != "0"), label
        if url:
            assert f"dari {value}<" in client.get(url).text, label


def test_the_index_opens_the_page_of_the_same_answers(app, people):
    for _ in range(5):
        answer([3] * 9)
    client = enter(app, people.staf_tu)
    given = {"period": "tanggal", "since": "2024-07-01", "until": "2024-12-31"}
    found = figures(client.get("/backoffice/rekap/", query_string=given).text)
    value, url = found["IKM, mutu C, dari 5 responden"]
    assert value == "75,00"
    assert url == "/backoffice/skm/?periode=2024-S2"
    assert f"<strong>{value}</strong>" in client.get(url).text


# -- the choice ----------------------------------------------------------------------------------


def test_a_period_that_ends_before_it_begins_is_pointed_out(app, people, several):
    client = enter(app, people.staf_tu)
    dates = {"period": "tanggal", "since": "2024-08-02", "until": "2024-08-01"}
    page = client.get("/backoffice/rekap/", query_string=dates).text
    assert "mendahului “Sejak”" in page
    assert 'value="2024-08-02"' in page
    refused = post(client, "/backoffice/rekap/unduh", {**dates, "format": "xlsx"})
    assert refused.status_code == 422
    assert "mendahului “Sejak”" in refused.text
    # Noughts would look like an answer.
    assert "m-counter" not in page
    layout = post(client, "/backoffice/rekap/tata-letak", {**dates, "title": "Terbalik"})
    assert layout.status_code == 422
    assert not RecapLayout.select().exists()
    same_day = {**dates, "until": "2024-08-02"}
    assert "mendahului" not in client.get("/backoffice/rekap/", query_string=same_day).text


def test_a_choice_is_read_back_from_its_text():
    for text in ("period=semua", "period=tanggal&since=2024-01-01&service=lab&status=done",
                 "period=bulan-lalu&column=number&column=status"):  # fmt: skip
        assert Choice.from_text(text).to_text() == text


def test_nonsense_becomes_the_usual():
    given = {"period": ["besok"], "since": ["2024-99-99"], "status": ["x"], "column": ["password"]}
    assert Choice.read(given, services=["data"]) == Choice()
    assert Choice().columns == USUAL_COLUMNS
    assert set(USUAL_COLUMNS) < set(COLUMNS)
    assert Choice.read({"service": ["lab"]}, services=["data"]).service == ""


def test_layouts_are_shared_with_a_post_and_dropped_by_their_owner(app, people):
    with app.app_context():
        colleague, stranger = make_staff("staf_tu", email="tu2@balai.test"), people.kasubag_tu
    client = enter(app, people.staf_tu)
    given = {"period": "bulan-lalu", "column": ["number", "status"], "title": "Laporan bulanan",
             "role_code": "staf_tu"}  # fmt: skip
    assert post(client, "/backoffice/rekap/tata-letak", given).status_code == 302
    layout = RecapLayout.get()
    assert layout.arguments == "period=bulan-lalu&column=number&column=status"
    assert "Laporan bulanan" in enter(app, colleague).get("/backoffice/rekap/").text
    assert "Laporan bulanan" not in enter(app, stranger).get("/backoffice/rekap/").text
    address = f"/backoffice/rekap/tata-letak/{layout.public_id}/hapus"
    assert post(enter(app, colleague), address).status_code == 404
    assert post(client, address).status_code == 302
    assert not RecapLayout.select().exists()


def test_a_layout_of_the_same_name_takes_the_place_of_the_first(app, people):
    client = enter(app, people.staf_tu)
    for period in ("bulan-lalu", "bulan-ini"):
        given = {
            "period": period,
            "column": ["number", "status"],
            "title": " Laporan  bulanan ",
            "role_code": "",
        }
        saved = post(client, "/backoffice/rekap/tata-letak", given, follow_redirects=True)
    assert "Tata letak “Laporan bulanan” sudah diganti." in saved.text
    layout = RecapLayout.get()
    assert layout.arguments == "period=bulan-ini&column=number&column=status"
    # The one that is looked at is marked, and what was chosen stays when it is dropped.
    assert saved.text.count('aria-current="true"') == 1
    other = {"period": "tahun-lalu", "status": "done", "column": ["number"]}
    address = f"/backoffice/rekap/tata-letak/{layout.public_id}/hapus"
    kept = post(client, address, other, follow_redirects=True).text
    assert '<option value="tahun-lalu" selected>' in kept
    assert "Kolom (1 dari 25)" in kept


def test_a_layout_is_not_shared_with_a_post_one_does_not_hold(app, people):
    given = {"title": "Untuk orang lain", "role_code": "kepala_balai"}
    response = post(enter(app, people.staf_tu), "/backoffice/rekap/tata-letak", given)
    assert response.status_code == 422
    assert "Untuk orang lain" in response.text
    assert not RecapLayout.select().exists()


# -- in the background ---------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_what_was_chosen_goes_along_without_being_applied(chromium, live, people, several):
    clerk = Person(chromium, live)
    clerk.logs_in(people.staf_tu.email)
    clerk.opens("/backoffice/rekap/?period=semua")
    clerk.page.locator("#status").select_option("rejected")
    with clerk.page.expect_download() as taken:
        clerk.presses("Unduh CSV")
    assert taken.value.path().read_text(encoding="utf-8-sig").count("\n") == 2
    clerk.leaves()
