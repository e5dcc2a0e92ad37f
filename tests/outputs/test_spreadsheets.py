"""Every workbook in the hands of LibreOffice: the same sheets, cells, kinds and charts."""

from datetime import date, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from models import Holiday, RateBucket, Request, User
from outputs.recap.columns import COLUMNS
from outputs.recap.files import harmless
from outputs.survey import periods
from outputs.survey.periods import Plan
from tests import office
from tests.backoffice.reports.skm_samples import AFTER, PERIOD, answer, golden_answers
from tests.people import POSTS, advance, enter, file_request, make_customer, make_staff, post
from tests.web.test_access import TABLE, addresses, world  # noqa: F401
from workflow import Reader

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What people type, and a spreadsheet would like to make something else of.
TYPED = (
    "=1+1",
    '=HYPERLINK("https://jahat.test","klik")',
    "@SUM(A1:A9)",
    "+6281234567890",
    "-1+2",
    "081234567890",
    "1/2/2024",
    "12.30",
    "1E5",
    "TRUE",
    "12345678901234567890",
    "https://contoh.test/berkas",
    '<r><t>x</t></r></is></c><c r="H9"><f>1+1</f></c><c><is><r></r>',
    "baris satu\nbaris dua",
    "{=1+1}",
    "'=1+1",
    "A & <b>",
    "=cmd|'/C calc'!A0",
    "＝１＋１",
    "٠١٢٣",
    "2026-02-30",
    "#REF!",
)
NEXT_YEAR = date(2031, 1, 1)
# Every workbook by the address that hands it out, with the sheets that hold formulas of ours.
FORMULAS: dict[str, set[str]] = {
    "layanan-rekap": set(),
    "backoffice-rekap-unduh": set(),
    "backoffice-skm-2024-S2-data": {"Data Olahan"},
    "backoffice-hari-libur-unduh": set(),
    "backoffice-petugas-impor-unduh": set(),
    "backoffice-tagihan-unduh": set(),
}
# The book of bills names who was billed, and none of these was.
WITHOUT_TYPED = {"backoffice-tagihan-unduh"}
CHARTS = {"backoffice-rekap-unduh": 3}


@pytest.fixture
def mischief(app, people, runtime, now):
    """Each of the texts as a subject, a name, an institution, a plan and a closed day."""
    done = file_request(runtime, people.customer, now=now, key="DONE", subject=TYPED[0])
    advance(done, people, runtime, now=now)
    for number, text in enumerate(TYPED):
        with app.app_context():
            customer = make_customer(f"pelanggan{number}@contoh.test", text)
            clerk = make_staff("staf_tu", email=f"petugas{number}@balai.test")
        User.update(institution_name=text).where(User.id == customer.id).execute()
        User.update(name=text).where(User.id == clerk.id).execute()
        for filer in (customer, people.customer):
            key = f"{filer.id}-{number}"
            file_request(runtime, filer, now=now, key=key, subject=text)
        Holiday.create(on=NEXT_YEAR + timedelta(days=number), title=text,
                       kind="lokal", source=text)  # fmt: skip
        plan = Plan("U3", text, date(2025, 6, 30), text)
        periods.write_plan(PERIOD, plan, reader=Reader.at(people.kasubag_tu, AFTER))
    golden_answers()
    answer([3] * 9, suggestion=TYPED[0])
    yield
    Holiday.delete().where(Holiday.on >= NEXT_YEAR).execute()


@pytest.fixture
def everybody(app, mischief):
    """One person who holds every post, and so gets every file of the office."""
    with app.app_context():
        return make_staff(*POSTS, email="semua@balai.test")


@pytest.fixture
def workbooks(app, people, everybody, world, tmp_path) -> dict[str, Path]:  # noqa: F811
    """Every workbook that any address hands out: name without date -> file."""
    customer, staff = enter(app, people.customer), enter(app, everybody)
    answers = [
        customer.get("/layanan/rekap?format=xlsx"),
        staff.get("/backoffice/skm/2024-S2/data"),
        staff.get(f"/backoffice/hari-libur/unduh/?tahun={NEXT_YEAR.year}"),
        post(staff, "/backoffice/rekap/unduh", {"period": "semua", "format": "xlsx"}),
    ]
    for rule, address in addresses(world).items():
        if rule.startswith("GET") and 200 in TABLE[rule]["status"]:
            RateBucket.delete().execute()
            answers += [customer.get(address), staff.get(address)]
    found: dict[str, Path] = {}
    for response in answers:
        name = response.request.path.strip("/").replace("/", "-")
        if response.mimetype == XLSX and name not in found:
            found[name] = tmp_path / f"{name}.xlsx"
            found[name].write_bytes(response.data)
    return found


