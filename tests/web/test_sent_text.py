"""What no person sees never gets past a form: not as a name, not as a subject."""

import pytest

from models import User
from rules.labels import REQUIRED
from tests.people import enter, post, upload
from tests.story_forms import FORM
from web.sent_text import SentValues

INVISIBLE = ["\u200b\u200b\u200b", "\xad", "\u3164", "\u2800 \u202e", "\u200d\ufeff", "\u0301"]


@pytest.mark.parametrize("text", INVISIBLE, ids=ascii)
@pytest.mark.parametrize("field", ["subject", "description"])
def test_request_without_visible_words_is_refused(app, people, field, text):
    answer = post(enter(app, people.customer), "/ajukan", {**FORM, field: text, "file": upload()})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text


@pytest.mark.parametrize("text", INVISIBLE, ids=ascii)
def test_name_that_nobody_sees_is_refused_in_the_profile(app, people, text):
    client = enter(app, people.customer)
    form = {
        "name": text,
        "institution_category": "umum",
        "phone_region": "ID",
        "phone": "0812-3456-7890",
        "gender": "P",
    }
    assert 'id="name-error"' in post(client, "/profil", form).text
    assert User.get_by_id(people.customer.id).name == people.customer.name


@pytest.mark.parametrize("text", INVISIBLE, ids=ascii)
def test_name_that_nobody_sees_is_refused_for_staff(app, people, text):
    client = enter(app, people.administrator)
    address = f"/backoffice/petugas/edit/?id={people.kepala_balai.id}"
    form = {
        "name": text,
        "email": people.kepala_balai.email,
        "posts": "kepala_balai",
        "active": "y",
    }
    assert REQUIRED in post(client, address, form).text
    assert User.get_by_id(people.kepala_balai.id).name == people.kepala_balai.name


def test_words_are_kept_as_people_read_them(app, people):
    client = enter(app, people.customer)
    typed = {
        **FORM,
        "subject": "Data gelom\xadbang\xa0\u202eTeluk\u200b  Cafe\u0301",
        "description": "Baris\u200b satu\r\nkeluarga 👨\u200d👩\u200d👧 dan “kutipan”",
    }
    assert post(client, "/ajukan", {**typed, "file": upload()}).status_code == 302
    page = client.get("/ajukan/periksa").text
    assert "Data gelombang Teluk Café" in page
    assert "keluarga 👨\u200d👩\u200d👧 dan “kutipan”" in page


def test_secrets_and_files_are_left_alone():
    sent = SentValues(
        [("password", "a\u200bb"), ("new_password_confirm", "e\u0301"), ("q", "a\u200bb")]
    )
    assert sent.to_dict() == {"password": "a\u200bb", "new_password_confirm": "e\u0301", "q": "ab"}
    assert SentValues().to_dict() == {}
    assert sent.getlist("q") == ["ab"]
