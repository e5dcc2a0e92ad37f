"""E-mails that come back, as servers of several kinds return them, take the next channel."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from messages.bounces import read_mailbox, take_bounce
from messages.gateways.return_path import parse_bounce
from messages.sending import deliver_due
from models import CallTask, Message
from tests.messages.carriers import Gateway, customer, postman, tell
from tests.messages.imap_server import ImapServer
from tests.messages.mail_server import MailServer
from tests.test_crash import ROOT

ID = "melasti@balai.go.id"


def report(action: str = "failed", *, envelope: str = "", inner: str = "", kind: str = "",
           charset: str = "us-ascii") -> bytes:  # fmt: skip
    """A delivery report of RFC 3464: for people, for programs, and what came back."""
    of_message = "Reporting-MTA: dns; mx.contoh.test"
    if envelope:
        of_message += f"\r\nOriginal-Envelope-Id: {envelope}"
    returned = f"Content-Type: {kind or 'text/rfc822-headers'}\r\n\r\n{inner}"
    return (
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.contoh.test\r\nSubject: Undelivered\r\n"
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain; charset={charset}\r\n\r\nSorry.\r\n"
        f"--b\r\nContent-Type: message/delivery-status\r\n\r\n{of_message}\r\n\r\n"
        f"Final-Recipient: rfc822; x@contoh.test\r\nAction: {action}\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 user unknown\r\n\r\n"
        f"--b\r\n{returned}\r\n--b--\r\n"
    ).encode()


def returned(message: Message) -> str:
    return f"From: {ID}\r\nMessage-ID: <{message.public_id}@balai.go.id>\r\nSubject: s\r\n"


SHAPES = {
    "headers": lambda m: report(inner=returned(m)),
    "whole": lambda m: report(inner=returned(m) + "\r\nIsi", kind="message/rfc822"),
    "envelope id alone": lambda m: report(envelope=m.public_id),
    "capitals": lambda m: report("FAILED", inner=returned(m)),
    "unknown charset": lambda m: report(inner=returned(m), charset="x-aneh"),
    "exim": lambda m: (
        f"From: Mailer-Daemon@x.test\r\nX-Failed-Recipients: x@contoh.test\r\n\r\n"
        f"A message that you sent could not be delivered.\r\n\r\n"
        f"Message-ID: <{m.public_id}@balai.go.id>\r\n"
    ).encode(),
    "in reply to": lambda m: (
        f"From: Mailer-Daemon@x.test\r\nX-Failed-Recipients: x@contoh.test\r\n"
        f"In-Reply-To: <{m.public_id}@balai.go.id>\r\n\r\nUnknown.\r\n"
    ).encode(),
}
NO_BOUNCES = {
    "delayed": lambda m: report("delayed", inner=returned(m)),
    "somebody else's": lambda m: report(inner="Message-ID: <lain@contoh.test>\r\n"),
    "unknown key": lambda m: report(envelope="01J0000000000000000000000A"),
    "out of office": lambda m: (
        f"From: x@contoh.test\r\nAuto-Submitted: auto-replied\r\n"
        f"In-Reply-To: <{m.public_id}@balai.go.id>\r\n\r\nSaya cuti.\r\n"
    ).encode(),
    "a person's answer": lambda m: (
        f"From: x@contoh.test\r\nReferences: <{m.public_id}@balai.go.id>\r\n\r\n"
        f"> Message-ID: <{m.public_id}@balai.go.id>\r\nTerima kasih\r\n"
    ).encode(),
}


@pytest.fixture
def mailed(people, now) -> Message:
    """An e-mail that a server took."""
    person = customer("kembali@contoh.test", "+628120000001")
    message = tell(person, "email", "K", now)
    deliver_due(postman(Gateway(), Gateway(), ladder=("email", "whatsapp")), now=now)
    assert Message.get_by_id(message.id).state == "sent"
    return message


@pytest.fixture
def settings(runtime):
    rules = replace(runtime.settings.delivery, ladder=("email", "whatsapp"))
    return replace(runtime.settings, delivery=rules)


@pytest.mark.parametrize("shape", SHAPES)
def test_what_came_back_takes_the_next_channel_once(mailed, settings, now, shape):
    raw = SHAPES[shape](mailed)
    assert [take_bounce(raw, settings, now=now) for _ in range(3)] == [1, 0, 0]
    row = Message.get_by_id(mailed.id)
    assert row.state == "failed"
    assert row.error.startswith("Email dikembalikan oleh server penerima.")
    phone = Gateway()
    deliver_due(postman(phone, Gateway(), ladder=("email", "whatsapp")), now=now)
    assert [o.address for o in phone.taken] == ["+628120000001"]


@pytest.mark.parametrize("shape", NO_BOUNCES)
def test_other_mail_changes_nothing(mailed, settings, now, shape):
    assert take_bounce(NO_BOUNCES[shape](mailed), settings, now=now) == 0
    assert Message.get_by_id(mailed.id).state == "sent"


@pytest.mark.parametrize(
    "raw",
    [b"", b"\0" * 99, b"\xff\xfe", b"Content-Type: multipart/report\r\n\r\n",
     b'Content-Type: multipart/report; boundary="b"\r\n\r\n--b\r\nContent-Type: '
     b"message/delivery-status\r\n\r\n--b--",
     b"Content-Type: message/delivery-status\r\n\r\nAction",
     b"X-Failed-Recipients: x\r\nContent-Type: text/plain; charset=x\r\n\r\n" + b"<" * 9999,
     b"".join(b'Content-Type: multipart/report; boundary="%d"\r\n\r\n--%d\r\n' % (n, n)
              for n in range(3000)),
     b"Content-Type: message/rfc822\r\n\r\n" * 3000,
     b"X-Failed-Recipients: x\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 20_000],
)  # fmt: skip
def test_nonsense_is_read_without_harm(raw):
    assert parse_bounce(raw) == []


def test_a_delivery_that_is_reported_counts_as_one(mailed, settings, now):
    raw = report("delivered", inner=returned(mailed))
    assert take_bounce(raw, settings, now=now) == 1
    assert Message.get_by_id(mailed.id).state == "delivered"


def test_without_another_channel_somebody_phones(mailed, runtime, now):
    rules = replace(runtime.settings.delivery, ladder=("email",))
    alone = replace(runtime.settings, delivery=rules)
    take_bounce(report(inner=returned(mailed)), alone, now=now)
    assert CallTask.get().recipient == mailed.recipient


def test_our_own_letter_is_known_again(people, now, settings):
    """The id under which it leaves is the one by which it comes back."""
    server = MailServer()
    person = customer("baik@contoh.test", "+628120000001")
    message = tell(person, "email", "K", now)
    deliver_due(postman(Gateway(), server.opened()), now=now)
    ((_, letter),) = server.taken
    server.close()
    raw = report(inner=letter.as_string(), kind="message/rfc822")
    assert take_bounce(raw, settings, now=now) == 1
    assert Message.get_by_id(message.id).state == "failed"


# -- how they come --------------------------------------------------------------------------------


def test_the_mailbox_is_read_once(mailed, settings, now):
    endless = b"Content-Type: message/rfc822\r\n\r\n" * 3000
    server = ImapServer(b"From: x@y.test\r\n\r\nHalo", endless, report(inner=returned(mailed)))
    named = replace(settings, environ=server.environ)
    assert [read_mailbox(named, now=now) for _ in range(2)] == [1, 0]
    assert server.seen == {1, 2, 3}
    assert "UNSEEN" in server.searches[0] and "report" in server.searches[0]
    server.close()


def test_no_mailbox_and_a_dead_one_are_no_trouble(settings, now, db, caplog):
    assert read_mailbox(replace(settings, environ={}), now=now) == 0
    server = ImapServer()
    environ = server.environ
    refused = replace(settings, environ=environ | {"BOUNCE_IMAP_PASSWORD": "salah"})
    assert read_mailbox(refused, now=now) == 0
    server.close()
    assert read_mailbox(replace(settings, environ=environ), now=now) == 0
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
    assert "rahasia" not in caplog.text


def test_a_mail_server_pipes_them(mailed, runtime, tmp_path):
    environ = {**os.environ, "DATABASE_URL": runtime.settings.database_url,
               "DATA_DIR": str(tmp_path)}  # fmt: skip
    done = subprocess.run(
        [sys.executable, "run.py", "bounce"], cwd=ROOT, input=report(inner=returned(mailed)),
        capture_output=True, check=False, env=environ, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert Message.get_by_id(mailed.id).state == "failed"


def test_a_database_that_is_away_makes_the_mail_server_try_again(tmp_path):
    environ = {**os.environ, "DATA_DIR": str(tmp_path),
               "DATABASE_URL": "postgresql://tiada@127.0.0.1:1/tiada"}  # fmt: skip
    done = subprocess.run(
        [sys.executable, "run.py", "bounce"], cwd=ROOT, input=report(envelope="0" * 26),
        capture_output=True, check=False, env=environ, timeout=60,
    )  # fmt: skip
    assert done.returncode == os.EX_TEMPFAIL
