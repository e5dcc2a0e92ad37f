"""The timeline as people see it, read from the history after every detour."""

import tomllib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rules import events
from rules.services import parse_flow
from rules.statuses import LABELS, OPEN_STATUSES
from rules.timeline import (
    PENDING_SENTENCES,
    build_timeline,
    completed_stages,
    stage_spans,
    state_sentence,
)

SERVICES = Path(__file__).resolve().parent.parent.parent / "config" / "services"
DATA, LAB = (parse_flow(tomllib.loads((SERVICES / f"{code}.toml").read_text()))
             for code in ("data", "lab"))  # fmt: skip
AT = datetime(2024, 7, 29, 4, 57, 45, tzinfo=UTC)


@dataclass(frozen=True)
class Happened:
    """An event as the history gives it."""

    kind: str
    stage_code: str
    data: dict = field(default_factory=dict)
    at: datetime = AT
    actor_id: int | None = 1


def passed(flow, until: str) -> list[Happened]:
    """The events of a straight walk up to a stage, this one not completed."""
    found = [Happened(events.SUBMITTED, flow.stages[0].code)]
    for stage in flow.stages[1 : flow.position(until)]:
        for desk in stage.desks:
            kind = events.STAGE_COMPLETED if desk.is_last_desk else events.STEP_COMPLETED
            found.append(Happened(kind, stage.code, {"step": desk.step} if desk.step else {}))
    return found


def steps(flow, until: str, status: str = "in_process", step: int = 0):
    done = completed_stages(flow, passed(flow, until))
    return build_timeline(
        flow,
        {code: event.at for code, event in done.items()},
        status=status,
        desk=flow.desk(until, step),
        holders={until: "Pos"},
        notes={until: "Catatan"},
    )


def test_done_then_current_then_waiting():
    found = steps(DATA, "DISPOSISI_KABALAI")
    assert [step.state for step in found] == ["done"] * 2 + ["current"] + ["waiting"] * 6
    assert [step.number for step in found] == list(range(1, 10))
    assert found[0].at_text == "29 Jul 2024 12:57:45 WITA"
    assert found[2].at_text == ""
    assert (found[2].holder, found[2].note) == ("Pos", "Catatan")
    assert [step.wait_text for step in found if step.wait_text] == [
        "Menunggu disposisi Kepala Balai"
    ]


@pytest.mark.parametrize("status", sorted(set(LABELS) - set(OPEN_STATUSES)))
def test_nothing_is_current_in_a_closed_request(status):
    found = steps(DATA, "VERIFIKASI_DATA", status)
    assert {step.state for step in found[:5]} == {"done"}
    assert {step.state for step in found[5:]} == {"stopped"}
    assert not any(step.wait_text for step in found)


def test_a_stage_of_several_turns_is_one_step_that_waits_for_its_turn():
    found = steps(LAB, "PEMBAYARAN", "waiting_customer", step=1)
    [payment] = [step for step in found if step.code == "PEMBAYARAN"]
    assert payment.state == "current"
    assert payment.wait_text == "Menunggu pembayaran PNBP oleh pelanggan"
    assert len(found) == 16


def test_turns_before_the_last_complete_nothing():
    history = [*passed(LAB, "PEMBAYARAN"), Happened(events.STEP_COMPLETED, "PEMBAYARAN")]
    assert "PEMBAYARAN" not in completed_stages(LAB, history)
    history.append(Happened(events.STAGE_COMPLETED, "PEMBAYARAN", {"step": 2}))
    assert "PEMBAYARAN" in completed_stages(LAB, history)


@pytest.mark.parametrize("kind", events.REWINDING)
def test_what_was_given_back_is_not_completed_any_more_but_the_survey_is(kind):
    history = passed(DATA, "SERAH_PELANGGAN")
    back = [*history, Happened(kind, "SERAH_PELANGGAN", {"to": "VERIFIKASI_DATA"})]
    left = completed_stages(DATA, back)
    assert list(left) == ["PENGAJUAN", "TERIMA_ADMIN", "DISPOSISI_KABALAI", "DISPOSISI_KASUBAG",
                          "TUNJUK_PEMANGKU", "SURVEI"]  # fmt: skip


