"""The tabs of the queue: what lies in each, in which order, and how much."""

from datetime import timedelta

from backoffice.requests import keyset, queue_list
from models import Request
from tests.backoffice.requests.queue_pages import colleague_of, subjects
from tests.people import advance, enter

# -- tabs ----------------------------------------------------------------------------------------


def test_tabs_and_their_counts(app, people, filed, runtime, now, clock):
    rows = filed(4)
    advance(rows[0], people, runtime, now=now, until="DISPOSISI_KABALAI")
    advance(rows[1], people, runtime, now=now)
    admin = enter(app, people.admin_layanan)
    page = admin.get("/backoffice/").text
    for words in ("Menunggu saya (2)", "Pos saya (2)", "Semua (4)",
                  "Selesai (1)"):  # fmt: skip
        assert words in page
    assert subjects(admin, "/backoffice/") == ["Perihal 002", "Perihal 003"]
    assert subjects(admin, "/backoffice/?tab=selesai") == ["Perihal 001"]
    assert set(subjects(admin, "/backoffice/?tab=semua")) == {f"Perihal 00{n}" for n in range(4)}
    head = enter(app, people.kepala_balai)
    assert subjects(head, "/backoffice/") == ["Perihal 000"]


def test_post_tab_shows_colleagues_work_to_the_chain(app, people, filed, runtime, now, clock):
    """What is assigned to a colleague waits for the post, not for me."""
    rows = filed(1)
    given = advance(rows[0], people, runtime, now=now, until="TUNJUK_PEMANGKU")
    assert given.assignee_id == people.ketua_tim.id
    colleague = enter(app, colleague_of(app, "ketua_tim", email="ketua2@balai.test"))
    assert subjects(colleague, "/backoffice/") == []
    assert subjects(colleague, "/backoffice/?tab=pos") == ["Perihal 000"]


def test_counts_stop_at_999(app, people, filed, clock, monkeypatch):
    monkeypatch.setattr(queue_list, "MOST_COUNTED", 3)
    monkeypatch.setattr(keyset, "MOST_COUNTED", 3)
    filed(5)
    page = enter(app, people.admin_layanan).get("/backoffice/").text
    assert "Menunggu saya (3+)" in page
    assert "Menampilkan 1–5 dari 3+" in page
    # Under filters the other tabs only hint where to look.
    monkeypatch.setattr(queue_list, "MOST_ELSEWHERE", 2)
    page = enter(app, people.admin_layanan).get("/backoffice/?tab=semua&service=data").text
    assert "Menunggu saya (2+)" in page and "Semua (3+)" in page


def test_most_urgent_first_and_overdue_in_words(app, people, filed, clock):
    rows = filed(3)
    Request.update(stage_due_at=clock.now - timedelta(days=2)).where(
        Request.id == rows[2].id
    ).execute()
    admin = enter(app, people.admin_layanan)
    assert subjects(admin, "/backoffice/")[0] == "Perihal 002"
    assert "terlambat" in admin.get("/backoffice/").text
    assert subjects(admin, "/backoffice/?overdue=1") == ["Perihal 002"]
    assert subjects(admin, "/backoffice/?sort=terlama") == [f"Perihal 00{n}" for n in range(3)]


# -- who has it open, and what comes next --------------------------------------------------------


def test_an_administrator_without_requests_is_told_where_the_work_is(app, people, filed):
    filed(1)
    page = enter(app, people.administrator).get("/backoffice/").text
    assert "tidak memegang permohonan" in page and 'href="/backoffice/petugas/"' in page
    assert "tidak memegang permohonan" not in enter(app, people.penguji).get("/backoffice/").text
