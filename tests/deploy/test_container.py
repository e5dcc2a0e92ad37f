"""The files for containers say what there is: commands, settings, paths."""

import re

import yaml

from run import COMMANDS
from tests.floors import ROOT

FOLDER = ROOT / "deploy/container"
SERVICES = yaml.safe_load((FOLDER / "compose.yaml").read_text())["services"]
OURS = {name: told for name, told in SERVICES.items() if told["image"] == "melasti"}


def test_services_run_commands_that_exist_and_set_what_is_read():
    assert set(OURS) == {"upgrade", "web", "worker"}
    settings = (ROOT / "docs/settings.md").read_text()
    for name, told in OURS.items():
        assert told["command"][0] in COMMANDS, name
        assert [one for one in told["environment"] if f"`{one}`" not in settings] == [], name


def test_nothing_is_lost_with_a_container():
    for told in OURS.values():
        assert "files:/var/lib/melasti" in told["volumes"] and told["read_only"]
    assert SERVICES["database"]["volumes"] == ["database:/var/lib/postgresql/data"]
    # Nobody comes past the proxy.
    assert SERVICES["web"]["ports"] == ["127.0.0.1:8000:8000"]


def test_the_image_is_built_from_what_is_locked():
    text = (FOLDER / "Containerfile").read_text()
    assert text.count("--require-hashes") == 2 and "USER melasti" in text
    named = re.findall(r"requirements[\w-]*\.txt", text)
    assert named and all((ROOT / name).exists() for name in named)
    variables = re.findall(r"([A-Z_]+)=", re.search(r"(?m)^ENV (.+)$", text)[1])
    known = (ROOT / "docs/settings.md").read_text() + "`PYTHONUNBUFFERED`"
    assert [name for name in variables if f"`{name}`" not in known] == []
