"""Codes of new stages."""

import pytest

from rules.flow_edit import new_code


@pytest.mark.parametrize(
    ("short", "used", "code"),
    [("Telaah TU", (), "TELAAH_TU"), ("2 paraf", (), "TAHAP_2_PARAF"), ("!", (), "TAHAP"),
     ("Telaah TU", ("TELAAH_TU",), "TELAAH_TU_2"),
     ("Telaah TU", ("TELAAH_TU", "TELAAH_TU_2"), "TELAAH_TU_3")],
)  # fmt: skip
def test_a_code_is_made_of_the_title_and_never_used_twice(short, used, code):
    assert new_code(short, used) == code
