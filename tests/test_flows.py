"""Services change as data: versions, drafts, checks, a rehearsal, and who is on which version."""

import json
import shutil
from datetime import timedelta

import pytest

from catalogue import flow_of, load_catalogue
from config.settings import CONTENT
from drafts import stamp_of
from models import FlowDraft, FlowVersion
from rules.services import digest_of
from tests.people import advance, enter, file_request, post

SERVICES = CONTENT / "services"


def publish_by_hand(people, *, now, code="data", **changes) -> FlowVersion:
    """A version as an administrator published it, without the pages."""
    raw = {**json.loads(newest(code).definition), **changes}
    text, digest = digest_of(raw)
    return FlowVersion.create(
        service_code=code, digest=digest, definition=text, created_at=now, published_at=now,
        published_by=people.administrator, note="Uji",
    )  # fmt: skip


def newest(code: str) -> FlowVersion:
    published = FlowVersion.published_at.is_null(False) & (FlowVersion.service_code == code)
    return FlowVersion.select().where(published).order_by(FlowVersion.id.desc()).first()


@pytest.fixture
def folder(tmp_path):
    """A copy of the service files that a test may change."""
    return shutil.copytree(SERVICES, tmp_path / "services")


@pytest.fixture
def later(now):
    """After everything that was published at the start of the tests."""
    return now.replace(year=2100)


# -- which version is on offer -------------------------------------------------------------------


def test_every_process_offers_a_new_version_at_once(people, runtime, later):
    elsewhere = load_catalogue(SERVICES, now=later)
    version = publish_by_hand(people, now=later, working_days=4)
    assert elsewhere["data"].version_id != version.id
    elsewhere.refresh()
    assert (elsewhere["data"].version_id, elsewhere["data"].flow.working_days) == (version.id, 4)
    assert elsewhere["lab"] is not None


def test_a_web_request_looks_for_new_versions(app, people, runtime, later):
    visitor = app.test_client()
    assert "9 hari kerja" not in visitor.get("/sop/data").text
    publish_by_hand(people, now=later, working_days=9)
    assert "<strong>9</strong>hari kerja" in visitor.get("/sop/data").text


def test_a_running_request_stays_on_its_version(app, people, runtime, now, later):
    old = file_request(runtime, people.customer, now=now, key="LAMA")
    raw = json.loads(newest("data").definition)
    shorter = [stage for stage in raw["stage"] if stage["code"] != "DISPOSISI_KASUBAG"]
    shorter[3]["input"] = []
    version = publish_by_hand(people, now=later, stage=shorter)
    runtime.catalogue.refresh()
    new = file_request(runtime, people.customer, now=now, key="BARU")
    assert new.flow_id == version.id != old.flow_id
    assert flow_of(old).has_stage("DISPOSISI_KASUBAG")
    assert advance(old, people, runtime, now=now).status == "done"


# -- files and people ----------------------------------------------------------------------------


def edited(folder, old='days = "0.5"', new='days = "0.25"') -> None:
    path = folder / "data.toml"
    path.write_text(path.read_text().replace(old, new))


def test_a_restart_does_not_bring_the_file_back(people, later):
    version = publish_by_hand(people, now=later, working_days=4)
    again = load_catalogue(SERVICES, now=later + timedelta(days=1))
    assert again["data"].version_id == version.id


def test_a_changed_file_is_published_while_nobody_edits_here(people, folder, later):
    edited(folder)
    offer = load_catalogue(folder, now=later)["data"]
    try:
        assert str(offer.flow.stages[1].days) == "0.25"
    finally:
        FlowVersion.delete().where(FlowVersion.id == offer.version_id).execute()


def test_a_changed_file_is_only_a_proposal_after_an_edit_here(people, folder, later):
    version = publish_by_hand(people, now=later, working_days=4)
    edited(folder)
    again = load_catalogue(folder, now=later + timedelta(days=1))
    assert again["data"].version_id == version.id
    kept = FlowVersion.select().order_by(FlowVersion.id.desc()).first()
    try:
        assert kept.published_at is None
        assert '"0.25"' in kept.definition
    finally:
        kept.delete_instance()


# -- the pages -----------------------------------------------------------------------------------

PAGES = ("", "data", "data/draf", "data/draf/periksa", "data/draf/simulasi",
         "data/draf/terbitkan", "data/draf/tahap-baru", "lab/draf", "lab/draf/simulasi",
         "lab/draf/tahap/PEMBAYARAN", "data/draf/tahap/PENGAJUAN", "data/draf/tahap/SURVEI",
         "data/draf/berkas")  # fmt: skip


def begin(client, code="data") -> FlowDraft:
    """A draft, opened as by its button."""
    assert post(client, f"/backoffice/alur/{code}/draf/buka").status_code == 302
    return FlowDraft.get(FlowDraft.service_code == code)


def seen(code="data") -> str:
    return stamp_of(FlowDraft.get(FlowDraft.service_code == code))


def test_every_page_opens_for_the_administrator(app, people, runtime, now):
    client = enter(app, people.administrator)
    begin(client)
    begin(client, "lab")
    for page in PAGES:
        assert client.get(f"/backoffice/alur/{page}").status_code == 200, page
