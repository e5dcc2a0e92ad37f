"""Measure backup, restore and move by rows and by megabytes of files.

    python -m tests.bench.backups                     # 20,000 requests and 400 MB, both engines
    ROWS=0 python -m tests.bench.backups              # files alone, to reckon with each apart
    FILES_MB=0 python -m tests.bench.backups          # rows alone

Files are 200 kB, like a scan of a letter.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from config.settings import settings_of_process
from storage.database import database, migrate, open_database
from tests.bench.engines import ENGINES, fresh_place, machine

ROWS = int(os.environ.get("ROWS", "20000"))
FILES_MB = int(os.environ.get("FILES_MB", "400"))
FILE_BYTES = 200_000
PASSPHRASE = {"BACKUP_PASSPHRASE": "hanya untuk mengukur"}


def seed(folder: Path) -> None:
    """The requests of the page bench, and kept files that uploads name."""
    from administration import reference
    from administration.file_store import bind, open_store
    from models import Upload, User
    from run import create_app
    from tests.bench.seeding import seed as seed_requests
    from tests.bench.seeding import write

    settings = settings_of_process()
    open_database(settings.database_url)
    database.connect(reuse_if_open=True)
    migrate()
    now = datetime.now(UTC)
    reference.seed_reference(now=now)
    app, store = create_app(settings), open_store(settings)
    if ROWS:
        seed_requests(app.extensions["melasti"].catalogue["data"], ROWS, customers=1000, now=now)
    else:
        User.create(email="a@contoh.test", name="A", fs_uniquifier="a")
    bind(store)
    someone = User.select(User.id).first()
    write(Upload, (
        {"user": someone.id, "purpose": "ukur", "kinds": "pdf", "max_mb": 2, "filename": "a.pdf",
         "size": FILE_BYTES, "sha256": _kept(folder), "updated_at": now}
        for _ in range(FILES_MB * 1_000_000 // FILE_BYTES)
    ))  # fmt: skip
    database.close_all()


def _kept(folder: Path) -> str:
    """Put there as an older file is: what is measured doesn't wait for its flush."""
    import hashlib

    data = os.urandom(FILE_BYTES)
    sha256 = hashlib.sha256(data).hexdigest()
    path = folder / "files" / sha256[:2] / sha256[2:4] / sha256
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return sha256


def timed(environ: dict[str, str], *words: str) -> tuple[float, float]:
    """(seconds that passed, seconds of processor)"""
    began, used = time.perf_counter(), _used()
    done = subprocess.run(
        [sys.executable, "run.py", *words], env={**os.environ, **PASSPHRASE, **environ},
        check=False, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    # The events of the bench are in no chain.
    assert done.returncode == 0 or words == ("audit",)
    return time.perf_counter() - began, _used() - used


def _used() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measure(
    environ: dict[str, str], other: dict[str, str], scratch: Path
) -> dict[str, tuple[float, float]]:
    archive, folder = str(scratch / "a.tar"), str(scratch / "folder")
    return {
        "backup into a file": timed(environ, "backup", archive),
        "backup into a folder": timed(environ, "backup", folder),
        "again, nothing new": timed(environ, "backup", folder),
        "restore": timed(other, "restore", folder),
        "audit": timed(other, "audit"),
        "verify files": timed(other, "verify", "files"),
    }


def count_rows(environ: dict[str, str]) -> int:
    from administration.backups.rows import count_rows as counted

    open_database(environ.get("DATABASE_URL") or f"sqlite:///{environ['DATA_DIR']}/melasti.db")
    with database.connection_context():
        found = sum(table["rows"] for table in counted().values())
    database.close_all()
    return found


def main() -> None:
    if sys.argv[1:]:
        seed(Path(sys.argv[1]))
        return
    for engine in ENGINES:
        with (
            fresh_place(engine) as place,
            fresh_place(engine) as other,
            tempfile.TemporaryDirectory() as scratch,
        ):
            words = [sys.executable, "-m", "tests.bench.backups", place["DATA_DIR"]]
            subprocess.run(words, env={**os.environ, **place}, check=True)
            rows = count_rows(place)
            print(f"{engine}: {rows:,} rows, {FILES_MB} MB; {machine()}", flush=True)
            for name, (passed, used) in measure(place, other, Path(scratch)).items():
                print(f"  {name:<24}{passed:8.1f} s{used:8.1f} s of processor", flush=True)


if __name__ == "__main__":
    main()
