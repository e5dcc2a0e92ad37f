"""The recap: what is chosen, what the files hold, and exports made in the background."""

import csv
import io
import re
import signal
import threading
import zipfile
from datetime import UTC, datetime, timedelta

import openpyxl
import pytest

import tasks
import workflow
from config.background import huey
from models import Event, ExportJob, Message, RecapLayout, Request
from moves.catalogue import work_calendar
from outputs.recap import jobs as exports
from outputs.recap.files import harmless
from outputs.recap.rows import CHUNK, COLUMNS, USUAL_COLUMNS, Choice
from rules.formats import local
from storage.database import database
from storage.files import LocalStorage
from tests.backoffice.reports.test_skm import answer
from tests.papers import read_pdf, words_of
from tests.people import (
    REFUSAL,
    Person,
    advance,
    enter,
    file_request,
    make_staff,
    pdf,
    post,
    stored,
)

EVIL = '=HYPERLINK("https://jahat.test","klik")'
MARKUP = '<r><t>x</t></r></is></c><c r="H9"><f>1+1</f></c><c><is><r></r>'
SITE = "http://localhost"
EVERYTHING = {"period": "semua", "format": "xlsx"}


def file_several(people, runtime, now):
    """One done, one refused, one running; two waiting, with mischief for a subject."""
    done = advance(
        file_request(runtime, people.customer, now=now, key="A"), people, runtime, now=now
    )
    refused = file_request(runtime, people.customer, now=now, key="B")
    workflow.act(refused, "reject", actor=people.admin_layanan, inputs=REFUSAL, version=1,
                 now=now + timedelta(minutes=1))  # fmt: skip
    later = now + timedelta(days=35)
    running = file_request(runtime, people.other_customer, now=later, key="C")
    running = advance(running, people, runtime, now=later, until="VERIFIKASI_DATA")
    for key, subject in (("D", EVIL), ("E", MARKUP)):
        file_request(runtime, people.customer, now=later, key=key, subject=subject)
    return done, refused, running


@pytest.fixture
def several(snapshots, people, runtime, now):
    return snapshots.of(file_several, people, runtime, now)


