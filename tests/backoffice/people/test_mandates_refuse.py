"""Mandates that the page refuses."""

from datetime import timedelta

import pytest

from models import Mandate
from moves.officials import today
from tests.backoffice.people.mandate_pages import form_for, name_on_page
from tests.people import enter, post


def refused(app, people, form) -> str:
    client = enter(app, people.administrator)
    before = Mandate.select().count()
    answer = post(client, "/backoffice/mandat/baru", {**form, "confirm": 1})
    assert answer.status_code == 422
    assert Mandate.select().count() == before
    assert 'value="SPT-01/2026"' in answer.text
    return answer.text


def test_circle_is_refused_and_names_the_mandate_in_the_way(app, people, at):
    name_on_page(app, people, at)
    page = refused(app, people, form_for(people, at, role="kasubag_tu", acting="kepala_balai"))
    assert "sendiri berhalangan pada masa itu: Plh. Kepala Balai oleh Petugas kasubag_tu" in page
    page = refused(app, people, form_for(people, at, role="kasubag_tu", acting="ketua_tim"))
    assert "sedang menggantikan orang lain pada masa itu" in page
    assert "surat SPT-01/2026" in page


def test_second_mandate_for_the_same_days_is_refused(app, people, at):
    name_on_page(app, people, at)
    page = refused(app, people, form_for(people, at, acting="ketua_tim"))
    assert "Sudah ada mandat untuk masa itu" in page
    after = today(at) + timedelta(days=10)
    days = {"from_on": after.isoformat(), "until_on": after.isoformat()}
    name_on_page(app, people, at, acting="ketua_tim", **days)
    assert Mandate.select().count() == 2


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"acting": "kepala_balai"}, "harus orang lain"),
        ({"days": -1}, "mendahului"),
        ({"days": 800}, "Paling lama satu tahun"),
    ],
)
def test_wrong_entries_are_refused_with_the_form_kept(app, people, at, changed, words):
    assert words in refused(app, people, form_for(people, at, **changed))


def test_nobody_becomes_administrator_by_letter(app, people, at):
    form = form_for(people, at) | {"replaced": f"administrator:{people.administrator.public_id}"}
    refused(app, people, form)


def test_acting_kasubag_names_nobody(app, people, at):
    name_on_page(app, people, at, role="kasubag_tu", acting="ketua_tim")
    acting = enter(app, people.ketua_tim)
    assert acting.get("/backoffice/mandat/").status_code == 200
    assert acting.get("/backoffice/mandat/baru").status_code == 403
    assert post(acting, "/backoffice/mandat/baru", form_for(people, at)).status_code == 403


def test_strange_ids_are_404(app, people):
    client = enter(app, people.administrator)
    for key in ("x", "0" * 26, "%00"):
        assert client.get(f"/backoffice/mandat/{key}/akhiri").status_code == 404
        assert post(client, f"/backoffice/mandat/{key}/akhiri").status_code == 404
