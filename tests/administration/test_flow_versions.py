"""Which version of a service is on offer, and what a changed file does."""

import json
import shutil
from datetime import timedelta

import pytest

from models import FlowVersion, Request
from moves.catalogue import flow_of, load_catalogue
from rules.services import digest_of
from tests.administration.flow_steps import SERVICES, newest
from tests.people import advance, checked, enter, file_request, post, upload
from tests.story_forms import FORM


def publish_by_hand(people, *, now, code="data", **changes) -> FlowVersion:
    """A version as an administrator published it, without the pages."""
    raw = {**json.loads(newest(code).definition), **changes}
    text, digest = digest_of(raw)
    return FlowVersion.create(
        service_code=code, digest=digest, definition=text, created_at=now, published_at=now,
        published_by=people.administrator, note="Uji",
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    """A copy of the service files that a test may change."""
    return shutil.copytree(SERVICES, tmp_path / "services")


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


def test_a_form_checked_by_an_old_version_is_checked_again(app, people, later):
    client = enter(app, people.customer)
    post(client, "/ajukan", {**FORM, "file": upload()})
    seen = checked(client)
    version = publish_by_hand(people, now=later, working_days=9)
    again = post(client, "/ajukan/kirim", seen, follow_redirects=True)
    assert "ketentuan layanan berubah" in again.text
    assert Request.select().count() == 0
    post(client, "/ajukan/kirim", checked(client))
    assert Request.get().flow_id == version.id


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


def edited(folder, old='days = "0.5"', new='days = "0.25"') -> None:
    path = folder / "data.toml"
    path.write_text(path.read_text().replace(old, new))


# -- files and people ----------------------------------------------------------------------------


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
