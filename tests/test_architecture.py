"""Imports go downwards only, and the web stays upstairs."""

import ast
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLOORS = {
    "config": 1,
    "rules": 1,
    "storage": 1,
    "models": 2,
    "moves": 3,
    "administration": 4,
    "workflow": 4,
    "messages": 5,
    "outputs": 5,
    "demo": 6,
    "tasks": 6,
    "web": 6,
    "backoffice": 7,
    "portal": 7,
    "run": 8,
}
# Who may know the web framework; the models only take Flask-Security's mixins.
WEB_ROOMS = {"web", "portal", "backoffice", "run"}
WEB_LIBRARIES = {"flask", "flask_wtf", "flask_admin", "werkzeug", "wtforms", "jinja2"}
WITHOUT_A_CLOCK = {"administration", "models", "moves", "outputs", "rules", "workflow"}
# What runs as a process of its own begins with the time.
PROCESSES = {Path("outputs/recap/jobs.py")}
TOP = {
    "CHANGELOG.md", "LICENSE", "Makefile", "README.md", "docs", "pyproject.toml",
    "requirements-dev.txt", "requirements.txt", "static", "templates", "tests",
}  # fmt: skip


def modules() -> list[tuple[str, Path]]:
    """(room, file) of all our code."""
    found = []
    for room in FLOORS:
        path = ROOT / room
        files = path.glob("**/*.py") if path.is_dir() else [path.with_suffix(".py")]
        found += [(room, file) for file in files]
    return found


def imports(file: Path) -> set[str]:
    """Rooms and libraries that a file imports, inside functions too."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def test_the_top_is_the_card_and_its_rooms():
    rooms = {room if (ROOT / room).is_dir() else f"{room}.py" for room in FLOORS}
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    seen = {name.split("/")[0] for name in listed if not name.startswith(".")}
    assert seen == rooms | TOP


def test_imports_go_down_and_rooms_of_a_floor_are_strangers():
    wrong = [
        f"{file.relative_to(ROOT)} imports {name}"
        for room, file in modules()
        for name in imports(file) & set(FLOORS)
        if name != room and FLOORS[name] >= FLOORS[room]
    ]
    assert wrong == []


def test_web_libraries_stay_upstairs():
    wrong = [
        f"{file.relative_to(ROOT)} imports {name}"
        for room, file in modules()
        for name in imports(file) & WEB_LIBRARIES
        if room not in WEB_ROOMS
    ]
    assert wrong == []


def test_models_and_rules_have_no_clock():
    for room, file in modules():
        if room in WITHOUT_A_CLOCK and file.relative_to(ROOT) not in PROCESSES:
            text = file.read_text()
            assert ".now(" not in text, file
            assert ".today(" not in text, file
