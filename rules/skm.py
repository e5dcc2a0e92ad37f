"""The public satisfaction index (SKM/IKM) of PermenPANRB 14/2017, in exact arithmetic."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)
ELEMENTS = {
    "U1": "Persyaratan",
    "U2": "Sistem, Mekanisme, dan Prosedur",
    "U3": "Waktu Penyelesaian",
    "U4": "Biaya/Tarif",
    "U5": "Produk Spesifikasi Jenis Pelayanan",
    "U6": "Kompetensi Pelaksana",
    "U7": "Perilaku Pelaksana",
    "U8": "Penanganan Pengaduan, Saran dan Masukan",
    "U9": "Sarana dan Prasarana",
}
EXACT_WEIGHT = Fraction(1, 9)
# The weight that the regulation prints and old sheets calculate with; for comparison only.
PRINTED_WEIGHT = Fraction(11, 100)
# Figures about fewer people than this would tell about persons.
SMALLEST_GROUP = 5
# Elements named as those to care for first, unless more share the lowest value.
MOST_WEAKEST = 3
# From this share on, the same score on all nine elements deserves a warning: it may be content,
# it may be haste. The seconds it took aren't known, since answers hold no moment.
CARELESS_SHARE = Fraction(1, 2)
# Lower bounds of the converted index, table of the regulation's annex.
GRADES = (
    (Decimal("88.31"), "A", "Sangat baik"),
    (Decimal("76.61"), "B", "Baik"),
    (Decimal("65.00"), "C", "Kurang baik"),
    # The table begins at 25.00; a weight of 0.11 reaches down to 24.75.
    (Decimal(0), "D", "Tidak baik"),
)


@dataclass(frozen=True)
class Ikm:
    """The index of a set of answers: `value` 25–100, `elements` each element's NRR × 25.

    `nrr` is each element's mean itself, `weighted` the mean times the weight, `mean` the sum of
    these (1–4): four decimals, for showing; nothing is calculated from them.
    """

    count: int
    value: Decimal
    grade: str
    label: str
    elements: Mapping[str, Decimal]
    nrr: Mapping[str, Decimal]
    totals: Mapping[str, int]
    weighted: Mapping[str, Decimal]
    mean: Decimal

    @property
    def is_level(self) -> bool:
        """Whether all elements have the same value, so that none is the lowest or the highest."""
        return len(set(self.totals.values())) == 1

    @property
    def lowest(self) -> tuple[str, ...]:
        """All elements that share the lowest value; none where all are equal."""
        return () if self.is_level else self._with(min(self.totals.values()))

    @property
    def highest(self) -> tuple[str, ...]:
        """All elements that share the highest value; none where all are equal."""
        return () if self.is_level else self._with(max(self.totals.values()))

    @property
    def weakest(self) -> tuple[str, ...]:
        """The elements to care for first: the lowest, and next ones while there are at most three.

        Equal elements stay together: a tie that doesn't fit is left out whole, the lowest never.
        None of them is among the highest.
        """
        found: tuple[str, ...] = ()
        for total in sorted(set(self.totals.values()))[:-1]:
            equals = self._with(total)
            if found and len(found) + len(equals) > MOST_WEAKEST:
                break
            found += equals
        return found

    def _with(self, total: int) -> tuple[str, ...]:
        return tuple(code for code in ELEMENTS if self.totals[code] == total)

    def grade_of(self, element: str) -> tuple[str, str]:
        return grade(self.elements[element])


def grade(value: Decimal) -> tuple[str, str]:
    """Letter and words of a converted index already rounded to two decimals."""
    for bound, letter, label in GRADES:
        if value >= bound:
            return letter, label
    raise ValueError(f"an index is never negative: {value}")


def ikm(answers: Iterable[Mapping[str, int]], weight: Fraction = EXACT_WEIGHT) -> Ikm | None:
    """The index over complete answers (element code -> 1…4); None when there is none."""
    totals, count = dict.fromkeys(ELEMENTS, 0), 0
    for answer in answers:
        if not all(1 <= answer.get(code, 0) <= 4 for code in ELEMENTS):
            continue
        count += 1
        for code in ELEMENTS:
            totals[code] += answer[code]
    return ikm_from_totals(totals, count, weight)


def ikm_from_totals(
    totals: Mapping[str, int], count: int, weight: Fraction = EXACT_WEIGHT
) -> Ikm | None:
    """The index from the sum of each element's values over `count` complete answers.

    Nothing is rounded before the end, and the grade is read off the rounded index: binary
    fractions put a value of exactly 88.31 into the wrong band.
    """
    if count == 0:
        return None
    means = {code: Fraction(totals[code], count) for code in ELEMENTS}
    index = sum(means.values(), Fraction(0)) * weight
    value = _rounded(index * 25)
    letter, label = grade(value)
    return Ikm(
        count=count,
        value=value,
        grade=letter,
        label=label,
        elements={code: _rounded(mean * 25) for code, mean in means.items()},
        nrr={code: _rounded(mean, 4) for code, mean in means.items()},
        totals={code: totals[code] for code in ELEMENTS},
        weighted={code: _rounded(mean * weight, 4) for code, mean in means.items()},
        mean=_rounded(index, 4),
    )


def _rounded(exact: Fraction, places: int = 2) -> Decimal:
    value = Decimal(exact.numerator) / Decimal(exact.denominator)
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def krejcie_morgan(population: int) -> int:
    """The sample that is needed for a population (λ² 3.841, P = Q = 0.5, d = 0.05)."""
    chi = Fraction(3841, 1000) / 4
    exact = chi * population / (Fraction(25, 10_000) * (population - 1) + chi)
    return int(exact + Fraction(1, 2))


# -- patterns: the nine scores of an answer in the order of the elements, "443434444" ------------


def pattern_of(scores: Mapping[str, int]) -> str:
    """The pattern of complete answers; empty for others, which don't count."""
    if not all(1 <= scores.get(code, 0) <= 4 for code in ELEMENTS):
        return ""
    return "".join(str(scores[code]) for code in ELEMENTS)


