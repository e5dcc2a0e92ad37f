"""Files under their SHA-256 in a bucket of an S3 service, for several hosts; needs boto3.

A host looks at a file by a copy of its own, which was digested while it came and is dropped when
others need the room. The service is sent the digest with each file, and refuses one that arrives
otherwise.
"""

import base64
import hashlib
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO

from storage.files import DIGEST, Damaged, LocalStorage, Staged, StoreUnavailable
from storage.outage import store_outage

CONNECT_SECONDS, READ_SECONDS, ATTEMPTS = 5, 30, 4
# Requests at a time of one process; more than it has threads.
MOST_CONNECTIONS = 72
# What a host keeps of copies. Larger than the largest file.
COPIES_BYTES = 2 << 30
LARGEST = 5 << 30
MISSING = {"404", "NoSuchKey", "NotFound"}
NO_BOTO = "STORE=s3 needs boto3: pip install -r requirements-s3.txt"


@dataclass(frozen=True)
class Bucket:
    """Where a bucket is, and who asks. Without keys boto3 looks for them in its own ways."""

    name: str
    prefix: str = ""
    endpoint: str = ""
    region: str = ""
    access_key: str = ""
    secret_key: str = field(default="", repr=False)

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "Bucket":
        """The bucket that S3_BUCKET and its neighbours name. Raises ValueError."""
        name, endpoint = environ.get("S3_BUCKET", ""), environ.get("S3_ENDPOINT", "")
        if not find_spec("boto3"):
            raise ValueError(NO_BOTO)
        if not name:
            raise ValueError("STORE=s3 needs S3_BUCKET, the name of the bucket")
        if endpoint and not endpoint.startswith(("http://", "https://")):
            raise ValueError(f"S3_ENDPOINT must begin with https:// or http://, not {endpoint!r}")
        access = _secret(environ, "S3_ACCESS_KEY", "S3_ACCESS_KEY_FILE")
        secret = _secret(environ, "S3_SECRET_KEY", "S3_SECRET_KEY_FILE")
        if bool(access) != bool(secret):
            raise ValueError("S3_ACCESS_KEY and S3_SECRET_KEY belong together")
        prefix = environ.get("S3_PREFIX", "").strip("/")
        return cls(
            name=name,
            prefix=f"{prefix}/" if prefix else "",
            endpoint=endpoint,
            region=environ.get("S3_REGION", "us-east-1"),
            access_key=access,
            secret_key=secret,
        )

    def __str__(self) -> str:
        return f"s3://{self.name}/{self.prefix}"

    @property
    def client(self) -> Any:
        # A connection belongs to one process.
        return _client(self, os.getpid())

    def key(self, *parts: str) -> str:
        return self.prefix + "/".join(parts)

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Turn what boto3 raises into FileNotFoundError or StoreUnavailable, in one line."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
            store_outage.note_back()
        except ClientError as error:
            said = error.response.get("Error", {})
            if said.get("Code") in MISSING:
                raise FileNotFoundError(str(self)) from None
            words = f"{said.get('Code', '')} {said.get('Message', '')}".strip()
            raise StoreUnavailable(f"{self}: {words}") from None
        except BotoCoreError as error:
            raise StoreUnavailable(f"{self}: {str(error).splitlines()[0]}") from None

    def get(self, key: str) -> bytes:
        with self.asking():
            return self.client.get_object(Bucket=self.name, Key=key)["Body"].read()

    def put(self, key: str, body: bytes | BinaryIO, sha256: str, **more: Any) -> None:
        """Send something; the service refuses what doesn't arrive with this digest."""
        said = base64.b64encode(bytes.fromhex(sha256)).decode()
        with self.asking():
            self.client.put_object(
                Bucket=self.name, Key=key, Body=body, ChecksumSHA256=said, **more
            )

    def delete(self, key: str) -> None:
        with self.asking():
            self.client.delete_object(Bucket=self.name, Key=key)

    def facts(self, key: str) -> dict[str, Any]:
        """Raises FileNotFoundError."""
        with self.asking():
            return self.client.head_object(Bucket=self.name, Key=key)

    def objects(self, prefix: str) -> Iterator[dict[str, Any]]:
        """Key, Size and LastModified of all that begins so, in the order of the keys."""
        with self.asking():
            pages = self.client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self.name, Prefix=prefix):
                yield from page.get("Contents", [])


def _secret(environ: Mapping[str, str], name: str, name_of_file: str) -> str:
    """A variable, or what is in the file that another one names."""
    path = environ.get(name_of_file, "")
    if not path:
        return environ.get(name, "")
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        raise ValueError(f"{name_of_file} can't be read: {error.strerror}") from None


