"""`run.py restore`: everything back in an empty place, or one line that says why not."""

import hashlib
import io
import json
import os
import re
import shutil
import signal
import tarfile
import time

import pytest

from administration.backups import keys, make
from tests.administration.backups.conftest import PASSPHRASE
from tests.administration.backups.test_backup import complaint

COUNTED = ("user", "request", "event", "document", "message", "role")


def counts(office):
    return [office.select(f'SELECT count(*) FROM "{name}"')[0][0] for name in COUNTED]


def tables(office):
    return {
        name for (name,) in office.select("SELECT name FROM sqlite_master WHERE type = 'table'")
    }


def rewritten(archive, path, change):
    """A copy whose parts `change` may replace, or drop with None: name -> bytes."""
    with tarfile.open(archive) as old, tarfile.open(path, "w") as new:
        for member in old.getmembers():
            data = change(member.name, old.extractfile(member).read())
            if data is not None:
                member.size = len(data)
                new.addfile(member, io.BytesIO(data))
    return path


def test_a_whole_office_comes_back(office, archive, tmp_path):
    before = counts(office)
    fresh = office.at(tmp_path / "fresh")
    code, said, wrong = fresh("restore", archive)
    assert (code, wrong) == (0, "")
    assert "6 messages waited when it was made" in said
    assert f"{before[1]:>10}" in said and "restored the backup of 20" in said
    events = before[COUNTED.index("event")]
    # The history says that it was brought back.
    assert counts(fresh) == [
        count + (name == "event") for name, count in zip(COUNTED, before, strict=True)
    ]
    assert fresh("audit")[:2] == (0, f"{events + 1} events, 0 broken streams\n")
    assert " 0 missing or altered" in fresh("verify", "files")[1]
    [(kind, stream)] = fresh.select("SELECT kind, stream FROM event ORDER BY id DESC LIMIT 1")
    assert (kind, stream) == ("restored", "system")
    # Files and database know each other, and who logged in before does so again.
    assert fresh("store", "sweep")[0] == 0 and fresh("db", "status")[0] == 0
    for name in ("secret_key", "password_salt"):
        assert (fresh.folder / name).read_text() == (office.folder / name).read_text()
    assert all(not path.stat().st_mode & 0o077 for path in fresh.folder.rglob("*"))
    assert not (fresh.folder / "restore-unfinished").exists()
    assert "isn't empty" in complaint(fresh("restore", archive))


@pytest.mark.long
def test_the_newest_of_a_folder_comes_back_or_the_one_that_is_named(office, tmp_path):
    place = tmp_path / "cadangan"
    assert office("backup", place)[0] == 0
    office.select("UPDATE role SET title = 'Baru' WHERE name = 'auditor'")
    assert office("backup", place)[0] == 0
    first, _ = sorted(path.parent for path in place.glob("*/manifest.json"))
    for source, title in ((place, "Baru"), (first, "Auditor")):
        fresh = office.at(tmp_path / title)
        assert fresh("restore", source)[0] == 0
        assert fresh.select("SELECT title FROM role WHERE name = 'auditor'") == [(title,)]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda name, data: None if name == "manifest.json" else data, "has no manifest"),
        (lambda name, data: None if name == "keys" else data, "keys is missing"),
        (
            lambda name, data: data[:-9] if name == "database.jsonl.gz" else data,
            "database.jsonl.gz",
        ),
        (lambda name, data: data + b"x" if name == "files.txt" else data, "files.txt"),
        (
            lambda name, data: None if name.startswith("files/") else data,
            "is missing or was altered",
        ),
        (lambda name, data: data[::-1] if name.startswith("files/") else data, "--despite-damage"),
        (lambda name, data: b"{}" if name == "manifest.json" else data, "was altered"),
        (lambda name, data: data.replace(b'"rows": 3', b'"rows": 4'), "manifest"),
        (lambda name, data: data.replace(b'"format": 1', b'"format": 9'), "format 9"),
    ],
)
def test_a_damaged_backup_is_told_in_one_line(office, archive, tmp_path, change, words):
    fresh = office.at(tmp_path / "fresh")
    told = complaint(fresh("restore", rewritten(archive, tmp_path / "damaged.tar", change)))
    assert words in told
    # The whole one goes on where that one ended.
    assert fresh("restore", archive)[0] == 0
    assert counts(fresh)[:2] == counts(office)[:2]


@pytest.mark.parametrize("share", [0.0, 0.3, 0.8])
def test_an_archive_that_was_cut_off_is_told_in_one_line(office, archive, tmp_path, share):
    cut = tmp_path / "cut.tar"
    cut.write_bytes(archive.read_bytes()[: int(archive.stat().st_size * share)])
    assert "cut off" in complaint(office.at(tmp_path / "fresh")("restore", cut))


def test_a_file_that_the_backup_lost_may_be_left_out(office, archive, tmp_path):
    def change(name, data):
        return b"x" * len(data) if name == lost else data

    lost = f"files/{office.file().name}"
    damaged, fresh = (
        rewritten(archive, tmp_path / "damaged.tar", change),
        office.at(tmp_path / "fresh"),
    )
    code, said, wrong = fresh("restore", damaged, "--despite-damage")
    assert code == 1 and "1 files aren't in the backup" in wrong
    assert fresh("verify", "files")[0] == 1 and fresh("audit")[0] == 0


