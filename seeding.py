"""Rows that must be there before anyone works, and fictitious ones to try the system with."""

import io
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import cycle
from uuid import uuid4

from flask_security import hash_password

from adapters.incoming import Incoming
from config.office import office, statements
from config.settings import CONTENT, DEMO, BadSetting, Settings
from database import database
from delivery.ladder import step_down
from models.content import FaqItem, Holiday, Page
from models.messages import Message
from models.people import Role, User
from models.requests import Request
from models.surveys import SurveyResponse
from outputs.documents import render_sample
from rules.formats import ZONE
from rules.periods import Period, semester_of
from rules.roles import PELANGGAN
from rules.services import SURVEY, Flow, Stage
from rules.statuses import OPEN_STATUSES
from rules.survey import Questionnaire, check_answers
from satisfaction import DONE, RUNNING, Plan, lock_period, write_plan, write_summary
from workflow import closures, door, figures
from workflow.catalogue import current_stage
from workflow.conversation import BACKOFFICE, PORTAL, say
from workflow.door import StoredFile, Submission
from workflow.inbox import receive

HOLIDAY_YEARS = range(2024, 2029)
DEMO_DOMAINS = ("@balai.test", "@contoh.test")
DEMO_STAFF = {
    "admin@balai.test": ("admin_layanan",),
    "kepala@balai.test": ("kepala_balai",),
    "kasubag@balai.test": ("kasubag_tu",),
    "ketua@balai.test": ("ketua_tim",),
    "pemangku@balai.test": ("pemangku_data",),
    "petugas@balai.test": ("petugas_layanan",),
    "manajer@balai.test": ("manajer_teknis",),
    "penyelia@balai.test": ("penyelia",),
    "penguji@balai.test": ("penguji",),
    "timadvis@balai.test": ("tim_advis",),
    "contoh@balai.test": ("petugas_contoh",),
    "bendahara@balai.test": ("bendahara",),
    "tu@balai.test": ("staf_tu",),
    "administrator@balai.test": ("administrator",),
    "auditor@balai.test": ("auditor",),
    "atasan@balai.test": ("atasan_balai",),
}
DEMO_CUSTOMERS = {
    "pelanggan@contoh.test": ("Pelanggan Contoh", "perguruan_tinggi", "Universitas Contoh", "L"),
    "dinas@contoh.test": ("Dinas Contoh", "kabupaten_kota", "Dinas Contoh Kabupaten Contoh", "P"),
    "konsultan@contoh.test": ("Konsultan Contoh", "swasta", "PT Contoh Pesisir", "L"),
}
# The requests before this one are finished or refused; the later ones are under way.
RUNNING_FROM = 36
DEMO_SUBJECTS = (
    ("data", "data_informasi", "Permohonan data gelombang Pantai Contoh"),
    ("lab", "", "Uji stabilitas pemecah gelombang Pelabuhan Contoh"),
    ("data", "magang_kp", "Kerja praktek mahasiswa teknik sipil"),
    ("advis", "advis_lengkap", "Advis penanganan abrasi Pantai Contoh"),
    ("data", "bimtek", "Bimbingan teknis pemantauan garis pantai"),
    ("data", "data_informasi", "Data batimetri Teluk Contoh"),
    ("advis", "konsultasi", "Konsultasi desain tembok laut Desa Contoh"),
    ("data", "data_informasi", "Data pasang surut stasiun telemetri Contoh"),
)
# Further running requests, so that the desks of the two long services have an example:
# service, sub-classification, how many moves after filing.
DEMO_DESKS = (
    ("lab", "", 5),
    ("lab", "", 6),
    ("lab", "", 7),
    ("lab", "", 11),
    ("lab", "", 14),
    ("advis", "advis_lengkap", 4),
    ("advis", "advis_lengkap", 8),
)
DEMO_FIELDS = {
    "text": "Pantai Contoh, Kabupaten Contoh",
    "longtext": "Uraian contoh untuk mencoba MELASTI; tidak ada data yang sebenarnya.",
    "coordinates": "-8.12000, 114.56000",
    "number": "4",
}


