"""A deadline says itself from when it counts, what it leaves out and which pauses moved it."""

from datetime import UTC, date, datetime, timedelta

from rules.calendar import WorkCalendar
from rules.deadlines import Agreement, Pause, count_deadline

# Monday, 29 July 2024, 12:57:45 WITA.
MONDAY = datetime(2024, 7, 29, 4, 57, 45, tzinfo=UTC)
PROCLAMATION = {date(2024, 8, 17): "Hari Kemerdekaan", date(2024, 8, 16): "Libur lokal"}


def said(days, *, start=MONDAY, pauses=(), agreement=None) -> list[str]:
    calendar = WorkCalendar(PROCLAMATION)
    return count_deadline(calendar, start, days, pauses=pauses, agreement=agreement).explain()


def test_short_one_names_each_closed_stretch():
    assert said(5) == [
        "Dihitung sejak Senin, 29 Jul 2024, saat diajukan.",
        "Janji layanan 5 hari kerja.",
        "Tidak dihitung: Sabtu, 3 Agu 2024 – Minggu, 4 Agu 2024 (akhir pekan).",
        "Batas akhir: Senin, 5 Agu 2024 12:57:45 WITA.",
    ]


def test_long_one_sums_the_weekends_and_names_the_holidays():
    skipped = next(line for line in said(20) if line.startswith("Tidak dihitung"))
    assert skipped == (
        "Tidak dihitung: 7 hari Sabtu dan Minggu; Jumat, 16 Agu 2024 (Libur lokal); "
        "Sabtu, 17 Agu 2024 (Hari Kemerdekaan)."
    )


def test_filed_at_night_counts_from_the_next_opening():
    night = datetime(2024, 7, 29, 13, 0, tzinfo=UTC)
    assert said(1, start=night)[0] == (
        "Diajukan 29 Jul 2024 21:00 WITA, di luar jam layanan; dihitung sejak "
        "Selasa, 30 Jul 2024 08:00 WITA."
    )


def test_pauses_say_how_far_they_moved_it_and_the_running_one_why_it_stands():
    over = Pause(MONDAY, MONDAY + timedelta(days=1), "menunggu pelanggan")
    running = Pause(MONDAY + timedelta(days=2), None, "layanan ditangguhkan")
    lines = said(3, pauses=[over, running])
    assert (
        "Jam berhenti 29 Jul 2024 12:57 WITA sampai 30 Jul 2024 12:57 WITA "
        "(menunggu pelanggan): batas mundur 1 hari kerja."
    ) in lines
    assert (
        "Jam berhenti sejak 31 Jul 2024 12:57 WITA (layanan ditangguhkan); "
        "batas dihitung ulang saat jam berjalan lagi."
    ) in lines
    assert lines[-1] == "Batas akhir: Jumat, 2 Agu 2024 12:57:45 WITA."


def test_agreed_day_takes_the_place_of_the_promise():
    lines = said(3, agreement=Agreement(date(2024, 9, 2), MONDAY))
    assert lines[0] == "Tanggal selesai disepakati dalam kontrak: Senin, 2 Sep 2024."
    assert not any("Janji" in line for line in lines)


def test_a_pause_counts_from_the_moment_of_the_agreement_on():
    """Who agrees waits at once for the customer: that pause begins with the agreement."""
    calendar, agreed = WorkCalendar({}), MONDAY + timedelta(days=1)
    agreement = Agreement(date(2024, 8, 9), agreed)
    day_later = agreed + timedelta(days=1)
    with_it = count_deadline(
        calendar, MONDAY, 5, pauses=[Pause(agreed, day_later, "")], agreement=agreement
    )
    before = Pause(agreed - timedelta(seconds=1), day_later, "")
    without = count_deadline(calendar, MONDAY, 5, pauses=[before], agreement=agreement)
    assert with_it.due_at.date() == date(2024, 8, 12)
    assert without.due_at.date() == date(2024, 8, 9)
