"""The house: what stands at the top, who imports whom, where no clock is, what is not ours."""

import ast
import re
import subprocess
from collections import Counter
from pathlib import Path

from tests.floors import FLOORS, ROOT, faults, modules

TOP = {
    "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md", "SECURITY.md", "deploy",
    "docs", "pyproject.toml", "requirements-build.txt", "requirements-dev.txt",
    "requirements-s3.txt", "requirements.txt", "static", "templates", "tests",
}  # fmt: skip
WITHOUT_A_CLOCK = {"administration", "models", "moves", "outputs", "rules", "workflow"}
CLOCK = Path("config/clock.py")
# What runs as a process of its own begins with the time.
PROCESSES = {Path("outputs/recap/jobs.py")}
# Names of libraries that may change with any release: at most ten, the reason beside each use.
PRIVATE = {
    ("backoffice/lists.py", "_get_list_extra_args"),
    ("backoffice/lists.py", "_get_list_filter_args"),
    ("outputs/safe_sheet.py", "_get_xf_index"),
    ("outputs/safe_sheet.py", "_write_cell"),
    ("outputs/safe_sheet.py", "_write_row"),
    ("run.py", "_set_signal_handlers"),
    ("storage/fast.py", "_get_cursor_wrapper"),
    ("storage/fast.py", "_insert"),
    ("storage/fast.py", "_simple_insert"),
    ("storage/pdf_sizes.py", "_data"),
}
# Written like private ones, but documented by Python, peewee and Werkzeug.
DOCUMENTED = {"_asdict", "_exit", "_get_current_object", "_make", "_meta"}


def test_the_top_is_the_card_and_its_rooms():
    rooms = {room if (ROOT / room).is_dir() else f"{room}.py" for room in FLOORS if "/" not in room}
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


def test_private_names_of_libraries_are_few_and_known():
    trees = {
        file.relative_to(ROOT).as_posix(): ast.parse(file.read_text()) for _, file in modules()
    }
    ours = Counter(name for tree in trees.values() for name in _names_given(tree))
    found = {
        (file, node.attr)
        for file, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr.startswith("_")
        and not node.attr.startswith("__")
        # What is asked of `super` must stand in another file of ours too.
        and ours[node.attr] <= _is_of_super(node)
        and "migrations" not in file
    }
    assert {pair for pair in found if pair[1] not in DOCUMENTED} == PRIVATE


def _names_given(tree: ast.Module) -> set[str]:
    """Functions, classes, variables, and attributes of `self`."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Name):
            found.add(node.id)
        elif _is_set_on_self(node):
            found.add(node.attr)
    return found


def _is_set_on_self(node: ast.AST) -> bool:
    is_set = isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    return is_set and getattr(node.value, "id", "") in ("self", "cls")


def _is_of_super(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Call) and getattr(node.value.func, "id", "") == "super"


def test_templates_lie_in_the_folder_of_their_view():
    for room, file in modules():
        if room in ("portal", "backoffice"):
            place = file.relative_to(ROOT).parent.as_posix()
            for name in re.findall(r'"([\w/]+\.html)"', file.read_text()):
                assert name.startswith(f"{place}/"), (file, name)
                assert (ROOT / "templates" / name).is_file(), (file, name)
