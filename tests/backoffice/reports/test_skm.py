"""The satisfaction survey of a period: figures, suppression, lock, plans, workbook, report."""

import hashlib
import io
import json
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import openpyxl
import pytest

from administration import questionnaires
from models import (
    ActionPlan,
    Event,
    Printout,
    SurveyDraft,
    SurveyPeriod,
    SurveyResponse,
    verify_history,
)
from outputs.survey import periods as satisfaction
from outputs.survey.days import index_of_days
from outputs.survey.figures import collect, history_of, results_of
from outputs.survey.periods import Plan
from rules.periods import Period, Span, parse_period
from rules.skm import ELEMENTS
from storage.database import canonical_json
from tests.papers import assert_carries_code, read_pdf
from tests.people import Person, advance, enter, file_request, post
from workflow import Refused

PERIOD = Period(2024, 2)
AFTER = datetime(2025, 1, 6, 2, tzinfo=UTC)
GOLDEN = (105, 101, 100, 116, 102, 105, 106, 105, 115)
EVIL = '=HYPERLINK("https://jahat.test","klik")'


def answer(
    scores: Iterable[int],
    *,
    on: date = date(2024, 8, 1),
    service: str = "data",
    gender: str = "Laki-laki",
    version: str = "skm-2024-1",
    **extras: str,
) -> None:
    SurveyResponse.create(
        questionnaire=version,
        service_code=service,
        answered_on=on,
        scores=dict(zip(ELEMENTS, scores, strict=True)),
        demographics={"gender": gender, "age": "26–35"},
        extras=extras,
    )


def golden_answers(count: int = 29, totals: Iterable[int] = GOLDEN) -> None:
    """Answers of `count` people whose scores add up to the golden totals."""
    left = list(totals)
    for people in range(count, 0, -1):
        scores = [round(total / people) for total in left]
        left = [total - score for total, score in zip(left, scores, strict=True)]
        answer(scores, gender="Perempuan" if people % 3 else "Laki-laki")
    assert left == [0] * 9


@pytest.fixture
def results(runtime, people):
    """The figures of a period, as the page gets them."""

    def calculate(period: Period = PERIOD):
        kept = SurveyPeriod.get_or_none(SurveyPeriod.code == period.code)
        return results_of(period, runtime.questionnaire, kept=kept)

    return calculate


def independent_index() -> Decimal:
    """The index by the shortest other way: the mean of all scores there are, times 25."""
    scores = [score for row in SurveyResponse.select() for score in row.scores.values()]
    exact = Decimal(sum(scores)) * 25 / len(scores)
    return exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


def independent_extremes() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """All lowest and all highest elements, from means of the rows; none where all are equal."""
    rows = [row.scores for row in SurveyResponse.select()]
    means = {code: Fraction(sum(row[code] for row in rows), len(rows)) for code in ELEMENTS}
    low, high = min(means.values()), max(means.values())
    if low == high:
        return (), ()
    return tuple(c for c in means if means[c] == low), tuple(c for c in means if means[c] == high)


def test_the_golden_vector_from_rows(results):
    golden_answers()
    found = results()
    assert (found.count, found.whole.value, found.whole.grade) == (29, Decimal("91.48"), "A")
    assert found.whole.value == independent_index()
    assert (found.whole.nrr["U1"], found.whole.nrr["U3"]) == (Decimal("3.6207"), Decimal("3.4483"))
    # 955 / 29 × 0,11 × 25
    assert found.printed.value == Decimal("90.56")
    assert (found.whole.lowest, found.whole.highest) == independent_extremes()
    assert found.whole.lowest == ("U3",)
    assert sum(found.spread["U1"]) == 29


def test_only_the_days_of_the_period_count(results):
    for on in (date(2024, 6, 30), date(2024, 7, 1), date(2024, 12, 31), date(2025, 1, 1)):
        for _ in range(5):
            answer([3] * 9, on=on)
    assert results().count == 10
    assert results(Period(2024)).count == 15
    history = history_of([Period(2024, 1), PERIOD, Period(2025, 1)])
    assert [past.count for past in history] == [5, 10, 5]


