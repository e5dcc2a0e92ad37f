"""`run.py backup`: what is in it, what it leaves, and what it says when it can't be made."""

import fcntl
import json
import re
import shutil
import stat
import tarfile
from datetime import datetime, timedelta

import pytest


def complaint(result):
    """The one line that a command ended with, exit 2."""
    code, said, wrong = result
    assert (code, said) == (2, ""), result
    assert re.fullmatch(r"melasti: [^\n]+\n", wrong), wrong
    return wrong


def moments(folder):
    return sorted(path for path in folder.iterdir() if path.is_dir() and path.name != "files")


def test_a_file_holds_all_and_its_manifest_comes_last(office, archive):
    with tarfile.open(archive) as tar:
        names = tar.getnames()
        assert names[-1] == "manifest.json" and "keys" in names
        manifest = json.load(tar.extractfile("manifest.json"))
        keys = tar.extractfile("keys").read()
    assert (
        manifest["tables"]["request"]["rows"] == office.select("SELECT count(*) FROM request")[0][0]
    )
    named = {
        sha256 for (sha256,) in office.select("SELECT sha256 FROM document WHERE sha256 <> ''")
    }
    assert {name.removeprefix("files/") for name in names if name.startswith("files/")} >= named
    assert manifest["files"]["count"] >= len(named) and manifest["faults"] == {
        "missing": [],
        "altered": [],
    }
    for name in ("secret_key", "password_salt"):
        assert (office.folder / name).read_bytes() not in keys + archive.read_bytes()
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert [path.name for path in archive.parent.iterdir()] == [archive.name]


def test_a_folder_holds_many_and_each_file_once(office, tmp_path):
    place = tmp_path / "cadangan"
    code, said, wrong = office("backup", place)
    assert (code, wrong) == (0, "") and re.search(r"\d+ rows of \d+ tables, \d+ files, ", said)
    files = {path: path.stat().st_mtime_ns for path in place.glob("files/??/??/*")}
    assert files and all(not path.stat().st_mode & 0o077 for path in place.rglob("*"))
    office.select("INSERT INTO role (name, title) VALUES ('juru_catat', 'Juru Catat')")
    assert office("backup", place)[0] == 0
    first, second = moments(place)
    assert {path: path.stat().st_mtime_ns for path in place.glob("files/??/??/*")} == files
    rows = [
        json.loads((path / "manifest.json").read_text())["tables"]["role"]["rows"]
        for path in (first, second)
    ]
    assert rows[1] == rows[0] + 1
    # Old ones go, with the files that only they name; the last one stays, however old it is.
    grow_old(first, days=40)
    unread = place / "2026-01-01T000000.000Z"
    shutil.copytree(first, unread)
    (unread / "manifest.json").write_text("{")
    stray = place / "files/ab/ab" / ("ab" * 32)
    stray.parent.mkdir(parents=True, exist_ok=True)
    stray.touch()
    assert "1 backups older than 30 days deleted" in office("backup", place, "--keep", 30)[1]
    assert unread.exists()
    shutil.rmtree(unread)
    assert len(moments(place)) == 2 and not stray.exists() and not first.exists()
    assert set(place.glob("files/??/??/*")) == set(files)
    # Each run is a row, and an event that says how much was taken away.
    rows = office.select("SELECT target, error, files, size FROM backup")
    assert len(rows) == 3
    assert all(
        row[0] == str(place) and row[1] == "" and row[2] == len(files) and row[3] for row in rows
    )
    assert office.select("SELECT count(*) FROM event WHERE kind = 'backed_up'") == [(3,)]
    assert office("audit")[0] == 0


def grow_old(moment, *, days):
    manifest = json.loads((moment / "manifest.json").read_text())
    made_at = datetime.fromisoformat(manifest["made_at"]) - timedelta(days=days)
    (moment / "manifest.json").write_text(json.dumps({**manifest, "made_at": made_at.isoformat()}))


