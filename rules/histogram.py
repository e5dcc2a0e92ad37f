"""Durations counted in tenths of working days: small enough to keep, exact enough to tell.

A histogram maps the tenth, as text since JSON has no other keys, to how many times it was seen.
"""

from collections.abc import Iterable, Mapping
from math import ceil

Histogram = Mapping[str, int]
TENTHS = 10


def counted(histogram: dict[str, int], days: float) -> None:
    """Count one duration."""
    key = str(max(0, round(days * TENTHS)))
    histogram[key] = histogram.get(key, 0) + 1


def merged(histograms: Iterable[Histogram]) -> dict[str, int]:
    found: dict[str, int] = {}
    for histogram in histograms:
        for key, count in histogram.items():
            found[key] = found.get(key, 0) + count
    return found


def size(histogram: Histogram) -> int:
    return sum(histogram.values())


def total_days(histogram: Histogram) -> float:
    return sum(int(key) * count for key, count in histogram.items()) / TENTHS


def percentile(histogram: Histogram, share: float) -> float | None:
    """The smallest duration that at least `share` (0…1) of all don't exceed (nearest rank)."""
    rank = max(1, ceil(share * size(histogram) - 1e-9))
    seen = 0
    for tenth in sorted(map(int, histogram)):
        seen += histogram[str(tenth)]
        if seen >= rank:
            return tenth / TENTHS
    return None


def longer_than(histogram: Histogram, days: float) -> dict[str, int]:
    """Only the durations that were longer: what can still happen to one that has lasted so long."""
    return {key: count for key, count in histogram.items() if int(key) > days * TENTHS}