def test_fewer_than_five_answers_show_nothing(app, people, results):
    for _ in range(4):
        answer([1] * 9, suggestion="Rahasia orang sedikit")
    found = results()
    assert (found.whole, found.services, found.profile, found.spread) == (None, (), (), {})
    client = enter(app, people.kepala_balai)
    page = client.get("/backoffice/skm/?periode=2024-S2").text
    assert "Responden belum cukup" in page
    assert "Rahasia orang sedikit" not in page
    assert post(client, "/backoffice/skm/2024-S2/laporan", {}).status_code == 302
    assert client.get("/backoffice/skm/2024-S2/data").status_code == 302


def test_small_services_hide_and_take_another_along(results):
    for service, count in (("data", 9), ("lab", 6), ("advis", 3)):
        for _ in range(count):
            answer([4] * 9, service=service)
    shown = {item.code: item.ikm for item in results().services}
    # What is hidden can't be had by subtracting what is shown from the whole.
    assert shown["advis"] is None
    assert shown["lab"] is None
    assert shown["data"].count == 9


def test_small_groups_of_people_hide(results):
    golden_answers()
    answer([4] * 9, gender="Memilih tidak menjawab")
    gender = dict(next(t for t in results().profile if t.code == "gender").rows)
    assert gender["Memilih tidak menjawab"] is None
    assert sorted(str(count) for count in gender.values()) == ["20", "None", "None"]


def test_uniform_answers_raise_a_warning_and_count_all_the_same(app, people, results):
    for _ in range(5):
        answer([3] * 9)
    for _ in range(5):
        answer([3, 3, 3, 3, 4, 3, 3, 3, 3])
    found = results()
    assert (found.count, found.same, found.is_careless) == (10, 5, True)
    answer([4, 4, 4, 4, 4, 4, 4, 4, 3])
    assert not results().is_careless


def test_population_is_what_the_office_finished(people, runtime, now, results):
    advance(file_request(runtime, people.customer, now=now, key="A"), people, runtime, now=now)
    file_request(runtime, people.customer, now=now, key="B")
    assert collect(PERIOD).population == 1
    assert collect(Period(2024, 1)).population == 0


# -- lock ----------------------------------------------------------------------------------------


def test_a_locked_period_never_changes(people, results):
    golden_answers()
    row = satisfaction.lock_period(PERIOD, actor=people.kepala_balai, now=AFTER)
    before = results()
    for _ in range(10):
        answer([1] * 9)
    SurveyResponse.delete().where(SurveyResponse.demographics.contains("Laki")).execute()
    after = results()
    assert after.is_locked and after.is_intact
    assert after.whole == before.whole
    assert after.profile == before.profile
    assert history_of([PERIOD])[0].ikm == before.whole
    event = Event.get(Event.kind == "survey_locked")
    assert event.data["sha256"] == row.digest
    assert (event.actor_id, event.acted_for) == (people.kepala_balai.id, "kepala_balai")
    assert verify_history()[1] == []


def test_changed_frozen_figures_are_noticed(app, people, results):
    golden_answers()
    row = satisfaction.lock_period(PERIOD, actor=people.kepala_balai, now=AFTER)
    better = row.figures.replace('"population":0', '"population":7')
    SurveyPeriod.update(figures=better).where(SurveyPeriod.id == row.id).execute()
    assert not results().is_intact
    page = enter(app, people.auditor).get("/backoffice/skm/?periode=2024-S2").text
    assert "Jangan gunakan angka ini" in page


@pytest.mark.parametrize("post_held", ["kasubag_tu", "staf_tu", "administrator", "auditor"])
def test_only_the_head_locks(people, post_held):
    with pytest.raises(Refused, match="Kepala Balai"):
        satisfaction.lock_period(PERIOD, actor=people.staff[post_held], now=AFTER)
    assert not SurveyPeriod.select().where(SurveyPeriod.locked_at.is_null(False)).exists()


def test_a_period_is_locked_once_and_after_its_end(people):
    with pytest.raises(Refused, match="31 Des 2024"):
        satisfaction.lock_period(PERIOD, actor=people.kepala_balai, now=AFTER - timedelta(days=30))
    with pytest.raises(Refused, match="Belum ada jawaban"):
        satisfaction.lock_period(PERIOD, actor=people.kepala_balai, now=AFTER)
    answer([3] * 9)
    satisfaction.lock_period(PERIOD, actor=people.kepala_balai, now=AFTER)
    with pytest.raises(Refused, match="sudah dikunci"):
        satisfaction.lock_period(PERIOD, actor=people.kepala_balai, now=AFTER)
    assert Event.select().where(Event.kind == "survey_locked").count() == 1