Cells = dict[tuple[str, str], object]


def cells_of(book: Workbook) -> Cells:
    """(sheet, place) -> what is there, of every cell that isn't empty."""
    cells = ((sheet.title, cell) for sheet in book for row in sheet.iter_rows() for cell in row)
    return {(sheet, cell.coordinate): plain(cell.value) for sheet, cell in cells
            if cell.value not in (None, "")}  # fmt: skip


def plain(value: object) -> object:
    """A number to the last digit that both programs write; everything else as it is."""
    return float(f"{value:.12g}") if isinstance(value, int | float) else value


def formulas_in(book: Workbook) -> set[str]:
    return {sheet.title for sheet in book for row in sheet.iter_rows() for cell in row
            if cell.data_type == "f" or cell.hyperlink}  # fmt: skip


def charts_in(book: Workbook) -> dict[str, list[tuple[str, list[str]]]]:
    """Sheet -> kind and the references of the figures of each chart on it."""
    return {
        sheet.title: sorted(
            (type(chart).__name__, [one.val.numRef.f.replace("$", "") for one in chart.series])
            for chart in sheet._charts
        )
        for sheet in book
    }


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_libreoffice_sees_in_every_workbook_what_we_wrote(workbooks, tmp_path):
    assert set(workbooks) == set(FORMULAS)
    saved = office.save_again(list(workbooks.values()), tmp_path / "again")
    for name, path in workbooks.items():
        ours, theirs = openpyxl.load_workbook(path), openpyxl.load_workbook(saved[name])
        assert theirs.sheetnames == ours.sheetnames, name
        # Nothing became a formula or a link that isn't one of our sums.
        assert formulas_in(ours) == formulas_in(theirs) == FORMULAS[name], name
        assert charts_in(theirs) == charts_in(ours), name
        assert sum(map(len, charts_in(ours).values())) == CHARTS.get(name, 0), name
        # Texts are the same texts, numbers and moments the same and still of their kind; and
        # what LibreOffice counts by our formulas is what we wrote as their results.
        shown = cells_of(openpyxl.load_workbook(path, data_only=True))
        read = cells_of(openpyxl.load_workbook(saved[name], data_only=True))
        counted = {place for place, value in cells_of(ours).items()
                   if place[0] in FORMULAS[name] and str(value).startswith("=")}  # fmt: skip
        different = {}
        for place in shown.keys() | read.keys():
            pair = shown.get(place), read.get(place)
            if place in counted and isinstance(pair[1], float):
                pair = pair[0], round(pair[1], 4)
            if type(pair[0]) is not type(pair[1]) or pair[0] != pair[1]:
                different[place] = pair
        assert different == {}, name
        if name not in WITHOUT_TYPED:
            assert set(TYPED) <= {value for value in read.values() if isinstance(value, str)}, name


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_libreoffice_counts_nothing_in_a_csv(app, everybody, tmp_path):
    columns = {"period": "semua", "format": "csv", "column": list(COLUMNS)}
    response = post(enter(app, everybody), "/backoffice/rekap/unduh", columns)
    path = tmp_path / "rekap.csv"
    path.write_bytes(response.data)
    book = openpyxl.load_workbook(office.save_again([path], tmp_path / "again")["rekap"])
    assert formulas_in(book) == set()
    head, *rows = book.active.iter_rows(values_only=True)
    read = [dict(zip(head, row, strict=True)) for row in rows]
    assert len(read) == Request.select().count()
    # A CSV can't say that digits are a text; what could count something keeps its mark.
    active = {harmless(text) for text in TYPED if harmless(text) != text}
    assert len(active) == 7
    for column in ("PERIHAL", "NAMA INSTANSI"):
        assert active <= {row[column] for row in read}
    assert all(isinstance(row["TANGGAL PENGAJUAN"], datetime) for row in read)
