"""The demo: fictitious people, some dozens of requests, and what was said and answered."""

import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta

from flask_security import hash_password

from administration import figures
from administration.reference import DEMO_CUSTOMERS, DEMO_STAFF
from config.office import office, statements
from demo.walks import DESKS, PAST_FROM, RUNNING_FROM, Wiring, office_moment, walk
from messages.conversation import BACKOFFICE, PORTAL, write_remark
from messages.gateways.gateway import Incoming
from messages.inbox import receive
from messages.ladder import step_down
from models import Message, Request, User
from outputs.papers.documents import render_sample
from outputs.survey.periods import DONE, RUNNING, Plan, lock_period, write_plan, write_summary
from rules.formats import ZONE
from rules.periods import Period, semester_of
from rules.statuses import OPEN_STATUSES
from storage.database import database
from workflow import Reader, StoredFile

# How many requests were filed one, two and three semesters ago; all are finished and answered.
PAST = (30, 24, 20)


def seed_demo(runtime: Wiring, *, now: datetime) -> None:
    """Write the demo accounts and requests in all states, once.

    Every request walks through `workflow`: some dozens in the past weeks, others in the semesters
    before, so that dashboards, forecasts and surveys have something to tell.
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
        # In the order of time, as numbers are given.
        for period, age in reversed(_past_periods(now)):
            for index, filed_at in _past(period, age):
                walk(runtime, staff, customers[index % 3], index, file, filed_at=filed_at, now=now)
        begin = now - timedelta(days=120)
        for index in range(48):
            if index < RUNNING_FROM:
                filed_at = office_moment(begin + (now - begin) * index / 48, index)
            else:
                filed_at = now - timedelta(hours=5 * (48 - index))
            walk(runtime, staff, customers[index % 3], index, file, filed_at=filed_at, now=now)
        for index, _ in enumerate(DESKS, start=48):
            filed_at = now - timedelta(days=9, hours=index - 48)
            walk(runtime, staff, customers[index % 3], index, file, filed_at=filed_at, now=now)
        _talk(staff, customers, now=now)
        for period, age in _past_periods(now):
            _plan_after(period, staff["kasubag_tu"], age, now=now)
            lock_period(period, reader=Reader.at(staff["kepala_balai"], now))
        _deliver_past(now=now)
        _miss(customers[-1], runtime.settings.delivery.ladder, now=now)
        figures.refresh(figures.recent_months(now, 24))


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


def _past_periods(now: datetime) -> list[tuple[Period, int]]:
    """The three semesters before this one, and how many ago each is: the newest first."""
    period, found = semester_of(now.astimezone(ZONE).date()), []
    for age in range(1, len(PAST) + 1):
        period = period.previous
        found.append((period, age))
    return found


def _past(period: Period, age: int) -> Iterator[tuple[int, datetime]]:
    """The requests of a semester: their numbers in the demo, and when they were filed."""
    count = PAST[age - 1]
    for number in range(count):
        # So early that all are answered before the semester ends.
        on = period.first + timedelta(days=number * 130 // count)
        at = datetime.combine(on, time(), ZONE)
        yield PAST_FROM * age + number, office_moment(at, number)


def _plan_after(period: Period, clerk: User, age: int, *, now: datetime) -> None:
    """One thing that is done where the period is old, and under way where it isn't."""
    plan = Plan(
        element="U3",
        program="Menambah petugas pada bulan dengan permohonan terbanyak (contoh)",
        due_on=period.last + timedelta(days=180),
        responsible=office().posts["ketua_tim"],
        status=RUNNING if age == 1 else DONE,
    )
    write_plan(period, plan, reader=Reader.at(clerk, now))
    write_summary(
        period,
        "Pelanggan meminta pemberitahuan yang lebih jelas ketika tahap berganti (contoh).",
        reader=Reader.at(clerk, now),
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
        write_remark(
            item,
            words,
            reader=Reader.at(person, begin + timedelta(minutes=20 * index)),
            key=f"DEMO{index:022d}",
            via=BACKOFFICE if person.is_staff else PORTAL,
            is_internal=is_internal,
        )
    question = Incoming("demo", "+6281200000099", "Selamat pagi, apakah bisa uji model di sini?")
    receive(question, channel="log", now=now - timedelta(hours=1))


def _make_staff(email: str, codes: tuple[str, ...], password: str, *, now: datetime) -> User:
    user = User.create(
        email=email,
        password=password,
        fs_uniquifier=f"demo-{email}",
        email_confirmed_at=now,
        created_at=now,
        is_staff=True,
        name=f"{office().posts[codes[0]]} (demo)",
        # Made up, as everything here: for letters to have the lines that real ones have.
        nip=f"198001012005011{list(DEMO_STAFF).index(email) + 1:03}",
        rank="Pembina (IV/a)" if "kepala_balai" in codes else "Penata (III/c)",
    )
    user.hold_posts(codes)
    return user


def _make_customer(email: str, facts: tuple[str, ...], password: str, *, now: datetime) -> User:
    name, category, institution, gender = facts
    return User.create(
        email=email,
        password=password,
        fs_uniquifier=f"demo-{email}",
        email_confirmed_at=now,
        phone_confirmed_at=now,
        created_at=now,
        name=name,
        institution_category=category,
        institution_name=institution,
        phone=f"+62812000000{10 + list(DEMO_CUSTOMERS).index(email)}",
        gender=gender,
        privacy_version=statements()["privacy"].version,
    )


def _sample_file(runtime: Wiring) -> StoredFile:
    content = render_sample("Surat permohonan contoh", "Berkas ini hanya contoh.")
    staged = runtime.storage.stage(io.BytesIO(content), max_bytes=len(content))
    runtime.storage.keep(staged)
    return StoredFile(staged.sha256, staged.size, "surat-permohonan-contoh.pdf")
