"""What the office keeps itself: each change leaves a trace; two accounts of one customer join."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest

from administration import appointments, closures, customers, flow_drafts, wordings
from administration import reference as seeding
from administration.drafts import stamp_of
from backoffice.manage.change_words import TITLES
from models import (
    CallTask,
    ChangeRecord,
    Event,
    FaqItem,
    FlowVersion,
    Holiday,
    IncomingMessage,
    Message,
    Page,
    Request,
    SurveyResponse,
    User,
    verify_history,
)
from outputs.survey.periods import Plan, lock_period, write_plan
from rules.periods import Period
from rules.skm import ELEMENTS
from tests.people import PASSWORD, advance, enter, file_request, make_customer, post
from tests.test_queries import Counter
from workflow import Refused

HERE = "/backoffice"
FETCH = {"X-Requested-With": "fetch"}
MERGE = "/backoffice/akun-ganda/gabung?simpan={}&tutup={}"


def test_change_is_kept_with_before_and_after(app, people):
    client = enter(app, people.administrator)
    form = {
        "name": "Nama Baru",
        "phone": "0812-0000-1111",
        "institution_name": "Universitas Contoh",
        "active": "y",
    }
    address = f"/backoffice/pelanggan/edit/?id={people.customer.id}"
    assert post(client, address, form).status_code == 302
    kept = ChangeRecord.get()
    assert kept.before == {"name": "Pelanggan Satu", "phone": "+6281234567890"}
    assert kept.after == {"name": "Nama Baru", "phone": "+6281200001111"}
    # The event names fields and holds a digest; nobody's name or telephone.
    event = Event.get(Event.kind == "record_changed")
    assert (event.actor, event.data["fields"]) == (people.administrator, ["name", "phone"])
    assert "Nama Baru" not in str(event.data)
    trail = enter(app, people.auditor).get("/backoffice/jejak/").text
    assert "nama: “Pelanggan Satu” menjadi “Nama Baru”" in trail
    assert people.administrator.name in trail
    assert "Nama Baru" in client.get("/backoffice/jejak/?table=user").text
    assert "Nama Baru" not in client.get("/backoffice/jejak/?table=holiday").text


def test_posts_of_staff_are_told_by_their_titles(app, people):
    client = enter(app, people.administrator)
    person = people.penguji
    form = {"name": person.name, "email": person.email, "phone": "", "active": "y"}
    address = f"/backoffice/petugas/edit/?id={person.id}"
    assert post(client, address, {**form, "posts": ["penguji", "penyelia"]}).status_code == 302
    trail = client.get("/backoffice/jejak/").text
    assert "pos: Penguji menjadi Penguji, Penyelia" in trail


def test_a_form_that_somebody_overtook_is_not_saved_unseen(app, people):
    """Who corrects a name gives nobody back the post that was just taken away."""
    client, person = enter(app, people.administrator), people.penguji
    address = f"{HERE}/petugas/edit/?id={person.id}"
    seen = re.search(r'name="seen" value="(\w+)"', client.get(address).text)[1]
    person.hold_posts(["auditor"])
    form = {"name": "Nama Benar", "email": person.email, "phone": "", "active": "y",
            "posts": ["penguji"], "seen": seen}  # fmt: skip
    answer = post(client, address, form)
    assert answer.status_code == 422
    assert "Yang berbeda dari isian Anda: Nama, Pos." in answer.text
    assert User.get_by_id(person.id).role_codes == {"auditor"}
    # Whoever says so again has seen it.
    seen = re.search(r'name="seen" value="(\w+)"', answer.text)[1]
    assert post(client, address, form | {"seen": seen, "confirm": "1"}).status_code == 302
    assert User.get_by_id(person.id).role_codes == {"penguji"}
    assert User.get_by_id(person.id).name == "Nama Benar"


@pytest.mark.parametrize("place", ["pelanggan", "petugas"])
def test_a_form_that_nobody_overtook_is_saved(app, people, place):
    client, row = enter(app, people.administrator), people.customer
    form = {"name": "Nama Baru", "phone": "", "active": "y", "institution_name": "Lain"}
    if place == "petugas":
        row = people.penguji
        form |= {"email": row.email, "posts": ["penguji", "penyelia"]}
    address = f"{HERE}/{place}/edit/?id={row.id}"
    seen = re.search(r'name="seen" value="(\w+)"', client.get(address).text)[1]
    assert post(client, address, form | {"seen": seen}).status_code == 302
    assert User.get_by_id(row.id).name == "Nama Baru"


def test_nothing_changed_leaves_no_trace(app, people):
    person = people.customer
    form = {"name": person.name, "phone": person.phone, "institution_name": person.institution_name}
    address = f"/backoffice/pelanggan/edit/?id={person.id}"
    post(enter(app, people.administrator), address, {**form, "active": "y"})
    assert not ChangeRecord.select().exists()


def test_accounts_are_compared_and_joined(app, people, runtime, now):
    with app.app_context():
        twin = make_customer("kedua@contoh.test", "Pelanggan Satu")
    mine = file_request(runtime, people.customer, now=now, subject="Milik akun pertama")
    theirs = file_request(runtime, twin, now=now, key="K2", subject="Milik akun kedua")
    theirs = advance(theirs, people, runtime, now=now, until="SURVEI")
    before = enter(app, twin)
    client = enter(app, people.admin_layanan)
    # Three share one telephone in these tests; the pair shares the name as well.
    assert MERGE.format(people.customer.public_id, twin.public_id).replace("&", "&amp;") in (
        client.get("/backoffice/akun-ganda/").text
    )
    address = MERGE.format(people.customer.public_id, twin.public_id)
    page = client.get(address).text
    assert "kedua@contoh.test" in page
    assert not User.get_by_id(twin.id).merged_into

    done = post(client, address, follow_redirects=True)
    assert "1 permohonan dialihkan" in done.text
    assert {row.customer_id for row in Request.select()} == {people.customer.id}
    assert not Message.select().where(Message.recipient == twin).exists()
    closed = User.get_by_id(twin.id)
    assert (closed.active, closed.merged_into) == (False, people.customer)
    # The old session is dead, the kept account has it all, with the history unbroken.
    assert before.get("/dasbor").status_code == 302
    portal = enter(app, people.customer)
    page = portal.get(f"/layanan/{theirs.public_id}").text
    assert "Milik akun kedua" in page
    assert portal.get(f"/layanan/{mine.public_id}").status_code == 200
    assert "Akun pelanggan digabungkan" in (
        client.get(f"/backoffice/permohonan/{theirs.public_id}").text
    )
    assert verify_history()[1] == []
    # The survey waits for the kept account now.
    assert portal.get(f"/layanan/{theirs.public_id}/survei").status_code == 200
    assert client.get(address).status_code == 404


def test_calls_and_incoming_messages_follow_to_the_account_that_lives(app, people, runtime, now):
    """A number that the phone call corrects is that of the living account."""
    filed = file_request(runtime, people.other_customer, now=now)
    call = CallTask.create(recipient=people.other_customer, request=filed, created_at=now)
    done = CallTask.create(recipient=people.other_customer, created_at=now, done_at=now)
    came = IncomingMessage.create(provider_id="m1", channel="log", phone="+6281399992222",
                                  text="Halo", received_at=now, is_waiting=True,
                                  sender=people.other_customer)  # fmt: skip
    customers.merge(people.other_customer, people.customer, actor=people.admin_layanan, now=now)
    assert CallTask.get_by_id(call.id).recipient == people.customer
    assert CallTask.get_by_id(done.id).recipient == people.other_customer
    assert IncomingMessage.get_by_id(came.id).sender == people.customer
    client = enter(app, people.admin_layanan)
    said = {"outcome": "corrected", "phone": "0812-9999-0000", "note": ""}
    assert post(client, f"{HERE}/telepon/{call.public_id}", said).status_code == 302
    assert User.get_by_id(people.customer.id).phone == "+6281299990000"


def test_who_logs_in_to_a_joined_account_learns_where_to(app, people, now):
    """It can't be opened again, so nobody is sent to ask for that; strangers learn nothing."""
    customers.merge(people.other_customer, people.customer, actor=people.admin_layanan, now=now)
    given = {"email": "lain@contoh.test", "password": PASSWORD}
    page = post(enter(app, None), "/masuk", given).text
    assert "digabung ke akun Anda yang lain (p***@contoh.test)" in page
    assert "mengaktifkan akun kembali" not in page
    page = post(enter(app, None), "/masuk", given | {"password": "bukan kata sandinya"}).text
    assert "digabung" not in page


