"""A service as a drawing, and the differences between two definitions in words."""

import copy
import re
import tomllib
from xml.etree import ElementTree

import pytest

from config.settings import CONTENT
from outputs.flow_diagram import draw_flow, rows_of
from rules.flow_changes import differences, marks_of
from rules.services import parse_flow

RAW = {path.stem: tomllib.loads(path.read_text())
       for path in sorted((CONTENT / "services").glob("*.toml"))}  # fmt: skip
SVG = "{http://www.w3.org/2000/svg}"


# -- the drawing ---------------------------------------------------------------------------------


@pytest.mark.parametrize("service", RAW)
def test_the_drawing_is_xml_and_names_every_stage(service):
    flow = parse_flow(RAW[service])
    drawn = ElementTree.fromstring(str(draw_flow(flow, {"TERIMA_ADMIN": "diubah"})))
    said = " ".join("".join(node.itertext()) for node in drawn.iter(f"{SVG}text"))
    for number, stage in enumerate(flow.stages, start=1):
        assert str(number) in said and stage.short.split()[0] in said
    assert "[diubah]" in said
    for node in drawn.iter():
        assert "style" not in node.attrib and node.tag != f"{SVG}script"
        assert not any(name.startswith("on") for name in node.attrib)
    assert drawn.attrib["role"] == "img"
    assert {drawn.find(f"{SVG}{tag}").attrib["id"] for tag in ("title", "desc")} == set(
        drawn.attrib["aria-labelledby"].split()
    )


def test_the_drawing_holds_no_foreign_markup():
    raw = copy.deepcopy(RAW["data"])
    raw["stage"][2] |= {"short": "<script>alert(1)</script>", "kind": 'x"><b>'}
    drawn = str(draw_flow(parse_flow(raw)))
    assert "<script" not in drawn and "<b>" not in drawn
    ElementTree.fromstring(drawn)


def test_kinds_of_stages_differ_by_shape_and_word():
    drawn = str(draw_flow(parse_flow(RAW["lab"])))
    shapes = {
        kind: re.search(rf'<g class="m-flow-{kind}"><(\w+) class="m-flow-box"', drawn).group(1)
        for kind in ("submit", "office", "customer", "survey", "handover")
    }
    assert shapes["submit"] == shapes["handover"] == "rect"
    assert drawn.count("m-flow-inner") == 1
    points = {kind: len(re.search(rf'm-flow-{kind}"><polygon[^>]*points="([^"]+)"', drawn)
                        .group(1).split()) for kind in ("office", "survey")}  # fmt: skip
    assert points == {"office": 4, "survey": 6}
    for words in ("Dikerjakan balai", "Menunggu pelanggan", "Survei oleh pelanggan"):
        assert words in drawn


def test_detours_are_drawn_for_kinds_that_skip_stages():
    drawn = str(draw_flow(parse_flow(RAW["advis"])))
    assert "Konsultasi Singkat (tanpa tinjauan lapangan) melewati tahap 6–7" in drawn
    assert "Tidak untuk" in rows_of(parse_flow(RAW["advis"]))[5].only_for


# -- differences ---------------------------------------------------------------------------------


def test_differences_are_told_in_words():
    raw = copy.deepcopy(RAW["data"])
    raw["working_days"] = 4
    raw["stage"][1] |= {"role": "petugas_layanan", "days": "1"}
    raw["stage"].insert(3, {"code": "TELAAH", "title": "TELAAH", "short": "Telaah",
                            "role": "kasubag_tu", "kind": "office", "days": "1"})  # fmt: skip
    raw["stage"] = [stage for stage in raw["stage"] if stage["code"] != "SURVEI"]
    posts = {"admin_layanan": "Admin Layanan", "petugas_layanan": "Petugas Layanan",
             "kasubag_tu": "Kasubag TU"}  # fmt: skip
    found = differences(parse_flow(RAW["data"]), parse_flow(raw), posts)
    told = {(change.short, change.words) for change in found}
    assert told >= {
        ("", "janji layanan 3 menjadi 4 hari kerja"),
        ("Diterima Admin", "pos Admin Layanan menjadi Petugas Layanan"),
        ("Diterima Admin", "waktu 0,5 menjadi 1 hari kerja"),
        ("Telaah", "tahap baru sesudah “Disposisi Kepala Balai”, dipegang Kasubag TU"),
        ("Survei", "tahap dihapus"),
    }
    assert not any(change.kind == "dipindah" for change in found)
    assert marks_of(found)["TELAAH"] == "baru"


def test_only_what_left_the_order_is_told_as_moved():
    raw = copy.deepcopy(RAW["lab"])
    raw["stage"].insert(3, raw["stage"].pop(9))
    flow = parse_flow(raw)
    found = differences(parse_flow(RAW["lab"]), flow, {})
    assert [c.stage for c in found if c.kind == "dipindah"] == [flow.stages[3].code]
