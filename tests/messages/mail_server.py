"""A real mail server on loopback that does to each recipient as the first word of the address says.

baik: takes it; tolak: 550 at RCPT; isi: 554 after DATA; nanti: 450 at RCPT; penuh: 452 after DATA;
tutup: 421 at RCPT; hilang: takes it and hangs up; lambat: takes it and answers too late.
"""

import asyncio
import email
import email.policy
import socket
from email.message import EmailMessage

from aiosmtpd.controller import Controller

from messages.gateways.smtp import Smtp

AT_RECIPIENT = {"tolak": "550 5.1.1 tidak dikenal", "nanti": "450 4.2.1 nanti", "tutup": "421 bye"}
AFTER_DATA = {"isi": "554 5.7.1 ditolak", "penuh": "452 4.3.1 penuh"}
TOO_LATE_SECONDS = 1.5
SENDER = "melasti@balai.go.id"


def mood_of(address: str) -> str:
    return address.partition("@")[0].partition("-")[0]


class MailServer:
    """What it took, with each recipient; `options` are those of the last MAIL FROM."""

    def __init__(self, **options: object):
        self.taken: list[tuple[str, EmailMessage]] = []
        self.asked: list[str] = []
        self.senders: list[str] = []
        self.mend = False
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **options)
        self._controller.start()

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        self.asked.append(address)
        self.senders.append(envelope.mail_from)
        if not self.mend and (refusal := AT_RECIPIENT.get(mood_of(address))):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 baik"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        (address,) = envelope.rcpt_tos
        mood = "" if self.mend else mood_of(address)
        if refusal := AFTER_DATA.get(mood):
            return refusal
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.taken.append((address, letter))
        if mood == "hilang":
            server.transport.close()
        if mood == "lambat":
            await asyncio.sleep(TOO_LATE_SECONDS)
        return "250 diterima"

    def addresses(self) -> list[str]:
        return [address for address, _ in self.taken]

    def opened(self, *, timeout: float = 1.0) -> Smtp:
        environ = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(self.port), "EMAIL_SENDER": SENDER,
                   "SMTP_SECURITY": "none"}  # fmt: skip
        return Smtp(environ, timeout=timeout)

    def close(self) -> None:
        self._controller.stop()
