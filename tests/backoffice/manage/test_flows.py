"""The pages on which an administrator changes a service, and what is drawn on them."""

import io
import re
import tomllib

import pytest

from administration import flow_drafts
from administration.drafts import stamp_of
from administration.flow_drafts import definition_of
from config.settings import CONTENT
from models import Event, FlowDraft, FlowVersion
from outputs.flow_diagram import rows_of
from rules.flow_shape import read_toml
from rules.services import parse_flow
from tests.people import advance, enter, file_request, make_staff, post
from tests.test_pages import check
from tests.test_queries import Counter

# What differs between the engines is in test_flows.py and test_simulation.py.
pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
ALUR = "/backoffice/alur"
RAW = {path.stem: tomllib.loads(path.read_text())
       for path in sorted((CONTENT / "services").glob("*.toml"))}  # fmt: skip
PAGES = ("", "data", "data/draf", "data/draf/periksa", "data/draf/simulasi",
         "data/draf/terbitkan", "data/draf/tahap-baru", "lab/draf", "lab/draf/simulasi",
         "lab/draf/tahap/PEMBAYARAN", "data/draf/tahap/PENGAJUAN", "data/draf/tahap/SURVEI",
         "data/draf/berkas")  # fmt: skip


# -- the forms -----------------------------------------------------------------------------------


@pytest.fixture
def admin(app, people):
    """The administrator's client, with a draft of two services open."""
    client = enter(app, people.administrator)
    for code in ("data", "lab"):
        assert post(client, f"{ALUR}/{code}/draf/buka").status_code == 302
    return client


def draft_of(code="data") -> FlowDraft:
    return FlowDraft.get(FlowDraft.service_code == code)


def flow_of_draft(code="data"):
    return parse_flow(definition_of(draft_of(code)))


def send(client, address: str, code="data", **fields: object):
    return post(
        client, f"{ALUR}/{code}/draf{address}", {"seen": stamp_of(draft_of(code)), **fields}
    )


def days_of(flow) -> list[str]:
    return [f"{stage.days.normalize():f}" for stage in flow.stages]


def test_every_page_opens(admin):
    for page in PAGES:
        assert admin.get(f"{ALUR}/{page}").status_code == 200, page


def test_days_are_told_per_stage_and_kept_from_the_filing(admin):
    before = days_of(flow_of_draft())
    assert (
        send(admin, "", do="days", **{"hari-TERIMA_ADMIN": "1,5", "janji": "4"}).status_code == 302
    )
    after = flow_of_draft()
    assert days_of(after) == ["0"] + [str(float(d) + 1).removesuffix(".0") for d in before[1:]]
    assert after.working_days == 4
    last = Event.select().order_by(Event.id.desc()).first()
    assert (last.kind, last.data["what"]) == ("flow_draft_changed", "days")
    assert "administrator" not in str(last.data)


@pytest.mark.parametrize(
    ("name", "value"),
    [("hari-TERIMA_ADMIN", "sebentar"), ("hari-TERIMA_ADMIN", "-1"), ("janji", "0"),
     ("janji-bimtek", "3,5"), ("hari-TERIMA_ADMIN", "NaN"), ("janji", "9" * 20)],
)  # fmt: skip
def test_wrong_days_come_back_as_typed(admin, name, value):
    before = draft_of().definition
    answer = send(admin, "", do="days", **{name: value})
    assert answer.status_code == 422
    assert f'value="{value[:20]}"' in answer.text and f'href="#{name}"' in answer.text
    assert draft_of().definition == before


def test_stages_move_within_filing_and_handover(admin):
    send(admin, "", do="down:TERIMA_ADMIN")
    flow = flow_of_draft()
    assert [stage.code for stage in flow.stages[:3]] == [
        "PENGAJUAN", "DISPOSISI_KABALAI", "TERIMA_ADMIN"]  # fmt: skip
    send(admin, "", do="up:DISPOSISI_KABALAI")
    assert flow_of_draft() == flow
    for nonsense in ("down:TIDAK_ADA", "fly:SURVEI"):
        assert send(admin, "", do=nonsense).status_code == 404


def test_a_removed_stage_leaves_no_trace_in_the_others(admin):
    send(admin, "", do="remove:TUNJUK_PEMANGKU")
    flow = flow_of_draft()
    assert not flow.has_stage("TUNJUK_PEMANGKU")
    assert flow.stage("DISPOSISI_KASUBAG").inputs[0].assigns == ("VERIFIKASI_DATA",)
    send(admin, "", do="remove:TERIMA_ADMIN")
    assert flow_of_draft().has_stage("TERIMA_ADMIN")
    assert "menerbitkan nomor" in admin.get(f"{ALUR}/data/draf").text


