"""Names and addresses as people have them; no name is an advertisement, no institution's either."""

import pytest

from models import Message, User
from tests.people import enter, post
from tests.story_forms import FORM, SIGN_UP


@pytest.mark.parametrize(
    "name", ["Menang undian jahat.com/klik", "Hadiah bit.ly/x", "undian jahat．com", "🙏", "\u200b"]
)
def test_a_name_that_leads_somewhere_reaches_nobody(app, people, name):
    before = User.select().count()
    answer = post(app.test_client(), "/daftar", {**SIGN_UP, "name": name})
    assert answer.status_code == 200 or answer.status_code == 422
    assert 'id="name-error"' in answer.text
    assert User.select().count() == before and Message.select().count() == 0


INSTITUTIONS = (
    "Menang undian jahat.com/klik",
    "CV. Hadiah, bit.ly/x",
    "undian jahat．co.id",
    "a@b.cc",
)


@pytest.mark.parametrize("institution", INSTITUTIONS)
def test_an_institution_that_leads_somewhere_is_refused_wherever_it_is_written(
    app, people, institution
):
    own, counter = enter(app, people.customer), {**FORM, "name": "Ibu di Loket", "channel": "surat"}
    pages = [
        post(app.test_client(), "/daftar", {**SIGN_UP, "institution_name": institution}),
        post(own, "/profil", {**SIGN_UP, "institution_name": institution}),
        post(
            enter(app, people.admin_layanan),
            "/backoffice/loket/permohonan",
            {**SIGN_UP, **counter, "institution_name": institution},
        ),
        post(
            enter(app, people.administrator),
            f"/backoffice/pelanggan/edit/?id={people.customer.id}",
            {"name": "Ibu", "phone": "", "active": "y", "institution_name": institution},
        ),
    ]
    assert ["Isi dengan nama, bukan alamat situs." in page.text for page in pages] == [True] * 4
    assert not User.select().where(User.institution_name == institution).exists()
    assert not Message.select().exists()


@pytest.mark.parametrize(
    "institution", ["-", "PT. Maju.Jaya (Persero) Tbk.", "UPTD Perikanan Kab. Badung", "1912"]
)
def test_institutions_of_every_kind_sign_up(app, people, institution):
    post(app.test_client(), "/daftar", {**SIGN_UP, "institution_name": institution})
    assert User.get(User.email == SIGN_UP["email"]).institution_name == institution


@pytest.mark.parametrize(
    "name", ["Suharto", "Nur’aini", "I Wayan Ánom, S.T., M.Sc.", "PT. Maju.Jaya", "Cafe\u0301"]
)
def test_names_of_every_kind_sign_up_and_are_counted_alike_at_the_desk(app, people, name):
    post(app.test_client(), "/daftar", {**SIGN_UP, "name": name})
    found = User.get(User.email == SIGN_UP["email"])
    assert found.name == name.replace("e\u0301", "é")
    admin = enter(app, people.administrator)
    form = {"name": name, "phone": "", "active": "y"}
    answer = post(admin, f"/backoffice/pelanggan/edit/?id={people.customer.id}", form)
    assert answer.status_code == 302
    assert User.get_by_id(people.customer.id).name == found.name


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Info@straße.test", "info@straße.test"),
        ("info@xn--strae-oqa.test", "info@straße.test"),
        ("Ibu.Made@STRASSE.test", "ibu.made@strasse.test"),
        ("ibu.made\u200b@contoh.test", "ibu.made@contoh.test"),
    ],
)
def test_an_address_stays_on_its_own_domain(app, people, typed, kept):
    post(app.test_client(), "/daftar", {**SIGN_UP, "email": typed})
    assert User.get(User.name == SIGN_UP["name"]).email == kept
