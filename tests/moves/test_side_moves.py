"""The side paths: allowed where the service's file says so, refused elsewhere, told to whom it
concerns, and kind to the clock."""

import tomllib
from datetime import UTC, datetime, timedelta

import pytest

import tasks
import workflow
from config.background import huey
from config.settings import CONTENT
from models import Billing, Document, Event, Message, Pause, Request, RequestDraft
from moves import completions
from moves.catalogue import current_stage, flow_of
from moves.sides import SIDES
from rules.formats import ZONE
from rules.timeline import completed_stages
from storage.database import canonical_json
from tests.people import (
    REFUSAL,
    advance,
    complete_desk,
    enter,
    file_request,
    inputs_for,
    make_staff,
    post,
    stored,
    unpublished_offer,
)
from workflow import InvalidInput, Refused

SERVICES = ("data", "advis", "lab")
REASON = "Alasan yang cukup panjang untuk dibaca."
BY_CUSTOMER = {"negotiate": "negotiate", "cancel": "cancel", "cancel_with_consent": "ask_cancel"}


def wita(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2024, month, day, hour, minute, tzinfo=ZONE)


@pytest.fixture
def at(people, runtime, now):
    """A request of a service that lies at a stage (`PEMBAYARAN/2` for its second turn)."""

    def make(name: str, service: str = "data", key: str = "K1", **kwargs) -> Request:
        request = file_request(runtime, people.customer, now=now, service=service, key=key,
                               **kwargs)  # fmt: skip
        code, _, turn = name.partition("/")
        request = advance(request, people, runtime, now=now, until=code)
        for _ in range(int(turn or 1) - 1):
            request = complete_desk(request, people, runtime, now=now + timedelta(hours=3))
        return request

    return make


def take(request: Request, code: str, actor, now: datetime, **inputs) -> Request:
    return workflow.act(request, code, actor=actor, inputs=inputs, version=request.version, now=now)


def offered(request: Request, actor, now: datetime) -> set[str]:
    return {choice.code for choice in workflow.choices(request, actor, now)}


def kinds(request: Request) -> list[str]:
    rows = Event.select().where(Event.request == request).order_by(Event.seq)
    return [event.kind for event in rows if event.kind != "document_made"]


def last_event(request: Request) -> Event:
    return Event.select().where(Event.request == request).order_by(Event.seq.desc()).first()


def told(request: Request, person, template: str) -> list[Message]:
    return list(Message.select().where(
        (Message.request == request) & (Message.recipient == person)
        & (Message.template == template)).order_by(Message.id))  # fmt: skip


def told_customer(request: Request) -> int:
    return Message.select().where(Message.recipient == request.customer_id).count()


def clock_stands(request: Request) -> bool:
    return Pause.select().where((Pause.request == request) & Pause.ended_at.is_null()).exists()


def rows_of(request: Request) -> str:
    """Everything about a request, as text, to see that nothing changed."""
    tables = (Event, Document, Message, Pause, Billing)
    found = [list(t.select().where(t.request == request).order_by(t.id).dicts()) for t in tables]
    found.append(Request.select().where(Request.id == request.id).dicts().get())
    return repr(found)


# -- where ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", SERVICES)
def test_every_desk_offers_exactly_what_the_file_says(people, runtime, now, service):
    """Walk the service; at each desk ask everybody, and try what isn't offered."""
    raw = tomllib.loads((CONTENT / "services" / f"{service}.toml").read_text())
    tables = [{**stage, **step} for stage in raw["stage"] for step in stage.get("step", [{}])]
    request, moment = file_request(runtime, people.customer, now=now, service=service), now
    for turn, table in enumerate(tables[1:]):
        desk = current_stage(request)
        assert (desk.code, desk.role) == (table["code"], table["role"])
        everybody = {**people.staff, "pelanggan": people.customer, "": people.other_customer}
        for post_name, person in everybody.items():
            wanted = set()
            if post_name == desk.role:
                wanted.add("survey" if desk.kind == "survey" else "complete")
            for entry in table.get("allows", ()):
                code, _, role = entry.partition(":")
                if code in BY_CUSTOMER:
                    wanted |= {BY_CUSTOMER[code]} if post_name == "pelanggan" else set()
                elif post_name == (role or desk.role):
                    wanted.add(code)
            assert offered(request, person, moment) == wanted, (desk.desk, post_name)
        before = rows_of(request)
        # A part of them at each desk, another one at the next.
        for person in (everybody[desk.role], people.other_customer):
            for code in sorted(SIDES.keys() - offered(request, person, moment))[turn % 5 :: 5]:
                with pytest.raises(Refused, match="tidak dapat melakukan"):
                    take(request, code, person, moment)
        assert rows_of(request) == before
        moment += timedelta(minutes=20)
        request = complete_desk(request, people, runtime, now=moment)
    assert request.status == "done"


