"""Codes of new stages, names of new inputs."""

import tomllib

import pytest

from config.settings import CONTENT
from rules.flow_edit import BadEdit, new_code, new_input_name, with_stage_moved


@pytest.mark.parametrize(
    ("short", "used", "code"),
    [("Telaah TU", (), "TELAAH_TU"), ("2 paraf", (), "TAHAP_2_PARAF"), ("!", (), "TAHAP"),
     ("A2 uji", (), "A2_UJI"),
     ("Telaah TU", ("TELAAH_TU",), "TELAAH_TU_2"),
     ("Telaah TU", ("TELAAH_TU", "TELAAH_TU_2"), "TELAAH_TU_3")],
)  # fmt: skip
def test_a_code_is_made_of_the_title_and_never_used_twice(short, used, code):
    assert new_code(short, used) == code


@pytest.mark.parametrize(
    ("label", "used", "name"),
    [("Suhu air", (), "suhu_air"), ("2 paraf", (), "isian_2_paraf"), ("!", (), "isian"),
     ("a2 uji", (), "a2_uji"),
     ("Suhu air", ("suhu_air",), "suhu_air_2"),
     ("Suhu air", ("suhu_air", "suhu_air_2", "suhu_air_3"), "suhu_air_4")],
)  # fmt: skip
def test_a_name_is_made_of_the_label_and_never_used_twice(label, used, name):
    assert new_input_name(label, used) == name


def test_filing_and_handover_keep_their_places():
    raw = tomllib.loads((CONTENT / "services" / "data.toml").read_text())
    codes = [stage["code"] for stage in raw["stage"]]
    for code, by in [(codes[0], 1), (codes[1], -1), (codes[-2], 1), (codes[-1], -1)]:
        with pytest.raises(BadEdit):
            with_stage_moved(raw, code, by)
    moved = with_stage_moved(raw, codes[1], 1)
    assert [stage["code"] for stage in moved["stage"]][:3] == [codes[0], codes[2], codes[1]]
