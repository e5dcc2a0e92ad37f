"""The queue: tabs, filters, pages, saved views, several at once, and who has what open."""

import re
from datetime import timedelta

import peewee
import pytest

from backoffice.requests import keyset, presence, queue_list, search
from backoffice.requests.queue_list import TABS, next_waiting
from models import Event, Presence, Request, SavedView, User
from storage.database import is_sqlite
from tests.people import advance, csrf_token, enter, file_request, make_staff, post
from tests.test_queries import Counter


@pytest.fixture
def clock(clock):
    """It is an hour after the manual's example."""
    clock.forward(hours=1)
    return clock


@pytest.fixture
def filed(people, runtime, now):
    """Make requests: `filed(3)` gives three of the data service, a minute apart."""

    def make(count: int, **kwargs) -> list[Request]:
        first = Request.select().count()
        return [
            file_request(runtime, people.customer, now=now + timedelta(minutes=first + index),
                         key=f"F{first + index}",
                         subject=kwargs.pop("subject", None) or f"Perihal {first + index:03d}",
                         **kwargs)
            for index in range(count)
        ]  # fmt: skip

    return make


def colleague_of(app, *posts: str, email: str) -> User:
    with app.app_context():
        return make_staff(*posts, email=email)


def subjects(client, address: str) -> list[str]:
    page = client.get(address)
    assert page.status_code == 200, address
    return re.findall(r"<strong>(Perihal \d+)</strong>", page.text)


def link(page: str, rel: str) -> str:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', page)
    return found[1].replace("&amp;", "&") if found else ""


# -- tabs ----------------------------------------------------------------------------------------


def test_tabs_and_their_counts(app, people, filed, runtime, now, clock):
    rows = filed(4)
    advance(rows[0], people, runtime, now=now, until="DISPOSISI_KABALAI")
    advance(rows[1], people, runtime, now=now)
    admin = enter(app, people.admin_layanan)
    page = admin.get("/backoffice/").text
    for words in ("Menunggu saya (2)", "Pos saya (2)", "Semua yang boleh saya lihat (4)",
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
    assert "Menunggu saya (2+)" in page and "Semua yang boleh saya lihat (3+)" in page


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


# -- filters -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    ["service=data", "q=Perihal", "q=001", "status=in_process", "running=1", "instansi=mahasiswa",
     "done=2024-07", "since=2024-07-30", "assignee=kosong", "overdue=1", "q=.00"],
)  # fmt: skip
def test_under_filters_each_tab_tells_how_many_it_will_show(
    app, people, filed, runtime, now, clock, query
):
    rows = filed(6)
    advance(rows[0], people, runtime, now=now, until="DISPOSISI_KABALAI")
    advance(rows[1], people, runtime, now=now)
    advance(rows[2], people, runtime, now=now, until="SURVEI")
    file_request(runtime, people.other_customer, now=now, key="LAB", service="lab",
                 subject="Perihal 900")  # fmt: skip
    for person in (people.admin_layanan, people.pemangku_data):
        client = enter(app, person)
        pages = {tab: client.get(f"/backoffice/?tab={tab}&{query}").text for tab in TABS}
        shown = {tab: len(re.findall(r"<strong>Perihal \d+</strong>", page))
                 for tab, page in pages.items()}  # fmt: skip
        for page in pages.values():
            tabs = re.search(r"m-queue-tabs.*?</nav>", page, re.DOTALL)[0]
            told = re.findall(r">([^<(]+?)(?: \((\d+)\))?</a>", tabs)
            for tab, (words, count) in zip(TABS, told, strict=True):
                assert words == TABS[tab]
                # Signs alone are in no index, and only looked for where one stands.
                assert count == str(shown[tab]) or (query == "q=.00" and not count), (tab, told)