def test_a_kind_that_only_the_office_gives_cannot_be_filed(people, runtime, now):
    for kind in ("darurat", "tidak-ada", ""):
        with pytest.raises(Refused, match="jenis layanan"):
            file_request(runtime, people.customer, now=now, service="advis", subclass=kind)
    assert Request.select().count() == 0


# -- completion ----------------------------------------------------------------------------------

ASKED_AT = [
    ("data", "TERIMA_ADMIN"),
    ("data", "VERIFIKASI_DATA"),
    ("advis", "KAJI_PERMINTAAN"),
    ("lab", "TERIMA_BENDA_UJI"),
]


@pytest.mark.parametrize(("service", "stage"), ASKED_AT)
def test_completion_stops_the_clock_and_comes_back_to_who_asked(
    people, runtime, at, service, stage
):
    request = at(stage, service)
    holder, assigned = people.staff[current_stage(request).role], request.assignee_id
    asked = take(request, "ask_completion", holder, wita(7, 30, 10), days="5",
                 items="- Surat bertanda tangan\n- Peta lokasi")  # fmt: skip
    assert (asked.status, asked.waiting_role) == ("needs_completion", "pelanggan")
    # Five working days from Tuesday 10.00: Wed, Thu, Fri, Mon, Tuesday.
    assert asked.pending_due_at == wita(8, 6, 10)
    assert clock_stands(asked)
    [message] = told(asked, people.customer, "perlu_dilengkapi")
    assert message.variables["daftar"] == "Surat bertanda tangan; Peta lokasi"
    assert message.variables["batas"] == "Selasa, 6 Agu 2024"
    assert "complete" not in offered(asked, holder, wita(7, 30, 11))
    with pytest.raises(Refused):
        take(asked, "give_completion", people.other_customer, wita(7, 31, 9))
    with pytest.raises(InvalidInput) as missing:
        take(asked, "give_completion", people.customer, wita(7, 31, 9))
    assert set(missing.value.errors) == {"file"}

    given = take(asked, "give_completion", people.customer, wita(8, 1, 10),
                 file=stored(runtime, name="baru.pdf"))  # fmt: skip
    assert (given.stage_code, given.assignee_id) == (stage, assigned)
    assert not clock_stands(given)
    # It stood for two working days and no minute; the promise moves by that.
    whole_days_later = (given.due_at - asked.due_at).days
    assert whole_days_later == (4 if service == "data" else 2)
    assert given.due_at.time() == asked.due_at.time()
    versions = Document.select().where(
        (Document.request == given) & (Document.kind == "pendukung")
    ).order_by(Document.version)  # fmt: skip
    assert [(v.version, v.replaced_by_id is None) for v in versions] == [(1, False), (2, True)]
    assert told(given, holder, "kelengkapan_diterima")
    assert kinds(given)[-2:] == ["completion_asked", "completion_given"]
    assert offered(given, holder, wita(8, 1, 10)) >= {"complete"}


def test_completion_may_be_withdrawn_by_who_may_ask(people, at):
    asked = take(at("TERIMA_ADMIN"), "ask_completion", people.admin_layanan, wita(7, 30, 10),
                 days="5", items="Surat bertanda tangan")  # fmt: skip
    with pytest.raises(Refused):
        take(asked, "withdraw_completion", people.kepala_balai, wita(7, 30, 11), reason=REASON)
    back = take(asked, "withdraw_completion", people.admin_layanan, wita(7, 30, 11), reason=REASON)
    assert (back.pending, back.status) == ("", "waiting_verification")
    assert not clock_stands(back)
    assert told(back, people.customer, "tahap_dilanjutkan")


@pytest.fixture
def asked(people, at) -> Request:
    """A completion asked on Tuesday 30 July 10.00: due Tuesday 6 August 10.00."""
    return take(at("TERIMA_ADMIN"), "ask_completion", people.admin_layanan, wita(7, 30, 10),
                days="5", items="Surat bertanda tangan")  # fmt: skip


