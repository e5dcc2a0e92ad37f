"""An upgrade of a database that is in use: what an earlier release wrote is there and goes on."""

import io
import re
from argparse import Namespace
from datetime import UTC, datetime

import pytest

import run
import workflow
from administration.audit import verify_history
from config.settings import read_settings
from demo.walks import sample_inputs
from models import AnswerFigure, Message, Request, RequestFigure, StageFigure, User
from moves.catalogue import current_stage
from rules.formats import ZONE
from storage.database import database, open_database
from storage.files import LocalStorage
from tests.databases import empty_database
from tests.earlier import CODES, Earlier
from tests.people import enter, pdf, post
from workflow import Reader

# The first release, the one before the queue, and the one before the recap.
STEPS = ("0002_unordered_answers", "0007_skm", "0009_reference")


@pytest.mark.parametrize("step", STEPS)
def test_what_an_earlier_release_wrote_is_there_and_goes_on(app, db, tmp_path, step):
    content = pdf("Laporan lama")
    with empty_database(app, tmp_path, f"lama{step[:4]}") as url:
        settings = read_settings({"DATA_DIR": str(tmp_path), "DATABASE_URL": url,
                                  "BASE_URL": "http://localhost"})  # fmt: skip
        storage = LocalStorage(settings.files_dir)
        staged = storage.stage(io.BytesIO(content), max_bytes=len(content))
        storage.keep(staged)
        open_database(url)
        with database.connection_context(), database.atomic():
            before = Earlier(step, now=datetime.now(UTC), report=staged.sha256, size=len(content))
        database.close_all()
        assert run.COMMANDS["db"].run(settings, Namespace(verb="upgrade")) == 0
        database.close_all()
        upgraded = run.create_app(settings)
        database.connect(reuse_if_open=True)
        the_office_finds_everything(upgraded)
        the_customer_finds_everything(upgraded)
        both_addresses_stay_proved()
        links_of_accounts_are_in_no_row()
        old_months_are_counted(upgraded, before)
        work_goes_on(upgraded)


def holder(email: str) -> User:
    return User.get(User.email == email)


def names_on(page: str) -> list[str]:
    """The requests of a page in their order, each once."""
    return list(dict.fromkeys(re.findall(r"Gelombang perihal (\w+)", page)))


def links_of_accounts_are_in_no_row() -> None:
    """Whoever reads the database, or a copy of it, can't open an account with what it holds."""
    invitation = Message.get(Message.template == "undangan_petugas")
    assert "tautan" not in invitation.variables and invitation.variables["sapaan"] == "Ibu"
    assert Message.get(Message.template != "undangan_petugas").variables["tautan"]


def the_office_finds_everything(app) -> None:
    assert verify_history() == (16, [])
    admin = enter(app, holder("admin_layanan@lama.test"))

    queue = admin.get("/backoffice/").text
    assert names_on(queue) == ["telat", "baru"]
    assert "Menunggu saya (2)" in queue and "Semua (5)" in queue
    assert "Selesai (2)" in queue
    everything = admin.get("/backoffice/?tab=semua").text
    assert set(names_on(everything)) == set(CODES)
    for words in ("tua", "1/L.Data", "1/L.Data/1/I", "siti", "081298765432"):
        found = admin.get("/backoffice/", query_string={"tab": "semua", "q": words}).text
        assert "Gelombang perihal tua" in found, words
    for name, code in CODES.items():
        card = admin.get(f"/backoffice/permohonan/{code}")
        assert card.status_code == 200 and f"Gelombang perihal {name}" in card.text, name
    sent = admin.get("/backoffice/pesan/").text
    assert "Penguji Lama, akun petugas" in sent and "sampai 30 menit sejak" in sent
    assert "Catatan lama tua." in admin.get(f"/backoffice/permohonan/{CODES['tua']}").text


def the_customer_finds_everything(app) -> None:
    number = Request.get(Request.public_id == CODES["tua"]).number
    customer = enter(app, holder("pelanggan@lama.test"))
    assert "Gelombang perihal baru" in customer.get("/dasbor").text
    assert number in customer.get("/layanan/selesai").text
    detail = customer.get(f"/layanan/{CODES['tua']}").text
    assert "Layanan Data Lama" in detail and "Unduh Dokumen" in detail
    report = customer.get(f"/dokumen/01LAMAHASIL{'tua':0>15}")
    assert report.status_code == 200 and report.data.startswith(b"%PDF")
    tracked = post(app.test_client(), "/lacak", {"number": number, "email": ""}).text
    assert "Layanan Data Lama" in tracked and "Siti Pelanggan" not in tracked


def both_addresses_stay_proved() -> None:
    """One link went to both, so that both are told as before; what was never given isn't proved."""
    customer, admin = holder("pelanggan@lama.test"), holder("admin_layanan@lama.test")
    assert customer.email_confirmed_at == customer.phone_confirmed_at == customer.created_at
    assert admin.email_confirmed_at == admin.created_at and admin.phone_confirmed_at is None


def old_months_are_counted(app, before: Earlier) -> None:
    rows = list(StageFigure.select())
    # Eight stages of the finished request, two of the one under way, and the former as a whole.
    assert sum(row.passes for row in rows if row.stage_code) == 8 + 2
    assert [row.passes for row in rows if not row.stage_code] == [1]
    months = {f"{deed.astimezone(ZONE):%Y-%m}" for deed in before.deeds}
    assert {row.month for row in rows} == months
    assert sum(row.requests for row in RequestFigure.select() if row.days < 0) == len(CODES)
    answers = AnswerFigure.select().where(AnswerFigure.element == "U1")
    assert [(row.answers, row.total) for row in answers] == [(1, 4)]
    dashboard = enter(app, holder("auditor@lama.test")).get("/backoffice/dasbor/").text
    assert "done=" in dashboard


def work_goes_on(app) -> None:
    admin, item = holder("admin_layanan@lama.test"), Request.get(Request.public_id == CODES["baru"])
    now = datetime.now(UTC)
    with app.app_context():
        given = sample_inputs(item, current_stage(item), {}, None, now=now)
        item = workflow.act(item, "complete", reader=Reader.at(admin, now), inputs=given, version=1)
    assert item.number.startswith("4/L.Data/")
    # The download was the seventeenth.
    assert verify_history() == (18, [])
    head = enter(app, holder("kepala_balai@lama.test")).get("/backoffice/").text
    assert "Gelombang perihal baru" in head