def test_any_two_accounts_are_named_compared_and_told_apart(app, people, runtime, now):
    User.update(phone="+6281399991111", institution_name="Lain").where(
        User.id == people.other_customer.id
    ).execute()
    file_request(runtime, people.other_customer, now=now)
    client, address = enter(app, people.administrator), f"{HERE}/akun-ganda/cari"
    named = {"simpan": "PELANGGAN@contoh.test", "tutup": "0813-9999-1111"}
    found = post(client, address, named)
    assert found.status_code == 302
    assert "contoh" not in found.headers["Location"] and "1111" not in found.headers["Location"]
    page = client.get(found.headers["Location"]).text
    assert (
        "Gabungkan akun Pelanggan Dua (lain@contoh.test, 1 permohonan) ke akun "
        "Pelanggan Satu (pelanggan@contoh.test, 0 permohonan)?"
    ) in page
    post(client, found.headers["Location"])
    assert User.get_by_id(people.other_customer.id).merged_into == people.customer


@pytest.mark.parametrize(
    ("named", "says"),
    [
        ({"simpan": "pelanggan@contoh.test", "tutup": "siapa@contoh.test"}, "Tidak ada akun"),
        ({"simpan": "pelanggan@contoh.test", "tutup": "penguji@balai.test"}, "Tidak ada akun"),
        ({"simpan": "lain@contoh.test", "tutup": "lain@contoh.test"}, "akun yang sama"),
        ({"simpan": "lain@contoh.test", "tutup": ""}, "Tidak ada akun"),
    ],
)
def test_accounts_that_cannot_be_named(app, people, named, says):
    page = post(enter(app, people.administrator), f"{HERE}/akun-ganda/cari", named)
    assert page.status_code == 422
    assert says in page.text and f'value="{named["simpan"]}"' in page.text


