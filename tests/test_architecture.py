"""Imports go downwards only, and the web stays upstairs."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLOORS = {
    "config": 0,
    "rules": 1,
    "adapters": 1,
    "database": 1.5,
    "models": 2,
    "moves.changes": 2.1,
    "moves.documents": 2.1,
    "search": 2.2,
    "moves.officials": 2.3,
    "moves.catalogue": 2.4,
    "moves.clock": 2.5,
    "moves.notices": 2.6,
    "moves.movement": 2.8,
    "moves.side_moves": 2.88,
    "moves.sides": 2.9,
    "moves.offers": 2.92,
    "administration.appointments": 2.95,
    "moves.assignments": 2.95,
    "administration.closures": 2.95,
    "moves.completions": 2.95,
    "administration.printouts": 2.95,
    "workflow": 3,
    "messages.conversation": 3,
    "administration.customers": 3,
    "administration.flow_drafts": 3,
    "administration.questionnaires": 3,
    "messages.reminders": 3.2,
    "messages.inbox": 3.2,
    "administration.wordings": 3.2,
    "administration.figures": 3.2,
    "outputs": 4,
    "delivery": 4.2,
    "satisfaction": 4.2,
    "exports": 4.2,
    "web": 4.5,
    "portal": 5,
    "backoffice": 5,
    "tasks": 5,
    "seeding": 5,
    "demo": 5.5,
    "run": 6,
}
# Who may know the web framework; the models only take Flask-Security's mixins.
WEB_ROOMS = {"web", "portal", "backoffice", "run"}
WEB_LIBRARIES = {"flask", "flask_wtf", "flask_admin", "werkzeug", "wtforms", "jinja2"}


def modules() -> list[tuple[str, Path]]:
    """(room, file) of all our code."""
    found = []
    for room in FLOORS:
        path = ROOT / room.replace(".", "/")
        files = path.glob("**/*.py") if path.is_dir() else [path.with_suffix(".py")]
        found += [(room, file) for file in files]
    return found


def room_of(name: str) -> str:
    """The room of a dotted name; the workflow floor is told apart by its modules."""
    parts = name.split(".")
    inner = ".".join(parts[:2])
    return inner if inner in FLOORS else parts[0]


def imports(file: Path) -> set[str]:
    """Rooms and libraries that a file imports, inside functions too."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {room_of(alias.name) for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {room_of(f"{node.module}.{alias.name}") for alias in node.names}
    return names


def test_every_room_is_there():
    assert {room for room, _ in modules()} == set(FLOORS)
    inner = {f"workflow.{path.stem}" for path in (ROOT / "workflow").glob("[!_]*.py")}
    assert inner == {room for room in FLOORS if room.startswith("workflow.")}


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
        if room.split(".")[0] in ("rules", "models", "workflow", "outputs"):
            text = file.read_text()
            assert ".now(" not in text, file
            assert ".today(" not in text, file


def test_packages_are_empty_at_the_door():
    for room in FLOORS:
        door = ROOT / room.split(".")[0] / "__init__.py"
        if door.exists():
            body = ast.parse(door.read_text()).body
            assert all(isinstance(node, ast.Expr) for node in body), door
