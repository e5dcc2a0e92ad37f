"""Codes of new stages, names of new inputs."""

import pytest

from rules.flow_edit import new_code, new_input_name


@pytest.mark.parametrize(
    ("short", "used", "code"),
    [("Telaah TU", (), "TELAAH_TU"), ("2 paraf", (), "TAHAP_2_PARAF"), ("!", (), "TAHAP"),
     ("Telaah TU", ("TELAAH_TU",), "TELAAH_TU_2"),
     ("Telaah TU", ("TELAAH_TU", "TELAAH_TU_2"), "TELAAH_TU_3")],
)  # fmt: skip
def test_a_code_is_made_of_the_title_and_never_used_twice(short, used, code):
    assert new_code(short, used) == code


@pytest.mark.parametrize(
    ("label", "used", "name"),
    [("Suhu air", (), "suhu_air"), ("2 paraf", (), "isian_2_paraf"), ("!", (), "isian"),
     ("Suhu air", ("suhu_air",), "suhu_air_2"),
     ("Suhu air", ("suhu_air", "suhu_air_2", "suhu_air_3"), "suhu_air_4")],
)  # fmt: skip
def test_a_name_is_made_of_the_label_and_never_used_twice(label, used, name):
    assert new_input_name(label, used) == name
