"""Every reachable page: Indonesian, valid HTML. What a browser sees is in test_accessibility."""

import re
from collections import Counter

import html5lib
import pytest

from models import RateBucket
from tests.people import POSTS, Visits, advance, enter, file_request
from tests.web.test_access import addresses, ask, world  # noqa: F401

# The manual's own labels stay as they are.
LABELS = (
    r"Showing \d+ to \d+ of [\d+]+ records",
    r"Upload Dokumen Pendukung",
    r"Sign (Up|up|In|Out)",
    r"\b(Name|Email|Password|Dashboard|Search|Close|History|Detail|Actions?|ACTIONS|FAQ|USERS)\b",
    r"My Profile|Export Excel|Isi Survey|TRACKING LAYANAN|Tracking Layanan|Lupa password",
    r"KUESIONER / SURVEY|ukuran file adalah|Buka File",
    r"\{office\.\w+\}",
)
ENGLISH = re.compile(
    r"\b(the|and|for|with|your|you|please|is|are|not|yes|this|that|from|has|have|been|was|will|"
    r"records?|invalid|required|save|cancel|delete|edit|create|next|previous|error|success|"
    r"login|logout|submit|back|view|add|new|must|characters|address|expired|sent|click|here|"
    r"field|value|choice|welcome|thank|account|confirm|already|cannot|select|file|forgot|reset)\b",
    re.IGNORECASE,
)
# What is another one on every page, and no words.
KEYS = re.compile(r'(?<=csrf_token" value=")[^"]+|(?<=nonce=")[^"]+|(?<=rujukan: <strong>)\w+')
# Answers a script with a part of a page.
PARTS = {
    "POST /backoffice/permohonan/<public_id>/hadir",
    "GET /backoffice/permohonan/<public_id>/samping",
}
HTML = "{http://www.w3.org/1999/xhtml}"


def walk(app, user, start: tuple[str, ...]) -> dict[str, str]:
    """Every page that can be reached by links from `start`: address -> HTML."""
    client, pages, pending = enter(app, user), {}, list(start)
    # A few of each kind are enough: every day of the calendar has a page like the others.
    seen: Counter[str] = Counter()
    while pending and len(pages) < 150:
        address = pending.pop()
        kind = re.sub(r"[0-9A-Z]{26}|\d+", "#", address)
        if address in pages or seen[kind] >= 3:
            continue
        seen[kind] += 1
        answer = client.get(address)
        if answer.status_code in (301, 302):
            pending.append(answer.headers["Location"].replace("http://localhost", ""))
            pages[address] = ""
            continue
        assert answer.status_code == 200, address
        pages[address] = answer.text if answer.mimetype == "text/html" else ""
        if address.startswith("/demo/"):
            continue  # It shows what everybody was sent, other people's links included.
        for link in re.findall(r'href="(/[^"#]*)', pages[address]):
            link = link.replace("&amp;", "&")
            if not link.startswith("/static") and "/static/" not in link and "format=" not in link:
                pending.append(link)
    return {address: page for address, page in pages.items() if page}


def visible_text(tree) -> str:
    """What a person reads or hears: text, and the attributes that are spoken."""
    for tag in ("script", "style"):
        for element in list(tree.iter(HTML + tag)):
            element.text = ""
    spoken = [
        element.get(name, "")
        for element in tree.iter()
        if isinstance(element.tag, str)
        for name in ("title", "aria-label", "placeholder", "alt")
    ]
    return " ".join([*tree.itertext(), *spoken])


def english_in(tree) -> set[str]:
    # What is typed at a command line is in no language.
    for tag in ("code", "pre"):
        for element in list(tree.iter(HTML + tag)):
            element.text = ""
    text = visible_text(tree)
    for label in LABELS:
        text = re.sub(label, " ", text)
    return {word.casefold() for word in ENGLISH.findall(text)}


