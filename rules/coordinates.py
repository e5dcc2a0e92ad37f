"""Coordinates as maps, phones and people give them: degrees, minutes, hemispheres, links."""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote_plus

from rules.text import APOSTROPHES, HYPHENS, QUOTES, one_line

LATITUDE, LONGITUDE = 90, 180
EXAMPLE = "Isi lintang dan bujur, misalnya -8.12345, 114.56789."
OUT_OF_RANGE = "Lintang paling besar 90 dan bujur paling besar 180 derajat."
TURNED_ROUND = f"{OUT_OF_RANGE} Tampaknya terbalik: tulis lintang dahulu, lalu bujur."
SIXTY = "Menit dan detik harus di bawah 60."
METRES = (
    "Ini tampaknya koordinat UTM dalam meter. Ubah menjadi derajat, misalnya -8.12345, 114.56789."
)
UNCLEAR_DASH = f"Tanda “-” di antara keduanya dapat dibaca sebagai minus. {EXAMPLE}"
SHORT_LINK = (
    "Tautan ini tidak memuat koordinat. Buka di peta, lalu salin angkanya, "
    "misalnya -8.12345, 114.56789."
)

SIGNS = str.maketrans(
    dict.fromkeys("º˚∘⁰", "°")
    | dict.fromkeys(APOSTROPHES, "'")
    | dict.fromkeys(QUOTES, '"')
    | dict.fromkeys(HYPHENS, "-")
    | dict.fromkeys("()[]{}<>（）［］📍📌🗺🧭", " ")
    | {"，": ",", "、": ",", "；": ";", "：": ":", "．": ".", "＋": "+"}
    | {0xFF10 + digit: str(digit) for digit in range(10)}
)
ALONE = r"(?<![a-z])"
# Words for signs and hemispheres; those that only say what comes next mean nothing.
WORDS = tuple(
    (re.compile(rf"(?i){words}"), sign)
    for words, sign in (
        (r"''", '"'),
        (rf"(lintang\s*)?{ALONE}(selatan|south|ls)(?![a-z])", " S "),
        (rf"(lintang\s*)?{ALONE}(utara|north|lu)(?![a-z])", " N "),
        (rf"(bujur\s*)?{ALONE}(timur|east|bt)(?![a-z])", " E "),
        (rf"(bujur\s*)?{ALONE}(barat|west|bb)(?![a-z])", " W "),
        (r"(?<=\d)\s*(derajat|degrees?|deg|d)(?![a-z])", "°"),
        (r"(?<=\d)\s*(menit|minutes?|min|m)(?![a-z])", "'"),
        (r"(?<=\d)\s*(detik|seconds?|sec)(?![a-z])", '"'),
        (r"\b(koordinat|lokasi|posisi|titik|coordinates?|gps|latlng|wgs\s*84)\b[\s:=]*", " "),
        (r"\b(latitude|longitude|lintang|bujur|lat|long|lng|lon)\b[.\s:=]*", " "),
        (r"\b(dan|and)\b|[&|/]", ";"),
        # `13s S`: the first is that of the seconds.
        (r"('\s*\d+(?:[.,]\d+)?)\s*s(?=\s*[nsewutb](?![a-z]))", r'\1"'),
    )
)
# What could be a minus as well as a dash between the two.
DASH = re.compile(r"(?<=\d)-(?=\d)|(?<=[\d°'\"NSEWUTB])\s*-\s+(?=[\dNSEWUTB])", re.I)
# U, T and B are utara, timur and barat.
HEMISPHERES = {"S": "lat", "N": "lat", "U": "lat", "E": "lon", "T": "lon", "W": "lon", "B": "lon"}
TOKEN = re.compile(r"""\s*(?:(\d+(?:\.\d+)?)|([NSEWUTB])(?![A-Za-z])[.]?|([-+°'":;]))\s*""", re.I)
WORD = re.compile(r"[^\W\d_]+|\S")
LINK = re.compile(r"(?i)https?://|\bgeo:|\bwww\.|\bmaps\.|\bgoo\.gl/|\bwaze\.com")
DEGREES = r"(-?\d{1,3}(?:\.\d+)?)"
# The place that a link means comes before the middle of the map that it shows.
IN_LINKS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"!3d{DEGREES}!4d{DEGREES}",
        rf"[?&](?:q|query|ll|destination|daddr|sll|center)=(?:loc:)?{DEGREES},\s*{DEGREES}",
        rf"[?&]m?lat=\s*{DEGREES}&m?(?:lon|lng|long)=\s*{DEGREES}",
        rf"geo:{DEGREES},{DEGREES}",
        rf"/(?:place|search|dir)/{DEGREES},\s*{DEGREES}",
        rf"@{DEGREES},{DEGREES}",
        rf"#map=[\d.]+/{DEGREES}/{DEGREES}",
    )
)


class BadCoordinates(ValueError):
    """Not a place; the text is a sentence for whoever typed it."""


@dataclass
class _Angle:
    """One of the two, while it is read: degrees, minutes and seconds as far as given."""

    hemisphere: str = ""
    is_negative: bool = False
    parts: list[str] = field(default_factory=list)
    is_closed: bool = False

    def degrees(self) -> float:
        whole, *rest = map(float, self.parts)
        if any(part >= 60 for part in rest):
            raise BadCoordinates(SIXTY)
        value = whole + sum(part / 60**place for place, part in enumerate(rest, start=1))
        if self.is_negative and self.hemisphere in ("N", "U", "E", "T"):
            raise BadCoordinates(f"Tanda “-” dan “{self.hemisphere}” bertentangan. {EXAMPLE}")
        return -value if self.is_negative or self.hemisphere in ("S", "W", "B") else value


