"""What comes next after acting: another request, or the list as it was."""

import re

import pytest

from backoffice.requests.queue_list import next_waiting
from models import Presence
from tests.people import advance, enter, post
from workflow import Reader


def test_acting_opens_the_next_one_when_asked(app, people, filed, runtime, now, clock):
    rows = [advance(row, people, runtime, now=now, until="DISPOSISI_KABALAI") for row in filed(3)]
    head = enter(app, people.kepala_balai)
    head.get(f"/backoffice/permohonan/{rows[0].public_id}")
    form = {"version": str(rows[0].version), "then": "1"}
    page = head.get(f"/backoffice/permohonan/{rows[0].public_id}").text
    name = re.search(r'<textarea[^>]*name="([^"]+)"', page.split('id="tindakan"')[1])[1]
    moved = post(head, f"/backoffice/permohonan/{rows[0].public_id}/complete",
                 form | {name: "Mohon ditindaklanjuti."})  # fmt: skip
    assert moved.status_code == 302 and rows[1].public_id in moved.location
    assert not Presence.select().where(Presence.request == rows[0].id).exists()
    assert 'name="then" value="1" checked' in head.get(moved.location).text
    following = head.get(f"/backoffice/permohonan/berikutnya?setelah={rows[1].public_id}")
    assert rows[2].public_id in following.location
    chief = Reader.at(people.kepala_balai, now)
    assert next_waiting(chief, rows[2]).id == rows[1].id


def test_the_next_one_opens_for_who_came_from_what_waits(app, people, filed, clock):
    address = f"/backoffice/permohonan/{filed(1)[0].public_id}"
    ticked = 'name="then" value="1" checked'

    def opened(client, came: str = "") -> bool:
        headers = {"Referer": f"http://localhost{came}"} if came else {}
        return ticked in client.get(address, headers=headers).text

    admin = enter(app, people.admin_layanan)
    assert not opened(admin)
    assert opened(admin, "/backoffice/")
    # From the card to itself, after a message or a mistake, nothing has changed.
    assert opened(admin, address)
    assert not opened(admin, "/backoffice/?tab=semua")
    assert not opened(admin, "/backoffice/?cari=12345678")
    assert opened(admin, "/backoffice/?tab=saya&service=data")
    # What was ticked off stays so while a mistake is mended, and afterwards from any list.
    refused = post(admin, f"{address}/complete", {"version": "1"},
                   headers={"Referer": f"http://localhost{address}"})  # fmt: skip
    assert refused.status_code == 422 and ticked not in refused.text
    with admin.session_transaction() as session:
        session["goes_on"] = False
    assert not opened(admin, "/backoffice/")


@pytest.mark.parametrize(("brought", "led"), [
    ("tab=semua&service=data&sesudah=20240729045745000000-3&n=2",
     "/backoffice/?tab=semua&service=data&sesudah=20240729045745000000-3&n=2"),
    ("", "/backoffice/"),
    ("//jahat.test/?x=1", "/backoffice/"),
    ("next=https://jahat.test&tab=pos", "/backoffice/?tab=pos"),
])  # fmt: skip
def test_acting_leads_back_to_the_list_as_it_was(
    app, people, filed, runtime, now, clock, brought, led
):
    row = advance(filed(1)[0], people, runtime, now=now, until="DISPOSISI_KABALAI")
    form = {"version": str(row.version), "note": "Mohon ditindaklanjuti.", "kembali": brought}
    address = f"/backoffice/permohonan/{row.public_id}/complete"
    moved = post(enter(app, people.kepala_balai), address, form)
    assert (moved.status_code, moved.location) == (302, led)


def test_nothing_next_leads_to_the_queue(app, people, filed, clock):
    row = filed(1)[0]
    admin = enter(app, people.admin_layanan)
    answer = admin.get(f"/backoffice/permohonan/berikutnya?setelah={row.public_id}")
    assert answer.location.endswith("/backoffice/")
    assert "Tidak ada permohonan lain" in admin.get("/backoffice/").text
