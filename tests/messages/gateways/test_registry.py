"""One file and one line are a gateway; what it needs is asked for before anything is served."""

import re
import subprocess
import sys
from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path

import pytest

import run
from config.settings import BadSetting, Settings, read_settings
from messages.gateways import registry
from messages.gateways.registry import (
    GATEWAYS,
    check_gateways,
    find_gateway,
    open_gateways,
    reporting_gateways,
)
from messages.sending import deliver_due, make_postman
from models import IncomingMessage, Message
from tests.messages.gateways.toy_gateway import Toy
from tests.people import file_request

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def settings(tmp_path):
    def read(**environ: str) -> Settings:
        return read_settings({"DATA_DIR": str(tmp_path), **environ})

    return read


@pytest.fixture
def toy(monkeypatch):
    """The line in the registry."""
    monkeypatch.setattr(registry, "GATEWAYS", (*GATEWAYS, Toy))
    monkeypatch.setattr(Toy, "sent", [])


def test_names_are_found_and_each_stands_once():
    names = [one.name for one in GATEWAYS]
    assert len(names) == len(set(names))
    assert [find_gateway(name) for name in names] == list(GATEWAYS)
    assert find_gateway("merpati") is None


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_each_is_the_file_of_its_name(gateway):
    assert gateway.__module__ == f"messages.gateways.{gateway.name}"


# -- settings ------------------------------------------------------------------------------------


def test_settings_name_what_a_channel_lacks(settings):
    with pytest.raises(BadSetting, match="FONNTE_TOKEN"):
        check_gateways(settings(WHATSAPP_CHANNEL="fonnte"))
    for name, value in (("QUIET_HOURS", "malam"), ("MESSAGE_LADDER", "merpati"),
                        ("GOWA_HMAC_KEY", "secret"), ("WHATSAPP_GAP_SECONDS", "x")):  # fmt: skip
        with pytest.raises(BadSetting, match=name):
            check_gateways(settings(**{name: value}))
    found = settings(WHATSAPP_CHANNEL="fonnte", FONNTE_TOKEN="x")
    check_gateways(found)
    opened = open_gateways(found)
    assert (opened["whatsapp"].name, opened["email"].name) == ("fonnte", "log")


REQUIRED = [(gateway, one.name) for gateway in GATEWAYS for one in gateway.settings
            if one.is_required]  # fmt: skip


@pytest.mark.parametrize(("gateway", "name"), REQUIRED)
def test_each_required_variable_is_asked_for(settings, gateway, name):
    chosen = {f"{channel.upper()}_CHANNEL": gateway.name for channel in gateway.channels}
    given = {one.name: "https://x.test" for one in gateway.settings if one.is_required}
    check_gateways(settings(**chosen, **given))
    for lacking in ({}, {name: ""}):
        rest = {key: value for key, value in given.items() if key != name}
        with pytest.raises(BadSetting, match=f"^{name} must be set"):
            check_gateways(settings(**chosen, **rest, **lacking))
    check_gateways(settings())


@pytest.mark.parametrize(
    ("variable", "value"),
    [("WHATSAPP_CHANNEL", "merpati"), ("WHATSAPP_CHANNEL", "smtp"), ("EMAIL_CHANNEL", "waha"),
     ("SMTP_PORT", "0"), ("WHATSAPP_GAP_SECONDS", "61")],
)  # fmt: skip
def test_a_bad_value_is_named(settings, variable, value):
    with pytest.raises(BadSetting, match=f"^{variable} must be"):
        check_gateways(settings(**{variable: value}))


def words_behind(command):
    """The fewest words with which a command is complete."""
    parser = ArgumentParser()
    run.COMMANDS[command].add_words(parser)
    needed = [one for one in parser._get_positional_actions() if one.nargs != "?"]
    return [next(iter(one.choices or ["baru@balai.test"])) for one in needed]


@pytest.mark.parametrize(
    "command", sorted(name for name, one in run.COMMANDS.items() if one.needs_settings)
)
def test_no_command_begins_without_what_its_gateway_needs(settings, monkeypatch, capsys, command):
    chosen = settings(WHATSAPP_CHANNEL="gowa")
    monkeypatch.setattr(run, "settings_of_process", lambda: chosen)
    assert run.main([command, *words_behind(command)]) == 2
    assert "GOWA_BASE_URL must be set" in capsys.readouterr().err


def test_the_table_of_the_settings_says_what_the_files_say():
    text = (ROOT / "docs/settings.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)` \| (.* \| .*) \|$", text, flags=re.M))
    for gateway in GATEWAYS:
        for one in gateway.settings:
            default = "needed" if one.is_required else f"`{one.default}`" if one.default else "–"
            assert rows[one.name] == f"{default} | {one.meaning}"


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_what_proves_something_is_a_secret_without_a_default(gateway):
    known = {one.name: one for one in gateway.settings}
    proofs = {gateway.report_secret, gateway.handshake_token} - {""}
    proofs |= {name for name in known if name.endswith(("_TOKEN", "_KEY", "_PASSWORD", "_SECRET"))}
    for name in proofs:
        assert (known[name].is_secret, known[name].default) == (True, "")


def test_only_a_gateway_with_its_secret_reports(settings):
    assert reporting_gateways(settings()) == frozenset()
    waha = {"WHATSAPP_CHANNEL": "waha", "WAHA_BASE_URL": "https://x.test", "WAHA_API_KEY": "x"}
    assert reporting_gateways(settings(**waha)) == frozenset()
    assert reporting_gateways(settings(**waha, WAHA_HMAC_KEY="k")) == {"waha"}


def test_secrets_are_not_in_what_settings_print(settings):
    assert "rahasia" not in repr(settings(FONNTE_TOKEN="rahasia"))


def test_settings_know_no_gateway():
    code = "import sys, config.settings; print([m for m in sys.modules if 'messages' in m])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


# -- a new one -----------------------------------------------------------------------------------


def test_a_new_gateway_is_asked_for_its_variables(toy, settings):
    with pytest.raises(BadSetting, match="TOY_TOKEN"):
        check_gateways(settings(WHATSAPP_CHANNEL="toy"))
    with pytest.raises(BadSetting, match="TOY_SPEED must be a number from 1 to 9"):
        check_gateways(settings(TOY_SPEED="10"))


def test_a_new_gateway_sends_reports_and_hears(toy, app, settings, people, runtime, now,
                                               monkeypatch):  # fmt: skip
    chosen = settings(WHATSAPP_CHANNEL="toy", TOY_TOKEN="t", TOY_KEY="k", QUIET_HOURS="",
                      BASE_URL="http://localhost")  # fmt: skip
    check_gateways(chosen)
    file_request(runtime, people.customer, now=now)
    assert deliver_due(make_postman(chosen), now=now) > 0
    assert ("t", people.customer.phone) in Toy.sent
    sent = Message.get((Message.recipient == people.customer) & (Message.channel == "whatsapp"))
    assert (sent.state, sent.carrier) == ("sent", "toy")

    monkeypatch.setitem(app.extensions, "melasti", replace(runtime, settings=chosen))
    client = app.test_client()
    report = {"id": sent.provider_id, "state": "read"}
    assert client.post("/webhook/toy/salah", json=report).status_code == 403
    assert client.post("/webhook/toy/k", json=report).status_code == 200
    assert Message.get_by_id(sent.id).state == "read"
    words = {"id": "in-1", "from": people.customer.phone, "text": "Halo"}
    assert client.post("/webhook/toy/k", json=words).status_code == 200
    assert IncomingMessage.get().channel == "toy"
