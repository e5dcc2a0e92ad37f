"""The dashboard says what the rows say, every figure opens its list, and nothing scans history."""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pypdfium2
import pytest
from PIL import Image

import workflow
from administration import figures
from backoffice.requests.queue_filters import OUTCOMES
from models import Event, Printout, Request, StageFigure
from moves.catalogue import work_calendar
from outputs.dashboards.figures import FEWEST_EXAMPLES, forecast_of, load_of_desks, past_figures
from rules.histogram import size
from tests.papers import assert_carries_code, read_pdf, words_of
from tests.people import Person, advance, enter, file_request, post
from tests.test_queries import Counter

REASON = "Disposisinya keliru alamat."
JULY = datetime(2024, 7, 1, tzinfo=UTC).date()


@pytest.fixture
def clock(clock):
    """It is the day after the manual's example."""
    clock.forward(days=1)
    return clock


def build_world(people, runtime, now):
    """Finished requests of two weeks of July, some at a desk, one waiting for its customer."""
    for index in range(10):
        filed_at = now - timedelta(days=20 - index)
        filed = file_request(runtime, people.customer, now=filed_at, key=f"D{index}",
                             subject=f"Perihal {index:03d}")  # fmt: skip
        advance(filed, people, runtime, now=filed_at + timedelta(hours=index))
    for index, desk in enumerate(("", "DISPOSISI_KABALAI", "DISPOSISI_KABALAI", "SURVEI"), 20):
        filed = file_request(runtime, people.customer, now=now, key=f"D{index}",
                             subject=f"Perihal {index:03d}")  # fmt: skip
        if desk:
            advance(filed, people, runtime, now=now, until=desk)
    figures.refresh([JULY])


@pytest.fixture
def world(snapshots, people, runtime, now):
    return snapshots.of(build_world, people, runtime, now)


# -- figures -------------------------------------------------------------------------------------


def test_figures_equal_what_the_events_say(people, runtime, now, world):
    """Counted again from the events, by hand."""
    calendar, expected = work_calendar(), {}
    for request in Request.select():
        entered = request.submitted_at
        done = Event.select().where((Event.request == request) & (Event.kind == "stage_completed"))
        for event in done.order_by(Event.seq):
            days = float(calendar.working_days_between(entered, event.at))
            expected.setdefault(event.stage_code, []).append(round(days, 1))
            entered = event.at
    rows = {row.stage_code: row for row in StageFigure.select()}
    assert set(rows) == {*expected, ""}
    for stage, days in expected.items():
        row = rows[stage]
        assert row.passes == len(days)
        whole = [int(k) * n for part in (row.office, row.customer) for k, n in part.items()]
        assert sum(whole) / 10 == pytest.approx(sum(days), abs=0.11 * len(days)), stage
        mine = row.customer if stage == "SURVEI" else row.office
        assert sum(int(k) * n for k, n in mine.items()) == sum(whole), stage
    finished = Request.select().where(Request.office_done_at.is_null(False))
    assert rows[""].passes == finished.count() == size(rows[""].office)
    timely = finished.where(Request.office_done_at <= Request.due_at).count()
    assert rows[""].on_time == timely


def test_counting_twice_changes_nothing(people, runtime, now, world):
    before = list(
        StageFigure.select(StageFigure.stage_code, StageFigure.passes, StageFigure.office)
        .order_by(StageFigure.stage_code)
        .tuples()
    )
    figures.refresh(figures.recent_months(now, 3))
    after = list(
        StageFigure.select(StageFigure.stage_code, StageFigure.passes, StageFigure.office)
        .order_by(StageFigure.stage_code)
        .tuples()
    )
    assert after == before and before


def test_waiting_for_the_customer_is_not_the_offices_time(people, runtime, now):
    filed = file_request(runtime, people.customer, now=now)
    waiting = advance(filed, people, runtime, now=now, until="SURVEI")
    advance(waiting, people, runtime, now=now + timedelta(days=7))
    figures.refresh([JULY, datetime(2024, 8, 1, tzinfo=UTC).date()])
    survey = StageFigure.get(StageFigure.stage_code == "SURVEI")
    assert survey.office == {"0": 1}
    assert [int(tenth) for tenth in survey.customer][0] >= 48


# -- load ----------------------------------------------------------------------------------------


def test_load_equals_the_rows(people, world, clock):
    roles = ["admin_layanan", "kepala_balai", "pelanggan"]
    found = load_of_desks(Request.select(), roles, now=clock.now)
    desks = {desk.role: desk for desk in found}
    assert {role: desk.total for role, desk in desks.items()} == {
        "admin_layanan": 1, "kepala_balai": 2, "pelanggan": 1}  # fmt: skip
    assert desks["pelanggan"].ages["stopped"] == 1
    late = Request.select().where(
        (Request.waiting_role == "kepala_balai") & (Request.stage_due_at < clock.now)
    )
    assert desks["kepala_balai"].ages["late"] == late.count()


