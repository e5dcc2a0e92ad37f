"""The drill: a backup under load, the server burnt, all of it back on another machine.

What was acknowledged before the backup began is there, with its history, papers and files; whoever
had an account logs in.
"""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from types import MappingProxyType

import pytest
import requests

from storage.database import database, open_database
from storage.s3 import Bucket
from tests.administration.backups.conftest import PASSPHRASE
from tests.administration.backups.test_backup import complaint
from tests.bucket import BucketServer
from tests.databases import drop, made_on
from tests.people import PASSWORD
from tests.small_office import CUSTOMER
from tests.warm_commands import ROOT

WRITES_A_SECOND = 20
ROUNDS = 10
WHOLE = """
SELECT r."subject" FROM "request" r
WHERE EXISTS (SELECT 1 FROM "event" e WHERE e."request_id" = r."id")
AND EXISTS (SELECT 1 FROM "document" d WHERE d."request_id" = r."id" AND d."sha256" <> '')
AND EXISTS (SELECT 1 FROM "message" m WHERE m."request_id" = r."id")
ORDER BY r."id"
"""


class Machine:
    """A folder and a database, of one engine; `store` names the bucket, if its files lie in one."""

    def __init__(self, command, folder, server, store):
        self.command, self.folder, self._server, self._store = command, folder, server, store
        self.url = made_on(server, "drill") if server else f"sqlite:///{folder / 'melasti.db'}"
        place = {"DATA_DIR": str(folder), "DATABASE_URL": self.url}
        self.environ = {**PASSPHRASE, **store, **place}

    def __call__(self, *words):
        environ = {name: value for name, value in self.environ.items() if name != "DATA_DIR"}
        return self.command(self.folder, *map(str, words), **environ)

    def python(self, *words, **more):
        return subprocess.Popen(
            [sys.executable, "-m", *words],
            cwd=ROOT,
            env=os.environ | self.environ,
            text=True,
            **more,
        )

    def burn(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._server:
            drop(self.url)
        if self._store:
            bucket = Bucket.of(self._store)
            for found in list(bucket.objects(bucket.prefix)):
                bucket.delete(found["Key"])

    def subjects(self) -> list[str]:
        """Of all requests; none of them lacks what was written with it."""
        open_database(self.url)
        with database.connection_context():
            found = database.execute_sql(WHOLE).fetchall()
            [(count,)] = database.execute_sql('SELECT count(*) FROM "request"').fetchall()
        database.close_all()
        assert len(found) == count
        return [subject for (subject,) in found]

    def log_in(self) -> str:
        """The page that somebody comes to who logs in over the network."""
        environ = {name: value for name, value in self.environ.items() if name != "DATA_DIR"}
        pid = self.command.start(self.folder, "serve", PORT="0", **environ)
        try:
            while not (found := re.search(r"http://\S+:\d+", self.command.said())):
                # Fails when it ended without a word.
                os.kill(pid, 0)
                time.sleep(0.05)
            session, base = requests.Session(), found.group(0)
            page = session.get(f"{base}/masuk", timeout=60).text
            token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page).group(1)
            given = {"csrf_token": token, "email": CUSTOMER, "password": PASSWORD}
            return session.post(f"{base}/masuk", data=given, timeout=60).text
        finally:
            os.kill(pid, signal.SIGTERM)
            assert self.command.end()[0] == 0


class Load:
    """Requests that are filed the whole time; `acknowledged` grows meanwhile."""

    def __init__(self, machine):
        self.acknowledged: list[str] = []
        self._process = machine.python(
            "tests.steady_filing", str(WRITES_A_SECOND), stdout=subprocess.PIPE
        )
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self):
        for line in self._process.stdout:
            self.acknowledged.append(line.strip())

    def wait_for(self, count):
        until = len(self.acknowledged) + count
        while len(self.acknowledged) < until:
            assert self._process.poll() is None
            time.sleep(0.01)

    def kill(self):
        self._process.kill()
        self._process.wait()
        self._thread.join()


@pytest.mark.slow
@pytest.mark.fault
def test_a_burnt_server_comes_back_from_a_backup_under_load(
    engine, request, command, tmp_path, whole
):
    server = request.getfixturevalue("postgres_url") if engine == "postgres" else ""
    luck = random.Random(20240729)
    ours = database.obj
    try:
        for number in range(ROUNDS if whole else 1):
            one_round(command, server, tmp_path / str(number), luck)
    finally:
        database.initialize(ours)


@pytest.mark.slow
@pytest.mark.fault
@pytest.mark.long
@pytest.mark.parametrize("seed", [29, 7])
def test_an_office_whose_bucket_was_emptied_too_comes_back(
    engine, request, command, tmp_path, seed
):
    server = request.getfixturevalue("postgres_url") if engine == "postgres" else ""
    ours, service = database.obj, BucketServer()
    try:
        one_round(command, server, tmp_path, random.Random(seed), service.settings())
    finally:
        database.initialize(ours)
        service.stop()


def one_round(command, server, folder, luck, store=MappingProxyType({})):
    old = Machine(command, folder / "old", server, store)
    assert old.python("tests.small_office", stdout=subprocess.DEVNULL).wait() == 0
    place = folder / luck.choice(["melasti.tar", "cadangan"])
    load = Load(old)
    try:
        load.wait_for(luck.randint(5, 60))
        before = list(load.acknowledged)
        code, said, wrong = old("backup", place)
        assert (code, wrong) == (0, "")
        load.wait_for(luck.randint(1, 20))
    finally:
        load.kill()
    old.burn()

    code, said, wrong = old("verify-backup", place)
    assert (code, wrong) == (0, "") and ": whole; " in said
    new = Machine(command, folder / "new", server, store)
    code, said, wrong = new("restore", place)
    assert (code, wrong) == (0, "")
    told = int(re.search(r"  request +(\d+)", said).group(1))
    assert new("audit")[0] == 0 and new("verify", "files")[0] == 0
    subjects = new.subjects()
    assert len(subjects) == told and len(set(subjects)) == told
    assert set(before) <= set(subjects)
    # Of what was filed while the backup began there may be some, and nothing that nobody filed.
    filed = [subject for subject in subjects if subject.startswith("Beban")]
    assert set(filed) <= set(load.acknowledged)
    assert filed == load.acknowledged[: len(filed)]
    assert "Pelanggan Pertama" in new.log_in()
    new.burn()


@pytest.mark.long
def test_nothing_is_moved_while_somebody_writes(command, seeded, tmp_path):
    folder = shutil.copytree(seeded, tmp_path / "data")
    machine, target = Machine(command, folder, "", {}), f"sqlite:///{tmp_path}/moved.db"
    load = Load(machine)
    try:
        load.wait_for(1)
        assert "stop `serve` and `worker`" in complaint(machine("move-database", target))
    finally:
        load.kill()
    assert machine("move-database", target)[0] == 0
