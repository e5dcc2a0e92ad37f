"""MELASTI's composition root: the application, the commands, the wiring."""

import argparse
import gc
import logging
import os
import socket
import sys
import threading
from pathlib import Path

from flask import Flask, Response, current_app, g, request
from flask_babel import Babel
from flask_bootstrap import Bootstrap5
from flask_compress import Compress
from peewee import PeeweeException

import tasks
from administration import figures, reference
from administration.audit import verify_history
from administration.file_store import FOREIGN, adopt, bind, is_own, sweep_files, verify_files
from administration.first_administrator import NotStaff, appoint_administrator
from administration.questionnaires import take_in_file
from backoffice.site import install_backoffice
from config.background import huey
from config.clock import utc_now
from config.office import office
from config.settings import CONTENT, BadSetting, Settings, settings_of_process
from demo.rows import seed_demo
from messages.bounces import take_bounce
from messages.gateways.registry import check_gateways
from messages.gateways.return_path import LARGEST_MAIL
from moves.catalogue import load_catalogue
from outputs.signing.registry import chosen_way
from outputs.survey import periods
from portal.site import install_portal
from rules.flow_check import read_flow_files
from rules.formats import moment_short
from rules.services import BadFlow
from rules.text import one_line
from search import lookup
from storage.database import database, migrate, open_database
from storage.files import LocalStorage
from storage.partial_files import PartialFiles
from storage.turns import Turns
from web.cached_parts import install_parts
from web.errors import install_error_pages
from web.filters import install_filters
from web.kept_forms import install_kept_forms
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
        storage=LocalStorage(settings.files_dir),
        partial=PartialFiles(settings.files_dir),
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
    install_security(app, settings)
    app.before_request(_look_for_new_versions)
    install_filters(app)
    install_parts(app)
    install_translations(app)
    install_error_pages(app)
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
    return app


def _look_for_new_versions() -> None:
    """Offer what another process published a moment ago."""
    if request.endpoint and not request.endpoint.endswith("static"):
        current_app.extensions["melasti"].catalogue.refresh()


def _wake_delivery(response: Response) -> Response:
    """After a POST that left work behind, wake delivery; the sweep makes it optional."""
    if request.method == "POST" and response.status_code < 400 and "only_looked" not in g:
        try:
            if g.get("wakes_exports"):
                tasks.make_exports()
            way = chosen_way(current_app.extensions["melasti"].settings)
            if tasks.is_anything_due(utc_now(), awaits_signers=way.needs_signer):
                tasks.wake_delivery()
        except Exception:
            log.exception("delivery could not be woken; the sweep will find the messages")
    return response


# -- commands ------------------------------------------------------------------------------------


def serve(settings: Settings, _: argparse.Namespace) -> int:
    """Serve until SIGTERM or Ctrl-C; the huey consumer runs inside unless CONSUMER=apart."""
    return _serve(create_app(settings), settings)


def _serve(app: Flask, settings: Settings) -> int:
    listening = listen(settings)
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
    _greet(settings, server.port)
    ended.wait()
    print(FAREWELL, flush=True)
    server.stop()
    if consumer:
        consumer.stop(graceful=True)
    database.close_all()
    return 0


def _serve_by_several(app: Flask, settings: Settings, listening: socket.socket) -> int:
    """Web processes on one socket, and one for the consumer, so that it runs once."""

    def serve_pages(ended: threading.Event) -> None:
        server = DrainingServer(app, settings, listening)
        server.start()
        ended.wait()
        server.stop()
        database.close_all()

    def consume(ended: threading.Event) -> None:
        listening.close()
        consumer = _make_consumer()
        consumer.start()
        ended.wait()
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
    db(settings, arguments)
    app = create_app(settings)
    if settings.is_demo:
        _seed(app)
    return _serve(app, settings)


def worker(settings: Settings, _: argparse.Namespace) -> int:
    """Run the huey consumer alone, beside web processes with CONSUMER=apart."""
    open_database(settings.database_url)
    huey.create_consumer(workers=2, max_delay=1).run()
    return 0


def db(settings: Settings, arguments: argparse.Namespace) -> int:
    """`db upgrade`: migrate, then write the reference rows that are missing."""
    open_database(settings.database_url)
    with database.connection_context():
        applied = migrate()
        reference.seed_reference(now=utc_now())
        storage = LocalStorage(settings.files_dir)
        is_bound = bind(storage)
    for name in applied:
        print(f"applied {name}")
    if not is_bound:
        print(f"melasti: {FOREIGN.format(folder=storage.root)}", file=sys.stderr)
    return 0


