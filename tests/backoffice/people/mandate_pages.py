"""Mandates given on the page."""

from datetime import timedelta

from models import Mandate
from moves.officials import today
from tests.people import enter, post


def form_for(people, at, *, role="kepala_balai", acting="kasubag_tu", days=3, **more):
    absent = people.staff[role]
    return {
        "replaced": f"{role}:{absent.public_id}",
        "acting": people.staff[acting].public_id,
        "letter": "SPT-01/2026",
        "from_on": today(at).isoformat(),
        "until_on": (today(at) + timedelta(days=days)).isoformat(),
        **more,
    }


def name_on_page(app, people, at, **form) -> Mandate:
    client = enter(app, people.administrator)
    answer = post(client, "/backoffice/mandat/baru", {**form_for(people, at, **form), "confirm": 1})
    assert answer.status_code == 302, answer.text
    return Mandate.select().order_by(Mandate.id.desc()).first()
