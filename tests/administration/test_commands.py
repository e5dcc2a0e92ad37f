"""Commands for the administrator: what is wrong is one line, and no schema is taken for another."""

import os
import re
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from config.version import version
from storage.database import MIGRATIONS

ROOT = Path(__file__).parents[2]
LAST = sorted(path.stem for path in MIGRATIONS.glob("0*.py"))[-1]
NOBODY_THERE = "postgresql://nobody@127.0.0.1:1/none?connect_timeout=2"


def cold(folder, *words, **environ):
    """The same as `command`, of a process that reads the program first."""
    place = {"DATA_DIR": str(folder), "PATH": os.environ["PATH"], **environ}
    ran = subprocess.run(
        [sys.executable, "run.py", *words],
        cwd=ROOT, env=place, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    return ran.returncode, ran.stdout, ran.stderr


@pytest.fixture(scope="module")
def upgraded(command, tmp_path_factory):
    folder = tmp_path_factory.mktemp("upgraded")
    assert command(folder, "db", "upgrade")[0] == 0
    return folder


def is_one_line(complaint):
    return re.fullmatch(r"melasti: [^\n]+\n", complaint) is not None


def test_the_version_is_said(command, tmp_path):
    assert command(tmp_path, "--version", PORT="none") == (0, f"MELASTI {version()}\n", "")


def test_nothing_is_read_or_opened_before_the_command(tmp_path):
    code, said, wrong = cold(tmp_path, "serve", PORT="eight", QUEUE_URL=NOBODY_THERE)
    assert (code, said) == (2, "") and is_one_line(wrong) and "PORT" in wrong
    assert cold(tmp_path, "--help", PORT="eight", DATABASE_URL=NOBODY_THERE)[0] == 0


@pytest.mark.parametrize("words", [(), ("db",), ("admin", "add")])
def test_help_needs_neither_settings_nor_a_database(command, tmp_path, words):
    code, said, wrong = command(tmp_path, *words, "--help", PORT="none", DATABASE_URL=NOBODY_THERE)
    assert (code, wrong) == (0, "") and said.startswith("usage: run.py")


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"PORT": "eight"}, "PORT"),
        ({"DATABASE_URL": "mysql://office"}, "DATABASE_URL"),
        ({"QUEUE_URL": "redis://office"}, "QUEUE_URL"),
        ({"DATA_DIR": "/proc/none"}, "/proc/none"),
        ({"SMTP_PORT": "none"}, "SMTP_PORT"),
    ],
)
@pytest.mark.parametrize("words", [("serve",), ("db", "upgrade")])
def test_a_wrong_setting_is_one_line(command, tmp_path, words, environ, named):
    code, said, wrong = command(tmp_path, *words, **environ)
    assert (code, said) == (2, "") and is_one_line(wrong) and named in wrong


@pytest.mark.parametrize("words", [("serve",), ("worker",), ("db", "status"), ("audit",)])
def test_a_database_that_does_not_answer_is_one_line(command, tmp_path, words):
    code, said, wrong = command(tmp_path, *words, DATABASE_URL=NOBODY_THERE)
    assert (code, said) == (2, "") and is_one_line(wrong)
    assert "the database can't be used" in wrong


@pytest.mark.parametrize("words", [("serve",), ("worker",)])
def test_a_queue_that_does_not_answer_is_one_line(command, upgraded, words):
    code, said, wrong = command(upgraded, *words, QUEUE_URL=NOBODY_THERE, PORT="0")
    assert (code, said) == (2, "") and is_one_line(wrong) and "QUEUE_URL" in wrong


def test_a_port_that_is_taken_is_one_line(command, upgraded):
    with socket.create_server(("127.0.0.1", 0)) as other:
        code, said, wrong = command(upgraded, "serve", PORT=str(other.getsockname()[1]))
    assert (code, said) == (2, "") and is_one_line(wrong)


def test_a_file_that_is_no_database_is_one_line(command, tmp_path):
    (tmp_path / "melasti.db").write_text("This is a letter, not a database. " * 40)
    code, said, wrong = command(tmp_path, "db", "upgrade")
    assert (code, said) == (2, "") and is_one_line(wrong)


@pytest.mark.parametrize("words", [("serve",), ("worker",), ("admin", "add", "a@b.test")])
def test_nothing_runs_on_an_empty_database(command, tmp_path, words):
    code, said, wrong = command(tmp_path, *words)
    assert (code, said) == (2, "") and is_one_line(wrong) and "run.py db upgrade" in wrong


def test_the_state_of_the_schema(command, upgraded):
    code, said, _ = command(upgraded, "db", "status")
    assert code == 0 and f"the last is {LAST}" in said


def forget(folder, name):
    with sqlite3.connect(folder / "melasti.db") as open_one:
        open_one.execute("DELETE FROM schema_migration WHERE name = ?", (name,))


def learn(folder, name):
    with sqlite3.connect(folder / "melasti.db") as open_one:
        open_one.execute(
            "INSERT INTO schema_migration (name, applied) VALUES (?, '2027-01-01')", (name,)
        )


def test_an_older_schema_is_refused_and_named(command, upgraded):
    forget(upgraded, LAST)
    assert command(upgraded, "db", "status")[0] == 1
    code, said, wrong = command(upgraded, "serve")
    learn(upgraded, LAST)
    assert (code, said) == (2, "") and is_one_line(wrong) and LAST in wrong


@pytest.mark.parametrize("words", [("serve",), ("start",), ("audit",), ("db", "upgrade")])
def test_a_newer_schema_is_refused_and_named(command, upgraded, words):
    learn(upgraded, "0999_from_tomorrow")
    code, said, wrong = command(upgraded, *words)
    forget(upgraded, "0999_from_tomorrow")
    assert (code, said) == (2, "") and is_one_line(wrong) and "0999_from_tomorrow" in wrong


def test_going_back_has_a_brake_and_can_be_upgraded_again(command, tmp_path):
    command(tmp_path, "db", "upgrade")
    *_, before, last = sorted(path.stem for path in MIGRATIONS.glob("0*.py"))
    code, _, wrong = command(tmp_path, "db", "downgrade")
    assert code == 2 and is_one_line(wrong) and "--to" in wrong
    code, _, wrong = command(tmp_path, "db", "downgrade", "--to", before)
    assert code == 2 and is_one_line(wrong) and last in wrong and "--lose-rows" in wrong
    assert command(tmp_path, "db", "status")[0] == 0
    assert command(tmp_path, "db", "downgrade", "--to", before, "--lose-rows")[:2] == (
        0,
        f"reverted {last}\n",
    )
    assert command(tmp_path, "serve")[0] == 2
    assert command(tmp_path, "db", "upgrade")[:2] == (0, f"applied {last}\n")
    code, _, wrong = command(tmp_path, "db", "downgrade", "--to", "0999_none", "--lose-rows")
    assert code == 2 and is_one_line(wrong) and "0999_none" in wrong
