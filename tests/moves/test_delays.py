"""What is late is dealt with: reminded, explained, and told to the customer."""

from datetime import timedelta

import pytest

from models import Message, Request
from moves.clock import foreseen_at, latest_told
from rules import events
from tests.moves.side_steps import kinds, last_event, offered, take, told, wita
from tests.people import advance
from workflow import InvalidInput, Refused

LATE = wita(8, 5, 9)
ABOUT_DELAY = {"remind", "explain_delay", "tell_new_date"}


def test_what_is_late_is_dealt_with_by_who_may_and_by_nobody_else(people, at):
    request = at("LAPORAN_KE_PETUGAS")
    for post, may in [("kepala_balai", ABOUT_DELAY), ("kasubag_tu", ABOUT_DELAY),
                      ("pemangku_data", set()), ("admin_layanan", set()), ("auditor", set()),
                      ("administrator", set())]:  # fmt: skip
        assert offered(request, people.staff[post], LATE) & ABOUT_DELAY == may, post
    assert not offered(request, people.customer, LATE) & ABOUT_DELAY


def test_nothing_is_offered_about_what_is_far_from_late(people, at):
    request = at("DISPOSISI_KABALAI", "advis")
    assert not offered(request, people.kasubag_tu, wita(7, 29, 14)) & {
        "explain_delay", "tell_new_date"}  # fmt: skip


def test_before_the_promise_breaks_a_new_date_can_be_told_but_no_cause(people, at):
    request = at("LAPORAN_KE_PETUGAS")
    assert offered(request, people.kepala_balai, wita(7, 31, 14)) & ABOUT_DELAY == {
        "remind", "tell_new_date"}  # fmt: skip


@pytest.mark.parametrize(
    ("service", "stage", "at_last", "before"),
    [
        ("data", "LAPORAN_KE_PETUGAS", wita(7, 31, 13), wita(7, 31, 12)),
        ("advis", "DISPOSISI_KABALAI", wita(8, 27, 9), wita(8, 20, 9)),
    ],
)
def test_a_promise_is_about_to_break_in_its_last_quarter_or_day(
    people, at, service, stage, at_last, before
):
    """The data service promises three working days until 1 August 12.57, the other twenty-five."""
    request = at(stage, service)
    Request.update(stage_due_at=request.due_at).execute()
    request = Request.get_by_id(request.id)
    assert "tell_new_date" in offered(request, people.kasubag_tu, at_last)
    assert "tell_new_date" not in offered(request, people.kasubag_tu, before)


def test_the_clock_of_a_customer_makes_nothing_late(people, at):
    request = at("SURVEI")
    assert not offered(request, people.kepala_balai, LATE) & ABOUT_DELAY


def test_nobody_reminds_themself(people, at):
    request = at("DISPOSISI_KABALAI")
    assert "remind" not in offered(request, people.kepala_balai, LATE)
    assert "remind" in offered(request, people.kasubag_tu, LATE)


def test_a_reminder_reaches_the_holder_once_a_day_and_stays_in_the_history(people, at):
    request = at("LAPORAN_KE_PETUGAS")
    after = take(request, "remind", people.kepala_balai, LATE, note="Mohon hari ini.")
    [message] = told(request, people.pemangku_data, "diingatkan")
    assert message.variables["pengingat"] == people.kepala_balai.name
    assert message.variables["catatan"] == "Mohon hari ini."
    event = last_event(request)
    assert (event.kind, event.acted_for) == (events.HOLDER_REMINDED, "kepala_balai")
    assert event.data["people"] == [people.pemangku_data.public_id]
    # The holder's open form is still good.
    assert after.version == request.version
    with pytest.raises(Refused):
        take(after, "remind", people.kasubag_tu, LATE + timedelta(hours=2))
    take(after, "remind", people.kasubag_tu, LATE + timedelta(days=1))
    assert len(told(request, people.pemangku_data, "diingatkan")) == 2


def test_a_reminder_of_a_post_without_a_name_reaches_everybody_there(people, at):
    request = at("DISPOSISI_KASUBAG")
    take(request, "remind", people.kepala_balai, LATE)
    assert told(request, people.kasubag_tu, "diingatkan")