def faults_of(tree, errors: list) -> list[str]:
    """What an HTML validator would complain about."""
    faults = [str(error) for error in errors]
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    faults += [f"duplicate id {name}" for name in set(ids) if ids.count(name) > 1]
    for element in tree.iter():
        for attribute in ("for", "aria-describedby", "aria-labelledby"):
            for name in (element.get(attribute) or "").split():
                if name not in ids:
                    faults.append(f"{attribute} names {name}, which isn't there")
        href = element.get("href") or ""
        if href.startswith("#") and href[1:] not in ids:
            faults.append(f"link to {href}, which isn't there")
    if tree.get("lang") != "id":
        faults.append("no language")
    return faults


def check(pages: dict[str, str]) -> None:
    # Most refusals differ in their keys only, and reading one takes longer than making it.
    different = {KEYS.sub("", page): address for address, page in pages.items()}
    english, faults = {}, {}
    for address in different.values():
        parser = html5lib.HTMLParser(strict=False)
        tree = parser.parse(pages[address])
        if found := faults_of(tree, parser.errors):
            faults[address] = found
        if words := english_in(tree):
            english[address] = words
    assert english == {}
    assert faults == {}


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("reader", ["visitor", "customer", *POSTS])
def test_reachable_pages_are_indonesian_and_valid(app, people, runtime, now, reader):
    request = file_request(runtime, people.customer, now=now)
    advance(request, people, runtime, now=now, until="SURVEI")
    done = file_request(runtime, people.customer, now=now, key="K2")
    advance(done, people, runtime, now=now)
    file_request(runtime, people.customer, now=now, key="K3")
    start: tuple[str, ...] = ("/",)
    user = None
    if reader == "customer":
        user, start = people.customer, ("/", "/dasbor")
    elif reader != "visitor":
        user, start = people.staff[reader], ("/backoffice/",)
    pages = walk(app, user, start)
    assert len(pages) > 8
    check(pages)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_error_and_refusal_pages_are_indonesian_and_valid(app, people, world):  # noqa: F811
    pages = {}
    for reader in (None, people.customer, people.admin_layanan, people.administrator):
        visits = Visits(app, reader)
        for rule, address in addresses(world).items():
            RateBucket.delete().execute()
            answer = ask(visits, rule, address)
            is_part = rule in PARTS and answer.status_code == 200
            if (
                answer.mimetype == "text/html"
                and answer.status_code not in (301, 302, 303)
                and not is_part
            ):
                pages[f"{rule} {reader}"] = answer.text
    pages["404"] = enter(app, None).get("/tidak-ada").text
    pages["405"] = enter(app, None).get("/keluar").text
    check(pages)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_crash_page_has_a_reference_and_no_secret(app, people, monkeypatch):
    from portal import statistics

    def explode(*args, **kwargs):
        raise RuntimeError("rahasia dapur")

    monkeypatch.setattr(statistics, "public_figures", explode)
    answer = enter(app, None).get("/statistik")
    assert answer.status_code == 500
    assert re.search(r"Kode rujukan: <strong>[0-9A-F]{8}</strong>", answer.text)
    assert "rahasia" not in answer.text


@pytest.mark.browser
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_portal_works_without_scripts(chromium, live, people):
    context = chromium.new_context(
        java_script_enabled=False, viewport={"width": 360, "height": 800}
    )
    page = context.new_page()
    page.goto(live + "/masuk")
    page.fill("#email", people.customer.email)
    page.fill("#password", "kata-sandi-uji")
    page.get_by_role("button", name="Sign In").click()
    page.get_by_text("Menu akun").click()
    page.get_by_role("link", name="Ajukan Layanan").first.click()
    page.fill("#subject", "Tanpa skrip")
    page.get_by_role("button", name="Simpan").click()
    assert page.get_by_role("alert").count() >= 1
    assert page.input_value("#subject") == "Tanpa skrip"
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_first_visit_is_light_and_from_one_host(chromium, live):
    context = chromium.new_context()
    page, weights, hosts = context.new_page(), [], set()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: weights.append(event["encodedDataLength"]))
    page.on("request", lambda asked: hosts.add(asked.url.split("/")[2]))
    page.goto(live + "/", wait_until="networkidle")
    assert sum(weights) < 150_000
    assert len(hosts) == 1
    context.close()
