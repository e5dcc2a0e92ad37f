"""A real MELASTI in production mode, and a real nginx before it with the file of `deploy/`."""

import re
import socket
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import urllib3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.floors import ROOT
from tests.programs import find
from tests.test_crash import Server
from tests.waiting import wait_for

NAME = "layanan.example.go.id"
SETTINGS = {
    "MELASTI_MODE": "production",
    "BASE_URL": f"https://{NAME}",
    "SECRET_KEY": "9f2c7d1ab04e58366fe2d8c4a7b1903e",
    "PASSWORD_SALT": "1d84c9e2f7605ba3d2417f8e90ab36c5",
    "TRUSTED_PROXIES": "1",
    "EMAIL_CHANNEL": "smtp",
    "EMAIL_SENDER": f"layanan@{NAME}",
    "SMTP_HOST": "127.0.0.1",
    "SMTP_PORT": "9",
    "CONSUMER": "apart",
}
MAIN = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; user root;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  include {folder}/melasti.conf;
}}
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


def is_open(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def production_server(folder: Path, **settings: str) -> Server:
    """`run.py` with an empty database, migrated, not yet started."""
    server = Server(folder / "data")
    server.environ |= SETTINGS | {"PORT": str(free_port())} | settings
    server.run("db", "upgrade")
    return server


def certificate(folder: Path) -> tuple[Path, Path]:
    """(certificate, key) that nobody but the test trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "fullchain.pem", folder / "privkey.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, *form))
    return paths


class Nginx:
    """nginx with the site of `deploy/nginx`, of which only ports and places are changed."""

    def __init__(self, folder: Path, behind: int):
        self.plain, self.secure = free_port(), free_port()
        self.chain, key = certificate(folder)
        site = (ROOT / "deploy/nginx/melasti.conf").read_text()
        changes = {
            r"\n *listen \[::\].*": "",
            "listen 80;": f"listen 127.0.0.1:{self.plain};",
            "listen 443 ssl;": f"listen 127.0.0.1:{self.secure} ssl;",
            "127.0.0.1:8000": f"127.0.0.1:{behind}",
            r"/etc/letsencrypt\S+/fullchain.pem": str(self.chain),
            r"/etc/letsencrypt\S+/privkey.pem": str(key),
            "/etc/nginx/snippets": str(ROOT / "deploy/nginx"),
            "/opt/melasti": str(ROOT),
        }
        for pattern, words in changes.items():
            site, count = re.subn(pattern, words, site)
            assert count, pattern
        (folder / "melasti.conf").write_text(site)
        self._configuration = folder / "nginx.conf"
        self._configuration.write_text(MAIN.format(folder=folder))
        self._process: subprocess.Popen | None = None

    def check(self) -> str:
        """What `nginx -t` says."""
        command = [find("nginx"), "-t", "-c", self._configuration]
        return subprocess.run(command, capture_output=True, text=True).stderr

    def start(self) -> None:
        self._process = subprocess.Popen([find("nginx"), "-c", self._configuration])
        wait_for(lambda: is_open(self.secure))

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()

    def client(self) -> urllib3.HTTPSConnectionPool:
        """Asks as a browser would that found the name at this address."""
        return urllib3.HTTPSConnectionPool(
            "127.0.0.1", self.secure, server_hostname=NAME, assert_hostname=NAME,
            ca_certs=str(self.chain), headers={"Host": NAME}, retries=False, timeout=60,
        )  # fmt: skip