def test_head_locks_on_the_page_only_after_the_tick(app, people, results):
    golden_answers()
    client = enter(app, people.kepala_balai)
    refused = post(client, "/backoffice/skm/2024-S2/kunci")
    assert refused.status_code == 422
    assert "Centang pernyataan ini" in refused.text
    assert not results().is_locked
    done = post(client, "/backoffice/skm/2024-S2/kunci", {"sure": "y"}, follow_redirects=True)
    assert "Dikunci" in done.text
    assert results().is_locked


def test_an_empty_period_offers_no_lock(app, people):
    client = enter(app, people.kepala_balai)
    page = client.get("/backoffice/skm/?periode=2024-S2").text
    assert "tidak ada angka yang dapat dikunci" in page
    assert "Kunci Semester II" not in page
    post(client, "/backoffice/skm/2024-S2/kunci", {"sure": "y"})
    assert not Event.select().where(Event.kind == "survey_locked").exists()


@pytest.mark.browser
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_missing_tick_is_noticed_before_the_question(chromium, live, people):
    golden_answers()
    head = Person(chromium, live)
    head.logs_in(people.kepala_balai.email)
    head.opens("/backoffice/skm/?periode=2024-S2")
    head.presses("Kunci Semester II Tahun 2024")
    assert head.page.evaluate("document.activeElement.id") == "sure"
    assert not head.page.locator("dialog[open]").count()
    head.page.check("#sure")
    head.presses("Kunci Semester II Tahun 2024")
    head.sees("Kunci tidak dapat dibuka lagi.")
    head.presses("Ya, lanjutkan")
    head.sees("sudah dikunci. Angkanya")
    head.leaves()


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
    satisfaction.lock_period(PERIOD, actor=people.kepala_balai, now=AFTER)
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
    satisfaction.lock_period(PERIOD, actor=people.kepala_balai, now=AFTER)
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
        satisfaction.lock_period(period, actor=people.kepala_balai, now=AFTER)
    page = enter(app, None).get("/statistik").text
    table = page[page.index("IKM tiap periode yang sudah ditetapkan") :]
    codes = re.findall(r"/statistik/skm/([0-9S-]+)", table)
    assert codes == ["2024-S2", "2024-S1", "2024", "2023-S2"]
    chart = page[page.index("IKM per periode") : page.index("Tabel riwayat")]
    titles = re.findall(r"<text[^>]*>((?:Semester \w+ )?Tahun \d{4})</text>", chart)
    assert titles == ["Semester II Tahun 2023", "Semester I Tahun 2024", "Semester II Tahun 2024",
                      "Tahun 2024"]  # fmt: skip
    assert "Semester II Tahun 2024</div>" in page


# -- plans ---------------------------------------------------------------------------------------

PLAN = {
    "element": "U3",
    "program": "Menambah pemangku data",
    "due_on": "2025-06-30",
    "responsible": "Ketua Tim Layanan",
    "status": "rencana",
    "note": "",
}


def test_staff_write_and_follow_a_plan_even_after_the_lock(app, people):
    golden_answers()
    satisfaction.lock_period(PERIOD, actor=people.kepala_balai, now=AFTER)
    client = enter(app, people.staf_tu)
    made = post(client, "/backoffice/skm/2024-S2/rencana", PLAN, follow_redirects=True)
    assert "Menambah pemangku data" in made.text
    plan = ActionPlan.get()
    assert (plan.element, plan.due_on, plan.updated_by) == ("U3", date(2025, 6, 30), people.staf_tu)
    address = f"/backoffice/skm/2024-S2/rencana/{plan.public_id}"
    assert 'value="2025-06-30"' in client.get(address).text
    changed = PLAN | {"status": "selesai", "note": EVIL}
    page = post(client, address, changed, follow_redirects=True).text
    assert 'data-label="Status">Selesai</td>' in page
    written = Event.select().where(Event.kind == "survey_plan_written").order_by(Event.id)
    events = [event.data for event in written]
    assert [event["status"] for event in events] == ["rencana", "selesai"]
    assert events[1]["fields"] == ["note", "status"]


@pytest.mark.parametrize("wrong", [{"due_on": "besok"}, {"due_on": "0025-01-30"},
                                   {"responsible": "  "}])  # fmt: skip
def test_a_wrong_plan_keeps_what_was_typed(app, people, wrong):
    client = enter(app, people.kasubag_tu)
    page = post(client, "/backoffice/skm/2024-S2/rencana", PLAN | wrong)
    assert page.status_code == 422
    assert "Menambah pemangku data" in page.text
    assert not ActionPlan.select().exists()