def test_of_accounts_with_one_telephone_one_is_chosen(app, people):
    client = enter(app, people.administrator)
    named = {"simpan": "lain@contoh.test", "tutup": "0812 3456 7890"}
    page = post(client, f"{HERE}/akun-ganda/cari", named).text
    assert "Pilih akun" in page
    assert page.count('name="tutup" value="') >= 3
    assert "Pelanggan Satu, pelanggan@contoh.test, 0 permohonan" in page


@pytest.mark.parametrize("who", ["staff", "same", "closed"])
def test_accounts_that_cannot_be_joined(people, now, who):
    duplicate = {"staff": people.penguji, "same": people.customer, "closed": people.unverified}[who]
    if who == "closed":
        customers.merge(duplicate, people.other_customer, actor=people.admin_layanan, now=now)
    with pytest.raises(Refused):
        customers.merge(duplicate, people.customer, actor=people.admin_layanan, now=now)


def test_joining_is_all_or_nothing(people, runtime, now, monkeypatch):
    """A request that somebody moves meanwhile keeps everything where it was."""
    file_request(runtime, people.other_customer, now=now)
    file_request(runtime, people.other_customer, now=now, key="K2")
    real, moved = customers.compare_and_set, []

    def lose_the_second(request, changes):
        moved.append(request)
        if len(moved) == 2:
            Request.update(version=Request.version + 1).where(Request.id == request.id).execute()
        real(request, changes)

    monkeypatch.setattr(customers, "compare_and_set", lose_the_second)
    with pytest.raises(Refused):
        customers.merge(people.other_customer, people.customer, actor=people.admin_layanan, now=now)
    assert {row.customer_id for row in Request.select()} == {people.other_customer.id}
    assert User.get_by_id(people.other_customer.id).active


