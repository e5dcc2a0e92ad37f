"""The agenda as calendars read it (RFC 5545), with no more of anybody than number and subject."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from config.office import office
from outputs.agenda.events import Happening

# Octets on a line, without its end.
LONGEST_LINE = 75
# As long as a deadline stands in a day's view.
LENGTH = timedelta(minutes=30)
CONTROL = dict.fromkeys([*range(32), 127])


def write_calendar(found: Iterable[Happening], *, base_url: str, now: datetime) -> bytes:
    """Moments in UTC, so that no time zone has to be described; days without a time as such."""
    host = base_url.partition("://")[2].partition("/")[0].partition(":")[0] or "melasti"
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//{_text(office().name)}//{_text(office().short_name)}//ID",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_text(office().short_name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
    ]
    for one in found:
        lines += _event(one, host=host, base_url=base_url, now=now)
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) + b"\r\n" for line in lines)


def _event(one: Happening, *, host: str, base_url: str, now: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(one.key)}@{host}"
    yield f"DTSTAMP:{_moment(now)}"
    if one.at:
        yield f"DTSTART:{_moment(one.at)}"
        yield f"DTEND:{_moment(one.at + LENGTH)}"
    else:
        yield f"DTSTART;VALUE=DATE:{one.on:%Y%m%d}"
        yield f"DTEND;VALUE=DATE:{one.on + timedelta(days=1):%Y%m%d}"
        # A day's note makes nobody busy.
    yield "TRANSP:TRANSPARENT"
    yield f"SUMMARY:{_text(f'{one.what} – {one.subject}')}"
    yield f"URL:{base_url}/backoffice/permohonan/{one.request.public_id}"
    yield "END:VEVENT"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(words: str) -> str:
    """RFC 5545, 3.3.11: what would end a value or a line is escaped, control signs are dropped."""
    plain = words.replace("\r\n", "\n").replace("\r", "\n").replace("\\", "\\\\")
    plain = plain.replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
    return plain.translate(CONTROL)


def _folded(line: str) -> bytes:
    """RFC 5545, 3.1: at most 75 octets on a line, and never cut within a letter."""
    pieces, piece = [], b""
    for sign in line:
        octets = sign.encode()
        # The space that begins each further line counts too.
        room = LONGEST_LINE if not pieces else LONGEST_LINE - 1
        if len(piece) + len(octets) > room:
            pieces.append(piece)
            piece = b""
        piece += octets
    return b"\r\n ".join([*pieces, piece])
