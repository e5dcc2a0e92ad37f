"""Change one operator of the rules or the moves at a time, and see whether a test notices.

    python -m tests.mutants [COUNT] [SEED] [PART OF A PATH]

A sample of COUNT mutants, the same one for each SEED. Each is a fork of a process that has read
program and tests, in which one function's code is another, and which runs the tests that call it:
no file is written, none starts cold.
"""

import ast
import os
import pickle
import random
import sys
from collections import defaultdict
from copy import deepcopy
from importlib import import_module
from pathlib import Path
from types import FunctionType
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = [ROOT / "workflow.py", *sorted(ROOT.glob("rules/*.py")), *sorted(ROOT.glob("moves/*.py"))]
TESTS = [
    *("tests/rules", "tests/moves", "tests/administration", "tests/backoffice"),
    *("tests/messages", "tests/outputs", "tests/portal", *ROOT.glob("tests/test_workflow_*")),
]
COMMON = [
    *map(str, TESTS),
    "-x",
    "-m",
    "not browser and not slow",
    "-k",
    "not postgres and not random_walks",
]
AT_ONCE = 2
PAIRS = {ast.Lt: ast.LtE, ast.Gt: ast.GtE, ast.Eq: ast.NotEq, ast.Is: ast.IsNot, ast.In: ast.NotIn,
         ast.And: ast.Or, ast.Add: ast.Sub, ast.BitAnd: ast.BitOr}  # fmt: skip
SWAPS = PAIRS | {two: one for one, two in PAIRS.items()} | {ast.Mult: ast.Add}


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
        code = compile(ast.fix_missing_locations(self.tree()[0]), str(self.path), "exec")
        found = import_module(".".join(self.path.relative_to(ROOT).with_suffix("").parts))
        for part in self.function.split("."):
            code = next(one for one in code.co_consts if getattr(one, "co_name", "") == part)
            found = vars(found)[part]
        while not isinstance(found, FunctionType) or hasattr(found, "__wrapped__"):
            inner = ("__wrapped__", "__func__", "fget", "func")
            found = next(getattr(found, one) for one in inner if hasattr(found, one))
        found.__code__ = code


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
    return [node for node in nodes if id(node) not in left_out and change(deepcopy(node))]


def change(node: ast.AST) -> str:
    """Change a node in place; empty where nothing can be."""
    if isinstance(node, ast.Compare) and type(old := node.ops[0]) in SWAPS:
        node.ops[0] = new = SWAPS[type(old)]()
    elif isinstance(node, ast.BoolOp | ast.BinOp) and type(old := node.op) in SWAPS:
        node.op = new = SWAPS[type(old)]()
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        node.operand = ast.UnaryOp(ast.Not(), node.operand)
        return "Not -> nothing"
    elif isinstance(node, ast.Constant) and isinstance(old := node.value, int):
        node.value = not old if isinstance(old, bool) else old + 1
        return f"{old} -> {node.value}"
    else:
        return ""
    return f"{type(old).__name__} -> {type(new).__name__}"


class Calls(defaultdict):
    """(file, function) -> the tests that call it: a plug-in of pytest, which it keeps in sets."""

    __hash__ = object.__hash__

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        called, files = set(), set(map(str, SOURCES))
        sys.setprofile(lambda frame, event, _: event == "call" and called.add(frame.f_code))
        try:
            return (yield)
        finally:
            sys.setprofile(None)
            for code in called:
                if code.co_filename in files:
                    name = code.co_qualname.split(".<locals>")[0]
                    self[code.co_filename, name].append(item.nodeid)

    def pytest_runtest_logreport(self, report):
        if report.failed:
            os.write(self.told, f"fails without a mutant: {report.nodeid}\n".encode())


def read_calls(theirs: int, told: int) -> int:
    calls = Calls(list)
    calls.told = told
    status = pytest.main(COMMON, plugins=[calls])
    with os.fdopen(theirs, "wb") as end:
        pickle.dump(dict(calls), end)
    return status


def in_a_fork(work) -> int:
    """The status of what was done in a process apart, of which this one keeps nothing."""
    if (pid := os.fork()) == 0:
        os._exit(work())
    return os.waitpid(pid, 0)[1]


def try_out(mutant: Mutant, tests: list[str]) -> int:
    mutant.apply()
    return pytest.main([*tests, *COMMON[len(TESTS) :]])


def work(sample: list[Mutant], tests: dict, told: int) -> int:
    for one in sample:
        theirs = tests.get((str(one.path), one.function), [])
        survives = not theirs or in_a_fork(lambda one=one, theirs=theirs: try_out(one, theirs)) == 0
        word = "SURVIVED" if survives else "died"
        os.write(told, f"{word:9}{one.tree()[1]} ({len(theirs)} tests)\n".encode())
    return 0


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
    pytest.main(["--collect-only", *COMMON])
    ours, theirs = os.pipe()
    reader = os.fork()
    if reader == 0:
        os._exit(read_calls(theirs, told))
    os.close(theirs)
    with os.fdopen(ours, "rb") as end:
        tests = pickle.load(end)
    if os.waitpid(reader, 0)[1]:
        sys.exit("The tests fail without a mutant.")
    workers = [os.fork() or os._exit(work(sample[k::AT_ONCE], tests, told)) for k in range(AT_ONCE)]
    for worker in workers:
        os.waitpid(worker, 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
