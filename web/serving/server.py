"""waitress with a drain: a stop lets the requests in flight finish."""

import logging
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from flask import Flask
from waitress import wasyncore
from waitress.server import create_server

from config.settings import Settings
from web.security import MAX_LARGE_BODY
from web.serving.connections import MOST_CONNECTIONS, BehindProxy, Connection

log = logging.getLogger("melasti.server")
DRAIN_SECONDS = 10.0
BACKLOG = 1024
ACCEPTED_AT_ONCE = 32
# It warns of every request that waits for a thread: thousands of lines just when there is no time.
logging.getLogger("waitress.queue").setLevel(logging.ERROR)


def listen(settings: Settings) -> socket.socket:
    """The socket at the address of the settings, open to everybody who serves on it."""
    found = socket.getaddrinfo(
        settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    # A name with two addresses, such as localhost: the one that every proxy tries.
    found.sort(key=lambda one: one[0] != socket.AF_INET)
    family, kind, protocol, _, address = found[0]
    opened = socket.socket(family, kind, protocol)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    opened.bind(address)
    opened.listen(BACKLOG)
    return opened


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
            # waitress strips X-Forwarded-* unless told otherwise; ProxyFix reads the hops we trust.
            clear_untrusted_proxy_headers=not settings.trusted_proxies,
            ident=None,
        )
        self._server.channel_class = BehindProxy if settings.trusted_proxies else Connection
        self._accept_one = self._server.handle_accept
        self._server.handle_accept = self._accept
        self.port = self._server.effective_port
        self._thread = threading.Thread(target=self._server.run, name="waitress", daemon=True)

    def _accept(self) -> None:
        """Take in several a turn: after hundreds of others an honest one else waits for as many."""
        for _ in range(ACCEPTED_AT_ONCE):
            self._accept_one()

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
        )
