"""A line of the log: one for each event, whole, and nobody's own."""

import json
import logging
import sys

import pytest

from config.logs import JsonFormatter, TextFormatter, reference, without_personal


def record(message: str, *arguments, name: str = "melasti.uji", error=None, **more):
    made = logging.LogRecord(name, logging.WARNING, "", 1, message, arguments, error)
    made.__dict__.update(more)
    made.created = 1_790_000_000.25
    return made


def broken(error: Exception):
    try:
        raise error
    except type(error):
        return sys.exc_info()


def test_a_line_of_text_has_instant_level_room_reference_and_words():
    reference.set("AB12CD34")
    line = TextFormatter().format(record("%d pesan", 3))
    assert line == "2026-09-21T14:13:20.250Z WARNING melasti.uji ref=AB12CD34 3 pesan"


def test_a_line_of_json_has_the_same_and_what_is_known_beside():
    reference.set("AB12CD34")
    line = JsonFormatter().format(record("x", facts={"status": 404}))
    assert json.loads(line) == {
        "at": "2026-09-21T14:13:20.250Z", "level": "WARNING", "logger": "melasti.uji",
        "ref": "AB12CD34", "message": "x", "status": 404,
    }  # fmt: skip


@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()])
def test_an_error_with_all_its_places_is_one_line(formatter):
    line = formatter.format(record("rusak", error=broken(ValueError("a\nb\nc"))))
    assert "\n" not in line and "ValueError: a" in line
    assert "tests/config/test_logs.py" in line


@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()])
def test_what_somebody_sent_breaks_no_line(formatter):
    line = formatter.format(record("%s", "a\r\n2026-01-01T00:00:00Z ERROR palsu\x1b[2J\u2028b"))
    assert len(line.splitlines()) == 1 and "\x1b" not in line


PERSONAL = [
    'duplicate key value violates unique constraint "user_email"\n'
    "DETAIL:  Key (email)=(budi@contoh.test) already exists.",
    "Key (name)=(Budi Santoso) already exists",
    "invalid literal for int() with base 10: 'Budi Santoso'",
    'invalid input syntax for type bigint: "budi"',
    "could not send to <budi@contoh.test>: refused",
    "no such number: 0812-3456-7890 or +6281234567890",
    "Exception while serving /lupa-sandi/WyJhYmMiLCJkZWYiXQ.aBcDeF.0123456789abcdefABCDEF",
]


@pytest.mark.parametrize("words", PERSONAL)
def test_what_libraries_repeat_of_people_is_left_out(words):
    for formatter in (TextFormatter(), JsonFormatter()):
        told = formatter.format(record("rusak", error=broken(ValueError(words))))
        told += formatter.format(record(words, name="waitress"))
        for secret in ("budi", "Budi", "Santoso", "3456", "81234567890", "WyJhYmMi"):
            assert secret not in told


def test_what_an_error_is_about_stays():
    assert 'constraint "user_email"' in without_personal(PERSONAL[0])
    assert without_personal("server closed the connection") == "server closed the connection"
