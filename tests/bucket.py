"""A bucket to keep files in: moto's server as a process, or any that TEST_S3_BUCKET and its
neighbours (TEST_S3_ENDPOINT, TEST_S3_ACCESS_KEY …) name."""

import os
import subprocess
import sys
import time
from itertools import count

import requests

from tests.pooler import free_port

NAMES = ("BUCKET", "ENDPOINT", "REGION", "ACCESS_KEY", "SECRET_KEY")
_numbers = count(1)


class BucketServer:
    """`settings` are those of an office whose files lie there, with a prefix of their own."""

    def __init__(self, *, is_own: bool = False) -> None:
        """`is_own`: one that may be stopped, whatever bucket is named."""
        self._process: subprocess.Popen | None = None
        self._known = {f"S3_{name}": os.environ.get(f"TEST_S3_{name}", "") for name in NAMES}
        self._known = {} if is_own else self._known
        self._known = {name: value for name, value in self._known.items() if value}
        self._port = 0 if self._known else free_port()
        self.start()

    def start(self) -> None:
        """Again where it was, after a `stop`; empty then."""
        if not self._port:
            return
        address = f"http://127.0.0.1:{self._port}"
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self._port)]
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until = time.monotonic() + 60
        while True:
            assert self._process.poll() is None and time.monotonic() < until
            try:
                requests.put(f"{address}/berkas", timeout=5).raise_for_status()
                break
            except requests.ConnectionError:
                time.sleep(0.05)
        self._known = {
            "S3_BUCKET": "berkas",
            "S3_ENDPOINT": address,
            "S3_ACCESS_KEY": "uji",
            "S3_SECRET_KEY": "rahasia-uji",
        }

    def settings(self) -> dict[str, str]:
        prefix = f"uji-{os.getpid()}-{next(_numbers)}"
        return {"STORE": "s3", "S3_PREFIX": prefix, **self._known}

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait()
