"""fail2ban's own matcher, on lines that a real server wrote."""

import re
import subprocess
import sys

import pytest
import requests

from tests.deploy.production import NAME, production_server
from tests.floors import ROOT
from tests.programs import find

FILTER = ROOT / "deploy/fail2ban/filter.conf"
STRANGER = "203.0.113.9"


@pytest.mark.slow
def test_refused_log_ins_are_counted_and_nothing_else(tmp_path):
    server = production_server(tmp_path)
    log = tmp_path / "log"
    written = 'exec "$0" run.py serve 2>"$1"'
    server.launch("sh", "-c", written, sys.executable, str(log))
    # As nginx hands it on.
    ask = requests.Session()
    ask.headers.update({"Host": NAME, "X-Forwarded-For": STRANGER, "X-Forwarded-Proto": "https"})
    page = ask.get(f"{server.base}/masuk", timeout=60)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)[1]
    cookie = page.headers["Set-Cookie"].partition(";")[0]
    form = {"csrf_token": token, "email": "tidak.ada@contoh.test", "password": "salah sekali"}
    sent = {"Cookie": cookie, "Referer": f"https://{NAME}/masuk"}
    for _ in range(2):
        ask.post(f"{server.base}/masuk", data=form, headers=sent, timeout=60)
    ask.get(f"{server.base}/statistik", timeout=60)
    server.kill()
    command = [find("fail2ban-regex"), "--print-all-matched", log, FILTER]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    matched = re.search(r"Lines: (\d+) lines, \d+ ignored, (\d+) matched", told)
    assert matched[2] == "2", told + log.read_text()
    assert int(matched[1]) > 2 and told.count(f"{STRANGER} POST /masuk 200") == 2
