"""Tasks as they come back from the queue: also those that wait for their moment."""

from datetime import UTC, datetime, timedelta

import pytest
from huey import Huey
from huey.storage import SqliteStorage

from config.background import JsonSerializer


@pytest.fixture
def queue(tmp_path):
    """A queue in a file, as one process leaves it for another, with what its tasks did."""
    found = Huey("uji", serializer=JsonSerializer(), results=False,
                 storage_class=SqliteStorage, filename=str(tmp_path / "queue.db"))  # fmt: skip
    done: list[tuple] = []

    @found.task(retries=1)
    def note(*given, **named):
        done.append((given, named))

    return found, note, done


def run_due(queue: Huey, at: datetime) -> None:
    """What a consumer does in one round, as its worker and its scheduler."""
    for task in queue.read_schedule(at):
        queue.enqueue(task)
    while (task := queue.dequeue()) is not None:
        queue.execute(task, at)


@pytest.mark.parametrize("way", ["delay", "eta", "aware"])
def test_a_task_waits_for_its_moment_and_is_run_then(queue, way):
    huey, note, done = queue
    now = datetime.now(UTC).replace(tzinfo=None)
    later = now + timedelta(seconds=10)
    when = {"delay": 10} if way == "delay" else {"eta": later}
    if way == "aware":
        when = {"eta": later.replace(tzinfo=UTC)}
    note.schedule(args=("a",), kwargs={"b": 1}, **when)
    run_due(huey, now)
    assert done == [] and huey.scheduled_count() == 1
    run_due(huey, now + timedelta(seconds=12))
    assert done == [(("a",), {"b": 1})]
    run_due(huey, now + timedelta(seconds=30))
    assert len(done) == 1 and len(huey) == 0


def test_a_task_that_is_too_late_is_not_run(queue):
    huey, note, done = queue
    now = datetime.now(UTC).replace(tzinfo=None)
    note.schedule(args=("late",), delay=1, expires=5)
    run_due(huey, now)
    run_due(huey, now + timedelta(minutes=1))
    note("at once")
    run_due(huey, now + timedelta(minutes=1))
    assert [given for given, _ in done] == [("at once",)]