def test_a_plan_of_another_period_is_not_found(app, people, now):
    plan = satisfaction.write_plan(
        PERIOD, Plan("U1", "Apa", date(2025, 1, 1), "Kasubag TU"), actor=people.kasubag_tu, now=now
    )
    client = enter(app, people.kasubag_tu)
    assert client.get(f"/backoffice/skm/2024-S1/rencana/{plan.public_id}").status_code == 404


def test_leaders_read_and_do_not_plan(app, people):
    for held in ("ketua_tim", "kepala_balai", "auditor", "administrator"):
        client = enter(app, people.staff[held])
        assert client.get("/backoffice/skm/").status_code == 200
        assert client.get("/backoffice/skm/2024-S2/rencana").status_code == 403
    assert enter(app, people.penguji).get("/backoffice/skm/").status_code == 403


@pytest.mark.parametrize("code", ["2024-S3", "abc", "2024-S", "²024", "1999", "2024-S1'"])
def test_a_period_that_does_not_exist(app, people, code):
    client = enter(app, people.kepala_balai)
    assert client.get(f"/backoffice/skm/?periode={code}").status_code == 404
    assert post(client, f"/backoffice/skm/{code}/laporan", {}).status_code == 404
    assert parse_period("2024-S1") == Period(2024, 1)


# -- what people take away -----------------------------------------------------------------------


@pytest.fixture
def filled(people, runtime):
    """A locked period with plans in it and before it, and a summary with a formula's look."""
    golden_answers()
    answer([3] * 9, suggestion="Mohon dipercepat")
    for period, text in ((PERIOD, EVIL), (PERIOD.previous, "Loket dibuka lebih awal")):
        plan = Plan("U3", text, date(2025, 6, 30), "Kasubag TU")
        satisfaction.write_plan(period, plan, actor=people.kasubag_tu, now=AFTER)
    satisfaction.write_summary(PERIOD, "Pelanggan meminta waktu lebih singkat – ’tepat’ ✓",
                               actor=people.staf_tu, now=AFTER)  # fmt: skip
    satisfaction.lock_period(PERIOD, actor=people.kepala_balai, now=AFTER)


def test_workbook_holds_the_raw_matrix_and_adds_up(app, people, filled):
    response = enter(app, people.staf_tu).get("/backoffice/skm/2024-S2/data")
    assert response.headers["Content-Disposition"].startswith("attachment")
    book = openpyxl.load_workbook(io.BytesIO(response.data))
    values = openpyxl.load_workbook(io.BytesIO(response.data), data_only=True)
    sheet, shown = book["Data Olahan"], values["Data Olahan"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(5, 34)]
    assert [row[0] for row in rows] == list(range(1, 31))
    assert all(row[1:10] == [int(row[n]) for n in range(1, 10)] for row in rows)
    sums = {row[0].value: [cell.value for cell in row[1:10]] for row in shown.iter_rows(35)}
    counted = [sum(row[n] for row in rows) for n in range(1, 10)]
    assert sums["Jumlah nilai (Σ)"] == counted
    index = Decimal(sum(counted)) * 25 / (9 * len(rows))
    expected = index.quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert Decimal(str(sums["IKM (× 25, dua desimal)"][0])) == expected == independent_index()
    assert sums["Mutu pelayanan"][0] == "A"
    # Formulas are ours and stand under the matrix; what people wrote is text.
    formulas = [(name.title, cell.row) for name in book for row in name.iter_rows() for cell in row
                if cell.data_type == "f"]  # fmt: skip
    assert {title for title, _ in formulas} == {"Data Olahan"}
    assert min(row for _, row in formulas) == 35
    assert book["Tindak Lanjut"]["B2"].value == EVIL
    assert book["Tindak Lanjut"]["B2"].data_type == "s"


