"""Drafts of a service: opened, saved and published, by one administrator at a time."""

from datetime import timedelta

import pytest

from administration import flow_drafts
from administration.audit import verify_history
from administration.drafts import stamp_of
from models import Event, FlowDraft, FlowVersion, User
from moves.catalogue import load_catalogue
from rules.services import parse_flow
from tests.administration.flow_steps import SERVICES, newest
from tests.people import file_request
from workflow import Conflict, Refused


def begin(people, now, code="data") -> FlowDraft:
    return flow_drafts.open_draft(newest(code), actor=people.administrator, now=now)


def save(draft, people, now, seen="", **changes) -> FlowDraft:
    raw = {**flow_drafts.definition_of(draft), **changes}
    return flow_drafts.save_draft(draft, raw, seen=seen or stamp_of(draft), what="days",
                             actor=people.administrator, now=now)  # fmt: skip


def publish(draft, people, now, note="Janji diperpanjang menurut keputusan rapat.") -> FlowVersion:
    return flow_drafts.publish_draft(draft, seen=stamp_of(draft), note=note,
                                actor=people.administrator, now=now)  # fmt: skip


def kinds(code="data") -> list[str]:
    stream = Event.select().where(Event.stream == f"flow:{code}")
    return [event.kind for event in stream.order_by(Event.seq)]


# -- drafts and publishing -----------------------------------------------------------------------


def test_a_service_has_one_draft_and_opening_it_again_changes_nothing(people, now):
    first = begin(people, now)
    again = begin(people, now + timedelta(hours=1))
    assert (again.id, again.updated_at) == (first.id, first.updated_at)
    assert kinds() == ["flow_draft_opened"]


@pytest.mark.parametrize("post_held", ["auditor", "kepala_balai", "admin_layanan"])
def test_only_the_administrator_changes_a_flow(people, now, post_held):
    draft, other = begin(people, now), people.staff[post_held]
    for attempt in (
        lambda: flow_drafts.open_draft(newest("lab"), actor=other, now=now),
        lambda: flow_drafts.save_draft(
            draft, {}, seen=stamp_of(draft), what="x", actor=other, now=now
        ),
        lambda: flow_drafts.discard_draft(draft, seen=stamp_of(draft), actor=other, now=now),
        lambda: flow_drafts.publish_draft(
            draft, seen=stamp_of(draft), note="x", actor=other, now=now
        ),
    ):
        with pytest.raises(Refused, match="Hanya Administrator"):
            attempt()


def test_two_administrators_do_not_overwrite_each_other(people, now):
    draft = begin(people, now)
    seen = stamp_of(draft)
    saved = save(draft, people, now, working_days=4)
    with pytest.raises(Conflict, match="baru saja diubah oleh Petugas administrator"):
        save(draft, people, now, seen=seen, working_days=9)
    assert '"working_days":4' in FlowDraft.get_by_id(draft.id).definition
    with pytest.raises(Conflict):
        flow_drafts.publish_draft(saved, seen=seen, note="x", actor=people.administrator, now=now)
    with pytest.raises(Conflict):
        flow_drafts.discard_draft(saved, seen=seen, actor=people.administrator, now=now)
    flow_drafts.discard_draft(saved, seen=stamp_of(saved), actor=people.administrator, now=now)
    assert kinds() == ["flow_draft_opened", "flow_draft_changed", "flow_draft_discarded"]
    with pytest.raises(Conflict, match="diterbitkan atau dibuang"):
        save(saved, people, now, working_days=5)


@pytest.mark.parametrize("seen", ["x", "2024-07-29", "2024-07-29T04:57:45"])
def test_a_form_without_its_stamp_is_refused(people, now, seen):
    with pytest.raises(Refused, match="tidak lengkap"):
        save(begin(people, now), people, now, seen=seen, working_days=4)


def test_publishing_is_one_step_and_the_draft_is_gone(people, runtime, now, later):
    elsewhere = load_catalogue(SERVICES, now=now)
    draft = save(begin(people, now), people, now, working_days=4)
    old = file_request(runtime, people.customer, now=now, key="LAMA")
    version = publish(draft, people, later)
    runtime.catalogue.refresh()
    elsewhere.refresh()
    assert runtime.catalogue["data"].version_id == elsewhere["data"].version_id == version.id
    assert (version.published_by, version.published_at) == (people.administrator, later)
    assert FlowDraft.select().count() == 0
    said = Event.get(Event.kind == "flow_published").data
    assert said.items() >= {"service": "data", "version": version.id, "edition": 2,
                            "digest": version.digest, "replaces": old.flow_id}.items()  # fmt: skip
    new = file_request(runtime, people.customer, now=now, key="BARU")
    assert (old.flow_id, new.flow_id) == (said["replaces"], version.id)
    assert verify_history()[1] == []