def demo_accounts() -> list[tuple[str, str]]:
    """E-mail and post of each demo account, in the order of a request's way."""
    staff = [(email, office().posts[codes[0]]) for email, codes in DEMO_STAFF.items()]
    return [(next(iter(DEMO_CUSTOMERS)), office().posts[PELANGGAN]), *staff]


def refuse_demo_accounts(settings: Settings) -> None:
    """Raise BadSetting when a production database holds active demo accounts."""
    if settings.mode == DEMO:
        return
    known = [*DEMO_STAFF, *DEMO_CUSTOMERS]
    if User.select().where(User.email.in_(known) & User.active).exists():
        raise BadSetting("this database holds active demo accounts; production refuses to start")


# -- reference rows ------------------------------------------------------------------------------


def seed_reference(*, now: datetime) -> None:
    """Write the posts, holidays, pages, questions and figures that are missing; edits stay."""
    with database.atomic():
        for code, title in office().posts.items():
            Role.insert(name=code, title=title).on_conflict_ignore().execute()
        if not Holiday.select().exists():
            days = closures.known_days(HOLIDAY_YEARS)
            Holiday.insert_many(vars(day) for day in days).execute()
        for path in sorted((CONTENT / "pages").glob("*.md")):
            _seed_page(path.stem, path.read_text(), now=now)
        if not FaqItem.select().exists():
            items = tomllib.loads((CONTENT / "faq.toml").read_text())["item"]
            FaqItem.insert_many(
                {**item, "position": position, "updated_at": now}
                for position, item in enumerate(items, start=1)
            ).execute()
    # After the holidays: they say how many days a stage took.
    figures.begin(now=now)


def _seed_page(slug: str, text: str, *, now: datetime) -> None:
    _, front, body = text.split("+++", 2)
    facts = tomllib.loads(front)
    Page.insert(
        slug=slug,
        title=facts["title"],
        summary=facts["summary"],
        body=body.strip(),
        updated_at=now,
    ).on_conflict_ignore().execute()


# -- demo rows -----------------------------------------------------------------------------------


def seed_demo(runtime, *, now: datetime) -> None:
    """Write the demo accounts and some dozens of requests in all states, once.

    Every request walks through `workflow`, at times of the past weeks.
    """
    if User.select().where(User.email == next(iter(DEMO_STAFF))).exists():
        return
    password = hash_password(runtime.settings.demo_password)
    with database.atomic():
        staff = {
            codes[0]: _make_staff(email, codes, password, now=now)
            for email, codes in DEMO_STAFF.items()
        }
        customers = [
            _make_customer(email, facts, password, now=now)
            for email, facts in DEMO_CUSTOMERS.items()
        ]
        file = _sample_file(runtime)
        begin = now - timedelta(days=120)
        for index in range(48):
            if index < RUNNING_FROM:
                filed_at = _office_moment(begin + (now - begin) * index / 48, index)
            else:
                filed_at = now - timedelta(hours=5 * (48 - index))
            _walk(runtime, staff, customers[index % 3], index, file, filed_at=filed_at, now=now)
        for index, _ in enumerate(DEMO_DESKS, start=48):
            filed_at = now - timedelta(days=9, hours=index - 48)
            _walk(runtime, staff, customers[index % 3], index, file, filed_at=filed_at, now=now)
        _talk(staff, customers, now=now)
        _past_surveys(runtime.questionnaire, staff, now=now)
        _deliver_past(now=now)
        _miss(customers[-1], runtime.settings.delivery.ladder, now=now)
        figures.refresh(figures.recent_months(now, 12))


def _deliver_past(*, now: datetime) -> None:
    """What was written in the past has arrived: WhatsApp reports it, e-mail doesn't."""
    past = (Message.state == "queued") & (Message.created_at < now)
    for channel, state in (("whatsapp", "delivered"), ("email", "sent")):
        Message.update(
            state=state, state_at=Message.created_at, sent_at=Message.created_at, carrier="log"
        ).where(past & (Message.channel == channel)).execute()


