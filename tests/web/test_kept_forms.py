"""What was typed outlives a log-in that ended, and is its writer's alone."""

import io
import re

import pytest

from models import KeptForm, Remark
from tests.people import enter, pdf, post
from tests.web import kept_steps as steps
from tests.web.kept_steps import CASES, Case, logs_in, opens, sends

TOO_LATE = (steps.log_in_ends, steps.cookies_go, steps.page_is_old)


@pytest.fixture
def begun(app, people, runtime, now, clock):
    """Somebody who has filled a form: (client, case, what the browser will send)."""

    def begin(make) -> tuple:
        case: Case = make(people, runtime, now)
        client = enter(app, case.person)
        return client, case, opens(client, case)

    return begin


@pytest.mark.parametrize("too_late", TOO_LATE)
@pytest.mark.parametrize("make", CASES)
def test_form_comes_back_filled_after_logging_in(begun, make, too_late):
    client, case, form = begun(make)
    too_late(client)
    answer = sends(client, case, form)
    assert answer.status_code == 302 and answer.headers["Location"].startswith("/masuk?next=")
    assert "masih tersimpan" in client.get(answer.headers["Location"]).text
    page = logs_in(client, answer, case.person)
    assert page.status_code == 200 and page.request.path == case.page
    assert case.is_filled_in(page.text)
    assert "Isian Anda belum terkirim" in page.text
    # All of it found its place, and what the page had hidden is nobody's words.
    assert "Yang Anda tulis" not in page.text


@pytest.mark.parametrize("make", CASES)
def test_page_left_open_for_thirteen_hours_is_shown_filled_with_one_press_to_send(
    app, people, runtime, now, clock, monkeypatch, make
):
    case = make(people, runtime, now)
    with monkeypatch.context() as patched:
        steps.drawn_long_ago(patched)
        form = opens(enter(app, case.person), case)
    # Somebody who logged in again in another tab.
    again = enter(app, case.person)
    answer = sends(again, case, form)
    assert answer.status_code == 303
    page = again.get(answer.headers["Location"])
    assert case.is_filled_in(page.text)


def test_message_is_sent_by_one_more_press_and_kept_no_longer(begun):
    client, case, form = begun(steps.conversation)
    steps.cookies_go(client)
    page = logs_in(client, sends(client, case, form), case.person)
    assert Remark.select().count() == 0
    shown = steps.values_of(page.text, case.address, case.typed)
    sent = sends(client, case, shown)
    assert sent.status_code == 302 and "/masuk" not in sent.headers["Location"]
    assert Remark.get().text == steps.WORDS
    assert KeptForm.select().count() == 0


@pytest.mark.parametrize("make", [steps.filing, steps.profile, steps.conversation])
@pytest.mark.parametrize("too_late", [steps.log_in_ends, steps.cookies_go])
def test_another_person_at_that_browser_never_sees_it(begun, people, make, too_late):
    client, case, form = begun(make)
    too_late(client)
    answer = sends(client, case, form)
    page = logs_in(client, answer, people.other_customer)
    assert page.status_code == 200
    for address in (page.request.path, "/ajukan", "/profil", "/", "/dasbor"):
        text = client.get(address).text
        assert not any(str(words) in text for words in (steps.WORDS, "Samudra", "<gelombang>"))
    kept = KeptForm.get()
    assert client.get(f"{case.page}?terisi={kept.key}").status_code in (302, 404)
    # Its writer may still come.
    assert case.is_filled_in(enter_again(client, case, kept))


def enter_again(client, case, kept) -> str:
    fresh = enter(client.application, case.person)
    return fresh.get(f"{case.page}?terisi={kept.key}").text


def test_page_of_one_person_is_not_sent_in_the_name_of_the_next(app, people, begun):
    client, case, form = begun(steps.conversation)
    post(client, "/keluar")
    client.get("/masuk")
    logs_in(client, client.get(case.page), people.other_customer)
    answer = sends(client, case, form)
    assert answer.status_code == 400 and "akun lain" in answer.text
    assert Remark.select().count() == 0


@pytest.mark.parametrize("name", ["password", "new_password", "sandi_baru", "csrf_token"])
def test_secrets_and_files_are_not_kept(begun, name):
    client, case, form = begun(steps.filing)
    form |= {"file": (io.BytesIO(pdf()), "surat.pdf")}
    form.setdefault(name, "rahasia-sekali")
    steps.cookies_go(client)
    page = logs_in(client, sends(client, case, form), case.person)
    assert name not in dict(KeptForm.get().fields)
    assert "rahasia-sekali" not in str(KeptForm.get().fields)
    assert "Berkas tidak dapat kami simpan" in page.text


def test_what_is_too_long_is_not_kept_and_said_so(begun):
    client, case, form = begun(steps.conversation)
    form |= {"text": "x" * 200_000}
    steps.cookies_go(client)
    sends(client, case, form)
    assert KeptForm.select().count() == 0


