"""For every address and every reader the expected status, in one checked-in table.

A new address without an entry fails, and so does an entry whose address is gone.
"""

import tomllib
from datetime import date, timedelta
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from administration import flow_drafts, questionnaires
from models import (
    ActionPlan,
    CallTask,
    Document,
    ExportJob,
    FlowVersion,
    IncomingLetter,
    IncomingMessage,
    Mandate,
    Message,
    Phrase,
    RateBucket,
    RecapLayout,
    Request,
)
from tests.people import POSTS, People, Visits, advance, enter, file_request

TABLE = tomllib.loads((Path(__file__).parent / "access.toml").read_text())
READERS = ("visitor", "customer", "other", *POSTS)
COLUMNS = ("visitor", "customer", "other", "admin_layanan", "kepala_balai", "kasubag_tu",
           "ketua_tim", "pemangku_data", "petugas_layanan", "staf_tu", "administrator",
           "auditor")  # fmt: skip
# Posts that are let in like another one of the table.
LIKE = {"manajer_teknis": "ketua_tim", "penyelia": "pemangku_data", "penguji": "pemangku_data",
        "tim_advis": "pemangku_data", "petugas_contoh": "pemangku_data",
        "bendahara": "pemangku_data"}  # fmt: skip
# Files that anybody may fetch; they hold no rows.
OPEN_ENDPOINTS = {"static", "bootstrap.static", "admin.static", "queue.static"}

# Gateways can't hold a token: they sign, and while no gateway is chosen nobody is there.
SIGNED = {"POST /webhook/<name>", "POST /webhook/<name>/<key>"}


@pytest.fixture
def world(app, people, runtime, now) -> dict[str, str]:
    """Requests of `customer` that the addresses name."""
    running = file_request(runtime, people.customer, now=now, key="RUNNING")
    survey = file_request(runtime, people.customer, now=now, key="SURVEY")
    survey = advance(survey, people, runtime, now=now, until="SURVEI")
    letter = Document.get((Document.request == running) & (Document.kind == "pendukung"))
    receipt = Document.get((Document.request == running) & (Document.kind == "tanda_terima"))
    Document.update(sha256="0" * 64).where(Document.id == receipt.id).execute()
    message = Message.select().first()
    incoming = IncomingMessage.create(
        provider_id="uji", channel="waha", phone="+6285200000001", text="Halo",
        received_at=now, is_waiting=True,
    )  # fmt: skip
    call = CallTask.create(recipient=people.customer, reason="Nomor salah.", created_at=now)
    later = date.today() + timedelta(days=300)
    mandate = Mandate.create(
        role_code="penguji", kind="plh", absent=people.penguji, acting=people.penyelia,
        letter="SPT-1", from_on=later, until_on=later, created_at=now,
    )  # fmt: skip
    plan = ActionPlan.create(period_code="2024-S2", element="U1", program="Contoh",
                             due_on=now.date(), responsible="Kasubag TU", updated_at=now,
                             updated_by=people.kasubag_tu)  # fmt: skip
    offer = runtime.catalogue["data"].version_id
    flow_drafts.open_draft(FlowVersion.get_by_id(offer), actor=people.administrator, now=now)
    questionnaires.open_draft(questionnaires.version_in_force(now), actor=people.administrator,
                              now=now)  # fmt: skip
    phrase = Phrase.create(kind="reply", title="Salam", text="Halo.", updated_at=now)
    layout = RecapLayout.create(owner=people.staf_tu, title="Bulanan", arguments="period=semua",
                                created_at=now)  # fmt: skip
    export = ExportJob.create(owner=people.staf_tu, format="csv", arguments="period=semua",
                              created_at=now)  # fmt: skip
    return {
        "layout": layout.public_id,
        "letter_in": str(IncomingLetter.get(IncomingLetter.request == running).id),
        "export": export.public_id,
        "version": str(offer),
        "mandate": mandate.public_id,
        "public_id": running.public_id,
        "survey": survey.public_id,
        "plan": plan.public_id,
        "document": letter.public_id,
        "code": receipt.code,
        "message": str(message.id),
        "incoming": incoming.public_id,
        "call": call.public_id,
        "phrase": str(phrase.id),
        "customer": str(people.customer.id),
        "staff": str(people.admin_layanan.id),
        "one": people.customer.public_id,
        "another": people.other_customer.public_id,
    }


def rules(app) -> set[str]:
    """`METHOD rule` of everything that can be asked for."""
    return {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.endpoint not in OPEN_ENDPOINTS and not rule.endpoint.endswith(".static")
    }


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_table_names_every_address_and_no_other(app):
    assert set(TABLE) == rules(app)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_every_page_of_the_backoffice_is_ours(app):
    """Deletes, mass actions and look-ups of Flask-Admin go round the scope; its list and its
    details don't, since they ask `get_list` and `get_one`, which are ours."""
    theirs = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/backoffice")
        and not rule.endpoint.endswith(".static")
        and not app.view_functions[rule.endpoint].__module__.startswith("backoffice.")
        and rule.endpoint.split(".")[1] not in ("index_view", "details_view")
    ]
    assert theirs == []


def reader(app, people: People, name: str) -> Visits:
    if name == "visitor":
        return Visits(app, None)
    person = {"customer": people.customer, "other": people.other_customer}.get(name)
    return Visits(app, person or people.staff[name])


def ask(visits: Visits, rule: str, address: str) -> TestResponse:
    return visits.ask(rule.split()[0], address, TABLE[rule].get("form"))


