"""E-mail by SMTP, against real mail servers in every mood."""

import email.policy
import socketserver
import threading
from email import message_from_string

import pytest

from messages.gateways.gateway import AnswerLost, BadAddress, Outgoing, TryLater, Unreachable
from messages.gateways.smtp import Smtp

KEY = "01J0000000000000000000000A"


class Mailbox(socketserver.StreamRequestHandler):
    """As much SMTP as one message needs."""

    def handle(self) -> None:
        self.say("220 contoh.test")
        while line := self.rfile.readline().decode().strip():
            word = line.upper()
            if word.startswith("EHLO"):
                self.say("250 contoh.test")
            elif word.startswith("RCPT"):
                self.say(self.server.on_recipient)
            elif word == "DATA":
                self.say("354 lanjutkan")
                while (part := self.rfile.readline()) != b".\r\n":
                    self.server.mail.append(part.decode().rstrip())
                self.say("250 diterima")
            elif word == "QUIT":
                self.say("221 selesai")
                return
            else:
                self.say("250 baik")

    def say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")


@pytest.fixture
def mailbox():
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mailbox)
    server.daemon_threads = True
    server.mail, server.on_recipient = [], "250 baik"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def smtp(server, *, timeout: float = 2) -> Smtp:
    environ = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(server.server_address[1]),
               "EMAIL_SENDER": "melasti@balai.test", "SMTP_SECURITY": "none"}  # fmt: skip
    return Smtp(environ, timeout=timeout)


def test_mail_carries_a_stable_id(mailbox):
    mail = Outgoing("pelanggan@contoh.test", "Isi – surat", "Perihal", "t", {}, KEY)
    sent = smtp(mailbox).send(mail)
    text = "\n".join(mailbox.mail)
    assert f"Message-ID: <{KEY}@balai.test>" in text
    assert sent.provider_id == f"<{KEY}@balai.test>"
    assert "Subject: Perihal" in text
    assert "To: pelanggan@contoh.test" in text


def test_mail_is_a_letter_with_the_same_words_as_text(mailbox):
    letter = "<!doctype html><p>Isi surat</p>"
    smtp(mailbox).send(Outgoing("x@contoh.test", "Isi surat", "s", "t", {}, "k", html=letter))
    read = message_from_string("\n".join(mailbox.mail), policy=email.policy.default)
    assert read.get_content_type() == "multipart/alternative"
    plain, rich = read.iter_parts()
    assert (plain.get_content_type(), plain.get_content().strip()) == ("text/plain", "Isi surat")
    assert (rich.get_content_type(), rich.get_content().strip()) == ("text/html", letter)


@pytest.mark.parametrize(
    ("answer", "kind"), [("550 tidak ada", BadAddress), ("450 penuh", TryLater)]
)
def test_mail_recipient_refused(mailbox, answer, kind):
    mailbox.on_recipient = answer
    with pytest.raises(kind):
        smtp(mailbox).send(Outgoing("x@contoh.test", "i", "s", "t", {}, "k"))


def test_dead_mail_server_is_tried_later(mailbox):
    sender = smtp(mailbox)
    assert sender.health() == ""
    mailbox.shutdown()
    mailbox.server_close()
    with pytest.raises(TryLater):
        sender.send(Outgoing("x@contoh.test", "i", "s", "t", {}, "k"))


class Moody(socketserver.StreamRequestHandler):
    """A mail server in trouble: hang, cut, garbage, busy, or lost after it took the mail."""

    def handle(self) -> None:
        mood = self.server.mood
        if mood == "hang":
            self.server.release.wait(20)
        elif mood == "garbage":
            self.wfile.write(b"<html>bukan surat\r\n")
        elif mood == "busy":
            self.wfile.write(b"421 sedang sibuk\r\n")
        elif mood == "lost":
            self.take_and_vanish()

    def take_and_vanish(self) -> None:
        self.wfile.write(b"220 contoh.test\r\n")
        while line := self.rfile.readline().upper():
            if line.startswith(b"DATA"):
                self.wfile.write(b"354 lanjutkan\r\n")
                while self.rfile.readline() != b".\r\n":
                    pass
                self.server.taken += 1
                return
            self.wfile.write(b"250 baik\r\n")


@pytest.mark.parametrize(
    ("mood", "kind"),
    [("hang", Unreachable), ("cut", Unreachable), ("garbage", Unreachable), ("busy", Unreachable),
     ("lost", AnswerLost)],
)  # fmt: skip
def test_mail_server_in_trouble(mood, kind):
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Moody)
    server.daemon_threads, server.mood, server.taken = True, mood, 0
    server.release = threading.Event()
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    sender = smtp(server, timeout=0.5 if mood == "hang" else 20)
    with pytest.raises(kind):
        sender.send(Outgoing("x@contoh.test", "i", "s", "t", {}, "k"))
    assert server.taken == (mood == "lost")
    server.release.set()
    server.shutdown()
    server.server_close()