@pytest.mark.parametrize(
    ("source", "environ", "words"),
    [
        ("melasti.tar", {"BACKUP_PASSPHRASE": "ombak tenang di Sanur"}, "passphrase isn't"),
        ("melasti.tar", {"BACKUP_PASSPHRASE": ""}, "set BACKUP_PASSPHRASE"),
        ("nowhere.tar", {}, "doesn't exist"),
        (".", {}, "holds no backup that is whole"),
        ("letter.txt", {}, "is no backup"),
        ("melasti.tar", {"FREE_DISK_MB": "100000000"}, "make room"),
        ("melasti.tar", {"DATA_DIR": "/proc/nowhere"}, "/proc/nowhere"),
        ("melasti.tar", {"DATABASE_URL": "sqlite:////proc/nowhere/x.db"}, "database"),
    ],
)
def test_why_it_can_not_come_back_is_one_line(office, archive, tmp_path, source, environ, words):
    shutil.copy(archive, tmp_path / "melasti.tar")
    (tmp_path / "letter.txt").write_text("Yth. Kepala Balai" * 100)
    fresh = office.at(tmp_path / "fresh")
    assert words in complaint(fresh("restore", tmp_path / source, **environ))
    assert not (fresh.folder / "restore-unfinished").exists()


def test_a_backup_of_other_tables_is_refused_by_name(office, tmp_path):
    place = tmp_path / "cadangan"
    assert office("backup", place)[0] == 0
    [manifest] = place.glob("*/manifest.json")
    told = json.loads(manifest.read_text())
    # As a later program would have sealed it: the passphrase is the same, and so are the keys.
    told["schema"].append("0999_later")
    sealed = keys.unseal((manifest.parent / "keys").read_bytes(), PASSPHRASE["BACKUP_PASSPHRASE"])
    data = keys.seal(
        keys.Keys(sealed.settings, sealed.files, make.digest_of(told)),
        PASSPHRASE["BACKUP_PASSPHRASE"],
    )
    (manifest.parent / "keys").write_bytes(data)
    told["parts"]["keys"]["sha256"] = hashlib.sha256(data).hexdigest()
    manifest.write_text(json.dumps(told))
    words = complaint(office.at(tmp_path / "fresh")("restore", place))
    assert "a newer MELASTI" in words and "0999_later" in words


@pytest.mark.parametrize("what", ["rows", "files", "tables of something else"])
def test_a_place_that_is_not_empty_is_left_as_it_is(office, archive, tmp_path, what):
    fresh = office.at(tmp_path / "fresh")
    if what == "rows":
        shutil.copytree(office.folder, fresh.folder)
        shutil.rmtree(fresh.folder / "files")
    elif what == "files":
        shutil.copytree(office.folder / "files", fresh.folder / "files")
    else:
        fresh.folder.mkdir()
        fresh.select("CREATE TABLE till (id INTEGER)")
    before = {path: path.read_bytes() for path in fresh.folder.rglob("*") if path.is_file()}
    words = complaint(fresh("restore", archive))
    assert "empty" in words or "something else" in words
    for path, data in before.items():
        assert path.suffix.startswith(".db") or path.read_bytes() == data
    wanted = {"rows": 3, "files": 0, "tables of something else": 0}
    asked = "request" if what == "rows" else "till" if "till" in tables(fresh) else "sqlite_master"
    assert fresh.select(f"SELECT count(*) FROM {asked}")[0][0] == wanted[what]


def test_settings_and_keys_come_first_on_a_new_machine(office, tmp_path):
    certificate = tmp_path / "segel.p12"
    certificate.write_bytes(b"\x00certificate")
    given = {"EMAIL_SENDER": 'Balai "Pantai" <a@b.test>', "SIGNING_P12": str(certificate)}
    assert office("backup", tmp_path / "melasti.tar", **given)[0] == 0
    out = tmp_path / "settings"
    # It asks for no settings of its own.
    code, said, wrong = office("restore-settings", tmp_path / "melasti.tar", out, PORT="none")
    assert (code, wrong) == (0, "") and len(said.splitlines()) == 2
    lines = (out / "melasti.env").read_text().splitlines()
    assert 'EMAIL_SENDER="Balai \\"Pantai\\" <a@b.test>"' in lines
    assert f'SECRET_KEY="{(office.folder / "secret_key").read_text()}"' in lines
    assert not [line for line in lines if re.match("PATH=|BACKUP_PASSPHRASE", line)]
    [copy] = out.rglob("segel.p12")
    assert copy.read_bytes() == certificate.read_bytes() and not copy.stat().st_mode & 0o077
    # With other keys of its own a machine is told where those of the backup are.
    other = {"SECRET_KEY": "lain" * 9, "PASSWORD_SALT": "garam" * 9}
    fresh = office.at(tmp_path / "fresh")
    code, said, wrong = fresh("restore", tmp_path / "melasti.tar", **other)
    assert code == 0 and "nobody can log in" in wrong
    assert lines == (fresh.folder / "restored-settings/melasti.env").read_text().splitlines()


def test_one_that_is_killed_goes_on_and_nothing_starts_before(office, archive, tmp_path):
    fresh = office.at(tmp_path / "fresh")
    mark = fresh.folder / "restore-unfinished"
    pid = fresh.command.start(fresh.folder, "restore", str(archive), **PASSPHRASE)
    while not mark.exists():
        time.sleep(0.001)
    os.kill(pid, signal.SIGKILL)
    assert fresh.command.end()[0] == -signal.SIGKILL
    for words in (("serve",), ("worker",), ("start",), ("db", "upgrade"), ("audit",)):
        assert "a restore into" in complaint(fresh(*words, PORT="0"))
    assert fresh("restore", archive)[0] == 0
    assert fresh("audit")[0] == 0 and " 0 missing" in fresh("verify", "files")[1]
