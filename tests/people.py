"""The people of the tests, what they hold, and how they get in."""

import hashlib
import io
import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from flask import Flask, current_app
from flask.testing import FlaskClient
from flask_security import hash_password
from fpdf import FPDF
from werkzeug.test import TestResponse

import workflow
from demo.walks import sample_inputs
from models import FlowVersion, LoginSession, Request, User
from moves.catalogue import Offer, current_stage
from rules.services import digest_of, parse_flow
from rules.survey import check_answers
from web.accounts.sessions import TOKEN, token_digest
from workflow import Reader, StoredFile, Submission

PASSWORD = "kata-sandi-uji"
POSTS = (
    "admin_layanan",
    "kepala_balai",
    "kasubag_tu",
    "ketua_tim",
    "pemangku_data",
    "petugas_layanan",
    "manajer_teknis",
    "penyelia",
    "penguji",
    "tim_advis",
    "petugas_contoh",
    "bendahara",
    "staf_tu",
    "administrator",
    "auditor",
)
_hashes: dict[str, str] = {}


@dataclass
class People:
    """One person per post, two customers, and a customer who hasn't verified."""

    customer: User
    other_customer: User
    unverified: User
    staff: dict[str, User]

    def __getattr__(self, post: str) -> User:
        try:
            return self.__dict__["staff"][post]
        except KeyError:
            raise AttributeError(post) from None

    @classmethod
    def create(cls) -> "People":
        """Needs an application context, for the hash."""
        return cls(
            customer=make_customer("pelanggan@contoh.test", "Pelanggan Satu"),
            other_customer=make_customer("lain@contoh.test", "Pelanggan Dua"),
            unverified=make_customer("baru@contoh.test", "Pelanggan Baru", verified=False),
            staff={post: make_staff(post) for post in POSTS},
        )


def password_hash() -> str:
    salt = current_app.config["SECURITY_PASSWORD_SALT"]
    if salt not in _hashes:
        _hashes[salt] = hash_password(PASSWORD)
    return _hashes[salt]


def make_customer(email: str, name: str, *, verified: bool = True) -> User:
    at = datetime(2024, 1, 2, tzinfo=UTC)
    return User.create(
        email=email,
        name=name,
        password=password_hash(),
        fs_uniquifier=f"uji-{email}",
        email_confirmed_at=at if verified else None,
        phone_confirmed_at=at if verified else None,
        created_at=at,
        institution_category="perguruan_tinggi",
        institution_name="Universitas Contoh",
        phone="+6281234567890",
        gender="L",
    )


def make_staff(*posts: str, email: str = "") -> User:
    email = email or f"{posts[0]}@balai.test"
    at = datetime(2024, 1, 2, tzinfo=UTC)
    user = User.create(
        email=email,
        name=f"Petugas {email.split('@')[0]}",
        password=password_hash(),
        fs_uniquifier=f"uji-{email}",
        email_confirmed_at=at,
        created_at=at,
        is_staff=True,
    )
    user.hold_posts(posts)
    return user


# -- files ---------------------------------------------------------------------------------------


@cache
def pdf(text: str = "Surat permohonan") -> bytes:
    document = FPDF()
    document.add_page()
    document.set_font("helvetica", size=14)
    document.cell(text=text)
    return bytes(document.output())


def stored(runtime, content: bytes | None = None, name: str = "surat.pdf") -> StoredFile:
    content = content or pdf()
    sha256 = hashlib.sha256(content).hexdigest()
    # Most tests store the same few files, each with three flushes to the disk.
    if not runtime.storage.has(sha256):
        runtime.storage.keep(runtime.storage.stage(io.BytesIO(content), max_bytes=len(content)))
    return StoredFile(sha256, len(content), name)


# -- requests ------------------------------------------------------------------------------------


