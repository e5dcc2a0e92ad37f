"""An office with posts of its own: what each may is data, and no code knows their names."""

import ast
import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from administration.reference import seed_reference
from backoffice.base import ANY_POST
from config.office import CAPABILITIES, office
from config.settings import CONTENT, BadSetting
from models import FlowVersion, Request, Role
from moves.catalogue import current_stage
from run import create_app
from tests.new_service import FORM
from tests.people import checked, enter, good_answers, make_staff, pdf, post, upload
from tests.snapshots import empty_tables

ROOT = Path(__file__).parent.parent
OFFICE = Path(__file__).parent / "offices"
RAW = tomllib.loads((OFFICE / "office.toml").read_text())
POSTS = [code for code in RAW["posts"] if code != "pelanggan"]


@pytest.fixture
def own_office(app, people, now, monkeypatch):
    """The application of the office in `tests/offices`."""
    monkeypatch.setenv("OFFICE_FILE", str(OFFICE / "office.toml"))
    office.cache_clear()
    seed_reference(now=now)
    settings = replace(app.extensions["melasti"].settings, services_dir=OFFICE / "services")
    application = create_app(settings)
    application.config["EVEN_ANSWER_SECONDS"] = 0
    yield application
    empty_tables()
    FlowVersion.delete().where(FlowVersion.service_code == "alat").execute()
    Role.delete().where(Role.name.in_(POSTS)).execute()
    monkeypatch.undo()
    office.cache_clear()


@pytest.fixture
def staff(own_office):
    with own_office.app_context():
        return {code: make_staff(code, email=f"{code}@bengkel.test") for code in POSTS}


def test_every_area_opens_for_whoever_may_and_for_nobody_else(own_office, staff):
    [admin] = own_office.extensions["admin"]
    opened = set()
    for code, person in staff.items():
        client = enter(own_office, person)
        for view in admin._views:
            opening = {view.reads, *view.also_reads} & {*RAW["capabilities"][code]}
            may = view.reads == ANY_POST or bool(opening)
            # Some have nothing to show by themselves, and say so in their own way.
            status = client.get(f"{view.url}/").status_code
            assert status == 405 or (status != 403) == may, (code, view.endpoint, status)
            assert status < 500, (code, view.endpoint)
            opened |= {view.endpoint} if may else set()
    assert opened == {view.endpoint for view in admin._views}


def complete(client, request: Request, **given: object) -> None:
    """Open it from the own queue and press the button."""
    card = f"/backoffice/permohonan/{request.public_id}"
    assert card in client.get("/backoffice/").text
    page = client.get(card).text
    assert current_stage(Request.get_by_id(request.id)).action in page
    version = re.search(r'name="version" value="(\d+)"', page).group(1)
    done = post(client, f"{card}/complete", {"version": version, **given}, follow_redirects=True)
    assert done.status_code == 200, done.text


def test_a_request_walks_from_the_form_to_the_handover(own_office, people, staff):
    customer = enter(own_office, people.customer)
    at = {code: enter(own_office, person) for code, person in staff.items()}
    files = {"file": upload(), "alat-jaminan": upload(pdf("Jaminan"), "jaminan.pdf")}
    post(customer, "/ajukan", {**FORM, **files}, follow_redirects=True)
    post(customer, "/ajukan/kirim", checked(customer), follow_redirects=True)
    request = Request.get()
    address = f"/layanan/{request.public_id}"
    complete(at["teknisi"], request, keadaan="Baik")
    # What is asked while it is the office's turn is told to whoever answers messages.
    post(customer, f"{address}/pesan", {"text": "Kapan alat siap?"})
    complete(at["ketua"], request, syarat="Alat dikembalikan dalam keadaan baik.")
    complete(at["teknisi"], request, report=upload(pdf("Laporan"), "laporan.pdf"))
    answers = good_answers(own_office.extensions["melasti"].questionnaire)
    post(customer, f"{address}/survei", answers, follow_redirects=True)
    complete(at["loket"], request)
    assert Request.get().status == "done"
    assert "Pinjam wave gauge" in at["ketua"].get("/backoffice/?tab=semua").text


def test_a_word_of_the_code_is_a_capability_and_each_is_used():
    """A misspelt one would silently be nobody's."""
    used = set()
    for room in ("administration", "backoffice", "messages", "moves", "outputs", "portal", "web"):
        for file in (ROOT / room).glob("**/*.py"):
            used |= asked_in(file)
    used |= asked_in(ROOT / "models.py") | asked_in(ROOT / "workflow.py")
    assert used == CAPABILITIES.keys()


ASKED_BY = {"may", "may_by_own_post", "powers_to", "posts_that_may", "_post_of"}


def asked_in(file: Path) -> set[str]:
    """The capabilities that a file names."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call):
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            words = node.args if called in ASKED_BY else []
            words = [*words, *(one.value for one in node.keywords if one.arg == "capability")]
        elif isinstance(node, ast.Assign):
            names = {getattr(target, "id", "") for target in node.targets}
            words = [node.value] if names & {"reads", "writes", "CAPABILITY"} else []
        elif isinstance(node, ast.Compare) and isinstance(node.comparators[0], ast.Attribute):
            words = [node.left] if node.comparators[0].attr == "may" else []
        else:
            continue
        texts = {word.value for word in words if isinstance(word, ast.Constant)} - {"", ANY_POST}
        # Beside a capability may stand the sentence for who lacks it.
        found |= {text for text in texts if " " not in text}
    return found


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ('"audit",\n]', '"audits",\n]', "means nothing: audits"),
        ('"skm_lock", ', "", "gives no post: skm_lock"),
        ('loket = "ketua"\n', 'loket = "kepala"\n', "[substitutes] names a post"),
        ('default = "ketua"', 'default = "kepala"', "[superiors] names a post"),
        ('pelanggan = "Pelanggan"\n', "", "lacks 'pelanggan'"),
        ("[posts]", "[pos", "must be a file of facts"),
    ],
)
def test_a_wrong_office_says_what_is_wrong(tmp_path, monkeypatch, before, after, sentence):
    text = (OFFICE / "office.toml").read_text()
    assert before in text
    (tmp_path / "office.toml").write_text(text.replace(before, after))
    monkeypatch.setenv("OFFICE_FILE", str(tmp_path / "office.toml"))
    office.cache_clear()
    try:
        with pytest.raises(BadSetting, match=re.escape(sentence)):
            office()
    finally:
        monkeypatch.undo()
        office.cache_clear()


def test_no_code_names_a_post():
    """But for the reference file's own accounts and the demo."""
    known = tomllib.loads((CONTENT / "office.toml").read_text())["posts"].keys() - {"pelanggan"}
    named = []
    for file in ROOT.glob("**/*.py"):
        room, name = file.relative_to(ROOT).parts[0], str(file.relative_to(ROOT))
        if room.startswith(".") or room in ("tests", "demo", "data"):
            continue
        if "migrations" in name or name == "administration/reference.py":
            continue
        named += [
            (name, node.value)
            for node in ast.walk(ast.parse(file.read_text()))
            if isinstance(node, ast.Constant) and node.value in known
        ]
    assert named == []