def test_what_can_not_be_published(people, now, later):
    draft = begin(people, now)
    with pytest.raises(Refused, match="sama dengan versi yang berlaku"):
        publish(draft, people, later)
    draft = save(draft, people, now, working_days=2)
    with pytest.raises(Refused, match="Masih ada masalah"):
        publish(draft, people, later)
    draft = save(draft, people, now, working_days=4)
    with pytest.raises(Refused, match="Tulis catatan"):
        publish(draft, people, later, note=" ")
    assert FlowVersion.select().where(FlowVersion.published_by.is_null(False)).count() == 0
    assert FlowDraft.select().count() == 1
    # It was only a doubt that the promise is longer than the stages.
    assert [
        p.is_error for p in flow_drafts.review(flow_drafts.definition_of(draft), "data", now=now)
    ] == [False]
    assert publish(draft, people, later).published_at == later


def test_going_back_is_a_version_of_its_own(people, runtime, now, later):
    first = newest("data")
    publish(save(begin(people, now), people, now, working_days=4), people, later)
    draft = flow_drafts.open_draft(first, actor=people.administrator, now=later)
    back = publish(draft, people, later, note="Kembali ke versi pertama.")
    assert flow_drafts.definition_of(back)["edition"] == 3
    assert back.published_at > later
    runtime.catalogue.refresh()
    offer = runtime.catalogue["data"]
    assert (offer.version_id, offer.flow) == (back.id, parse_flow(flow_drafts.definition_of(first)))


def words(problems, *, is_error=True) -> list[str]:
    return [str(problem) for problem in problems if problem.is_error is is_error]


# -- what the check knows beyond the definition --------------------------------------------------


def test_a_stage_whose_post_nobody_holds_blocks(people, now):
    raw = flow_drafts.definition_of(begin(people, now, "lab"))
    assert flow_drafts.review(raw, "lab", now=now) == []
    # Nobody is left down the chain that stands in for the treasurer.
    gone = (people.bendahara, people.kasubag_tu, people.kepala_balai)
    User.update(active=False).where(User.id.in_([p.id for p in gone])).execute()
    found = words(flow_drafts.review(raw, "lab", now=now))
    for desk in ("PEMBAYARAN", "PEMBAYARAN/3"):
        assert f"{desk}: belum ada petugas yang memegang pos Bendahara Penerimaan" in found


def test_a_vacant_post_with_a_substitute_is_only_told(people, now):
    raw = flow_drafts.definition_of(begin(people, now))
    User.update(active=False).where(User.id == people.kepala_balai).execute()
    problems = flow_drafts.review(raw, "data", now=now)
    assert words(problems) == []
    assert words(problems, is_error=False) == [
        "DISPOSISI_KABALAI: pos Kepala Balai sedang kosong; digantikan Kasubag TU"
    ]


def test_posts_outside_every_queue_hold_no_stage(people, now):
    raw = flow_drafts.definition_of(begin(people, now))
    raw["stage"][2]["role"] = "auditor"
    assert any("tidak memegang tahap layanan" in w for w in words(
        flow_drafts.review(raw, "data", now=now)))  # fmt: skip


def test_a_code_keeps_its_meaning(people, now):
    raw = flow_drafts.definition_of(begin(people, now))
    other = next(stage for stage in raw["stage"] if stage["code"] == "DISPOSISI_KASUBAG")
    other |= {"kind": "customer", "role": "pelanggan", "input": []}
    raw["stage"][5]["input"] = []
    assert any("DISPOSISI_KASUBAG: kode ini sudah dipakai" in w
               for w in words(flow_drafts.review(raw, "data", now=now)))  # fmt: skip
    raw["code"] = "lab"
    assert any("kode layanan tetap “data”" in w for w in words(
        flow_drafts.review(raw, "data", now=now)))  # fmt: skip


def test_public_texts_that_tell_the_old_promise_are_pointed_out(people, now):
    raw = flow_drafts.definition_of(begin(people, now))
    raw["subclass"][0]["working_days"] = 4
    raw["stage"] = [stage for stage in raw["stage"] if stage["code"] != "SURVEI"]
    told = " ".join(words(flow_drafts.review(raw, "data", now=now), is_error=False))
    assert "banyaknya tahap berubah" in told and "janji layanan berubah" in told
    raw["standard"] |= {"prosedur": "Delapan tahap.", "jangka_waktu": "Empat hari kerja."}
    told = " ".join(words(flow_drafts.review(raw, "data", now=now), is_error=False))
    assert "berubah" not in told
