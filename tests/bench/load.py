"""A load client in a process of its own: so many connections that ask without a break.

    python -m tests.bench.load PORT SECONDS CONNECTIONS < request

The request comes on standard input; `@@@@@@@@@@@@@@@` in it is another address of the same length
each time. Prints the number of answers that began with 200 and the seconds they took. Connections
are dropped after a hundred answers, as browsers come and go, so that several processes on one
socket all get their share.
"""

import itertools
import selectors
import socket
import sys
import time

MARK = b"@" * 15
KEPT_FOR = 100


class Line:
    """One connection: asks, reads the answer to its end, and asks again."""

    # What all lines read into, one after the other: the client shares the cores with the server.
    heap = bytearray(262_144)

    def __init__(self, port: int, request: bytes, addresses: itertools.count):
        self.port, self.addresses = port, addresses
        self.before, self.mark, self.after = request.partition(MARK)
        self.open()

    def open(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.left = KEPT_FOR

    def ask(self) -> None:
        number = next(self.addresses)
        address = f"10.{number >> 16 & 255:03d}.{number >> 8 & 255:03d}.{number & 255:03d}"
        self.socket.sendall(self.before + (self.mark and address.encode()) + self.after)
        # Bytes of the answer that are still to come, once its head has said so.
        self.missing = -1

    def read(self) -> bool:
        """Take what came; whether that was the end of the answer."""
        count = self.socket.recv_into(self.heap)
        if not count:
            raise ConnectionError("the server hung up")
        if self.missing < 0:
            head, end, _ = bytes(self.heap[: min(count, 4096)]).partition(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200") or not end:
                raise ConnectionError(head[:40].decode())
            at = head.lower().index(b"content-length:") + 15
            self.missing = len(head) + 4 + int(head[at:].split(b"\r\n", 1)[0])
        self.missing -= count
        return not self.missing


def main() -> None:
    port, seconds, connections = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    request, addresses = sys.stdin.buffer.read(), itertools.count(1)
    lines = [Line(port, request, addresses) for _ in range(connections)]
    waiting = selectors.DefaultSelector()
    begun = time.perf_counter()
    for line in lines:
        waiting.register(line.socket, selectors.EVENT_READ, line)
        line.ask()
    answers = 0
    while time.perf_counter() - begun < seconds:
        for key, _ in waiting.select(1):
            line = key.data
            if not line.read():
                continue
            answers += 1
            line.left -= 1
            if not line.left:
                waiting.unregister(line.socket)
                line.socket.close()
                line.open()
                waiting.register(line.socket, selectors.EVENT_READ, line)
            line.ask()
    print(answers, time.perf_counter() - begun)


if __name__ == "__main__":
    main()
