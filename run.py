"""MELASTI's composition root: the application, the commands, the wiring."""

import argparse
import gc
import logging
import os
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from flask import Flask, Response, current_app, g, request
from flask_babel import Babel
from flask_bootstrap import Bootstrap5
from flask_compress import Compress
from huey.consumer import Consumer
from peewee import DatabaseError, InterfaceError, PeeweeException

import tasks
import workflow
from administration import reference
from administration.audit import verify_history
from administration.commands import Command, CommandError, verbs
from administration.commands import backup as backup_commands
from administration.commands import check as check_command
from administration.commands import database as database_commands
from administration.commands import files as file_commands
from administration.commands import maintenance as maintenance_commands
from administration.commands.database import upgrade
from administration.file_store import open_partial, open_store
from administration.first_administrator import NotStaff, appoint_administrator
from administration.questionnaires import take_in_file
from administration.system_checks import WEB, WORKER
from backoffice.site import install_backoffice
from config.background import huey
from config.clock import utc_now
from config.logs import set_up_logs
from config.office import office
from config.settings import CONTENT, RESTORE_MARK, BadSetting, Settings, settings_of_process
from config.version import version
from demo.rows import seed_demo
from messages.alarms import check_recipients
from messages.bounces import take_bounce
from messages.gateways.registry import check_gateways
from messages.gateways.return_path import LARGEST_MAIL
from messages.watcher import Watcher
from models import Maintenance
from moves.catalogue import load_catalogue
from outputs.signing.registry import chosen_way
from outputs.survey import periods
from portal.site import install_portal
from rules.flow_check import read_flow_files
from rules.formats import moment_short
from rules.services import BadFlow
from rules.text import one_line
from storage.database import database, open_database, schema_state
from storage.files import StoreUnavailable
from storage.outage import outage, store_outage
from storage.turns import Turns
from web.cached_parts import install_parts
from web.database_errors import install_database_errors
from web.errors import install_error_pages
from web.filters import install_filters
from web.health import HealthPages
from web.kept_forms import install_kept_forms
from web.maintenance import maintenance_notice, refuse_writes
from web.request_log import RequestLog
from web.requests.upload_pieces import uploads
from web.runtime import Runtime
from web.security import install_security
from web.sent_text import SentRequest
from web.serving.processes import keep_running, until_ended
from web.serving.server import DrainingServer, listen
from web.translations import install_translations
from web.webhooks import webhooks

log = logging.getLogger("melasti")
# PDFs that are looked at at a time in the whole office, and seconds that a form waits for its turn.
# The threads that wait are at most half of a process's, so that pages are served beside them.
CHECKS_AT_ONCE = 2
CHECK_PATIENCE = 15.0
FAREWELL = "MELASTI berhenti …"


