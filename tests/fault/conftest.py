"""A server of its own on data that is there already, and a customer who files."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.test_crash import Filer, Server


@pytest.fixture(scope="session")
def planted(tmp_path_factory) -> Path:
    """A folder of demo data, to be copied."""
    folder = tmp_path_factory.mktemp("planted")
    server = Server(folder)
    server.run("db", "upgrade")
    server.run("seed")
    return folder


@pytest.fixture
def folder(planted, tmp_path) -> Path:
    return shutil.copytree(planted, tmp_path / "data")


@pytest.fixture
def serve(folder):
    """Start servers; they end with the test."""
    started = []

    def start(kind: type[Server] = Server, **environ: str) -> Server:
        server = kind(folder)
        server.environ |= environ
        started.append(server)
        server.start()
        return server

    yield start
    for server in started:
        server.kill()


@pytest.fixture
def customer():
    """A customer of a server, logged in."""

    def of(server: Server) -> Filer:
        filer = Filer(server)
        filer.log_in()
        return filer

    return of


def check_kept(folder: Path, acknowledged: set[str]) -> None:
    """The database is whole, and what was acknowledged is there, once, with its file."""
    database = sqlite3.connect(folder / "melasti.db", timeout=60)
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    filed = database.execute(
        "SELECT subject, sha256, (SELECT count(*) FROM event WHERE event.request_id = request.id) "
        "FROM request JOIN document ON document.request_id = request.id "
        "WHERE document.kind = 'pendukung' AND subject LIKE 'Putus %'"
    ).fetchall()
    database.close()
    subjects = [subject for subject, _, _ in filed]
    assert len(subjects) == len(set(subjects))
    assert acknowledged <= set(subjects)
    for _, sha256, events in filed:
        stored = folder / "files" / sha256[:2] / sha256[2:4] / sha256
        assert stored.read_bytes().startswith(b"%PDF-") and events
