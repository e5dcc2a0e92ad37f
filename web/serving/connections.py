"""A connection of waitress that can't be held open by drops, nor many of them by one address.

waitress itself counts only silence: a byte every few seconds keeps a socket for ever, and five
hundred of them the whole office. Here a request has a deadline as a whole, head and body together,
which grows with what arrives: who sends 20 MB over a slow phone has all the time that takes. The
answer has one of the same kind. When there are too many, the one that is closest to its deadline
goes, never one whose request is being served.
"""

import socket
import time
from collections import Counter
from collections.abc import Iterable
from typing import Any

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser

from web.accounts.limits import network_of
from web.security import LARGE_ADDRESSES, MAX_BODY

# waitress stops accepting at so many, its own two among them.
MOST_CONNECTIONS = 500
# Of one address, or one /64 of IPv6. An office or a village behind one address stays below it;
# past it connections end that nobody waits for, and browsers open new ones unasked.
MOST_PER_ADDRESS = 200
# What every request has, and the bytes a second below which more isn't given: a phone at the edge
# of its network still sends twice as many.
GRACE_SECONDS = 30.0
SLOWEST_BYTES = 4096


class Parser(HTTPRequestParser):
    """Lets a large body in only where a form may ask for one."""

    # A little more than Flask's own limit: waitress answers past it in plain English.
    usual = Adjustments(max_request_body_size=MAX_BODY + 1024 * 1024)

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        if not LARGE_ADDRESSES.match(self.path):
            self.adj = self.usual


class Connection(HTTPChannel):
    """A connection with a deadline for each request and each answer."""

    parser_class = Parser
    most_per_address = MOST_PER_ADDRESS
    grace_seconds = GRACE_SECONDS
    slowest_bytes = SLOWEST_BYTES

    def __init__(
        self,
        server: Any,
        sock: socket.socket,
        addr: tuple,
        adj: Adjustments,
        map: dict | None = None,
    ):
        self._begin()
        self.network = network_of(addr[0])
        super().__init__(server, sock, addr, adj, map)
        self._make_room()

    def _begin(self) -> None:
        self._since, self._moved = time.monotonic(), 0

    # -- the deadline ----------------------------------------------------------------------------

    @property
    def seconds_left(self) -> float:
        """Until this request or answer must be through, by what has moved of it so far."""
        allowed = self.grace_seconds + self._moved / self.slowest_bytes
        return self._since + allowed - time.monotonic()

    @property
    def is_served(self) -> bool:
        return bool(self.requests)

    def readable(self) -> bool:
        """Asked by the loop in each turn, once a second at least."""
        # An answer that fills its buffers keeps a thread waiting for its reader.
        is_stuck = self.total_outbufs_len > self.adj.outbuf_high_watermark
        if (is_stuck or not self.is_served) and self.seconds_left < 0:
            self.end()
            return False
        return super().readable()

    def received(self, data: bytes) -> bool:
        if self.request is None and not self.requests:
            self._begin()
        self._moved += len(data)
        return super().received(data)

    def send(self, data: bytes, do_close: bool = True) -> int:
        sent = super().send(data, do_close)
        self._moved += sent or 0
        return sent

    def service(self) -> None:
        self._begin()
        super().service()
        # The answer has its own time, however long it took to make.
        self._begin()

    def end(self) -> None:
        """Close at once: one whose reader takes nothing is never ready to be told."""
        self.close_when_flushed = self.will_close = False
        self.handle_close()

    # -- room for others -------------------------------------------------------------------------

    def _make_room(self) -> None:
        others = [one for one in self.server.active_channels.values() if one is not self]
        alike = [one for one in others if one.network == self.network]
        if self.most_per_address and len(alike) >= self.most_per_address:
            _end_one(alike)
        elif len(self.server.active_channels) >= MOST_CONNECTIONS - 3:
            # Of the address that has the most: who comes alone isn't sent away for a crowd.
            crowds = Counter(one.network for one in others)
            _end_one(one for one in others if crowds[one.network] == max(crowds.values()))


class BehindProxy(Connection):
    """All come from the proxy's address, which counts its own clients."""

    most_per_address = 0


def _end_one(connections: Iterable[Connection]) -> None:
    waiting = [one for one in connections if not one.is_served]
    if waiting:
        min(waiting, key=lambda one: one.seconds_left).end()
