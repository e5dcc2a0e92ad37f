"""The house: what stands at the top, who imports whom, and where no clock is."""

import subprocess
from pathlib import Path

from tests.floors import FLOORS, ROOT, faults, modules

TOP = {
    "CHANGELOG.md", "LICENSE", "Makefile", "README.md", "docs", "pyproject.toml",
    "requirements-dev.txt", "requirements.txt", "static", "templates", "tests",
}  # fmt: skip
WITHOUT_A_CLOCK = {"administration", "models", "moves", "outputs", "rules", "workflow"}
CLOCK = Path("config/clock.py")
# What runs as a process of its own begins with the time.
PROCESSES = {Path("outputs/recap/jobs.py")}


def test_the_top_is_the_card_and_its_rooms():
    rooms = {room if (ROOT / room).is_dir() else f"{room}.py" for room in FLOORS}
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    seen = {name.split("/")[0] for name in listed if not name.startswith(".")}
    assert seen == rooms | TOP


def test_imports_go_down_and_the_web_stays_upstairs():
    assert faults() == []


def test_models_and_rules_have_no_clock():
    for room, file in modules():
        name, text = file.relative_to(ROOT), file.read_text()
        if name != CLOCK:
            assert ".now(" not in text and ".today(" not in text, name
        if room in WITHOUT_A_CLOCK and name not in PROCESSES:
            assert "utc_now" not in text, name
