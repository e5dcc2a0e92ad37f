"""A bucket that doesn't answer: one line while it lasts, and what waits for it is done later."""

import io
import logging
import re
from dataclasses import replace

import pytest

import tasks
from config.background import huey
from models import Document, DocumentFailure
from storage import outage
from storage.outage import store_outage
from tests.bucket import BucketServer
from tests.people import file_request, stored


@pytest.fixture
def said():
    """What this process writes into its log, by the filter that `run.py` gives it."""
    handler = logging.StreamHandler(io.StringIO())
    handler.addFilter(store_outage)
    root = logging.getLogger()
    # Of a process that had its log set up before, which would be the one that is told.
    others = [one for one in root.handlers if store_outage in one.filters]
    for one in others:
        root.removeHandler(one)
    root.addHandler(handler)
    yield handler.stream
    root.removeHandler(handler)
    for one in others:
        root.addHandler(one)


def make_them(times: int) -> None:
    for _ in range(times):
        huey.execute(tasks.make_documents.s())


def test_papers_wait_for_a_bucket_that_is_away_under_a_single_line(
    people, runtime, now, clock, tmp_path, monkeypatch, said
):
    bucket = BucketServer(is_own=True)
    environ = bucket.settings()
    settings = replace(runtime.settings, store="s3", environ=environ, data_dir=tmp_path)
    monkeypatch.setattr("tasks.settings_of_process", lambda: settings)
    monkeypatch.setattr("storage.s3.ATTEMPTS", 1)
    monkeypatch.setattr(outage, "QUIET_SECONDS", 0.0)
    store = tasks.open_store(settings)
    letter = stored(replace(runtime, storage=store))
    for number in range(3):
        file_request(runtime, people.customer, now=now, key=f"K{number}", file=letter)
    ordered = Document.select().where(Document.sha256 == "")
    assert ordered.count() == 3

    bucket.stop()
    make_them(3)
    assert ordered.count() == 3 and DocumentFailure.select().count() == 0
    lines = [line for line in said.getvalue().splitlines() if "can't be used" in line]
    assert lines == ["the store of files can't be used (1 failures)"]
    assert "could not be made" not in said.getvalue()

    bucket.start()
    make_them(1)
    assert ordered.count() == 0
    assert re.search(r"files answers again, after \d+ s and 3 failures\n", said.getvalue())
    bucket.stop()
