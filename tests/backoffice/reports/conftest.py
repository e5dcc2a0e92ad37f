"""What the tests of this folder begin with."""

import pytest

from tests.backoffice.reports.recap_samples import file_many, file_several


@pytest.fixture
def several(snapshots, people, runtime, now):
    return snapshots.of(file_several, people, runtime, now)


@pytest.fixture
def many(snapshots, people, runtime, now):
    return snapshots.of(file_many, people, runtime, now)
