"""As much IMAP as reading a mailbox needs; mails are marked, never removed."""

import re
import socketserver
import threading


class _Mailbox(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.say("* OK siap")
        while line := self.rfile.readline().decode().strip():
            tag, _, rest = line.partition(" ")
            words = rest.upper()
            if words.startswith("LOGIN") and "salah" in rest:
                self.say(f"{tag} NO ditolak")
                continue
            if words.startswith("UID SEARCH"):
                self.server.searches.append(rest)
                unseen = [str(uid) for uid in self.server.mails if uid not in self.server.seen]
                self.say(f"* SEARCH {' '.join(unseen)}")
            elif found := re.match(r"UID FETCH (\d+)", words):
                raw = self.server.mails[int(found[1])]
                self.say(f"* {found[1]} FETCH (UID {found[1]} BODY[] {{{len(raw)}}}")
                self.wfile.write(raw + b")\r\n")
            elif found := re.match(r"UID STORE (\d+)", words):
                self.server.seen.add(int(found[1]))
            elif words.startswith("CAPABILITY"):
                self.say("* CAPABILITY IMAP4REV1")
            elif words.startswith("SELECT"):
                self.say(f"* {len(self.server.mails)} EXISTS")
            elif words.startswith("LOGOUT"):
                self.say("* BYE dah")
                self.say(f"{tag} OK selesai")
                return
            self.say(f"{tag} OK selesai")

    def say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")


class ImapServer(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, *mails: bytes):
        super().__init__(("127.0.0.1", 0), _Mailbox)
        self.mails = dict(enumerate(mails, start=1))
        self.seen: set[int] = set()
        self.searches: list[str] = []
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def environ(self) -> dict[str, str]:
        return {"BOUNCE_IMAP_HOST": "127.0.0.1", "BOUNCE_IMAP_PORT": str(self.server_address[1]),
                "BOUNCE_IMAP_SECURITY": "none", "BOUNCE_IMAP_USER": "bounce",
                "BOUNCE_IMAP_PASSWORD": "rahasia"}  # fmt: skip

    def close(self) -> None:
        self.shutdown()
        self.server_close()
