"""What the documents name exists: paths, functions, links, targets, commands, settings, words."""

import ast
import re
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest

from rules.services import (
    EFFECTS,
    INPUT_TYPES,
    KINDS,
    MADE_DOCUMENTS,
    SIDE_MOVES,
    Flow,
    Input,
    Stage,
    Subclass,
)
from run import COMMANDS

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
TOP = {path.name for path in ROOT.iterdir()}
ENDINGS = (".py", ".toml", ".html", ".css", ".js", ".md", ".txt", ".po", ".svg", "/")
# What `make run` makes, and what a person chooses a name for.
NOT_KEPT = ("data/", "storage/migrations/000N_what.py", "config/services/new.toml")
# What other names stand for in a service file: tables of their own.
TABLES = {
    "subclasses": "[[subclass]]", "stages": "[[stage]]", "fields": "[[field]]",
    "attachments": "[[attach]]", "standard": "[standard]", "inputs": "[[stage.input]]",
    "step": "[[stage.step]]", "turns": "[[stage.step]]", "steps": "[[stage.step]]",
    "stage": "[subclass.stage.CODE]",
}  # fmt: skip


@pytest.fixture(params=PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def page(request) -> Path:
    return request.param


def prose(page: Path) -> str:
    """The text without the blocks of code, on one line, so that a name may be wrapped."""
    return " ".join(re.sub(r"^```.*?^```", "", page.read_text(), flags=re.S | re.M).split())


def is_path(word: str) -> bool:
    if not re.fullmatch(r"[\w.][\w./-]*", word) or word in NOT_KEPT:
        return False
    return word.endswith(ENDINGS) or word.split("/")[0] in TOP


@cache
def names_in(path: Path) -> str | set[str]:
    """What a module defines, methods as `Class.method`; of other files the whole text."""
    text = path.read_text()
    if path.suffix != ".py":
        return text
    found = set()
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
            found |= {f"{node.name}.{one.name}" for one in ast.walk(node) if hasattr(one, "name")}
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        for target in targets:
            found |= {name.id for name in ast.walk(target or node) if isinstance(name, ast.Name)}
    return found


def test_every_path_exists(page):
    words = re.findall(r"`([^`]+)`", prose(page))
    assert [word for word in words if is_path(word) and not (ROOT / word).exists()] == []


def test_every_function_is_where_it_is_said_to_be(page):
    said = re.findall(r"((?:`[^`]+`(?:, | and ))*`[^`]+`) in `([\w./-]+\.\w+)`", prose(page))
    wrong = [
        f"{name} in {path}"
        for names, path in said
        for name in re.findall(r"`([^`]+)`", names)
        if name not in names_in(ROOT / path)
    ]
    assert wrong == []


def test_every_word_of_the_glossary_stands_in_its_file():
    text = (ROOT / "docs/glossary.md").read_text()
    rows = re.findall(r"^\|[^|]+\| `(\w+)` \| `([\w./]+)` \|", text, flags=re.M)
    wrong = [row for row in rows if not re.search(rf"\b{row[0]}\b", (ROOT / row[1]).read_text())]
    assert len(rows) >= 40 and wrong == []


def test_every_link_leads_somewhere(page):
    links = re.findall(r"\]\(([^)#\s]+)", page.read_text())
    wrong = [link for link in links if ":" not in link and not (page.parent / link).exists()]
    assert wrong == []


def test_every_target_and_command_exists(page):
    text = page.read_text()
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.M))
    assert set(re.findall(r"(?:`|^)make ([a-z-]+)", text, flags=re.M)) <= targets
    assert set(re.findall(r"run\.py ([a-z][a-z-]*)", text)) <= set(COMMANDS)


def test_every_setting_is_in_the_table():
    read: set[str] = set()
    for folder, names in (
        ("config", r"[A-Z_]{4,}"),
        ("messages/gateways", r"[A-Z]+(_[A-Z]+)+"),
        ("outputs/signing", r"(SIGNING|BSRE)_[A-Z_0-9]+"),
        ("storage", r"S3_[A-Z_]+"),
    ):
        for file in (ROOT / folder).glob("*.py"):
            read |= constants_like(names, file)
    rows = re.findall(r"^\| `([A-Z_0-9]+)` \|", (ROOT / "docs/settings.md").read_text(), flags=re.M)
    assert sorted(rows) == sorted(read)


def constants_like(pattern: str, file: Path) -> set[str]:
    found = {
        node.value
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Constant)
    }
    return {text for text in found if isinstance(text, str) and re.fullmatch(pattern, text)}


def test_every_command_is_told():
    text = (ROOT / "docs/production.md").read_text()
    assert set(re.findall(r"^\| `run\.py ([\w-]+)", text, flags=re.M)) == set(COMMANDS)


def test_every_word_of_a_service_file_is_told():
    text = (ROOT / "docs/services.md").read_text()
    keys = {one.name for model in (Flow, Subclass, Stage, Input) for one in fields(model)}
    wanted = {TABLES.get(key, key) for key in keys} | set(KINDS) | set(INPUT_TYPES)
    wanted |= set(SIDE_MOVES) | set(EFFECTS) | set(MADE_DOCUMENTS)
    told = set(re.findall(r"`([\[\].\w]+)[`:]", text)) | {"[[stage]]"}
    assert wanted - told == set()
