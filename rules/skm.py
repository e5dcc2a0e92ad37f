"""The public satisfaction index (SKM/IKM) of PermenPANRB 14/2017, in exact arithmetic."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

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

    `nrr` is each element's mean itself, to four decimals.
    """

    count: int
    value: Decimal
    grade: str
    label: str
    elements: Mapping[str, Decimal]
    nrr: Mapping[str, Decimal]

    @property
    def lowest(self) -> str:
        return min(self.elements, key=lambda code: self.elements[code])


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
    index = sum((Fraction(totals[code], count) * weight for code in ELEMENTS), Fraction(0)) * 25
    value = _rounded(index)
    letter, label = grade(value)
    means = {code: Fraction(totals[code], count) for code in ELEMENTS}
    elements = {code: _rounded(mean * 25) for code, mean in means.items()}
    nrr = {code: _rounded(mean, 4) for code, mean in means.items()}
    return Ikm(count, value, letter, label, elements, nrr)


def _rounded(exact: Fraction, places: int = 2) -> Decimal:
    value = Decimal(exact.numerator) / Decimal(exact.denominator)
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def krejcie_morgan(population: int) -> int:
    """The sample that is needed for a population (λ² 3.841, P = Q = 0.5, d = 0.05)."""
    chi = Fraction(3841, 1000) / 4
    exact = chi * population / (Fraction(25, 10_000) * (population - 1) + chi)
    return int(exact + Fraction(1, 2))
