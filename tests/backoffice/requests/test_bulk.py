"""Several requests at once: one outcome for each."""

import re

from models import Event, Request, StageRecord
from tests.people import advance, csrf_token, enter, post


def run_together(client, rows, choice: str, note: str = ""):
    given = {"rowid": [f"{r.public_id}:{r.version}" for r in rows], "choice": choice, "note": note,
             "csrf_token": csrf_token(client)}  # fmt: skip
    return client.post("/backoffice/massal/", data=given)


# -- several at once -----------------------------------------------------------------------------


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


def test_ticks_alone_dispose_of_several_at_once(app, people, filed, runtime, now, clock):
    rows = [advance(row, people, runtime, now=now, until="DISPOSISI_KABALAI") for row in filed(2)]
    head = enter(app, people.kepala_balai)
    picked = "&".join(f"id={row.public_id}" for row in rows)
    page = head.get(f"/backoffice/massal/?{picked}").text
    choice = re.search(r'name="choice" value="([^"]+)"', page)[1]
    tick = re.search(r'name="ticks" value="([^"]+)"', page)[1]
    given = {"rowid": [f"{row.public_id}:{row.version}" for row in rows], "choice": choice}
    assert "Petunjuk" in run_together(head, rows, choice).text
    done = post(head, "/backoffice/massal/", {**given, "ticks": tick})
    assert "2 dari 2 permohonan berhasil" in done.text
    kept = [row.inputs for row in StageRecord.select() if "instructions" in row.inputs]
    assert kept == [{"instructions": [tick]}] * 2


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


def test_bulk_says_plainly_when_nothing_can_be_done(app, people, filed):
    rows = filed(2)
    picked = "&".join(f"id={row.public_id}" for row in rows)
    head = enter(app, people.petugas_layanan).get(f"/backoffice/massal/?{picked}").text
    assert "Tidak ada tindakan bagi Anda sekarang pada permohonan yang dipilih" in head
    assert "buka satu per satu" not in head
    admin = enter(app, people.admin_layanan).get(f"/backoffice/massal/?{picked}").text
    assert "dikerjakan satu per satu" in admin and "buka satu per satu" in admin
