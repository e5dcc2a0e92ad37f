"""What comes back to the sender of e-mails: bounces, as a pipe hands them over or IMAP keeps them.

A delivery report is RFC 3464; which message it is about says the id that we gave it, which only
its recipient and the servers between have seen. Other mail is left where it is.
"""

import email
import email.policy
import imaplib
import re
import ssl
from collections.abc import Iterator, Mapping
from email.message import EmailMessage, Message

from messages.gateways.gateway import (
    DELIVERED,
    FAILED,
    Misconfigured,
    Setting,
    StatusEvent,
    Unreachable,
)

settings = (
    Setting("BOUNCE_IMAP_HOST", "", "the mailbox of bounces, where they aren't piped to us"),
    Setting("BOUNCE_IMAP_PORT", "993", "its port", limits=(1, 65535)),
    Setting("BOUNCE_IMAP_SECURITY", "tls", "`tls` or `none`", choices=("tls", "none")),
    Setting("BOUNCE_IMAP_USER", "", "its user"),
    Setting("BOUNCE_IMAP_PASSWORD", "", "its password", is_secret=True),
    Setting("BOUNCE_IMAP_FOLDER", "INBOX", "its folder"),
)
LARGEST_MAIL = 4 * 1024 * 1024
# Reports only: a person may read the rest of this mailbox.
REPORTS = (
    *("UNSEEN", "OR", "HEADER", "Content-Type", '"report"'),
    *("HEADER", "X-Failed-Recipients", '""'),
)
# So many are read in one go; the rest in the next.
MOST_READ = 50
BOUNCED = "Email dikembalikan oleh server penerima."
ACTIONS = {"failed": FAILED, "delivered": DELIVERED}
# A message's own key (a ULID), at the front of the Message-ID that we gave it.
OUR_ID = re.compile(r"<([0-9A-HJKMNP-TV-Z]{26})@[^>\s]+>")
NAMED_IN_TEXT = re.compile(rf"(?im)^\s*Message-ID:\s*{OUR_ID.pattern}")
OUR_KEY = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")


# -- reading one mail -----------------------------------------------------------------------------


def parse_bounce(raw: bytes) -> list[StatusEvent]:
    """What a mail reports about messages of ours; empty for any other mail, however broken."""
    try:
        letter = email.message_from_bytes(raw[:LARGEST_MAIL], policy=email.policy.default)
        return _reported(letter)
    except (LookupError, ValueError, TypeError, AttributeError, RecursionError):
        # Headers of strangers, which the library reads lazily, or parts within parts without end:
        # what can't be read mustn't stand before the other mails for ever.
        return []


def _reported(letter: EmailMessage) -> list[StatusEvent]:
    is_report = letter.get_content_type() == "multipart/report"
    kind = str(letter.get_param("report-type", "") or "").casefold()
    if is_report and kind in ("delivery-status", ""):
        found = [event for part in letter.walk() for event in _of_status(part, letter)]
        if found:
            return found
    if letter["X-Failed-Recipients"]:
        # As Exim and Gmail write it, with or without the parts of the standard.
        key = _key_in(letter)
        return [StatusEvent("", FAILED, idempotency_key=key, error=BOUNCED)] if key else []
    return []


def _of_status(part: EmailMessage, letter: EmailMessage) -> Iterator[StatusEvent]:
    """The recipients of one `message/delivery-status`: groups of fields, the first of the whole."""
    if part.get_content_type() != "message/delivery-status":
        return
    groups = _inside(part)
    if not groups:
        return
    envelope = str(groups[0].get("Original-Envelope-Id", "")).strip()
    key = envelope if OUR_KEY.fullmatch(envelope) else _key_in(letter)
    for fields in groups:
        state = ACTIONS.get(str(fields.get("Action", "")).split(";")[0].strip().casefold())
        if not key or state is None:
            continue
        status = " ".join(str(fields.get("Status", "")).split())[:20]
        said = str(fields.get("Diagnostic-Code", "")).partition(";")[2]
        words = " ".join(f"{status} {said}".split())[:200]
        error = f"{BOUNCED} ({words})" if state == FAILED else ""
        yield StatusEvent("", state, idempotency_key=key, error=error)


def _key_in(letter: EmailMessage) -> str:
    """The key of the message that came back: in its own headers, or where a reply names it."""
    parts = list(letter.walk())[1:]
    returned = [part for part in parts if part.get_content_type() == "message/rfc822"]
    inner = [one for part in returned for one in _inside(part)]
    for headers in inner:
        if found := OUR_ID.search(str(headers.get("Message-ID", ""))):
            return found[1]
    for part in parts or [letter]:
        if part.get_content_type() in ("text/rfc822-headers", "text/plain") and (
            found := NAMED_IN_TEXT.search(_text_of(part))
        ):
            return found[1]
    for name in ("References", "In-Reply-To"):
        if found := OUR_ID.search(str(letter.get(name, ""))):
            return found[1]
    return ""


def _inside(part: Message) -> list[Message]:
    """The messages in a part; none where it holds text instead, as what is malformed does."""
    payload = part.get_payload()
    found = payload if isinstance(payload, list) else []
    return [one for one in found if isinstance(one, Message)]


def _text_of(part: EmailMessage) -> str:
    content = part.get_payload(decode=True)
    return content.decode("utf-8", "replace")[:200_000] if isinstance(content, bytes) else ""


# -- the mailbox ----------------------------------------------------------------------------------


def fetch_bounces(environ: Mapping[str, str], *, timeout: float = 15.0) -> Iterator[bytes]:
    """The unread reports of the mailbox, each marked as read once it has been handled.

    Nothing where no mailbox is named. Raises Unreachable or Misconfigured.
    """
    options = {one.name: environ.get(one.name) or one.default for one in settings}
    if not options["BOUNCE_IMAP_HOST"]:
        return
    try:
        with _mailbox(options, timeout=timeout) as box:
            _, found = box.uid("search", *REPORTS)
            for uid in (found[0] or b"").split()[:MOST_READ]:
                _, parts = box.uid("fetch", uid.decode(), "(BODY.PEEK[])")
                raw = next((part[1] for part in parts if isinstance(part, tuple)), b"")
                yield raw
                box.uid("store", uid.decode(), "+FLAGS", "(\\Seen)")
    except imaplib.IMAP4.error as error:
        raise Misconfigured(
            f"Kotak surat pantulan menolak kita ({type(error).__name__})."
        ) from None
    except OSError as error:
        words = f"Kotak surat pantulan tidak menjawab ({type(error).__name__})."
        raise Unreachable(words) from None


def _mailbox(options: Mapping[str, str], *, timeout: float) -> imaplib.IMAP4:
    host, port = options["BOUNCE_IMAP_HOST"], int(options["BOUNCE_IMAP_PORT"])
    if options["BOUNCE_IMAP_SECURITY"] == "none":
        box = imaplib.IMAP4(host, port, timeout=timeout)
    else:
        context = ssl.create_default_context()
        box = imaplib.IMAP4_SSL(host, port, ssl_context=context, timeout=timeout)
    box.login(options["BOUNCE_IMAP_USER"], options["BOUNCE_IMAP_PASSWORD"])
    box.select(options["BOUNCE_IMAP_FOLDER"])
    return box
