"""Tell who looks after the system what is wrong, once, and once when it is over.

A trouble is a row. Whichever process sees it first opens it, and whoever claims it by a
conditional UPDATE sends its news, straight by the gateways: the outbox may be what is broken.
What is seen only once and is gone at the next look was no trouble.
"""

import logging
import secrets
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from email_validator import EmailNotValidError, validate_email

from administration.system_checks import Check
from administration.wordings import default_wordings
from config.settings import BadSetting, Settings
from messages.compose import MessageTemplates, read_message_templates, write_out
from messages.gateways.gateway import Refusal
from messages.gateways.registry import open_gateways
from models import Trouble
from rules.formats import moment_short
from rules.phone import BadPhone, parse_phone
from storage.database import database
from storage.outage import is_unavailable

log = logging.getLogger("melasti.alarms")

BEGUN, OVER = "peringatan_sistem", "peringatan_selesai"
PAGE = "/backoffice/keadaan-sistem/"
# A second look has to see it too.
GRACE = timedelta(seconds=15)
# What is seen at moments only is over when it wasn't seen for so long.
LINGER = {
    "channel": timedelta(minutes=2),
    "locks": timedelta(minutes=5),
    "slow": timedelta(minutes=15),
    "crash": timedelta(hours=1),
    "clock": timedelta(hours=12),
}
# Of one host that nobody on it confirms any more.
UNCONFIRMED = timedelta(hours=2)
# A sender may die on the way; until then nobody else sends the same.
LEASE = timedelta(minutes=2)
LONGEST_PAUSE = timedelta(minutes=30)
KEPT_FOR = timedelta(days=365)


def check_recipients(settings: Settings) -> None:
    """Refuse addresses that can't be written to. Raises BadSetting."""
    for email in settings.alarm_email:
        try:
            validate_email(email, check_deliverability=False, test_environment=settings.is_demo)
        except EmailNotValidError as problem:
            raise BadSetting(f"ALARM_EMAIL can't hold {email!r}: {problem}") from None
    for phone in settings.alarm_phone:
        try:
            parse_phone(phone)
        except BadPhone:
            raise BadSetting(f"ALARM_PHONE must be mobile numbers, not {phone!r}") from None


# -- what is open ----------------------------------------------------------------------------------


def note(checks: Collection[Check], *, now: datetime) -> None:
    """Open what is in trouble, and end what was looked at and is well. Writes."""
    for check in checks:
        if check.trouble:
            _open(check, now=now)
    well = {check.code for check in checks if not check.trouble}
    for row in list(Trouble.select().where(Trouble.ended_at.is_null())):
        linger = LINGER.get(row.code.partition(":")[0], timedelta())
        is_over = row.code in well and row.seen_at <= now - linger
        if is_over or row.seen_at <= now - max(UNCONFIRMED, linger):
            _end(row, now=now)


def _open(check: Check, *, now: datetime) -> None:
    said = {"words": check.trouble[:300], "advice": check.advice[:300]}
    Trouble.insert(
        code=check.code, title=check.title, opened_at=now, seen_at=now, next_try_at=now, **said
    ).on_conflict_ignore().execute()
    is_it = (Trouble.code == check.code) & Trouble.ended_at.is_null()
    Trouble.update(seen_at=now, **said).where(is_it).execute()


def _end(row: Trouble, *, now: datetime) -> None:
    still_open = (Trouble.id == row.id) & Trouble.ended_at.is_null()
    if row.told_at is None:
        # Nobody heard of it, so nobody waits for its end.
        Trouble.delete().where(still_open & Trouble.told_at.is_null()).execute()
    else:
        Trouble.update(ended_at=now, next_try_at=now, tries=0).where(still_open).execute()


def forget(*, now: datetime) -> int:
    """Delete what was over a year ago."""
    return Trouble.delete().where(Trouble.ended_at < now - KEPT_FOR).execute()


# -- telling ---------------------------------------------------------------------------------------


def tell(settings: Settings, *, now: datetime) -> int:
    """Send the news that is due; return how many troubles were told of. Network; no transaction."""
    return sum(_tell(row, settings, now=now) for row in _due(now))


def _due(now: datetime) -> list[Trouble]:
    begun = Trouble.ended_at.is_null() & Trouble.told_at.is_null()
    begun &= Trouble.opened_at <= now - GRACE
    over = Trouble.ended_at.is_null(False) & Trouble.end_told_at.is_null()
    due = Trouble.select().where((begun | over) & (Trouble.next_try_at <= now))
    return list(due.order_by(Trouble.id).limit(20))


def _tell(row: Trouble, settings: Settings, *, now: datetime) -> int:
    pause = min(LEASE * 2**row.tries, LONGEST_PAUSE)
    claimed = (
        Trouble.update(next_try_at=now + pause, tries=Trouble.tries + 1)
        .where((Trouble.id == row.id) & (Trouble.next_try_at == row.next_try_at))
        .execute()
    )
    if not claimed:
        return 0
    is_over = row.ended_at is not None
    facts = {
        "judul": row.title,
        "uraian": row.words,
        "saran": row.advice,
        "waktu": moment_short(row.ended_at or row.opened_at),
    }
    reached = send_news(OVER if is_over else BEGUN, facts, settings)
    said = "is over" if is_over else "is told of"
    log.warning("trouble %s %s, to %d addresses: %s", row.code, said, reached, row.words)
    if reached or not has_recipients(settings):
        stamp = {"end_told_at": now} if is_over else {"told_at": now, "tries": 0}
        Trouble.update(**stamp).where(Trouble.id == row.id).execute()
    return 1 if reached else 0


def has_recipients(settings: Settings) -> bool:
    return bool(settings.alarm_email or settings.alarm_phone)


def send_news(code: str, facts: dict[str, str], settings: Settings) -> int:
    """Write to everybody who is to be told; return how many a gateway took it for.

    Nothing of it needs the database, which may be what is broken.
    """
    templates = _templates(settings)
    variables = {**facts, "tautan": f"{settings.base_url}{PAGE}"}
    gateways, reached = open_gateways(settings), 0
    for channel, address in _recipients(settings):
        outgoing = write_out(
            templates.in_force(code),
            variables,
            templates,
            address=address,
            key=f"alarm-{secrets.token_hex(8)}",
            is_email=channel == "email",
        )
        try:
            if channel in gateways:
                gateways[channel].send(outgoing)
                reached += 1
        except Refusal as refusal:
            log.error("an alarm could not leave by %s: %s", channel, type(refusal).__name__)
        except Exception:
            log.exception("an alarm could not leave by %s", channel)
    return reached


def _recipients(settings: Settings) -> Iterator[tuple[str, str]]:
    yield from (("email", address) for address in settings.alarm_email)
    yield from (("whatsapp", parse_phone(number)) for number in settings.alarm_phone)


def _templates(settings: Settings) -> MessageTemplates:
    """In the office's own words, if the database can tell them."""
    try:
        with database.connection_context():
            return read_message_templates(settings.base_url)
    except Exception as error:
        if not is_unavailable(error):
            raise
        defaults, footer = default_wordings()
        return MessageTemplates(defaults, {}, footer, settings.base_url)


def open_troubles() -> list[Trouble]:
    return list(Trouble.select().where(Trouble.ended_at.is_null()).order_by(Trouble.opened_at))


def past_troubles(limit: int = 20) -> Iterable[Trouble]:
    """The newest first."""
    over = Trouble.select().where(Trouble.ended_at.is_null(False))
    return list(over.order_by(Trouble.opened_at.desc()).limit(limit))
