"""E-mail by SMTP. What a server says about one recipient is never taken for the whole channel."""

import re
import smtplib
import ssl
from collections.abc import Callable, Mapping
from email import policy
from email.message import EmailMessage

import idna

from messages.gateways.gateway import (
    AnswerLost,
    BadAddress,
    Gateway,
    Misconfigured,
    Outgoing,
    Refusal,
    Sent,
    ServerFault,
    Setting,
    TryLater,
    Unreachable,
)

SECURITY = ("starttls", "tls", "none")
DEMO_SENDER = "melasti@balai.test"
NOT_ASCII = "Server surat tidak menerima huruf selain A–Z sebelum tanda @."
# What would need quotes before the @; nobody has such an address.
FORBIDDEN = frozenset('<>,;:()[]\\"@')
# The server is going away (RFC 5321 §3.8); it may say so to one recipient or to all.
CLOSING = 421


class Smtp(Gateway):
    """One connection per message: a few hundred a day need no pool."""

    name = "smtp"
    channels = ("email",)
    settings = (
        Setting("SMTP_HOST", "", "the mail server", is_required=True),
        Setting("EMAIL_SENDER", DEMO_SENDER, "sender of e-mails; refused in production"),
        Setting("SMTP_PORT", "587", "its port", limits=(1, 65535)),
        Setting("SMTP_USER", "", "user, where it asks for one"),
        Setting("SMTP_PASSWORD", "", "password, where it asks for one", is_secret=True),
        Setting("SMTP_SECURITY", "starttls", "`starttls`, `tls` or `none`", choices=SECURITY),
        Setting("SMTP_RETURN_PATH", "", "where bounces go; else to the sender"),
    )

    def __init__(self, environ: Mapping[str, str], *, timeout: float = 15.0) -> None:
        options = self.options(environ)
        self._security, self._timeout = options["SMTP_SECURITY"], timeout
        if self._security not in SECURITY:
            raise Misconfigured(f"Keamanan SMTP harus salah satu dari {', '.join(SECURITY)}.")
        self._host, self._port = options["SMTP_HOST"], int(options["SMTP_PORT"])
        self._user, self._password = options["SMTP_USER"], options["SMTP_PASSWORD"]
        self._sender = options["EMAIL_SENDER"]
        self._return_path = options["SMTP_RETURN_PATH"] or self._sender

    @classmethod
    def problem(cls, environ: Mapping[str, str], *, is_production: bool) -> str:
        for name in ("EMAIL_SENDER", "SMTP_RETURN_PATH"):
            given = environ.get(name, "")
            if given and not re.fullmatch(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;.]+", given):
                return f"{name} must be an e-mail address, not {given!r}"
        sender = environ.get("EMAIL_SENDER") or DEMO_SENDER
        if is_production and sender.casefold().endswith((".test", ".invalid", ".example")):
            return f"EMAIL_SENDER must be the office's own address in production, not {sender!r}"
        return ""

    def send(self, outgoing: Outgoing) -> Sent:
        try:
            address = on_the_wire(outgoing.address)
            message = self._letter(outgoing, address)
        except ValueError as error:
            raise BadAddress(
                f"Alamat email tidak dapat ditulis ({type(error).__name__})."
            ) from None
        server = self._open()
        try:
            self._hand_over(server, message, address, outgoing.idempotency_key)
        finally:
            _leave(server)
        return Sent(message["Message-ID"])

    def health(self) -> str:
        try:
            _leave(self._open())
        except Refusal as refusal:
            return str(refusal)
        return ""

    def _letter(self, outgoing: Outgoing, address: str) -> EmailMessage:
        """Raises ValueError for what can't stand in a header."""
        # In seven bits whatever the server offers, but for an address that can't be.
        message = EmailMessage(policy.SMTP.clone(cte_type="7bit", utf8=not address.isascii()))
        message["From"] = self._sender
        message["To"] = address
        message["Subject"] = outgoing.subject
        domain = self._sender.rpartition("@")[2]
        # The same key gives the same id, so that a repeated mail can be recognised as one.
        message["Message-ID"] = f"<{outgoing.idempotency_key}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(outgoing.text)
        if outgoing.html:
            message.add_alternative(outgoing.html, subtype="html")
        return message

    # -- the conversation ------------------------------------------------------------------------

    def _open(self) -> smtplib.SMTP:
        """A connection that would take a mail. What goes wrong until then is the channel's."""
        try:
            server = self._connect()
        except smtplib.SMTPAuthenticationError as error:
            raise Misconfigured(f"SMTP menolak kredensial ({error.smtp_code}).") from None
        except smtplib.SMTPNotSupportedError as error:
            raise Misconfigured(f"SMTP tidak mendukung pengaturan kita ({error}).") from None
        except smtplib.SMTPResponseException as error:
            raise _about_channel(error.smtp_code) from None
        except (smtplib.SMTPException, OSError) as error:
            raise _silent(error) from None
        self.takes_utf8 = server.has_extn("smtputf8")
        return server

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
            server.ehlo_or_helo_if_needed()
        except BaseException:
            server.close()
            raise
        return server

    def _hand_over(
        self, server: smtplib.SMTP, message: EmailMessage, address: str, key: str
    ) -> None:
        """MAIL FROM, RCPT TO, DATA: each answer is about the channel, the recipient or neither."""
        is_utf8, has_dsn = not address.isascii(), server.has_extn("dsn")
        if is_utf8 and not self.takes_utf8:
            raise BadAddress(NOT_ASCII)
        options = ["SMTPUTF8", "BODY=8BITMIME"] if is_utf8 else []
        options += ["RET=HDRS", f"ENVID={key}"] if has_dsn else []
        if is_utf8:
            server.command_encoding = "utf-8"
        code = _asked(lambda: server.mail(self._return_path, options), Unreachable)
        if code != 250:
            # With an option for this address alone the refusal may be about it.
            raise _about_recipient(code) if is_utf8 else _about_channel(code)
        wanted = ["NOTIFY=FAILURE"] if has_dsn else []
        code = _asked(lambda: server.rcpt(address, wanted), ServerFault)
        if code not in (250, 251, 252):
            raise _about_recipient(code)
        raw = message.as_bytes()
        try:
            code = _asked(lambda: server.data(raw), AnswerLost)
        except smtplib.SMTPDataError as error:
            raise _about_recipient(error.smtp_code) from None
        if code < 200:
            raise AnswerLost("SMTP menjawab dengan kata yang tidak dikenali.")
        if code != 250:
            raise _about_recipient(code)


