"""An administrator changes the stages of a service on its pages."""

import re
import tomllib

import pytest

from administration import flow_drafts
from administration.drafts import stamp_of
from administration.flow_drafts import definition_of
from config.settings import CONTENT
from models import Event
from outputs.flow_diagram import rows_of
from tests.backoffice.manage.flow_pages import ALUR, NEW, draft_of, flow_of_draft, send
from tests.people import make_staff, post

# What differs between the engines is in test_flows.py and test_simulation.py.
pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


RAW = {path.stem: tomllib.loads(path.read_text())
       for path in sorted((CONTENT / "services").glob("*.toml"))}  # fmt: skip


def days_of(flow) -> list[str]:
    return [f"{stage.days.normalize():f}" for stage in flow.stages]


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