def test_what_passed_a_stage_is_counted_where_one_stands(app, people, filed, clock):
    """Looking through the history once is what this filter costs; thrice would be for a hint."""
    filed(1)
    page = (
        enter(app, people.admin_layanan)
        .get("/backoffice/?tab=semua&passed=data:TERIMA_ADMIN@2024-07")
        .text
    )
    assert "hanya bagian yang terbuka yang dihitung" in page
    assert "Semua yang boleh saya lihat (0)" in page and "Menunggu saya</a>" in page


def test_a_common_word_says_why_other_tabs_have_no_count(app, people, filed, clock, monkeypatch):
    monkeypatch.setattr(search, "ENOUGH", 2)
    filed(5)
    page = enter(app, people.admin_layanan).get("/backoffice/?q=perihal").text
    assert "hanya bagian yang terbuka yang dihitung" in page
    assert "Menunggu saya</a>" in page


def test_filters_are_chips_that_take_themselves_out(app, people, filed, runtime, now, clock):
    rows = filed(2)
    lab = file_request(runtime, people.other_customer, now=now, key="LAB", service="lab",
                       subject="Perihal 900")  # fmt: skip
    User.update(institution_category="swasta").where(User.id == people.other_customer.id).execute()
    moved = advance(rows[0], people, runtime, now=now, until="DISPOSISI_KABALAI")
    admin = enter(app, people.admin_layanan)
    everything = "/backoffice/?tab=semua"
    assert subjects(admin, f"{everything}&service=lab") == ["Perihal 900"]
    assert subjects(admin, f"{everything}&stage=data:DISPOSISI_KABALAI") == ["Perihal 000"]
    assert subjects(admin, f"{everything}&role=kepala_balai") == ["Perihal 000"]
    assert subjects(admin, f"{everything}&status=waiting_verification&service=data") == [
        "Perihal 001"
    ]
    assert subjects(admin, f"{everything}&instansi=swasta") == ["Perihal 900"]
    assert subjects(admin, f"{everything}&since=2024-07-30") == []
    assert subjects(admin, f"{everything}&q={moved.number}") == ["Perihal 000"]
    page = admin.get(f"{everything}&service=lab&instansi=swasta&sesudah=x").text
    assert "Instansi: " in page and "hapus saringan" in page
    chip = re.search(r'class="m-chip" href="([^"]+)">Instansi', page)[1].replace("&amp;", "&")
    assert "instansi" not in chip and "service=lab" in chip
    assert lab.public_id in page


def test_filter_by_assignee(app, people, filed, runtime, now, clock):
    rows = filed(2)
    advance(rows[0], people, runtime, now=now, until="TUNJUK_PEMANGKU")
    admin, lead = enter(app, people.admin_layanan), enter(app, people.ketua_tim)
    who = people.ketua_tim.public_id
    assert subjects(admin, f"/backoffice/?tab=semua&assignee={who}") == ["Perihal 000"]
    assert subjects(admin, "/backoffice/?tab=semua&assignee=kosong") == ["Perihal 001"]
    assert subjects(lead, "/backoffice/?tab=semua&assignee=saya") == ["Perihal 000"]


def test_search_looks_everywhere_and_keeps_to_the_scope(app, people, filed, runtime, now, clock):
    rows = filed(2)
    advance(rows[0], people, runtime, now=now)
    admin = enter(app, people.admin_layanan)
    assert set(subjects(admin, "/backoffice/?q=perihal")) == {"Perihal 000", "Perihal 001"}
    assert subjects(admin, "/backoffice/?q=perihal&tab=saya") == ["Perihal 001"]
    other = enter(app, people.penguji)
    assert subjects(other, "/backoffice/?q=perihal&tab=semua") == []


def test_dense_search_pages_both_ways(app, people, filed, clock, monkeypatch):
    monkeypatch.setattr(search, "ENOUGH", 5)
    filed(45)
    admin = enter(app, people.admin_layanan)
    seen, address = [], "/backoffice/?q=perihal"
    pages = []
    while address:
        pages.append(address)
        seen += subjects(admin, address)
        address = link(admin.get(address).text, "next")
    assert seen == [f"Perihal {n:03d}" for n in reversed(range(45))]
    back = link(admin.get(pages[-1]).text, "prev")
    assert subjects(admin, back) == seen[20:40]