def ticks(first: datetime, last: datetime):
    while first <= last:
        yield first
        first += timedelta(hours=3)


def test_reminders_come_two_working_days_before_and_on_the_day_once_each(people, asked):
    for moment in ticks(wita(7, 30, 10, 7), wita(8, 6, 11, 7)):
        for _ in range(2):
            completions.remind_of_completions(now=moment)
    reminders = told(asked, people.customer, "pengingat_lengkapi")
    # Friday is two working days before Tuesday; not in the night but from 07.00 on.
    assert [m.created_at for m in reminders] == [wita(8, 2, 7, 7), wita(8, 6, 7, 7)]
    assert {m.variables["batas"] for m in reminders} == {"Selasa, 6 Agu 2024"}
    # What the gateway can't deliver by then isn't sent any more.
    assert {m.expires_at for m in reminders} == {wita(8, 6, 10)}


def test_a_reminder_missed_in_a_downtime_is_sent_while_it_still_helps(people, asked):
    completions.remind_of_completions(now=wita(8, 5, 9))
    completions.remind_of_completions(now=wita(8, 20, 9))
    assert len(told(asked, people.customer, "pengingat_lengkapi")) == 1


def test_no_reminder_after_the_completion_came_and_new_ones_for_a_second_asking(
    people, runtime, asked
):
    given = take(asked, "give_completion", people.customer, wita(7, 31, 9), file=stored(runtime))
    completions.remind_of_completions(now=wita(8, 2, 9))
    assert told(given, people.customer, "pengingat_lengkapi") == []
    take(given, "ask_completion", people.admin_layanan, wita(8, 2, 9), days="3", items="Peta lagi")
    # Three working days from Friday: Wednesday 7 August; two before it is Monday.
    completions.remind_of_completions(now=wita(8, 5, 9))
    assert len(told(given, people.customer, "pengingat_lengkapi")) == 1


def test_expiry_waits_for_the_grace_and_happens_once(people, runtime, asked):
    """Three working days after Tuesday 6 August 10.00: Friday 9 August 10.00."""
    assert completions.expire_overdue(now=wita(8, 9, 10)) == 0
    assert "give_completion" in offered(asked, people.customer, wita(8, 9, 10))
    assert completions.expire_overdue(now=wita(8, 9, 10, 1)) == 1
    assert completions.expire_overdue(now=wita(8, 9, 10, 1)) == 0
    request = Request.get_by_id(asked.id)
    assert (request.status, request.waiting_role, request.pending) == ("expired", "", "")
    assert not clock_stands(request)
    assert (last_event(request).kind, last_event(request).actor_id) == ("expired", None)
    [message] = told(request, people.customer, "kedaluwarsa")
    assert message.variables["batas"] == "Selasa, 6 Agu 2024"
    # It had no number yet, and a dash is no name.
    assert message.variables["nomor"] == "“Uji Coba Layanan Data”"
    with pytest.raises(Refused):
        take(request, "give_completion", people.customer, wita(8, 9, 11), file=stored(runtime))


def test_the_alarm_clock_minds_completions_every_hour(people, asked):
    """The real task on the real clock: that the asking lies years back closes it at once."""
    task = tasks.follow_up_completions
    assert task.task_class in huey._registry.periodic_tasks or any(
        isinstance(entry, task.task_class) for entry in huey._registry.periodic_tasks
    )
    due = [minute for minute in range(60) if task.task_class().validate_datetime(
        datetime(2026, 1, 1, 5, minute))]  # fmt: skip
    assert due == [7]
    for _ in range(2):
        task.call_local()
    assert Request.get_by_id(asked.id).status == "expired"
    assert kinds(asked).count("expired") == 1


def test_an_expired_request_is_filed_again_from_a_copy(app, people, asked):
    completions.expire_overdue(now=wita(8, 20, 9))
    client = enter(app, people.customer)
    page = post(client, f"/layanan/{asked.public_id}/salin", follow_redirects=True)
    assert page.status_code == 200
    draft = RequestDraft.get()
    assert draft.answers["subject"] == asked.subject
    assert list(draft.files) == ["pendukung"]
    stranger = enter(app, people.other_customer)
    assert post(stranger, f"/layanan/{asked.public_id}/salin").status_code == 404


# -- refusal and objection -----------------------------------------------------------------------

