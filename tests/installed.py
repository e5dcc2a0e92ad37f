"""An office as an administrator runs it: a database with its people, and `run.py` as processes."""

import os
import re
import subprocess
import sys
import threading
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parent.parent
READY = re.compile(r"http://\S+:\d+")
KEYS = {"SECRET_KEY": "kunci-uji-" * 5, "PASSWORD_SALT": "garam-uji-" * 5}
_numbers = count(1)


def new_database(postgres_url: str) -> str:
    """The address of a migrated database with the people of `tests.people` in it."""
    name = f"office{next(_numbers)}"
    template = _template(postgres_url)
    _execute(postgres_url, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return postgres_url.replace("/postgres?", f"/{name}?")


@cache
def _template(postgres_url: str) -> str:
    """Made once: it takes longer than all the rest."""
    _execute(postgres_url, "CREATE DATABASE office")
    url = postgres_url.replace("/postgres?", "/office?")
    command = [sys.executable, "-m", "tests.installed"]
    subprocess.run(command, cwd=ROOT, env=environ(Path(os.environ["DATA_DIR"]), url), check=True)
    return "office"


def _execute(url: str, sql: str) -> None:
    with psycopg.connect(url, autocommit=True) as other:
        other.execute(sql)


def environ(folder: Path, url: str, **more: object) -> dict[str, str]:
    """The environment of a host that has nothing but `folder` for itself."""
    known = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    # What is done takes effect at once; what undoing is like has tests of its own.
    usual = {"PORT": 0, "UNDO_SECONDS": 0}
    own = {"DATA_DIR": folder, "DATABASE_URL": url, "QUEUE_URL": url, **usual, **KEYS, **more}
    return known | {name: str(value) for name, value in own.items()}


class Process:
    """`run.py` with these arguments, as a process; what it says on standard error is in `log`."""

    def __init__(self, environ: dict[str, str], *arguments: str):
        folder = Path(environ["DATA_DIR"])
        folder.mkdir(parents=True, exist_ok=True)
        self._log = folder / f"{'-'.join(arguments)}-{next(_numbers)}.log"
        with self._log.open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "run.py", *arguments], cwd=ROOT, env=environ, text=True,
                stdout=subprocess.PIPE, stderr=errors,
            )  # fmt: skip

    @property
    def log(self) -> str:
        return self._log.read_text()

    def address(self) -> str:
        """Wait until it serves."""
        for line in self.process.stdout:
            if found := READY.search(line):
                threading.Thread(target=self.process.stdout.read, daemon=True).start()
                return found[0]
        raise AssertionError(self.log)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def _make() -> None:
    from administration import reference
    from config.settings import settings_of_process
    from run import create_app
    from storage.database import database, migrate, open_database
    from tests.people import People

    settings = settings_of_process()
    open_database(settings.database_url)
    with database.connection_context():
        migrate()
        reference.seed_reference(now=datetime.now(UTC))
    app = create_app(settings)
    with app.app_context(), database.connection_context():
        People.create()


if __name__ == "__main__":
    _make()
