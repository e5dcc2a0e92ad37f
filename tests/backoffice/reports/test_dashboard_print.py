"""The dashboard on paper, on a phone and for each post."""

import hashlib
import re
from html import unescape

import pypdfium2
import pytest
from PIL import Image

from models import Printout, Request, StageFigure
from tests.backoffice.reports.dashboard_samples import FIGURE
from tests.papers import assert_carries_code, read_pdf, words_of
from tests.people import Person, enter, post
from tests.test_queries import Counter


def paper_of(client, **form: str) -> bytes:
    response = post(client, "/backoffice/dasbor/unduh", form)
    assert response.status_code == 200 and response.mimetype == "application/pdf"
    reader, _ = read_pdf(response.data)
    assert reader.metadata.title == "Dasbor Layanan" and reader.root_object["/Lang"] == "id-ID"
    return response.data


# -- paper ---------------------------------------------------------------------------------------


def test_paper_has_the_pictures_and_every_figure_of_the_page(app, people, runtime, world, clock):
    client = enter(app, people.kepala_balai)
    page, content = client.get("/backoffice/dasbor/").text, paper_of(client)
    words = words_of(content)
    for figure in {words for _, _, words in FIGURE.findall(page)}:
        assert figure.replace("\u00a0", " ") in words, figure
    drawn = [unescape(text) for text in re.findall(r"<text[^>]*>([^<]+)</text>", page)]
    assert len(drawn) > 20
    for text in drawn:
        assert text.replace("\u00a0", " ") in words, text
    # The colours of the picture on the page stand on the paper too.
    named = re.findall(r'<rect class="m-(?:bar|part)[^>]*? fill="(#\w+)"', page)
    used = {Image.new("RGB", (1, 1), one).getpixel((0, 0)) for one in named}
    pages = [one.render(scale=2).to_pil() for one in pypdfium2.PdfDocument(content)]
    seen = {colour for one in pages for _, colour in one.convert("RGB").getcolors(1 << 24)}
    assert len(used) > 2 and used <= seen
    row = Printout.get()
    assert_carries_code(content, f"{runtime.settings.base_url}/v/{row.code}")
    public = enter(app, None).get(f"/v/{row.code}").text
    for said in ("BERLAKU", "Dasbor Layanan", hashlib.sha256(content).hexdigest(), "Semua pos",
                 "Balai Teknik Pantai, Kepala Balai", row.number):  # fmt: skip
        assert said in public, said
    assert people.kepala_balai.name not in public


def test_paper_shows_a_post_its_own_desks_only(app, people, world, clock):
    content = paper_of(enter(app, people.pemangku_data), service="data")
    words = words_of(content)
    assert "Pos : Pemangku Data" in words
    assert "Disposisi Kepala Balai" not in words and "Admin Layanan" not in words
    assert post(enter(app, people.administrator), "/backoffice/dasbor/unduh", {}).status_code == 403


def test_short_times_are_hours_and_the_bottleneck_is_told_by_scope(app, people, world, clock):
    StageFigure.update(office={"3": 9}, customer={"0": 9}).where(
        StageFigure.stage_code != ""
    ).execute()
    for person, scope, sentence in (
        (people.kepala_balai, "", "terbanyak dari semua tahap."),
        (people.kepala_balai, "data", "terbanyak dari semua tahap layanan ini."),
        (people.pemangku_data, "", "terbanyak dari tahap yang dipegang Pemangku Data."),
    ):
        client = enter(app, person)
        page = client.get(f"/backoffice/dasbor/?service={scope}").text
        words = words_of(paper_of(client, service=scope))
        assert sentence in page and sentence in words
        assert "0,0 hari" not in page and "0,0 hari" not in words
        # Three tenths of a working day of seven and a half hours.
        if person is people.kepala_balai:
            assert re.search(r'data-label="Kantor, median">(?:<a[^>]+>)?2 jam<', page)
            assert "2 jam" in words
        opens_all = "Setiap angka membuka daftar di belakangnya." in page
        assert opens_all is (person is people.kepala_balai)


@pytest.mark.browser
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_figures_are_in_sight_on_a_phone(chromium, live, people, world, clock):
    head = Person(chromium, live, width=360)
    head.logs_in(people.kepala_balai.email)
    head.sees("Menunggu saya")
    head.opens("/backoffice/dasbor/")
    cells = head.page.locator(".m-table td.m-num:visible")
    boxes = [cell.bounding_box() for cell in cells.all()]
    assert len(boxes) > 20
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= 360 for box in boxes)
    head.leaves()


def test_a_post_sees_its_own_desks_only(app, people, world, clock):
    page = enter(app, people.pemangku_data).get("/backoffice/dasbor/").text
    assert "Pos Anda: Pemangku Data." in page
    assert "Disposisi Kepala Balai" not in page
    assert enter(app, people.administrator).get("/backoffice/dasbor/").status_code == 403


def test_dashboard_reads_no_history_and_a_fixed_number_of_queries(
    app, people, world, clock, monkeypatch
):
    counter, client = Counter(monkeypatch), enter(app, people.kepala_balai)
    few = counter.of(client, "/backoffice/dasbor/")
    row = Request.select().dicts().first()
    Request.insert_many(
        {**{k: v for k, v in row.items() if k != "id"}, "public_id": f"P{n}", "number": f"P{n}",
         "number_key": f"P{n}", "idempotency_key": f"P{n}"} for n in range(200)
    ).execute()  # fmt: skip
    assert counter.of(client, "/backoffice/dasbor/") == few <= 11
    assert not [sql for sql in counter.statements if '"event"' in sql]
    of_requests = [sql for sql in counter.statements if 'FROM "request"' in sql]
    assert len(of_requests) == 3 and '"waiting_role" IN' in of_requests[0]
    # Those with a cause, and those that run: never all there are.
    assert '"delay_cause" !=' in of_requests[1] and '"waiting_role" !=' in of_requests[2]


# -- forecasts -----------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_print_shows_what_is_folded_and_no_addresses(chromium, live, people, world, clock):
    head = Person(chromium, live)
    head.logs_in(people.kepala_balai.email)
    head.sees("Menunggu saya")
    head.opens("/backoffice/dasbor/")
    folded = head.page.locator("details.m-more")
    head.page.evaluate("document.querySelectorAll('details.m-more').forEach(d => d.open = false)")
    content = head.page.pdf(format="A4", print_background=False)
    words = words_of(content)
    assert folded.count() and "Lama tiap tahap Pelayanan Informasi Data" in words
    for absent in ("Unduh PDF", "Cetak", "Antrean", "/backoffice/", "http", "Lihat"):
        assert absent not in words, absent
    # No picture is cut: all its words are on one page.
    pages = [" ".join(page.get_textpage().get_text_range().split())
             for page in pypdfium2.PdfDocument(content)]  # fmt: skip
    for picture in head.page.locator("svg.m-chart").all():
        texts = [" ".join(text.split()) for text in picture.locator("text").all_text_contents()]
        assert any(all(text in page for text in texts) for page in pages), texts
    head.leaves()
