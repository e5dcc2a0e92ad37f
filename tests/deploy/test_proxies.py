"""The examples of nginx and Caddy, the first for real: TLS, bodies, headers, a stopped MELASTI."""

import re
import subprocess
from http.cookies import SimpleCookie

import pytest
import urllib3

from tests.deploy.production import NAME, Nginx, free_port, production_server
from tests.floors import ROOT
from tests.programs import find
from web.security import MAX_BODY, MAX_LARGE_BODY

SITE = ROOT / "deploy/nginx/melasti.conf"


@pytest.mark.slow
def test_nginx_speaks_tls_before_a_production_server(tmp_path):
    server = production_server(tmp_path)
    nginx = Nginx(tmp_path, int(server.environ["PORT"]))
    assert "test is successful" in nginx.check()
    server.start()
    nginx.start()
    try:
        told = urllib3.request(
            "GET", f"http://127.0.0.1:{nginx.plain}/sop/data?x=1",
            headers={"Host": NAME}, redirect=False,
        )  # fmt: skip
        assert (told.status, told.headers["Location"]) == (301, f"https://{NAME}/sop/data?x=1")
        client = nginx.client()
        page = client.request("GET", "/masuk")
        assert page.status == 200 and "max-age" in page.headers["Strict-Transport-Security"]
        cookie = SimpleCookie(page.headers["Set-Cookie"])["__Host-melasti"]
        assert cookie["secure"] and cookie["httponly"]
        # What a form may weigh arrives; what is more gets a page that people understand.
        taken = client.request("POST", "/masuk", body=b"x" * (20 * 1024 * 1024))
        assert taken.status in (400, 422) and "nginx" not in taken.data.decode()
        refused = client.request("POST", "/masuk", body=b"x" * (26 * 1024 * 1024))
        assert refused.status == 413 and "ukuran berkas" in refused.data.decode()
        # A visitor's own claims about proxies are dropped.
        claimed = client.request("GET", "/", headers={"Host": NAME, "X-Forwarded-Host": "evil.id"})
        assert claimed.status == 200 and b"evil.id" not in claimed.data
        server.kill()
        gone = client.request("GET", "/")
        assert gone.status == 502 and "belum dapat dihubungi" in gone.data.decode()
        assert gone.headers["Retry-After"] == "30"
    finally:
        nginx.stop()
        if server.process.poll() is None:
            server.kill()


@pytest.mark.parametrize("file", [SITE, ROOT / "deploy/caddy/Caddyfile"], ids=["nginx", "caddy"])
def test_a_body_may_be_as_large_as_the_application_takes(file):
    usual, large = sorted(
        int(found) for found in re.findall(r"size (\d+)(?:m;|MB)", file.read_text())
    )
    assert usual * 1_000_000 > MAX_BODY - 1024 * 1024 and usual * 1024 * 1024 > MAX_BODY
    assert large * 1024 * 1024 > MAX_LARGE_BODY


def test_caddy_takes_its_file():
    file = ROOT / "deploy/caddy/Caddyfile"
    command = [find("caddy"), "validate", "--adapter", "caddyfile", "--config", file]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert free_port()