def file_request(
    runtime,
    customer: User,
    *,
    now: datetime,
    key: str = "K1",
    subject: str = "Uji Coba Layanan Data",
    service: str = "data",
    subclass: str | None = None,
    is_free: bool = False,
    file: StoredFile | None = None,
) -> Request:
    """File a request of any service, with what its form requires."""
    offer: Offer = runtime.catalogue[service]
    if subclass is None:
        subclass = offer.flow.subclasses[0].code if offer.flow.subclasses else ""
    return workflow.submit(
        customer,
        offer,
        Submission(
            service_code=service,
            subclass_code=subclass,
            subject=subject,
            description="Data gelombang untuk tugas akhir.",
            statement_version="2024-1",
            file=file or stored(runtime),
            details=details_for(offer.flow, subclass),
            attachments={
                entry.name: stored(runtime, pdf(entry.label), f"{entry.name}.pdf")
                for entry in offer.flow.attachments_for(subclass)
                if entry.required
            },
            is_free=is_free,
        ),
        key=key,
        now=now,
    )


def unpublished_offer(text: str, *, now: datetime) -> Offer:
    """A service from the text of its file, known to nobody else."""
    raw = tomllib.loads(text)
    definition, digest = digest_of(raw)
    FlowVersion.insert(
        service_code=raw["code"], digest=digest, definition=definition, created_at=now
    ).on_conflict_ignore().execute()
    version = FlowVersion.get(service_code=raw["code"], digest=digest)
    return Offer(parse_flow(raw), version.id)


def details_for(flow, subclass: str) -> dict[str, str]:
    """Answers to the required fields of a service's form."""
    plain = {"coordinates": "-8.12345, 114.56789", "number": "4", "date": "2024-09-02"}
    return {
        entry.name: entry.options[0] if entry.options else plain.get(entry.type, "Pantai Contoh")
        for entry in flow.fields_for(subclass)
        if entry.required
    }


def inputs_for(stage, people: People, runtime, request: Request, now: datetime) -> dict:
    """Inputs that satisfy a desk of any service."""
    report = stored(runtime, pdf("Laporan hasil"), "laporan.pdf")
    return sample_inputs(request, stage, people.staff, report, now=now)


REFUSAL = {
    "reason": "Surat permohonan belum ditandatangani pemohon.",
    "basis": "Persyaratan pada standar pelayanan.",
    "alternative": "Lengkapi tanda tangan, lalu ajukan kembali.",
}


def good_answers(questionnaire) -> dict[str, str]:
    raw = {question.element: "4" for question in questionnaire.questions}
    raw |= {item.code: item.options[0] for item in questionnaire.demographics}
    return raw


def advance(
    request: Request, people: People, runtime, *, now: datetime, until: str = ""
) -> Request:
    """Complete stages, ten minutes apart, until `until` is the current one or all are done."""
    at = now
    while request.is_open and request.stage_code != until:
        at += timedelta(minutes=10)
        request = complete_desk(request, people, runtime, now=at)
    return request


def complete_desk(request: Request, people: People, runtime, *, now: datetime) -> Request:
    """Complete the desk at which a request lies, by whoever holds it."""
    stage = current_stage(request)
    if stage.kind == "survey":
        answers, _ = check_answers(runtime.questionnaire, good_answers(runtime.questionnaire))
        return workflow.answer_survey(
            request,
            reader=Reader.at(request.customer, now),
            answers=answers,
            questionnaire=runtime.questionnaire,
            version=request.version,
        )
    return workflow.act(
        request,
        "complete",
        reader=Reader.at(people.staff.get(stage.role, request.customer), now),
        inputs=inputs_for(stage, people, runtime, request, now),
        version=request.version,
    )


# -- the web -------------------------------------------------------------------------------------


def enter(app: Flask, user: User | None) -> FlaskClient:
    """A client that is logged in as `user` by a session row of its own; a visitor for None."""
    client = app.test_client()
    if user is None:
        return client
    token = f"uji-{user.public_id}-{LoginSession.select().count()}"
    LoginSession.create(
        token_digest=token_digest(token),
        user=user,
        started_at=datetime.now(UTC),
        expires_at=datetime.now(UTC) + timedelta(hours=1),
    )
    with client.session_transaction() as session:
        session["_user_id"] = user.fs_uniquifier
        session["_fresh"] = True
        session["fs_paa"] = datetime.now(UTC).timestamp()
        session[TOKEN] = token
    return client


