"""What is said about a definition that can't run, and that no file brings the check down."""

import copy
import tomllib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.office import office
from config.settings import CONTENT
from rules.flow_check import Known, check_flow, find_problems
from rules.flow_shape import misshapen, read_toml, write_toml
from rules.services import BadFlow, parse_flow

RAW = {path.stem: tomllib.loads(path.read_text())
       for path in sorted((CONTENT / "services").glob("*.toml"))}  # fmt: skip
KNOWN = Known(office().posts, messages=("tagihan_pnbp",))


def stage(raw, code):
    return next(entry for entry in raw["stage"] if entry["code"] == code)


def without(raw, code):
    raw["stage"] = [entry for entry in raw["stage"] if entry["code"] != code]


@pytest.mark.parametrize(
    ("service", "change", "problem"),
    [
        ("data", lambda raw: raw["stage"].pop(0), "dimulai dengan satu-satunya tahap pengajuan"),
        ("data", lambda raw: raw["stage"].pop(), "berakhir dengan satu-satunya tahap penyerahan"),
        ("data", lambda raw: raw["stage"].insert(3, stage(raw, "SURVEI")), "kode yang sama"),
        (
            "data",
            lambda raw: raw["stage"][1].update(role="raja"),
            "TERIMA_ADMIN: pos tidak dikenal: raja",
        ),
        (
            "data",
            lambda raw: raw["stage"][1].update(kind="sulap"),
            "jenis tahap tidak dikenal: sulap",
        ),
        ("data", lambda raw: raw["stage"][1].update(effects=[]), "akibat issue_number harus ada"),
        (
            "data",
            lambda raw: raw["stage"][1].update(effects=["meledak"]),
            "akibat tidak dikenal: meledak",
        ),
        (
            "data",
            lambda raw: raw["stage"][1].update(allows=["terbang"]),
            "jalur samping tidak dikenal: terbang",
        ),
        ("data", lambda raw: raw["stage"][1].update(action=" "), "memerlukan nama tindakan"),
        (
            "data",
            lambda raw: raw["stage"][1].update(code="terima"),
            "kode tahap memakai huruf besar",
        ),
        ("data", lambda raw: raw["stage"][2].update(days="0.1"), "DISPOSISI_KABALAI: batas hari"),
        ("data", lambda raw: raw["stage"][8].update(days="9"), "melebihi janji layanan"),
        ("data", lambda raw: raw["stage"][7].update(role="ketua_tim"), "pelanggan memegang tahap"),
        (
            "data",
            lambda raw: raw["stage"][1]["input"][0].update(type="suara"),
            "isian berjenis suara",
        ),
        (
            "data",
            lambda raw: raw["stage"][1]["input"][0].update(name="version"),
            "nama isian memakai",
        ),
        (
            "data",
            lambda raw: raw["stage"][3]["input"][0].update(assigns=["SURVEI"]),
            "tidak dapat menugasi",
        ),
        ("data", lambda raw: raw["standard"].pop("biaya"), "komponen standar pelayanan “biaya”"),
        (
            "data",
            lambda raw: raw["subclass"][0].update(skips=["TERIMA_ADMIN"]),
            "tidak boleh dilewati",
        ),
        (
            "data",
            lambda raw: [one.update(skips=["TUNJUK_PEMANGKU"]) for one in raw["subclass"]],
            "TUNJUK_PEMANGKU: tahap tidak pernah dilalui",
        ),
        ("data", lambda raw: stage(raw, "LAPORAN_KE_PETUGAS").update(input=[]), "hasil layanan"),
        (
            "advis",
            lambda raw: raw["subclass"][1]["skips"].append("PERSETUJUAN"),
            "tidak boleh dilewati",
        ),
        (
            "lab",
            lambda raw: stage(raw, "PENAWARAN")["input"].pop(),
            "tanggal yang disepakati tidak pernah diisi",
        ),
        (
            "lab",
            lambda raw: stage(raw, "PEMBAYARAN")["step"].pop(0),
            "pembayaran dicatat sebelum ada tagihan",
        ),
    ],
)
def test_check_names_what_is_wrong(service, change, problem):
    raw = copy.deepcopy(RAW[service])
    change(raw)
    problems = check_flow(parse_flow(raw), office().posts)
    assert any(problem in found for found in problems), problems


