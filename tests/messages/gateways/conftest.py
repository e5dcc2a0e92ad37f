"""A gateway that answers as it is told."""

import pytest

from tests.gateway import Stub


@pytest.fixture
def stub():
    opened = Stub()
    yield opened
    opened.close()