@lru_cache(maxsize=8)
def _client(bucket: Bucket, _process: int) -> Any:
    # It takes a second to load, and only offices with a bucket have it.
    from boto3.session import Session
    from botocore.config import Config

    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        max_pool_connections=MOST_CONNECTIONS,
        tcp_keepalive=True,
        # Services other than Amazon's know the bucket by its path, and no other digests than ours.
        s3={"addressing_style": "path" if bucket.endpoint else "auto"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    return Session().client(
        "s3",
        config=config,
        region_name=bucket.region,
        endpoint_url=bucket.endpoint or None,
        aws_access_key_id=bucket.access_key or None,
        aws_secret_access_key=bucket.secret_key or None,
    )


class S3Storage:
    """A bucket of content-named files, with copies in a folder of this host."""

    def __init__(self, bucket: Bucket, folder: Path):
        self.name, self.root, self._bucket = str(bucket), folder, bucket
        self._copies = LocalStorage(folder / "copies")

    def _key(self, sha256: str) -> str:
        """Raises ValueError for anything that isn't a digest."""
        if not DIGEST.fullmatch(sha256):
            raise ValueError("not a SHA-256")
        return self._bucket.key("files", sha256[:2], sha256[2:4], sha256)

    @property
    def store_id(self) -> str:
        try:
            return self._bucket.get(self._bucket.key("store-id")).decode().strip()
        except FileNotFoundError:
            return ""

    def mark(self, store_id: str) -> None:
        body = f"{store_id}\n".encode()
        self._bucket.put(self._bucket.key("store-id"), body, hashlib.sha256(body).hexdigest())

    def stage(self, stream: BinaryIO, *, max_bytes: int) -> Staged:
        return self._copies.stage(stream, max_bytes=max_bytes)

    def discard(self, staged: Staged) -> None:
        self._copies.discard(staged)

    def keep(self, staged: Staged) -> None:
        key = self._key(staged.sha256)
        try:
            file = staged.path.open("rb")
        except FileNotFoundError:
            self._bucket.facts(key)
            return
        with file:
            self._bucket.put(key, file, staged.sha256, ContentLength=staged.size)
        # Whoever sent it looks at it next.
        self._keep_copy(staged)

    def _keep_copy(self, staged: Staged) -> Path:
        self._copies.keep(staged)
        self._copies.trim(COPIES_BYTES)
        return self._copies.path(staged.sha256)

    def has(self, sha256: str) -> bool:
        try:
            self._bucket.facts(self._key(sha256))
        except FileNotFoundError:
            return False
        return True

    def open(self, sha256: str) -> BinaryIO:
        try:
            return self.whole(sha256).open("rb")
        except Damaged as damage:
            raise FileNotFoundError(sha256) from damage

    def open_even_thrown(self, sha256: str) -> BinaryIO:
        try:
            return self.open(sha256)
        except FileNotFoundError:
            staged = self._fetch(self._bucket.key("trash", sha256))
        file = staged.path.open("rb")
        self._copies.discard(staged)
        return file

    def size_even_thrown(self, sha256: str) -> int:
        try:
            return self._bucket.facts(self._key(sha256))["ContentLength"]
        except FileNotFoundError:
            return self._bucket.facts(self._bucket.key("trash", sha256))["ContentLength"]

    def digests(self) -> Iterator[tuple[str, float]]:
        for found in self._bucket.objects(self._bucket.key("files", "")):
            name = found["Key"].rpartition("/")[2]
            if DIGEST.fullmatch(name):
                yield name, found["LastModified"].timestamp()

    def kept_at(self, sha256: str) -> float:
        return self._bucket.facts(self._key(sha256))["LastModified"].timestamp()

    def whole(self, sha256: str) -> Path:
        with suppress(Damaged):
            return self._copies.whole(sha256)
        return self._keep_copy(self._fetch_whole(sha256))

    def check(self, sha256: str) -> None:
        self._copies.discard(self._fetch_whole(sha256))

    def _fetch_whole(self, sha256: str) -> Staged:
        """What the bucket has under this name now. Raises Damaged."""
        try:
            staged = self._fetch(self._key(sha256))
        except FileNotFoundError:
            raise Damaged(sha256, is_missing=True) from None
        if staged.sha256 != sha256:
            self._copies.discard(staged)
            raise Damaged(sha256, is_missing=False)
        return staged

    def _fetch(self, key: str) -> Staged:
        """Read from the bucket, digested while it comes. Raises FileNotFoundError."""
        with self._bucket.asking():
            found = self._bucket.client.get_object(Bucket=self._bucket.name, Key=key)
            with found["Body"] as body:
                return self._copies.stage(body, max_bytes=LARGEST)

    def throw_away(self, sha256: str, now: float, *, kept_at: float) -> bool:
        key, bucket = self._key(sha256), self._bucket
        try:
            if bucket.facts(key)["LastModified"].timestamp() != kept_at:
                return False
            with bucket.asking():
                bucket.client.copy_object(
                    Bucket=bucket.name,
                    Key=bucket.key("trash", sha256),
                    CopySource={"Bucket": bucket.name, "Key": key},
                )
        except FileNotFoundError:
            return False
        self.drop(sha256)
        return True

    def drop(self, sha256: str) -> None:
        self._bucket.delete(self._key(sha256))
        self._copies.drop(sha256)

    def empty_trash(self, older_than_seconds: float, now: float) -> int:
        return _sweep(self._bucket, self._bucket.key("trash", ""), now - older_than_seconds)

    def sweep_temp(self, older_than_seconds: float, now: float) -> int:
        """Of an upload in pieces the newest tells how old it is."""
        before, newest = now - older_than_seconds, defaultdict(float)
        pieces = list(self._bucket.objects(self._bucket.key("partial", "")))
        for found in pieces:
            name = found["Key"].rpartition("/")[0]
            newest[name] = max(newest[name], found["LastModified"].timestamp())
        for found in pieces:
            if newest[found["Key"].rpartition("/")[0]] < before:
                self._bucket.delete(found["Key"])
        left = sum(at < before for at in newest.values())
        return left + self._copies.sweep_temp(older_than_seconds, now)


def _sweep(bucket: Bucket, prefix: str, before: float) -> int:
    swept = 0
    for found in list(bucket.objects(prefix)):
        if found["LastModified"].timestamp() < before:
            bucket.delete(found["Key"])
            swept += 1
    return swept
