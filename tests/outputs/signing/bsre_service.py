"""A small BSrE eSign Client Service: the same addresses, fields and refusals, over real HTTP."""

import base64
import io
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from werkzeug.formparser import parse_form_data

from outputs.signing.p12 import OfficeSeal
from outputs.signing.way import Order
from tests.outputs.signing.certificates import PASSWORD

USER, ACCOUNT_PASSWORD = "instansi", "sandi-instansi"
NIK, PASSPHRASE = "5108010101700001", "frasa sandi yang benar"
PATIENCE = 0.6


class BsreService:
    """`mood` says how it answers: ok, html, broken (5xx), slow; `status` what it says of a NIK."""

    def __init__(self, p12: Path):
        self.mood, self.status = "ok", "ISSUE"
        self.seal = OfficeSeal({"SIGNING_P12": str(p12), "SIGNING_P12_PASSWORD": PASSWORD})
        # What it was asked: (path, fields, name of the file).
        self.asked: list[tuple[str, dict[str, str], str]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.service = self
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def environ(self) -> dict[str, str]:
        return {
            "BSRE_BASE_URL": f"http://127.0.0.1:{self._server.server_port}",
            "BSRE_USER": USER,
            "BSRE_PASSWORD": ACCOUNT_PASSWORD,
        }

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def signed(self, content: bytes) -> bytes:
        return self.seal.sign(Order(content, "x.pdf", "uji", "uji", "")).content


class Handler(BaseHTTPRequestHandler):
    @property
    def service(self) -> BsreService:
        return self.server.service

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.service.asked.append((self.path, {}, ""))
        if self._is_well():
            self._say(200, {"status": self.service.status})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        environ = {
            "REQUEST_METHOD": "POST",
            "CONTENT_TYPE": self.headers["Content-Type"],
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
        }
        _, form, files = parse_form_data(environ)
        fields, file = form.to_dict(), files["file"]
        self.service.asked.append((self.path, fields, file.filename))
        if self._is_well():
            self._sign(fields, file.read())

    def _is_well(self) -> bool:
        """Whether there is an answer to give; else it was given, or comes too late."""
        account = base64.b64encode(f"{USER}:{ACCOUNT_PASSWORD}".encode()).decode()
        if self.service.mood == "slow":
            time.sleep(2 * PATIENCE)
        if self.headers.get("Authorization") != f"Basic {account}":
            self._say(401, {"error": "Unauthorized"})
        elif self.service.mood == "broken":
            self._say(503, {"error": "Service Unavailable"})
        else:
            return True
        return False

    def _sign(self, fields: dict[str, str], content: bytes) -> None:
        if fields["passphrase"] != PASSPHRASE:
            self._say(400, {"status_code": 2031, "error": "Passphrase anda salah"})
        elif fields["nik"] != NIK:
            said = f"User {fields['nik']} tidak terdaftar"
            self._say(400, {"status_code": 2011, "error": said})
        elif self.service.mood == "html":
            self._say(200, "<html>pemeliharaan</html>", kind="text/html")
        else:
            signed = self.service.signed(content)
            self._say(200, signed, kind="application/pdf", id_dokumen="DOK-1")

    def _say(self, status: int, said, *, kind: str = "application/json", **headers: str) -> None:
        text = json.dumps(said) if isinstance(said, dict) else said
        body = text if isinstance(text, bytes) else text.encode()
        try:
            self.send_response(status)
            for name, value in {"Content-Type": kind, **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            pass