def on_the_wire(address: str) -> str:
    """The domain as DNS knows it, the local part as it is. Raises ValueError (IDNAError)."""
    local, _, domain = address.rpartition("@")
    if not local or any(c in FORBIDDEN or c.isspace() or not c.isprintable() for c in local):
        raise ValueError("not an address")
    return f"{local}@{idna.encode(domain, uts46=True).decode()}"


def _asked(command: Callable[[], tuple[int, bytes]], lost: type[Refusal]) -> int:
    """The code of an answer; `lost` is what its silence means at this point."""
    try:
        return command()[0]
    except UnicodeError:
        raise BadAddress(NOT_ASCII) from None
    except smtplib.SMTPResponseException:
        raise
    except (smtplib.SMTPException, OSError) as error:
        raise lost(str(_silent(error))) from None


def _silent(error: Exception) -> Unreachable:
    return Unreachable(f"SMTP tidak menjawab ({type(error).__name__}).")


def _about_channel(code: int) -> Refusal:
    kind: type[Refusal] = Misconfigured if code >= 500 else Unreachable
    return kind(f"SMTP menjawab {code}.")


def _about_recipient(code: int) -> Refusal:
    """5xx won't change by another try; 4xx may, as with greylisting."""
    if code == CLOSING or code < 400:
        return ServerFault(f"SMTP tidak melanjutkan ({code}).")
    kind: type[Refusal] = BadAddress if code >= 500 else TryLater
    return kind(f"SMTP menolak penerima atau isi pesan ({code}).")


def _leave(server: smtplib.SMTP) -> None:
    """Say goodbye; that nobody answers it changes nothing any more."""
    try:
        server.quit()
    except (smtplib.SMTPException, OSError):
        server.close()
