"""Requests are worked at one by one, but none keeps the others waiting."""

import threading

import pytest

from web.serving.server import Relay

LONG = 20


class Task:
    """What waitress hands over, as far as its dispatcher knows it."""

    def __init__(self, work):
        self.work, self.done = work, threading.Event()

    def service(self):
        try:
            self.work()
        finally:
            self.done.set()

    def cancel(self):
        pass


@pytest.fixture
def patience():
    return 0.05


@pytest.fixture
def relay(patience):
    made = Relay(patience=patience)
    made.set_thread_count(4)
    yield made
    made.shutdown(timeout=5)
    assert not made.threads


def run(relay, *works) -> list[Task]:
    tasks = [Task(work) for work in works]
    for task in tasks:
        relay.add_task(task)
    return tasks


@pytest.mark.parametrize("patience", [LONG])
def test_short_requests_come_one_after_the_other(relay):
    running, most, order = [], [], []

    def work(number: int):
        running.append(number)
        most.append(len(running))
        sum(range(10_000))
        running.remove(number)
        order.append(number)

    tasks = run(relay, *(lambda number=number: work(number) for number in range(50)))
    assert all(task.done.wait(LONG) for task in tasks)
    assert order == list(range(50))
    assert set(most) == {1}


def test_one_that_hangs_holds_up_nobody_for_long(relay):
    freed, begun = threading.Event(), threading.Event()

    def hang():
        begun.set()
        assert freed.wait(LONG)

    [held] = run(relay, hang)
    assert begun.wait(LONG)
    # As many as there are threads left, and more: two of them hang too.
    first = run(relay, hang, hang, *[lambda: None] * 5)
    assert all(task.done.wait(LONG) for task in first[2:])
    assert not held.done.is_set() and not first[0].done.is_set()
    freed.set()
    assert all(task.done.wait(LONG) for task in [held, *first])


def test_one_that_breaks_takes_no_thread_along(relay, caplog):
    def broken():
        raise SystemExit("broken")

    tasks = run(relay, *[broken] * 8, lambda: None)
    assert all(task.done.wait(LONG) for task in tasks)
    assert len(relay.threads) == 4
    assert caplog.text.count("broke its thread") == 8


def test_it_ends_with_a_request_at_work_and_others_waiting(relay):
    freed, cancelled = threading.Event(), []
    [held] = run(relay, lambda: freed.wait(LONG))
    freed.set()
    assert held.done.wait(LONG)
    waiting = Task(lambda: None)
    waiting.cancel = lambda: cancelled.append(waiting)
    relay.set_thread_count(0)
    relay.add_task(waiting)
    relay.shutdown(timeout=5)
    assert waiting.done.is_set() or cancelled == [waiting]