def _customer(person, **more) -> dict[str, str]:
    given = {"name": person.name, "phone": person.phone}
    return given | {"institution_name": person.institution_name} | more


def test_a_closed_account_stays_outside_and_its_requests_go_on(app, people, runtime, now):
    filed = file_request(runtime, people.customer, now=now)
    before = enter(app, people.customer)
    client = enter(app, people.admin_layanan)
    address = f"/backoffice/pelanggan/edit/?id={people.customer.id}"
    question = post(client, address, _customer(people.customer)).text
    assert "1 permohonannya yang sedang berjalan tetap dilayani" in question
    assert User.get_by_id(people.customer.id).active
    back = post(client, address, _customer(people.customer, back="1"))
    assert back.status_code == 200
    assert post(client, address, _customer(people.customer, confirm="1")).status_code == 302
    assert before.get("/dasbor").status_code == 302
    log_in = {"email": people.customer.email, "password": PASSWORD}
    assert "Akun tidak aktif" in post(enter(app, None), "/masuk", log_in).text
    # The office goes on with the request, and the account can be opened again.
    assert client.get(f"/backoffice/permohonan/{filed.public_id}").status_code == 200
    assert Request.get_by_id(filed.id).is_open
    assert post(client, address, _customer(people.customer, active="y")).status_code == 302
    assert post(enter(app, None), "/masuk", log_in).status_code == 302


def test_a_joined_account_is_not_opened_again(app, people, now):
    customers.merge(people.other_customer, people.customer, actor=people.admin_layanan, now=now)
    address = f"/backoffice/pelanggan/edit/?id={people.other_customer.id}"
    given = _customer(people.other_customer, active="y")
    page = post(enter(app, people.admin_layanan), address, given)
    assert page.status_code == 422
    assert "sudah digabung ke akun Pelanggan Satu" in page.text
    assert not User.get_by_id(people.other_customer.id).active


@pytest.mark.parametrize("words", ["0813-9999-1111", "+62 813 9999 1111", "lain@contoh", "Dua"])
def test_a_customer_is_found_by_telephone_too(app, people, words):
    User.update(phone="+6281399991111").where(User.id == people.other_customer.id).execute()
    page = enter(app, people.admin_layanan).get(
        "/backoffice/pelanggan/", query_string={"q": words}
    ).text  # fmt: skip
    assert "Pelanggan Dua" in page
    assert "Pelanggan Satu" not in page


# -- the trail -----------------------------------------------------------------------------------


@pytest.fixture
def calendar(db):
    """The days of March 2031, which these tests close, are open again after them."""
    yield
    Holiday.delete().where(Holiday.on.between(date(2031, 3, 1), date(2031, 3, 31))).execute()


def _close(day: date, title: str, people, now: datetime) -> None:
    closed = closures.ClosedDay(on=day, title=title, kind="cuti_bersama", source="")
    changes = [closures.Change(None, closed)]
    plan = closures.plan_changes(changes, now=now)
    closures.carry_out(changes, stamp=plan.stamp, actor=people.administrator, now=now)


