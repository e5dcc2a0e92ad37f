"""Settings: one frozen object, read once from the environment, loud about nonsense."""

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import time, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
CONTENT = ROOT / "config"

DEMO = "demo"
PRODUCTION = "production"
DEFAULT_DEMO_PASSWORD = "melasti-demo"
# Lies in DATA_DIR while a backup is being brought back: nothing else may start then.
RESTORE_MARK = "restore-unfinished"


LADDERS = ("whatsapp,email", "email,whatsapp", "email", "whatsapp")


class BadSetting(ValueError):
    """An environment variable that can't be used; the message names it and says what would do."""


@dataclass(frozen=True)
class DeliveryRules:
    """How messages are delivered and how people are reminded."""

    # Channels in the order in which they are tried before somebody has to phone. In production
    # only those that carry something.
    ladder: tuple[str, ...] = ("whatsapp", "email")
    # (from, until) in WITA, in which no WhatsApp leaves but for an account; None for never.
    quiet_hours: tuple[time, time] | None = (time(20), time(7))
    # How long a message waits for a channel that is down before it takes the next one.
    patience: timedelta = timedelta(hours=2)
    # How long an accepted message may go without a report of its arrival; zero for ever.
    undelivered_after: timedelta = timedelta(hours=24)
    # Working days of an unanswered survey after which the result is released; 0 for never.
    survey_release_days: int = 0


@dataclass(frozen=True)
class DatabaseRules:
    """How long a page waits for the database before it says so; 0 for ever."""

    statement_seconds: int = 30
    lock_seconds: int = 10


