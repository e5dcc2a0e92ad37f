"""Have a file looked through by ClamAV's daemon, by the command INSTREAM of clamd(8).

The file is sent in pieces over a socket of its own, so that the daemon needs no right to our
folder and may run on another machine.
"""

import socket
import struct
from pathlib import Path

PIECE = 64 * 1024
CONNECT_SECONDS = 3.0
# A large archive takes the daemon a while; nobody waits longer than for a page.
ANSWER_SECONDS = 45.0


class Infected(Exception):
    """The scanner found something; its text is the name of the signature."""


class Unreachable(Exception):
    """No verdict: the scanner isn't there, takes too long, or refuses so large a file."""


def scan(path: Path, address: str) -> None:
    """Return when a file is clean. `address` is `host:port` or the path of a socket.

    Raises Infected or Unreachable.
    """
    try:
        with _connect(address) as line:
            answer = _ask(line, path)
    except OSError as error:
        raise Unreachable(type(error).__name__) from error
    if answer.endswith(" FOUND"):
        raise Infected(answer.removeprefix("stream: ").removesuffix(" FOUND")[:80])
    if answer != "stream: OK":
        raise Unreachable(answer[:80] or "no answer")


def _connect(address: str) -> socket.socket:
    if address.startswith("/"):
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(CONNECT_SECONDS)
        line.connect(address)
    else:
        host, _, port = address.rpartition(":")
        line = socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_SECONDS)
    line.settimeout(ANSWER_SECONDS)
    return line


def _ask(line: socket.socket, path: Path) -> str:
    try:
        line.sendall(b"zINSTREAM\0")
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                line.sendall(struct.pack("!L", len(piece)) + piece)
        line.sendall(struct.pack("!L", 0))
    except (BrokenPipeError, ConnectionResetError):
        # It stops listening once it has seen enough, and says why.
        pass
    answer = b""
    while b"\0" not in answer and (piece := line.recv(1024)):
        answer += piece
    return answer.rstrip(b"\0\n").decode("utf-8", "replace")
