"""Parts of pages rendered once: nobody sees what was made for somebody else."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import meta, nodes
from markupsafe import escape

from models import FlowVersion
from tests.people import enter


def menu(client, path: str) -> str:
    return re.search(r"<header.*?</header>", client.get(path).text, re.S).group()


def test_menu_is_for_its_reader_and_its_page(app, people):
    staff = people.kepala_balai
    readers = {"MASUK": None, "My Profile": people.customer, "BACKOFFICE": staff}
    # Twice, so that the second round meets what the first one left.
    for _ in range(2):
        for words, who in readers.items():
            client = enter(app, who)
            seen = menu(client, "/faq")
            assert [word for word in readers if word in seen] == [words]
            assert re.findall(r'<a href="([^"]+)" aria-current="page"', seen) == ["/faq"]
            assert re.findall(r'<a href="([^"]+)" aria-current="page"', menu(client, "/lacak")) == [
                "/lacak"
            ]


def test_addresses_in_it_are_under_the_prefix_of_the_proxy(app, db):
    client = app.test_client()
    for base, home in (("http://localhost", "/"), ("http://localhost/bawah", "/bawah/")):
        for _ in range(2):
            page = client.get("/faq", base_url=base).text
            assert f'<a class="m-brand" href="{home}">' in page
            assert f'href="{home}static/melasti.css' in page


def test_a_service_with_a_new_name_is_in_the_menu_at_once(app, people, now):
    client, name = app.test_client(), "Layanan Data Berganti Nama"
    known = FlowVersion.get(FlowVersion.service_code == "data")
    whole = json.loads(known.definition)
    title = str(escape(whole["title"]))
    assert title in menu(client, "/faq")
    FlowVersion.create(
        service_code="data",
        digest="0" * 64,
        definition=json.dumps(whole | {"title": name}),
        created_at=now,
        published_at=datetime.now(UTC),
        # What people publish goes before the next test.
        published_by=people.administrator,
    )
    seen = menu(client, "/faq")
    assert name in seen
    assert title not in seen


def test_a_page_that_changes_nothing_sends_no_cookie(app, people):
    for who in (None, people.customer):
        client = enter(app, who)
        client.get("/lacak")
        assert "Set-Cookie" not in client.get("/lacak").headers


def test_an_imported_part_asks_for_nothing_that_is_not_given(app):
    """It is made once, without the page: a name of the page would quietly be undefined there."""
    env, asked = app.jinja_env, {}
    pages = [path.read_text() for path in Path(app.root_path, "templates").rglob("*.html")]
    named = re.compile(r'{% (?:import|from) "([^"]+)"(?![^%]*with context)')
    parts = {name for page in pages for name in named.findall(page)}
    assert "_macros.html" in parts
    for name in parts:
        tree = env.parse(env.loader.get_source(env, name)[0])
        # What a part sets in one branch of its own counts as undeclared too.
        own = {found.name for found in tree.find_all(nodes.Name) if found.ctx == "store"}
        asked[name] = meta.find_undeclared_variables(tree) - set(env.globals) - own
    assert not any(asked.values()), asked
