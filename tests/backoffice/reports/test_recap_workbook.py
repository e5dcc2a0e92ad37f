"""The workbook of the recap: what its sheets hold, and how they print."""

import io
import re
import zipfile
from datetime import datetime, timedelta

import pytest

import workflow
from models import Event
from moves.catalogue import work_calendar
from outputs.recap.columns import COLUMNS
from rules.formats import local
from tests.backoffice.reports.recap_samples import EVIL, HEAD, MARKUP, open_book, table, take
from tests.papers import words_of
from tests.people import (
    advance,
    enter,
    file_request,
    pdf,
    stored,
)
from workflow import Reader


def facts(sheet) -> dict[object, object]:
    return {row[0].value: row[1].value for row in sheet.iter_rows() if row[0].value}


def test_recap_is_a_real_spreadsheet(app, people, several):
    book = open_book(take(enter(app, people.staf_tu), column=list(COLUMNS)))
    assert book.sheetnames == ["Data", "Sisa dan Selesai", "Ringkasan", "Lama per Tahap", "IKM",
                               "Tentang"]  # fmt: skip
    data = book["Data"]
    assert data.freeze_panes == "C7"
    # Five requests, and the line above those that have no number yet.
    assert data.auto_filter.ref == "A6:Z12"
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
    assert (data.print_title_rows, data.print_title_cols) == ("$6:$6", None)
    # What is usual has one page in its width.
    assert data.page_setup.fitToWidth in (None, 1) and data.page_setup.fitToHeight == 0
    assert data.row_dimensions[8].height >= 5 * 15
    with zipfile.ZipFile(io.BytesIO(response.data)) as parts:
        rows = re.findall(r"<row [^>]*>", parts.read("xl/worksheets/sheet1.xml").decode())
    # Not the height of somebody's choice: wider columns make lower rows.
    assert "customHeight" not in rows[7]
    many = open_book(take(client, column=list(COLUMNS)))["Data"]
    assert (many.page_setup.fitToWidth, many.print_title_cols) == (2, "$A:$B")
    few = open_book(take(client, column=["number", "customer", "subject", "submitted", "status"]))
    assert few["Data"].page_setup.fitToWidth in (None, 1)
    assert few["Data"].print_title_cols is None


def test_cells_are_of_their_kind_when_they_are_edited(app, people, several):
    book = open_book(take(enter(app, people.staf_tu)))
    formats = {cell.value: book["Data"][HEAD + 1][cell.column - 1].number_format
               for cell in book["Data"][HEAD]}  # fmt: skip
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
    assert len(table(book["Data"])) == 1
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
    item = workflow.act(
        item,
        "ask_completion",
        reader=Reader.at(people.admin_layanan, at),
        version=item.version,
        inputs={"items": "Surat", "days": "5"},
    )
    # Two whole working days at the customer.
    at += timedelta(days=2)
    offered = {
        choice.code: choice for choice in workflow.choices(item, Reader.at(people.customer, at))
    }
    choice = offered["give_completion"]
    inputs = {entry.name: _input(runtime, entry) for entry in choice.inputs}
    item = workflow.act(
        item,
        "give_completion",
        reader=Reader.at(people.customer, at),
        inputs=inputs,
        version=item.version,
    )
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
    head = [cell.value for cell in book["Data"][HEAD]]
    assert head == ["NO", "NO PERMINTAAN LAYANAN", "STATUS LAYANAN", "CARA MASUK"]
    assert {row["CARA MASUK"] for row in table(book["Data"])} == {"Portal"}


def test_every_download_is_in_the_history(app, people, several):
    take(enter(app, people.staf_tu), format="csv", status="done")
    event = Event.get(Event.kind == "recap_exported")
    assert event.actor_id == people.staf_tu.id
    assert event.data == {"format": "csv", "rows": 1, "choice": "period=semua&status=done"}
