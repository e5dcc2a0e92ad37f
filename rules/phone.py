"""Mobile numbers: kept as E.164, shown as people here write them."""

import re
import unicodedata

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from rules.text import HYPHENS, one_line

MOBILE_TYPES = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
# What people write around a number, and the links that WhatsApp makes of one.
LABELS = re.compile(
    r"(?i)^(?:(?:https?://)?(?:wa\.me|api\.whatsapp\.com/send)|whatsapp://send)/?(?:\?phone=)?"
    r"(?=\+?\d)|(?<=\d)[?&]text=.*$|^tel:"
    r"|(?<![^\W\d_])(?:whats\s?app|wa|no|nomor|nomer|hp|handphone|ponsel|telepon|telp|tlp|tel|phone"
    r"|mobile|aktif|chat|saja|aja|only)(?![^\W\d_])[\s.:=]*"
)
# What a table makes of a number that it takes for an amount, `081234567890.0`: is the zero a digit?
AMOUNT = re.compile(r"(?<=\d{8})[.,]0{1,2}$")
# As one number is parted in print. Several in a row stand for digits that aren't told.
DOT = re.compile(r"(?<=\d)[·•∙⋅_](?=\d)")
# What may stand beside a number: the ends of sentences, quotes, what a table puts before a text.
AROUND = " .,;:-/='\"‘’“”"
PICTURES = ("So", "Sk", "Mn")
# Other letters would be read as keypad digits, and a second number would be dropped in silence.
WRITTEN = re.compile(r"\+?[0-9][0-9 .\-]{5,29}")
WORDS = "Nomor HP tidak valid. Contoh: 0812-3456-7890."
SIGNS = str.maketrans(dict.fromkeys(HYPHENS, "-") | dict.fromkeys("()[]{}<>", " "))


class BadPhone(ValueError):
    """Not a mobile number; the text is a sentence for the person who typed it."""

    def __init__(self, more: str = "") -> None:
        super().__init__(f"{WORDS} {more}".strip())


def parse_phone(text: str, default_region: str = "ID") -> str:
    """The E.164 form of a mobile number. Raises BadPhone."""
    compact = _compact(text)
    if compact.startswith("00"):
        compact = "+" + compact[2:]
    try:
        number = phonenumbers.parse(compact, default_region)
    except NumberParseException:
        raise BadPhone from None
    if not phonenumbers.is_valid_number(number):
        raise BadPhone
    if phonenumbers.number_type(number) not in MOBILE_TYPES:
        raise BadPhone
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _compact(text: str) -> str:
    """Digits, and a `+` before them. Raises BadPhone, which names a sign that has no place here."""
    # A number copied from a contact card carries direction marks, one of a PDF hyphens of its own.
    plain = unicodedata.normalize("NFKC", one_line(text).translate(SIGNS)).translate(SIGNS)
    plain = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in plain)
    plain = DOT.sub("-", LABELS.sub(_beside, plain))
    plain = plain.strip(AROUND + "".join(c for c in plain if unicodedata.category(c) in PICTURES))
    plain = re.sub(r"^\+ +", "+", plain)
    if amount := AMOUNT.search(plain):
        raise BadPhone(f"Tulis satu nomor saja, tanpa “{amount[0]}” di belakang.")
    if not WRITTEN.fullmatch(plain):
        unknown = re.search(r"[^\W\d_]+|[^0-9 .\-]", plain.removeprefix("+"))
        raise BadPhone(f"Tulis satu nomor saja, tanpa “{unknown[0]}”." if unknown else "")
    # The zero of `+62 (0)812` is dialled within the country only.
    return re.sub(r"^(\+62|0062)[ .\-]*0(?=[ .\-]*8)", r"\1", plain)


def _beside(label: re.Match[str]) -> str:
    """Nothing for a word beside a number; one between two may part two numbers, and stays."""
    before, after = label.string[: label.start()], label.string[label.end() :]
    return label[0] if re.search(r"\d", before) and re.search(r"\d", after) else " "


def display_phone(e164: str) -> str:
    """`0812-3456-7890` for a number of this country, else the international form.

    What isn't a number is shown as it is: a page must not fail over an old row.
    """
    try:
        number = phonenumbers.parse(e164)
    except NumberParseException:
        return e164
    style = PhoneNumberFormat.INTERNATIONAL
    if number.country_code == 62:
        style = PhoneNumberFormat.NATIONAL
    return phonenumbers.format_number(number, style)