REFUSED_AT = [
    ("data", "TERIMA_ADMIN", "admin_layanan", "kasubag_tu", "kasubag_tu"),
    ("data", "VERIFIKASI_DATA", "ketua_tim", "kasubag_tu", "kasubag_tu"),
    ("advis", "DISPOSISI_KABALAI", "kepala_balai", "atasan_balai", "kasubag_tu"),
    ("lab", "KAJI_ULANG", "manajer_teknis", "kepala_balai", "kepala_balai"),
]


@pytest.mark.parametrize(("service", "stage", "refuser", "superior", "decider"), REFUSED_AT)
@pytest.mark.parametrize("decision", ["uphold", "reopen"])
def test_an_objection_is_decided_by_the_superior_of_the_refuser(
    people, at, service, stage, refuser, superior, decider, decision
):
    request = at(stage, service)
    number, assigned, due_at = request.number, request.assignee_id, request.due_at
    refused = take(request, "reject", people.staff[refuser], wita(7, 30, 10), **REFUSAL)
    assert (refused.status, refused.waiting_role) == ("rejected", "")
    assert Document.get((Document.request == refused) & (Document.kind == "surat_penolakan"))
    # Ten working days from Tuesday 30 July: Tuesday 13 August.
    [message] = told(refused, people.customer, "ditolak")
    assert message.variables["batas"] == "Selasa, 13 Agu 2024"

    objected = take(refused, "object", people.customer, wita(7, 31, 10), reason=REASON)
    assert (objected.status, objected.waiting_role) == ("rejected", superior)
    assert objected.pending_due_at == objected.stage_due_at == wita(8, 7, 10)
    assert told(objected, people.customer, "keberatan_diterima")
    assert told(objected, people.staff[decider], "keberatan_masuk")
    for name, person in people.staff.items():
        may = offered(objected, person, wita(7, 31, 11)) >= {"uphold", "reopen"}
        assert may is (name == decider), name

    decided = take(objected, decision, people.staff[decider], wita(8, 1, 10), reason=REASON)
    # Once only, whatever was decided.
    assert "object" not in offered(decided, people.customer, wita(8, 1, 11))
    if decision == "uphold":
        assert (decided.status, decided.pending, decided.waiting_role) == ("rejected", "", "")
        assert told(decided, people.customer, "keberatan_ditolak")
        return
    assert (decided.number, decided.stage_code, decided.assignee_id) == (number, stage, assigned)
    assert decided.closed_at is None
    assert kinds(decided)[-3:] == ["rejected", "objected", "reopened"]
    assert told(decided, people.customer, "dibuka_kembali")
    # From Tuesday to Thursday at the same hour the promise moved by two working days.
    assert decided.due_at > due_at
    assert decided.due_at.time() == due_at.time()
    assert "complete" in offered(decided, people.staff[refuser], wita(8, 1, 11))


def test_who_refused_never_decides_on_the_objection(app, people, at):
    """Also not by holding the superior's post as well; a colleague at that post does."""
    both = people.admin_layanan
    both.hold_posts(["admin_layanan", "kasubag_tu"])
    with app.app_context():
        colleague = make_staff("kasubag_tu", email="rekan@balai.test")
    refused = take(at("TERIMA_ADMIN"), "reject", both, wita(7, 30, 10), **REFUSAL)
    objected = take(refused, "object", people.customer, wita(7, 31, 10), reason=REASON)
    assert not {"uphold", "reopen"} & offered(objected, both, wita(7, 31, 11))
    assert {"uphold", "reopen"} <= offered(objected, colleague, wita(7, 31, 11))
    with pytest.raises(Refused):
        take(objected, "uphold", both, wita(7, 31, 11), reason=REASON)
    assert kinds(objected)[-1] == "objected"


def test_an_objection_has_ten_working_days(people, at):
    refused = take(at("TERIMA_ADMIN"), "reject", people.admin_layanan, wita(7, 30, 10), **REFUSAL)
    assert "object" in offered(refused, people.customer, wita(8, 13, 10))
    assert "object" not in offered(refused, people.customer, wita(8, 13, 10, 1))
    assert "object" not in offered(refused, people.other_customer, wita(7, 31, 9))
    with pytest.raises(Refused):
        take(refused, "object", people.customer, wita(8, 13, 10, 1), reason=REASON)