def stage_fields(flow, code: str) -> dict[str, object]:
    stage = flow.stage(code)
    fields: dict[str, object] = {"title": stage.title, "short": stage.short,
                                 "clause": stage.clause}  # fmt: skip
    fields["days"] = str(rows_of(flow)[flow.position(code)].days)
    for desk in stage.desks:
        fields |= {f"meja{desk.step}-role": desk.role, f"meja{desk.step}-action": desk.action,
                   f"meja{desk.step}-waiting": desk.waiting,
                   f"meja{desk.step}-allows": list(desk.allows)}  # fmt: skip
    return fields


def test_saving_an_untouched_stage_changes_nothing(admin):
    before = draft_of("lab").definition
    for stage in RAW["lab"]["stage"]:
        fields = stage_fields(flow_of_draft("lab"), stage["code"])
        assert send(admin, f"/tahap/{stage['code']}", "lab", **fields).status_code == 302
        assert draft_of("lab").definition == before
    assert Event.select().where(Event.kind == "flow_draft_changed").count() == 0


def test_a_stage_is_given_to_another_post_with_other_side_moves(admin):
    fields = stage_fields(flow_of_draft("lab"), "PEMBAYARAN")
    fields |= {"meja2-role": "admin_layanan", "meja2-allows": ["return"], "days": "2",
               "short": "Bayar"}  # fmt: skip
    assert send(admin, "/tahap/PEMBAYARAN", "lab", **fields).status_code == 302
    flow = flow_of_draft("lab")
    stage = flow.stage("PEMBAYARAN")
    assert (stage.short, stage.desks[2].role, stage.desks[2].allows) == (
        "Bayar", "admin_layanan", ("return",))  # fmt: skip
    assert stage.desks[0].allows == ("return", "cancel")
    assert flow.stage("SERAH_PELANGGAN").days == 44


def test_a_stage_without_words_comes_back(admin):
    fields = stage_fields(flow_of_draft(), "TERIMA_ADMIN") | {"short": " ", "days": "lama"}
    answer = send(admin, "/tahap/TERIMA_ADMIN", **fields)
    assert answer.status_code == 422
    assert 'value="lama"' in answer.text and 'href="#short"' in answer.text
    fields = stage_fields(flow_of_draft(), "TERIMA_ADMIN") | {"meja0-role": "auditor"}
    assert send(admin, "/tahap/TERIMA_ADMIN", **fields).status_code == 422


def test_the_slower_administrator_keeps_what_was_typed(app, admin, people):
    seen = stamp_of(draft_of())
    with app.app_context():
        other = make_staff("administrator", email="administrator-dua@balai.test")
    flow_drafts.save_draft(draft_of(), {**definition_of(draft_of()), "working_days": 5}, seen=seen,
                      what="days", actor=other, now=draft_of().updated_at)  # fmt: skip
    fields = stage_fields(flow_of_draft(), "TERIMA_ADMIN") | {"short": "Diterima Loket"}
    answer = post(admin, f"{ALUR}/data/draf/tahap/TERIMA_ADMIN", {"seen": seen, **fields})
    assert answer.status_code == 409
    assert 'value="Diterima Loket"' in answer.text
    assert "baru saja diubah oleh Petugas administrator-dua" in answer.text
    assert flow_of_draft().working_days == 5
    again = re.search(r'name="seen" value="([^"]+)"', answer.text).group(1)
    fields["seen"] = again.replace("&#43;", "+")
    assert post(admin, f"{ALUR}/data/draf/tahap/TERIMA_ADMIN", fields).status_code == 302
    assert flow_of_draft().stage("TERIMA_ADMIN").short == "Diterima Loket"


NEW = {
    "after": "DISPOSISI_KABALAI", "kind": "office", "role": "kasubag_tu", "days": "0,5",
    "title": "KASUBAG TU MENELAAH PERMOHONAN", "short": "Telaah TU",
    "action": "Simpan telaah", "waiting": "Menunggu telaah Kasubag TU", "clause": "",
}  # fmt: skip


def test_a_stage_is_added_with_a_code_that_was_never_used(admin):
    assert send(admin, "/tahap-baru", **NEW).status_code == 302
    assert send(admin, "/tahap-baru", **NEW).status_code == 302
    flow = flow_of_draft()
    assert [stage.code for stage in flow.stages[3:5]] == ["TELAAH_TU_2", "TELAAH_TU"]
    assert flow.stages[-1].days == 4
    page = admin.get(f"{ALUR}/data/draf").text
    assert "1 masalah harus diperbaiki" in page
    assert "melebihi janji layanan" in admin.get(f"{ALUR}/data/draf/periksa").text


