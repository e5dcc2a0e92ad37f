"""A release: a tag that tells what changed, and a list of what it is made of."""

import json
import subprocess
import sys

import pytest

from config.version import version
from tests.floors import ROOT
from tests.release import NotReady, section_of, tag

CHANGELOG = """# Changelog

## 1.2.0 – 2026-12-01

**Portal**

- Something new.

## 1.1.0 – 2026-11-01

- Something old.
"""


@pytest.fixture
def checkout(tmp_path):
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    for words in (
        ("init", "-q"),
        ("config", "user.email", "rilis@balai.test"),
        ("config", "user.name", "Rilis"),
        ("add", "."),
        ("commit", "-qm", "Begin"),
    ):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    return tmp_path


def test_a_tag_bears_its_section_and_no_other(checkout):
    assert tag(checkout, "1.2.0") == "v1.2.0"
    said = subprocess.run(
        ["git", "tag", "-l", "--format=%(contents)", "v1.2.0"],
        cwd=checkout, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "**Portal**\n\n- Something new." in said and "old" not in said


@pytest.mark.parametrize(
    "number, spoil, said",
    [
        ("2.0.0", {}, "no section"),
        (
            "1.2.0",
            {"CHANGELOG.md": CHANGELOG.replace("2026-12-01", "unreleased")},
            "write its date",
        ),
        ("1.2.0", {"new.py": "x = 1\n"}, "commit"),
    ],
)
def test_what_is_not_ready_is_not_tagged(checkout, number, spoil, said):
    for name, text in spoil.items():
        (checkout / name).write_text(text)
    with pytest.raises(NotReady, match=said):
        tag(checkout, number)
    assert subprocess.run(["git", "tag"], cwd=checkout, capture_output=True).stdout == b""


def test_a_version_is_tagged_once(checkout):
    tag(checkout, "1.2.0")
    with pytest.raises(NotReady, match="raise the version"):
        tag(checkout, "1.2.0")


def test_the_changelog_knows_this_version():
    with pytest.raises(NotReady, match="unreleased"):
        section_of((ROOT / "CHANGELOG.md").read_text(), version())


@pytest.mark.long
def test_the_bill_of_materials_holds_every_library(tmp_path):
    made = tmp_path / "sbom.cdx.json"
    given = f"SBOM={made}", f"BIN={sys.executable.rpartition('/')[0]}"
    # The environment is the one that runs this.
    command = ["make", "-o", ".venv/installed-dev", "sbom", *given]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    told = json.loads(made.read_text())
    locked = (ROOT / "requirements.txt").read_text().count("==")
    assert told["bomFormat"] == "CycloneDX" and len(told["components"]) >= locked - 20
    assert told["metadata"]["component"]["version"] == version()
    assert all(one["externalReferences"][0]["hashes"] for one in told["components"])