def test_report_has_its_five_chapters_and_the_figures(app, people, filled):
    response = post(enter(app, people.kasubag_tu), "/backoffice/skm/2024-S2/laporan", {})
    assert response.mimetype == "application/pdf"
    text = read_pdf(response.data)[1]
    for words in ("BAB I – PENDAHULUAN", "BAB II – PENGUMPULAN DATA",
                  "BAB III – HASIL PENGOLAHAN DATA", "BAB IV – ANALISIS", "BAB V – KESIMPULAN",
                  "LAMPIRAN 1 – KUESIONER", "LAMPIRAN 2", "LAMPIRAN 3 – DOKUMENTASI",
                  "LAMPIRAN 4 – TINDAK LANJUT",
                  "waktu lebih singkat – ’tepat’", "Loket dibuka lebih awal"):  # fmt: skip
        assert words in text, words
    assert str(independent_index()).replace(".", ",") in text
    assert SurveyPeriod.get().digest in text.replace(" ", "")
    assert "Mohon dipercepat" not in text


def test_report_of_a_period_with_pages_of_answers(app, people):
    for number in range(400):
        answer([1 + (number + n) % 4 for n in range(9)])
    response = post(enter(app, people.kasubag_tu), "/backoffice/skm/2024-S2/laporan", {})
    reader, text = read_pdf(response.data)
    assert len(reader.pages) > 6
    assert " 400 " in text


# -- what everybody may see ----------------------------------------------------------------------


def test_the_public_sees_locked_periods_only(app, people):
    golden_answers()
    answer([4] * 9, gender="Memilih tidak menjawab")
    for _ in range(6):
        answer([3] * 9, on=date(2024, 3, 1))
    public = enter(app, None)
    assert "Riwayat" not in public.get("/statistik").text
    for period in (PERIOD, PERIOD.previous):
        satisfaction.lock_period(period, actor=people.kepala_balai, now=AFTER)
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
    satisfaction.lock_period(PERIOD, actor=people.kepala_balai, now=AFTER)
    assert "Semester II Tahun 2024" not in enter(app, None).get("/statistik").text


# -- a year beside its semesters -----------------------------------------------------------------


def many(count: int, *, on: date, score: int = 3, service: str = "data") -> None:
    for number in range(count):
        scores = [score] * 8 + [1 + number % 4]
        answer(scores, on=on, service=service)


def test_a_year_that_would_give_a_small_semester_away_is_hidden_everywhere(app, people):
    many(4, on=date(2024, 3, 1), score=1)
    many(30, on=date(2024, 9, 1))
    for period in (Period(2024, 1), Period(2024, 2), Period(2024)):
        satisfaction.lock_period(period, actor=people.kepala_balai, now=AFTER)
    client, public = enter(app, people.kepala_balai), enter(app, None)
    page = client.get("/backoffice/skm/?periode=2024").text
    assert "Angka tahun ini disamarkan" in page
    assert "Nilai per unsur" not in page
    assert "disamarkan" in page[page.index("IKM per periode") :]
    assert post(client, "/backoffice/skm/2024/laporan", {}).status_code == 302
    assert "kurang dari lima responden" in client.get("/backoffice/skm/?periode=2024").text
    refused = client.get("/backoffice/skm/2024/data", follow_redirects=True)
    assert "kurang dari lima responden" in refused.text
    assert client.get("/backoffice/skm/2024-S2/data").mimetype.endswith("sheet")
    assert "Semester II Tahun 2024" in public.get("/statistik").text
    assert "Tahun 2024</a>" not in public.get("/statistik").text.replace("Semester II Tahun", "")
    assert public.get("/statistik/skm/2024").status_code == 404
    assert public.get("/statistik/skm/2024-S2").status_code == 200


def test_a_year_shows_no_service_where_a_semester_hides_one(results):
    many(10, on=date(2024, 3, 1))
    many(6, on=date(2024, 3, 1), service="lab")
    many(10, on=date(2024, 9, 1))
    many(3, on=date(2024, 9, 1), service="lab")
    year = results(Period(2024))
    assert year.count == 29 and year.whole
    assert [item.ikm for item in year.services] == [None, None]
    assert all(item.ikm for item in results(Period(2024, 1)).services)


def test_two_small_semesters_keep_each_others_secret(results):
    many(3, on=date(2024, 3, 1))
    many(4, on=date(2024, 9, 1))
    assert results(Period(2024)).whole.count == 7
    assert [past.ikm for past in history_of([Period(2024, 1), PERIOD])] == [None, None]
    assert history_of([Period(2024)])[0].ikm.count == 7


def test_a_year_that_was_locked_without_its_semesters_learns_of_them(people, results):
    many(4, on=date(2024, 3, 1))
    many(9, on=date(2024, 9, 1))
    year = Period(2024)
    row = satisfaction.lock_period(year, actor=people.kepala_balai, now=AFTER)
    old = json.loads(row.figures)
    del old["halves"]
    text = canonical_json(old)
    digest = hashlib.sha256(text.encode()).hexdigest()
    SurveyPeriod.update(figures=text, digest=digest).execute()
    assert results(year).is_intact
    assert results(year).is_covered
    assert history_of([year])[0].ikm is None