def test_a_stage_of_the_customer_asks_for_an_answer(admin):
    assert send(admin, "/tahap-baru", **NEW | {"kind": "customer", "days": "0"}).status_code == 302
    added = flow_of_draft().stage("TELAAH_TU")
    assert (added.role, added.kind, added.inputs[0].required) == ("pelanggan", "customer", True)


def test_a_stage_is_not_added_behind_the_handover(admin):
    answer = send(admin, "/tahap-baru", **NEW | {"after": "SERAH_PELANGGAN", "short": ""})
    assert answer.status_code == 422
    assert "Simpan telaah" in answer.text


# -- inputs ---------------------------------------------------------------------------------------


def test_a_desk_asks_for_one_thing_more_and_one_less(admin):
    address = "/tahap/PEMBAYARAN/isian"
    fields = {"desk": "2", "isian2-label": "Cara bayar", "isian2-type": "choice",
              "isian2-options": "Bank\n\n Pos \nBank", "isian2-required": "y"}  # fmt: skip
    assert send(admin, address, "lab", **fields).status_code == 302
    added = flow_of_draft("lab").stage("PEMBAYARAN").desks[2].inputs[-1]
    assert (added.name, added.options, added.required) == ("cara_bayar", ("Bank", "Pos"), True)
    send(admin, address, "lab", **fields)
    names = [entry.name for entry in flow_of_draft("lab").stage("PEMBAYARAN").desks[2].inputs]
    assert names[-2:] == ["cara_bayar", "cara_bayar_2"]
    send(admin, address, "lab", desk="2", do="optional:cara_bayar")
    send(admin, address, "lab", desk="2", do="remove:cara_bayar_2")
    desk = flow_of_draft("lab").stage("PEMBAYARAN").desks[2]
    assert [(entry.name, entry.required) for entry in desk.inputs[-1:]] == [("cara_bayar", False)]
    told = admin.get(f"{ALUR}/lab/draf").text
    assert "isian baru “Cara bayar”" in told
    # The tax office's number is needed, and the check says so.
    send(admin, address, "lab", desk="2", do="remove:ntpn")
    assert "pembayaran memerlukan isian wajib" in admin.get(f"{ALUR}/lab/draf/periksa").text


@pytest.mark.parametrize("label", ["Version", "CSRF token", "Report", "Tanda terima", "Note"])
def test_a_new_input_never_takes_a_name_that_means_something(admin, label):
    assert send(admin, "/tahap/TERIMA_ADMIN/isian", **{
        "isian0-label": label, "isian0-type": "file"}).status_code == 302  # fmt: skip
    assert flow_of_draft().stage("TERIMA_ADMIN").inputs[-1].name.endswith("_2")
    assert "1 masalah" not in admin.get(f"{ALUR}/data/draf").text


def test_an_input_without_label_or_options_comes_back(admin):
    before = draft_of().definition
    answer = send(admin, "/tahap/TERIMA_ADMIN/isian", **{
        "isian0-type": "choice", "isian0-hint": "Petunjuk saya"})  # fmt: skip
    assert answer.status_code == 422
    assert "satu pada setiap baris" in answer.text and "Petunjuk saya" in answer.text
    assert draft_of().definition == before


@pytest.mark.parametrize(
    ("address", "fields"),
    [("TERIMA_ADMIN", {"do": "remove:tidak_ada"}), ("TERIMA_ADMIN", {"desk": "4"}),
     ("TERIMA_ADMIN", {"desk": "x"}), ("SURVEI", {}), ("PENGAJUAN", {}), ("TIDAK_ADA", {}),
     ("TERIMA_ADMIN", {"do": "meledak"})],
)  # fmt: skip
def test_inputs_where_there_are_none_are_a_404(admin, address, fields):
    assert send(admin, f"/tahap/{address}/isian", **fields).status_code == 404


# -- files ---------------------------------------------------------------------------------------


def test_the_file_goes_down_and_up_unchanged(admin):
    answer = admin.get(f"{ALUR}/data/draf/berkas")
    assert read_toml(answer.data) == definition_of(draft_of())
    before = stamp_of(draft_of())
    send(admin, "/berkas", file=(io.BytesIO(answer.data), "alur.toml"))
    assert stamp_of(draft_of()) == before


def test_an_edited_file_becomes_the_draft(admin):
    content = admin.get(f"{ALUR}/data/draf/berkas").text.replace("Diterima Admin", "Masuk Loket")
    assert send(admin, "/berkas", file=(io.BytesIO(content.encode()), "a.toml")).status_code == 302
    assert flow_of_draft().stage("TERIMA_ADMIN").short == "Masuk Loket"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Pilih berkas"),
        (b"\x89PNG", "bukan teks UTF-8"),
        (b"title = 5", "harus berupa teks"),
        ((CONTENT / "services" / "lab.toml").read_bytes(), "Berkas ini untuk layanan “lab”"),
    ],
)
def test_another_file_is_refused_in_words(admin, content, words):
    before = draft_of().definition
    answer = send(admin, "/berkas", file=(io.BytesIO(content), "a.toml"))
    assert answer.status_code == 422
    assert words in answer.text
    assert draft_of().definition == before


