"""What people are told of a change: which stage, and behind which other."""

import copy
import tomllib

from config.office import office
from config.settings import CONTENT
from rules.flow_changes import ADDED, MOVED, differences
from rules.services import parse_flow

RAW = tomllib.loads((CONTENT / "services" / "data.toml").read_text())


def changes(raw) -> list[tuple[str, str, str]]:
    found = differences(parse_flow(RAW), parse_flow(raw), office().posts)
    return [(one.kind, one.stage, one.words) for one in found]


def test_a_moved_stage_is_told_with_the_one_before_it():
    raw = copy.deepcopy(RAW)
    raw["stage"].insert(5, raw["stage"].pop(4))
    (change,) = [one for one in changes(raw) if one[0] == MOVED]
    before = parse_flow(raw).stages
    place = [stage.code for stage in before].index(change[1])
    assert change[2] == f"tahap dipindah sesudah “{before[place - 1].short}”"


def test_a_new_stage_is_told_with_the_one_before_it_and_its_post():
    raw = copy.deepcopy(RAW)
    raw["stage"].insert(3, {**raw["stage"][2], "code": "TELAAH", "short": "Telaah"})
    (change,) = [one for one in changes(raw) if one[0] == ADDED]
    before = parse_flow(RAW).stages[2]
    assert change[1:] == ("TELAAH", f"tahap baru sesudah “{before.short}”, dipegang Kepala Balai")


def test_a_change_at_a_desk_of_several_names_the_desk():
    lab = tomllib.loads((CONTENT / "services" / "lab.toml").read_text())
    other = copy.deepcopy(lab)
    shared = next(stage for stage in other["stage"] if stage.get("step"))
    shared["step"][0]["role"] = "kasubag_tu"
    found = differences(parse_flow(lab), parse_flow(other), office().posts)
    words = [one.words for one in found if "menjadi Kasubag TU" in one.words]
    assert words == ["meja a: pos Bendahara Penerimaan menjadi Kasubag TU"]
