"""What programs look for without being told."""

import re
from datetime import UTC, datetime, timedelta

from config.office import office


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
