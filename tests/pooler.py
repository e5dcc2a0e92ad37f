"""A real pgbouncer before a real Postgres, which lends its connections by the transaction."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg

from tests.programs import find

# As Debian's pgbouncer comes, but for the pool: two connections for everybody.
CONFIG = """[databases]
* = host={socket}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 200
"""


def free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return opened.getsockname()[1]


class Pooler:
    """Runs until `stop`; `url` leads through it to the database of `postgres_url`."""

    def __init__(self, postgres_url: str, *, size: int = 2):
        program = find("pgbouncer")
        assert program, "no pgbouncer for the tests: python -m tests.programs"
        behind = Path(parse_qs(urlsplit(postgres_url).query)["host"][0])
        self._folder = Path(tempfile.mkdtemp(prefix="melasti-pooler-"))
        self._folder.chmod(0o755)
        port = free_port()
        config = self._folder / "pgbouncer.ini"
        config.write_text(CONFIG.format(socket=behind, port=port, folder=self._folder, size=size))
        users = self._folder / "users"
        users.write_text('"postgres" ""\n')
        # This process writes for its own user alone.
        config.chmod(0o644)
        users.chmod(0o644)
        name = urlsplit(postgres_url).path
        self.url = f"postgresql://postgres@127.0.0.1:{port}{name}"
        # It refuses to be root's, and what it connects to is open to one user.
        owner = {"user": behind.stat().st_uid} if os.geteuid() == 0 else {}
        self.log = self._folder / "log"
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [program, str(config)], stdout=log, stderr=log, cwd="/", **owner
            )
        self._wait()

    def _wait(self) -> None:
        until = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self.url).close()
                return
            except psycopg.OperationalError:
                assert time.monotonic() < until, self.log.read_text()
                assert self._process.poll() is None, self.log.read_text()

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()
        shutil.rmtree(self._folder)
