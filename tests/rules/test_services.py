"""Flow definitions: the data service says what the manual says, and nonsense is named."""

import copy
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

from config.office import office
from rules.services import BadFlow, check_flow, parse_flow, read_flow_files
from rules.timeline import build_timeline, state_sentence

SERVICES = Path(__file__).resolve().parent.parent.parent / "config" / "services"
RAW = tomllib.loads((SERVICES / "data.toml").read_text())
MANUAL = [
    "PENGAJUAN PERMOHONAN LAYANAN",
    "ADMIN LAYANAN MENERIMA DAN MENYAMPAIKAN INFORMASI PERMOHONAN KEPADA KEPALA BALAI TEKNIK "
    "PANTAI",
    "KEPALA BALAI MENDISPOSISIKAN PERMOHONAN PELANGGAN KE KASUBAG TU",
    "KASUBAG TU MENDISPOSISIKAN PERMOHONAN PELANGGAN KE KETUA TIM LAYANAN",
    "SUBKOR LAYANAN MENUNJUK PEMANGKU DATA",
    "KETUA TIM MEMVERIFIKASI KETERSEDIAAN DATA",
    "LAPORAN DATA INFORMASI DAN DISEMINASI DISERAHKAN KEPADA PETUGAS LAYANAN",
    "PENGISIAN KUESIONER / SURVEY LAYANAN OLEH PELANGGAN",
    "LAPORAN DATA INFORMASI DAN DISEMINASI DISERAHKAN KEPADA PELANGGAN",
]


def test_data_service_has_the_nine_stages_of_the_manual():
    flow, _, _ = read_flow_files(SERVICES, office().posts)["data"]
    assert [stage.title for stage in flow.stages] == MANUAL
    assert [stage.days for stage in flow.stages] == [
        Decimal(days) for days in ("0", "0.5", "1", "1", "1.5", "2", "2.5", "2.5", "3")
    ]
    assert flow.promised_days("data_informasi") == 3


def changed(change) -> dict:
    raw = copy.deepcopy(RAW)
    change(raw)
    return raw


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda raw: raw["stage"].pop(0), "begins with its only submit stage"),
        (lambda raw: raw["stage"].pop(), "ends with its only handover stage"),
        (lambda raw: raw["stage"][1].update(code="PENGAJUAN"), "same code"),
        (lambda raw: raw["stage"][1].update(role="raja"), "unknown post raja"),
        (lambda raw: raw["stage"][1].update(kind="sulap"), "unknown kind sulap"),
        (lambda raw: raw["stage"][1].update(effects=[]), "the effect issue_number"),
        (lambda raw: raw["stage"][1].update(effects=["meledak"]), "unknown effect meledak"),
        (lambda raw: raw["stage"][1].update(allows=["terbang"]), "unknown side move terbang"),
        (lambda raw: raw["stage"][1].update(action=""), "needs an action"),
        (lambda raw: raw["stage"][2].update(days="0.1"), "can't go down"),
        (lambda raw: raw["stage"][8].update(days="9"), "longer than the service promises"),
        (lambda raw: raw["stage"][7].update(role="ketua_tim"), "the customer holds"),
        (lambda raw: raw["stage"][1]["input"][0].update(type="suara"), "no form field"),
        (lambda raw: raw["stage"][1]["input"][0].update(options=[]), "needs options"),
        (lambda raw: raw["stage"][3]["input"][0].update(assigns=["SURVEI"]), "can't assign"),
        (lambda raw: raw["standard"].pop("biaya"), "component biaya"),
    ],
)
def test_check_names_what_is_wrong(change, problem):
    problems = check_flow(parse_flow(changed(change)), office().posts)
    assert any(problem in found for found in problems), problems


@pytest.mark.parametrize("key", ["code", "stage", "number_code", "standard"])
def test_missing_key_is_a_bad_flow(key):
    with pytest.raises(BadFlow):
        parse_flow(changed(lambda raw: raw.pop(key)))


def test_folder_without_a_service_is_refused(tmp_path):
    with pytest.raises(BadFlow, match="no service"):
        read_flow_files(tmp_path, office().posts)


def test_broken_toml_is_named(tmp_path):
    (tmp_path / "x.toml").write_text("code = ")
    with pytest.raises(BadFlow, match="x.toml"):
        read_flow_files(tmp_path, office().posts)


def test_timeline_tells_done_current_and_waiting():
    from datetime import UTC, datetime

    flow = parse_flow(RAW)
    at = datetime(2024, 7, 29, 4, 57, 45, tzinfo=UTC)
    steps = build_timeline(
        flow,
        {"PENGAJUAN": at},
        status="waiting_verification",
        current_code="TERIMA_ADMIN",
        holders={"TERIMA_ADMIN": "Admin Layanan"},
    )
    assert [step.state for step in steps[:3]] == ["done", "current", "waiting"]
    assert steps[0].at_text == "29 Jul 2024 12:57:45 WITA"
    assert steps[1].wait_text == "Menunggu verifikasi Admin Layanan"
    refused = build_timeline(
        flow, {"PENGAJUAN": at}, status="rejected", current_code="TERIMA_ADMIN", holders={}
    )
    assert {step.state for step in refused[1:]} == {"stopped"}
    sentence = state_sentence(flow, status="in_process", stage_code="DISPOSISI_KABALAI", due_at=at)
    assert sentence == "Menunggu disposisi Kepala Balai, perkiraan selesai Senin, 29 Jul 2024."
