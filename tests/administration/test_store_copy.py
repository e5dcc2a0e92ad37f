"""`run.py store copy`: from the folder to a bucket and back, and what stops it."""

import io
from types import SimpleNamespace

import pytest

from administration.file_store import bind, is_own, verify_files
from administration.store_copy import copy_store
from models import Document
from storage.files import LocalStorage
from storage.s3 import Bucket, S3Storage
from tests.bucket import BucketServer
from tests.people import file_request


@pytest.fixture(scope="module")
def server():
    server = BucketServer()
    yield server
    server.stop()


@pytest.fixture
def stores(server, tmp_path, runtime, people, now):
    """The folder with the files of a request, and an empty bucket."""
    folder = LocalStorage(tmp_path / "files")
    file_request(
        SimpleNamespace(storage=folder, catalogue=runtime.catalogue), people.customer, now=now
    )
    folder.keep(folder.stage(io.BytesIO(b"Laporan lain"), max_bytes=100))
    assert bind(folder)
    return folder, S3Storage(Bucket.of(server.settings()), tmp_path / "host")


def test_all_files_are_whole_in_both_and_may_come_back(stores, tmp_path):
    folder, bucket = stores
    done = copy_store(folder, bucket, lambda number: None)
    assert (done.copied, done.known, done.is_whole) == (2, 0, True)
    assert set(dict(bucket.digests())) == set(dict(folder.digests()))
    assert is_own(bucket) and is_own(folder)
    assert verify_files(folder)[1] == verify_files(bucket)[1] == []
    again = copy_store(folder, bucket, lambda number: None)
    assert (again.copied, again.known) == (0, 2)
    back = LocalStorage(tmp_path / "back")
    assert copy_store(bucket, back, lambda number: None).is_whole
    assert set(dict(back.digests())) == set(dict(folder.digests()))


def test_a_file_that_was_altered_is_told_and_not_brought(stores):
    folder, bucket = stores
    sha256 = Document.get(Document.sha256 != "").sha256
    folder.path(sha256).write_bytes(b"lain")
    done = copy_store(folder, bucket, lambda number: None)
    assert done.altered == [sha256] and not done.is_whole
    assert [fault.sha256 for fault in done.faults] == [sha256]
    assert not bucket.has(sha256) and not is_own(bucket)


def test_a_store_of_another_database_is_left_alone(stores):
    folder, bucket = stores
    bucket.mark("basis-data-lain")
    with pytest.raises(ValueError, match="another database"):
        copy_store(folder, bucket, lambda number: None)
    assert list(bucket.digests()) == []
