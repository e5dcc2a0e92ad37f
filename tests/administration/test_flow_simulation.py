"""A draft rehearsed with requests of the past: figures, reasons, and that nothing moves."""

import copy
import json
from datetime import timedelta
from decimal import Decimal

import pytest

from administration import flow_simulation
from administration.flow_simulation import simulate
from models import Event, FlowVersion, Message, Request, User
from rules.services import parse_flow
from tests.people import advance, file_request
from tests.test_queries import Counter


@pytest.fixture
def raw(db):
    """The definition of the data service as it is on offer."""
    published = FlowVersion.published_at.is_null(False) & (FlowVersion.service_code == "data")
    return json.loads(FlowVersion.get(published).definition)


def stage(raw, code):
    return next(entry for entry in raw["stage"] if entry["code"] == code)


def rehearse(raw, now, **changes):
    return simulate(parse_flow({**raw, **changes}), months=12, now=now + timedelta(days=40))


def finish_three(people, runtime, now):
    """Three finished requests: each stage took ten minutes of office time."""
    found = []
    for day in range(3):
        at = now + timedelta(days=day)
        filed = file_request(runtime, people.customer, now=at, key=f"D{day}")
        found.append(advance(filed, people, runtime, now=at))
    return found


@pytest.fixture
def done(snapshots, people, runtime, now):
    return snapshots.of(finish_three, people, runtime, now)


def test_without_requests_there_is_nothing_to_rehearse(raw, now):
    result = rehearse(raw, now)
    assert (result.looked_at, result.stuck, result.before, result.after) == (0, 0, None, None)


def test_an_unchanged_draft_takes_as_long_as_it_took_and_stops_nobody(raw, done, now):
    before = Event.select().count(), Message.select().count()
    result = rehearse(raw, now)
    assert (result.looked_at, result.finished, result.running) == (3, 3, 0)
    assert (result.stuck, result.reasons) == (0, ())
    assert result.before == result.after
    assert (Event.select().count(), Message.select().count()) == before


def test_the_same_arithmetic_as_the_office_days_of_the_request(raw, people, runtime, now):
    slow = file_request(runtime, people.customer, now=now, key="LAMBAT")
    slow = advance(slow, people, runtime, now=now, until="LAPORAN_KE_PETUGAS")
    slow = advance(slow, people, runtime, now=now + timedelta(days=8))
    result = rehearse(raw, now)
    assert float(result.before.median) == pytest.approx(slow.office_days, abs=0.1)
    assert (result.judged, result.before.late, result.after.late) == (1, 1, 1)
    assert rehearse(raw, now, working_days=30).after.late == 1
    longer = copy.deepcopy(raw)
    longer["subclass"][0]["working_days"] = 30
    assert rehearse(longer, now).after.late == 0
    report = next(row for row in result.stages if row.short == "Laporan Siap")
    assert (report.count, report.beyond) == (1, 1)


def test_a_stage_nobody_went_through_takes_its_allowed_days(raw, done, now):
    raw["working_days"] = 5
    raw["subclass"][0]["working_days"] = 5
    raw["stage"].insert(3, {"code": "TELAAH", "title": "TELAAH", "short": "Telaah", "days": "3",
                            "role": "kasubag_tu", "kind": "office", "action": "Simpan",
                            "waiting": "Menunggu telaah"})  # fmt: skip
    result = rehearse(raw, now)
    assert result.estimated == ("Telaah",)
    assert result.after.median - result.before.median == pytest.approx(
        Decimal(2), abs=Decimal("0.11")
    )


def test_a_removed_stage_takes_its_time_away(raw, people, runtime, now):
    slow = file_request(runtime, people.customer, now=now)
    slow = advance(slow, people, runtime, now=now, until="DISPOSISI_KASUBAG")
    advance(slow, people, runtime, now=now + timedelta(days=7))
    raw["stage"] = [s for s in raw["stage"] if s["code"] != "DISPOSISI_KASUBAG"]
    result = rehearse(raw, now)
    assert result.before.median > 4 > 1 > result.after.median


