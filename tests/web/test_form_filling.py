"""What was typed is put into the form it came from, whatever else stands on the page."""

import pytest

from web.form_filling import fill_form

FORM = (
    '<form method="post" action="/pesan"><input name="judul" value="">'
    '<textarea name="isi"></textarea></form>'
)


@pytest.mark.parametrize(
    "mark", ["", "\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\r", "\r\n"]
)
@pytest.mark.parametrize("lines", ["{}<p>a</p>", "<p>a{}b</p>\n", "\n{}\n{}\n"])
def test_signs_that_some_take_for_a_line_end_move_nothing(mark, lines):
    before = lines.format(mark, mark)
    typed = [("judul", 'A "dan" <B>'), ("isi", "satu\ndua")]
    filled = fill_form(before + FORM + "<p>z</p>", "/pesan", typed, at="/", key=("terisi", "k"))
    assert filled.has_form and filled.left_over == []
    assert filled.page == (
        f'{before}<form method="post" action="/pesan" id="isian-kembali">'
        '<input type="hidden" name="terisi" value="k">'
        '<input name="judul" value="A &quot;dan&quot; &lt;B&gt;">'
        '<textarea name="isi">\nsatu\ndua</textarea></form><p>z</p>'
    )