def addresses(world: dict[str, str]) -> dict[str, str]:
    """`METHOD rule` -> the address to ask for."""
    filled = {}
    for name, entry in TABLE.items():
        path = entry.get("path", name.split(" ", 1)[1])
        for word, value in world.items():
            path = path.replace(f"<{word}>", value)
        filled[name] = path
    return filled


@pytest.mark.parametrize("name", READERS)
def test_reader_gets_what_the_table_says(app, people, world, name):
    before = Request.select(Request.id, Request.version).order_by(Request.id).tuples()
    before = list(before)
    found, expected, visits = {}, {}, reader(app, people, name)
    for rule, address in addresses(world).items():
        usual = TABLE[rule]["status"][COLUMNS.index(LIKE.get(name, name))]
        expected[rule] = TABLE[rule].get("differs", {}).get(name, usual)
        RateBucket.delete().execute()
        found[rule] = ask(visits, rule, address).status_code
    wrong = {rule: (found[rule], expected[rule]) for rule in found if found[rule] != expected[rule]}
    assert wrong == {}
    # Nobody moved anything by asking with an empty form.
    assert list(Request.select(Request.id, Request.version).order_by(Request.id).tuples()) == before


def test_post_without_token_is_refused(app, people, world):
    for rule, address in addresses(world).items():
        if rule.startswith("POST"):
            client = enter(app, people.admin_layanan)
            expected = 404 if rule in SIGNED else 400
            assert client.post(address).status_code == expected, rule


def test_pemangku_data_sees_only_what_was_given(app, people, runtime, now, world):
    mine = advance(
        file_request(runtime, people.customer, now=now, key="MINE"),
        people,
        runtime,
        now=now,
        until="LAPORAN_KE_PETUGAS",
    )
    client = enter(app, people.pemangku_data)
    assert client.get(f"/backoffice/permohonan/{mine.public_id}").status_code == 200
    assert client.get(f"/backoffice/permohonan/{world['public_id']}").status_code == 404
    assert client.get(f"/dokumen/{world['document']}").status_code == 404


HOSTILE = [
    "?page=-1",
    "?page=0",
    "?page=99999999999999999999",
    "?page=abc",
    "?sort=password",
    "?sort=-1;drop",
    "?q=%00",
    "?q=%25_%5C'",
    "?tab=x",
    "?since=2024-99-99&until=0",
    "?status=x&service=y",
    "?sort=999999999999999999999&desc=x&page_size=-1&endpoint=x&_method=x&self=1&_external=1",
    "?sort=3&desc=1&sesudah=99999999999999999999&flt0_=1&flt0_keadaan_adalah=zz&fltx=1&flt_x=~ff",
    "?flt0_dibuat_antara=%00+to+9999-99-99&flt1_dibuat_antara=2030-01-01+to+2024-01-01&fltz_akun_adalah=%00",
]


@pytest.mark.parametrize("query", HOSTILE)
def test_hostile_addresses_do_no_harm(app, people, world, query):
    customer, admin = enter(app, people.customer), enter(app, people.administrator)
    chief = enter(app, people.admin_layanan)
    for address in ("/layanan/proses", "/layanan/rekap", "/profil/riwayat", "/pemberitahuan"):
        assert customer.get(address + query).status_code == 200
    for address in ("pelanggan/", "petugas/", "pesan/", "halaman/", "faq/", "hari-libur/",
                    "jejak/", "telepon/"):  # fmt: skip
        assert admin.get(f"/backoffice/{address}{query}").status_code == 200
    for address in ("", "rekap/", "pesan/", "pesan-masuk/", "surat-masuk/", "surat-keluar/"):
        assert chief.get(f"/backoffice/{address}{query}").status_code == 200


@pytest.mark.parametrize("key", ["abc", "-1", "0", "99999999999999999999999", "%00", "1'--", ""])
def test_hostile_keys_are_404(app, people, world, key):
    admin = enter(app, people.administrator)
    for table in ("pelanggan", "petugas", "halaman", "faq", "hari-libur"):
        assert admin.get(f"/backoffice/{table}/edit/?id={key}").status_code == 404
    for address in (f"/layanan/{key}x", f"/dokumen/{key}x"):
        assert enter(app, people.customer).get(address).status_code == 404
    card = enter(app, people.admin_layanan).get(f"/backoffice/permohonan/{key}x")
    assert card.status_code == 404


def test_staff_id_is_no_customer(app, people, world):
    admin = enter(app, people.administrator)
    staff, customer = world["staff"], world["customer"]
    assert admin.get(f"/backoffice/pelanggan/edit/?id={staff}").status_code == 404
    assert admin.get(f"/backoffice/petugas/edit/?id={customer}").status_code == 404


@pytest.mark.parametrize("words", ["100%", "a_b", "\\"])
def test_search_finds_the_signs_themselves(app, people, runtime, now, words):
    file_request(runtime, people.customer, now=now, key="A", subject=f"Data {words} pantai")
    file_request(runtime, people.customer, now=now, key="B", subject="Data lain sama sekali")
    for client, address, count in (
        (enter(app, people.customer), "/layanan/rekap", "Showing 1 to 1 of 1 records"),
        (enter(app, people.admin_layanan), "/backoffice/", "Menampilkan 1–1 dari 1"),
    ):
        page = client.get(address, query_string={"q": words}).text
        assert "Data lain" not in page
        assert count in page