def test_requests_are_stuck_where_nobody_holds_the_post(raw, people, runtime, done, now):
    gone = [people.staff[post].id for post in ("kepala_balai", "kasubag_tu")]
    User.update(active=False).where(User.id.in_(gone)).execute()
    running = file_request(runtime, people.customer, now=now + timedelta(days=4), key="JALAN")
    Request.update(stage_code="VERIFIKASI_DATA").where(Request.id == running.id).execute()
    result = rehearse(raw, now)
    # What runs has those stages behind it.
    assert result.stuck == 3
    assert {reason.stage for reason in result.reasons} == {
        "Disposisi Kepala Balai", "Disposisi Kasubag TU"}  # fmt: skip
    assert {reason.count for reason in result.reasons} == {3}
    assert result.reasons[0].named[0][0] == done[-1].number


def test_requests_are_stuck_where_something_new_is_required(raw, done, now):
    stage(raw, "TERIMA_ADMIN")["input"].append(
        {"name": "agenda", "type": "text", "label": "Nomor agenda", "required": True})  # fmt: skip
    raw["attach"] = [*raw.get("attach", ()),
                     {"name": "ktp", "label": "Kartu identitas", "required": True}]  # fmt: skip
    told = {(r.stage, r.words, r.count) for r in rehearse(raw, now).reasons}
    assert told == {
        ("Diterima Admin", "isian wajib “Nomor agenda” tidak diberikan", 3),
        ("Diajukan", "berkas wajib “Kartu identitas” tidak dilampirkan", 3),
    }


def test_requests_of_a_kind_that_is_gone_are_stuck(raw, done, now):
    raw["subclass"] = [one for one in raw["subclass"] if one["code"] != "data_informasi"]
    assert rehearse(raw, now).reasons[0].words.startswith("sub-klasifikasi “data_informasi”")


def test_a_result_that_nobody_hands_in_is_named(raw, done, now):
    stage(raw, "LAPORAN_KE_PETUGAS")["input"] = []
    assert "tidak pernah diunggah" in rehearse(raw, now).reasons[0].words


def test_only_the_newest_are_looked_at_and_only_in_the_period(raw, done, now, monkeypatch):
    monkeypatch.setattr(flow_simulation, "MOST_REQUESTS", 2)
    result = rehearse(raw, now)
    assert (result.looked_at, result.is_capped) == (2, True)
    long_ago = simulate(parse_flow(raw), months=3, now=now + timedelta(days=200))
    assert long_ago.looked_at == 0


def test_the_number_of_queries_does_not_grow(raw, people, runtime, done, now, monkeypatch):
    counter = Counter(monkeypatch)
    rehearse(raw, now)
    few = len(counter.statements)
    for number in range(5):
        advance(file_request(runtime, people.customer, now=now, key=f"X{number}"), people, runtime,
                now=now)  # fmt: skip
    counter.statements.clear()
    assert rehearse(raw, now).looked_at == 8
    assert len(counter.statements) == few <= 10


@pytest.mark.parametrize("service", ["lab", "advis"])
def test_the_long_services_rehearse_without_a_word(people, runtime, now, service):
    subclass = "advis_lengkap" if service == "advis" else ""
    request = file_request(runtime, people.customer, now=now, service=service, subclass=subclass)
    advance(request, people, runtime, now=now)
    flow = runtime.catalogue[service].flow
    result = simulate(flow, months=3, now=now + timedelta(days=9))
    assert (result.looked_at, result.finished, result.reasons) == (1, 1, ())
    assert result.before == result.after


def test_a_rule_that_the_past_would_break_is_told(raw, done, now):
    changed = copy.deepcopy(raw)
    [review] = [one for one in stage(changed, "TERIMA_ADMIN")["input"] if one["type"] == "yes_no"]
    assert rehearse(changed, now).stuck == 0
    review["options"] = [*review["options"], "Materai ditempel"]
    result = rehearse(changed, now)
    assert result.stuck == 3
    assert [reason.words for reason in result.reasons] == [
        f"isian “{review['label']}” tidak memenuhi aturan draf"
    ]
