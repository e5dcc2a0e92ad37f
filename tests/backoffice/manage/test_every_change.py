"""Every view of the backoffice that writes reference data keeps both states."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest

from administration import appointments, closures, flow_drafts, wordings
from administration.audit import verify_history
from administration.drafts import stamp_of
from backoffice.manage.change_words import TITLES
from models import ChangeRecord, FaqItem, FlowVersion, Holiday, Page
from tests.backoffice.manage.reference_pages import HERE, MERGE
from tests.people import enter, post


def _edit_page(world) -> str:
    page = Page.select().first()
    form = {"title": page.title, "summary": "Ringkasan lain", "body": page.body}
    post(world.admin, f"{HERE}/halaman/edit/?id={page.id}", form)
    return "page"


def _add_question(world) -> str:
    form = {"position": "9", "question": "Apa itu?", "answer": "Itu."}
    post(world.admin, f"{HERE}/faq/new/", form)
    FaqItem.delete().where(FaqItem.question == "Apa itu?").execute()
    return "faq_item"


def _keep_a_phrase(world) -> str:
    form = {"kind": "reply", "for_whom": "semua", "title": "Salam", "text": "Halo {nama}."}
    post(world.admin, f"{HERE}/kalimat/new/", form | {"is_active": "y"})
    return "phrase"


def _deactivate_customer(world) -> str:
    who = world.people.customer
    form = {"name": who.name, "phone": who.phone, "institution_name": who.institution_name}
    post(world.admin, f"{HERE}/pelanggan/edit/?id={who.id}", form | {"confirm": "1"})
    return "user"


def _change_staff(world) -> str:
    who = world.people.penguji
    form = {"name": "Nama Lain", "email": who.email, "active": "y", "posts": ["penguji"]}
    post(world.admin, f"{HERE}/petugas/edit/?id={who.id}", form)
    return "user"


def _close_a_day(world) -> str:
    day = closures.ClosedDay(on=date(2031, 3, 3), title="Libur contoh", kind="lokal", source="")
    change = closures.Change(None, day)
    plan = closures.plan_changes([change], now=world.now)
    closures.carry_out([change], stamp=plan.stamp, actor=world.people.administrator, now=world.now)
    Holiday.delete().where(Holiday.on == date(2031, 3, 3)).execute()
    return "holiday"


def _merge(world) -> str:
    address = MERGE.format(world.people.customer.public_id, world.people.other_customer.public_id)
    post(world.admin, address)
    return "user"


def _appoint(world) -> str:
    day = world.now.date()
    asked = appointments.Appointment(
        role="penguji", absent=world.people.penguji, acting=world.people.penyelia,
        letter="SPT-9/BTP/2024", from_on=day, until_on=day + timedelta(days=3), services=(),
    )  # fmt: skip
    appointments.appoint(asked, actor=world.people.administrator, now=world.now)
    return "mandate"


def _reword_message(world) -> str:
    default = wordings.default_wordings()[0]["akun_aktif"]
    wordings.reword("akun_aktif", default.subject, f"{default.text} Terima kasih.", version=0,
                    actor=world.people.administrator, now=world.now)  # fmt: skip
    return "own_wording"


def _draft_questionnaire(world) -> str:
    post(world.admin, f"{HERE}/kuesioner/versi/skm-2024-1/draf")
    return "survey_draft"


def _plan(world) -> str:
    plan = {"element": "U3", "program": "Contoh", "due_on": "2025-06-30", "status": "rencana",
            "responsible": "Ketua Tim", "note": ""}  # fmt: skip
    post(enter(world.app, world.people.staf_tu), f"{HERE}/skm/2024-S2/rencana", plan)
    return "action_plan"


def _be_away(world) -> str:
    day = (world.now + timedelta(days=2000)).date().isoformat()
    who = world.people.penguji
    given = {"person": who.public_id, "kind": "cuti", "from_on": day, "until_on": day}
    post(enter(world.app, who), f"{HERE}/berhalangan/", given)
    return "absence"


def _schedule(world) -> str:
    given = {"title": "Rekap bulanan", "period": "bulan-lalu", "by": "diajukan", "service": "",
             "format": "xlsx", "day_of_month": "1",
             "recipients": [world.people.kasubag_tu.public_id]}  # fmt: skip
    post(enter(world.app, world.people.staf_tu), f"{HERE}/rekap/jadwal/", given)
    return "recap_schedule"


def _set_target(world) -> str:
    targets = {f"target-{code}": "1.000.000" for code in world.runtime.catalogue}
    post(enter(world.app, world.people.bendahara), f"{HERE}/tagihan/realisasi", targets)
    return "revenue_target"


def _publish_flow(world) -> str:
    version = FlowVersion.get_by_id(world.runtime.catalogue["data"].version_id)
    actor = {"actor": world.people.administrator, "now": world.now}
    draft = flow_drafts.open_draft(version, **actor)
    raw = flow_drafts.definition_of(draft) | {"summary": "Ringkasan yang lain."}
    draft = flow_drafts.save_draft(draft, raw, seen=stamp_of(draft), what="words", **actor)
    flow_drafts.publish_draft(draft, seen=stamp_of(draft), note="Contoh", **actor)
    return "flow_version"


# View -> a change made there; None for those that write no reference data, with the reason.
CHANGES = {
    "PageView": _edit_page,
    "FaqView": _add_question,
    "PhraseView": _keep_a_phrase,
    "CustomerView": _deactivate_customer,
    "StaffAccountView": _change_staff,
    "RosterView": _change_staff,  # the same `write_staff`; its own trail is in test_roster
    "HolidayView": _close_a_day,
    "DuplicatesView": _merge,
    "MandateView": _appoint,
    "WordingView": _reword_message,
    "QuestionnaireView": _draft_questionnaire,
    "SatisfactionView": _plan,
    "FlowView": _publish_flow,
    "BillsView": _set_target,
    "RecapScheduleView": _schedule,
    "AbsenceView": _be_away,
}


OF_REQUESTS = {"QueueView", "CardView", "CounterView", "BulkView", "AssignmentView",
               "IncomingView", "CallsView", "OutboxView", "PrintoutView", "IncomingLetterView",
               "OutgoingLetterView", "SignatureView", "SystemStatusView",
               "UnansweredView", "UndoView"}  # fmt: skip


OF_ONESELF = {
    "NoticesView",
    "PaletteView",
    "WordsView",
    "PreferencesView",
    "RecapView",
    "DashboardView",
    "AgendaView",
    "HomeView",
}


READ_ONLY = {"ChangeView", "HandbookView"}


@dataclass
class World:
    app: object
    people: object
    runtime: object
    now: datetime
    admin: object


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_every_view_of_the_backoffice_says_what_it_writes(app):
    views = {type(view).__name__ for view in app.extensions["admin"][0]._views}
    assert views == set(CHANGES) | OF_REQUESTS | OF_ONESELF | READ_ONLY


@pytest.mark.parametrize("view", sorted(CHANGES))
def test_a_change_of_reference_data_is_kept_with_both_states(app, people, runtime, now, view):
    table = CHANGES[view](World(app, people, runtime, now, enter(app, people.administrator)))
    kept = ChangeRecord.select().where(ChangeRecord.table == table).order_by(ChangeRecord.id)
    last = kept[-1]
    assert last.after, "what it says now"
    assert last.event.actor_id
    assert last.event.data.get("states") or last.event.data["after"]
    assert verify_history()[1] == []
    # People read it, under a name of the data and not of the table.
    page = enter(app, people.auditor).get(f"/backoffice/jejak/?table={table}").text
    things = re.findall(r'data-label="Data">([^<]+)<', page)
    assert things[0].startswith(TITLES[table]), things
    assert table == "survey_draft" or len(things[0]) > len(TITLES[table]) + 4
    assert "nomor" not in page
