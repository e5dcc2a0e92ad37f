"""`run.py check` says every setting, finds misspelt ones, and looks at what the system needs."""

import re

import pytest

from administration.commands.check import shown, unknown_names
from tests.administration.test_commands import NOBODY_THERE, is_one_line
from tests.messages.mail_server import MailServer


@pytest.fixture(scope="module")
def upgraded(command, tmp_path_factory):
    folder = tmp_path_factory.mktemp("checked")
    assert command(folder, "db", "upgrade")[0] == 0
    return folder


def lines(said, word):
    return [line for line in said.splitlines() if line.startswith(word)]


def test_all_is_said_and_a_worker_that_is_missing_is_trouble(command, upgraded):
    code, said, wrong = command(upgraded, "check", SECRET_KEY="kunci-rahasia-sekali-0123456789ab")
    assert (code, wrong) == (1, "")
    assert re.search(r"^PORT +\(`8000`\)$", said, re.MULTILINE)
    assert "kunci-rahasia" not in said and re.search(r"^SECRET_KEY +set, 33 char", said, re.M)
    # Late in a year the holidays of the next are asked for as well.
    found = {line.split(":")[0] for line in lines(said, "TROUBLE")} - {"TROUBLE  Hari libur"}
    assert found == {"TROUBLE  Pekerja latar"}
    assert any("Clock" in line for line in lines(said, "ok"))


def test_a_misspelt_setting_is_trouble_and_its_likely_name_is_said(command, upgraded):
    code, said, _ = command(upgraded, "check", SMPT_HOST="mail.balai.test", WAHA_TOKENN="x")
    assert code == 1
    assert "TROUBLE  SMPT_HOST is no setting; did you mean SMTP_HOST?" in said
    assert "TROUBLE  WAHA_TOKENN is no setting" in said


@pytest.mark.parametrize(
    ("name", "likely"),
    [("DATABSE_URL", "DATABASE_URL"), ("SECRETKEY", "SECRET_KEY"), ("BASEURL", "BASE_URL"),
     ("THREAD", "THREADS"), ("MELASTI_MOD", "MELASTI_MODE"), ("SMTP_HOSTNAME", "SMTP_HOST")],
)  # fmt: skip
def test_names_that_nearly_are_settings(name, likely):
    assert list(unknown_names({name: "x"})) == [(name, likely)]


@pytest.mark.parametrize(
    "name", ["PATH", "HOME", "LANG", "HOSTNAME", "LOGNAME", "PWD", "TERM", "PYTHONPATH", "TZ"]
)
def test_names_of_others_are_left_alone(name):
    assert list(unknown_names({name: "x"})) == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DATABASE_URL", "postgresql://melasti:rahasia@db/melasti", "postgresql://melasti:…@db/melasti"),
        ("DATABASE_URL", "postgresql://db/melasti", "postgresql://db/melasti"),
        ("SMTP_PASSWORD", "rahasia", "set, 7 characters"),
        ("SECRET_KEY", "", "empty"),
        ("PORT", "8000", "8000"),
    ],
)  # fmt: skip
def test_no_secret_is_shown(name, value, said):
    assert shown(name, value) == said


def test_a_database_that_is_away_is_one_trouble_and_channels_are_looked_at(command, upgraded):
    code, said, wrong = command(upgraded, "check", DATABASE_URL=NOBODY_THERE)
    assert (code, wrong) == (1, "")
    assert any("Database" in line for line in lines(said, "TROUBLE"))
    assert any("whatsapp by log" in line for line in lines(said, "ok"))


def test_an_older_schema_is_trouble(command, tmp_path):
    code, said, wrong = command(tmp_path, "check")
    assert (code, wrong) == (1, "") and "run.py db upgrade" in said


def test_a_test_message_leaves(command, upgraded):
    server = MailServer()
    try:
        environ = {"EMAIL_CHANNEL": "smtp", "SMTP_HOST": "127.0.0.1", "SMTP_SECURITY": "none",
                   "SMTP_PORT": str(server.port), "EMAIL_SENDER": "melasti@balai.test"}  # fmt: skip
        _, said, wrong = command(upgraded, "check", "--send-test", "admin@balai.test", **environ)
        assert wrong == "" and "a test message left for admin@balai.test" in said
        assert server.addresses() == ["admin@balai.test"]
    finally:
        server.close()


@pytest.mark.parametrize("address", ["nobody", "0361", "12"])
def test_what_is_no_address_is_one_line(command, upgraded, address):
    code, _, wrong = command(upgraded, "check", "--send-test", address)
    assert code == 2 and is_one_line(wrong)
