"""Moments and requests that papers are made of."""

from datetime import timedelta

import pytest


@pytest.fixture
def minutes(now):
    return lambda count: now + timedelta(minutes=count)
