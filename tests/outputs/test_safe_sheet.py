"""Any text comes out of a workbook as it went in, as text."""

import pytest
import xlsxwriter
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from outputs.safe_sheet import SAFE, add_sheet

TEXTS = [
    "=1+1",
    "＝１＋１",
    "=cmd|'/C calc'!A0",
    "@SUM(1)",
    "-2+3",
    "_x0041_",
    "_x005F_x0041_",
    "_X0041_ _x41_ _x0041",
    "lonceng \x07 dan tab tegak \x0b",
    "bukan huruf \ufffe\uffff",
    " di depan dan di belakang ",
    "baris\nlain\ttab",
    "<r><t>x</t></r>",
    "</t></is></c><c r='B9'><f>1+1</f></c>",
    "]]> & &amp; &#65;",
    "\u202eterbalik",
    "👩🏽‍🚒 🇮🇩",
    "ᬩᬮᬶ 한국어 עברית",
    "é e\u0301",
    "x" * 32_000,
    "http://contoh.test/?a=1&b=2",
    "'=1+1",
    "#REF!",
    "TRUE",
    "0812",
]


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text)[:30])
def test_text_stays_text(tmp_path, text):
    path = tmp_path / "uji.xlsx"
    book = xlsxwriter.Workbook(path, SAFE)
    add_sheet(book, "Uji").write_string(0, 0, text)
    book.close()
    [[cell]] = load_workbook(path)["Uji"].iter_rows()
    assert cell.data_type in ("s", "inlineStr") and cell.hyperlink is None
    # The reader leaves it to us to read how signs were written that XML can't hold.
    assert cell.value in (text, text.strip()) or unescape(cell.value) == text
