"""Who has a request open."""

from backoffice.requests import presence
from models import Presence
from tests.backoffice.requests.queue_pages import colleague_of
from tests.people import csrf_token, enter, post
from tests.test_queries import Counter


def test_badge_tells_who_has_it_open_and_writes_seldom(app, people, filed, clock, monkeypatch):
    row = filed(1)[0]
    address = f"/backoffice/permohonan/{row.public_id}"
    admin, head = enter(app, people.admin_layanan), enter(app, people.kepala_balai)
    assert "sedang dibuka oleh" not in admin.get(address).text
    # By the form of the page, which a script sends at once.
    post(admin, f"{address}/hadir")
    noted = Presence.get().seen_at
    clock.forward(seconds=20)
    token, counter = csrf_token(admin), Counter(monkeypatch)
    admin.post(f"{address}/hadir", data={"csrf_token": token})
    assert not [sql for sql in counter.statements if sql.startswith('INSERT INTO "presence"')]
    assert Presence.get().seen_at == noted
    clock.forward(seconds=11)
    post(admin, f"{address}/hadir")
    assert Presence.get().seen_at > noted
    name = people.admin_layanan.name
    assert f"sedang dibuka oleh {name}" in head.get(address).text
    assert f"sedang dibuka oleh {name}" in head.get("/backoffice/?tab=semua").text
    assert f"sedang dibuka oleh {name}" not in admin.get("/backoffice/?tab=semua").text
    clock.forward(presence.PRESENT_FOR)
    assert "sedang dibuka oleh" not in head.get("/backoffice/?tab=semua").text


def test_who_only_reads_is_no_collision(app, people, filed, clock):
    row = filed(1)[0]
    address = f"/backoffice/permohonan/{row.public_id}"
    admin = enter(app, people.admin_layanan)
    post(admin, f"{address}/hadir")
    for reader in (people.auditor, people.staf_tu):
        client = enter(app, reader)
        assert "data-present" not in client.get(address).text
        assert post(client, f"{address}/hadir").status_code == 200
    assert "sedang dibuka oleh" not in admin.get(address).text
    assert "sedang dibuka oleh" not in admin.get("/backoffice/").text
    assert [found.user_id for found in Presence.select()] == [people.admin_layanan.id]


def test_an_open_card_stays_noted_for_as_long_as_it_is_open(app, people, filed, clock, monkeypatch):
    row = filed(1)[0]
    address = f"/backoffice/permohonan/{row.public_id}"
    admin, head = enter(app, people.admin_layanan), enter(app, people.kepala_balai)
    assert 'data-present="60"' in admin.get(address).text
    token = csrf_token(admin)
    for _ in range(5):
        clock.forward(minutes=1)
        counter = Counter(monkeypatch)
        said = admin.post(f"{address}/hadir", data={"csrf_token": token})
        assert said.json == {"badge": ""}
        assert len(counter.statements) <= 12
    assert f"sedang dibuka oleh {people.admin_layanan.name}" in head.get(address).text
    # Whoever else could act is told of, without opening the card again.
    colleague = colleague_of(app, "admin_layanan", email="admin2@balai.test")
    post(enter(app, colleague), f"{address}/hadir")
    told = admin.post(f"{address}/hadir", data={"csrf_token": token}).json["badge"]
    assert f"sedang dibuka oleh {colleague.name}" in told
    assert post(enter(app, people.penguji), f"{address}/hadir").status_code == 404