def test_a_lost_file_hinders_nothing_and_is_told(office, tmp_path):
    office.file().unlink()
    code, said, wrong = office("backup", tmp_path / "melasti.tar")
    assert code == 1 and "files" in said
    assert wrong == "melasti: 1 kept files are missing or altered: see `run.py verify files`\n"
    assert office.select("SELECT error FROM backup") == [("1 kept files are missing or altered",)]
    fresh = office.at(tmp_path / "fresh")
    code, said, wrong = fresh("restore", tmp_path / "melasti.tar")
    assert code == 1 and "1 files aren't in the backup" in wrong
    code, said, _ = fresh("verify", "files")
    assert code == 1 and "0 altered" not in said


def test_what_the_trash_took_meanwhile_is_in_it(office, tmp_path):
    lost = office.file()
    (office.folder / "files/trash").mkdir()
    lost.rename(office.folder / "files/trash" / lost.name)
    assert office("backup", tmp_path / "melasti.tar")[0] == 0


def test_what_a_crash_left_is_no_backup_and_goes_with_the_next_run(office, tmp_path):
    place = tmp_path / "cadangan"
    assert office("backup", place)[0] == 0
    left = place / "2026-01-01T000000.000Z.unfinished"
    left.mkdir()
    (left / "manifest.json").write_text("{}")
    (place / "files/tmp/half").write_text("x")
    assert office("backup", place)[0] == 0
    assert not left.exists() and list((place / "files/tmp").iterdir()) == []
    half = tmp_path / "melasti.tar.unfinished"
    half.write_bytes(b"x" * 100_000)
    assert office("backup", tmp_path / "melasti.tar")[0] == 0 and not half.exists()


@pytest.mark.parametrize(
    ("place", "environ", "words"),
    [
        ("there.tar", {}, "exists already"),
        ("strange", {}, "holds other things than backups"),
        ("data/files/inside", {}, "lies among the files"),
        ("there.tar/inside", {}, "Not a directory"),
        ("/proc/nowhere/melasti.tar", {}, "No such file or directory"),
        ("", {}, "say where"),
        ("new.tar", {"BACKUP_PASSPHRASE": ""}, "set BACKUP_PASSPHRASE"),
        ("new.tar", {"BACKUP_PASSPHRASE": "pendek"}, "at least 8 characters"),
        ("new.tar", {"BACKUP_PASSPHRASE_FILE": "/nowhere"}, "directory: '/nowhere'"),
        ("new.tar", {"FREE_DISK_MB": "100000000"}, "make room"),
        ("folder", {"FREE_DISK_MB": "100000000"}, "make room"),
    ],
)  # fmt: skip
def test_why_there_is_none_is_one_line(office, tmp_path, place, environ, words):
    (tmp_path / "there.tar").write_text("something of somebody")
    (tmp_path / "strange").mkdir()
    (tmp_path / "strange/letter.txt").touch()
    before = set(tmp_path.glob("*.tar*"))
    told = complaint(office("backup", tmp_path / place if place else "", **environ))
    assert words in told
    assert set(tmp_path.glob("*.tar*")) == before
    assert (tmp_path / "there.tar").read_text() == "something of somebody"
    assert list(tmp_path.glob("folder/*Z*")) == []
    [(error,)] = office.select("SELECT error FROM backup")
    assert words in error


@pytest.mark.parametrize("place", ["letter.txt/melasti.tar", "letter.txt/folder"])
def test_a_place_that_can_not_be_written_is_one_line(office, tmp_path, place):
    # Not even by root, to whom nothing is forbidden.
    (tmp_path / "letter.txt").touch()
    assert str(tmp_path / "letter.txt") in complaint(office("backup", tmp_path / place))


def test_two_at_once_in_one_place(office, tmp_path):
    place = tmp_path / "cadangan"
    assert office("backup", place)[0] == 0
    with (place / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "another backup is being made" in complaint(office("backup", place))