def create_app(settings: Settings) -> Flask:
    """Build the application. The database must be migrated. Raises BadFlow, BadSetting."""
    open_database(settings.database_url)
    with database.connection_context():
        catalogue = load_catalogue(settings.services_dir, now=utc_now())
        take_in_file(CONTENT / "survey" / "skm-2024.toml", now=utc_now())
        reference.refuse_demo_accounts(settings)
    app = Flask("melasti", root_path=str(Path(__file__).parent), static_folder="static")
    app.request_class = SentRequest
    # Only for speed, with the kept signer of sessions ("tracking" 1.04): no view waits on an event
    # loop, and Flask would look at twenty functions per page for one.
    app.ensure_sync = lambda function: function
    app.extensions["melasti"] = Runtime(
        settings=settings,
        catalogue=catalogue,
        storage=open_store(settings),
        partial=open_partial(settings),
        checks=Turns(
            settings.files_dir / "tmp",
            at_once=CHECKS_AT_ONCE,
            most_here=max(1, settings.threads // 2),
            patience=CHECK_PATIENCE,
        ),
    )
    app.config.update(
        BABEL_DEFAULT_LOCALE="id",
        BABEL_DEFAULT_TIMEZONE="Asia/Makassar",
        BOOTSTRAP_SERVE_LOCAL=True,
        SEND_FILE_MAX_AGE_DEFAULT=31_536_000,
        # Pages hold CSRF tokens beside words of the visitor, so only assets are compressed.
        COMPRESS_MIMETYPES=["text/css", "text/javascript", "image/svg+xml"],
        COMPRESS_ALGORITHM=["br", "gzip"],
    )
    Babel(app)
    Bootstrap5(app)
    Compress(app)
    # Inside of what trusts proxies, outside of everything that asks the database.
    app.wsgi_app = HealthPages(app.wsgi_app, settings)
    install_security(app, settings)
    app.before_request(_look_for_what_changed)
    app.jinja_env.globals["maintenance_notice"] = maintenance_notice
    install_filters(app)
    install_parts(app)
    install_translations(app)
    install_error_pages(app)
    install_database_errors(app)
    app.register_blueprint(webhooks)
    app.register_blueprint(uploads)
    install_portal(app, settings)
    install_backoffice(app)
    install_kept_forms(app)
    if settings.is_demo:
        app.extensions["security"].login_context_processor(
            lambda: {
                "demo_accounts": reference.demo_accounts(),
                "demo_password": settings.demo_password,
            }
        )
    app.after_request(_wake_delivery)
    app.wsgi_app = RequestLog(app.wsgi_app, is_complete=settings.access_log)
    return app


def _look_for_what_changed() -> Response | None:
    """Offer what another process published a moment ago; refuse to write in a maintenance."""
    if not request.endpoint or request.endpoint.endswith("static"):
        return None
    runtime = current_app.extensions["melasti"]
    runtime.catalogue.refresh()
    if runtime.settings.undo_seconds and not runtime.catalogue.maintenance:
        _carry_out_due()
    return refuse_writes()


def _carry_out_due() -> None:
    """Show nothing that should have happened by now as undone, though no worker has come by."""
    try:
        workflow.carry_out_due(utc_now())
    except Exception:
        log.exception("held acts could not be carried out; the sweep will find them")


def _wake_delivery(response: Response) -> Response:
    """After a POST that left work behind, wake delivery; the sweep makes it optional."""
    if request.method == "POST" and response.status_code < 400 and "only_looked" not in g:
        try:
            if g.get("wakes_exports"):
                tasks.make_exports()
            if seconds := g.get("held_seconds"):
                tasks.carry_out.schedule(delay=seconds)
            way = chosen_way(current_app.extensions["melasti"].settings)
            if tasks.is_anything_due(utc_now(), awaits_signers=way.needs_signer):
                tasks.wake_delivery()
        except Exception:
            log.exception("delivery could not be woken; the sweep will find the messages")
    return response


# -- commands ------------------------------------------------------------------------------------


def serve(settings: Settings, _: argparse.Namespace) -> int:
    """Serve until SIGTERM or Ctrl-C; the huey consumer runs inside unless CONSUMER=apart."""
    return _serve(create_app(settings), settings, listen(settings))


def _serve(app: Flask, settings: Settings, listening: socket.socket) -> int:
    huey.open()
    # What is there by now stays. Looking through it for garbage would stop everybody now and then,
    # and write to what several processes share.
    gc.collect()
    gc.freeze()
    if settings.processes > 1:
        return _serve_by_several(app, settings, listening)
    ended = until_ended()
    server = DrainingServer(app, settings, listening)
    consumer = _make_consumer() if settings.consumer_inside else None
    server.start()
    if consumer:
        consumer.start()
    watcher = Watcher(settings, {WEB: _lives} | ({WORKER: _works(consumer)} if consumer else {}))
    watcher.start()
    _greet(settings, server.port)
    ended.wait()
    tasks.ending.set()
    print(FAREWELL, flush=True)
    # The door first: the watcher's leave waits for the database.
    server.stop()
    watcher.stop()
    if consumer:
        consumer.stop(graceful=True)
    database.close_all()
    return 0


def _serve_by_several(app: Flask, settings: Settings, listening: socket.socket) -> int:
    """Web processes on one socket, and one for the consumer, so that it runs once."""

    def serve_pages(ended: threading.Event) -> None:
        server = DrainingServer(app, settings, listening)
        server.start()
        watcher = Watcher(settings, {WEB: _lives})
        watcher.start()
        ended.wait()
        server.stop()
        watcher.stop()
        database.close_all()

    def consume(ended: threading.Event) -> None:
        listening.close()
        consumer = _make_consumer()
        consumer.start()
        watcher = Watcher(settings, {WORKER: _works(consumer)})
        watcher.start()
        ended.wait()
        tasks.ending.set()
        watcher.stop()
        consumer.stop(graceful=True)
        database.close_all()

    # A connection belongs to one process.
    database.close_all()
    huey.storage.close()
    _greet(settings, listening.getsockname()[1])
    works = [serve_pages] * settings.processes + [consume] * settings.consumer_inside
    keep_running(works, listening)
    print(FAREWELL, flush=True)
    return 0


def _lives() -> bool:
    """Who asks is there."""
    return True


def _works(consumer: Consumer) -> Callable[[], bool]:
    """Whether the threads that do the tasks are there."""
    return lambda: all(thread.is_alive() for _, thread in consumer.worker_threads)


def _make_consumer():
    # Two, so that nothing waits for a gateway that hangs.
    consumer = huey.create_consumer(workers=2, max_delay=1, initial_delay=0.1, backoff=1.5)
    # The process has one owner of signals, and that is `serve`; no setting tells huey so.
    consumer._set_signal_handlers = lambda: None
    return consumer


def _greet(settings: Settings, port: int) -> None:
    print(f"MELASTI siap di http://{settings.host}:{port}/", flush=True)
    if settings.is_demo:
        print(f"Akun demo (kata sandi: {settings.demo_password}):", flush=True)
        for email, title in reference.demo_accounts():
            print(f"  {email:<28} {title}", flush=True)
        print("Hentikan dengan Ctrl-C.", flush=True)


def start(settings: Settings, arguments: argparse.Namespace) -> int:
    """`make run`: migrate, seed what is missing, then serve."""
    # Nothing is changed before it is known that it can be served.
    if not os.access(settings.data_dir, os.W_OK | os.X_OK):
        raise BadSetting(f"DATA_DIR: this user can't write into {settings.data_dir}")
    listening = listen(settings)
    open_database(settings.database_url)
    with database.connection_context():
        upgrade(settings, arguments)
    app = create_app(settings)
    if settings.is_demo:
        _seed(app)
    return _serve(app, settings, listening)


def worker(settings: Settings, _: argparse.Namespace) -> int:
    """Run the huey consumer alone, beside web processes with CONSUMER=apart."""
    open_database(settings.database_url)
    huey.open()
    consumer = huey.create_consumer(workers=2, max_delay=1)
    watcher = Watcher(settings, {WORKER: _works(consumer)})
    watcher.start()
    consumer.run()
    watcher.stop()
    return 0


def seed(settings: Settings, _: argparse.Namespace) -> int:
    """Write the demo accounts and requests, once; refused in production."""
    if not settings.is_demo:
        raise CommandError("demo data belongs to MELASTI_MODE=demo only")
    _seed(create_app(settings))
    return 0


def _seed(app: Flask) -> None:
    with app.app_context(), database.connection_context():
        seed_demo(app.extensions["melasti"], now=utc_now())


def flow(settings: Settings, arguments: argparse.Namespace) -> int:
    """`flow check`: check the service files and say what they promise."""
    folder = Path(arguments.folder) if arguments.folder else settings.services_dir
    for code, (found, _text, digest) in read_flow_files(folder, office().posts).items():
        print(f"{code}: {len(found.stages)} stages, {found.working_days} days, {digest[:12]}")
    return 0


def audit(settings: Settings, _: argparse.Namespace) -> int:
    """Check the hash chain of every stream of the history, and the figures of locked survey
    periods against it; exit 1 when something doesn't fit."""
    open_database(settings.database_url)
    with database.connection_context():
        count, broken = verify_history()
        altered = periods.altered_periods()
    print(f"{count} events, {len(broken)} broken streams")
    for stream in broken:
        print(f"broken: {stream}")
    for code in altered:
        print(f"altered: figures of the survey period {code}")
    return 1 if broken or altered else 0


def admin(settings: Settings, arguments: argparse.Namespace) -> int:
    """`admin add EMAIL NAME`: make the first administrator, or let one in again; prints the link
    by which a password is chosen."""
    app = create_app(settings)
    with app.app_context(), database.connection_context():
        try:
            email = app.extensions["security"].mail_util.validate(arguments.email)
        except ValueError:
            raise CommandError(f"“{arguments.email}” is no e-mail address") from None
        try:
            path, until = appoint_administrator(
                email,
                one_line(arguments.name) or email,
                secret_key=settings.secret_key,
                days=settings.invitation_days,
                now=utc_now(),
            )
        except NotStaff:
            said = f"{email} belongs to a customer; staff need an address of their own"
            raise CommandError(said) from None
    print(f"{settings.base_url}{path}")
    print(f"Berlaku sampai {moment_short(until)}. Siapa pun yang membukanya memilih kata sandinya.")
    return 0


def bounce(settings: Settings, _: argparse.Namespace) -> int:
    """Take one e-mail that came back, from standard input: what a mail server pipes to."""
    raw = sys.stdin.buffer.read(LARGEST_MAIL)
    try:
        open_database(settings.database_url)
        with database.connection_context():
            if Maintenance.running():
                return os.EX_TEMPFAIL
            take_bounce(raw, settings, now=utc_now())
    except PeeweeException:
        log.exception("a bounce could not be kept; the mail server tries again")
        return os.EX_TEMPFAIL
    return 0


def _add_email_and_name(parser: argparse.ArgumentParser) -> None:
    verbs(add="make the first administrator, or let one in again whom no message reaches")(parser)
    parser.add_argument("email", help="the address that is logged in with")
    parser.add_argument("name", nargs="?", default="", help="the person's full name")


def _add_folder(parser: argparse.ArgumentParser) -> None:
    verbs(check="say what is wrong with the service files, and what they promise")(parser)
    parser.add_argument("--folder", help="a folder of service files")


COMMANDS = {
    "start": Command(start, needs_schema=False),
    "serve": Command(serve),
    "worker": Command(worker),
    "seed": Command(seed),
    "flow": Command(flow, _add_folder, needs_schema=False),
    "admin": Command(admin, _add_email_and_name),
    "audit": Command(audit),
    # A mail server is to try again, whatever is wrong with the database.
    "bounce": Command(bounce, needs_schema=False),
    **check_command.COMMANDS,
    **database_commands.COMMANDS,
    **file_commands.COMMANDS,
    **backup_commands.COMMANDS,
    **maintenance_commands.COMMANDS,
}


def main(argv: list[str] | None = None) -> int:
    """Run one command. What goes wrong is told in one line; LOG_LEVEL=DEBUG tells where."""
    arguments = _parser().parse_args(argv)
    command = COMMANDS[arguments.command]
    try:
        if not command.needs_settings:
            return command.run(None, arguments)
        settings = settings_of_process()
        set_up_logs(settings.log_format, settings.log_level, filters=[outage, store_outage])
        check_gateways(settings)
        check_recipients(settings)
        chosen_way(settings)
        if command.needs_whole_data:
            _refuse_half_restored(settings)
        if command.needs_schema:
            _refuse_another_schema(settings)
        return command.run(settings, arguments)
    except (BadSetting, BadFlow, CommandError, StoreUnavailable) as error:
        return _fail(error)
    except (DatabaseError, InterfaceError) as error:
        return _fail(f"the database can't be used: {error}")
    except OSError as error:
        return _fail(error)
    except KeyboardInterrupt:
        return 130


def _fail(error: Exception | str) -> int:
    log.debug("the command failed", exc_info=True)
    print(f"melasti: {' '.join(str(error).split())}", file=sys.stderr)
    return 2


def _refuse_half_restored(settings: Settings) -> None:
    if (settings.data_dir / RESTORE_MARK).exists():
        raise CommandError(
            f"a restore into {settings.data_dir} didn't end: run the same `run.py restore` again, "
            "or empty the folder and the database"
        )


def _refuse_another_schema(settings: Settings) -> None:
    open_database(settings.database_url)
    with database.connection_context():
        state = schema_state()
    if state.unknown:
        raise CommandError(
            f"the database belongs to a newer MELASTI ({state.unknown[-1]}): start that one"
        )
    if not state.applied:
        raise CommandError("the database has no tables yet: run `run.py db upgrade` first")
    if state.pending:
        raise CommandError(
            f"the database lacks {', '.join(state.pending)}: run `run.py db upgrade` first"
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="run.py", description="MELASTI, for its administrator.")
    parser.add_argument("--version", action="version", version=f"MELASTI {version()}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        told = " ".join((command.run.__doc__ or "").split())
        command.add_words(commands.add_parser(name, help=told, description=told))
    return parser


if __name__ == "__main__":
    sys.exit(main())
