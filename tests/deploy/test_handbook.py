"""From an empty Debian to the first request, by the commands of the handbook and nothing else.

What isn't ours is stood in for: systemd (tests/deploy/systemctl.py reads our units), the authority
that certifies the name, the office's mail server, and the address that sources are fetched from.
"""

import re
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
import requests
from aiosmtpd.controller import Controller

from tests.deploy.handbook import commands
from tests.deploy.minimal_root import MinimalRoot
from tests.deploy.production import certificate
from tests.floors import ROOT
from tests.people import pdf
from tests.story_forms import SIGN_UP
from tests.test_crash import FORM
from tests.waiting import wait_for

pytestmark = pytest.mark.long
NAME, MAIL_SERVER = "layanan.example.go.id", "smtp.example.go.id"
SECRET = "Ombak besar di Pantai Sanur 77"
CERTBOT = """#!/bin/sh
mkdir -p /etc/letsencrypt/live/{name}
cp /root/fullchain.pem /root/privkey.pem /etc/letsencrypt/live/{name}/
"""


@pytest.fixture
def server(tmp_path) -> MinimalRoot:
    """A Debian on which the sources can be fetched."""
    root = MinimalRoot(tmp_path, "bookworm")
    subprocess.run(
        ["git", "clone", "-q", "--bare", "--no-hardlinks", ROOT, root.folder / "srv/melasti.git"],
        check=True,
    )
    root.run(
        "git config --global url./srv/melasti.git.insteadOf https://git.example.go.id/melasti.git "
        "&& git config --global safe.directory '*'"
    )
    programs = {
        "usr/local/bin/systemctl": (ROOT / "tests/deploy/systemctl.py").read_text(),
        "usr/local/bin/certbot": CERTBOT.format(name=NAME),
        # Nothing is started by its installation; that is what `systemctl` above is for.
        "usr/sbin/policy-rc.d": "#!/bin/sh\nexit 101\n",
    }
    for path, text in programs.items():
        (root.folder / path).write_text(text)
        (root.folder / path).chmod(0o755)
    # Nobody outside answers there: the loopback of the console is all that there is.
    with (root.folder / "etc/hosts").open("a") as hosts:
        hosts.write(f"127.0.0.1 {MAIL_SERVER}\n")
    certificate(root.folder / "root")
    return root


class Mailbox:
    """The office's mail server: what it was given, newest last."""

    def __init__(self):
        self.letters: list[EmailMessage] = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.letters.append(message_from_bytes(envelope.content, policy=default))
        return "250 baik"

    def newest_link(self, address: str) -> str:
        """The link of the newest letter to somebody."""
        to_them = [letter for letter in self.letters if address in letter["To"]]
        text = to_them[-1].get_body(("plain",)).get_content()
        return re.search(rf"https://{NAME}/\S+", text)[0]


class Visitor:
    """Somebody at a browser who found the name."""

    def __init__(self, chain: str):
        self._session = requests.Session()
        self._session.trust_env, self._session.verify = False, chain

    def opens(self, address: str) -> requests.Response:
        page = self._session.get(address, timeout=120)
        assert page.status_code == 200, (address, page.status_code, page.text[:2000])
        return page

    def sends(self, address: str, form: dict, *, page: str = "", **files) -> requests.Response:
        text = self.opens(page or address).text
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', text)[1]
        return self._session.post(
            address, data={"csrf_token": token, **form}, files=files or None, timeout=120,
            headers={"Referer": page or address},
        )  # fmt: skip


def test_the_handbook_leads_to_the_first_request(server, monkeypatch):
    blocks = commands("pasang.md")
    fetched = next(i for i, block in enumerate(blocks) if "createuser" in block)
    server.run("set -e\n" + "\n".join(blocks[:fetched]))
    # The mail server of the office takes mail as it is.
    blocks[fetched + 1] += "echo SMTP_SECURITY=none >> /etc/melasti/melasti.env\n"
    with server.console() as console:
        console.type("systemctl start postgresql; systemctl start nginx; " + blocks[0])
        said = [console.type(block) for block in blocks[fetched:]]
        link = re.search(rf"https://{NAME}/undangan/\S+", said[-1])[0]
        real = socket.getaddrinfo
        monkeypatch.setattr(
            socket, "getaddrinfo", lambda host, *more, **rest: real("127.0.0.1", *more, **rest)
        )
        chain = str(server.folder / "root/fullchain.pem")
        # A thread of its own, for the network is the thread's.
        with ThreadPoolExecutor(1, initializer=console.enter_network) as visitors:
            visitors.submit(_the_administrator_enters, link, chain).result()
            visitors.submit(_the_first_request_is_filed, chain).result()


def _the_administrator_enters(link: str, chain: str) -> None:
    visitor = Visitor(chain)
    visitor.sends(link, {"password": SECRET, "password_confirm": SECRET})
    account = {"email": "administrator@example.go.id", "password": SECRET}
    assert visitor.sends(f"https://{NAME}/masuk", account).status_code == 200
    assert "Petugas" in visitor.opens(f"https://{NAME}/backoffice/petugas/").text


def _the_first_request_is_filed(chain: str) -> None:
    mailbox, customer = Mailbox(), Visitor(chain)
    postman = Controller(mailbox, hostname="127.0.0.1", port=587)
    postman.start()
    try:
        email = "pemohon@example.org"
        customer.sends(f"https://{NAME}/daftar", SIGN_UP | {"email": email})
        wait_for(lambda: any(email in letter["To"] for letter in mailbox.letters), 180)
        link = mailbox.newest_link(email)
        assert customer.sends(link, {}).status_code == 200
        account = {"email": email, "password": SIGN_UP["password"]}
        assert "/masuk" not in customer.sends(f"https://{NAME}/masuk", account).url
        letter = ("surat.pdf", pdf("Permohonan pertama"), "application/pdf")
        form = FORM | {"subject": "Permohonan pertama"}
        check = customer.sends(f"https://{NAME}/ajukan", form, file=letter)
        sealed = dict(re.findall(r'name="(key|seal)" value="([^"]+)"', check.text))
        page = f"https://{NAME}/ajukan/periksa"
        filed = customer.sends(f"https://{NAME}/ajukan/kirim", sealed, page=page)
        assert "Permohonan Anda sudah kami terima" in filed.text
        # The worker makes the receipt and tells the customer.
        wait_for(lambda: len([one for one in mailbox.letters if email in one["To"]]) > 1, 180)
    finally:
        postman.stop()
