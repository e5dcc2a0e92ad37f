"""Which room stands on which floor, and who imports upwards: `python -m tests.floors`."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLOORS = {
    "config": 1,
    "rules": 1,
    "storage": 1,
    "models": 2,
    "moves": 3,
    "search": 3,
    "administration": 4,
    "workflow": 4,
    "messages": 5,
    "outputs": 5,
    "demo": 6,
    "tasks": 6,
    "web": 6,
    "administration/commands": 7,
    "backoffice": 7,
    "portal": 7,
    "run": 8,
}
# Who may know the web framework; the models only take Flask-Security's mixins.
WEB_FLOOR = 6
WEB_LIBRARIES = {"flask", "flask_wtf", "flask_admin", "werkzeug", "wtforms", "jinja2"}


def modules() -> list[tuple[str, Path]]:
    """(room, file) of all our code."""
    found = []
    for room in FLOORS:
        path = ROOT / room
        files = path.glob("**/*.py") if path.is_dir() else [path.with_suffix(".py")]
        # A room within a room has a floor of its own.
        inner = [ROOT / other for other in FLOORS if other.startswith(f"{room}/")]
        found += [(room, file) for file in files if not set(inner) & set(file.parents)]
    return found


def imports(file: Path) -> Iterator[tuple[int, str]]:
    """(line, room or library) of all that a file imports, inside functions too."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.split(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module.split(".")[0]


def faults() -> list[str]:
    """Imports that go upwards or to a neighbour, and web libraries below the web's floor."""
    found = []
    for room, file in modules():
        for line, name in imports(file):
            place = f"{file.relative_to(ROOT)}:{line}: {room} (floor {FLOORS[room]})"
            if name != room and FLOORS.get(name, 0) >= FLOORS[room]:
                found.append(f"{place} imports {name} (floor {FLOORS[name]})")
            if name in WEB_LIBRARIES and FLOORS[room] < WEB_FLOOR:
                found.append(f"{place} imports {name}, which belongs to floor {WEB_FLOOR} and up")
    return found


if __name__ == "__main__":
    sys.exit("\n".join(faults()) or None)
