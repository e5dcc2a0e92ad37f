"""Who made a report never approves it."""

import pytest

from config.settings import CONTENT
from models import Event, Request
from moves.catalogue import current_stage
from moves.movement import makers_of
from storage.database import canonical_json
from tests.moves.side_steps import kinds, offered, take, wita
from tests.people import (
    advance,
    file_request,
    inputs_for,
    make_staff,
    unpublished_offer,
)
from workflow import Refused


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


def test_who_made_another_report_may_approve_this_one(app, people, runtime, at):
    """What somebody did on a request of another customer binds nobody here."""
    at("JAMIN_MUTU", "lab", "K1")
    request = at("JAMIN_MUTU", "lab", "K2")
    made = Event.select().where(
        (Event.request == request) & (Event.stage_code == "PENGUJIAN") & Event.actor.is_null(False)
    )
    Event.update(actor=people.kasubag_tu).where(Event.id.in_(made.select(Event.id))).execute()
    assert makers_of(request, current_stage(request)) == {people.kasubag_tu.id}


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