def parse_coordinates(text: str) -> tuple[float, float]:
    """(latitude, longitude) in degrees, WGS 84. Raises BadCoordinates."""
    text = one_line(text)
    if LINK.search(text):
        return _of_link(text)
    plain = _plain(text)
    if re.search(r"(?<![\d.])\d{5}", plain):
        raise BadCoordinates(METRES)
    angles = _angles(plain)
    if len(angles) == 1 and len(angles[0].parts) in (2, 4, 6) and not angles[0].hemisphere:
        angles = _halves(angles[0])
    if len(angles) != 2 or any(not 1 <= len(angle.parts) <= 3 for angle in angles):
        raise BadCoordinates(EXAMPLE)
    kinds = [HEMISPHERES.get(angle.hemisphere, "") for angle in angles]
    if kinds[0] and kinds[0] == kinds[1]:
        raise BadCoordinates(EXAMPLE)
    if kinds[0] == "lon" or kinds[1] == "lat":
        angles.reverse()
    return _in_range(angles[0].degrees(), angles[1].degrees())


def _in_range(latitude: float, longitude: float) -> tuple[float, float]:
    if abs(latitude) > LATITUDE or abs(longitude) > LONGITUDE:
        is_turned = abs(latitude) <= LONGITUDE and abs(longitude) <= LATITUDE
        raise BadCoordinates(TURNED_ROUND if is_turned else OUT_OF_RANGE)
    return latitude, longitude


def _of_link(text: str) -> tuple[float, float]:
    plain = unquote_plus(text).translate(SIGNS)
    for pattern in IN_LINKS:
        if found := pattern.search(plain):
            return _in_range(float(found[1]), float(found[2]))
    raise BadCoordinates(SHORT_LINK)


def _plain(text: str) -> str:
    """The text in few signs: `.` in numbers, `;` between them, hemispheres as one letter."""
    text = text.translate(SIGNS)
    for words, sign in WORDS:
        text = words.sub(sign, text)
    if DASH.search(text):
        if not re.search(r"(?<![A-Z])[NSEWUTB](?![A-Z])", text, re.I):
            raise BadCoordinates(UNCLEAR_DASH)
        text = DASH.sub(" ; ", text)
    text = text.strip(" .,;:")
    if re.search(r"\d\.\d", text):
        return text.replace(",", ";")
    tight = [found.start() for found in re.finditer(r"(?<=\d),(?=\d)", text)]
    # `-8,114` are two numbers, `-8,12345,114,56789` as well: the comma in the middle parts them.
    is_all = re.fullmatch(r"[-+\d,]+", text)
    if is_all and len(tight) in (1, 3):
        middle = tight[len(tight) // 2]
        text = f"{text[:middle]};{text[middle + 1 :]}"
    return re.sub(r"(?<=\d),(?=\d)", ".", text).replace(",", ";")


def _angles(text: str) -> list[_Angle]:
    """The angles that stand in a text; raises BadCoordinates, which names what isn't one."""
    found, at = [_Angle()], 0
    is_before = bool(re.match(r"\s*[NSEWUTB](?![A-Z])", text, re.I))
    while at < len(text):
        token = TOKEN.match(text, at)
        if token is None:
            unknown = WORD.search(text, at)
            words = unknown[0] if unknown else text[at:]
            raise BadCoordinates(f"“{words[:40]}” tidak dimengerti di sini. {EXAMPLE}")
        number, letter, sign = token.groups()
        if number:
            _take_number(found, number)
        elif letter:
            _take_hemisphere(found, letter.upper(), is_before=is_before)
        else:
            _take_sign(found, sign)
        at = token.end()
    return [angle for angle in found if angle.parts or angle.hemisphere or angle.is_negative]


def _take_number(found: list[_Angle], number: str) -> None:
    """Only the last part of an angle has a fraction."""
    if found[-1].is_closed:
        found.append(_Angle())
    found[-1].parts.append(number)
    found[-1].is_closed = "." in number


def _take_hemisphere(found: list[_Angle], letter: str, *, is_before: bool) -> None:
    last = found[-1]
    if is_before and (last.parts or last.hemisphere):
        found.append(_Angle(hemisphere=letter))
    elif last.hemisphere:
        raise BadCoordinates(EXAMPLE)
    else:
        last.hemisphere, last.is_closed = letter, not is_before


def _take_sign(found: list[_Angle], sign: str) -> None:
    last = found[-1]
    if sign in "-+":
        if last.parts:
            found.append(_Angle())
        found[-1].is_negative = sign == "-"
    elif sign == "°" and len(last.parts) > 1:
        # The degrees of the next angle, which nothing parted from the minutes of this one.
        degrees = last.parts.pop()
        found.append(_Angle(parts=[degrees]))
        found[-1].is_closed = "." in degrees
    elif sign in '";' and last.parts:
        last.is_closed = True
    elif sign == "'" and not last.parts:
        raise BadCoordinates(EXAMPLE)


def _halves(angle: _Angle) -> list[_Angle]:
    """Numbers without anything between them but spaces: half of them are the latitude."""
    middle = len(angle.parts) // 2
    return [_Angle("", angle.is_negative, angle.parts[:middle]), _Angle(parts=angle.parts[middle:])]
