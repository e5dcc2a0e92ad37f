"""Deadlines counted by hand against the national calendar, and how each explains itself.

The expected instants come from a wall calendar, worked out beside each case; the holidays come
from the `holidays` library, as on a fresh installation.
"""

from datetime import date
from decimal import Decimal

import pytest

from administration.closures import known_days
from moves.catalogue import calendar_with
from rules.deadlines import Agreement, count_deadline
from rules.formats import ZONE
from tests.rules.deadline_cases import CASES, pause, wita

NATIONAL = {day.on: day.title for day in known_days([2024, 2025, 2026, 2027])}


# Galungan isn't a national holiday: an office in Bali writes it down itself.
BALINESE = {date(2024, 9, 25): "Hari Raya Galungan", date(2024, 10, 5): "Hari Raya Kuningan"}


@pytest.mark.parametrize("name", CASES)
def test_a_deadline_counted_by_hand(name):
    started, days, pauses, due, words = CASES[name]
    found = count_deadline(calendar_with(NATIONAL), wita(started), Decimal(days), pauses=pauses)
    assert found.due_at.astimezone(ZONE) == wita(due)
    assert found.explain() == words


def test_a_local_holiday_of_bali_counts_once_it_is_written_down():
    """Galungan, Wednesday 25 September 2024: Thu 26, Fri 27 and Mon 30 instead of Friday."""
    filed = wita("2024-09-24 09:00:00")
    elsewhere = count_deadline(calendar_with(NATIONAL), filed, 3)
    assert elsewhere.due_at == wita("2024-09-27 09:00:00")
    here = count_deadline(calendar_with(NATIONAL | BALINESE), filed, 3)
    assert here.explain() == [
        "Dihitung sejak Selasa, 24 Sep 2024, saat diajukan.",
        "Janji layanan 3 hari kerja.",
        "Tidak dihitung: Rabu, 25 Sep 2024 (Hari Raya Galungan); "
        "Sabtu, 28 Sep 2024 – Minggu, 29 Sep 2024 (akhir pekan).",
        "Batas akhir: Senin, 30 Sep 2024 09:00:00 WITA.",
    ]


def test_an_agreed_day_takes_the_place_of_the_promise():
    """It ends when the office closes; pauses before the agreement were known, later ones count."""
    agreement = Agreement(date(2024, 10, 1), wita("2024-08-12 10:00:00"))
    pauses = [
        pause("2024-08-05 10:00:00", "2024-08-12 10:00:00", "menunggu pelanggan"),
        # Tuesday to Thursday at the same hour: two days, from Tue 1 October to Thu 3.
        pause("2024-09-03 10:00:00", "2024-09-05 10:00:00", "layanan ditangguhkan"),
    ]
    found = count_deadline(
        calendar_with(NATIONAL), wita("2024-07-29 10:00:00"), 42, pauses=pauses,
        agreement=agreement,
    )  # fmt: skip
    assert found.due_at == wita("2024-10-03 16:00:00")
    assert found.explain() == [
        "Tanggal selesai disepakati dalam kontrak: Selasa, 1 Okt 2024.",
        "Jam berhenti 3 Sep 2024 10:00 WITA sampai 5 Sep 2024 10:00 WITA "
        "(layanan ditangguhkan): batas mundur 2 hari kerja.",
        "Batas akhir: Kamis, 3 Okt 2024 16:00:00 WITA.",
    ]


def test_forty_two_working_days_of_the_laboratory():
    """From Friday 1 March 2024. March: 4-8 (5), 11 Nyepi and 12 leave off, 13-15 (8), 18-22 (13),
    25-28 (17), 29 Good Friday off. April: 1-5 (22), 8-15 off, 16-19 (26), 22-26 (31), 29-30 (33).
    May: 1 off, 2-3 (35), 6-8 (38), 9 and 10 off, 13-16 (42): Thursday 16 May."""
    found = count_deadline(calendar_with(NATIONAL), wita("2024-03-01 08:15:00"), 42)
    assert found.due_at == wita("2024-05-16 08:15:00")
    assert found.skipped[0] == (date(2024, 3, 2), "akhir pekan")


def test_a_pause_can_never_pull_a_deadline_forward():
    before = count_deadline(calendar_with(NATIONAL), wita("2024-07-29 10:00:00"), 3)
    for began in ("2024-07-29 10:00:00", "2024-08-03 12:00:00", "2024-07-31 23:00:00"):
        after = count_deadline(calendar_with(NATIONAL), wita("2024-07-29 10:00:00"), 3,
                               pauses=[pause(began, began)])  # fmt: skip
        assert after.due_at == before.due_at
