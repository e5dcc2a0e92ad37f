"""Read a page of the queue."""

import re

from models import User
from tests.people import make_staff


def colleague_of(app, *posts: str, email: str) -> User:
    with app.app_context():
        return make_staff(*posts, email=email)


def subjects(client, address: str) -> list[str]:
    page = client.get(address)
    assert page.status_code == 200, address
    return re.findall(r"<strong>(Perihal \d+)</strong>", page.text)


def link(page: str, rel: str) -> str:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', page)
    return found[1].replace("&amp;", "&") if found else ""
