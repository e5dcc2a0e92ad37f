"""E-mail by SMTP."""

import smtplib
import ssl
from collections.abc import Mapping
from email.message import EmailMessage

from messages.gateways.gateway import (
    BadAddress,
    Gateway,
    Misconfigured,
    Outgoing,
    Refusal,
    Sent,
    Setting,
    TryLater,
    Unreachable,
)

SECURITY = ("starttls", "tls", "none")


class Smtp(Gateway):
    """One connection per message: a few hundred a day need no pool."""

    name = "smtp"
    channels = ("email",)
    settings = (
        Setting("SMTP_HOST", "", "the mail server", is_required=True),
        Setting("EMAIL_SENDER", "melasti@balai.test", "sender of e-mails"),
        Setting("SMTP_PORT", "587", "its port", limits=(1, 65535)),
        Setting("SMTP_USER", "", "user, where it asks for one"),
        Setting("SMTP_PASSWORD", "", "password, where it asks for one", is_secret=True),
        Setting("SMTP_SECURITY", "starttls", "`starttls`, `tls` or `none`"),
    )

    def __init__(self, environ: Mapping[str, str], *, timeout: float = 15.0) -> None:
        options = self.options(environ)
        self._security, self._timeout = options["SMTP_SECURITY"], timeout
        if self._security not in SECURITY:
            raise Misconfigured(f"Keamanan SMTP harus salah satu dari {', '.join(SECURITY)}.")
        self._host, self._port = options["SMTP_HOST"], int(options["SMTP_PORT"])
        self._user, self._password = options["SMTP_USER"], options["SMTP_PASSWORD"]
        self._sender = options["EMAIL_SENDER"]

    def send(self, outgoing: Outgoing) -> Sent:
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = outgoing.address
        message["Subject"] = outgoing.subject
        domain = self._sender.rpartition("@")[2]
        # The same key gives the same id, so that a repeated mail can be recognised as one.
        message["Message-ID"] = f"<{outgoing.idempotency_key}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(outgoing.text)
        if outgoing.html:
            message.add_alternative(outgoing.html, subtype="html")
        self._talk(message)
        return Sent(message["Message-ID"])

    def _talk(self, message: EmailMessage | None) -> None:
        """Connect and, unless only greeting, send. Raises a Refusal."""
        try:
            with self._connect() as server:
                if message is not None:
                    server.send_message(message)
        except smtplib.SMTPAuthenticationError as error:
            raise Misconfigured(f"SMTP menolak kredensial ({error.smtp_code}).") from None
        except smtplib.SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()))[0]
            kind: type[Refusal] = BadAddress if code >= 500 else TryLater
            raise kind(f"SMTP menolak penerima ({code}).") from None
        except smtplib.SMTPResponseException as error:
            other: type[Refusal] = Misconfigured if error.smtp_code >= 500 else Unreachable
            raise other(f"SMTP menjawab {error.smtp_code}.") from None
        except (smtplib.SMTPException, OSError) as error:
            raise Unreachable(f"SMTP tidak menjawab ({type(error).__name__}).") from None

    def _connect(self) -> smtplib.SMTP:
        if self._security == "tls":
            context = ssl.create_default_context()
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, timeout=self._timeout, context=context
            )
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=self._timeout)
        try:
            if self._security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if self._user:
                server.login(self._user, self._password)
        except BaseException:
            server.close()
            raise
        return server

    def health(self) -> str:
        try:
            self._talk(None)
        except Refusal as refusal:
            return str(refusal)
        return ""
