"""Deadlines counted by hand on the calendar's paper, with the words that explain them."""

from datetime import datetime
from decimal import Decimal

from rules.deadlines import Pause
from rules.formats import ZONE

HALF = Decimal("0.5")


def wita(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def pause(began: str, ended: str | None, reason: str = "menunggu kelengkapan dari pelanggan"):
    return Pause(wita(began), wita(ended) if ended else None, reason)


CASES = {
    # The manual's example: Tue 30, Wed 31, Thu 1 August.
    "the worked example": (
        "2024-07-29 12:57:45", 3, [], "2024-08-01 12:57:45",
        [
            "Dihitung sejak Senin, 29 Jul 2024, saat diajukan.",
            "Janji layanan 3 hari kerja.",
            "Batas akhir: Kamis, 1 Agu 2024 12:57:45 WITA.",
        ],
    ),
    # Friday 5 April; Mon 8 and Tue 9 leave, Wed 10 and Thu 11 Idul Fitri, Fri 12 and Mon 15
    # leave. Working days: Tue 16, Wed 17, Thu 18.
    "Idul Fitri 2024 with collective leave": (
        "2024-04-05 09:00:00", 3, [], "2024-04-18 09:00:00",
        [
            "Dihitung sejak Jumat, 5 Apr 2024, saat diajukan.",
            "Janji layanan 3 hari kerja.",
            "Tidak dihitung: Sabtu, 6 Apr 2024 – Minggu, 7 Apr 2024 (akhir pekan); "
            "Senin, 8 Apr 2024 – Selasa, 9 Apr 2024 (Cuti Bersama Hari Raya Idul Fitri); "
            "Rabu, 10 Apr 2024 (Hari Raya Idul Fitri); "
            "Kamis, 11 Apr 2024 (Hari kedua dari Hari Raya Idul Fitri); "
            "Jumat, 12 Apr 2024 (Cuti Bersama Hari Raya Idul Fitri); "
            "Sabtu, 13 Apr 2024 – Minggu, 14 Apr 2024 (akhir pekan); "
            "Senin, 15 Apr 2024 (Cuti Bersama Hari Raya Idul Fitri).",
            "Batas akhir: Kamis, 18 Apr 2024 09:00:00 WITA.",
        ],
    ),
    # Tuesday 17 March; Wed 18 leave, Thu 19 Nyepi, Fri 20 leave, Sat and Sun Idul Fitri, Mon 23
    # and Tue 24 leave. Working days: Wed 25, Thu 26, Fri 27.
    "Nyepi and Idul Fitri 2026 in one row": (
        "2026-03-17 10:30:00", 3, [], "2026-03-27 10:30:00",
        [
            "Dihitung sejak Selasa, 17 Mar 2026, saat diajukan.",
            "Janji layanan 3 hari kerja.",
            "Tidak dihitung: Rabu, 18 Mar 2026 (Cuti Bersama Hari Suci Nyepi); "
            "Kamis, 19 Mar 2026 (Hari Suci Nyepi); "
            "Jumat, 20 Mar 2026 (Cuti Bersama Hari Raya Idul Fitri); "
            "Sabtu, 21 Mar 2026 (Hari Raya Idul Fitri); "
            "Minggu, 22 Mar 2026 (Hari kedua dari Hari Raya Idul Fitri); "
            "Senin, 23 Mar 2026 – Selasa, 24 Mar 2026 (Cuti Bersama Hari Raya Idul Fitri).",
            "Batas akhir: Jumat, 27 Mar 2026 10:30:00 WITA.",
        ],
    ),
    # Friday 15.30 is still office time and keeps its hour: Mon 5 August.
    "Friday afternoon before closing": (
        "2024-08-02 15:30:00", 1, [], "2024-08-05 15:30:00",
        [
            "Dihitung sejak Jumat, 2 Agu 2024, saat diajukan.",
            "Janji layanan 1 hari kerja.",
            "Tidak dihitung: Sabtu, 3 Agu 2024 – Minggu, 4 Agu 2024 (akhir pekan).",
            "Batas akhir: Senin, 5 Agu 2024 15:30:00 WITA.",
        ],
    ),
    # Friday 16.00 is closing time: counted from Monday 08.00, one day on is Tuesday 08.00.
    "Friday at closing time": (
        "2024-08-02 16:00:00", 1, [], "2024-08-06 08:00:00",
        [
            "Diajukan 2 Agu 2024 16:00 WITA, di luar jam layanan; dihitung sejak "
            "Senin, 5 Agu 2024 08:00 WITA.",
            "Janji layanan 1 hari kerja.",
            "Tidak dihitung: Sabtu, 3 Agu 2024 – Minggu, 4 Agu 2024 (akhir pekan).",
            "Batas akhir: Selasa, 6 Agu 2024 08:00:00 WITA.",
        ],
    ),
    # Waisak, Thursday 23 May 2024, leave on Friday: counted from Mon 27, 08.00; Tue, Wed, Thu.
    "filed on a holiday": (
        "2024-05-23 10:00:00", 3, [], "2024-05-30 08:00:00",
        [
            "Diajukan 23 Mei 2024 10:00 WITA, di luar jam layanan; dihitung sejak "
            "Senin, 27 Mei 2024 08:00 WITA.",
            "Janji layanan 3 hari kerja.",
            "Tidak dihitung: Kamis, 23 Mei 2024 (Hari Raya Waisak); "
            "Jumat, 24 Mei 2024 (Cuti Bersama Hari Raya Waisak); "
            "Sabtu, 25 Mei 2024 – Minggu, 26 Mei 2024 (akhir pekan).",
            "Batas akhir: Kamis, 30 Mei 2024 08:00:00 WITA.",
        ],
    ),
    # 23.59 of Monday: from Tuesday 30 July 08.00; Wed 31, Thu 1, Fri 2. (15.59 UTC: same day.)
    "filed a minute before midnight": (
        "2024-07-29 23:59:00", 3, [], "2024-08-02 08:00:00",
        [
            "Diajukan 29 Jul 2024 23:59 WITA, di luar jam layanan; dihitung sejak "
            "Selasa, 30 Jul 2024 08:00 WITA.",
            "Janji layanan 3 hari kerja.",
            "Batas akhir: Jumat, 2 Agu 2024 08:00:00 WITA.",
        ],
    ),
    # 00.30 of Tuesday is before opening: the same Tuesday 08.00 (Monday 16.30 in UTC).
    "filed in the small hours": (
        "2024-07-30 00:30:00", 1, [], "2024-07-31 08:00:00",
        [
            "Diajukan 30 Jul 2024 00:30 WITA, di luar jam layanan; dihitung sejak "
            "Selasa, 30 Jul 2024 08:00 WITA.",
            "Janji layanan 1 hari kerja.",
            "Batas akhir: Rabu, 31 Jul 2024 08:00:00 WITA.",
        ],
    ),
    # Monday 30 December; Tue 31, then New Year's Day off, Thu 2 and Fri 3 January.
    "over the end of the year": (
        "2024-12-30 14:00:00", 3, [], "2025-01-03 14:00:00",
        [
            "Dihitung sejak Senin, 30 Des 2024, saat diajukan.",
            "Janji layanan 3 hari kerja.",
            "Tidak dihitung: Rabu, 1 Jan 2025 (Tahun Baru Masehi).",
            "Batas akhir: Jumat, 3 Jan 2025 14:00:00 WITA.",
        ],
    ),
    # Half of seven hours is three and a half: 09.00 to 12.00, then 13.00 to 13.30.
    "half a day over lunch": (
        "2024-07-29 09:00:00", HALF, [], "2024-07-29 13:30:00",
        [
            "Dihitung sejak Senin, 29 Jul 2024, saat diajukan.",
            "Janji layanan 0,5 hari kerja.",
            "Batas akhir: Senin, 29 Jul 2024 13:30:00 WITA.",
        ],
    ),
    # Friday rests from 11.30 to 13.00: 10.00 to 11.30 are 1.5 hours, 2 more from 13.00.
    "half a day over the Friday prayer": (
        "2024-08-02 10:00:00", HALF, [], "2024-08-02 15:00:00",
        [
            "Dihitung sejak Jumat, 2 Agu 2024, saat diajukan.",
            "Janji layanan 0,5 hari kerja.",
            "Batas akhir: Jumat, 2 Agu 2024 15:00:00 WITA.",
        ],
    ),
    # Two days to Thursday 15.00, one hour there, 2.5 hours on Friday: 10.30.
    "two and a half days": (
        "2024-07-30 15:00:00", Decimal("2.5"), [], "2024-08-02 10:30:00",
        [
            "Dihitung sejak Selasa, 30 Jul 2024, saat diajukan.",
            "Janji layanan 2,5 hari kerja.",
            "Batas akhir: Jumat, 2 Agu 2024 10:30:00 WITA.",
        ],
    ),
    # 12.20 is inside the lunch break: the clock begins at 13.00, has three hours until 16.00,
    # and half an hour on Tuesday.
    "half a day filed in the lunch break": (
        "2024-07-29 12:20:00", HALF, [], "2024-07-30 08:30:00",
        [
            "Dihitung sejak Senin, 29 Jul 2024, saat diajukan.",
            "Janji layanan 0,5 hari kerja.",
            "Batas akhir: Selasa, 30 Jul 2024 08:30:00 WITA.",
        ],
    ),
    # Whole days keep the hour, also one inside the break.
    "a whole day filed in the lunch break": (
        "2024-07-29 12:20:00", 1, [], "2024-07-30 12:20:00",
        [
            "Dihitung sejak Senin, 29 Jul 2024, saat diajukan.",
            "Janji layanan 1 hari kerja.",
            "Batas akhir: Selasa, 30 Jul 2024 12:20:00 WITA.",
        ],
    ),
    # Without the pause Thursday 1 August 10.00. It stood from Thursday 09.00 to Monday 11.00: Fri
    # 09.00 and Mon 09.00 make two whole days, and two hours more. Thu 10.00 + 2 days = Mon 5,
    # 10.00; + 2 hours = 12.00.
    "a pause over a weekend": (
        "2024-07-29 10:00:00", 3, [pause("2024-08-01 09:00:00", "2024-08-05 11:00:00")],
        "2024-08-05 12:00:00",
        [
            "Dihitung sejak Senin, 29 Jul 2024, saat diajukan.",
            "Janji layanan 3 hari kerja.",
            "Tidak dihitung: Sabtu, 3 Agu 2024 – Minggu, 4 Agu 2024 (akhir pekan).",
            "Jam berhenti 1 Agu 2024 09:00 WITA sampai 5 Agu 2024 11:00 WITA "
            "(menunggu kelengkapan dari pelanggan): batas mundur 2 hari kerja 2 jam.",
            "Batas akhir: Senin, 5 Agu 2024 12:00:00 WITA.",
        ],
    ),
    # Friday 17.00 to Sunday: no office time at all, so nothing moves.
    "a pause inside a weekend": (
        "2024-08-01 10:00:00", 3, [pause("2024-08-02 17:00:00", "2024-08-04 20:00:00")],
        "2024-08-06 10:00:00",
        [
            "Dihitung sejak Kamis, 1 Agu 2024, saat diajukan.",
            "Janji layanan 3 hari kerja.",
            "Tidak dihitung: Sabtu, 3 Agu 2024 – Minggu, 4 Agu 2024 (akhir pekan).",
            "Jam berhenti 2 Agu 2024 17:00 WITA sampai 4 Agu 2024 20:00 WITA "
            "(menunggu kelengkapan dari pelanggan): batas mundur tanpa jam layanan.",
            "Batas akhir: Selasa, 6 Agu 2024 10:00:00 WITA.",
        ],
    ),
    # A pause that still lasts moves nothing yet, and says so.
    "a pause that still lasts": (
        "2024-07-29 10:00:00", 3, [pause("2024-07-30 09:00:00", None, "layanan ditangguhkan")],
        "2024-08-01 10:00:00",
        [
            "Dihitung sejak Senin, 29 Jul 2024, saat diajukan.",
            "Janji layanan 3 hari kerja.",
            "Jam berhenti sejak 30 Jul 2024 09:00 WITA (layanan ditangguhkan); "
            "batas dihitung ulang saat jam berjalan lagi.",
            "Batas akhir: Kamis, 1 Agu 2024 10:00:00 WITA.",
        ],
    ),
    # Two pauses of one day each move by two: Thu 1 -> Fri 2 -> Mon 5.
    "two pauses": (
        "2024-07-29 10:00:00", 3,
        [pause("2024-07-31 09:00:00", "2024-08-01 09:00:00"),
         pause("2024-07-29 11:00:00", "2024-07-30 11:00:00", "menunggu pelanggan")],
        "2024-08-05 10:00:00",
        [
            "Dihitung sejak Senin, 29 Jul 2024, saat diajukan.",
            "Janji layanan 3 hari kerja.",
            "Tidak dihitung: Sabtu, 3 Agu 2024 – Minggu, 4 Agu 2024 (akhir pekan).",
            "Jam berhenti 29 Jul 2024 11:00 WITA sampai 30 Jul 2024 11:00 WITA "
            "(menunggu pelanggan): batas mundur 1 hari kerja.",
            "Jam berhenti 31 Jul 2024 09:00 WITA sampai 1 Agu 2024 09:00 WITA "
            "(menunggu kelengkapan dari pelanggan): batas mundur 1 hari kerja.",
            "Batas akhir: Senin, 5 Agu 2024 10:00:00 WITA.",
        ],
    ),
}  # fmt: skip