def test_a_survey_that_nobody_answered_is_asked_again_after_a_return():
    history = passed(DATA, "SURVEI")
    history += [
        Happened(events.STAGE_COMPLETED, "SURVEI", actor_id=None),
        Happened(events.RETURNED, "SERAH_PELANGGAN", {"to": "LAPORAN_KE_PETUGAS"}),
    ]
    assert "SURVEI" not in completed_stages(DATA, history)


def test_a_stage_passed_again_bears_its_new_time():
    later = AT + timedelta(days=1)
    history = [
        *passed(DATA, "DISPOSISI_KASUBAG"),
        Happened(events.RETURNED, "DISPOSISI_KASUBAG", {"to": "DISPOSISI_KABALAI"}),
        Happened(events.STAGE_COMPLETED, "DISPOSISI_KABALAI", at=later),
    ]
    assert completed_stages(DATA, history)["DISPOSISI_KABALAI"].at == later


def test_a_stage_that_was_given_back_begins_again_and_what_follows_it_is_forgotten():
    later = AT + timedelta(days=1)
    history = [
        *passed(DATA, "DISPOSISI_KASUBAG"),
        Happened(events.NOTE_WRITTEN, "DISPOSISI_KASUBAG", {"to": "TERIMA_ADMIN"}, at=later),
        Happened(events.RETURNED, "DISPOSISI_KASUBAG", {"to": "TERIMA_ADMIN"}, at=later),
    ]
    spans = stage_spans(DATA, history[:-1])
    assert list(spans) == ["PENGAJUAN", "TERIMA_ADMIN", "DISPOSISI_KABALAI", "DISPOSISI_KASUBAG"]
    assert spans["DISPOSISI_KASUBAG"] == (AT, None)
    spans = stage_spans(DATA, history)
    assert list(spans) == ["PENGAJUAN", "TERIMA_ADMIN"]
    assert spans["TERIMA_ADMIN"] == (later, None)


def test_events_beside_the_way_complete_nothing():
    aside = set(events.WORDS) - {*events.COMPLETING, *events.REWINDING}
    history = [Happened(kind, "TERIMA_ADMIN") for kind in sorted(aside)]
    assert completed_stages(DATA, history) == {}


def test_stages_that_another_kind_passed_are_left_out():
    """A request that became an emergency no longer shows the disposition it skips."""
    raw = tomllib.loads((SERVICES / "advis.toml").read_text())
    urgent = parse_flow(raw).as_walked("darurat", is_free=False)
    history = [Happened(events.SUBMITTED, "PENGAJUAN"),
               Happened(events.STAGE_COMPLETED, "DISPOSISI_KASUBAG")]  # fmt: skip
    assert list(completed_stages(urgent, history)) == ["PENGAJUAN"]


# -- the sentence --------------------------------------------------------------------------------


def sentence(stage: str = "DISPOSISI_KABALAI", **facts) -> str:
    given = {"status": "in_process", "due_at": AT + timedelta(days=3), **facts}
    return state_sentence(DATA.desk(stage), **given)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, "Menunggu disposisi Kepala Balai, perkiraan selesai paling lambat Kamis, 1 Agu 2024."),
        (
            {"stage": "SURVEI", "status": "waiting_customer"},
            "Layanan selesai dikerjakan, menunggu survei dari pelanggan.",
        ),
        ({"status": "done"}, "Selesai. Dokumen hasil layanan dapat diunduh."),
        ({"status": "rejected"}, "Permohonan ini belum dapat kami penuhi."),
        ({"status": "cancelled"}, "Dibatalkan."),
        ({"status": "expired"}, "Kedaluwarsa."),
        (
            {"status": "needs_completion", "pending": "completion", "pending_due_at": AT},
            "Menunggu kelengkapan dari pelanggan sampai Senin, 29 Jul 2024.",
        ),
        (
            {"status": "suspended", "pending": "suspension"},
            "Layanan ditangguhkan; jam layanan berhenti.",
        ),
        (
            {"status": "rejected", "pending": "objection", "pending_due_at": AT},
            "Keberatan atas penolakan sedang diputus, paling lambat Senin, 29 Jul 2024.",
        ),
    ],
)
def test_the_state_in_one_sentence(facts, words):
    assert sentence(**facts) == words


def test_whatever_is_pending_has_a_sentence():
    for pending in PENDING_SENTENCES:
        assert "{" not in sentence(pending=pending, pending_due_at=AT)
