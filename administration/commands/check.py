"""`run.py check`: whether this installation does what it is for, before anybody relies on it."""

import difflib
import os
import platform
import re
import secrets
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

import peewee
from peewee import fn

from administration.commands import Command, CommandError
from administration.file_store import open_store
from administration.system_checks import Check, further_checks, vital_checks
from administration.wordings import default_wordings
from config.clock import utc_now
from config.settings import ROOT, Settings
from config.version import version
from messages.compose import MessageTemplates, write_out
from messages.gateways.gateway import Refusal
from messages.gateways.registry import chosen_gateways, open_gateways
from models import Event
from rules.formats import moment_short
from rules.phone import BadPhone, parse_phone
from storage.database import database, is_sqlite, open_database, schema_state

TABLE = ROOT / "docs" / "settings.md"
# As docs/settings.md lists them: name, default, meaning.
ROW = re.compile(r"^\| `([A-Z_0-9]+)` \| (.*?) \|", re.MULTILINE)
SECRET = re.compile(r"KEY|SALT|PASSWORD|PASSPHRASE|TOKEN|SECRET")
IN_URL = re.compile(r"(?<=://)([^:@/]*):[^@/]*@")
ALIKE = 0.82
# Two clocks of one office that differ by more number papers wrongly.
CLOCKS_APART = timedelta(seconds=30)


def check(settings: Settings, arguments: Namespace) -> int:
    """Say every setting, and look at all that the system needs: database, queue, files, disk,
    worker, channels, clock. Exit 1 when something is wrong; nothing is changed."""
    found = [*_settings_lines(os.environ), "", *_versions()]
    print("\n".join(found))
    now, troubles = utc_now(), len(list(unknown_names(os.environ)))
    for one in [*_looked_at(settings, now=now), *_channels(settings)]:
        troubles += bool(one.trouble)
        said = f"{one.trouble} → {one.advice}" if one.trouble else one.fact
        print(f"{'TROUBLE' if one.trouble else 'ok':8} {one.title}: {said}")
    if arguments.send_test:
        send_test(arguments.send_test, settings, now=now)
        print(f"ok       a test message left for {arguments.send_test}")
    return 1 if troubles else 0


def _settings_lines(environ: Mapping[str, str]) -> Iterator[str]:
    for name, default in ROW.findall(TABLE.read_text()):
        value = environ.get(name)
        yield f"{name:28} {'(' + default + ')' if value is None else shown(name, value)}"
    for name, likely in unknown_names(environ):
        yield f"TROUBLE  {name} is no setting" + (f"; did you mean {likely}?" if likely else "")


def shown(name: str, value: str) -> str:
    """A value as a screen or a ticket may hold it."""
    if SECRET.search(name) and not name.endswith("_FILE"):
        return f"set, {len(value)} characters" if value else "empty"
    return IN_URL.sub(r"\1:…@", value)


def unknown_names(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(name, what was likely meant or nothing) of variables that look like settings and are none.

    Others' variables are many; ours begin with the words that our settings begin with.
    """
    known = [name for name, _ in ROW.findall(TABLE.read_text())]
    begin = {name.partition("_")[0] for name in known if "_" in name}
    for name in sorted(set(environ) - set(known)):
        likely = difflib.get_close_matches(name, known, 1, ALIKE)
        likely = likely or [one for one in known if "_" in one and name.startswith(one)]
        if likely or ("_" in name and name.partition("_")[0] in begin):
            yield name, likely[0] if likely else ""


def _versions() -> list[str]:
    used = f"MELASTI {version()}, Python {platform.python_version()}, peewee {peewee.__version__}"
    return [f"{used}, {platform.platform()}", ""]


def _looked_at(settings: Settings, *, now: datetime) -> list[Check]:
    """All checks; where there is no database the other ones can't be made."""
    open_database(settings.database_url)
    try:
        with database.connection_context():
            state = schema_state()
            if not state.fits:
                missing = ", ".join((*state.pending, *state.unknown))
                advice = "run `run.py db upgrade`, or the program that knows them"
                return [Check("schema", "Schema", f"doesn't fit: {missing}", advice)]
            storage = open_store(settings)
            return [
                *vital_checks(settings, storage, now=now),
                *further_checks(settings, storage, now=now),
                _clock(now),
            ]
    except (peewee.DatabaseError, peewee.InterfaceError) as error:
        reason = " ".join(str(error).split())
        return [Check("database", "Database", reason, "look at DATABASE_URL and at its server")]


def _clock(now: datetime) -> Check:
    """This machine's clock beside the database server's, and beside what was written last."""
    known = {"code": "clock", "title": "Clock"}
    if not is_sqlite():
        (theirs,) = database.execute_sql("SELECT clock_timestamp()").fetchone()
        if abs(theirs - now) > CLOCKS_APART:
            words = f"differs from the database server's by {abs(theirs - now)}"
            return Check(**known, trouble=words, advice="let both follow a time server")
    last = Event.select(fn.MAX(Event.at)).scalar()
    latest = Event.at.python_value(last) if isinstance(last, str) else last
    if latest and latest > now + CLOCKS_APART:
        words = f"stands at {moment_short(now)}, before what was written {moment_short(latest)}"
        return Check(**known, trouble=words, advice="set the clock, and look at the last numbers")
    return Check(**known, fact=f"{moment_short(now)} WITA")


def _channels(settings: Settings) -> Iterator[Check]:
    """What each chosen gateway answers right now."""
    gateways, chosen = open_gateways(settings), chosen_gateways(settings)
    for channel in settings.delivery.ladder:
        title = f"{channel} by {chosen[channel].name}"
        if channel not in gateways:
            yield Check(channel, title, fact="carries nothing")
            continue
        words = gateways[channel].health()
        advice = "look at the variables of the gateway and at its own console"
        yield Check(channel, title, words, advice, fact="answers")


def send_test(address: str, settings: Settings, *, now: datetime) -> None:
    """Send the words of a test message straight by the gateway. Raises CommandError."""
    is_email = "@" in address
    channel = "email" if is_email else "whatsapp"
    try:
        address = address if is_email else parse_phone(address)
    except BadPhone as problem:
        raise CommandError(f"--send-test {address}: {problem}") from None
    gateway = open_gateways(settings).get(channel)
    if gateway is None:
        raise CommandError(f"no gateway carries {channel}: set {channel.upper()}_CHANNEL")
    defaults, footer = default_wordings()
    templates = MessageTemplates(defaults, {}, footer, settings.base_url)
    outgoing = write_out(
        defaults["pesan_uji"],
        {
            "sapaan": "Bapak/Ibu",
            "nama": "pengelola",
            "waktu": moment_short(now),
            "tautan": settings.base_url,
        },
        templates,
        address=address,
        key=f"test-{secrets.token_hex(8)}",
        is_email=is_email,
    )
    try:
        gateway.send(outgoing)
    except Refusal as refusal:
        raise CommandError(f"the test message was refused: {refusal}") from None


def _add_words(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--send-test", metavar="ADDRESS", help="an e-mail address or a mobile number to write to"
    )


COMMANDS = {"check": Command(check, _add_words, needs_schema=False)}
