"""The satisfaction index in exact arithmetic."""

from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest

from rules.skm import (
    ELEMENTS,
    PRINTED_WEIGHT,
    grade,
    hidden_groups,
    hidden_in_whole,
    ikm,
    ikm_from_totals,
    ikm_of_patterns,
    is_careless,
    is_whole_shown,
    krejcie_morgan,
    pattern_of,
    same_throughout,
    spread_of,
)

TOTALS = dict(zip(ELEMENTS, (105, 101, 100, 116, 102, 105, 106, 105, 115), strict=True))


def answers(score: int, **changes: int) -> dict[str, int]:
    return dict.fromkeys(ELEMENTS, score) | changes


def test_the_golden_vector():
    index = ikm_from_totals(TOTALS, 29)
    assert index is not None
    assert (index.count, index.value, index.grade, index.label) == (
        29, Decimal("91.48"), "A", "Sangat baik")  # fmt: skip
    assert (index.lowest, index.highest) == (("U3",), ("U4",))


@pytest.mark.parametrize(
    ("changes", "lowest", "highest", "weakest"),
    [
        ({}, "", "", ""),
        ({"U3": 2}, "U3", "U1 U2 U4 U5 U6 U7 U8 U9", "U3"),
        ({"U3": 2, "U5": 2}, "U3 U5", "U1 U2 U4 U6 U7 U8 U9", "U3 U5"),
        ({"U1": 4}, "U2 U3 U4 U5 U6 U7 U8 U9", "U1", "U2 U3 U4 U5 U6 U7 U8 U9"),
        # A tie at the third place is left out whole: two of its three would be chance.
        ({"U9": 1, "U8": 2, "U7": 2, "U6": 2}, "U9", "U1 U2 U3 U4 U5", "U9"),
        ({"U9": 1, "U8": 2, "U7": 2}, "U9", "U1 U2 U3 U4 U5 U6", "U9 U7 U8"),
    ],
)
def test_equal_elements_are_told_together(changes, lowest, highest, weakest):
    index = ikm([answers(3, **changes)])
    assert index is not None
    assert [" ".join(item) for item in (index.lowest, index.highest)] == [lowest, highest]
    assert " ".join(index.weakest) == weakest
    assert not set(index.weakest) & set(index.highest)


def test_the_best_and_the_worst_answers():
    best, worst = ikm([answers(4)]), ikm([answers(1)])
    assert best is not None and worst is not None
    assert (best.value, best.grade) == (Decimal("100.00"), "A")
    assert (worst.value, worst.grade) == (Decimal("25.00"), "D")


def test_no_answers_no_index():
    assert ikm([]) is None


def test_an_incomplete_or_impossible_answer_is_left_out():
    partial = answers(1)
    del partial["U9"]
    index = ikm([answers(4), partial, answers(4, U3=5), answers(4, U3=0)])
    assert index is not None
    assert (index.count, index.value) == (1, Decimal("100.00"))


@pytest.mark.parametrize(
    ("value", "letter"),
    [
        ("100.00", "A"), ("88.31", "A"), ("88.30", "B"), ("76.61", "B"),
        ("76.60", "C"), ("65.00", "C"), ("64.99", "D"), ("25.00", "D"),
    ],
)  # fmt: skip
def test_grades_at_their_bounds(value, letter):
    assert grade(Decimal(value))[0] == letter


def test_a_value_on_the_bound_is_not_lost_to_binary_fractions():
    # 35324 tenths of a thousand is a mean of 3.5324, converted 88.31; floats give 88.3099….
    index = ikm_from_totals(dict.fromkeys(ELEMENTS, 35324), 10_000)
    assert index is not None
    assert (index.value, index.grade) == (Decimal("88.31"), "A")


def test_the_grade_is_read_after_rounding():
    index = ikm_from_totals(dict.fromkeys(ELEMENTS, 353_220), 100_000)  # 88.305 exactly
    assert index is not None
    assert (index.value, index.grade) == (Decimal("88.31"), "A")


def test_the_rounded_weight_of_old_sheets_can_be_had():
    index = ikm([answers(4)], Fraction(11, 100))
    assert index is not None
    assert index.value == Decimal("99.00")


@pytest.mark.parametrize(
    ("population", "sample"),
    [(10, 10), (20, 19), (30, 28), (50, 44), (100, 80), (120, 92), (150, 108), (200, 132),
     (250, 152), (300, 169), (500, 217), (1000, 278), (2000, 322), (5000, 357), (0, 0)],
)  # fmt: skip
def test_sample_sizes_of_the_published_table(population, sample):
    assert krejcie_morgan(population) == sample


def test_each_element_has_its_mean_to_four_decimals():
    index = ikm_from_totals(TOTALS, 29)
    assert index is not None
    assert (index.nrr["U1"], index.nrr["U3"]) == (Decimal("3.6207"), Decimal("3.4483"))
    assert index.elements["U1"] == Decimal("90.52")