def test_the_trail_names_things_and_writes_values_as_the_screens_do(app, people, calendar, now):
    _close(date(2031, 3, 3), "Libur contoh", people, now)
    SurveyResponse.create(
        questionnaire="skm-2024-1", service_code="data", answered_on=date(2024, 2, 1),
        scores=dict.fromkeys(ELEMENTS, 3), demographics={}, extras={},
    )  # fmt: skip
    lock_period(Period(2024, 1), actor=people.kepala_balai, now=now)
    plan = Plan("U3", "Contoh", date(2025, 6, 30), "Ketua Tim", status="selesai")
    write_plan(Period(2024, 1), plan, actor=people.staf_tu, now=now)
    customers.merge(people.other_customer, people.customer, actor=people.admin_layanan, now=now)
    page = enter(app, people.auditor).get("/backoffice/jejak/").text
    for words in (
        "Hari libur: 3 Mar 2031, Libur contoh", "tanggal: 3 Mar 2031", "jenis: Cuti bersama",
        "Periode SKM: Semester I Tahun 2024", "dikunci: Tidak menjadi Ya",
        "Rencana tindak lanjut: U3 Waktu Penyelesaian, Semester I Tahun 2024",
        "unsur: U3 Waktu Penyelesaian", "waktu: 30 Jun 2025", "status: Selesai",
        "Akun: Pelanggan Dua", "akun aktif: Ya menjadi Tidak",
        "digabung ke: kosong menjadi “Pelanggan Satu (pelanggan@contoh.test)”",
    ):  # fmt: skip
        assert words in page, words
    # A day that is gone keeps its name, one that was renamed has the new one.
    Holiday.update(title="Nama baru").where(Holiday.on == date(2031, 3, 3)).execute()
    assert "3 Mar 2031, Nama baru" in enter(app, people.auditor).get("/backoffice/jejak/").text
    Holiday.delete().where(Holiday.on == date(2031, 3, 3)).execute()
    assert "3 Mar 2031, Libur contoh" in enter(app, people.auditor).get("/backoffice/jejak/").text


def test_the_trail_is_filtered_by_person_and_day(app, people, calendar, now):
    _close(date(2031, 3, 3), "Hari satu", people, now)
    later = now + timedelta(days=2)
    customers.merge(people.other_customer, people.customer, actor=people.admin_layanan, now=later)
    client, trail = enter(app, people.auditor), "/backoffice/jejak/"
    by_admin = client.get(f"{trail}?oleh={people.admin_layanan.public_id}").text
    assert "Pelanggan Dua" in by_admin and "Hari satu" not in by_admin
    assert f"Oleh: {people.admin_layanan.name}" in by_admin
    early = client.get(f"{trail}?until=2024-07-30").text
    assert "Hari satu" in early and "Pelanggan Dua" not in early
    assert "Hari satu" not in client.get(f"{trail}?since=2024-07-31").text
    assert "Tidak ada data" in client.get(f"{trail}?oleh=sistem").text
    assert client.get(f"{trail}?oleh=bukan&since=x").status_code == 200


def test_the_trail_asks_a_fixed_number_of_queries(app, people, calendar, now, monkeypatch):
    counter = Counter(monkeypatch)
    _close(date(2031, 3, 1), "Hari", people, now)
    client = enter(app, people.auditor)
    few = counter.of(client, "/backoffice/jejak/")
    for number in range(2, 9):
        _close(date(2031, 3, number), "Hari", people, now)
    assert counter.of(client, "/backoffice/jejak/") == few <= 10


# -- texts of the portal -----------------------------------------------------------------------


@pytest.fixture
def question(db, now):
    row = FaqItem.create(
        position=3, question="Apa itu **gelombang**?", answer="Awal", updated_at=now
    )
    yield row
    FaqItem.delete().where(FaqItem.id == row.id).execute()


def test_a_question_is_hidden_and_shown_again(app, people, question):
    client, public = enter(app, people.administrator), enter(app, None)
    address = f"{HERE}/faq/edit/?id={question.id}"
    given = {"position": "3", "question": question.question, "answer": "Awal"}
    assert question.question in public.get("/faq").text
    assert post(client, address, given).status_code == 302
    assert question.question not in public.get("/faq").text
    kept = ChangeRecord.select().order_by(ChangeRecord.id.desc()).first()
    assert (kept.before, kept.after) == ({"is_shown": True}, {"is_shown": False})
    assert 'data-label="Di portal">Tidak<' in client.get(f"{HERE}/faq/").text
    post(client, address, given | {"is_shown": "y"})
    assert question.question in public.get("/faq").text


def test_a_question_is_removed_and_stays_in_the_trail(app, people, question, now):
    client, address = enter(app, people.administrator), f"{HERE}/faq/delete/"
    page = client.get(f"{HERE}/faq/edit/?id={question.id}").text
    assert 'data-confirm="Hapus “Apa itu **gelombang**?”?' in page
    assert post(enter(app, people.staf_tu), address, {"id": question.id}).status_code == 403
    assert question.question in enter(app, None).get("/faq").text
    assert post(client, address, {"id": question.id}).status_code == 302
    assert question.question not in enter(app, None).get("/faq").text
    assert post(client, address, {"id": question.id}).status_code == 404
    kept = ChangeRecord.get()
    assert (kept.before["answer"], kept.after) == ("Awal", {})
    assert kept.event.kind == "record_deleted"
    assert "pertanyaan: “Apa itu **gelombang**?”" in client.get(f"{HERE}/jejak/").text
    assert verify_history()[1] == []


