"""The days of what the reader may see, on the page and in everybody's own calendar."""

import re
from datetime import date, timedelta

from administration import absences
from models import CalendarFeed, ChangeRecord, Message, Request
from outputs.agenda.events import Happening
from outputs.agenda.ics import write_calendar
from tests.people import advance, enter, file_request, post

PAGE = "/backoffice/kalender/"
SUBJECT = "Uji; koma, garis \\ miring\ndan Pantai Candidasa yang sangat panjang – ✓ é " * 2


def unfolded(text: bytes) -> list[str]:
    """As a calendar program reads it: RFC 5545, 3.1."""
    assert text.endswith(b"\r\n") and b"\n" not in text.replace(b"\r\n", b"")
    assert max(map(len, text.split(b"\r\n"))) <= 75
    return text.decode().replace("\r\n ", "").splitlines()


def test_days_of_visible_requests_alone(app, people, runtime, now, clock):
    filed = file_request(runtime, people.customer, now=now, service="lab", subject="Uji A")
    at_test = advance(filed, people, runtime, now=now, until="PENGUJIAN")
    file_request(runtime, people.customer, now=now, key="B", subject="Permohonan asing")
    on = at_test.stage_due_at.date()
    address = f"{PAGE}?tampil=minggu&tanggal={on}"
    tester = enter(app, people.penguji).get(address).text
    assert "Uji A" in tester and "Permohonan asing" not in tester
    filed = enter(app, people.admin_layanan).get(f"{PAGE}?tanggal={now.date()}").text
    assert "Permohonan asing" in filed
    only_lab = enter(app, people.admin_layanan).get(f"{PAGE}?tanggal={now.date()}&service=lab").text
    assert "Permohonan asing" not in only_lab


def test_a_feed_is_secret_own_and_revocable(app, people, runtime, now, clock):
    file_request(runtime, people.customer, now=now, subject="Data gelombang")
    client, stranger = enter(app, people.admin_layanan), app.test_client()
    page = post(client, f"{PAGE}alamat").text
    [path] = set(re.findall(r"/kalender/[\w-]{43}\.ics", page))
    assert path not in client.get(PAGE).text
    # Whoever reads the database can't read the calendar.
    assert path.split("/")[-1][:-4] not in str(CalendarFeed.get().__data__)
    answer = stranger.get(path)
    assert answer.mimetype == "text/calendar" and "no-store" in answer.headers["Cache-Control"]
    lines = unfolded(answer.data)
    assert any("Data gelombang" in line for line in lines if line.startswith("SUMMARY"))
    for secret in (people.customer.name, people.customer.phone, people.customer.email):
        assert secret not in answer.text
    another = re.findall(r"/kalender/[\w-]{43}\.ics", post(client, f"{PAGE}alamat").text)[0]
    assert stranger.get(path).status_code == 404 and stranger.get(another).status_code == 200
    people.admin_layanan.active = False
    people.admin_layanan.save()
    assert stranger.get(another).status_code == 404
    people.admin_layanan.active = True
    people.admin_layanan.save()
    post(enter(app, people.admin_layanan), f"{PAGE}alamat/cabut")
    assert stranger.get(another).status_code == 404 and not CalendarFeed.select().exists()
    assert ChangeRecord.select().where(ChangeRecord.table == "calendar_feed").count() == 3


def test_what_calendars_read_follows_the_standard(now):
    item = Request(public_id="01ABC", number="1/L.Data/29/VII/24", subject=SUBJECT)
    found = [Happening(date(2024, 7, 30), "Kunjungan", item, code="visited_on"),
             Happening(date(2024, 7, 30), "Batas", item, now, code="due")]  # fmt: skip
    lines = unfolded(write_calendar(found, base_url="https://balai.test", now=now))
    assert lines[0] == "BEGIN:VCALENDAR" and lines[-1] == "END:VCALENDAR"
    assert "DTSTART;VALUE=DATE:20240730" in lines and "DTEND;VALUE=DATE:20240731" in lines
    assert lines.count(f"DTSTAMP:{now:%Y%m%dT%H%M%SZ}") == 2
    uids = [line for line in lines if line.startswith("UID:")]
    assert uids == ["UID:01ABC-visited_on@balai.test", "UID:01ABC-due@balai.test"]
    summary = next(line for line in lines if line.startswith("SUMMARY:"))
    assert "Uji\\; koma\\, garis \\\\ miring\\ndan" in summary


def test_who_is_away_is_seen_where_one_is_chosen_and_a_plh_is_proposed(
    app, people, runtime, now, clock
):
    item = advance(file_request(runtime, people.customer, now=now), people, runtime, now=now,
                   until="DISPOSISI_KASUBAG")  # fmt: skip
    day = now.date()
    given = {"person": people.ketua_tim.public_id, "kind": "cuti", "from_on": day,
             "until_on": day + timedelta(days=4)}  # fmt: skip
    client = enter(app, people.ketua_tim)
    assert post(client, "/backoffice/berhalangan/", given).status_code == 302
    other = {**given, "person": people.penguji.public_id}
    assert post(client, "/backoffice/berhalangan/", other).status_code == 422
    kasubag = enter(app, people.kasubag_tu)
    card = kasubag.get(f"/backoffice/permohonan/{item.public_id}").text
    assert f"{people.ketua_tim.name} (tanpa tugas; cuti s.d. 2 Agu 2024)" in card
    assert "belum ada Plh." in kasubag.get("/backoffice/mandat/").text
    [one] = absences.uncovered(now)
    assert one.role == "ketua_tim"
    proposed = re.search(
        r'href="(/backoffice/mandat/baru[^"]+)"', kasubag.get("/backoffice/mandat/").text
    )
    form = kasubag.get(proposed[1].replace("&amp;", "&")).text
    assert f'<option selected value="ketua_tim:{people.ketua_tim.public_id}">' in form
    assert 'value="2024-08-02"' in form
    assert absences.revoke(one.absence, by=people.ketua_tim, now=now)
    assert absences.uncovered(now) == []
    assert not Message.select().where(Message.template == "mandat_mulai").exists()


def test_who_is_ill_is_away_for_colleagues(app, people, runtime, now, clock):
    """That somebody is ill is told to whom it is about and who keeps the accounts alone."""
    day = now.date()
    item = advance(file_request(runtime, people.customer, now=now), people, runtime, now=now,
                   until="DISPOSISI_KASUBAG")  # fmt: skip
    absences.note(
        people.ketua_tim, "sakit", day, day + timedelta(days=4), by=people.ketua_tim, now=now
    )
    colleague = enter(app, people.kasubag_tu)
    pages = (PAGE, f"{PAGE}?tampil=minggu", "/backoffice/mandat/",
             f"/backoffice/permohonan/{item.public_id}")  # fmt: skip
    for text in (*(colleague.get(page).text for page in pages), _noted(colleague)):
        assert "sakit" not in text.lower()
        assert "berhalangan" in text.lower()
    assert "Sakit" in _noted(enter(app, people.ketua_tim))
    assert "Sakit" in _noted(enter(app, people.administrator))


def _noted(client) -> str:
    """Without the form, which offers every cause."""
    page = client.get("/backoffice/berhalangan/").text
    return page.partition("<tbody>")[2].partition("</tbody>")[0]
