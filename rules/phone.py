"""Mobile numbers: kept as E.164, shown as people here write them."""

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

MOBILE_TYPES = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


class BadPhone(ValueError):
    """Not a mobile number; the text is a sentence for the person who typed it."""

    def __init__(self):
        super().__init__("Nomor HP tidak valid. Contoh: 0812-3456-7890.")


def parse_phone(text: str, default_region: str = "ID") -> str:
    """The E.164 form of a mobile number. Raises BadPhone."""
    compact = text.strip()
    if compact.startswith("00"):
        compact = "+" + compact[2:]
    try:
        number = phonenumbers.parse(compact, default_region)
    except phonenumbers.NumberParseException:
        raise BadPhone from None
    if not phonenumbers.is_valid_number(number):
        raise BadPhone
    if phonenumbers.number_type(number) not in MOBILE_TYPES:
        raise BadPhone
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def display_phone(e164: str) -> str:
    """`0812-3456-7890` for a number of this country, else the international form."""
    if not e164:
        return ""
    number = phonenumbers.parse(e164)
    style = PhoneNumberFormat.INTERNATIONAL
    if number.country_code == 62:
        style = PhoneNumberFormat.NATIONAL
    return phonenumbers.format_number(number, style)
