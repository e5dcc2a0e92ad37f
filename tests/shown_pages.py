"""Every page that a person can look at, in a demo: taken from the table of addresses.

A page that is added to the table is looked at by the accessibility test and by
`make screenshots` without anybody thinking of it.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta

from flask import Flask, current_app

from administration import flow_drafts, phrases, questionnaires
from demo.rows import seed_demo
from models import (
    NO_EMAIL,
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
    Presence,
    RecapLayout,
    Request,
    SurveyPeriod,
    User,
)
from moves.catalogue import current_stage
from rules.services import SURVEY
from rules.statuses import OPEN_STATUSES
from tests.account_messages import link_of
from tests.people import enter, make_staff
from tests.web.test_access import COLUMNS, TABLE
from web.accounts.invitations import invite
from web.serving.server import DrainingServer

CUSTOMER = "pelanggan@contoh.test"
# Who looks at a page: the first of these whom the table lets in.
READERS = {
    "visitor": "",
    "customer": CUSTOMER,
    "administrator": "administrator@balai.test",
    "kasubag_tu": "kasubag@balai.test",
    "admin_layanan": "admin@balai.test",
    "staf_tu": "tu@balai.test",
    "kepala_balai": "kepala@balai.test",
}
# Addresses that hand out a file or data for a script, and no page.
NO_PAGES = re.compile(
    r"/(robots\.txt|security\.txt|favicon\.ico|manifest\.webmanifest|berkas(\.zip)?|unduh/?|keadaan|hitung|samping|nama|ajax/.*)$"
    r"|^GET /dokumen/"
)
# The period that the table's addresses name; the demo has others.
TABLE_PERIOD = "2024-S2"
NOWHERE, NO_INVITATION = "/tidak-ada", "/undangan/palsu"
# As long as names with their degrees are.
LONG_NAME = "Pejabat Fungsional Teknik Pengairan Ahli Madya, S.T., M.T., M.Sc., Ph.D."
# Pages that look different in another state or for another reader: name, reader, path.
FURTHER = (
    ("tidak-ada", "", NOWHERE),
    ("undangan", "", "<invitation>"),
    ("undangan-lewat", "", NO_INVITATION),
    ("skm-umum", "", "/statistik/skm/<period>"),
    ("sop-lab", "", "/sop/lab"),
    ("sop-advis", "", "/sop/advis"),
    ("ajukan-lab", CUSTOMER, "/ajukan?service=lab"),
    ("ajukan-advis", CUSTOMER, "/ajukan?service=advis"),
    ("detail-selesai", CUSTOMER, "/layanan/<done>"),
    ("detail-giliran", CUSTOMER, "/layanan/<theirs>"),
    ("detail-ditolak", "<refused_customer>", "/layanan/<refused>"),
    ("detail-lengkapi", "<incomplete_customer>", "/layanan/<incomplete>"),
    ("antrean", "admin@balai.test", "/backoffice/?tab=semua"),
    ("antrean-saring", "kasubag@balai.test", "/backoffice/?tab=semua&service=lab&q=contoh"),
    ("antrean-selesai", "admin@balai.test", "/backoffice/?tab=selesai"),
    ("antrean-kosong", "admin@balai.test", "/backoffice/?q=tidakadasamasekali"),
    ("massal", "admin@balai.test", "/backoffice/massal/?id=<waiting>"),
    ("massal-bersama", "kepala@balai.test", "/backoffice/massal/?id=<for_head>&id=<opened>"),
    ("kartu", "admin@balai.test", "/backoffice/permohonan/<waiting>"),
    ("kartu-kepala", "kepala@balai.test", "/backoffice/permohonan/<for_head>"),
    ("kartu-dibuka", "kasubag@balai.test", "/backoffice/permohonan/<opened>"),
    ("antrean-dibuka", "kasubag@balai.test", "/backoffice/"),
    ("kartu-selesai", "admin@balai.test", "/backoffice/permohonan/<done>"),
    ("kartu-ditolak", "admin@balai.test", "/backoffice/permohonan/<refused>"),
    ("kartu-lab", "admin@balai.test", "/backoffice/permohonan/<lab>"),
    ("kartu-auditor", "auditor@balai.test", "/backoffice/permohonan/<public_id>"),
    ("loket-selesai", "admin@balai.test", "/backoffice/loket/selesai/<done>"),
    ("loket-survei", "admin@balai.test", "/backoffice/loket/survei/<paper>"),
    ("dasbor-kepala", "kepala@balai.test", "/backoffice/dasbor/"),
    ("dasbor-penguji", "penguji@balai.test", "/backoffice/dasbor/"),
    ("rekap-staf", "tu@balai.test", "/backoffice/rekap/"),
    ("rekap-terbalik", "tu@balai.test",
     "/backoffice/rekap/?period=tanggal&since=2024-08-02&until=2024-08-01"),
    ("antrean-terbalik", "tu@balai.test",
     "/backoffice/?tab=semua&since=2024-08-02&until=2024-08-01"),
    ("skm-kepala", "kepala@balai.test", "/backoffice/skm/?periode=<period>"),
    ("skm-berjalan", "kepala@balai.test", "/backoffice/skm/"),
)  # fmt: skip


@dataclass(frozen=True)
class ShownPage:
    """A page under a name for its picture; `reader` is an e-mail, or empty for a visitor."""

    name: str
    reader: str
    path: str

    @property
    def status(self) -> int:
        return {NOWHERE: 404, NO_INVITATION: 410}.get(self.path, 200)


@dataclass(frozen=True)
class Demo:
    """A demo that is served at `base`."""

    app: Flask
    base: str
    pages: tuple[ShownPage, ...]

    def cookies(self, reader: str) -> list[dict]:
        """What a browser holds after the log-in of this person."""
        if not reader:
            return []
        name = self.app.config["SESSION_COOKIE_NAME"]
        value = enter(self.app, User.get(User.email == reader)).get_cookie(name).value
        return [{"name": name, "value": value, "url": self.base}]

    def by_reader(self) -> dict[str, list[ShownPage]]:
        found: dict[str, list[ShownPage]] = {}
        for shown in self.pages:
            found.setdefault(shown.reader, []).append(shown)
        return found


@contextmanager
def demo_of(app: Flask, *, now) -> Iterator[Demo]:
    """Fill the empty database of `app` with the demo and serve it."""
    runtime = app.extensions["melasti"]
    with app.app_context():
        seed_demo(runtime, now=now)
        phrases.seed(now=now)
        words = _words(runtime, now=now)
    settings = replace(runtime.settings, host="127.0.0.1", port=0, threads=4)
    server = DrainingServer(app, settings)
    server.start()
    try:
        yield Demo(app, f"http://localhost:{server.port}", tuple(_shown_pages(words)))
    finally:
        server.stop()


def _shown_pages(words: dict[str, str]) -> Iterator[ShownPage]:
    for rule, entry in TABLE.items():
        who = [name for name in READERS if entry["status"][COLUMNS.index(name)] == 200]
        if not rule.startswith("GET") or NO_PAGES.search(rule) or not who:
            continue
        path = entry.get("path", rule.removeprefix("GET "))
        yield ShownPage(_name(rule), READERS[who[0]], _filled(path, words))
    for name, reader, path in FURTHER:
        yield ShownPage(name, _filled(reader, words), _filled(path, words))


def _name(rule: str) -> str:
    """`GET /backoffice/alur/<code>/draf` -> `backoffice-alur-satu-draf`"""
    path = re.sub(r"<\w+>", "satu", rule.removeprefix("GET ")).strip("/")
    return path.replace("/", "-") or "beranda"


def _filled(text: str, words: dict[str, str]) -> str:
    for word, value in words.items():
        text = text.replace(f"<{word}>", value)
    assert "<" not in text, text
    return text.replace(TABLE_PERIOD, words["period"])


def _words(runtime, *, now) -> dict[str, str]:
    """What the addresses name: rows of the demo, and a few that it doesn't hold by itself."""
    of = {email: User.get(User.email == email) for email in
          (CUSTOMER, "dinas@contoh.test", "tu@balai.test", "admin@balai.test",
           "kasubag@balai.test", "penguji@balai.test", "penyelia@balai.test",
           "administrator@balai.test")}  # fmt: skip
    customer, clerk = of[CUSTOMER], of["tu@balai.test"]
    period = SurveyPeriod.select().order_by(SurveyPeriod.code.desc()).first()
    requests = list(
        Request.select(Request, User).join(User, on=Request.customer).order_by(Request.id.desc())
    )
    mine = [item for item in requests if item.customer == customer]

    def first(items, *, status=OPEN_STATUSES, kind="", **columns) -> Request:
        """The newest of these in one of the states (and at a stage of this kind)."""
        for item in items:
            fits = item.status in status and all(getattr(item, k) == v for k, v in columns.items())
            if fits and (not kind or current_stage(item).kind == kind):
                return item
        raise LookupError(f"the demo has no request with {status} {kind} {columns}")

    running = first(mine, status=("in_process",))
    refused = first(requests, status=("rejected",))
    incomplete = first(requests, status=("needs_completion",))
    receipt = Document.get((Document.request == running) & (Document.kind == "tanda_terima"))
    # As if it were printed; the pages show what is said of it, not the sheet itself.
    Document.update(sha256="0" * 64, size=25_000).where(Document.id == receipt.id).execute()
    others = [item for item in requests if item.customer != customer]
    paper = first(others, status=("waiting_customer",), kind=SURVEY)
    walk_in = User.create(
        email=f"loket-uji{NO_EMAIL}", name="Pemohon di Loket", fs_uniquifier="uji-loket",
        password="", created_at=now, institution_category="desa",
        institution_name="Desa Contoh",
    )  # fmt: skip
    Request.update(customer=walk_in, registered_by=of["admin@balai.test"]).where(
        Request.id == paper.id
    ).execute()
    opened = first(requests, waiting_role="kasubag_tu")
    colleague = make_staff("kasubag_tu", email="bersama@balai.test")
    User.update(name=LONG_NAME).where(User.id == colleague.id).execute()
    # Still there when the last page is looked at.
    Presence.create(request=opened, user=colleague, seen_at=now + timedelta(hours=1))
    invited = make_staff("penguji", email="undangan@balai.test")
    invite(invited, at=now)
    invitation = link_of(current_app, Message.get(Message.recipient == invited))
    version = runtime.catalogue["data"].version_id
    flow_drafts.open_draft(FlowVersion.get_by_id(version), actor=of["administrator@balai.test"],
                      now=now)  # fmt: skip
    questionnaires.open_draft(questionnaires.version_in_force(now), now=now,
                              actor=of["administrator@balai.test"])  # fmt: skip
    later = date.today() + timedelta(days=30)
    mandate = Mandate.create(
        role_code="penguji", kind="plh", absent=of["penguji@balai.test"],
        acting=of["penyelia@balai.test"], letter="SPT-1/Contoh", from_on=later,
        until_on=later + timedelta(days=4), created_at=now,
    )  # fmt: skip
    plan = ActionPlan.get(ActionPlan.period_code == period.code)
    arguments = {"arguments": "period=semua", "created_at": now}
    layout = RecapLayout.create(owner=clerk, title="Rekap bulanan", **arguments)
    export = ExportJob.create(owner=clerk, format="xlsx", **arguments)
    call = CallTask.create(recipient=customer, reason="Nomor WhatsApp tidak aktif.",
                           created_at=now)  # fmt: skip
    return {
        "period": period.code,
        "letter_in": str(IncomingLetter.select().first().id),
        "invitation": invitation,
        "public_id": running.public_id,
        "survey": first(mine, status=("waiting_customer",), kind=SURVEY).public_id,
        "theirs": first(mine, status=("waiting_customer",)).public_id,
        "waiting": first(requests, status=("waiting_verification",)).public_id,
        "for_head": first(requests, waiting_role="kepala_balai").public_id,
        "opened": opened.public_id,
        "done": first(mine, status=("done",)).public_id,
        "refused": refused.public_id,
        "refused_customer": refused.customer.email,
        "incomplete": incomplete.public_id,
        "incomplete_customer": incomplete.customer.email,
        "lab": first(requests, service_code="lab").public_id,
        "code": receipt.code,
        "paper": paper.public_id,
        "version": str(version),
        "mandate": mandate.public_id,
        "plan": plan.public_id,
        "layout": layout.public_id,
        "export": export.public_id,
        "call": call.public_id,
        "phrase": str(Phrase.select().first().id),
        "message": str(Message.select().first().id),
        "incoming": IncomingMessage.select().first().public_id,
        "customer": str(customer.id),
        "staff": str(of["admin@balai.test"].id),
        "one": customer.public_id,
        "another": of["dinas@contoh.test"].public_id,
    }
