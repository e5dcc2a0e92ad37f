"""An office with people, requests and files in a folder of its own, and commands that meet it."""

import os
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.warm_commands import ROOT, WarmCommands

PASSPHRASE = {"BACKUP_PASSPHRASE": "ombak pecah di Kuta"}


@dataclass(frozen=True)
class Office:
    """A folder of data, and of what its commands say."""

    command: WarmCommands
    folder: Path

    def __call__(self, *words: object, **environ: str) -> tuple[int, str, str]:
        return self.command(self.folder, *map(str, words), **{**PASSPHRASE, **environ})

    def select(self, sql: str) -> list[tuple]:
        connection = sqlite3.connect(self.folder / "melasti.db")
        try:
            with connection:
                return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def at(self, folder: Path) -> "Office":
        return Office(self.command, folder)

    def file(self) -> Path:
        """Where one of its kept files is."""
        return next(path for path in sorted((self.folder / "files").glob("??/??/*")))


@pytest.fixture(scope="session")
def seeded(command, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("seeded") / "data"
    place = os.environ | {"DATA_DIR": str(folder)}
    subprocess.run([sys.executable, "-m", "tests.small_office"], cwd=ROOT, env=place, check=True)
    return folder


@pytest.fixture
def office(command, seeded, tmp_path) -> Office:
    """A copy of it that a test may do with what it likes."""
    return Office(command, Path(shutil.copytree(seeded, tmp_path / "data")))


@pytest.fixture(scope="session")
def archive(command, seeded, tmp_path_factory) -> Path:
    """A backup of it as one file; to be copied before it is changed."""
    path = tmp_path_factory.mktemp("archive") / "melasti.tar"
    copy = Path(shutil.copytree(seeded, tmp_path_factory.mktemp("copy") / "data"))
    code, said, wrong = Office(command, copy)("backup", path)
    assert (code, wrong) == (0, "") and str(path) in said
    return path
