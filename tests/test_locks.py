"""The lock files hold what the project file asks for, each by its hash, and name no registry."""

import re
import tomllib

import pytest

from tests.floors import ROOT

LOCKS = tuple(f"requirements{name}.txt" for name in ("", "-s3", "-dev", "-build"))
PIN = re.compile(r"([\w.-]+)(?:\[[\w,]+\])?==([\w.]+)(?: ; .+)?")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def _name(text: str) -> str:
    """As registries compare names (PEP 503)."""
    return re.sub(r"[-_.]+", "-", text).lower()


def _asked_for(lines: list[str]) -> dict[str, str]:
    pins = {line: PIN.fullmatch(line) for line in lines}
    assert all(pins.values()), f"not pinned: {[line for line, pin in pins.items() if not pin]}"
    return {_name(pin[1]): pin[2] for pin in pins.values()}


def _locked(file: str) -> dict[str, str]:
    """Name -> version; each entry is one logical line with its hashes."""
    text = re.sub(r"(?m)^#.*\n", "", (ROOT / file).read_text()).replace("\\\n", "")
    found = {}
    for line in text.splitlines():
        pin, *hashes = re.split(r"\s+--hash=", line)
        assert hashes and all(re.fullmatch("sha256:[0-9a-f]{64}", one) for one in hashes), pin
        matched = PIN.fullmatch(pin.strip())
        assert matched, pin
        found[_name(matched[1])] = matched[2]
    return found


@pytest.mark.parametrize("file", LOCKS)
def test_a_lock_file_names_no_registry(file):
    assert "://" not in (ROOT / file).read_text()
    assert _locked(file)


def test_the_lock_files_hold_what_the_project_file_asks_for():
    project, groups = PROJECT["project"], PROJECT["dependency-groups"]
    extras = sum(project.get("optional-dependencies", {}).values(), [])
    for file, lines in (
        ("requirements.txt", project["dependencies"]),
        ("requirements-s3.txt", project["dependencies"] + extras),
        ("requirements-dev.txt", project["dependencies"] + extras + groups["dev"]),
        ("requirements-build.txt", groups["build"]),
    ):
        asked, locked = _asked_for(lines), _locked(file)
        assert {name: locked.get(name) for name in asked} == asked, f"{file}: run `make lock`"


def test_tests_run_with_the_versions_of_production():
    locked, dev = _locked("requirements.txt"), _locked("requirements-dev.txt")
    assert {name: dev.get(name) for name in locked} == locked, "run `make lock`"