# -- pages ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    ["tab=saya", "tab=semua", "tab=semua&sort=mendesak", "tab=saya&running=1",
     "tab=semua&running=1&sort=terlama", "tab=semua&service=data&since=2024-07-01",
     "tab=semua&service=data&sort=terlama"],
)  # fmt: skip
def test_pages_cover_everything_once_both_ways(app, people, filed, runtime, now, clock, query):
    rows = filed(46)
    # Two posts have the turn, so that two branches are merged; and some are equally due.
    for row in rows[:6]:
        advance(row, people, runtime, now=now, until="DISPOSISI_KABALAI")
    Request.update(stage_due_at=now).where(Request.id.in_([r.id for r in rows[6:30]])).execute()
    staff = colleague_of(app, "admin_layanan", "kepala_balai", email="rangkap@balai.test")
    client, address = enter(app, staff), f"/backoffice/?{query}"
    seen, addresses = [], []
    while address:
        addresses.append(address)
        seen.append(subjects(client, address))
        address = link(client.get(address).text, "next")
    flat = [one for page in seen for one in page]
    assert [len(page) for page in seen] == [20, 20, 6]
    assert len(set(flat)) == 46
    second = link(client.get(addresses[-1]).text, "prev")
    assert subjects(client, second) == seen[1]
    first = link(client.get(second).text, "prev")
    assert subjects(client, first) == seen[0]
    assert link(client.get(first).text, "prev") == ""
    assert "Menampilkan 41–46 dari 46" in client.get(addresses[-1]).text


def test_days_the_wrong_way_round_are_pointed_out(app, people, filed):
    filed(1)
    admin = enter(app, people.admin_layanan)
    wrong = admin.get("/backoffice/?tab=semua&since=2024-08-02&until=2024-08-01").text
    assert "mendahului “Diajukan sejak”" in wrong
    assert 'aria-invalid="true" value="2024-08-01"' in wrong
    assert 'value="2024-08-02"' in wrong
    assert "Tidak ada yang cocok" not in wrong
    for right in ("since=2024-08-02&until=2024-08-02", "until=2024-08-01", "since=9&until=2"):
        assert "mendahului" not in admin.get(f"/backoffice/?tab=semua&{right}").text
    lists = ((people.customer, "/layanan/rekap"), (people.admin_layanan, "/backoffice/pesan/"))
    for person, address in lists:
        page = enter(app, person).get(f"{address}?since=2024-08-02&until=2024-08-01").text
        assert "mendahului" in page and 'value="2024-08-02"' in page


@pytest.mark.parametrize(
    "query",
    ["sesudah=x", "sesudah=-1", "sesudah=20240101000000000000-9999999999999999999",
     "sesudah=99999999999999999999-1", "sebelum=20240729045745000000-1&n=0", "n=-3",
     "stage=data:X&role=x&assignee=%00&done=2024-13&outcome=x&instansi=y",
     "done=2024-07&outcome=terlambat&tab=selesai", "done=9999-12", "sort=selesai"],
)  # fmt: skip
def test_hostile_places_do_no_harm(app, people, filed, clock, query):
    filed(1)
    assert enter(app, people.admin_layanan).get(f"/backoffice/?{query}").status_code == 200