class Visits:
    """Many visits of one person (or nobody): each by a client that has just logged in.

    Logging in and fetching a token takes longer than most visits.
    """

    def __init__(self, app: Flask, user: User | None):
        self._app, self._user = app, user
        self._begin()

    def _begin(self) -> None:
        client = enter(self._app, self._user)
        self._token = csrf_token(client)
        self._cookie = client.get_cookie(self._app.config["SESSION_COOKIE_NAME"]).value

    def ask(self, method: str, address: str, form: dict | None = None) -> TestResponse:
        """The answer to one request; a POST is sent with a token, as a browser would."""
        client = self._app.test_client()
        client.set_cookie(self._app.config["SESSION_COOKIE_NAME"], self._cookie)
        if method == "GET":
            return client.get(address)
        data = {"csrf_token": self._token, **(form or {})}
        answer = client.post(address, data=data, content_type="multipart/form-data")
        if answer.status_code < 400:
            # It may have ended the session.
            self._begin()
        return answer


def csrf_token(client: FlaskClient, page: str = "/lacak") -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(page).text)
    assert found, f"no form on {page}"
    return found.group(1)


def post(client: FlaskClient, address: str, data: dict | None = None, **kwargs: object):
    """POST a form with a token, as a browser would."""
    form = {"csrf_token": csrf_token(client), **(data or {})}
    return client.post(address, data=form, content_type="multipart/form-data", **kwargs)


def upload(content: bytes | None = None, name: str = "surat.pdf"):
    return (io.BytesIO(pdf() if content is None else content), name)


def checked(client: FlaskClient) -> dict[str, str]:
    """The hidden fields of the check page: what a browser sends back with “Kirim”."""
    page = client.get("/ajukan/periksa").text
    return {name: re.search(rf'name="{name}" value="([^"]+)"', page).group(1)
            for name in ("key", "seal")}  # fmt: skip


# -- at a browser ----------------------------------------------------------------------------------


class Person:
    """Somebody at a browser of their own."""

    def __init__(self, chromium, base: str, *, width: int = 1280):
        self._context = chromium.new_context(
            viewport={"width": width, "height": 900}, locale="id-ID", accept_downloads=True
        )
        self._page = self._context.new_page()
        self.complaints: list[str] = []
        self._page.on("console", self._listen)
        self._page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.base = base

    @property
    def page(self):
        """What is open, once it is whole: a click misses what a script or a font still moves."""
        self._page.wait_for_load_state()
        return self._page

    def _listen(self, message) -> None:
        if message.type == "error" and "422" not in message.text:
            self.complaints.append(message.text)

    def opens(self, path: str) -> None:
        self.page.goto(self.base + path)

    def logs_in(self, email: str, password: str = PASSWORD) -> None:
        self.opens("/masuk")
        self.page.fill("#email", email)
        self.page.fill("#password", password)
        self.page.click("text=Sign In")
        # Whoever goes on before the answer is here takes the log-in back.
        self.page.wait_for_url(lambda url: "/masuk" not in url)

    def sees(self, words: str | re.Pattern) -> None:
        self.page.get_by_text(words).first.wait_for()

    def presses(self, words: str) -> None:
        self.page.get_by_role("button", name=words, exact=True).click()

    def ticks(self, form, boxes: str = "input[type=checkbox]:not([name=then])") -> None:
        """Tick every box of a form that may still be on its way: `all()` waits for none."""
        form.wait_for()
        self._page.wait_for_load_state()
        for box in form.locator(boxes).all():
            box.check()

    def leaves(self) -> None:
        # A context that closes while a page with a letter's viewer is loading never answers.
        self.page.goto("about:blank")
        assert self.complaints == [], self.complaints
        self._context.close()


class Clicks:
    """Counts what the hand of a person does, besides what is typed."""

    def __init__(self, person: Person):
        self._person, self.count = person, 0

    def on(self, selector: str) -> None:
        self.count += 1
        self._person.page.locator(selector).first.click()