def test_a_conflict_names_officials_to_officials_only(people, at):
    request = at("DISPOSISI_KABALAI")
    stale = Request.get_by_id(request.id)
    stale.version -= 1
    for reader, is_named in ((people.customer, False), (people.kasubag_tu, True)):
        with pytest.raises(workflow.Conflict, match="baru saja diproses") as conflict:
            take(stale, "cancel", reader, wita(7, 30, 9), reason=REASON)
        assert (people.admin_layanan.name in str(conflict.value)) is is_named


# -- cancellation --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("service", "stage"),
    [("data", "TUNJUK_PEMANGKU"), ("advis", "KESEPAKATAN"), ("lab", "KONTRAK")],
)
def test_a_cancelled_request_keeps_its_number_and_nobody_gets_it_again(
    people, runtime, at, service, stage
):
    request = at(stage, service)
    cancelled = take(request, "cancel", people.customer, wita(7, 30, 10), reason=REASON)
    assert (cancelled.status, cancelled.waiting_role) == ("cancelled", "")
    assert told(cancelled, people.customer, "dibatalkan")
    assert not clock_stands(cancelled)
    following = at("DISPOSISI_KABALAI", service, "K2")
    assert cancelled.number.startswith("1/") and following.number.startswith("2/")
    for person in (people.customer, people.staff["admin_layanan"]):
        assert offered(cancelled, person, wita(7, 30, 11)) == set()


@pytest.mark.parametrize("decision", ["grant_cancel", "refuse_cancel"])
def test_after_the_payment_a_cancellation_needs_consent(people, at, decision):
    request = at("PERSIAPAN", "lab")
    asked = take(request, "ask_cancel", people.customer, wita(7, 30, 10), reason=REASON)
    assert (asked.status, asked.waiting_role) == ("in_process", "ketua_tim")
    assert clock_stands(asked)
    assert told(asked, people.ketua_tim, "pembatalan_diminta")
    assert offered(asked, people.penyelia, wita(7, 30, 11)) == set()
    with pytest.raises(Refused):
        take(asked, decision, people.penyelia, wita(7, 30, 11), reason=REASON)
    decided = take(asked, decision, people.ketua_tim, wita(7, 31, 10), reason=REASON)
    if decision == "grant_cancel":
        assert decided.status == "cancelled"
        assert told(decided, people.customer, "dibatalkan")
    else:
        assert (decided.stage_code, decided.assignee_id) == ("PERSIAPAN", people.penyelia.id)
        assert not clock_stands(decided)
        assert told(decided, people.customer, "pembatalan_ditolak")
        assert told(decided, people.penyelia, "tugas_baru")


# -- suspension ----------------------------------------------------------------------------------

SUSPENDED_AT = [
    ("data", "VERIFIKASI_DATA", "ketua_tim"),
    ("data", "LAPORAN_KE_PETUGAS", "ketua_tim"),
    ("advis", "PENGUMPULAN_DATA", "tim_advis"),
    ("advis", "PENGUMPULAN_DATA", "ketua_tim"),
    ("lab", "PENGUJIAN", "manajer_teknis"),
    ("lab", "JAMIN_MUTU", "manajer_teknis"),
]


@pytest.mark.parametrize(("service", "stage", "by"), SUSPENDED_AT)
def test_a_suspended_request_waits_for_who_suspended_it(people, at, service, stage, by):
    request = at(stage, service)
    desk, suspender = current_stage(request), people.staff[by]
    with pytest.raises(InvalidInput) as wrong:
        take(request, "suspend", suspender, wita(7, 30, 10), reason=REASON, resumes_on="2024-07-30")
    assert set(wrong.value.errors) == {"resumes_on"}
    suspended = take(request, "suspend", suspender, wita(7, 30, 10), reason=REASON,
                     resumes_on="2024-08-05")  # fmt: skip
    assert (suspended.status, suspended.waiting_role) == ("suspended", by)
    assert Request.waiting_for(suspender).where(Request.id == suspended.id).exists()
    [message] = told(suspended, people.customer, "ditunda")
    assert message.variables["tanggal"] == "5 Agu 2024"
    assert "complete" not in offered(suspended, people.staff[desk.role], wita(7, 30, 11))
    resumed = take(suspended, "resume", suspender, wita(8, 2, 10))
    assert (resumed.waiting_role, resumed.assignee_id) == (desk.role, request.assignee_id)
    assert resumed.stage_entered_at == request.stage_entered_at
    # Tuesday 10.00 to Friday 10.00 are three working days.
    days = [wita(8, 1, 12, 57), wita(8, 6, 12, 57)] if service == "data" else []
    assert not days or [request.due_at.replace(second=0), resumed.due_at.replace(second=0)] == days
    assert resumed.due_at > request.due_at
    assert told(resumed, people.customer, "dilanjutkan")