@pytest.mark.parametrize(
    ("query", "most"),
    [("tab=saya", 13), ("tab=semua&sort=mendesak", 13), ("tab=semua", 13), ("q=perihal", 14),
     ("tab=semua&service=data&overdue=1", 13)],
)  # fmt: skip
def test_ten_rows_and_two_hundred_cost_the_same_queries(
    app, people, filed, clock, monkeypatch, query, most
):
    counter, client = Counter(monkeypatch), enter(app, people.admin_layanan)
    filed(10)
    few = counter.of(client, f"/backoffice/?{query}")
    row = Request.select().dicts().first()
    Request.insert_many(
        {**{k: v for k, v in row.items() if k != "id"}, "public_id": f"P{n}",
         "idempotency_key": f"P{n}"} for n in range(190)
    ).execute()  # fmt: skip
    many = counter.of(client, f"/backoffice/?{query}")
    assert many == few <= most


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("tab=semua&running=1", "request_running"),
        ("tab=semua&service=data&overdue=1", "request_running"),
        ("tab=semua&stage=data:DISPOSISI_KABALAI&since=2020-01-01&sort=terbaru", "request_running"),
        ("tab=semua&role=kepala_balai&status=in_process", "request_running"),
        ("tab=semua&assignee=kosong&sort=terlama", "request_running"),
        ("tab=semua&service=data", "request_service_code_status_submitted_at_id"),
        ("tab=semua&service=data&status=done&until=2024-12-31",
         "request_service_code_status_submitted_at_id"),
        ("tab=selesai&service=data", "request_service_code_status_submitted_at_id"),
        ("tab=selesai&status=rejected", "request_status_submitted_at_id"),
        ("tab=semua&status=disetujui&since=2020-01-01", "request_status_submitted_at_id"),
        ("tab=semua&status=disetujui&service=data", "request_service_code_status_submitted_at_id"),
        ("tab=semua&service=data&done=2024-07&outcome=terlambat", "request_service_done"),
        ("tab=semua&done=2024-07&outcome=tepat", "request_done"),
        ("tab=selesai&done=2024-07", "request_done"),
    ],
)  # fmt: skip
def test_filters_are_found_by_an_index_and_never_by_walking(
    app, people, filed, clock, monkeypatch, query, index
):
    """SQLite says how it means to go, even for few rows; Postgres would rather read them all."""
    filed(2)
    plans = Plans(monkeypatch)
    assert enter(app, people.admin_layanan).get(f"/backoffice/?{query}").status_code == 200
    if is_sqlite():
        assert len(plans.of_requests) >= 3
        # The tabs that hold what runs are counted beside it by the small index over that.
        known = (index, "request_running", "INTEGER PRIMARY KEY")
        assert all(any(name in line for name in known) for line in plans.of_requests)
        assert any(index in line for line in plans.of_requests)


def test_common_words_are_found_by_key_whatever_else_is_asked(
    app, people, filed, clock, monkeypatch
):
    filed(6)
    monkeypatch.setattr(search, "ENOUGH", 3)
    plans = Plans(monkeypatch)
    page = enter(app, people.admin_layanan).get("/backoffice/?tab=semua&q=perihal&service=data")
    assert "Lebih dari seribu permohonan cocok" in page.text and page.text.count("Perihal ") >= 6
    if is_sqlite():
        # Only how much there is of the service is asked through the service.
        assert [line for line in plans.of_requests if "INTEGER PRIMARY KEY" not in line] == [
            "SEARCH t1 USING COVERING INDEX request_service_code_status_submitted_at_id "
            "(service_code=?)"
        ]


class Plans:
    """How the engine finds requests, a line for each time that a statement looks for some."""

    def __init__(self, monkeypatch):
        self.of_requests: list[str] = []
        original = peewee.Database.execute_sql

        def explained(database, sql, *args, **kwargs):
            if sql.startswith("SELECT") and '"request" AS "t1"' in sql and is_sqlite():
                plan = original(database, f"EXPLAIN QUERY PLAN {sql}", *args).fetchall()
                lines = [row[3] for row in plan]
                self.of_requests += [line for line in lines if line.split()[1:2] == ["t1"]]
            return original(database, sql, *args, **kwargs)

        monkeypatch.setattr(peewee.Database, "execute_sql", explained)


# -- what each person likes ----------------------------------------------------------------------


