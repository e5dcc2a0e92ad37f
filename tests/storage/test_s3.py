"""Files in a bucket: what a folder promises, for several hosts."""

import hashlib
import io
import re
import time

import pytest

from storage.files import Damaged, LocalStorage, StoreUnavailable, TooLarge
from storage.partial_files import NotThere, PartialFiles
from storage.s3 import Bucket, S3Storage
from storage.s3_partial import S3PartialFiles
from tests.bucket import BucketServer
from tests.floors import modules

CONTENT = b"Laporan hasil pengujian. " * 5000
DIGEST = hashlib.sha256(CONTENT).hexdigest()
NAME = "01J3YZABCDEFGHJKMNPQRSTVWX"


def test_nobody_asks_a_store_for_what_only_a_folder_has():
    """The runtime's store, or one that is handed over, may be a bucket."""
    asked = re.compile(r"\bstorage(\(\))?\.(path|trim)\(|LocalStorage\(settings")
    rooms = [(room, file) for room, file in modules() if room != "storage"]
    wrong = [file.name for _, file in rooms if asked.search(file.read_text())]
    assert wrong == ["file_store.py"]


@pytest.fixture(scope="module")
def server():
    server = BucketServer()
    yield server
    server.stop()


@pytest.fixture
def bucket(server):
    return Bucket.of(server.settings())


@pytest.fixture(params=["folder", "s3"])
def hosts(request, tmp_path, bucket):
    """Two hosts of one store; with a folder they are the same one."""
    if request.param == "folder":
        return [LocalStorage(tmp_path / "files")] * 2
    return [S3Storage(bucket, tmp_path / name) for name in ("one", "other")]


@pytest.fixture(params=["folder", "s3"])
def partial(request, tmp_path, bucket):
    """Where pieces lie, as two hosts see it."""
    if request.param == "folder":
        (tmp_path / "tmp").mkdir()
        return [PartialFiles(tmp_path), PartialFiles(tmp_path)]
    return [S3PartialFiles(bucket, tmp_path / name) for name in ("one", "other")]


def stage(storage, content: bytes = CONTENT):
    return storage.stage(io.BytesIO(content), max_bytes=1 << 20)


def kept_at(storage) -> float:
    return dict(storage.digests())[DIGEST]


def test_what_one_host_keeps_the_other_has(hosts):
    one, other = hosts
    assert not other.has(DIGEST)
    staged = stage(one)
    assert not other.has(DIGEST) and staged.path.exists()
    one.keep(staged)
    one.keep(staged)
    assert other.has(DIGEST) and other.whole(DIGEST).read_bytes() == CONTENT
    with other.open(DIGEST) as file:
        assert file.read() == CONTENT
    assert list(dict(other.digests())) == [DIGEST]
    other.check(DIGEST)
    assert other.size_even_thrown(DIGEST) == len(CONTENT)
    assert not staged.path.exists()


def test_what_is_staged_and_discarded_leaves_nothing(hosts):
    one, other = hosts
    one.discard(stage(one))
    with pytest.raises(TooLarge):
        one.stage(io.BytesIO(CONTENT), max_bytes=100)
    assert list(other.digests()) == []
    with pytest.raises(Damaged) as damage:
        other.whole(DIGEST)
    assert damage.value.is_missing
    with pytest.raises(FileNotFoundError):
        other.open(DIGEST)


def test_a_store_knows_whose_it_is(hosts):
    one, other = hosts
    assert one.store_id == ""
    one.mark("sembarang")
    assert other.store_id == "sembarang"


def test_the_trash_and_what_is_kept_again(hosts):
    one, other = hosts
    one.keep(stage(one))
    assert other.kept_at(DIGEST) == kept_at(one)
    assert not other.throw_away(DIGEST, time.time(), kept_at=kept_at(one) - 1)
    assert other.throw_away(DIGEST, time.time(), kept_at=kept_at(one))
    assert not one.has(DIGEST) and list(one.digests()) == []
    with pytest.raises(FileNotFoundError):
        one.kept_at(DIGEST)
    assert not other.throw_away(DIGEST, time.time(), kept_at=0)
    with one.open_even_thrown(DIGEST) as file:
        assert file.read() == CONTENT
    assert one.size_even_thrown(DIGEST) == len(CONTENT)
    assert one.empty_trash(60, time.time()) == 0
    assert one.empty_trash(60, time.time() + 70) == 1
    # On the other host a copy may outlive it; nobody asks for what no row names.
    with pytest.raises(FileNotFoundError):
        other.open_even_thrown(DIGEST)


@pytest.mark.parametrize("name", ["", "../rahasia", DIGEST.upper(), DIGEST + "0"])
def test_only_a_digest_is_a_name(hosts, name):
    with pytest.raises(ValueError):
        hosts[0].whole(name)
    with pytest.raises(ValueError):
        hosts[0].has(name)


def test_another_content_under_its_name_is_never_handed_out(bucket, tmp_path):
    one, other = (S3Storage(bucket, tmp_path / name) for name in ("one", "other"))
    one.keep(stage(one))
    key = f"files/{DIGEST[:2]}/{DIGEST[2:4]}/{DIGEST}"
    bucket.client.put_object(Bucket=bucket.name, Key=bucket.key(key), Body=b"lain")
    for ask in (other.whole, other.check, one.check):
        with pytest.raises(Damaged) as damage:
            ask(DIGEST)
        assert not damage.value.is_missing
    # A copy that was altered on the host is fetched again.
    one.keep(stage(one))
    one.whole(DIGEST).write_bytes(b"lain")
    assert one.whole(DIGEST).read_bytes() == CONTENT


