"""Durations in tenths of days: percentiles by nearest rank, merging, and what is left."""

import random
from math import ceil

import pytest

from rules.histogram import counted, longer_than, merged, percentile, size, total_days


def histogram(*days: float) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in days:
        counted(found, one)
    return found


def test_counts_in_tenths():
    found = histogram(0, 0.04, 0.1, 2.5, 2.5)
    assert found == {"0": 2, "1": 1, "25": 2}
    assert size(found) == 5
    assert total_days(found) == pytest.approx(5.1)


@pytest.mark.parametrize(
    ("days", "share", "expected"),
    [((), 0.5, None), ((3.0,), 0.9, 3.0), ((1.0, 2.0, 3.0, 4.0), 0.5, 2.0),
     ((1.0, 2.0, 3.0, 4.0), 0.8, 4.0), (tuple(range(1, 11)), 0.9, 9.0),
     ((5.0, 0.0), 0.5, 0.0)],
)  # fmt: skip
def test_percentile_by_nearest_rank(days, share, expected):
    assert percentile(histogram(*days), share) == expected


def test_percentile_equals_sorting_the_days():
    dice = random.Random(7)
    for _ in range(50):
        days = [round(dice.uniform(0, 30), 1) for _ in range(dice.randint(1, 60))]
        for share in (0.5, 0.8, 0.9):
            expected = sorted(days)[max(1, ceil(share * len(days) - 1e-9)) - 1]
            assert percentile(histogram(*days), share) == pytest.approx(expected)


def test_merged_and_longer():
    both = merged([histogram(1, 2), histogram(2, 9)])
    assert both == {"10": 1, "20": 2, "90": 1}
    assert longer_than(both, 2.0) == {"90": 1}
    assert longer_than(both, 1.9) == {"20": 2, "90": 1}
