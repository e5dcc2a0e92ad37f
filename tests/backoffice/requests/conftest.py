"""Requests in a queue, and the hour at which its pages are opened."""

from datetime import timedelta

import pytest

from models import Request
from tests.people import file_request


@pytest.fixture
def clock(clock):
    """It is an hour after the manual's example."""
    clock.forward(hours=1)
    return clock


@pytest.fixture
def filed(people, runtime, now):
    """Make requests: `filed(3)` gives three of the data service, a minute apart."""

    def make(count: int, **kwargs) -> list[Request]:
        first = Request.select().count()
        return [
            file_request(runtime, people.customer, now=now + timedelta(minutes=first + index),
                         key=f"F{first + index}",
                         subject=kwargs.pop("subject", None) or f"Perihal {first + index:03d}",
                         **kwargs)
            for index in range(count)
        ]  # fmt: skip

    return make