def test_a_customer_may_cancel_what_the_office_suspended(people, at):
    suspended = take(at("VERIFIKASI_DATA"), "suspend", people.ketua_tim, wita(7, 30, 10),
                     reason=REASON, resumes_on="2024-08-05")  # fmt: skip
    cancelled = take(suspended, "cancel", people.customer, wita(7, 31, 10), reason=REASON)
    assert (cancelled.status, cancelled.pending) == ("cancelled", "")


# -- change of scope, negotiation, bills ---------------------------------------------------------

AMENDED_AT = [
    ("data", "VERIFIKASI_DATA", "ketua_tim"),
    ("advis", "ANALISIS", "ketua_tim"),
    ("lab", "PENGUJIAN", "manajer_teknis"),
]


@pytest.mark.parametrize(("service", "stage", "by"), AMENDED_AT)
@pytest.mark.parametrize("answer", ["agree_amendment", "decline_amendment", "withdraw_amendment"])
def test_a_changed_scope_needs_the_customers_renewed_agreement(
    people, at, service, stage, by, answer
):
    request = at(stage, service)
    review = [e.options for e in SIDES["amend"].inputs if e.name == "review"][0]
    with pytest.raises(InvalidInput) as missing:
        take(request, "amend", people.staff[by], wita(7, 30, 10), scope="Lingkup yang lebih luas")
    assert set(missing.value.errors) == {"review"}
    offer = take(request, "amend", people.staff[by], wita(7, 30, 10),
                 scope="Lingkup yang lebih luas", review=list(review),
                 finish_on="2025-03-03")  # fmt: skip
    assert (offer.status, offer.waiting_role) == ("waiting_customer", "pelanggan")
    assert clock_stands(offer)
    assert told(offer, people.customer, "butuh_persetujuan")
    by_whom = people.staff[by] if answer == "withdraw_amendment" else people.customer
    with pytest.raises(Refused):
        take(offer, answer, people.other_customer, wita(7, 31, 10), reason=REASON)
    answered = take(offer, answer, by_whom, wita(7, 31, 10), reason=REASON)
    assert (answered.stage_code, answered.assignee_id) == (stage, request.assignee_id)
    assert not clock_stands(answered)
    if answer == "agree_amendment":
        # The agreed day ends when the office closes: 16.00 WITA.
        assert answered.due_at == datetime(2025, 3, 3, 16, tzinfo=ZONE)
        assert last_event(answered).data["contract"] == 2
    else:
        assert answered.agreed_due_on == request.agreed_due_on
        assert answered.due_at.date() < datetime(2025, 3, 3, tzinfo=UTC).date()


@pytest.mark.parametrize(
    ("service", "stage", "back_to"),
    [("advis", "KESEPAKATAN", "KAJI_PERMINTAAN"), ("lab", "KONTRAK", "PENAWARAN")],
)
def test_a_customer_may_ask_for_another_offer(people, at, service, stage, back_to):
    request = at(stage, service)
    back = take(request, "negotiate", people.customer, wita(7, 30, 10), reason=REASON)
    assert back.stage_code == back_to
    holder = people.staff[current_stage(back).role]
    assert told(back, holder, "pelanggan_meminta_perubahan")
    assert not clock_stands(back)


def test_a_day_that_has_passed_is_neither_offered_nor_agreed(people, runtime, at):
    offer = at("PENAWARAN", "lab")
    given = inputs_for(current_stage(offer), people, runtime, offer, wita(7, 30, 9))
    with pytest.raises(InvalidInput) as wrong:
        take(offer, "complete", people.admin_layanan, wita(7, 30, 9),
             **given | {"finish_on": "2024-07-30"})  # fmt: skip
    assert set(wrong.value.errors) == {"finish_on"}
    contract = take(offer, "complete", people.admin_layanan, wita(7, 30, 9),
                    **given | {"finish_on": "2024-07-31"})  # fmt: skip
    signed = inputs_for(current_stage(contract), people, runtime, contract, wita(8, 1, 9))
    before = rows_of(contract)
    with pytest.raises(Refused, match="31 Jul 2024, sudah lewat"):
        take(contract, "complete", people.customer, wita(8, 1, 9), **signed)
    assert rows_of(contract) == before
    assert "negotiate" in offered(contract, people.customer, wita(8, 1, 9))
    agreed = take(contract, "complete", people.customer, wita(7, 31, 9), **signed)
    assert agreed.due_at == wita(7, 31, 16)


