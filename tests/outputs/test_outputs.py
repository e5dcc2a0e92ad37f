"""What people take away: workbooks, documents, figures."""

import io
from datetime import timedelta
from decimal import Decimal

import openpyxl
import pytest

from models import Event, Mandate, Request, SurveyResponse
from outputs.charts import month_bars
from outputs.dashboards.statistics import index_of_satisfaction, public_figures
from outputs.papers.signatories import signatories
from rules.formats import ZONE
from tests.people import REFUSAL, advance, enter, file_request
from tests.test_queries import Counter
from workflow import Reader

EVIL = '=HYPERLINK("https://jahat.test","klik")'


def file_several(people, runtime, now):
    """One done, one refused, one running, one waiting; the last has a formula for a subject."""
    import workflow

    done = advance(
        file_request(runtime, people.customer, now=now, key="A"), people, runtime, now=now
    )
    refused = file_request(runtime, people.customer, now=now, key="B")
    workflow.act(
        refused,
        "reject",
        reader=Reader.at(people.admin_layanan, now + timedelta(minutes=1)),
        inputs=REFUSAL,
        version=1,
    )
    later = now + timedelta(days=35)
    running = file_request(runtime, people.other_customer, now=later, key="C")
    running = advance(running, people, runtime, now=later, until="VERIFIKASI_DATA")
    waiting = file_request(runtime, people.customer, now=later, key="D", subject=EVIL)
    return done, refused, running, waiting


@pytest.fixture
def several(snapshots, people, runtime, now):
    return snapshots.of(file_several, people, runtime, now)


def open_book(response) -> openpyxl.Workbook:
    assert response.status_code == 200
    assert response.headers["Content-Disposition"].startswith("attachment")
    return openpyxl.load_workbook(io.BytesIO(response.data))


def test_customer_exports_only_the_own_list(app, people, several):
    book = open_book(enter(app, people.customer).get("/layanan/rekap?format=xlsx"))
    sheet = book.active
    assert sheet.max_row == 4
    assert {row[3].value for row in sheet.iter_rows(2)} == {people.customer.name}
    one = open_book(enter(app, people.customer).get("/layanan/rekap?format=xlsx&status=rejected"))
    assert one.active.max_row == 2


def acted(request: Request, actor, *, acted_for: str = "", at, **data) -> Event:
    return Event.record(
        "stage_completed", at=at, actor=actor, request=request, acted_for=acted_for, data=data
    )


@pytest.fixture
def mandates(people, now):
    """A Plh. for the absent Kepala Balai, and a Plt. for a post without anybody."""
    common = {"letter": "SPT-01", "from_on": now.date(), "until_on": now.date(), "created_at": now}
    plh = Mandate.create(role_code="kepala_balai", kind="plh", absent=people.kepala_balai,
                         acting=people.kasubag_tu, **common)  # fmt: skip
    plt = Mandate.create(role_code="bendahara", kind="plt", acting=people.staf_tu, **common)
    return plh, plt


def test_history_says_who_acted_and_by_what_right(people, runtime, now, mandates):
    request = file_request(runtime, people.customer, now=now)
    plh, plt = mandates
    expected = {
        acted(request, people.customer, at=now): "Pelanggan: Pelanggan Satu",
        acted(request, None, at=now): "Sistem",
        acted(request, people.kepala_balai, acted_for="kepala_balai", at=now):
            "Kepala Balai: Petugas kepala_balai",
        acted(request, people.kasubag_tu, acted_for="kepala_balai", at=now, power="plh",
              mandate=plh.public_id):
            "Plh. Kepala Balai (Petugas kasubag_tu) a.n. Petugas kepala_balai",
        acted(request, people.staf_tu, acted_for="bendahara", at=now, power="plt",
              mandate=plt.public_id): "Plt. Bendahara Penerimaan (Petugas staf_tu)",
        acted(request, people.ketua_tim, acted_for="pemangku_data", at=now, power="substitute"):
            "Pengganti Pemangku Data (Petugas ketua_tim)",
        acted(request, people.admin_layanan, acted_for="admin_layanan", at=now, on_behalf=True):
            "Pelanggan: Pelanggan Satu, dicatat oleh Admin Layanan: Petugas admin_layanan",
        acted(request, people.administrator, at=now): "Petugas balai: Petugas administrator",
    }  # fmt: skip
    assert signatories(expected) == {event.id: words for event, words in expected.items()}


def test_signatories_take_two_queries_whatever_the_number(
    people, runtime, now, mandates, monkeypatch
):
    request = file_request(runtime, people.customer, now=now)
    events = []
    for _ in range(5):
        events.append(acted(request, people.kasubag_tu, acted_for="kepala_balai", at=now,
                            power="plh", mandate=mandates[0].public_id))  # fmt: skip
        events.append(acted(request, people.admin_layanan, acted_for="admin_layanan", at=now,
                            on_behalf=True))  # fmt: skip
    counter = Counter(monkeypatch)
    assert len(signatories(events)) == 10
    assert len(counter.statements) == 2


def test_public_figures(people, runtime, now, several):
    figures = public_figures(["data"], today=(now + timedelta(days=40)).astimezone(ZONE).date())
    assert figures.total == 4
    assert figures.finished == 1
    assert figures.on_time == 1.0
    assert figures.months[-3:] == ("2024-07", "2024-08", "2024-09")
    assert figures.per_month["data"][-3:] == (2, 0, 2)
    # One answer tells about one person, so it isn't published.
    assert figures.ikm is None


def test_index_is_published_from_five_answers_on(app, db, now):
    golden = (105, 101, 100, 116, 102, 105, 106, 105, 115)
    totals, count = list(golden), 29
    for left in range(count, 0, -1):
        scores = {}
        for position in range(9):
            scores[f"U{position + 1}"] = round(totals[position] / left)
            totals[position] -= scores[f"U{position + 1}"]
        if left == count - 3:
            assert index_of_satisfaction() is None
        SurveyResponse.create(
            questionnaire="skm-2024-1", service_code="data", answered_on=now.date(),
            scores=scores, demographics={}, extras={},
        )  # fmt: skip
    ikm = index_of_satisfaction()
    assert totals == [0] * 9
    assert (ikm.value, ikm.grade, ikm.count) == (Decimal("91.48"), "A", 29)


def test_chart_names_every_bar(app):
    chart = month_bars(["Juli 2024", "Agustus 2024"], [("Data & <b>", [3, 0])])
    assert "Data &amp; &lt;b&gt;, Juli 2024: 3" in chart
    assert chart.count("<rect") == 2


def test_statistics_page_shows_table_and_chart(app, people, runtime, several):
    page = enter(app, None).get("/statistik").text
    assert "<svg" in page
    assert "<caption>Jumlah permohonan per layanan dan bulan</caption>" in page
    # Each colour is named.
    legend = page.split('class="m-legend"')[1].split("</ul>")[0]
    assert legend.count("<li>") == len(runtime.catalogue)
