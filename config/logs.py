"""The log: one line for each event, as text or as JSON, with nothing in it that names a person.

Every line of a web request bears its reference, which error pages show to the reader.
"""

import json
import logging
import re
import sys
import threading
import time
import traceback
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from pathlib import Path
from types import TracebackType

from config.settings import ROOT

# The reference of the request that this thread is at; of anything else there is none.
reference: ContextVar[str] = ContextVar("reference", default="-")

LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}
JSON = "json"
# Of a chain of errors, and of the places that the last one came by, so many are told.
MOST_CAUSES, MOST_PLACES, LONGEST = 3, 12, 300


class TextFormatter(logging.Formatter):
    """`2026-11-30T06:38:01.123Z WARNING melasti.web ref=AB12CD34 what happened`"""

    def format(self, record: logging.LogRecord) -> str:
        line = (
            f"{instant(record.created)} {record.levelname} {record.name} "
            f"ref={reference.get()} {_message(record)}"
        )
        if record.exc_info and record.exc_info[1]:
            causes, places = told_error(record.exc_info[1])
            line += f" | {' < '.join(causes)} | {' > '.join(places)}"
        return line if line.isprintable() else _printable(line)


class JsonFormatter(logging.Formatter):
    """The same as an object a line; what a record carries as `facts` stands beside its message."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, object] = {
            "at": instant(record.created),
            "level": record.levelname,
            "logger": record.name,
            "ref": reference.get(),
            "message": _message(record),
        }
        told.update(getattr(record, "facts", {}))
        if record.exc_info and record.exc_info[1]:
            told["error"], told["places"] = told_error(record.exc_info[1])
        return json.dumps(told, default=str)


def set_up_logs(log_format: str, level: str, *, filters: Iterable[logging.Filter] = ()) -> None:
    """Write to standard error from now on. `level` is of our own rooms; others only warn.

    Libraries say on lower levels what addresses and messages hold.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if log_format == JSON else TextFormatter())
    for one in filters:
        handler.addFilter(one)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("melasti").setLevel(LEVELS[level])
    threading.excepthook = _log_end_of_thread
    # No line tells its thread or process, so nobody need look for them.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False


def _log_end_of_thread(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_value and not issubclass(ended.exc_type, SystemExit):
        logging.getLogger("melasti.threads").error(
            "a thread ended by an error", exc_info=ended.exc_value
        )


# -- what a line may say -------------------------------------------------------------------------


_last_second: tuple[int, str] = (0, "")


def instant(at: float) -> str:
    """In UTC, to a thousandth; the seconds are written out once for all lines that they have."""
    global _last_second
    second, words = _last_second
    if (whole := int(at)) != second:
        words = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole))
        _last_second = whole, words
    return f"{words}.{int((at - whole) * 1000):03d}Z"


def _message(record: logging.LogRecord) -> str:
    said = record.getMessage()
    return said if record.name.startswith("melasti") else without_personal(said)


def _printable(line: str) -> str:
    """No break and no sign that a terminal obeys: a line stays one, whatever somebody sent."""
    return "".join(sign if sign.isprintable() else " " for sign in line)


# What databases and libraries repeat of what they were given: addresses, numbers, quoted values
# (but for names such as "user_email"), keys of unique rows, addresses of pages, long secrets.
PERSONAL = re.compile(
    r"[^\s@'\"<(]+@[^\s@'\">)]+"
    r"|\+?\d(?:[ .-]?\d){5,}"
    r"|=\([^)]*\)"
    r"|'[^']*'"
    r"|\"(?![a-z]+[_.][a-z_.]+\")[^\"]*\""
    r"|(?<=\s)/\S+/\S+"
    r"|[\w~=+-]{24,}"
)


def without_personal(words: str) -> str:
    """The first line of what a library says, without what may be somebody's own."""
    first = words.strip().partition("\n")[0]
    return PERSONAL.sub("…", first)[:LONGEST]


def told_error(error: BaseException) -> tuple[list[str], list[str]]:
    """(what happened and by what, the latest first; where, the innermost place last)."""
    causes = [
        f"{type(one).__name__}: {without_personal(str(one))}" for one in chain(error, MOST_CAUSES)
    ]
    return causes, _places(error.__traceback__)


def chain(error: BaseException | None, most: int) -> Iterator[BaseException]:
    """An error and what it came from."""
    for _ in range(most):
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__


def _places(at: TracebackType | None) -> list[str]:
    frames = traceback.StackSummary.extract(traceback.walk_tb(at), lookup_lines=False)
    return [f"{_short(one.filename)}:{one.lineno}" for one in frames[-MOST_PLACES:]]


def _short(filename: str) -> str:
    _, found, rest = filename.partition("site-packages/")
    if found:
        return rest
    try:
        return str(Path(filename).relative_to(ROOT))
    except ValueError:
        return filename.removeprefix(sys.prefix)