def test_columns_density_and_shortcuts_are_per_person(app, people, filed, clock):
    filed(1)
    admin = enter(app, people.admin_layanan)
    assert 'scope="col">Diajukan' in admin.get("/backoffice/").text
    answer = post(admin, "/backoffice/tampilan/layar",
                  {"columns": ["petugas", "nonsense"], "density": "rapat"})  # fmt: skip
    assert answer.status_code == 302
    page = admin.get("/backoffice/").text
    assert 'scope="col">Diajukan' not in page and 'scope="col">Petugas' in page
    assert "is-dense" in page and 'id="m-keys"' not in page
    other = enter(app, people.kepala_balai).get("/backoffice/?tab=semua").text
    assert 'scope="col">Diajukan' in other and 'id="m-keys"' in other


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


# -- several at once -----------------------------------------------------------------------------


def run_together(client, rows, choice: str, note: str = ""):
    given = {"rowid": [f"{r.public_id}:{r.version}" for r in rows], "choice": choice, "note": note,
             "csrf_token": csrf_token(client)}  # fmt: skip
    return client.post("/backoffice/massal/", data=given)


def test_several_at_once_report_each_outcome(app, people, filed, runtime, now, clock):
    rows = [advance(row, people, runtime, now=now, until="DISPOSISI_KABALAI") for row in filed(3)]
    head = enter(app, people.kepala_balai)
    picked = "&".join(f"id={row.public_id}" for row in rows)
    page = head.get(f"/backoffice/massal/?{picked}").text
    choice = re.search(r'name="choice" value="([^"]+)"', page)[1]
    assert "3 dari 3" in page and "Catatan bersama" in page
    # A note that is required isn't left out, and nothing moved.
    refused = run_together(head, rows, choice)
    assert refused.status_code == 422 and "Isi " in refused.text
    # Somebody was faster with one of them.
    advance(rows[1], people, runtime, now=now, until="DISPOSISI_KASUBAG")
    before = Event.select().count()
    done = run_together(head, rows, choice, "Mohon ditindaklanjuti bersama.")
    assert done.status_code == 200
    assert "2 dari 3 permohonan berhasil" in done.text and "tidak tersedia" in done.text
    assert Event.select().count() == before + 2
    assert {Request.get_by_id(row.id).stage_code for row in rows} == {"DISPOSISI_KASUBAG"}
    assert people.kepala_balai.id in {e.actor_id for e in Event.select().where(
        Event.kind == "stage_completed", Event.stage_code == "DISPOSISI_KABALAI")}  # fmt: skip


def test_what_fits_only_some_is_counted_and_never_chosen_beforehand(
    app, people, filed, runtime, now, clock
):
    rows = filed(4)
    rows[:2] = [advance(row, people, runtime, now=now, until="DISPOSISI_KABALAI")
                for row in rows[:2]]  # fmt: skip
    people.admin_layanan.hold_posts(["admin_layanan", "kepala_balai"])
    both = enter(app, people.admin_layanan)
    # The order of the list, not that of the urgency.
    rows = [rows[3], rows[1], rows[2], rows[0]]
    page = both.get("/backoffice/massal/?" + "&".join(f"id={row.public_id}" for row in rows)).text
    assert re.findall(r"<li><a [^>]*>[^<]*: (Perihal \d+)", page) == [row.subject for row in rows]
    assert "2 dari 4" in page and " checked" not in page
    assert re.search(r"<button[^>]* data-runs>Jalankan</button>", page)
    assert page.count("Perlu daftar periksa") == 2
    choice = re.search(r'name="choice" value="([^"]+)" data-count="2"', page)[1]
    refused = run_together(both, rows, choice)
    assert refused.status_code == 422 and "Jalankan untuk 2 permohonan" in refused.text
    done = run_together(both, rows, choice, "Mohon ditindaklanjuti bersama.")
    assert "2 dari 2 permohonan berhasil" in done.text and done.text.count("dilewati") == 2
    assert Request.select().where(Request.stage_code == "DISPOSISI_KASUBAG").count() == 2


