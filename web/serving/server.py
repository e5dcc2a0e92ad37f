"""waitress with a drain: a stop lets the requests in flight finish."""

import errno
import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from flask import Flask
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import create_server

from config.settings import BadSetting, Settings
from web.security import MAX_LARGE_BODY
from web.serving.connections import MOST_CONNECTIONS, BehindProxy, Connection

log = logging.getLogger("melasti.server")
DRAIN_SECONDS = 10.0
BACKLOG = 1024
ACCEPTED_AT_ONCE = 32
# No handle is left, or no memory for one: this long nobody is taken in, with a line a minute.
STARVED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
STARVED_PAUSE, STARVED_SAID = 0.05, 60.0
# SD_LISTEN_FDS_START
FIRST_OF_SYSTEMD = 3
# It warns of every request that waits for a thread: thousands of lines just when there is no time.
logging.getLogger("waitress.queue").setLevel(logging.ERROR)


def listen(settings: Settings) -> socket.socket:
    """The socket that systemd holds for us, or one at the address of the settings, open to
    everybody who serves on it. Raises BadSetting when the address can't be had."""
    if given := _of_systemd():
        return given
    try:
        return _open_at(settings)
    except OSError as error:
        raise BadSetting(
            f"HOST and PORT: {settings.host}:{settings.port} can't be had ({error.strerror}); "
            "stop what listens there, or choose another PORT"
        ) from None


def _open_at(settings: Settings) -> socket.socket:
    found = socket.getaddrinfo(
        settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    # A name with two addresses, such as localhost: the one that every proxy tries.
    found.sort(key=lambda one: one[0] != socket.AF_INET)
    family, kind, protocol, _, address = found[0]
    opened = socket.socket(family, kind, protocol)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind(address)
    except OSError:
        opened.close()
        raise
    opened.listen(BACKLOG)
    return opened


def _of_systemd() -> socket.socket | None:
    """The first socket of sd_listen_fds(3), which stays open while we are started again."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()) or os.environ.get("LISTEN_FDS") == "0":
        return None
    # Not for a process that we start.
    for name in ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"):
        os.environ.pop(name, None)
    given = socket.socket(fileno=FIRST_OF_SYSTEMD)
    given.set_inheritable(False)
    return given


class DrainingServer:
    """Serve in a thread of its own; `stop` closes the door, waits for the guests, then ends.

    `listening` is a socket that other processes may share; without one it opens its own.
    """

    def __init__(self, app: Flask, settings: Settings, listening: socket.socket | None = None):
        self._sockets: dict[int, wasyncore.dispatcher] = {}
        self._server = create_server(
            app,
            map=self._sockets,
            sockets=[listening or listen(settings)],
            backlog=BACKLOG,
            threads=settings.threads,
            connection_limit=MOST_CONNECTIONS,
            channel_timeout=30,
            cleanup_interval=10,
            # A file of two hundred megabytes else wakes the one loop 25,000 times.
            recv_bytes=64 * 1024,
            max_request_body_size=MAX_LARGE_BODY + 1024 * 1024,
            # waitress strips X-Forwarded-* unless told otherwise. ProxyFix reads the hops we trust,
            # and where we trust none they tell that a proxy stands before us (`web/health.py`).
            clear_untrusted_proxy_headers=False,
            ident=None,
        )
        self._server.channel_class = BehindProxy if settings.trusted_proxies else Connection
        self._accept_one = self._server.handle_accept
        self._server.handle_accept = self._accept
        self._accept_socket = self._server.accept
        self._server.accept = self._accept_or_rest
        self._is_starved, self._starved_said = False, float("-inf")
        self.port = self._server.effective_port
        self._thread = threading.Thread(target=self._server.run, name="waitress", daemon=True)

    def _accept(self) -> None:
        """Take in several a turn: after hundreds of others an honest one else waits for as many."""
        self._is_starved = False
        for _ in range(ACCEPTED_AT_ONCE):
            if not self._is_starved:
                self._accept_one()

    def _accept_or_rest(self) -> tuple | None:
        """A connection; None, after a rest, when there is no handle for one.

        It stays at the door then, and the loop would come back for it thousands of times a second,
        with a warning each.
        """
        try:
            return self._accept_socket()
        except OSError as error:
            if error.errno not in STARVED:
                raise
            self._is_starved = True
            if time.monotonic() - self._starved_said > STARVED_SAID:
                self._starved_said = time.monotonic()
                log.error("no connection can be taken in: %s", error.strerror)
            time.sleep(STARVED_PAUSE)
            return None

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Accept nothing new, wait up to DRAIN_SECONDS for requests in flight, then close."""
        # Closes the listening socket only; the server's own close would take the trigger along.
        self._in_loop(lambda: wasyncore.dispatcher.close(self._server))
        deadline = time.monotonic() + DRAIN_SECONDS
        while self._is_busy() and time.monotonic() < deadline:
            time.sleep(0.02)
        self._server.task_dispatcher.shutdown(timeout=1)
        self._in_loop(self._close_all_but_trigger)
        self._thread.join(timeout=2)
        # Not in the loop, which may run what it is given before the trigger is pulled for it: a
        # pull at a closed trigger writes into whatever file has its number by then. A request
        # that outlived the drain pulls it too.
        if not self._server.task_dispatcher.threads:
            self._server.trigger.close()

    def _close_all_but_trigger(self) -> None:
        """The loop ends when nothing is left to listen to."""
        for one in list(self._sockets.values()):
            if one is not self._server.trigger:
                with suppress(OSError):
                    one.close()
        self._sockets.clear()

    def _in_loop(self, call: Callable[[], object]) -> None:
        self._server.trigger.pull_trigger(call)

    def _is_busy(self) -> bool:
        dispatcher = self._server.task_dispatcher
        channels = list(self._server.active_channels.values())
        return bool(
            dispatcher.active_count
            or dispatcher.queue
            or any(channel.total_outbufs_len or channel.requests for channel in channels)
            or any(_is_arriving(channel) for channel in channels)
        )


def _is_arriving(channel: HTTPChannel) -> bool:
    """Whether somebody is sending a form or a file right now; half a head is nobody's yet."""
    return channel.request is not None and channel.request.headers_finished