def test_a_bill_that_ran_out_is_issued_anew_and_the_old_code_is_replaced(people, runtime, at):
    request = at("PEMBAYARAN/2", "lab")
    back = take(request, "reissue_billing", people.bendahara, wita(7, 30, 10), reason=REASON)
    assert (back.stage_code, back.step) == ("PEMBAYARAN", 0)
    given = inputs_for(current_stage(back), people, runtime, back, wita(7, 30, 11))
    used = Billing.get().code
    with pytest.raises(InvalidInput, match="ditandai"):
        take(back, "complete", people.bendahara, wita(7, 30, 11), **given | {"billing": used})
    take(back, "complete", people.bendahara, wita(7, 30, 11), **given)
    bills = list(Billing.select().order_by(Billing.id))
    assert [bill.replaced_at is None for bill in bills] == [False, True]


# -- back ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_told", [True, False])
def test_a_return_is_told_to_the_customer_only_when_asked(people, at, is_told):
    request = at("VERIFIKASI_DATA")
    before = told_customer(request)
    choice = next(c for c in workflow.choices(request, people.ketua_tim, wita(7, 30, 9))
                  if c.code == "return")  # fmt: skip
    nearest, *_, farthest = choice.inputs[0].options
    assert nearest.startswith("5.") and farthest.startswith("2.")
    with pytest.raises(InvalidInput):
        take(request, "return", people.ketua_tim, wita(7, 30, 9), to="9. Surga", reason=REASON,
             tell="Tidak")  # fmt: skip
    back = take(request, "return", people.ketua_tim, wita(7, 30, 9), to=farthest, reason=REASON,
                tell="Ya" if is_told else "Tidak")  # fmt: skip
    assert told_customer(back) - before == (1 if is_told else 0)
    assert told(back, people.admin_layanan, "dikembalikan_petugas")
    assert (back.number, back.stage_code, back.status) == (
        request.number, "TERIMA_ADMIN", "in_process")  # fmt: skip
    history = list(Event.select().where(Event.request == back).order_by(Event.seq))
    assert list(completed_stages(flow_of(back), history)) == ["PENGAJUAN"]


def test_what_is_accepted_again_keeps_its_number_and_says_it_once(people, runtime, at):
    request = at("DISPOSISI_KABALAI")
    [way] = next(c for c in workflow.choices(request, people.kepala_balai, wita(7, 30, 9))
                 if c.code == "return").inputs[0].options  # fmt: skip
    back = take(request, "return", people.kepala_balai, wita(7, 30, 9), to=way, reason=REASON,
                tell="Tidak")  # fmt: skip
    again = complete_desk(back, people, runtime, now=wita(7, 30, 10))
    assert again.number == request.number
    assert len(told(again, people.customer, "permintaan_bernomor")) == 1


def test_two_turns_of_one_post_are_two_places_to_go_back_to(people, at):
    request = at("PERSIAPAN", "lab")
    ways = next(c for c in workflow.choices(request, people.penyelia, wita(7, 30, 9))
                if c.code == "return").inputs[0].options  # fmt: skip
    turns = [way for way in ways if "Pembayaran" in way]
    assert [way.partition("giliran ")[2][0] for way in turns] == ["3", "1"]
    back = take(request, "return", people.penyelia, wita(7, 30, 9), to=turns[0], reason=REASON,
                tell="Tidak")  # fmt: skip
    assert (back.stage_code, back.step) == ("PEMBAYARAN", 2)