FIGURE = re.compile(
    r'<td class="m-num"[^>]*>(?:<a href="([^"]+)" title="(\d+) permohonan">)?([^<]+)'
)
LINK = re.compile(r'href="(/backoffice/[?][^"]+)" title="(\d+) permohonan"')


def count_behind(client, url: str) -> int:
    rows = re.search(r"Menampilkan \d+–\d+ dari (\d+)", client.get(unescape(url)).text)
    return int(rows[1]) if rows else 0


def test_every_figure_opens_a_list_of_as_many(app, people, world, clock):
    admin = enter(app, people.admin_layanan)
    page = admin.get("/backoffice/dasbor/").text
    bare = {words for url, _, words in FIGURE.findall(page) if not url}
    # What isn't there has no list.
    assert bare <= {"0", "–", "0,0\u00a0%"}, bare
    links = LINK.findall(page)
    assert len(links) == 53
    behind = {url: count_behind(admin, url) for url in {url for url, _ in links}}
    wrong = [(url, count) for url, count in links if behind[url] != int(count)]
    assert wrong == []
    shown = [
        (count, words) for url, count, words in FIGURE.findall(page) if words.isdigit() and url
    ]
    assert shown and all(count == words for count, words in shown)
    for label in ("sedang berjalan", "terlambat di tahapnya"):
        url, count = re.search(rf'href="([^"]+)"><strong>(\d+)</strong>{label}', page).groups()
        assert count_behind(admin, url) == int(count), label
    for words in ("Hambatan terbesar Juli 2024", "Beban tiap pos sekarang", "Kepala Balai"):
        assert words in page
    assert page.count('role="img"') == 3 and page.count("<caption>") >= 4


def test_the_share_of_a_stage_opens_what_was_in_time_and_what_was_late(
    app, people, runtime, world, clock, now
):
    for index, desk in enumerate(("DISPOSISI_KABALAI", "LAPORAN_KE_PETUGAS"), 90):
        filed_at = now - timedelta(days=18)
        filed = file_request(runtime, people.customer, now=filed_at, key=f"D{index}",
                             subject=f"Perihal {index:03d}")  # fmt: skip
        filed = advance(filed, people, runtime, now=filed_at, until=desk)
        advance(filed, people, runtime, now=filed_at + timedelta(days=7))
    figures.refresh([JULY])
    flow, calendar = runtime.catalogue["data"].flow, work_calendar()
    client = enter(app, people.kepala_balai)
    page = unescape(client.get("/backoffice/dasbor/").text)
    seen = 0
    for stage in flow.stages[1:]:
        done = Event.select(Event, Request).join(Request)
        done = done.where((Event.kind == "stage_completed") & (Event.stage_code == stage.code))
        took = {event.request.subject: float(calendar.working_days_between(
            event.request.submitted_at, event.at)) for event in done}  # fmt: skip
        promised = float(flow.stage_days(stage, "data_informasi"))
        for outcome, expected in (
            ("tepat", {subject for subject, days in took.items() if days <= promised}),
            ("terlambat", {subject for subject, days in took.items() if days > promised}),
        ):
            # The bottleneck's month is all there is, so that its list is the same.
            place = rf"passed=data%3A{stage.code}%40[\d_-]+&passed_as={outcome}"
            found = re.findall(rf'href="(/backoffice/[^"]*{place})" title="(\d+) perm', page)
            assert len(found) >= bool(expected), (stage.code, outcome)
            for url, count in found:
                listed = client.get(url).text
                assert set(re.findall(r"<strong>(Perihal \d+)</strong>", listed)) == expected
                assert len(expected) == int(count)
                assert OUTCOMES[outcome] + " di tahap itu" in listed
                seen |= 1 << (outcome == "tepat")
    # Both were there, or this would prove nothing.
    assert seen == 3


def test_what_was_sent_back_counts_once_where_it_passed_last(app, people, runtime, now, clock):
    filed = file_request(runtime, people.customer, now=now)
    filed = advance(filed, people, runtime, now=now, until="VERIFIKASI_DATA")
    farthest = next(choice for choice in workflow.choices(filed, people.ketua_tim, now)
                    if choice.code == "return").inputs[0].options[-2]  # fmt: skip
    filed = workflow.act(filed, "return", actor=people.ketua_tim, version=filed.version, now=now,
                     inputs={"reason": REASON, "to": farthest, "tell": "Tidak"})  # fmt: skip
    figures.refresh([JULY])
    assert StageFigure.get(StageFigure.stage_code == "DISPOSISI_KABALAI").month == "2024-07"
    clock.set(now + timedelta(days=40))
    advance(filed, people, runtime, now=now + timedelta(days=35), until="VERIFIKASI_DATA")
    months = figures.months_to_recount(clock.now)
    assert [f"{month:%Y-%m}" for month in months] == ["2024-07", "2024-08", "2024-09"]
    figures.refresh(months)
    again = StageFigure.select().where(StageFigure.stage_code == "DISPOSISI_KABALAI")
    assert [(row.month, row.passes) for row in again] == [("2024-09", 1)]
    client = enter(app, people.kepala_balai)
    links = LINK.findall(client.get("/backoffice/dasbor/").text)
    assert links and all(count_behind(client, url) == int(count) for url, count in links)


