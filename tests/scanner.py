"""A scanner that speaks clamd's INSTREAM on a real socket and knows one signature."""

import socketserver
import struct
import threading
from contextlib import contextmanager

from tests.storage.file_samples import EICAR


class _Line(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        assert self.rfile.read(10) == b"zINSTREAM\0"
        content = b""
        while length := struct.unpack("!L", self.rfile.read(4))[0]:
            content += self.rfile.read(length)
            if len(content) > self.server.longest:
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.server.seen.append(len(content))
        found = EICAR in content
        self.wfile.write(b"stream: Eicar-Test-Signature FOUND\0" if found else b"stream: OK\0")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    longest = 25_000_000


@contextmanager
def scanner(port: int = 0):
    """`address` is where it listens, `seen` the lengths of what it looked through."""
    server = _Server(("127.0.0.1", port), _Line)
    server.seen, server.address = [], f"127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