def test_removed_questions_do_not_come_back_by_an_upgrade(app, people, now):
    rows = list(FaqItem.select().dicts())
    client = enter(app, people.administrator)
    for row in rows:
        post(client, f"{HERE}/faq/delete/", {"id": row["id"]})
    seeding.seed_reference(now=now)
    assert not FaqItem.select().exists()
    FaqItem.insert_many(rows).execute()


@pytest.mark.parametrize("way", ["button", "script"])
def test_texts_are_seen_as_the_portal_shows_them_before_they_are_saved(app, people, question, way):
    client = enter(app, people.administrator)
    page, text = Page.select().first(), "**tebal** <b>"
    texts = {
        f"{HERE}/faq/": (
            question,
            {"position": "3", "question": "Baru?", "answer": "**tebal** <b>"},
        ),
        f"{HERE}/halaman/": (page, {"title": "Baru", "summary": "S", "body": text}),
    }
    for address, (row, given) in texts.items():
        if way == "script":
            seen = post(client, f"{address}pratinjau/", given, headers=FETCH)
        else:
            seen = post(client, f"{address}edit/?id={row.id}", given | {"preview": "1"})
            assert "**tebal** &lt;b&gt;</textarea>" in seen.text
        assert seen.status_code == 200
        assert "<strong>tebal</strong> &lt;b&gt;" in seen.text
        assert "Baru" in seen.text
    assert FaqItem.get_by_id(question.id).question == question.question
    assert not ChangeRecord.select().exists()


def test_ends_of_lines_are_no_change(app, people, question):
    FaqItem.update(answer="Satu\n\nDua").where(FaqItem.id == question.id).execute()
    given = {"position": "3", "question": question.question, "answer": "Satu\r\n\r\nDua"}
    client = enter(app, people.administrator)
    post(client, f"{HERE}/faq/edit/?id={question.id}", given | {"is_shown": "y"})
    assert not ChangeRecord.select().exists()


# -- every view that writes ----------------------------------------------------------------------


def _edit_page(world) -> str:
    page = Page.select().first()
    form = {"title": page.title, "summary": "Ringkasan lain", "body": page.body}
    post(world.admin, f"{HERE}/halaman/edit/?id={page.id}", form)
    return "page"


def _add_question(world) -> str:
    form = {"position": "9", "question": "Apa itu?", "answer": "Itu."}
    post(world.admin, f"{HERE}/faq/new/", form)
    FaqItem.delete().where(FaqItem.question == "Apa itu?").execute()
    return "faq_item"


def _deactivate_customer(world) -> str:
    who = world.people.customer
    form = {"name": who.name, "phone": who.phone, "institution_name": who.institution_name}
    post(world.admin, f"{HERE}/pelanggan/edit/?id={who.id}", form | {"confirm": "1"})
    return "user"


def _change_staff(world) -> str:
    who = world.people.penguji
    form = {"name": "Nama Lain", "email": who.email, "active": "y", "posts": ["penguji"]}
    post(world.admin, f"{HERE}/petugas/edit/?id={who.id}", form)
    return "user"


def _close_a_day(world) -> str:
    day = closures.ClosedDay(on=date(2031, 3, 3), title="Libur contoh", kind="lokal", source="")
    change = closures.Change(None, day)
    plan = closures.plan_changes([change], now=world.now)
    closures.carry_out([change], stamp=plan.stamp, actor=world.people.administrator, now=world.now)
    Holiday.delete().where(Holiday.on == date(2031, 3, 3)).execute()
    return "holiday"


def _merge(world) -> str:
    address = MERGE.format(world.people.customer.public_id, world.people.other_customer.public_id)
    post(world.admin, address)
    return "user"