def test_copies_make_room_for_each_other(bucket, tmp_path, monkeypatch):
    monkeypatch.setattr("storage.s3.COPIES_BYTES", 3 * len(CONTENT))
    storage = S3Storage(bucket, tmp_path)
    for number in range(5):
        storage.keep(stage(storage, CONTENT + bytes([number])))
    assert len(list((tmp_path / "copies").glob("??/??/*"))) == 2
    assert len(list(storage.digests())) == 5


def test_pieces_go_to_any_host(partial):
    one, other = partial
    assert one.length(NAME) == 0
    assert one.append(NAME, io.BytesIO(CONTENT[:50_000]), at=0, most=len(CONTENT)) == 50_000
    assert other.length(NAME) == 50_000
    rest = io.BytesIO(CONTENT[50_000:])
    assert other.append(NAME, rest, at=50_000, most=len(CONTENT)) == len(CONTENT)
    staged = one.stage(NAME)
    assert (staged.sha256, staged.size) == (DIGEST, len(CONTENT))
    assert staged.path.read_bytes() == CONTENT
    other.drop(NAME)
    assert one.length(NAME) == 0


def test_a_piece_at_the_wrong_place_or_too_long_is_refused(partial):
    one, other = partial
    one.append(NAME, io.BytesIO(b"12345"), at=0, most=10)
    for at in (0, 3, 6):
        with pytest.raises(NotThere) as elsewhere:
            other.append(NAME, io.BytesIO(b"x"), at=at, most=10)
        assert elsewhere.value.there == 5
    with pytest.raises(TooLarge):
        other.append(NAME, io.BytesIO(b"x" * 6), at=5, most=10)


class Broken(io.BytesIO):
    """A connection that breaks off after what it had."""

    def read(self, size: int = -1) -> bytes:
        found = super().read(size)
        if not found:
            raise ConnectionResetError
        return found


def test_a_piece_that_breaks_off_goes_on_where_it_stopped(partial):
    one, other = partial
    with pytest.raises(ConnectionResetError):
        one.append(NAME, Broken(b"12345"), at=0, most=10)
    assert other.append(NAME, io.BytesIO(b"67890"), at=5, most=10) == 10
    assert one.stage(NAME).path.read_bytes() == b"1234567890"


def test_of_two_that_write_at_one_place_the_first_counts(bucket, tmp_path):
    one, other = (S3PartialFiles(bucket, tmp_path / name) for name in ("one", "other"))

    class Late(io.BytesIO):
        def read(self, size: int = -1) -> bytes:
            if not self.tell():
                other.append(NAME, io.BytesIO(b"pertama"), at=0, most=20)
            return super().read(size)

    with pytest.raises(NotThere) as elsewhere:
        one.append(NAME, Late(b"kedua"), at=0, most=20)
    assert elsewhere.value.there == 7
    assert one.stage(NAME).path.read_bytes() == b"pertama"


def test_pieces_that_nobody_goes_on_with_are_swept(bucket, tmp_path):
    storage, partial = S3Storage(bucket, tmp_path), S3PartialFiles(bucket, tmp_path)
    for at in (0, 5):
        partial.append(NAME, io.BytesIO(b"12345"), at=at, most=10)
    assert storage.sweep_temp(60, time.time()) == 0
    assert storage.sweep_temp(60, time.time() + 61) == 1
    assert partial.length(NAME) == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"S3_BUCKET": "tidak-ada"}, "NoSuchBucket"),
        ({"S3_ENDPOINT": "http://127.0.0.1:9"}, "Could not connect"),
    ],
)
def test_a_bucket_that_cannot_be_had_is_told_in_one_line(
    server, tmp_path, monkeypatch, change, words
):
    monkeypatch.setattr("storage.s3.ATTEMPTS", 1)
    storage = S3Storage(Bucket.of({**server.settings(), **change}), tmp_path)
    for ask in (lambda: storage.keep(stage(storage)), lambda: list(storage.digests())):
        with pytest.raises(StoreUnavailable, match=words) as told:
            ask()
        assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"S3_BUCKET": ""}, "S3_BUCKET"),
        ({"S3_ENDPOINT": "minio:9000"}, "S3_ENDPOINT"),
        ({"S3_SECRET_KEY": ""}, "belong together"),
        ({"S3_SECRET_KEY_FILE": "/tidak/ada"}, "S3_SECRET_KEY_FILE"),
    ],
)
def test_wrong_settings_are_named(server, change, words):
    with pytest.raises(ValueError, match=words):
        Bucket.of({**server.settings(), **change})


def test_keys_may_lie_in_files(server, tmp_path):
    (tmp_path / "kunci").write_text("rahasia-dari-berkas\n")
    given = {**server.settings(), "S3_SECRET_KEY_FILE": str(tmp_path / "kunci")}
    found = Bucket.of(given)
    assert found.secret_key == "rahasia-dari-berkas" and "rahasia" not in repr(found)