# -- publishing ----------------------------------------------------------------------------------


def test_publishing_asks_for_a_note_and_says_what_changes(admin, people):
    send(admin, "", do="days", janji="4", **{"hari-SERAH_PELANGGAN": "1,5"})
    page = admin.get(f"{ALUR}/data/draf/terbitkan").text
    assert "janji layanan 3 menjadi 4 hari kerja" in page
    assert send(admin, "/terbitkan", note=" ").status_code == 422
    seen = stamp_of(draft_of())
    assert send(admin, "/terbitkan", note="Menurut keputusan rapat.").status_code == 302
    page = admin.get(f"{ALUR}/data").text
    assert "Versi 2 sudah berlaku" in page and "Menurut keputusan rapat." in page
    version = FlowVersion.select().order_by(FlowVersion.id.desc()).first()
    assert (version.published_by, version.note) == (
        people.administrator,
        "Menurut keputusan rapat.",
    )
    for words in ("Versi alur diterbitkan: versi 2", "Draf alur diubah: waktu dan janji"):
        assert words in page
    again = post(admin, f"{ALUR}/data/draf/terbitkan", {"seen": seen, "note": "x"})
    assert again.status_code == 404
    first = admin.get(f"{ALUR}/data/versi/{version.id}/berkas").text
    assert "edition = 2" in first


def test_a_draft_with_errors_is_not_published(admin):
    send(admin, "", do="days", janji="2")
    page = admin.get(f"{ALUR}/data/draf/terbitkan").text
    assert "Harus diperbaiki dahulu (1)" in page and 'name="note"' not in page
    assert send(admin, "/terbitkan", note="Tetap saja.").status_code == 409


def test_a_draft_from_another_version_says_so(admin, runtime):
    assert "tidak dimulai dari alur yang berlaku" not in admin.get(f"{ALUR}/data/draf").text
    send(admin, "", do="days", janji="4", **{"hari-SERAH_PELANGGAN": "1,5"})
    first = runtime.catalogue["data"].version_id
    send(admin, "/terbitkan", note="Menurut keputusan rapat.")
    post(admin, f"{ALUR}/data/draf/buka", {"version": str(first)})
    for page in ("draf", "draf/terbitkan"):
        told = admin.get(f"{ALUR}/data/{page}").text
        assert "tidak dimulai dari alur yang berlaku" in told
        assert "janji layanan 4 menjadi 3 hari kerja" in told


@pytest.mark.parametrize(
    "address",
    ["tidak-ada", "tidak-ada/draf", "advis/draf", "data/versi/0", "data/versi/abc",
     "data/versi/" + "9" * 40, "data/draf/tahap/TIDAK_ADA"],
)  # fmt: skip
def test_what_is_not_there_is_a_404(admin, address):
    assert admin.get(f"{ALUR}/{address}").status_code == 404


def test_a_version_of_another_service_is_a_404(admin, runtime):
    lab = runtime.catalogue["lab"].version_id
    assert admin.get(f"{ALUR}/data/versi/{lab}").status_code == 404
    assert post(admin, f"{ALUR}/data/draf/buka", {"version": str(lab)}).status_code == 404


# -- how many queries ----------------------------------------------------------------------------


def test_pages_run_a_fixed_number_of_queries(app, admin, people, runtime, now, monkeypatch):
    counter = Counter(monkeypatch)
    few = {page: counter.of(admin, f"{ALUR}/{page}") for page in PAGES}
    for number in range(6):
        request = file_request(runtime, people.customer, now=now, key=f"K{number}")
        if number % 2:
            advance(request, people, runtime, now=now)
    many = {page: counter.of(admin, f"{ALUR}/{page}") for page in PAGES}
    assert few == many
    assert max(many.values()) <= 18


def test_pages_are_indonesian_and_valid(admin):
    send(admin, "/tahap-baru", **NEW)
    pages = {page: admin.get(f"{ALUR}/{page}").text for page in PAGES if page != "data/draf/berkas"}
    pages["days"] = send(admin, "", do="days", janji="x").text
    pages["stage"] = send(admin, "/tahap/TERIMA_ADMIN", short="").text
    pages["file"] = send(admin, "/berkas", file=(io.BytesIO(b"x = 1"), "a.toml")).text
    pages["note"] = send(admin, "/terbitkan", "lab", note="").text
    check(pages)