def totals_of(patterns: Mapping[str, int]) -> tuple[dict[str, int], int]:
    """(sum of each element's scores, number of answers) of pattern -> how often it was given."""
    totals = dict.fromkeys(ELEMENTS, 0)
    for pattern, times in patterns.items():
        for code, score in zip(ELEMENTS, pattern, strict=True):
            totals[code] += int(score) * times
    return totals, sum(patterns.values())


def ikm_of_patterns(patterns: Mapping[str, int], weight: Fraction = EXACT_WEIGHT) -> Ikm | None:
    return ikm_from_totals(*totals_of(patterns), weight)


def spread_of(patterns: Mapping[str, int]) -> dict[str, tuple[int, int, int, int]]:
    """Element -> how many gave 1, 2, 3 and 4."""
    counts = {code: [0, 0, 0, 0] for code in ELEMENTS}
    for pattern, times in patterns.items():
        for code, score in zip(ELEMENTS, pattern, strict=True):
            counts[code][int(score) - 1] += times
    return {code: (row[0], row[1], row[2], row[3]) for code, row in counts.items()}


def same_throughout(patterns: Mapping[str, int]) -> int:
    """How many answers have one score on all nine elements."""
    return sum(times for pattern, times in patterns.items() if len(set(pattern)) == 1)


def is_careless(same: int, count: int) -> bool:
    """Whether so many uniform answers ask for a second look."""
    return count >= SMALLEST_GROUP and Fraction(same, count) >= CARELESS_SHARE


def is_small(count: int) -> bool:
    """Whether these are people, but too few to be told about."""
    return 0 < count < SMALLEST_GROUP


def hidden_groups(counts: Mapping[Key, int]) -> frozenset[Key]:
    """The groups that may not be shown beside the total of all.

    A group of fewer than five is hidden; and since what is hidden can be had by subtraction, the
    next smallest are hidden too until at least two groups and five people are.
    """
    # Of equal groups always the same one goes: two views that differ would tell about both.
    given = sorted((key for key in counts if counts[key] > 0), key=lambda k: (counts[k], str(k)))
    hidden = [key for key in given if counts[key] < SMALLEST_GROUP]
    if not hidden:
        return frozenset()
    for key in given[len(hidden) :]:
        if len(hidden) > 1 and sum(counts[found] for found in hidden) >= SMALLEST_GROUP:
            break
        hidden.append(key)
    return frozenset(hidden)


# -- a whole beside its parts: the year beside its semesters, days beside the periods they cut -----


def is_whole_shown(parts: Iterable[int]) -> bool:
    """Whether figures of a whole may stand beside those of its parts, given their sizes.

    A single part of one to four people is hidden, and the whole would give it away by
    subtraction. Two of them keep each other's secret.
    """
    sizes = list(parts)
    return sum(sizes) >= SMALLEST_GROUP and sum(map(is_small, sizes)) != 1


def hidden_in_whole(
    counts: Mapping[Key, int], shown_parts: Iterable[Mapping[Key, int]]
) -> frozenset[Key]:
    """The groups of a whole that may not be shown beside the same groups of its shown parts.

    As soon as a part hides a group, the whole shows none of them: which group gives which away
    depends on both tables at once, and a reader has both. A single shown part is the whole.
    """
    parts = list(shown_parts)
    if len(parts) > 1 and any(hidden_groups(part) for part in parts):
        return frozenset(key for key in counts if counts[key] > 0)
    return hidden_groups(counts)
