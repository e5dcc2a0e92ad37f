"""How each person likes the queue: columns, density, shortcuts and saved views."""

from models import SavedView
from tests.backoffice.requests.queue_pages import colleague_of
from tests.people import enter, post


def test_columns_density_and_shortcuts_are_per_person(app, people, filed, clock):
    filed(1)
    admin = enter(app, people.admin_layanan)
    assert 'data-label="Diajukan"' in admin.get("/backoffice/").text
    answer = post(admin, "/backoffice/tampilan/layar",
                  {"columns": ["petugas", "nonsense"], "density": "rapat"})  # fmt: skip
    assert answer.status_code == 302
    page = admin.get("/backoffice/").text
    assert 'data-label="Diajukan"' not in page and 'data-label="Petugas"' in page
    assert "is-dense" in page and 'id="m-keys"' not in page
    other = enter(app, people.kepala_balai).get("/backoffice/?tab=semua").text
    assert 'data-label="Diajukan"' in other and 'id="m-keys"' in other


def test_saved_views_are_mine_or_of_my_post(app, people, clock):
    admin = enter(app, people.admin_layanan)
    given = {"title": "Lab terlambat", "role": "admin_layanan",
             "arguments": "tab=semua&service=lab&overdue=1&evil=1&page=9"}  # fmt: skip
    assert post(admin, "/backoffice/tampilan/simpan", given).status_code == 302
    post(admin, "/backoffice/tampilan/simpan", {"title": "Hanya saya", "arguments": "tab=pos"})
    saved = SavedView.get(SavedView.title == "Lab terlambat")
    assert saved.arguments == "tab=semua&service=lab&overdue=1"
    colleague = enter(app, colleague_of(app, "admin_layanan", email="admin2@balai.test"))
    page = colleague.get("/backoffice/").text
    assert "Lab terlambat" in page and "Hanya saya" not in page
    assert "Lab terlambat" not in enter(app, people.kepala_balai).get("/backoffice/").text
    remove = f"/backoffice/tampilan/hapus/{saved.public_id}"
    assert post(colleague, remove).status_code == 404
    assert post(admin, remove).status_code == 302
    assert SavedView.select().count() == 1
    # Nobody shares with a post that isn't held.
    assert post(admin, "/backoffice/tampilan/simpan",
                {"title": "X", "role": "kepala_balai"}).status_code == 403  # fmt: skip
