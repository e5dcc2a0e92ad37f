"""A real HTTP server that plays a gateway: it answers as told and keeps what it was sent."""

import json
import socket
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from messages.gateways.gateway import Outgoing

MESSAGE = Outgoing(
    address="+6281234567890",
    text="Ibu Contoh, layanan 48/L.Data/29/VII/24 selesai.",
    subject="Layanan selesai",
    template="hasil_siap",
    variables={"nomor": "48/L.Data/29/VII/24"},
    idempotency_key="01J0000000000000000000000A",
    parameters=("Ibu\n Contoh", "48/L.Data/29/VII/24"),
)
NONSENSE = {
    "garbage": (200, b"<html>bukan json", {}),
    "huge": (200, b"{" + b" " * 5_000_000, {}),
    "redirect": (302, b"", {"Location": "http://jahat.test/"}),
}


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        self.server.stub.seen.append(
            {
                "path": self.path,
                "headers": {name.casefold(): v for name, v in self.headers.items()},
                "body": self.rfile.read(length).decode(),
            }
        )
        self._answer(self.server.stub.next_answer())

    do_GET = do_POST

    def _answer(self, answer) -> None:
        if answer == "hang":
            self.server.stub.release.wait(120)
        elif answer == "drip":
            self._drip()
        elif answer == "cut":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{")
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
        elif answer == "lost":
            self.connection.shutdown(socket.SHUT_RDWR)
        elif isinstance(answer, str):
            self._write(*NONSENSE[answer])
        else:
            status, body, *headers = answer
            self._write(status, json.dumps(body).encode(), headers[0] if headers else {})

    def _drip(self) -> None:
        self.send_response(200)
        self.end_headers()
        with suppress(OSError):
            while not self.server.stub.release.wait(0.05):
                self.wfile.write(b" ")
                self.wfile.flush()

    def _write(self, status: int, content: bytes, headers: dict) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        # Who has read enough hangs up.
        with suppress(OSError):
            self.wfile.write(content)

    def log_message(self, *args) -> None:
        pass


class Stub:
    """Answers are (status, body) or the words hang, drip, cut, garbage, lost, huge, redirect.

    `lost` is a message that was taken and whose answer never came: it is in the ledger.
    """

    def __init__(self):
        self.answers: list = []
        self.seen: list[dict] = []
        self.release = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.stub = self
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def next_answer(self):
        return self.answers.pop(0) if self.answers else (200, {})

    def close(self) -> None:
        self.release.set()
        self._server.shutdown()
        self._server.server_close()
