"""`run.py verify-backup`: whether a backup would come back, without bringing it back."""

import pytest

from administration.backups import restore, verify
from tests.administration.backups.conftest import PASSPHRASE
from tests.administration.backups.test_backup import complaint, moments
from tests.administration.backups.test_restore import rewritten


def verified(office, place, **environ):
    """(exit, what it said): nothing else is said where it could look."""
    code, said, wrong = office("verify-backup", place, **environ)
    assert wrong == "", wrong
    return code, said


def test_a_whole_backup_is_one_line_and_nothing_is_written(office, archive, tmp_path):
    folder = tmp_path / "cadangan"
    assert office("backup", folder)[0] == 0
    held = sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*"))
    # On a machine that has neither data nor settings, and whose database can't be had.
    bare = office.at(tmp_path / "bare")
    for place, named in ((archive, str(archive)), (folder, str(moments(folder)[0]))):
        code, said = verified(bare, place, DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
        assert code == 0 and said.count("\n") == 1
        assert said.startswith(f"{named} of 20") and ": whole; " in said
        assert " rows of " in said and " files, keys readable" in said
    assert not bare.folder.exists()
    assert sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*")) == held


def rows_of_another(name, data):
    return data.replace(b'"rows": 3', b'"rows": 4') if name == "manifest.json" else data


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda name, data: None if name == "manifest.json" else data, "no manifest"),
        (lambda name, data: None if name == "keys" else data, "keys is missing"),
        (lambda name, data: data[:-9] if name == "database.jsonl.gz" else data, "database.jsonl"),
        (lambda name, data: data + b"x" if name == "files.txt" else data, "files.txt"),
        (lambda name, data: None if name.startswith("files/") else data, "is missing or was"),
        (lambda name, data: data[:-1] if name.startswith("files/") else data, "is missing or was"),
        (rows_of_another, "the manifest of the backup"),
    ],
)
def test_what_is_damaged_is_named_with_exit_1(office, archive, tmp_path, change, words):
    code, said = verified(office, rewritten(archive, tmp_path / "damaged.tar", change))
    assert code == 1 and words in said
    assert ": whole;" not in said and "Traceback" not in said


def test_every_file_that_is_damaged_in_a_folder_has_a_line(office, tmp_path):
    folder = tmp_path / "cadangan"
    office.file().write_bytes(b"%PDF-altered before")
    assert office("backup", folder)[0] == 1
    first, second = sorted(folder.glob("files/??/??/*"))[:2]
    first.unlink()
    second.write_bytes(second.read_bytes()[::-1])
    code, said = verified(office, folder)
    result, *faults = said.splitlines()
    assert code == 1 and ": 3 faults; " in result
    assert [fault.partition(":")[0] for fault in faults] == ["fault"] * 3
    assert first.name in said and second.name in said
    assert f"{office.file().name} was altered when the backup was made" in said


def test_what_cannot_be_looked_at_is_exit_2(office, archive, tmp_path):
    look = ("verify-backup", archive)
    assert "the passphrase isn't" in complaint(office(*look, BACKUP_PASSPHRASE="bukan yang itu"))
    assert "BACKUP_PASSPHRASE" in complaint(office(*look, BACKUP_PASSPHRASE=""))
    assert "doesn't exist" in complaint(office("verify-backup", tmp_path / "tiada.tar"))
    assert "no backup that is whole" in complaint(office("verify-backup", tmp_path))


@pytest.fixture
def opened(archive):
    return restore.open_backup(archive, PASSPHRASE["BACKUP_PASSPHRASE"])


def test_a_backup_of_another_schema_says_who_brings_it_back(opened):
    opened.manifest["schema"].append("9999_later")
    done = verify.verify_backup(opened, lambda *_: None)
    assert done.files > 0
    assert ["made by a newer MELASTI" in fault for fault in done.faults] == [True]


def test_rows_that_are_not_those_of_the_manifest_are_named(opened):
    opened.manifest["tables"]["role"]["rows"] += 1
    [fault] = verify.verify_backup(opened, lambda *_: None).faults
    assert "role (" in fault
