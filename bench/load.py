"""A load client in a process of its own: so many connections that ask without a break.

    python -m bench.load PORT SECONDS CONNECTIONS < request

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

    def __init__(self, port: int, request: bytes, addresses: itertools.count):
        self.port, self.request, self.addresses = port, request, addresses
        self.answers = 0
        self.open()

    def open(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.left = KEPT_FOR

    def ask(self) -> None:
        number = next(self.addresses)
        address = f"10.{number >> 16 & 255:03d}.{number >> 8 & 255:03d}.{number & 255:03d}"
        self.socket.sendall(self.request.replace(MARK, address.encode().ljust(15)))
        self.got, self.length = b"", -1

    def read(self) -> bool:
        """Take what came; whether that was the end of the answer."""
        part = self.socket.recv(262_144)
        if not part:
            raise ConnectionError("the server hung up")
        self.got += part
        if self.length < 0 and (end := self.got.find(b"\r\n\r\n")) >= 0:
            head = self.got[:end].lower()
            if not head.startswith(b"http/1.1 200"):
                raise ConnectionError(head[:40].decode())
            at = head.index(b"content-length:") + 15
            self.length = end + 4 + int(head[at:].split(b"\r\n", 1)[0])
        return len(self.got) == self.length


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