def test_three_stages_are_a_service():
    """Filing, one desk of the office and handing over: the shortest that there is."""
    raw = copy.deepcopy(RAW["data"])
    raw["stage"] = [stage(raw, code) for code in ("PENGAJUAN", "TERIMA_ADMIN", "SERAH_PELANGGAN")]
    raw["stage"][1]["input"] = stage(RAW["data"], "LAPORAN_KE_PETUGAS")["input"]
    raw["stage"][1]["effects"] = ["issue_number", "stop_clock"]
    raw["revision_stage"] = "TERIMA_ADMIN"
    for kind in raw["subclass"]:
        kind.pop("stage", None)
    (doubt,) = find_problems(parse_flow(raw), KNOWN)
    assert "tidak ada survei kepuasan" in doubt.words and not doubt.is_error


@pytest.mark.parametrize(
    ("change", "problem", "is_error"),
    [
        (
            lambda raw: raw["stage"][2].update(effects=["make_document:puisi"]),
            "dokumen tidak dikenal: puisi",
            True,
        ),
        (lambda raw: raw["stage"][2].update(message="salam"), "pesan tidak dikenal: salam", True),
        (lambda raw: without(raw, "SURVEI"), "tidak ada survei kepuasan", False),
        (lambda raw: raw.update(working_days=4), "lebih sedikit daripada janji", False),
        (
            lambda raw: raw["stage"][3]["input"][1].update(type="text"),
            "berjenis lain daripada",
            False,
        ),
    ],
)
def test_errors_stop_and_doubts_only_warn(change, problem, is_error):
    raw = copy.deepcopy(RAW["data"])
    change(raw)
    found = [p for p in find_problems(parse_flow(raw), KNOWN) if problem in p.words]
    assert [p.is_error for p in found][:1] == [is_error]


@pytest.mark.parametrize("service", RAW)
def test_our_own_files_are_without_a_fault_and_survive_being_written(service):
    assert find_problems(parse_flow(RAW[service]), Known(office().posts)) == []
    assert read_toml(write_toml(RAW[service]).encode()) == RAW[service]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe\x00", "bukan teks UTF-8"),
        (b"code = ", "bukan TOML yang benar"),
        (b"x = 1", "“x” tidak dikenal"),
        (b"a = [" * 5000, "bukan TOML yang benar"),
        (b"#" * 300_000, "terlalu besar"),
        (b'stage = "semua"', "tahap ke-1: harus berupa tabel"),
    ],
)
def test_a_file_that_is_no_definition_is_refused_in_words(content, words):
    with pytest.raises(BadFlow) as refusal:
        read_toml(content)
    assert any(words in problem for problem in refusal.value.problems), refusal.value.problems


junk = st.sampled_from(["", "x", "NaN", "-1", 0, -3, 10**30, 1.5, float("inf"), True, [], [1],
                        ["a"], {}, {"a": 1}, "\x00"])  # fmt: skip


def places(value, path=()):
    """Every address in a definition, tables and leaves alike."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(
        value, list) else ()  # fmt: skip
    for name, entry in inner:
        yield (*path, name)
        yield from places(entry, (*path, name))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_value_in_the_wrong_place_brings_the_check_down(data):
    raw = copy.deepcopy(RAW[data.draw(st.sampled_from(sorted(RAW)))])
    for path in data.draw(st.lists(st.sampled_from(list(places(raw))), min_size=1, max_size=2)):
        target = raw
        try:
            for name in path[:-1]:
                target = target[name]
            target[path[-1]] = data.draw(junk)
        except (KeyError, IndexError, TypeError):
            continue
    if list(misshapen(raw)):
        return
    try:
        flow = parse_flow(raw)
    except BadFlow:
        return
    assert isinstance(find_problems(flow, KNOWN), list)