def file_many(people, runtime, now):
    """More requests than a page waits for, and than are read at a time."""
    offer = runtime.catalogue["data"]
    count = exports.AT_ONCE + 50
    assert count > CHUNK
    rows = [
        {
            "idempotency_key": f"M{n}", "customer": people.customer, "flow": offer.version_id,
            "service_code": "data", "subject": f"Permohonan {n}", "description": "Isi.",
            "statement_version": "2024-1", "stage_code": offer.flow.stages[1].code,
            "waiting_role": "admin_layanan",
            # Pairs at the same instant, also where one chunk ends and the next begins.
            "submitted_at": now + timedelta(minutes=n // 2), "submitted_month": "2024-07",
            "stage_entered_at": now, "stage_due_at": now, "due_at": now,
        }
        for n in range(count)
    ]  # fmt: skip
    with database.atomic():
        for start in range(0, count, 500):
            Request.insert_many(rows[start : start + 500]).execute()
    return count


@pytest.fixture
def many(snapshots, people, runtime, now):
    return snapshots.of(file_many, people, runtime, now)


def take(client, **choice) -> object:
    return post(client, "/backoffice/rekap/unduh", EVERYTHING | choice)


def open_book(response) -> openpyxl.Workbook:
    assert response.status_code == 200
    assert response.headers["Content-Disposition"].startswith("attachment")
    return openpyxl.load_workbook(io.BytesIO(response.data))


def table(sheet) -> list[dict[str, object]]:
    head = [cell.value for cell in sheet[1]]
    return [
        dict(zip(head, [cell.value for cell in row], strict=True)) for row in sheet.iter_rows(2)
    ]


def facts(sheet) -> dict[object, object]:
    return {row[0].value: row[1].value for row in sheet.iter_rows() if row[0].value}


# -- the workbook --------------------------------------------------------------------------------


def test_recap_is_a_real_spreadsheet(app, people, several):
    book = open_book(take(enter(app, people.staf_tu)))
    assert book.sheetnames == ["Data", "Ringkasan", "Lama per Tahap", "IKM", "Tentang"]
    data = book["Data"]
    assert data.freeze_panes == "C2"
    assert data.auto_filter.ref == f"A1:Q{data.max_row}"
    rows = table(data)
    assert [row["NO"] for row in rows] == [1, 2, 3, 4, 5]
    done = next(row for row in rows if row["STATUS LAYANAN"] == "Selesai")
    assert done["NO PERMINTAAN LAYANAN"] == "1/L.Data/29/VII/24"
    assert done["TANGGAL PENGAJUAN"] == local(several[0].submitted_at)
    assert done["TANGGAL DITUTUP"] == local(several[0].closed_at)
    assert done["TEPAT WAKTU"] == "Ya"
    assert done["TAHAP"] is None
    assert done["LAMA (HARI KERJA)"] == several[0].office_days
    running = next(row for row in rows if row["STATUS LAYANAN"] == "Sedang Diproses")
    assert running["TAHAP"]
    assert running["TANGGAL SELESAI DIKERJAKAN"] is None


def test_text_stays_text_whatever_it_looks_like(app, people, several):
    book = open_book(take(enter(app, people.staf_tu)))
    subjects = {row["PERIHAL"] for row in table(book["Data"])}
    # The second would be written as markup, with a cell of its own, by the library alone.
    assert {EVIL, MARKUP} <= subjects
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert not [cell for cell in cells if cell.hyperlink]


def test_summary_counts_what_the_sheet_holds_and_draws_it(app, people, several):
    book = open_book(take(enter(app, people.staf_tu)))
    summary = book["Ringkasan"]
    said = facts(summary)
    assert (said["Permohonan"], said["Selesai dikerjakan"], said["Tepat waktu"]) == (5, 1, 1)
    # Months are dates, also the one in which nobody asked for anything.
    months = [said[datetime(2024, month, 1)] for month in (7, 8, 9)]
    assert months == [2, 0, 3]
    assert said["Jumlah"] == 5
    assert (said["Selesai"], said["Ditolak"], said["Menunggu Verifikasi"]) == (1, 1, 2)
    assert len(summary._charts) == 3
    kinds = sorted(type(chart).__name__ for chart in summary._charts)
    assert kinds == ["BarChart", "BarChart", "BarChart"]
    reference = summary._charts[0].series[0].val.numRef.f
    assert reference.startswith("Ringkasan!$B$")


def test_workbook_prints_without_being_touched(app, people, runtime, now):
    """Long texts are seen whole, every page says what it is, and nothing is too small to read."""
    long = "Permohonan data pasang surut dan gelombang " * 4
    file_request(runtime, people.customer, now=now, key="L", subject=long.strip())
    client = enter(app, people.staf_tu)
    everything = {"period": "tanggal", "since": "2024-01-01", "until": "2024-12-31",
                  "status": "waiting_verification"}  # fmt: skip
    response = take(client, service="data", **everything)
    book = open_book(response)
    for sheet in book:
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert "Halaman" in sheet.oddFooter.right.text
        # An ampersand in a title is a sign, no command to the printer.
        assert "Informasi Data && Diseminasi; Status: Menunggu" in sheet.oddHeader.right.text
    data = book["Data"]
    assert (data.print_title_rows, data.print_title_cols) == ("$1:$1", "$A:$B")
    assert (data.page_setup.fitToWidth, data.page_setup.fitToHeight) == (2, 0)
    assert data.row_dimensions[2].height >= 5 * 15
    with zipfile.ZipFile(io.BytesIO(response.data)) as parts:
        rows = re.findall(r"<row [^>]*>", parts.read("xl/worksheets/sheet1.xml").decode())
    # Not the height of somebody's choice: wider columns make lower rows.
    assert "customHeight" not in rows[1]
    few = open_book(take(client, column=["number", "customer", "subject", "submitted", "status"]))
    assert few["Data"].page_setup.fitToWidth in (None, 1)
    assert few["Data"].print_title_cols is None


def test_cells_are_of_their_kind_when_they_are_edited(app, people, several):
    book = open_book(take(enter(app, people.staf_tu)))
    formats = {cell.value: book["Data"][2][cell.column - 1].number_format
               for cell in book["Data"][1]}  # fmt: skip
    # A text that begins like a formula stays text when somebody mends a letter of it.
    assert formats["PERIHAL"] == "@"
    assert formats["TANGGAL PENGAJUAN"] == "[$-421]dd mmm yyyy hh:mm"
    months = [cell for cell in book["Ringkasan"]["A"] if isinstance(cell.value, datetime)]
    assert {cell.number_format for cell in months} == {"[$-421]mmmm yyyy"}


def test_nothing_found_is_said_on_every_sheet_and_on_paper(app, people, several):
    client = enter(app, people.staf_tu)
    book = open_book(take(client, status="expired"))
    words = {
        sheet.title: " ".join(str(cell.value) for row in sheet.iter_rows() for cell in row)
        for sheet in book
    }
    for title in ("Data", "Ringkasan"):
        assert "Tidak ada permohonan yang cocok" in words[title]
    assert "Tidak ada tahap yang selesai" in words["Lama per Tahap"]
    assert "IKM tidak ditampilkan" in words["IKM"]
    assert not book["Ringkasan"]._charts
    paper = take(client, status="expired", format="pdf")
    assert "Tidak ada permohonan yang cocok" in words_of(paper.data)


def test_file_says_its_filters_moment_and_maker(app, people, several):
    client = enter(app, people.staf_tu)
    book = open_book(
        take(client, period="tanggal", since="2024-09-01", until="2024-12-31", status="in_process")
    )
    assert book["Data"].max_row == 2
    said = facts(book["Tentang"])
    assert said["Diajukan sejak"] == "1 Sep 2024"
    assert said["Diajukan sampai"] == "31 Des 2024"
    assert said["Status"] == "Sedang Diproses"
    assert said["Dibuat oleh"] == people.staf_tu.name
    assert said["Jumlah baris"] == 1
    assert "WITA" in said["Dibuat pada"]


def test_stage_durations_equal_an_independent_count(app, people, several):
    book = open_book(take(enter(app, people.staf_tu), service="data", status="done"))
    rows = table(book["Lama per Tahap"])
    completed = [
        event.at
        for event in Event.select().where(Event.request == several[0]).order_by(Event.seq)
        if event.kind in ("submitted", "stage_completed")
    ]
    calendar = work_calendar()
    expected = [
        float(calendar.working_days_between(a, b))
        for a, b in zip(completed, completed[1:], strict=False)
    ]
    found = [
        row["Median (hari kerja balai)"]
        if row["Median (hari kerja balai)"] is not None
        else row["Median giliran pelanggan atau jeda (bila ada)"]
        for row in rows
    ]
    assert len(found) == len(expected)
    assert all(abs(a - b) <= 0.01 for a, b in zip(found, expected, strict=True)), (found, expected)
    assert {row["Jumlah"] for row in rows} == {1}


def test_pauses_and_returns_are_told_apart(app, people, runtime, now):
    """A stage that was given back counts once, a stretch in which the clock stood isn't ours."""
    item = file_request(runtime, people.customer, now=now)
    at = now + timedelta(hours=1)
    item = workflow.act(item, "ask_completion", actor=people.admin_layanan, version=item.version,
                        inputs={"items": "Surat", "days": "5"}, now=at)  # fmt: skip
    # Two whole working days at the customer.
    at += timedelta(days=2)
    offered = {choice.code: choice for choice in workflow.choices(item, people.customer, at)}
    choice = offered["give_completion"]
    inputs = {entry.name: _input(runtime, entry) for entry in choice.inputs}
    item = workflow.act(item, "give_completion", actor=people.customer, inputs=inputs,
                        version=item.version, now=at)  # fmt: skip
    advance(item, people, runtime, now=at)
    rows = table(open_book(take(enter(app, people.staf_tu)))["Lama per Tahap"])
    first = rows[0]
    assert first["Median (hari kerja balai)"] == pytest.approx(0.16, abs=0.03)
    assert first["Median giliran pelanggan atau jeda (bila ada)"] == pytest.approx(2, abs=0.01)


def _input(runtime, entry):
    return stored(runtime, pdf("Kelengkapan")) if entry.type == "file" else "Terlampir."


def test_columns_are_chosen(app, people, several):
    client = enter(app, people.staf_tu)
    book = open_book(take(client, column=["status", "number", "channel"]))
    head = [cell.value for cell in book["Data"][1]]
    assert head == ["NO", "NO PERMINTAAN LAYANAN", "STATUS LAYANAN", "CARA MASUK"]
    assert {row["CARA MASUK"] for row in table(book["Data"])} == {"Portal"}


def test_every_download_is_in_the_history(app, people, several):
    take(enter(app, people.staf_tu), format="csv", status="done")
    event = Event.get(Event.kind == "recap_exported")
    assert event.actor_id == people.staf_tu.id
    assert event.data == {"format": "csv", "rows": 1, "choice": "period=semua&status=done"}


# -- CSV and PDF ---------------------------------------------------------------------------------


def test_csv_opens_in_an_indonesian_excel_and_does_no_harm(app, people, several):
    response = take(enter(app, people.staf_tu), format="csv")
    assert response.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(response.data.decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == 5
    assert f"'{EVIL}" in {row["PERIHAL"] for row in rows}
    done = next(row for row in rows if row["STATUS LAYANAN"] == "Selesai")
    assert done["TANGGAL PENGAJUAN"] == "2024-07-29 12:57:45"
    assert "," in done["LAMA (HARI KERJA)"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "\r=1", "＝1"])
def test_no_cell_of_a_csv_becomes_a_formula(text):
    assert harmless(text) == f"'{text}"


def test_ordinary_text_stays_as_it_is():
    for text in ("-", "Data = dasar", "a-b", "", "1/L.Data/29/VII/24"):
        assert harmless(text) == text


def test_pdf_is_a_table_with_embedded_fonts(app, people, several):
    client = enter(app, people.kasubag_tu)
    chosen = ["number", "customer", "subject", "submitted", "status"]
    response = take(client, format="pdf", column=chosen)
    assert response.mimetype == "application/pdf"
    reader, text = read_pdf(response.data)
    assert reader.pages[0].mediabox.width > reader.pages[0].mediabox.height
    for words in ("1/L.Data/29/VII/24", people.customer.name, "Sedang Diproses",
                  people.kasubag_tu.name):  # fmt: skip
        assert words in text, words


def test_pdf_of_all_columns_is_refused_with_a_way_out(app, people, several):
    response = take(enter(app, people.staf_tu), format="pdf", column=[*COLUMNS])
    assert response.status_code == 422
    assert "paling banyak 10 kolom" in response.text


def test_pdf_takes_the_main_columns_while_none_were_chosen(app, people, several):
    response = take(enter(app, people.staf_tu), format="pdf", column=[*USUAL_COLUMNS])
    text = words_of(response.data)
    assert "No permintaan layanan" in text and "Tepat waktu" in text
    assert "Sub-klasifikasi" not in text


# -- the figures ---------------------------------------------------------------------------------


def figures(page: str) -> dict[str, tuple[str, str]]:
    """Label of each counter -> its figure and the address that it opens, if any."""
    found = re.findall(
        r'<(?:a|div) class="m-counter[^"]*"(?: href="([^"]+)")?><strong>([^<]+)</strong>([^<]+)<',
        page,
    )
    return {label: (value, url.replace("&amp;", "&")) for url, value, label in found}


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
    assert "Kolom (1 dari 20)" in kept


def test_a_layout_is_not_shared_with_a_post_one_does_not_hold(app, people):
    given = {"title": "Untuk orang lain", "role_code": "kepala_balai"}
    response = post(enter(app, people.staf_tu), "/backoffice/rekap/tata-letak", given)
    assert response.status_code == 422
    assert "Untuk orang lain" in response.text
    assert not RecapLayout.select().exists()


# -- in the background ---------------------------------------------------------------------------


def clock() -> datetime:
    return datetime.now(UTC)


def make(runtime, at=clock) -> int:
    return exports.make_due(runtime.storage, base_url=SITE, clock=at)


def ordered(app, people, **choice) -> ExportJob:
    response = take(enter(app, people.staf_tu), **choice)
    assert response.status_code == 302
    job = ExportJob.get()
    assert response.headers["Location"].endswith(f"/backoffice/rekap/berkas/{job.public_id}")
    return job


def test_a_large_export_is_ordered_made_told_and_fetched(app, people, runtime, many):
    job = ordered(app, people)
    assert (job.state, job.total) == ("queued", many)
    client = enter(app, people.staf_tu)
    page = client.get(f"/backoffice/rekap/berkas/{job.public_id}").text
    assert "Menunggu giliran" in page
    assert '<meta http-equiv="refresh"' in page
    assert make(runtime) == 1
    assert make(runtime) == 0
    state = client.get(f"/backoffice/rekap/berkas/{job.public_id}/keadaan").json
    assert (state["state"], state["done"]) == ("ready", many)
    book = open_book(client.get(f"/backoffice/rekap/berkas/{job.public_id}/isi"))
    subjects = [row["PERIHAL"] for row in table(book["Data"])]
    assert len(subjects) == len(set(subjects)) == many
    message = Message.get(Message.template == "rekap_siap")
    assert message.recipient_id == people.staf_tu.id
    assert message.variables["tautan"] == f"/backoffice/rekap/berkas/{job.public_id}"
    assert Event.get(Event.kind == "recap_exported").data["rows"] == many


def test_the_recap_page_says_how_files_are_and_what_can_be_done(app, people, runtime, many):
    job = ordered(app, people, format="csv", status="waiting_verification")
    client = enter(app, people.staf_tu)
    base = f"/backoffice/rekap/berkas/{job.public_id}"
    waiting = client.get("/backoffice/rekap/").text
    assert f'action="{base}/batal"' in waiting and f'href="{base}/isi"' not in waiting
    assert "Status: Menunggu Verifikasi" in waiting
    make(runtime)
    ready = client.get("/backoffice/rekap/").text
    assert f'href="{base}/isi"' in ready and f'action="{base}/batal"' not in ready
    assert client.get(f"{base}/isi").status_code == 200


def test_only_the_owner_gets_the_file(app, people, runtime, many):
    job = ordered(app, people, format="csv")
    make(runtime)
    for held in ("kasubag_tu", "kepala_balai", "auditor"):
        client = enter(app, people.staff[held])
        for part in ("", "/keadaan", "/isi"):
            assert client.get(f"/backoffice/rekap/berkas/{job.public_id}{part}").status_code == 404


def test_the_same_order_twice_is_one(app, people, many):
    first = take(enter(app, people.staf_tu)).headers["Location"]
    assert take(enter(app, people.staf_tu)).headers["Location"] == first
    assert ExportJob.select().count() == 1


def test_nobody_orders_without_end(app, people, many):
    client = enter(app, people.staf_tu)
    for column in ("number", "status", "subject"):
        assert take(client, column=[column]).status_code == 302
    refused = take(client, column=["customer"])
    assert refused.status_code == 422
    assert "Tunggu sampai selesai" in refused.text


def test_a_cancelled_export_stops_and_leaves_nothing(app, people, runtime, many):
    job = ordered(app, people)

    def cancelling() -> datetime:
        """The owner thinks better of it while the rows are being written."""
        if ExportJob.get().state == "running":
            post(enter(app, people.staf_tu), f"/backoffice/rekap/berkas/{job.public_id}/batal")
        return clock()

    assert make(runtime, cancelling) == 0
    job = ExportJob.get()
    assert (job.state, job.sha256) == ("cancelled", "")
    assert not Message.select().where(Message.template == "rekap_siap").exists()
    client = enter(app, people.staf_tu)
    again = post(client, f"/backoffice/rekap/berkas/{job.public_id}/ulang", follow_redirects=True)
    assert "Menunggu giliran" in again.text
    assert make(runtime) == 1


def test_an_export_whose_maker_died_is_made_again(app, people, runtime, many):
    job = ordered(app, people, format="csv")
    past = clock() - timedelta(seconds=1)

    def die(attempts: int) -> None:
        ExportJob.update(state="running", claim="x", lease_until=past, attempts=attempts).execute()

    ExportJob.update(state="running", claim="x", lease_until=clock() + exports.LEASE).execute()
    assert not exports.is_due(clock())
    assert make(runtime) == 0
    die(1)
    state = f"/backoffice/rekap/berkas/{job.public_id}/keadaan"
    assert "terhenti di tengah jalan" in enter(app, people.staf_tu).get(state).json["words"]
    assert exports.is_due(clock())
    assert make(runtime) == 1
    # What kills its maker each time is given up in the end.
    die(exports.MOST_ATTEMPTS)
    assert make(runtime) == 0
    job = ExportJob.get()
    assert job.state == "failed"
    page = enter(app, people.staf_tu).get(f"/backoffice/rekap/berkas/{job.public_id}").text
    assert "Persempit saringan" in page
    assert Message.select().where(Message.template == "rekap_gagal").count() == 1


def test_a_maker_whose_office_closes_gives_the_export_back(app, people, runtime, many):
    job = ordered(app, people, format="csv")
    told: list[int] = []

    def is_ending() -> bool:
        """From the first rows on."""
        told.append(ExportJob.get_by_id(job.id).done)
        return len(told) > 1

    with pytest.raises(exports.Ending):
        exports.make_due(runtime.storage, base_url=SITE, clock=clock, is_ending=is_ending)
    job = ExportJob.get_by_id(job.id)
    assert (job.state, job.attempts, job.done, job.sha256) == ("queued", 0, 0, "")
    assert make(runtime) == 1


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_maker_is_followed_by_another_at_once(app, people, runtime, many, how):
    job, makers = ordered(app, people), tasks.makers
    page = f"/backoffice/rekap/berkas/{job.public_id}/keadaan"
    maker = makers.start(runtime.settings)
    reaping = threading.Thread(target=tasks.reap_when_ended, args=(maker,))
    huey.flush()
    reaping.start()
    while ExportJob.get_by_id(job.id).state == "queued":
        assert maker.poll() is None
    # It waits with its next step for this row, so that it is killed halfway for certain.
    with database.atomic():
        ExportJob.update(error="").execute()
        assert ExportJob.get_by_id(job.id).state == "running"
        maker.send_signal(how)
        if how == signal.SIGKILL:
            maker.wait(60)
    assert maker.wait(60) == (-how if how == signal.SIGKILL else 1)
    reaping.join(60)
    # Whoever could give it back has done so, and leaves it to the sweep: it is about to end.
    rung = ["make_exports"] if how == signal.SIGKILL else []
    assert [task.name for task in huey.pending()] == rung
    huey.flush()
    assert exports.is_due(clock())
    found = enter(app, people.staf_tu).get(page).json
    assert (found["state"], found["done"]) == ("queued", 0)
    assert ("tadi terhenti" in found["words"]) == (how == signal.SIGKILL)
    assert makers.start(runtime.settings).wait(60) == 0
    job = ExportJob.get_by_id(job.id)
    assert (job.state, job.done) == ("ready", many)
    assert Message.select().where(Message.template == "rekap_siap").count() == 1


def test_an_expired_file_goes_away(app, people, runtime, many):
    job = ordered(app, people, format="csv")
    make(runtime)
    sha256 = ExportJob.get().sha256
    storage: LocalStorage = runtime.storage
    long_after = clock() + timedelta(days=2)
    tasks.clean_up(storage, now=long_after)
    assert storage.path(sha256).exists()
    tasks.clean_up(storage, now=clock() + exports.KEPT_FOR + timedelta(minutes=1))
    assert not storage.path(sha256).exists()
    assert ExportJob.get().state == "expired"
    client = enter(app, people.staf_tu)
    gone = client.get(f"/backoffice/rekap/berkas/{job.public_id}/isi", follow_redirects=True)
    assert "Sudah dihapus" in gone.text


@pytest.mark.slow
def test_a_process_of_its_own_makes_the_file(app, people, runtime, many):
    job = ordered(app, people)
    makers = exports.Makers()
    assert makers.start(runtime.settings).wait(60) == 0
    assert makers.reap() == 0
    job = ExportJob.get_by_id(job.id)
    assert (job.state, job.done) == ("ready", many)
    assert runtime.storage.path(job.sha256).stat().st_size == job.size


@pytest.mark.browser
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_page_follows_the_export_and_hands_it_over(chromium, live, people, runtime, many):
    clerk = Person(chromium, live)
    clerk.logs_in(people.staf_tu.email)
    clerk.opens("/backoffice/rekap/?period=semua")
    clerk.presses("Unduh CSV")
    clerk.sees("Menunggu giliran")
    # The page isn't touched again: it asks by itself how far the export is.
    make(runtime)
    clerk.sees("Berkas siap")
    with clerk.page.expect_download() as taken:
        clerk.page.get_by_role("link", name="Unduh CSV").click()
    assert taken.value.suggested_filename.endswith(".csv")
    assert taken.value.path().read_text(encoding="utf-8-sig").count("\n") == many + 1
    clerk.leaves()


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