def test_a_decision_that_is_late_is_reminded_of_as_well(people, at):
    asked = take(at("PERSIAPAN", "lab"), "ask_cancel", people.customer, wita(7, 30, 10),
                 reason="Alasan yang cukup panjang.")  # fmt: skip
    assert offered(asked, people.kepala_balai, wita(8, 30, 9)) & ABOUT_DELAY == {"remind"}
    take(asked, "remind", people.kepala_balai, wita(8, 30, 9))
    assert told(asked, people.ketua_tim, "diingatkan")


def test_the_cause_is_kept_and_a_later_one_takes_its_place(people, at):
    request = at("LAPORAN_KE_PETUGAS")
    first = take(request, "explain_delay", people.kepala_balai, LATE,
                 cause="Cuaca atau keadaan lapangan")  # fmt: skip
    assert (first.delay_cause, first.version) == ("cuaca", request.version)
    second = take(first, "explain_delay", people.ketua_tim, LATE, cause="Lainnya",
                  note="Server telemetri mati.")  # fmt: skip
    assert second.delay_cause == "lainnya"
    assert kinds(request)[-2:] == [events.DELAY_EXPLAINED] * 2
    assert not told(request, people.customer, "tanggal_baru")


@pytest.mark.parametrize(
    "given",
    [{"cause": "Lainnya"}, {"cause": ""}, {"cause": "cuaca"}, {"cause": "Karangan sendiri"}],
)
def test_a_cause_outside_the_list_or_without_words_is_asked_for_again(people, at, given):
    request = at("LAPORAN_KE_PETUGAS")
    with pytest.raises(InvalidInput):
        take(request, "explain_delay", people.kepala_balai, LATE, **given)
    assert Request.get_by_id(request.id).delay_cause == ""


def test_a_cause_can_be_added_when_it_is_done(people, runtime, at):
    request = at("LAPORAN_KE_PETUGAS")
    done = advance(request, people, runtime, now=LATE)
    assert offered(done, people.kepala_balai, LATE + timedelta(days=9)) & ABOUT_DELAY == {
        "explain_delay"}  # fmt: skip
    assert take(done, "explain_delay", people.kepala_balai, LATE + timedelta(days=9),
                cause="Antrean fasilitas uji").delay_cause == "antrean_fasilitas"  # fmt: skip


def test_what_was_done_in_time_has_no_cause(people, runtime, at):
    done = advance(at("LAPORAN_KE_PETUGAS"), people, runtime, now=wita(7, 30, 9))
    assert not offered(done, people.kepala_balai, LATE) & ABOUT_DELAY


def test_a_new_date_is_told_with_its_reason_and_leaves_the_promise(people, at):
    request = at("LAPORAN_KE_PETUGAS")
    moved = take(request, "tell_new_date", people.kepala_balai, LATE, finish_on="2024-08-09",
                 reason="Alat ukur sedang dikalibrasi.")  # fmt: skip
    assert moved.due_at == request.due_at
    assert foreseen_at(moved) == latest_told(moved) == wita(8, 9, 16)
    [message] = told(request, people.customer, "tanggal_baru")
    assert message.variables["batas_baru"] == "Jumat, 9 Agu 2024"
    assert message.variables["alasan"] == "Alat ukur sedang dikalibrasi"
    event = last_event(request)
    assert event.kind == events.DATE_TOLD
    again = take(moved, "tell_new_date", people.kasubag_tu, LATE, finish_on="2024-08-12",
                 reason="Alat ukur belum kembali.")  # fmt: skip
    assert told(again, people.customer, "tanggal_baru")[-1].variables["batas"] == (
        "Jumat, 9 Agu 2024")  # fmt: skip


@pytest.mark.parametrize(
    ("on", "words"),
    [
        ("2024-08-05", "harus sesudah"),
        ("2024-08-01", "sesudah"),
        ("2024-07-01", "sesudah"),
        ("", "Wajib"),
        ("bukan tanggal", "tanggal"),
    ],
)
def test_a_date_that_is_none_is_refused_and_nothing_is_sent(people, at, on, words):
    request = at("LAPORAN_KE_PETUGAS")
    with pytest.raises(InvalidInput) as wrong:
        take(request, "tell_new_date", people.kepala_balai, LATE, finish_on=on,
             reason="Alat ukur sedang dikalibrasi.")  # fmt: skip
    assert set(wrong.value.errors) == {"finish_on"}
    assert Request.get_by_id(request.id).expected_at is None
    assert not Message.select().where(Message.template == "tanggal_baru").exists()
