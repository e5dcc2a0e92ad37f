"""What a letter says of itself, in one line."""

from datetime import date

from rules.formats import day


def letter_words(number: str, dated_on: date | None, sender: str) -> str:
    """`12/UN/2026, tanggal 3 Nov 2026, dari Rektor`; empty where it says nothing."""
    parts = (number, f"tanggal {day(dated_on)}" if dated_on else "", f"dari {sender}")
    return ", ".join(part for part in parts if part and part != "dari ")