def _miss(customer: User, ladder: Sequence[str], *, now: datetime) -> None:
    """Two messages that WhatsApp couldn't carry: one went by e-mail, the other by no channel."""
    reason = "Alamat penerima tidak dapat menerima pesan. (contoh)"
    mine = (Message.recipient == customer) & (Message.channel == "whatsapp")
    latest = list(Message.select().where(mine).order_by(Message.id.desc()).limit(2))
    for message, by_mail in zip(latest, (True, False), strict=False):
        _fail(message, reason, ladder, now=now)
        if not by_mail:
            _fail(Message.get(Message.origin == message), reason, ladder, now=now)


def _fail(message: Message, reason: str, ladder: Sequence[str], *, now: datetime) -> None:
    Message.update(state="failed", error=reason, state_at=now).where(
        Message.id == message.id
    ).execute()
    step_down(message, reason, ladder=ladder, now=now)


def _past_surveys(
    questionnaire: Questionnaire, staff: Mapping[str, User], *, now: datetime
) -> None:
    """Answers of the three semesters before this one, locked, with what the office plans.

    Answers lead to no request, so these need none.
    """
    period, services = semester_of(now.astimezone(ZONE).date()), ("data", "data", "lab", "advis")
    for age, count in enumerate((38, 31, 24), start=1):
        period = period.previous
        SurveyResponse.insert_many(
            {
                "id": str(uuid4()),
                "questionnaire": questionnaire.name,
                "service_code": services[index % len(services)],
                "answered_on": period.first + timedelta(days=index * 170 // count),
                "scores": {
                    question.element: 4
                    - ((index * 5 + age + position * 3) % 11 < age + position % 3)
                    for position, question in enumerate(questionnaire.questions)
                },
                "demographics": {
                    asked.code: asked.options[(index + position) % len(asked.options)]
                    for position, asked in enumerate(questionnaire.demographics)
                },
                "extras": {} if index % 6 else {"suggestion": "Contoh saran untuk mencoba."},
            }
            for index in range(count)
        ).execute()
        _plan_after(period, staff["kasubag_tu"], age, now=now)
        lock_period(period, actor=staff["kepala_balai"], now=now)


def _plan_after(period: Period, clerk: User, age: int, *, now: datetime) -> None:
    """One thing that is done where the period is old, and under way where it isn't."""
    plan = Plan(
        element="U3",
        program="Menambah petugas pada bulan dengan permohonan terbanyak (contoh)",
        due_on=period.last + timedelta(days=180),
        responsible=office().posts["ketua_tim"],
        status=RUNNING if age == 1 else DONE,
    )
    write_plan(period, plan, actor=clerk, now=now)
    write_summary(
        period,
        "Pelanggan meminta pemberitahuan yang lebih jelas ketika tahap berganti (contoh).",
        actor=clerk,
        now=now,
    )


def _talk(staff: Mapping[str, User], customers: Sequence[User], *, now: datetime) -> None:
    """Let a customer and the office write to each other, and somebody unknown by WhatsApp."""
    running = Request.select().where(
        (Request.customer == customers[0]) & Request.status.in_(OPEN_STATUSES)
    )
    item = running.order_by(Request.submitted_at.desc()).first()
    if item is None:
        return
    admin, begin = staff["admin_layanan"], now - timedelta(hours=3)
    said = (
        (customers[0], "Apakah periode datanya masih dapat saya tambah satu tahun?", False),
        (admin, "Tanyakan dulu ke pemangku data apakah tahun itu lengkap.", True),
        (admin, "Dapat. Mohon tulis periodenya di sini, nanti kami teruskan.", False),
        (customers[0], "Januari sampai Desember tahun lalu. Terima kasih.", False),
    )
    for index, (person, words, is_internal) in enumerate(said):
        say(
            item,
            words,
            actor=person,
            key=f"DEMO{index:022d}",
            via=BACKOFFICE if person.is_staff else PORTAL,
            now=begin + timedelta(minutes=20 * index),
            is_internal=is_internal,
        )
    question = Incoming("demo", "+6281200000099", "Selamat pagi, apakah bisa uji model di sini?")
    receive(question, channel="log", now=now - timedelta(hours=1))


def _make_staff(email: str, codes: tuple[str, ...], password: str, *, now: datetime) -> User:
    user = User.create(
        email=email,
        password=password,
        fs_uniquifier=f"demo-{email}",
        confirmed_at=now,
        created_at=now,
        is_staff=True,
        name=f"{office().posts[codes[0]]} (demo)",
    )
    user.hold_posts(codes)
    return user


def _make_customer(email: str, facts: tuple[str, ...], password: str, *, now: datetime) -> User:
    name, category, institution, gender = facts
    return User.create(
        email=email,
        password=password,
        fs_uniquifier=f"demo-{email}",
        confirmed_at=now,
        created_at=now,
        name=name,
        institution_category=category,
        institution_name=institution,
        phone=f"+62812000000{10 + list(DEMO_CUSTOMERS).index(email)}",
        gender=gender,
        privacy_version=statements()["privacy"].version,
    )


def _sample_file(runtime) -> StoredFile:
    content = render_sample("Surat permohonan contoh", "Berkas ini hanya contoh.")
    staged = runtime.storage.stage(io.BytesIO(content), max_bytes=len(content))
    runtime.storage.keep(staged)
    return StoredFile(staged.sha256, staged.size, "surat-permohonan-contoh.pdf")


def _office_moment(at: datetime, index: int) -> datetime:
    """The next weekday at some office hour."""
    local = at.astimezone(ZONE).replace(hour=8 + index % 7, minute=(index * 13) % 60)
    while local.weekday() > 4:
        local += timedelta(days=1)
    return local.astimezone(UTC)


def _walk(runtime, staff, customer, index, file, *, filed_at: datetime, now: datetime) -> None:
    """File one request and move it as far as its age and number allow."""
    service, subclass, subject = DEMO_SUBJECTS[index % len(DEMO_SUBJECTS)]
    if index >= 48:
        service, subclass, _ = DEMO_DESKS[index - 48]
        subject = next(words for code, kind, words in DEMO_SUBJECTS
                       if (code, kind) == (service, subclass))  # fmt: skip
    offer = runtime.catalogue[service]
    request = door.submit(
        customer,
        offer,
        Submission(
            service_code=service,
            subclass_code=subclass,
            subject=f"{subject} {index + 1}",
            description="Permohonan contoh untuk mencoba MELASTI; tidak ada data yang sebenarnya.",
            statement_version=statements()["anti_gratification"].version,
            file=file,
            details=_demo_details(offer.flow, subclass, filed_at),
            attachments={
                entry.name: file for entry in offer.flow.attachments_for(subclass) if entry.required
            },
        ),
        key=f"DEMO{index:022d}",
        now=filed_at,
    )
    # The older ones are finished; of the newest each waits at another desk.
    desks = len(offer.flow.desks) - 1
    moves = desks if index < RUNNING_FROM else (index - RUNNING_FROM) * 2 % desks
    if index >= 48:
        moves = DEMO_DESKS[index - 48][2]
    pace = 8 / desks if index < RUNNING_FROM else 0.1
    refused_at = {5: 0, 14: 1, 22: 0}.get(index)
    at = filed_at
    for move, hours in zip(range(moves), cycle((2, 5, 3, 8, 20, 6, 4, 3)), strict=False):
        at += timedelta(hours=hours * pace * (4 if index % 7 == 3 else 1))
        if at > now or not request.is_open:
            return
        if move == refused_at:
            _refuse(request, staff, now=at)
            return
        request = _move(runtime, request, staff, customer, file, index, now=at)
    if index >= RUNNING_FROM:
        _stray(request, staff, customer, index, now=min(at + timedelta(minutes=20), now))


def _demo_details(flow: Flow, subclass: str, at: datetime) -> dict[str, str]:
    """Answers to the required fields of a service."""
    found = {}
    for entry in flow.fields_for(subclass):
        if entry.required:
            on = at.astimezone(ZONE).date() + timedelta(days=30)
            found[entry.name] = (
                entry.options[0] if entry.options else DEMO_FIELDS.get(entry.type, on.isoformat())
            )
    return found


def _stray(request: Request, staff, customer: User, index: int, *, now: datetime) -> None:
    """Take some of the running requests down a side path, so that each has an example."""
    actor = staff.get(current_stage(request).role, customer)
    offered = {choice.code: choice for choice in door.choices(request, actor, now)}
    wanted = {36: "ask_completion", 41: "suspend", 42: "return", 44: "ask_completion"}.get(index)
    if wanted in offered:
        resumes_on = (now.astimezone(ZONE) + timedelta(days=7)).date().isoformat()
        given = {
            "items": "Surat permohonan bertanda tangan",
            "days": "5",
            "reason": "Contoh alasan untuk mencoba MELASTI.",
            "resumes_on": resumes_on,
            "to": next((o for e in offered[wanted].inputs for o in e.options), ""),
            "tell": "Tidak",
        }
        door.act(request, wanted, actor=actor, inputs=given, version=request.version, now=now)


def _refuse(request: Request, staff: dict[str, User], *, now: datetime) -> None:
    door.act(
        request,
        "reject",
        actor=staff[current_stage(request).role],
        inputs={
            "reason": "Permohonan contoh ini belum memuat surat pengantar instansi.",
            "basis": "Persyaratan pada standar pelayanan.",
            "alternative": "Lengkapi surat pengantar, lalu ajukan kembali.",
        },
        version=request.version,
        now=now,
    )


def _move(runtime, request, staff, customer, file, index, *, now: datetime) -> Request:
    stage = current_stage(request)
    if stage.kind == SURVEY:
        answers, _ = check_answers(runtime.questionnaire, _demo_answers(runtime, index))
        return door.answer_survey(
            request,
            actor=customer,
            answers=answers,
            questionnaire=runtime.questionnaire,
            version=request.version,
            now=now,
        )
    given = sample_inputs(request, stage, staff, file, now=now)
    return door.act(
        request,
        "complete",
        actor=customer if stage.role == PELANGGAN else staff[stage.role],
        inputs=given,
        version=request.version,
        now=now,
    )


def sample_inputs(
    request: Request, stage: Stage, staff: Mapping[str, User], file: StoredFile, *, now: datetime
) -> dict[str, object]:
    """Inputs that satisfy a desk; `staff` maps a post to its holder."""
    later = (now.astimezone(ZONE) + timedelta(days=60)).date().isoformat()
    numbered = {
        "billing": f"8202{request.id % 10**6:06d}{request.version % 10**5:05d}",
        "ntpn": f"CONTOH{request.id % 10**6:06d}{request.version % 10**4:04d}",
        "npwp": "",
        "dibayar": now.astimezone(ZONE).date().isoformat(),
    }
    given: dict[str, object] = {}
    for entry in stage.inputs:
        given[entry.name] = numbered.get(entry.name) if entry.name in numbered else {
            "checklist": list(entry.options),
            "choice": entry.options[0] if entry.options else "",
            "person": staff[entry.role].public_id if entry.role else "",
            "file": file,
            "date": later,
            "number": "1",
            "money": "1250000",
            "subclass": request.subclass_code,
        }.get(entry.type, "Mohon ditindaklanjuti sesuai ketentuan.")  # fmt: skip
    return given


def _demo_answers(runtime, index: int) -> dict[str, str]:
    raw = {
        question.element: str(4 - (index + position) % 5 // 3)
        for position, question in enumerate(runtime.questionnaire.questions)
    }
    for position, demographic in enumerate(runtime.questionnaire.demographics):
        raw[demographic.code] = demographic.options[(index + position) % len(demographic.options)]
    return raw
