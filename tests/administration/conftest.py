"""A folder of service files, and a process that looks at it later."""

import pytest


@pytest.fixture
def later(now):
    """After everything that was published at the start of the tests."""
    return now.replace(year=2100)
