"""What programs look for without being told."""

import io
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from config.office import office
from tests.people import enter


def test_security_txt_names_a_contact_and_a_day(app, db, clock, now):
    answer = app.test_client().get("/.well-known/security.txt")
    assert answer.mimetype == "text/plain"
    told = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert told["Contact"] == f"mailto:{office().email}"
    assert told["Canonical"] == "http://localhost/.well-known/security.txt"
    until = datetime.strptime(told["Expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert timedelta(days=30) < until - now < timedelta(days=365)


def test_robots_are_kept_from_what_is_behind_a_log_in(app, db):
    answer = app.test_client().get("/robots.txt")
    assert answer.mimetype == "text/plain"
    closed = re.findall(r"(?m)^Disallow: (\S+)$", answer.text)
    assert "/backoffice/" in closed and "/" not in closed
    assert not any("/sop/data".startswith(path) for path in closed)


def test_the_icon_is_one(app, db):
    answer = app.test_client().get("/favicon.ico")
    assert answer.data[:4] == b"\0\0\1\0" and "max-age" in answer.headers["Cache-Control"]


def test_the_site_can_be_put_on_a_home_screen(app, db):
    client = app.test_client()
    address = re.search(r'<link rel="manifest" href="([^"]+)"', client.get("/").text)[1]
    answer = client.get(address)
    assert answer.mimetype == "application/manifest+json"
    assert "public" in answer.headers["Cache-Control"] and "Set-Cookie" not in answer.headers
    told = json.loads(answer.text)
    assert told["short_name"] == "MELASTI" and office().name in told["name"]
    assert told["display"] == "standalone"
    for path in (told["start_url"], *(one["url"] for one in told["shortcuts"])):
        assert client.get(path).status_code in (200, 302), path
    for one in told["icons"]:
        icon = client.get(one["src"])
        width, height = Image.open(io.BytesIO(icon.data)).size
        assert one["sizes"] == f"{width}x{height}" and icon.mimetype == one["type"]
    assert {"any", "maskable"} == {one["purpose"] for one in told["icons"]}


@pytest.mark.browser
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_browser_understands_the_manifest(chromium, live, db):
    context = chromium.new_context()
    page = context.new_page()
    page.goto(live)
    told = context.new_cdp_session(page).send("Page.getAppManifest")
    assert told["errors"] == [] and told["url"].endswith("/manifest.webmanifest")
    context.close()


def test_a_shared_link_has_a_preview_and_a_private_page_none(app, people):
    found = dict(re.findall(r'<meta property="og:(\w+)" content="([^"]*)"',
                            app.test_client().get("/sop/data").text))  # fmt: skip
    assert found["title"] and found["description"] and "MELASTI" in found["site_name"]
    base = app.extensions["melasti"].settings.base_url
    assert found["image"].startswith(f"{base}/static/icon-512.png")
    assert "og:" not in enter(app, people.customer).get("/dasbor").text