def test_figures_changed_together_with_their_digest_are_found_by_the_audit(people, results):
    many(9, on=date(2024, 9, 1))
    row = satisfaction.lock_period(PERIOD, actor=people.kepala_balai, now=AFTER)
    assert satisfaction.altered_periods() == []
    better = row.figures.replace('"33333333', '"44444444')
    digest = hashlib.sha256(better.encode()).hexdigest()
    SurveyPeriod.update(figures=better, digest=digest).execute()
    assert SurveyPeriod.get_by_id(row.id).is_intact
    assert satisfaction.altered_periods() == ["2024-S2"]


def test_days_of_a_recap_leave_nobody_alone(people):
    many(20, on=date(2024, 8, 1))
    many(3, on=date(2024, 8, 20))
    many(6, on=date(2024, 10, 1), service="lab")
    assert index_of_days(Span(date(2024, 7, 1), date(2024, 12, 31))).count == 29
    assert index_of_days(Span(date(2024, 9, 1), date(2024, 12, 31))).count == 6
    # Three people lie between these days and the semester that everybody sees.
    assert index_of_days(Span(date(2024, 8, 1), date(2024, 8, 19))) is not None
    assert index_of_days(Span(date(2024, 8, 20), date(2024, 9, 30))) is None
    assert index_of_days(Span(date(2024, 8, 20), date(2024, 12, 31))) is not None
    assert index_of_days(Span(date(2024, 7, 1), date(2024, 12, 31)), service_code="lab").count == 6


# -- a period with two questionnaires ------------------------------------------------------------


@pytest.fixture
def two_versions(people, now):
    """Another questionnaire from 1 October on: six answered the old one, nine the new one."""
    old = questionnaires.version_in_force(now)
    draft = questionnaires.open_draft(old, actor=people.administrator, now=now)
    given = {"actor": people.administrator, "now": now}
    questionnaires.rewrite_entry(draft, "question", "U3", {"text": "Apakah tepat waktu?"},
                                 seen=questionnaires.stamp_of(draft), **given)  # fmt: skip
    draft = SurveyDraft.get()
    new = questionnaires.publish_draft(draft, seen=questionnaires.stamp_of(draft), note="Jelas",
                                       starts_on=date(2024, 10, 1), **given)  # fmt: skip
    for number in range(6):
        answer([3] * 8 + [1 + number % 4])
    for number in range(9):
        answer([4] * 8 + [1 + number % 4], on=date(2024, 10, 2), version=new.name)
    return new


def test_both_questionnaires_of_a_period_are_told_and_counted_together(
    app, people, results, two_versions
):
    found = results()
    assert (found.count, found.whole.value) == (15, independent_index())
    assert {item.name: item.ikm.count for item in found.versions} == {
        "skm-2024-1": 6, two_versions.name: 9}  # fmt: skip
    satisfaction.lock_period(PERIOD, actor=people.kepala_balai, now=AFTER)
    assert results().versions == found.versions
    client = enter(app, people.kasubag_tu)
    assert "Per versi kuesioner" in client.get("/backoffice/skm/?periode=2024-S2").text
    text = read_pdf(post(client, "/backoffice/skm/2024-S2/laporan", {}).data)[1]
    for words in ("berlaku 2 versi", "3.4 IKM per versi kuesioner", "Versi skm-2024-1",
                  f"Versi {two_versions.name}", "Apakah tepat waktu?",
                  "batas waktu yang dijanjikan"):  # fmt: skip
        assert words in text, words
    book = openpyxl.load_workbook(io.BytesIO(client.get("/backoffice/skm/2024-S2/data").data))
    rows = list(book["Per Kuesioner"].iter_rows(min_row=2, max_col=2, values_only=True))
    assert rows == [("skm-2024-1", 6), (two_versions.name, 9)]


def test_a_questionnaire_of_few_hides_with_the_other(results, two_versions):
    SurveyResponse.delete().where(SurveyResponse.questionnaire == "skm-2024-1").execute()
    for _ in range(3):
        answer([1] * 9)
    assert [item.ikm for item in results().versions] == [None, None]
    assert results().whole.count == 12
