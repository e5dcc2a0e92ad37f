"""Service definitions as they are read: desks, variants, and the nine stages of the manual."""

import copy
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

from config.office import office
from rules.flow_check import read_flow_files
from rules.services import STANDARD_COMPONENTS, BadFlow, digest_of, parse_flow

SERVICES = Path(__file__).resolve().parent.parent.parent / "config" / "services"
RAW = {path.stem: tomllib.loads(path.read_text()) for path in SERVICES.glob("*.toml")}
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


@pytest.fixture(params=sorted(RAW))
def flow(request):
    return parse_flow(RAW[request.param])


def test_data_service_has_the_nine_stages_of_the_manual():
    flow, _, _ = read_flow_files(SERVICES, office().posts)["data"]
    assert [stage.title for stage in flow.stages] == MANUAL
    assert [stage.days for stage in flow.stages] == [
        Decimal(days) for days in ("0", "0.5", "1", "1", "1.5", "2", "2.5", "2.5", "3")
    ]
    assert flow.promised_days("data_informasi") == 3


def test_the_three_services_have_nine_twelve_and_sixteen_stages():
    counted = {code: len(flow.stages) for code, (flow, _, _) in
               read_flow_files(SERVICES, office().posts).items()}  # fmt: skip
    assert counted == {"data": 9, "advis": 12, "lab": 16}


def test_every_service_tells_its_fourteen_components(flow):
    assert set(flow.standard) == set(STANDARD_COMPONENTS)
    assert all(flow.standard.values())


def test_following_the_desks_visits_each_once_and_going_back_reverses_it(flow):
    walked = [flow.stages[0].desks[0]]
    while following := flow.after(walked[-1]):
        walked.append(following)
    names = [desk.desk for desk in walked]
    assert names == [desk.desk for desk in flow.desks] == list(dict.fromkeys(names))
    assert [desk.desk for desk in flow.before(walked[-1])] == names[-2::-1]
    assert all(flow.desk_named(desk.desk) == desk for desk in walked)


def test_a_stage_of_several_turns_has_a_desk_for_each():
    payment = parse_flow(RAW["lab"]).stage("PEMBAYARAN")
    assert [(desk.desk, desk.role, desk.is_last_desk) for desk in payment.desks] == [
        ("PEMBAYARAN", "bendahara", False),
        ("PEMBAYARAN/2", "pelanggan", False),
        ("PEMBAYARAN/3", "bendahara", True),
    ]
    assert {desk.title for desk in payment.desks} == {payment.title}
    with pytest.raises(IndexError):
        parse_flow(RAW["lab"]).desk_named("PEMBAYARAN/4")


@pytest.mark.parametrize(
    ("service", "subclass", "is_free", "left_out"),
    [
        ("data", "bimtek", False, set()),
        ("advis", "advis_lengkap", False, set()),
        ("advis", "konsultasi", False, {"KESEPAKATAN", "PENGUMPULAN_DATA", "PEMBAHASAN"}),
        ("advis", "darurat", False, {"DISPOSISI_KASUBAG", "KESEPAKATAN", "PEMBAHASAN"}),
        ("lab", "", False, set()),
        ("lab", "", True, {"PEMBAYARAN"}),
    ],
)
def test_a_kind_of_request_leaves_its_stages_out_and_keeps_the_order(
    service, subclass, is_free, left_out
):
    whole = parse_flow(RAW[service])
    way = whole.as_walked(subclass, is_free=is_free)
    assert [s.code for s in way.stages] == [s.code for s in whole.stages if s.code not in left_out]
    assert [way.position(stage.code) for stage in way.stages] == list(range(len(way.stages)))


def test_a_sub_class_speaks_of_a_stage_in_its_own_words():
    whole = parse_flow(RAW["data"])
    assert whole.as_walked("bimtek", is_free=False).stage("LAPORAN_KE_PETUGAS").short == (
        "Bimtek Terlaksana"
    )
    plain = whole.as_walked("data_informasi", is_free=False)
    assert plain.stage("LAPORAN_KE_PETUGAS").title == MANUAL[6]


def test_days_of_a_stage_stretch_with_the_promise_of_the_sub_class():
    flow = parse_flow(RAW["data"])
    # 2.5 of 3 working days, stretched to 10: 25/3 of a day.
    report = flow.stage("LAPORAN_KE_PETUGAS")
    assert flow.stage_days(report, "bimtek") == Decimal("25") / 3
    assert flow.promise_words == "3–10 hari kerja"
    assert parse_flow(RAW["lab"]).promise_words == "42 hari kerja"
    # The emergency of the advice service isn't on offer, so its promise isn't told.
    assert parse_flow(RAW["advis"]).promise_words == "7–25 hari kerja"


def test_a_side_move_may_name_posts():
    flow = parse_flow(RAW["lab"])
    assert flow.desk("JAMIN_MUTU").who_may("suspend") == ("manajer_teknis",)
    assert flow.desk("PERSIAPAN").who_may("suspend") == ("penyelia", "manajer_teknis")
    assert flow.desk("KONSEP_LHU").who_may("cancel") == ()


def test_fields_and_attachments_belong_to_their_sub_classes():
    flow = parse_flow(RAW["data"])
    assert [entry.name for entry in flow.fields_for("magang_kp")] == ["mulai", "selesai", "peserta"]
    assert [entry.name for entry in flow.attachments_for("magang_kp")] == ["proposal"]
    assert flow.attachments_for("bimtek") == []
    assert {entry.type for entry in flow.attachments} == {"file"}


@pytest.mark.parametrize("key", ["code", "stage", "number_code", "standard", "working_days"])
def test_missing_key_is_a_bad_flow(key):
    raw = copy.deepcopy(RAW["data"])
    raw.pop(key)
    with pytest.raises(BadFlow, match=key):
        parse_flow(raw)


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw["stage"][1].update(days="sebentar"),
        lambda raw: raw["stage"][1].update(warna="merah"),
        lambda raw: raw["stage"][1].pop("role"),
        lambda raw: raw["stage"][1]["input"][0].update(warna="merah"),
        lambda raw: raw.update(working_days="tiga"),
        lambda raw: raw["subclass"][0].pop("title"),
    ],
)
def test_words_that_no_definition_has_are_a_bad_flow(change):
    raw = copy.deepcopy(RAW["data"])
    change(raw)
    with pytest.raises(BadFlow):
        parse_flow(raw)


def test_folder_without_a_service_is_refused(tmp_path):
    with pytest.raises(BadFlow, match="tidak ada satu pun layanan"):
        read_flow_files(tmp_path, office().posts)


def test_broken_toml_is_named(tmp_path):
    (tmp_path / "x.toml").write_text("code = ")
    with pytest.raises(BadFlow, match="x.toml"):
        read_flow_files(tmp_path, office().posts)


def test_two_files_of_one_service_are_refused(tmp_path):
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text((SERVICES / "data.toml").read_text())
    with pytest.raises(BadFlow, match=r"b\.toml.*sudah menetapkan data"):
        read_flow_files(tmp_path, office().posts)


def test_digest_looks_at_what_is_said_not_at_its_order():
    raw = RAW["data"]
    turned = dict(reversed(raw.items()))
    assert digest_of(turned) == digest_of(raw)
    assert digest_of({**raw, "working_days": 4})[1] != digest_of(raw)[1]
