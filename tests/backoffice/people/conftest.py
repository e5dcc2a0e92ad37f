"""Moments and requests that mandates are given for."""

from datetime import UTC, datetime

import pytest


@pytest.fixture
def at() -> datetime:
    """The pages ask the clock themselves."""
    return datetime.now(UTC)