# -- revision ------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", SERVICES)
def test_a_revision_replaces_the_report_only_once_it_is_handed_over(
    people, runtime, now, service, at
):
    done = advance(at("SERAH_PELANGGAN", service), people, runtime, now=now + timedelta(days=1))
    number, decider = done.number, people.staff[flow_of(done).revision_role]

    def readable():
        rows = Document.visible_to(people.customer).where(Document.is_result)
        return [row.version for row in rows.order_by(Document.id)]

    assert readable() == [1]
    later = now + timedelta(days=8)
    asked = take(done, "ask_revision", people.customer, later, pages="12", reason=REASON)
    assert (asked.status, asked.waiting_role) == ("done", flow_of(done).revision_role)
    assert told(asked, decider, "perbaikan_diminta")
    opened = take(asked, "revise", decider, later + timedelta(hours=1), reason=REASON)
    assert (opened.status, opened.revision, opened.number) == ("in_process", 1, number)
    assert opened.stage_code == flow_of(done).revision_stage
    # A revision isn't late on the day it begins.
    assert opened.stage_due_at > later and opened.due_at > later
    assert readable() == [1]
    again = opened
    while again.is_open:
        assert readable() == [1]
        later += timedelta(hours=2)
        again = complete_desk(again, people, runtime, now=later)
    assert again.status == "done"
    assert readable() == [1, 2]
    old = Document.get(Document.is_result & (Document.version == 1))
    assert old.replaced_by.version == 2
    # The survey was answered: neither asked again nor answered again.
    assert len(told(again, people.customer, "isi_survei")) == 1
    [message] = told(again, people.customer, "revisi_terbit")
    assert message.variables["versi"] == "R1"


def test_a_revision_may_be_refused_and_has_fourteen_working_days(people, runtime, now, at):
    done = advance(at("SERAH_PELANGGAN"), people, runtime, now=now)
    closed = done.closed_at.astimezone(ZONE)
    # Fourteen working days from Monday 29 July, the 17th being a Saturday: Friday 16 August.
    last = closed.replace(month=8, day=16)
    assert "ask_revision" in offered(done, people.customer, last)
    assert "ask_revision" not in offered(done, people.customer, last + timedelta(minutes=1))
    asked = take(done, "ask_revision", people.customer, last, pages="3", reason=REASON)
    refused = take(asked, "refuse_revision", people.ketua_tim, last, reason=REASON)
    assert (refused.status, refused.pending, refused.revision) == ("done", "", 0)
    assert told(refused, people.customer, "perbaikan_ditolak")


# -- separation of duties ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("service", "made_at", "checked_at", "maker", "checker"),
    [
        ("lab", "PENGUJIAN", "JAMIN_MUTU", "penguji", "penyelia"),
        ("lab", "KONSEP_LHU", "PENGESAHAN_LHU", "penguji", "manajer_teknis"),
        ("advis", "ANALISIS", "PERSETUJUAN", "tim_advis", "ketua_tim"),
    ],
)
def test_who_made_a_report_never_approves_it(
    app, people, runtime, at, service, made_at, checked_at, maker, checker
):
    """Also not by holding both posts; a colleague of the checking post may."""
    both = people.staff[maker]
    both.hold_posts([maker, checker])
    people.staff[checker].hold_posts(["staf_tu"])
    with app.app_context():
        colleague = make_staff(checker, email="rekan@balai.test")
    people.staff[checker] = colleague
    request = at(checked_at, service)
    assert "complete" not in offered(request, both, wita(7, 30, 9))
    assert "complete" in offered(request, colleague, wita(7, 30, 9))
    before = canonical_json([request.version, kinds(request)])
    given = inputs_for(current_stage(request), people, runtime, request, wita(7, 30, 9))
    with pytest.raises(Refused):
        take(request, "complete", both, wita(7, 30, 9), **given)
    assert canonical_json([Request.get_by_id(request.id).version, kinds(request)]) == before


def test_when_the_maker_alone_holds_the_checking_post_its_substitute_checks(people, at):
    people.tim_advis.hold_posts(["tim_advis", "ketua_tim"])
    request = at("PERSETUJUAN", "advis")
    people.ketua_tim.hold_posts(["staf_tu"])
    assert "complete" not in offered(request, people.tim_advis, wita(7, 30, 9))
    assert "complete" in offered(request, people.kasubag_tu, wita(7, 30, 9))


def test_a_kind_that_skips_the_makers_desk_is_checked_by_anybody_at_the_post(people, runtime, now):
    text = (CONTENT / "services" / "advis.toml").read_text()
    skips = 'skips = ["KESEPAKATAN", "PENGUMPULAN_DATA", "PEMBAHASAN"'
    offer = unpublished_offer(text.replace(skips, f'{skips}, "ANALISIS"'), now=now)
    shop = type("Shop", (), {"catalogue": {"advis": offer}, "storage": runtime.storage})
    request = file_request(shop, people.customer, now=now, service="advis", subclass="konsultasi")
    request = advance(request, people, runtime, now=now, until="PERSETUJUAN")
    assert "complete" in offered(request, people.ketua_tim, wita(7, 30, 9))