def seed(settings: Settings, _: argparse.Namespace) -> int:
    """Write the demo accounts and requests, once; refused in production."""
    if not settings.is_demo:
        raise BadSetting("demo data belongs to MELASTI_MODE=demo only")
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
            raise BadSetting(f"“{arguments.email}” is no e-mail address") from None
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
            raise BadSetting(said) from None
    print(f"{settings.base_url}{path}")
    print(f"Berlaku sampai {moment_short(until)}. Siapa pun yang membukanya memilih kata sandinya.")
    return 0


def verify(settings: Settings, _: argparse.Namespace) -> int:
    """`verify files`: read every file that a row names; exit 1 when one is missing or altered."""
    open_database(settings.database_url)
    with database.connection_context():
        whole, faults = verify_files(LocalStorage(settings.files_dir))
    print(f"{whole} files whole, {len(faults)} missing or altered")
    for fault in faults:
        what = "missing" if fault.is_missing else "altered"
        print(f"{what}: {fault.kind} {fault.public_id} {fault.sha256}")
    return 1 if faults else 0


def store(settings: Settings, arguments: argparse.Namespace) -> int:
    """`store adopt`: say that the folder of files is this database's; `store sweep`: move what no
    row names to the trash, however much it is."""
    open_database(settings.database_url)
    with database.connection_context():
        storage = LocalStorage(settings.files_dir)
        if arguments.verb == "adopt":
            adopt(storage)
            print(f"{storage.root} belongs to this database")
        elif not is_own(storage):
            raise BadSetting(FOREIGN.format(folder=storage.root))
        else:
            moved = sweep_files(storage, released=(), now=utc_now(), without_brake=True)
            print(f"{moved} files moved to the trash, where they stay for 30 days")
    return 0


def reindex(settings: Settings, _: argparse.Namespace) -> int:
    """Write the search index anew from the requests; people may go on working meanwhile."""
    open_database(settings.database_url)
    with database.connection_context():
        print(f"{lookup.rebuild()} requests in the search index")
    return 0


def count(settings: Settings, _: argparse.Namespace) -> int:
    """Count the figures of dashboards and statistics anew: of the stages for thirteen months."""
    open_database(settings.database_url)
    with database.connection_context():
        months = figures.recent_months(utc_now(), figures.MONTHS_IN_VIEW)
        print(f"{figures.refresh(months) + figures.recount()} rows of figures")
    return 0


def bounce(settings: Settings, _: argparse.Namespace) -> int:
    """Take one e-mail that came back, from standard input: what a mail server pipes to."""
    raw = sys.stdin.buffer.read(LARGEST_MAIL)
    try:
        open_database(settings.database_url)
        with database.connection_context():
            take_bounce(raw, settings, now=utc_now())
    except PeeweeException:
        log.exception("a bounce could not be kept; the mail server tries again")
        return os.EX_TEMPFAIL
    return 0


COMMANDS = {
    "start": (start, ()),
    "serve": (serve, ()),
    "worker": (worker, ()),
    "db": (db, ("upgrade",)),
    "seed": (seed, ()),
    "flow": (flow, ("check",)),
    "admin": (admin, ("add",)),
    "audit": (audit, ()),
    "verify": (verify, ("files",)),
    "store": (store, ("adopt", "sweep")),
    "reindex": (reindex, ()),
    "figures": (count, ()),
    "bounce": (bounce, ()),
}


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="run.py", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (function, verbs) in COMMANDS.items():
        command = commands.add_parser(name, help=function.__doc__)
        if verbs:
            command.add_argument("verb", choices=verbs)
        if name == "admin":
            command.add_argument("email", help="the address that is logged in with")
            command.add_argument("name", nargs="?", default="", help="the person's full name")
        if name == "flow":
            command.add_argument("--folder", help="a folder of service files")
    arguments = parser.parse_args(argv)
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    try:
        settings = settings_of_process()
        check_gateways(settings)
        chosen_way(settings)
        return COMMANDS[arguments.command][0](settings, arguments)
    except (BadSetting, BadFlow) as error:
        print(f"melasti: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
