"""Mobile numbers as people type them."""

import re

import pytest

from rules.phone import BadPhone, display_phone, parse_phone


@pytest.mark.parametrize(
    "text",
    [
        "081234567890",
        "0812-3456-7890",
        "0812 3456 7890",
        "+62 812-3456-7890",
        "+62 (812) 3456 7890",
        "62812 3456 7890",
        "0062 812 3456 7890",
        "812 3456 7890",
        "  081234567890  ",
        "(+62) 812 3456 7890",
        "[+62] (812) 3456-7890",
        "+62 (0)812 3456 7890",
        "+62 0812 3456 7890",
        "+ 62 812 3456 7890",
        "0812‑3456‑7890",  # the hyphen of Word and iOS that doesn't break
        "0812−3456–7890",
        "0812\xa03456\u20097890",
        "0812.3456.7890.",
        "081234567890 (WA)",
        "WA: 0812 3456 7890",
        "No. HP/WA 0812-3456-7890",
        "0812 3456 7890 WhatsApp aktif",
        "tel:+6281234567890",
        "https://wa.me/6281234567890",
        "https://api.whatsapp.com/send?phone=6281234567890",
        "＋６２ ８１２ ３４５６ ７８９０",
        "٠٨١٢٣٤٥٦٧٨٩٠",
        "+62\u200b812\xad34567890",
        "081234567890 (WA saja)",
        "0812 3456 7890 chat only",
        "📞 0812-3456-7890",
        "+6281234567890 ✅",
        "“081234567890”",
        "'081234567890",  # as a table marks what is text
        '="081234567890"',
        "0812·3456·7890",
        "0812_3456_7890",
        "wa.me/6281234567890?text=Halo%20Pak",
        "whatsapp://send?phone=6281234567890&text=Halo",
    ],
)
def test_one_number_in_many_ways(text):
    assert parse_phone(text) == "+6281234567890"


@pytest.mark.parametrize(
    "text",
    ["", "-", "12345", "08123", "0361-123456", "bukan nomor", "+62 21 5551234", "0" * 300, "\x00"],
)
def test_what_is_not_a_mobile_number_is_refused_with_a_sentence(text):
    with pytest.raises(BadPhone, match="Nomor HP tidak valid. Contoh: 0812-3456-7890."):
        parse_phone(text)


def test_a_foreign_mobile_is_accepted_with_its_code():
    assert parse_phone("+60 12-345 6789") == "+60123456789"


def test_numbers_are_shown_the_local_way():
    assert display_phone("+6281234567890") == "0812-3456-7890"
    assert display_phone("+60123456789") == "+60 12-345 6789"
    assert display_phone("") == ""


def test_invisible_marks_of_a_copied_contact_are_dropped():
    assert parse_phone("\u202a+62 812-3456-7890\u202c") == "+6281234567890"
    assert parse_phone("\u20660812\u200b34567890\u2069") == "+6281234567890"


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("0812-CALL-NOW1", "CALL"),
        ("081234567890 ext. 5", "ext"),
        ("081234567890/081298765432", "/"),
        ("081234567890, 081298765432", ","),
        ("08123456789O", "O"),
        ("+62+81234567890", "+"),
        ("081234567890 (Budi)", "Budi"),
        ("081234567890.0", ".0"),  # an amount of a table: with its zero it is somebody else's
        ("6281234567890,00", ",00"),
        ("0812345678**", "*"),  # hidden figures: without them it is somebody else's
        ("0812345678••", "•"),
        ("0812345678__", "_"),
        ("08123456 WA 7890", "WA"),
    ],
)
def test_letters_extensions_and_second_numbers_are_refused_by_name(text, sign):
    with pytest.raises(BadPhone, match=f"tanpa “{re.escape(sign)}”"):
        parse_phone(text)


@pytest.mark.parametrize(
    "text", ["081234567890 081298765432", "wa", "(WA)", "wa.me/", "+", "٠" * 12]
)
def test_two_numbers_in_a_row_and_labels_alone_are_refused(text):
    with pytest.raises(BadPhone):
        parse_phone(text)


def test_an_unreadable_stored_number_is_shown_as_it_is():
    assert display_phone("lama") == "lama"