def test_nothing_is_picked_where_nothing_can_be_done(app, people, filed, runtime, now, clock):
    done, open_ = filed(2)
    advance(done, people, runtime, now=now)
    for person, tab, boxes in (
        (people.admin_layanan, "selesai", 0),
        (people.admin_layanan, "semua", 2),
        (people.auditor, "semua", 0),
    ):
        page = enter(app, person).get(f"/backoffice/?tab={tab}").text
        assert "Perihal 000" in page
        assert page.count('type="checkbox" name="id"') == boxes
        assert ("Tindak bersama" in page) == bool(boxes)


def test_stale_version_is_refused_one_by_one(app, people, filed, runtime, now, clock):
    rows = [advance(row, people, runtime, now=now, until="DISPOSISI_KABALAI") for row in filed(2)]
    head = enter(app, people.kepala_balai)
    page = head.get(f"/backoffice/massal/?id={rows[0].public_id}").text
    choice = re.search(r'name="choice" value="([^"]+)"', page)[1]
    Request.update(version=Request.version + 1).where(Request.id == rows[0].id).execute()
    done = run_together(head, rows, choice, "Catatan bersama.")
    assert "1 dari 2 permohonan berhasil" in done.text
    assert Request.get_by_id(rows[0].id).stage_code == "DISPOSISI_KABALAI"


def test_checklists_are_not_done_together_and_strangers_not_at_all(app, people, filed, clock):
    row = filed(1)[0]
    admin = enter(app, people.admin_layanan)
    page = admin.get(f"/backoffice/massal/?id={row.public_id}").text
    assert "Jalankan" not in page
    assert re.search(
        rf'Perlu daftar periksa: <a href="[^"]*{row.public_id}#tindakan">buka satu', page
    )
    outsider = enter(app, people.penguji)
    assert outsider.get(f"/backoffice/massal/?id={row.public_id}").status_code == 302
    assert run_together(outsider, [row], "complete|X|Y").status_code == 302
    assert Request.get_by_id(row.id).version == row.version


# -- who has it open, and what comes next --------------------------------------------------------


def test_badge_tells_who_has_it_open_and_writes_seldom(app, people, filed, clock, monkeypatch):
    row = filed(1)[0]
    address = f"/backoffice/permohonan/{row.public_id}"
    admin, head = enter(app, people.admin_layanan), enter(app, people.kepala_balai)
    assert "sedang dibuka oleh" not in admin.get(address).text
    noted = Presence.get().seen_at
    clock.forward(seconds=20)
    counter = Counter(monkeypatch)
    counter.of(admin, address)
    assert not [sql for sql in counter.statements if sql.startswith("INSERT")]
    assert Presence.get().seen_at == noted
    clock.forward(seconds=11)
    admin.get(address)
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
    admin.get(address)
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
    enter(app, colleague).get(address)
    told = admin.post(f"{address}/hadir", data={"csrf_token": token}).json["badge"]
    assert f"sedang dibuka oleh {colleague.name}" in told
    assert post(enter(app, people.penguji), f"{address}/hadir").status_code == 404


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
    assert next_waiting(people.kepala_balai, rows[2]).id == rows[1].id


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


def test_an_administrator_without_requests_is_told_where_the_work_is(app, people, filed):
    filed(1)
    page = enter(app, people.administrator).get("/backoffice/").text
    assert "tidak memegang permohonan" in page and 'href="/backoffice/petugas/"' in page
    assert "tidak memegang permohonan" not in enter(app, people.penguji).get("/backoffice/").text


def test_bulk_says_plainly_when_nothing_can_be_done(app, people, filed):
    rows = filed(2)
    picked = "&".join(f"id={row.public_id}" for row in rows)
    head = enter(app, people.kepala_balai).get(f"/backoffice/massal/?{picked}").text
    assert "Tidak ada tindakan bagi Anda sekarang pada permohonan yang dipilih" in head
    assert "buka satu per satu" not in head
    admin = enter(app, people.admin_layanan).get(f"/backoffice/massal/?{picked}").text
    assert "dikerjakan satu per satu" in admin and "buka satu per satu" in admin
