"""A request, and a customer whom no message about it reached."""

import pytest

from messages.gateways.gateway import BadAddress
from messages.sending import deliver_due
from models import CallTask
from tests.messages.carriers import Gateway, postman
from tests.people import file_request


@pytest.fixture
def filed(people, runtime, now):
    return file_request(runtime, people.customer, now=now)


@pytest.fixture
def call(filed, now):
    deliver_due(postman(Gateway(*[BadAddress("131026")] * 3)), now=now)
    return CallTask.get()