def test_lists_of_the_past_are_not_offered_to_a_post_that_may_not_read_them(
    app, people, world, clock
):
    client = enter(app, people.pemangku_data)
    page = client.get("/backoffice/dasbor/").text
    assert "daftarnya tidak dibuka di sini" in page
    links = LINK.findall(page)
    assert all(count_behind(client, url) == int(count) for url, count in links)
    assert "passed=" not in page and "done=" not in page
    for label in ("sedang berjalan", "terlambat di tahapnya"):
        url, count = re.search(rf'href="([^"]+)"><strong>(\d+)</strong>{label}', page).groups()
        assert count_behind(client, url) == int(count), label


# -- paper ---------------------------------------------------------------------------------------


def paper_of(client, **form: str) -> bytes:
    response = post(client, "/backoffice/dasbor/unduh", form)
    assert response.status_code == 200 and response.mimetype == "application/pdf"
    reader, _ = read_pdf(response.data)
    assert reader.metadata.title == "Dasbor Layanan" and reader.root_object["/Lang"] == "id-ID"
    return response.data


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


def test_bottleneck_is_where_most_office_time_went(runtime, people, world, now):
    flows = [runtime.catalogue["data"].flow]
    past = past_figures(flows, today=now.date())
    assert past.bottleneck_month == "2024-07"
    assert past.bottleneck.office_total == max(one.office_total for one in past.stages)


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
    assert counter.of(client, "/backoffice/dasbor/") == few <= 9
    assert not [sql for sql in counter.statements if '"event"' in sql]
    of_requests = [sql for sql in counter.statements if 'FROM "request"' in sql]
    assert len(of_requests) == 1 and '"waiting_role" IN' in of_requests[0]


# -- forecasts -----------------------------------------------------------------------------------


def test_forecast_is_a_range_from_the_history_of_the_stage(app, people, runtime, world, clock, now):
    running = Request.get(Request.waiting_role == "admin_layanan")
    row = StageFigure.get(StageFigure.stage_code == "TERIMA_ADMIN")
    assert size(row.rest) >= FEWEST_EXAMPLES
    found = forecast_of(running, work_calendar(), now=now + timedelta(minutes=5))
    assert found.examples <= size(row.rest) and now.date() <= found.early_on <= found.late_on
    # What took less than it has waited already says nothing about it.
    rest = sorted(int(k) / 10 for k, n in row.rest.items() for _ in range(n))
    later = forecast_of(running, work_calendar(), now=now + timedelta(minutes=200))
    if later:
        assert later.examples <= len(rest) and later.early_on >= found.early_on


def test_customer_reads_a_range_and_staff_the_percentiles(app, people, runtime, now, clock):
    rows = {str(10 + step * 10): 3 for step in range(5)}
    StageFigure.create(month="2024-06", service_code="data", subclass_code="data_informasi",
                       stage_code="TERIMA_ADMIN", passes=15, on_time=15, rest=rows)  # fmt: skip
    clock.set(now)
    filed = file_request(runtime, people.customer, now=now)
    page = enter(app, people.customer).get(f"/layanan/{filed.public_id}").text
    # Half took up to 3 working days from Monday 29 July, four in five up to 4.
    assert "kemungkinan selesai antara Kamis, 1 Agu 2024 dan Jumat, 2 Agu 2024" in page
    card = enter(app, people.admin_layanan).get(f"/backoffice/permohonan/{filed.public_id}").text
    assert "Kamis, 1 Agu 2024 (P50)" in card and "Jumat, 2 Agu 2024 (P80)" in card
    assert "15 permohonan sejenis" in card


def test_no_forecast_from_a_handful_or_once_the_office_is_done(people, runtime, now):
    StageFigure.create(month="2024-06", service_code="data", subclass_code="data_informasi",
                       stage_code="TERIMA_ADMIN", passes=3, on_time=3, rest={"20": 3})  # fmt: skip
    filed = file_request(runtime, people.customer, now=now)
    assert forecast_of(filed, work_calendar(), now=now) is None
    StageFigure.update(rest={"20": 30}).execute()
    assert forecast_of(filed, work_calendar(), now=now).examples == 30
    done = advance(filed, people, runtime, now=now, until="SURVEI")
    assert forecast_of(done, work_calendar(), now=now) is None


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
