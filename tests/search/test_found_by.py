"""By what requests and people are found, however it is written."""

import pytest
from playhouse.migrations import Runner

import workflow
from models import Billing, IncomingLetter, Request, UniqueValue, User
from moves.catalogue import current_stage
from search.lookup import PEOPLE, REQUESTS
from search.similar import narrowed
from storage.database import MIGRATIONS, database, migrate
from tests.people import advance, enter, file_request, inputs_for, post
from tests.search.test_lookup import file_three
from workflow import Reader


def found(words: str) -> set[str]:
    """Subjects of what is exactly so."""
    rows, is_similar = narrowed(Request.select(), words, {REQUESTS: Request.id})
    return set() if is_similar else {row.subject for row in rows}


@pytest.fixture
def three(snapshots, people, runtime, now):
    return snapshots.of(file_three, people, runtime, now)


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("gelom\u00adbang", ["gelombang", "GELOM\u00adBANG", "gelom bang"]),
        ("pasang\u200bsurut", ["pasangsurut", "pasang\u200bsurut", "pasang\u2060surut"]),
        ("Kajian\ufeff Muara", ["kajian muara", "muara,kajian", "kajian\u00a0muara"]),
        ("Café Kuta", ["cafe", "CAFÉ", "kuta cafe", "cafe\u0301"]),
        ("Teluk Benoa", ["teluk benoa", "Benoa,", "benoa teluk", "TELUK-BENOA", "“Benoa”"]),
        ("Nur’aini", ["nuraini", "Nur'aini", "nur aini", "NUR`AINI", "nurʼaini"]),
        ("Karya-Pesisir", ["karya pesisir", "karyapesisir", "Karya–Pesisir", "pesisir karya"]),
        ("eﬁsiensi ｄｅｒｍａｇａ", ["efisiensi", "dermaga", "eﬁsiensi"]),
        ("I Wayan Ánom Putra, S.T.", ["ánom", "anom", "putra wayan", "putra st", "S.T. anom"]),
    ],
)
def test_finds_what_looks_alike(people, runtime, now, subject, words):
    file_request(runtime, people.customer, now=now, key="A", subject=subject)
    file_request(runtime, people.customer, now=now, key="B", subject="Lain sama sekali")
    for typed in words:
        assert found(typed) == {subject}, typed


def spaced(code: str) -> str:
    return " ".join(code[place : place + 4] for place in range(0, len(code), 4))


@pytest.mark.parametrize(
    "written",
    [
        str.upper,
        str.lower,
        lambda code: code[:12],
        spaced,
        lambda code: spaced(code)[:17],
        lambda code: code.lower().replace("0", "o").replace("1", "l"),
        lambda code: f" {code[:10]}-{code[10:]} ",
        lambda code: f"Kode permohonan: {code}"[17:],
    ],
)
def test_finds_the_code_of_the_receipt(three, people, app, written):
    item = Request.get(Request.subject == "Data gelombang")
    typed = written(item.public_id)
    assert found(typed) == {"Data gelombang"}
    for client, address in (
        (enter(app, people.admin_layanan), "/backoffice/"),
        (enter(app, people.other_customer), "/layanan/rekap"),
    ):
        assert "Data gelombang" in client.get(address, query_string={"q": typed}).text
    stranger = enter(app, people.customer).get("/layanan/rekap", query_string={"q": typed})
    assert "Data gelombang" not in stranger.text


@pytest.mark.parametrize("words", ["1234", "501234", "5550 1234", "0 1234", "+62 813-5550-1234"])
def test_finds_by_the_last_digits_of_a_phone(three, words):
    assert found(words) == {"Data gelombang"}
    assert found("wayan 1234") == set()


def test_finds_by_email_bill_sample_and_letter(three, people, now):
    other = people.other_customer
    User.update(email="siti.anisa@laut.test").where(User.id == other.id).execute()
    item = Request.get(Request.customer == other)
    Billing.create(request=item, code="820260000000001", amount=1, issued_at=now,
                   expires_on=now.date(), ntpn="A1B2C3D4E5F6G7H8")  # fmt: skip
    UniqueValue.create(request=item, scope="lab", name="kode", value="bu-2026-001")
    IncomingLetter.update(number="005/PRM/2026", sender="Dinas Kelautan").where(
        IncomingLetter.request == item
    ).execute()
    for words in ("siti.anisa@laut.test", "SITI.ANISA", "siti.anisa@la", "@laut.test",
                  "820260000000001",
                  "82026 0000", "a1b2c3d4e5f6g7h8", "A1B2 C3D4 E5F6", "BU-2026-001",
                  "bu 2026 001", "bu2026001",
                  "005/PRM/2026", "dinas kelautan"):  # fmt: skip
        assert found(words) == {"Data gelombang"}, words
    Billing.update(ntpn=None).where(Billing.request == item).execute()
    assert found("a1b2c3d4e5f6g7h8") == set()
    assert found("tanpa email") == set() == found("invalid")


def test_people_are_found_before_they_file(people):
    User.update(name="Ni Luh Sørensen", phone="+6281977001122").where(
        User.id == people.unverified.id
    ).execute()
    for words in ("sorensen", "luh ni", "1122", "0819-7700", people.unverified.email):
        rows, is_similar = narrowed(User.select(), words, {PEOPLE: User.id})
        assert [row.id for row in rows] == [people.unverified.id] and not is_similar, words
    User.update(name="Lain").where(User.id == people.unverified.id).execute()
    assert not narrowed(User.select(), "sorensen", {PEOPLE: User.id})[0].exists()


def test_finds_the_method_of_a_test_and_what_was_found_before_an_upgrade(
    app, people, runtime, now, clock
):
    filed = file_request(runtime, people.customer, now=now, service="lab", subject="Uji armor")
    stage = "KAJI_ULANG"
    item = advance(filed, people, runtime, now=now, until=stage)
    desk = current_stage(item)
    given = inputs_for(desk, people, runtime, item, now) | {"method": "SNI 7571:2010/IEC-17"}
    actor = Reader.at(people.staff[desk.role], now)
    workflow.act(item, "complete", reader=actor, inputs=given, version=item.version)
    ways = ("sni 7571", "SNI 7571:2010", "iec 17 7571", "7571:2010/iec-17")
    for words in ways:
        assert found(words) == {"Uji armor"}, words
    mine = enter(app, people.customer).get("/layanan/rekap?q=SNI+7571").text
    assert "Uji armor" in mine and "yang mirip" not in mine
    assert "Uji armor" not in enter(app, people.other_customer).get("/layanan/rekap?q=SNI").text
    Runner(database.obj, str(MIGRATIONS)).down("0033_search")
    migrate()
    for words in (*ways, "uji armor", filed.public_id):
        assert found(words) == {"Uji armor"}, words
    people_found, _ = narrowed(User.select(), people.customer.email, {PEOPLE: User.id})
    assert [row.id for row in people_found] == [people.customer.id]


@pytest.mark.parametrize(
    "written", [str.upper, str.lower, spaced, lambda code: f"{code[:13]}-{code[13:]}"]
)
def test_tracking_takes_the_code_of_the_receipt(app, three, written):
    item = Request.get(Request.subject == "Data gelombang")
    client = enter(app, None)
    page = post(client, "/lacak", {"number": written(item.public_id)}).text
    assert "Timeline Status Pengajuan" in page and "Ánisa" not in page
    for wrong in (item.public_id[:-1], "", item.public_id[::-1]):
        assert "Timeline" not in post(client, "/lacak", {"number": wrong}).text