def _appoint(world) -> str:
    day = world.now.date()
    asked = appointments.Appointment(
        role="penguji", absent=world.people.penguji, acting=world.people.penyelia,
        letter="SPT-9", from_on=day, until_on=day + timedelta(days=3), services=(),
    )  # fmt: skip
    appointments.appoint(asked, actor=world.people.administrator, now=world.now)
    return "mandate"


def _reword_message(world) -> str:
    default = wordings.default_wordings()[0]["akun_aktif"]
    wordings.reword("akun_aktif", default.subject, f"{default.text} Terima kasih.", version=0,
                    actor=world.people.administrator, now=world.now)  # fmt: skip
    return "own_wording"


def _draft_questionnaire(world) -> str:
    post(world.admin, f"{HERE}/kuesioner/versi/skm-2024-1/draf")
    return "survey_draft"


def _plan(world) -> str:
    plan = {"element": "U3", "program": "Contoh", "due_on": "2025-06-30", "status": "rencana",
            "responsible": "Ketua Tim", "note": ""}  # fmt: skip
    post(enter(world.app, world.people.staf_tu), f"{HERE}/skm/2024-S2/rencana", plan)
    return "action_plan"


def _publish_flow(world) -> str:
    version = FlowVersion.get_by_id(world.runtime.catalogue["data"].version_id)
    actor = {"actor": world.people.administrator, "now": world.now}
    draft = flow_drafts.open_draft(version, **actor)
    raw = flow_drafts.definition_of(draft) | {"summary": "Ringkasan yang lain."}
    draft = flow_drafts.save_draft(draft, raw, seen=stamp_of(draft), what="words", **actor)
    flow_drafts.publish_draft(draft, seen=stamp_of(draft), note="Contoh", **actor)
    return "flow_version"


# View -> a change made there; None for those that write no reference data, with the reason.
CHANGES = {
    "PageView": _edit_page,
    "FaqView": _add_question,
    "CustomerView": _deactivate_customer,
    "StaffAccountView": _change_staff,
    "RosterView": _change_staff,  # the same `write_staff`; its own trail is in test_roster
    "HolidayView": _close_a_day,
    "DuplicatesView": _merge,
    "MandateView": _appoint,
    "WordingView": _reword_message,
    "QuestionnaireView": _draft_questionnaire,
    "SatisfactionView": _plan,
    "FlowView": _publish_flow,
}
OF_REQUESTS = {"QueueView", "CardView", "CounterView", "BulkView", "AssignmentView",
               "IncomingView", "CallsView", "OutboxView", "PrintoutView"}  # fmt: skip
OF_ONESELF = {"WordsView", "PreferencesView", "RecapView", "DashboardView"}
READ_ONLY = {"ChangeView"}


@dataclass
class World:
    app: object
    people: object
    runtime: object
    now: datetime
    admin: object


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_every_view_of_the_backoffice_says_what_it_writes(app):
    views = {type(view).__name__ for view in app.extensions["admin"][0]._views}
    assert views == set(CHANGES) | OF_REQUESTS | OF_ONESELF | READ_ONLY


@pytest.mark.parametrize("view", sorted(CHANGES))
def test_a_change_of_reference_data_is_kept_with_both_states(app, people, runtime, now, view):
    table = CHANGES[view](World(app, people, runtime, now, enter(app, people.administrator)))
    kept = ChangeRecord.select().where(ChangeRecord.table == table).order_by(ChangeRecord.id)
    last = kept[-1]
    assert last.after, "what it says now"
    assert last.event.actor_id
    assert last.event.data.get("states") or last.event.data["after"]
    assert verify_history()[1] == []
    # People read it, under a name of the data and not of the table.
    page = enter(app, people.auditor).get(f"/backoffice/jejak/?table={table}").text
    things = re.findall(r'data-label="Data">([^<]+)<', page)
    assert things[0].startswith(TITLES[table]), things
    assert table == "survey_draft" or len(things[0]) > len(TITLES[table]) + 4
    assert "nomor" not in page
