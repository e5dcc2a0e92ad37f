"""What everybody may see of the survey: locked periods, their ties and their report."""

import hashlib
import re
from datetime import date

from models import (
    Printout,
    SurveyPeriod,
)
from outputs.survey import periods
from rules.periods import Period
from tests.backoffice.reports.skm_samples import (
    AFTER,
    PERIOD,
    answer,
    golden_answers,
    independent_extremes,
)
from tests.papers import assert_carries_code, read_pdf
from tests.people import enter, post
from workflow import Reader

# -- ties ----------------------------------------------------------------------------------------


def test_ties_are_told_on_page_paper_and_to_the_public(app, people, results):
    for _ in range(6):
        answer([4, 3, 4, 4, 3, 4, 4, 4, 4])
    assert (results().whole.lowest, results().whole.highest) == independent_extremes()
    client = enter(app, people.kasubag_tu)
    page = client.get("/backoffice/skm/?periode=2024-S2").text
    low = "U2 Sistem, Mekanisme, dan Prosedur; U5 Produk Spesifikasi Jenis Pelayanan"
    assert f"terendah: {low}<" in page
    assert "tertinggi: U1 Persyaratan; U3 Waktu Penyelesaian; U4" in page
    assert marked(page, "(perlu perhatian)") == ["U2", "U5"]
    text = read_pdf(post(client, "/backoffice/skm/2024-S2/laporan", {}).data)[1]
    assert f"Unsur terendah: {low} (75,00). Unsur tertinggi: U1 Persyaratan; U3" in text
    assert f"Unsur {low} perlu didahulukan" in text
    periods.lock_period(PERIOD, reader=Reader.at(people.kepala_balai, AFTER))
    for address in ("/statistik", "/statistik/skm/2024-S2"):
        assert enter(app, None).get(address).text.count("(terendah)") == 2


def test_where_all_elements_are_equal_none_is_lowest(app, people):
    for _ in range(6):
        answer([3] * 9)
    client = enter(app, people.kasubag_tu)
    page = client.get("/backoffice/skm/?periode=2024-S2").text
    assert "nilai kesembilan unsur, semuanya sama" in page
    assert "semua sama" in page[page.index("IKM per periode") :]
    assert "terendah:" not in page and "(perlu perhatian)" not in page
    text = read_pdf(post(client, "/backoffice/skm/2024-S2/laporan", {}).data)[1]
    assert "Kesembilan unsur bernilai sama (75,00)" in text and "dalam perbaikan" not in text
    periods.lock_period(PERIOD, reader=Reader.at(people.kepala_balai, AFTER))
    public = enter(app, None).get("/statistik").text
    assert "kesembilan unsur bernilai sama" in public and "(terendah)" not in public


def marked(page: str, words: str) -> list[str]:
    """The elements whose row of a table carries the words."""
    return [part[:2] for part in page.split('<th scope="row">')
            if words in part.partition("</th>")[0]]  # fmt: skip


def test_the_public_history_puts_a_year_after_its_semesters(app, people):
    for on in (date(2023, 9, 1), date(2024, 3, 1), date(2024, 9, 1)):
        for _ in range(5):
            answer([3] * 8 + [4], on=on)
    for period in (Period(2024), Period(2024, 1), Period(2024, 2), Period(2023, 2)):
        periods.lock_period(period, reader=Reader.at(people.kepala_balai, AFTER))
    page = enter(app, None).get("/statistik").text
    table = page[page.index("IKM tiap periode yang sudah ditetapkan") :]
    codes = re.findall(r"/statistik/skm/([0-9S-]+)", table)
    assert codes == ["2024-S2", "2024-S1", "2024", "2023-S2"]
    chart = page[page.index("IKM per periode") : page.index("Tabel riwayat")]
    titles = re.findall(r"<text[^>]*>((?:Semester \w+ )?Tahun \d{4})</text>", chart)
    assert titles == ["Semester II Tahun 2023", "Semester I Tahun 2024", "Semester II Tahun 2024",
                      "Tahun 2024"]  # fmt: skip
    assert "Semester II Tahun 2024</div>" in page


# -- what everybody may see ----------------------------------------------------------------------


def test_the_public_sees_locked_periods_only(app, people):
    golden_answers()
    answer([4] * 9, gender="Memilih tidak menjawab")
    for _ in range(6):
        answer([3] * 9, on=date(2024, 3, 1))
    public = enter(app, None)
    assert "Riwayat" not in public.get("/statistik").text
    for period in (PERIOD, PERIOD.previous):
        periods.lock_period(period, reader=Reader.at(people.kepala_balai, AFTER))
    page = " ".join(public.get("/statistik").text.split())
    hidden = "Memilih tidak menjawab disamarkan"
    for words in ("<strong>91,76</strong> Mutu A", "Semester II Tahun 2024", "30 orang",
                  "Semester I Tahun 2024", "75,00", hidden):  # fmt: skip
        assert words in page, words


def test_a_report_can_be_checked_by_everybody(app, people, runtime, filled):
    public = enter(app, None)
    page = public.get("/statistik/skm/2024-S2").text
    assert SurveyPeriod.get(SurveyPeriod.code == "2024-S2").digest in page
    assert "Mohon dipercepat" not in page
    report = post(enter(app, people.kasubag_tu), "/backoffice/skm/2024-S2/laporan", {}).data
    assert "/statistik/skm/2024-S2" in read_pdf(report)[1].replace(" ", "")
    row = Printout.get()
    assert_carries_code(report, f"{runtime.settings.base_url}/v/{row.code}")
    checked = public.get(f"/v/{row.code}").text
    for words in ("BERLAKU", "Laporan Survei Kepuasan Masyarakat", "Semester II Tahun 2024",
                  "Dikunci, tidak berubah lagi", "Balai Teknik Pantai, Kasubag TU",
                  hashlib.sha256(report).hexdigest()):  # fmt: skip
        assert words in checked, words
    for code in ("2024-S1", "2024-S3", "2024-S2x", "2024"):
        assert public.get(f"/statistik/skm/{code}").status_code == 404
    SurveyPeriod.update(figures=SurveyPeriod.figures.concat(" ")).execute()
    assert public.get("/statistik/skm/2024-S2").status_code == 404


def test_a_locked_period_of_few_stays_unpublished(app, people):
    for _ in range(4):
        answer([1] * 9)
    periods.lock_period(PERIOD, reader=Reader.at(people.kepala_balai, AFTER))
    assert "Semester II Tahun 2024" not in enter(app, None).get("/statistik").text