def test_form_that_is_gone_leaves_the_words_to_copy(begun, now):
    client, case, form = begun(steps.objection)
    steps.log_in_ends(client)
    answer = sends(client, case, form)
    steps.objects_elsewhere(case, now)
    page = logs_in(client, answer, case.person)
    assert page.status_code == 200 and "Formulirnya tidak ada lagi" in page.text
    assert copied(page.text) == [steps.WORDS]


HIDDEN = {
    "version": "12",
    "key": "01M8PBSB8EHV8WVR1ST9SNYQZW",
    "seen": "2026-11-30T13:55:01+00:00",
    "desk": "ketua_tim",
    "to": "bimtek:2",
    "mark": "0123456789abcdef0",
}


@pytest.mark.parametrize("name", HIDDEN)
def test_what_a_page_had_hidden_is_not_shown_as_words(begun, now, name):
    client, case, form = begun(steps.objection)
    steps.log_in_ends(client)
    answer = client.post(case.address, data=form | case.typed | {name: HIDDEN[name]})
    steps.objects_elsewhere(case, now)
    assert copied(logs_in(client, answer, case.person).text) == [steps.WORDS]


@pytest.mark.parametrize("words", ["Setuju", "tidak", "12345", "Denpasar Selatan", "2 buah"])
def test_a_single_word_is_somebodys_all_the_same(begun, now, words):
    client, case, form = begun(steps.objection)
    steps.log_in_ends(client)
    answer = client.post(case.address, data=form | {"reason": words})
    steps.objects_elsewhere(case, now)
    assert copied(logs_in(client, answer, case.person).text) == [words]


def copied(page: str) -> list[str]:
    """What stands in the text areas above the page, to be copied."""
    above = page.partition("Yang Anda tulis")[2].partition("</section>")[0]
    return [words.strip() for words in re.findall(r"<textarea[^>]*>([^<]*)</textarea>", above)]


@pytest.mark.parametrize(
    "header",
    [
        {"Origin": "https://jahat.test"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Mode": "cors"},
    ],
)
def test_form_of_another_site_is_not_kept(begun, header):
    client, case, form = begun(steps.conversation)
    steps.cookies_go(client)
    client.post(case.address, data=form, headers=header)
    client.post(case.address, data={**form, "csrf_token": "tidak.sah.samasekali"})
    assert KeptForm.select().count() == 0


@pytest.mark.parametrize(
    ("following", "leads_to"),
    [
        ("{page}/pesan", "{page}"),
        ("{page}/tindakan/object", "{page}"),
        ("/keluar", "/"),
        ("/ajukan/kirim", "/ajukan"),
        ("/profil/pemberitahuan", "/profil"),
        ("/tidak/ada/sama/sekali", "/"),
        ("/\\jahat.test", "/"),
        ("/%09/jahat.test", "/"),
        ("//jahat.test/pesan", ""),
        ("https://jahat.test/", ""),
    ],
)
def test_log_in_leads_to_a_page_of_ours(app, people, runtime, now, following, leads_to):
    page = f"/layanan/{steps.request_at(people, runtime, now).public_id}"
    client = app.test_client()
    token = steps.token_on(client.get("/masuk").text, "/masuk", {})
    form = {**token, "email": people.customer.email, "password": steps.PASSWORD,
            "next": following.format(page=page)}  # fmt: skip
    answer = client.post("/masuk", data=form)
    assert answer.status_code == 302 if leads_to else 200
    assert answer.headers.get("Location", "") == leads_to.format(page=page)


@pytest.mark.parametrize(
    "referrer", ["https://jahat.test/x", "http://localhost//jahat.test", "http://localhost/masuk/x"]
)
def test_page_of_a_form_is_none_of_another_site(begun, referrer):
    client, case, form = begun(steps.conversation)
    steps.log_in_ends(client)
    answer = client.post(case.address, data=form, headers={"Referer": referrer})
    assert "jahat" not in answer.headers["Location"]
    assert logs_in(client, answer, case.person).request.path == case.page


@pytest.mark.parametrize("page", ["/masuk", "/lacak", "/daftar", "/"])
def test_blocked_cookies_are_told(app, db, page):
    """Without cookies no form can be taken: the sentence says which setting stands in the way."""
    address = {"/": "/ajukan"}.get(page, page)
    case = Case(None, page, address, {"subject": "Data", "email": "a@contoh.test"})
    form = opens(app.test_client(use_cookies=False), case)
    client = app.test_client(use_cookies=False)
    answer = sends(client, case, form)
    assert answer.status_code == 400
    assert "kuki (cookie)" in answer.text and "Sesi formulir" not in answer.text


def test_what_is_kept_is_forgotten_after_a_day(begun, runtime, clock):
    import tasks

    client, case, form = begun(steps.conversation)
    steps.log_in_ends(client)
    sends(client, case, form)
    kept = KeptForm.get()
    clock.forward(hours=25)
    assert not case.is_filled_in(enter_again(client, case, kept))
    tasks.clean_up(runtime.storage, now=clock.now)
    assert KeptForm.select().count() == 0