@dataclass(frozen=True)
class Settings:
    """Everything that differs between two installations of MELASTI."""

    mode: str
    data_dir: Path
    database_url: str
    queue_url: str
    host: str
    port: int
    threads: int
    # Web processes on one socket.
    processes: int
    base_url: str
    trusted_hosts: tuple[str, ...]
    trusted_proxies: int
    secret_key: str
    password_salt: str
    demo_password: str
    consumer_inside: bool
    # Names of gateways. What these need is in their own files, looked up in `environ` and checked
    # by `messages/gateways/registry.py`.
    whatsapp_channel: str
    email_channel: str
    environ: Mapping[str, str] = field(repr=False)
    delivery: DeliveryRules = DeliveryRules()
    database: DatabaseRules = DatabaseRules()
    # How long somebody invited as staff has for choosing a password.
    invitation_days: int = 7
    # How long what somebody of the office did can be undone, before anybody is told; 0 for not.
    undo_seconds: int = 10
    # Where ClamAV listens, as `host:port` or the path of its socket; empty for no scanner.
    clamd: str = ""
    # Where files are kept: in a folder of this host, or in a bucket for all hosts, of which
    # `storage/s3.py` finds the rest in `environ`.
    store: str = "folder"
    # Megabytes of the disk below which nothing is uploaded or filed.
    free_disk_mb: int = 512
    # How letters are signed: a way of `outputs/signing/registry.py`, which looks in `environ` too.
    signing: str = "none"
    # The folder of the service definitions, for an office that keeps its own beside the program.
    services_dir: Path = CONTENT / "services"
    # How the log is written (`config/logs.py`), from which level on, and whether each request is.
    log_format: str = "text"
    log_level: str = "info"
    access_log: bool = True
    # Who is told when something is wrong, and hours after which a backup is too old (0: never).
    alarm_email: tuple[str, ...] = ()
    alarm_phone: tuple[str, ...] = ()
    backup_hours: int = 36
    # Opens the details of /siap and /metrics to who isn't on this machine; empty for nobody.
    health_token: str = field(default="", repr=False)

    @property
    def is_demo(self) -> bool:
        return self.mode == DEMO

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def files_dir(self) -> Path:
        return self.data_dir / "files"


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Build the settings from `environ`.

    Creates DATA_DIR and, outside production, a key file in it. Raises BadSetting.
    """
    mode = _choice(environ, "MELASTI_MODE", DEMO, (DEMO, PRODUCTION))
    data_dir = Path(environ.get("DATA_DIR", ROOT / "data")).resolve()
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadSetting(f"DATA_DIR can't be made: {error}") from None
    port = integer(environ, "PORT", 8000, lowest=0, highest=65535)
    host = environ.get("HOST", "127.0.0.1")
    base_url = environ.get("BASE_URL", f"http://127.0.0.1:{port}").rstrip("/")
    host_name = urlsplit(base_url).hostname
    if not host_name or not base_url.startswith(("http://", "https://")):
        raise BadSetting("BASE_URL must be an address such as https://layanan.example.go.id")
    settings = Settings(
        mode=mode,
        data_dir=data_dir,
        database_url=_database_url(environ, "DATABASE_URL", data_dir / "melasti.db"),
        queue_url=_database_url(environ, "QUEUE_URL", data_dir / "queue.db"),
        host=host,
        port=port,
        threads=integer(environ, "THREADS", 8, lowest=1, highest=64),
        processes=_processes(environ),
        base_url=base_url,
        trusted_hosts=_trusted_hosts(environ, mode, host_name),
        trusted_proxies=integer(environ, "TRUSTED_PROXIES", 0, lowest=0, highest=5),
        secret_key=environ.get("SECRET_KEY") or _key_file(mode, data_dir, "secret_key"),
        password_salt=environ.get("PASSWORD_SALT") or _key_file(mode, data_dir, "password_salt"),
        demo_password=environ.get("DEMO_PASSWORD", DEFAULT_DEMO_PASSWORD),
        consumer_inside=_choice(environ, "CONSUMER", "inside", ("inside", "apart")) == "inside",
        whatsapp_channel=environ.get("WHATSAPP_CHANNEL", "log"),
        email_channel=environ.get("EMAIL_CHANNEL", "log"),
        environ=dict(environ),
        delivery=DeliveryRules(
            ladder=_ladder(environ, mode),
            quiet_hours=_hours(environ, "QUIET_HOURS", "20:00-07:00"),
            patience=timedelta(
                minutes=integer(environ, "PATIENCE_MINUTES", 120, lowest=1, highest=10_080)
            ),
            undelivered_after=timedelta(
                hours=integer(environ, "UNDELIVERED_HOURS", 24, lowest=0, highest=168)
            ),
            survey_release_days=integer(environ, "SURVEY_RELEASE_DAYS", 0, lowest=0, highest=365),
        ),
        database=DatabaseRules(
            statement_seconds=integer(
                environ, "DATABASE_STATEMENT_SECONDS", 30, lowest=0, highest=3600
            ),
            lock_seconds=integer(environ, "DATABASE_LOCK_SECONDS", 10, lowest=0, highest=3600),
        ),
        invitation_days=integer(environ, "INVITATION_DAYS", 7, lowest=1, highest=60),
        undo_seconds=integer(environ, "UNDO_SECONDS", 10, lowest=0, highest=120),
        clamd=_socket_address(environ, "CLAMD"),
        store=_choice(environ, "STORE", "folder", ("folder", "s3")),
        free_disk_mb=integer(environ, "FREE_DISK_MB", 512, lowest=16, highest=100_000_000),
        signing=environ.get("SIGNING", "none"),
        services_dir=_folder(environ, "SERVICES_DIR", CONTENT / "services"),
        log_format=_choice(environ, "LOG_FORMAT", "text", ("text", "json")),
        log_level=_choice(environ, "LOG_LEVEL", "info", ("debug", "info", "warning", "error")),
        access_log=_choice(environ, "ACCESS_LOG", "on", ("on", "off")) == "on",
        alarm_email=_list(environ, "ALARM_EMAIL"),
        alarm_phone=_list(environ, "ALARM_PHONE"),
        backup_hours=integer(environ, "BACKUP_HOURS", 36, lowest=0, highest=8760),
        health_token=_token(environ, "HEALTH_TOKEN"),
    )
    _refuse_unsafe(settings)
    return settings


@cache
def settings_of_process() -> Settings:
    """The settings of this process, read from os.environ at the first call.

    From then on what it writes is for its own user alone: database, queue, files, temporary ones.
    """
    os.umask(0o077)
    settings = read_settings(os.environ)
    _close_to_others(settings.data_dir)
    return settings


def _close_to_others(data_dir: Path) -> None:
    """Take from other users what an earlier release left open to them."""
    for path in (*data_dir.glob("*.db*"), data_dir / "files"):
        with suppress(FileNotFoundError, PermissionError):
            if (mode := path.stat().st_mode) & 0o077:
                path.chmod(mode & 0o700)


def _choice(environ: Mapping[str, str], name: str, default: str, allowed: tuple[str, ...]) -> str:
    value = environ.get(name, default)
    if value not in allowed:
        raise BadSetting(f"{name} must be one of {', '.join(allowed)}, not {value!r}")
    return value


def _database_url(environ: Mapping[str, str], name: str, default: Path) -> str:
    """The address of a database. One on another host is given up soon, whether it doesn't answer
    at first or falls silent later; what the address says itself goes before."""
    seconds = integer(environ, "DATABASE_CONNECT_SECONDS", 5, lowest=2, highest=300)
    url = environ.get(name) or f"sqlite:///{default}"
    if not url.startswith("postgresql://"):
        return url
    wanted = {
        "connect_timeout": seconds,
        "keepalives_idle": 15,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 20_000,
    }
    further = "&".join(f"{key}={value}" for key, value in wanted.items() if f"{key}=" not in url)
    return f"{url}{'&' if '?' in url else '?'}{further}" if further else url


def _ladder(environ: Mapping[str, str], mode: str) -> tuple[str, ...]:
    """The channels in their order; in production without those that only write into the log."""
    text = environ.get("MESSAGE_LADDER", LADDERS[0])
    tidy = {**environ, "MESSAGE_LADDER": "".join(text.casefold().split())}
    channels = _choice(tidy, "MESSAGE_LADDER", LADDERS[0], LADDERS).split(",")
    if mode != PRODUCTION:
        return tuple(channels)
    names = {"whatsapp": "WHATSAPP_CHANNEL", "email": "EMAIL_CHANNEL"}
    return tuple(one for one in channels if environ.get(names[one], "log") != "log")


def _list(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in environ.get(name, "").split(",") if part.strip())


def _token(environ: Mapping[str, str], name: str) -> str:
    token = environ.get(name, "")
    if token and (len(token) < 16 or not token.isascii() or not token.isprintable()):
        raise BadSetting(f"{name} must be at least 16 random letters and digits, or empty")
    return token


def _folder(environ: Mapping[str, str], name: str, default: Path) -> Path:
    path = Path(environ.get(name) or default).resolve()
    if not path.is_dir():
        raise BadSetting(f"{name} must be a folder that exists, not {str(path)!r}")
    return path


def _socket_address(environ: Mapping[str, str], name: str) -> str:
    text = environ.get(name, "")
    host, _, port = text.rpartition(":")
    if text and not text.startswith("/") and not (host and port.isdecimal()):
        raise BadSetting(f"{name} must be host:port or the path of a socket, not {text!r}")
    return text


def integer(
    environ: Mapping[str, str], name: str, default: int, *, lowest: int, highest: int
) -> int:
    """A whole number within limits. Raises BadSetting."""
    text = environ.get(name, str(default))
    if not text.isdecimal() or not lowest <= int(text) <= highest:
        raise BadSetting(f"{name} must be a number from {lowest} to {highest}, not {text!r}")
    return int(text)


def _processes(environ: Mapping[str, str]) -> int:
    count = integer(environ, "WEB_PROCESSES", 1, lowest=1, highest=32)
    if count > 1 and not hasattr(os, "fork"):
        raise BadSetting("WEB_PROCESSES must be 1 where processes can't be forked")
    return count


def _hours(environ: Mapping[str, str], name: str, default: str) -> tuple[time, time] | None:
    """`20:00-07:00`, over midnight or not; empty for none."""
    text = environ.get(name, default)
    if not text:
        return None
    try:
        begin, end = (time.fromisoformat(part) for part in text.split("-"))
    except ValueError:
        raise BadSetting(f"{name} must look like 20:00-07:00, not {text!r}") from None
    return begin, end


def _trusted_hosts(environ: Mapping[str, str], mode: str, host_name: str) -> tuple[str, ...]:
    named = [host for host in environ.get("TRUSTED_HOSTS", "").split(",") if host.strip()]
    if mode == DEMO:
        named += ["127.0.0.1", "localhost"]
    return tuple(dict.fromkeys([host_name, *(host.strip() for host in named)]))


def _key_file(mode: str, data_dir: Path, name: str) -> str:
    if mode == PRODUCTION:
        raise BadSetting(f"{name.upper()} must be set in production mode")
    path = data_dir / name
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text()


def _refuse_unsafe(settings: Settings) -> None:
    for name, url in (
        ("DATABASE_URL", settings.database_url),
        ("QUEUE_URL", settings.queue_url),
    ):
        if not url.startswith(("sqlite:///", "postgresql://")):
            raise BadSetting(f"{name} must begin with sqlite:/// or postgresql://")
    if settings.mode != PRODUCTION:
        _refuse_public_demo(settings)
        return
    if not settings.is_https:
        raise BadSetting("BASE_URL must be an https address in production mode")
    _refuse_weak_keys(settings)
    if settings.base_url.endswith((".test", ".localhost")):
        raise BadSetting("BASE_URL must be a real host in production mode")


def _refuse_weak_keys(settings: Settings) -> None:
    for name, key in (
        ("SECRET_KEY", settings.secret_key),
        ("PASSWORD_SALT", settings.password_salt),
    ):
        # What came from a keyboard repeats itself; what came from a generator doesn't.
        repeats = any(key[n:] == key[:-n] for n in range(1, len(key) // 2 + 1))
        if len(key) < 32 or len(set(key)) < 10 or repeats:
            raise BadSetting(
                f"{name} needs at least 32 random characters, such as those of "
                "`python3 -c 'import secrets; print(secrets.token_urlsafe(48))'`"
            )
    if settings.secret_key == settings.password_salt:
        raise BadSetting("SECRET_KEY and PASSWORD_SALT must not be the same")


def _refuse_public_demo(settings: Settings) -> None:
    """The demo's password is printed and its messages are open to all."""
    named = urlsplit(settings.base_url).hostname or ""
    is_test = named.endswith((".test", ".localhost"))
    if not is_test and not (_is_loopback(named) and _is_loopback(settings.host)):
        raise BadSetting(
            "demo mode shows its password and everybody's messages: HOST and BASE_URL must stay on "
            "this machine, or BASE_URL be a .test name; for the public set MELASTI_MODE=production"
        )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
