"""Files by content: staged, kept, read, swept."""

import hashlib
import io
import os

import pytest

from storage.files import LARGE, Damaged, LocalStorage, TooLarge

CONTENT = b"laporan hasil"
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def storage(tmp_path):
    return LocalStorage(tmp_path / "files")


def stage(storage, content=CONTENT, max_bytes=1000):
    return storage.stage(io.BytesIO(content), max_bytes=max_bytes)


def temporary(tmp_path):
    return list((tmp_path / "files" / "tmp").iterdir())


def test_a_staged_file_is_on_disk_but_not_in_its_place(storage):
    staged = stage(storage)
    assert (staged.sha256, staged.size) == (DIGEST, len(CONTENT))
    assert staged.path.read_bytes() == CONTENT
    with pytest.raises(FileNotFoundError):
        storage.open(DIGEST)


def test_keep_moves_it_to_its_place(storage, tmp_path):
    storage.keep(stage(storage))
    assert storage.path(DIGEST) == tmp_path / "files" / DIGEST[:2] / DIGEST[2:4] / DIGEST
    with storage.open(DIGEST) as file:
        assert file.read() == CONTENT
    assert temporary(tmp_path) == []


def test_the_same_content_twice_is_one_file(storage):
    storage.keep(stage(storage))
    storage.keep(stage(storage))
    assert [digest for digest, _ in storage.digests()] == [DIGEST]


def test_one_byte_too_many_is_refused_and_leaves_nothing(storage, tmp_path):
    assert stage(storage, max_bytes=len(CONTENT)).size == len(CONTENT)
    before = len(temporary(tmp_path))
    with pytest.raises(TooLarge):
        stage(storage, max_bytes=len(CONTENT) - 1)
    assert len(temporary(tmp_path)) == before


def test_a_stream_that_breaks_off_leaves_nothing(storage, tmp_path):
    class Broken(io.RawIOBase):
        def read(self, size=-1):
            raise ConnectionError

    with pytest.raises(ConnectionError):
        storage.stage(Broken(), max_bytes=1000)
    assert temporary(tmp_path) == []


def test_discard_drops_a_staged_file_once_or_twice(storage, tmp_path):
    staged = stage(storage)
    storage.discard(staged)
    storage.discard(staged)
    assert temporary(tmp_path) == []


@pytest.mark.parametrize(
    "name", ["", "../../etc/passwd", DIGEST.upper(), DIGEST[:-1], DIGEST + "0", DIGEST + "\n"]
)
def test_only_a_digest_is_a_name(storage, name):
    with pytest.raises(ValueError):
        storage.path(name)


def test_what_is_thrown_away_lies_in_the_trash_until_that_is_emptied(storage, tmp_path):
    storage.keep(stage(storage))
    [(_, kept_at)] = storage.digests()
    assert storage.kept_at(DIGEST) == kept_at
    assert not storage.throw_away(DIGEST, 1000, kept_at=kept_at - 1)
    assert storage.throw_away(DIGEST, 1000, kept_at=kept_at)
    assert not storage.throw_away(DIGEST, 2000, kept_at=kept_at)
    assert list(storage.digests()) == []
    with pytest.raises(FileNotFoundError):
        storage.kept_at(DIGEST)
    thrown = tmp_path / "files" / "trash" / DIGEST
    assert thrown.read_bytes() == CONTENT
    assert storage.empty_trash(60, 1060) == 0
    assert storage.empty_trash(60, 1061) == 1
    assert not thrown.exists()


@pytest.mark.parametrize("size", [10, LARGE + 1])
def test_a_changed_byte_or_a_lost_file_is_noticed(storage, size):
    staged = stage(storage, bytes(size), max_bytes=2 * LARGE)
    storage.keep(staged)
    path = storage.whole(staged.sha256)
    assert storage.whole(staged.sha256) == path == storage.path(staged.sha256)
    path.write_bytes(bytes(size - 1) + b"x")
    with pytest.raises(Damaged) as damage:
        storage.whole(staged.sha256)
    assert not damage.value.is_missing
    path.unlink()
    with pytest.raises(Damaged) as damage:
        storage.whole(staged.sha256)
    assert damage.value.is_missing


def test_a_folder_knows_whose_it_is(storage, tmp_path):
    assert storage.store_id == ""
    storage.mark("a1b2")
    storage.mark("c3d4")
    assert LocalStorage(tmp_path / "files").store_id == "c3d4"
    assert temporary(tmp_path) == [] and list(storage.digests()) == []


def test_digests_tell_when_each_file_was_kept(storage):
    storage.keep(stage(storage))
    os.utime(storage.path(DIGEST), (1000, 1000))
    assert list(storage.digests()) == [(DIGEST, 1000.0)]


def test_keeping_known_content_makes_it_young_again(storage):
    storage.keep(stage(storage))
    os.utime(storage.path(DIGEST), (1000, 1000))
    storage.keep(stage(storage))
    assert dict(storage.digests())[DIGEST] > 1000


def test_sweep_takes_old_temporary_files_only(storage, tmp_path):
    old, young = stage(storage), stage(storage, b"baru")
    os.utime(old.path, (1000, 1000))
    os.utime(young.path, (9000, 9000))
    assert storage.sweep_temp(3600, 10_000) == 1
    assert temporary(tmp_path) == [young.path]


def test_files_are_for_the_owner_only(storage):
    storage.keep(stage(storage))
    assert storage.path(DIGEST).stat().st_mode & 0o077 == 0


def test_keeping_the_same_staged_file_again_changes_nothing(tmp_path):
    storage = LocalStorage(tmp_path)
    staged = storage.stage(io.BytesIO(b"isi"), max_bytes=10)
    storage.keep(staged)
    storage.keep(staged)
    assert storage.path(staged.sha256).read_bytes() == b"isi"


def test_keeping_what_was_discarded_fails(tmp_path):
    storage = LocalStorage(tmp_path)
    staged = storage.stage(io.BytesIO(b"isi"), max_bytes=10)
    storage.discard(staged)
    with pytest.raises(FileNotFoundError):
        storage.keep(staged)