def test_the_lowest_answers_with_the_rounded_weight_still_have_a_grade():
    index = ikm([dict.fromkeys(ELEMENTS, 1)], Fraction(11, 100))
    assert index is not None
    assert (index.value, index.grade) == (Decimal("24.75"), "D")


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ({"a": 9, "b": 5}, set()),
        ({"a": 9, "b": 0}, set()),
        ({"a": 9, "b": 6, "c": 3}, {"b", "c"}),
        ({"a": 9, "b": 3, "c": 3}, {"b", "c"}),
        ({"a": 9, "b": 2, "c": 2}, {"a", "b", "c"}),
        ({"a": 2}, {"a"}),
        # Nobody is no second group to hide behind.
        ({"a": 9, "b": 6, "c": 5, "d": 4, "e": 0}, {"d", "c"}),
    ],
)
def test_what_is_hidden_cannot_be_had_by_subtraction(counts, hidden):
    assert hidden_groups(counts) == hidden


def test_patterns_give_the_same_index_as_answers():
    given = [answers(4), answers(4), answers(3, U3=1)]
    patterns = {"444444444": 2, "331333333": 1}
    assert [pattern_of(item) for item in given] == ["444444444", "444444444", "331333333"]
    assert ikm_of_patterns(patterns) == ikm(given)
    assert spread_of(patterns)["U3"] == (1, 0, 0, 2)
    assert same_throughout(patterns) == 2
    assert pattern_of(answers(4, U9=5)) == ""


def test_uniform_answers_are_careless_from_half_of_five_on():
    assert is_careless(5, 10)
    assert not is_careless(4, 10)
    assert not is_careless(4, 4)


def test_the_printed_weight_gives_what_old_sheets_show():
    index = ikm_from_totals(TOTALS, 29, PRINTED_WEIGHT)
    assert index is not None
    # Σ of all scores 955; 955 / 29 × 0,11 × 25
    assert index.value == Decimal("90.56")


def test_every_index_lies_in_one_band():
    """No hundredth between two bands is without a grade or in the wrong one."""
    letters = [grade(Decimal(hundredths) / 100)[0] for hundredths in range(2500, 10_001)]
    assert letters == ["D"] * 4000 + ["C"] * 1161 + ["B"] * 1170 + ["A"] * 1170


@pytest.mark.parametrize(
    ("parts", "shown"),
    [((40, 9), True), ((40, 3), False), ((3, 40), False), ((3, 4), True), ((1, 3), False),
     ((0, 9), True), ((0, 3), False), ((0, 0), False)],
)  # fmt: skip
def test_a_year_is_shown_where_it_gives_no_semester_away(parts, shown):
    assert is_whole_shown(parts) is shown


def test_a_year_shows_no_groups_beside_a_semester_that_hides_some():
    first, second = {"data": 10, "lab": 6}, {"data": 10, "lab": 3}
    year = {"data": 20, "lab": 9}
    assert hidden_in_whole(year, [first, second]) == {"data", "lab"}
    assert hidden_in_whole(year, [first, {"data": 10, "lab": 5}]) == frozenset()
    # One semester alone is the year, and says of it what it says of itself.
    assert hidden_in_whole(second | {"advis": 7}, [second | {"advis": 7}]) == {"lab", "advis"}


def test_of_equal_groups_the_same_one_goes_however_they_come():
    assert hidden_groups({"a": 6, "b": 6, "c": 3}) == hidden_groups({"c": 3, "b": 6, "a": 6})


SERVICES = ("data", "lab", "advis")


def told(semesters):
    """What is shown of three services in two semesters and their year, as sets of cells.

    A cell is (service, semester); each set is one sum that a reader can read.
    """
    year = {code: semesters[0][code] + semesters[1][code] for code in SERVICES}
    sums = [{(c, n)} for n in (0, 1) for c in SERVICES if semesters[n][c] == 0]
    shown = [n for n in (0, 1) if is_whole_shown([sum(semesters[n].values())])]
    for n in shown:
        sums.append({(c, n) for c in SERVICES})
        sums += [{(c, n)} for c in SERVICES if c not in hidden_groups(semesters[n])]
    if is_whole_shown(sum(half.values()) for half in semesters):
        sums.append({(c, n) for c in SERVICES for n in (0, 1)})
        hidden = hidden_in_whole(year, [semesters[n] for n in shown])
        sums += [{(c, 0), (c, 1)} for c in SERVICES if c not in hidden]
    return sums


def rank(rows):
    """The rank of a matrix of fractions, by elimination."""
    rows, found = [list(map(Fraction, row)) for row in rows], 0
    for column in range(6):
        pivot = next((r for r in range(found, len(rows)) if rows[r][column]), None)
        if pivot is None:
            continue
        rows[found], rows[pivot] = rows[pivot], rows[found]
        for r in range(found + 1, len(rows)):
            part = rows[r][column] / rows[found][column]
            rows[r] = [a - part * b for a, b in zip(rows[r], rows[found], strict=True)]
        found += 1
    return found


def test_nobody_can_subtract_their_way_to_a_small_group():
    """Whatever sums and differences of shown figures a reader takes, five people are in them."""
    cells = [(code, n) for n in (0, 1) for code in SERVICES]
    chance = Random(2017)
    for _ in range(400):
        semesters = [{c: chance.choice((0, 1, 2, 3, 4, 5, 6, 9, 20)) for c in SERVICES}
                     for _ in (0, 1)]  # fmt: skip
        rows = [[int(cell in shown) for cell in cells] for shown in told(semesters)]
        known = rank(rows)
        for choice in range(1, 64):
            wanted = [choice >> place & 1 for place in range(6)]
            people = sum(semesters[n][c] for (c, n), w in zip(cells, wanted, strict=True) if w)
            if 0 < people < 5:
                assert rank([*rows, wanted]) > known, (semesters, wanted)
