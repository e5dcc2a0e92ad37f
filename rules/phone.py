"""Mobile numbers: kept as E.164, shown as people here write them."""

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

MOBILE_TYPES = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
# Letters would be read as keypad digits, and a second number would be dropped in silence.
WRITTEN = re.compile(r"\+?[0-9 ().\-–]{6,30}")


class BadPhone(ValueError):
    """Not a mobile number; the text is a sentence for the person who typed it."""

    def __init__(self) -> None:
        super().__init__("Nomor HP tidak valid. Contoh: 0812-3456-7890.")


def parse_phone(text: str, default_region: str = "ID") -> str:
    """The E.164 form of a mobile number. Raises BadPhone."""
    # A number copied from a contact card carries invisible direction marks.
    compact = "".join(letter for letter in text if letter.isprintable()).strip()
    if not WRITTEN.fullmatch(compact):
        raise BadPhone
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
