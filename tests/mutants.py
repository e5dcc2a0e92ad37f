"""Change one operator of the rules or the moves at a time, and see whether a test notices.

    python -m tests.mutants [COUNT] [SEED] [PART OF A PATH]

A sample of COUNT mutants, the same one for each SEED. Each is a fork of a process that has read
program and tests, in which one function's code is another: no file is written, none starts cold.
"""

import ast
import os
import pickle
import random
import signal
import sys
from importlib import import_module
from pathlib import Path
from types import FunctionType
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = [ROOT / "workflow.py", *sorted(ROOT.glob("rules/*.py")), *sorted(ROOT.glob("moves/*.py"))]
AT_ONCE, MOST_SECONDS = 2, 900
SWAPS = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.And: ast.Or, ast.Or: ast.And, ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
TESTS = [
    "tests/rules",
    "tests/moves",
    "tests/administration",
    *map(str, ROOT.glob("tests/test_workflow_*")),
]
OPTIONS = ["-x", "-q", "-m", "not browser and not slow", "-k", "not postgres and not random_walks"]


class Mutant(NamedTuple):
    path: Path
    function: str
    number: int  # of the places in the function

    def tree(self) -> tuple[ast.Module, str]:
        """The changed module, and what was changed."""
        tree = ast.parse(self.path.read_text())
        node = places(functions(tree)[self.function])[self.number]
        where = f"{self.path.relative_to(ROOT)}:{node.lineno} {self.function}"
        return tree, f"{where}: {change(node)}"

    def apply(self) -> None:
        """Put it in the place of the function, in this process."""
        tree = ast.fix_missing_locations(self.tree()[0])
        code = compile(tree, str(self.path), "exec")
        for part in self.function.split("."):
            code = next(c for c in code.co_consts if getattr(c, "co_name", "") == part)
        module = import_module(".".join(self.path.relative_to(ROOT).with_suffix("").parts))
        behind_decorators(module, self.function).__code__ = code


def functions(tree: ast.Module | ast.ClassDef) -> dict[str, ast.FunctionDef]:
    """The functions of a module and those of its classes, by name."""
    found = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{name}": one for name, one in functions(node).items()}
    return found


def places(function: ast.FunctionDef) -> list[ast.AST]:
    """What can be changed in a function, always in the same order; annotations can't."""
    nodes = [node for part in function.body for node in ast.walk(part)]
    notes = [getattr(node, name, None) for node in nodes for name in ("annotation", "returns")]
    left_out = {id(one) for note in notes if note for one in ast.walk(note)}
    return [node for node in nodes if id(node) not in left_out and kind(node)]


def kind(node: ast.AST) -> str:
    if isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
        return "compare"
    if isinstance(node, ast.BoolOp | ast.BinOp) and type(node.op) in SWAPS:
        return "operator"
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return "not"
    return "value" if isinstance(node, ast.Constant) and isinstance(node.value, int) else ""


def change(node: ast.AST) -> str:
    match kind(node):
        case "compare":
            old, node.ops[0] = node.ops[0], SWAPS[type(node.ops[0])]()
            return f"{type(old).__name__} -> {type(node.ops[0]).__name__}"
        case "operator":
            old, node.op = node.op, SWAPS[type(node.op)]()
            return f"{type(old).__name__} -> {type(node.op).__name__}"
        case "not":
            node.operand = ast.UnaryOp(ast.Not(), node.operand)
            return "Not removed"
    old = node.value
    node.value = not old if isinstance(old, bool) else old + 1
    return f"{old} -> {node.value}"


def behind_decorators(module: object, name: str) -> FunctionType:
    found = module
    for part in name.split("."):
        found = vars(found)[part]
    while not isinstance(found, FunctionType) or hasattr(found, "__wrapped__"):
        inner = ("__wrapped__", "__func__", "fget", "func")
        found = next(getattr(found, one) for one in inner if hasattr(found, one))
    return found


class Calls:
    """Which tests call which function: a plug-in of pytest."""

    def __init__(self):
        self.tests: dict[tuple[str, str], list[str]] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        called = set()
        files = {str(path) for path in SOURCES}

        def note(frame, event, _):
            if event == "call" and frame.f_code.co_filename in files:
                called.add((frame.f_code.co_filename, frame.f_code.co_qualname))

        sys.setprofile(note)
        try:
            return (yield)
        finally:
            sys.setprofile(None)
            for path, name in called:
                self.tests.setdefault((path, name.split(".<locals>")[0]), []).append(item.nodeid)


def in_a_fork(work) -> tuple[int, object]:
    """What a process apart gives back, so that this one keeps nothing of it."""
    ours, theirs = os.pipe()
    if (pid := os.fork()) == 0:
        signal.alarm(MOST_SECONDS)
        status, value = work()
        with os.fdopen(theirs, "wb") as end:
            pickle.dump(value, end)
        os._exit(status)
    os.close(theirs)
    with os.fdopen(ours, "rb") as end:
        given = end.read()
    status = os.waitpid(pid, 0)[1]
    return status, pickle.loads(given) if given else None


def read_calls() -> tuple[int, dict]:
    calls = Calls()
    return pytest.main([*OPTIONS, *TESTS], plugins=[calls]), calls.tests


def try_out(mutant: Mutant, tests: list[str]) -> tuple[int, None]:
    mutant.apply()
    return pytest.main([*OPTIONS, *tests]), None


def work(sample: list[Mutant], tests: dict, told: int) -> None:
    for mutant in sample:
        theirs = tests.get((str(mutant.path), mutant.function), [])
        # One that makes its tests hang is noticed too.
        survives = not theirs or in_a_fork(lambda m=mutant, t=theirs: try_out(m, t))[0] == 0
        word = "SURVIVED" if survives else "died"
        os.write(told, f"{word:9}{mutant.tree()[1]} ({len(theirs)} tests)\n".encode())


def main(count: str = "200", seed: str = "1", part: str = "") -> None:
    every = [
        Mutant(path, name, number)
        for path in SOURCES if part in str(path)
        for name, function in functions(ast.parse(path.read_text())).items()
        for number in range(len(places(function)))
    ]  # fmt: skip
    sample = random.Random(int(seed)).sample(every, min(int(count), len(every)))
    print(f"{len(sample)} of {len(every)} mutants", flush=True)
    told = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.nice(5)
    pytest.main(["--collect-only", *OPTIONS, *TESTS])
    status, tests = in_a_fork(read_calls)
    if status:
        sys.exit("The tests fail without a mutant.")
    for number in range(AT_ONCE):
        if os.fork() == 0:
            work(sample[number::AT_ONCE], tests, told)
            os._exit(0)
    for _ in range(AT_ONCE):
        os.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
