"""Commands of `run.py` in processes of their own, forked from one that has read the program.

    python -m tests.warm_commands

Takes a line of JSON for each: {"words": [...], "environ": {...}, "out": path, "wrong": path}, and
says the pid; then the exit code. They share nothing but the folder, as starts do.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class WarmCommands:
    """For as long as the tests of a session take."""

    def __init__(self):
        self._nursery = subprocess.Popen(
            [sys.executable, "-m", "tests.warm_commands"], cwd=ROOT,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self._nursery.stdout.readline() == "ready\n"

    def __call__(self, folder: Path, *words: str, **environ: str) -> tuple[int, str, str]:
        """(exit code, what was said, what was complained of)"""
        self.start(folder, *words, **environ)
        return self.end()

    def start(self, folder: Path, *words: str, **environ: str) -> int:
        """Begin a command; its pid. `end` must follow."""
        self._place = tempfile.TemporaryDirectory(prefix="melasti-command-")
        self._out, self._wrong = (Path(self._place.name) / name for name in ("out", "wrong"))
        told = {
            "words": words, "out": str(self._out), "wrong": str(self._wrong),
            "environ": {"DATA_DIR": str(folder), "PATH": os.environ["PATH"], **environ},
        }  # fmt: skip
        self._nursery.stdin.write(json.dumps(told) + "\n")
        self._nursery.stdin.flush()
        return int(self._nursery.stdout.readline())

    def said(self) -> str:
        """What the one that runs has said so far."""
        return self._out.read_text() if self._out.exists() else ""

    def end(self) -> tuple[int, str, str]:
        """As `__call__`; the exit code of one that was killed is negative."""
        code = int(self._nursery.stdout.readline())
        said, wrong = self._out.read_text(), self._wrong.read_text()
        self._place.cleanup()
        return code, said, wrong

    def close(self) -> None:
        self._nursery.stdin.close()
        self._nursery.wait(timeout=60)


def main() -> None:
    import run

    print("ready", flush=True)
    for line in sys.stdin:
        told = json.loads(line)
        # Before the fork, so that they are there even of one that is killed at once.
        streams = [
            os.open(told[name], os.O_WRONLY | os.O_CREAT, 0o600) for name in ("out", "wrong")
        ]
        pid = os.fork()
        if pid == 0:
            for number, stream in enumerate(streams, start=1):
                os.dup2(stream, number)
            os.close(0)
            os.open(os.devnull, os.O_RDONLY)
            os.environ.clear()
            os.environ.update(told["environ"])
            try:
                code = run.main(told["words"])
            except SystemExit as end:
                code = end.code or 0
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        for stream in streams:
            os.close(stream)
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
