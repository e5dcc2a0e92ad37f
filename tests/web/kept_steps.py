"""Steps of somebody whose form comes too late: the log-in ended, or the page is too old."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import html5lib
from flask.testing import FlaskClient
from itsdangerous import TimestampSigner

from models import LoginSession, Request, User
from moves.catalogue import flow_of
from tests.people import PASSWORD, REFUSAL, advance, file_request, good_answers
from workflow import Reader, act

WORDS = "Mohon data dikirim sebelum tanggal lima, terima kasih."
OLDER_THAN_A_TOKEN = 13 * 3600


@dataclass
class Case:
    """A form: who writes it, on which page, where it goes, and what is typed into it."""

    person: User
    page: str
    address: str
    typed: Mapping[str, object]

    def is_filled_in(self, page: str) -> bool:
        shown = values_of(page, self.address, self.typed)
        return shown is not None and all(
            shown.get(name) == given for name, given in self.typed.items()
        )


def values_of(page: str, address: str, near: Mapping[str, object]) -> dict | None:
    """What stands in the form of a page that goes to an address: the one with the most names."""
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    forms = [
        _values(form)
        for form in tree.iter("form")
        if form.get("method") == "post" and (form.get("action") or address).split("?")[0] == address
    ]
    alike = [sum(found.get(name) == value for name, value in near.items()) for found in forms]
    return forms[alike.index(max(alike))] if forms else None


def _values(form) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in form.iter():
        name, kind = element.get("name"), element.get("type")
        if element.tag == "textarea":
            found[name] = (element.text or "").removeprefix("\n")
        elif element.tag == "select":
            chosen = [one for one in element.iter("option") if one.get("selected") is not None]
            found[name] = chosen[0].get("value", (chosen[0].text or "").strip()) if chosen else ""
        elif element.tag == "input" and kind in ("radio", "checkbox"):
            if element.get("checked") is not None:
                found[name] = element.get("value", "on")
        elif element.tag == "input" and name:
            found[name] = element.get("value", "")
    return found


def token_on(page: str, address: str, near: Mapping[str, object]) -> dict[str, str]:
    """The hidden fields of the form."""
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    for form in tree.iter("form"):
        if (form.get("action") or address).split("?")[0] == address:
            hidden = {e.get("name"): e.get("value", "") for e in form.iter("input")
                      if e.get("type") == "hidden"}  # fmt: skip
            if all(hidden.get(name, value) == value for name, value in near.items()):
                return hidden
    raise AssertionError(f"no form to {address}")


def opens(client: FlaskClient, case: Case) -> dict[str, object]:
    """Open the page of a form and fill it: what the browser will send."""
    page = client.get(case.page)
    assert page.status_code == 200, page.status
    return {**token_on(page.text, case.address, case.typed), **case.typed}


def sends(client: FlaskClient, case: Case, form: Mapping[str, object]):
    headers = {"Referer": f"http://localhost{case.page}", "Origin": "http://localhost"}
    return client.post(case.address, data=form, headers=headers, content_type="multipart/form-data")


def logs_in(client: FlaskClient, answer, user: User):
    """Follow the way to the log-in page, log in, and go where it leads."""
    page = client.get(answer.headers["Location"])
    hidden = token_on(page.text, "/masuk", {})
    form = {**hidden, "email": user.email, "password": PASSWORD}
    entered = client.post("/masuk", data=form)
    assert entered.status_code == 302, entered.text
    return client.get(entered.headers["Location"], follow_redirects=True)


# -- how a form comes too late ---------------------------------------------------------------------


def log_in_ends(client: FlaskClient) -> None:
    """The row is gone; the browser still has its cookie."""
    LoginSession.delete().execute()


def cookies_go(client: FlaskClient) -> None:
    client.delete_cookie("melasti")


def page_is_old(client: FlaskClient) -> None:
    """As after thirteen hours: the cookie ran out too."""
    cookies_go(client)
    LoginSession.delete().execute()


def drawn_long_ago(monkeypatch) -> None:
    """What is signed from now on looks thirteen hours old."""
    monkeypatch.setattr(
        TimestampSigner, "get_timestamp", lambda self: int(time.time()) - OLDER_THAN_A_TOKEN
    )


# -- forms -----------------------------------------------------------------------------------------


def request_at(people, runtime, now, until: str = "", **more) -> Request:
    item = file_request(runtime, people.customer, now=now, **more)
    return advance(item, people, runtime, now=now, until=until) if until else item


def conversation(people, runtime, now) -> Case:
    page = f"/layanan/{request_at(people, runtime, now).public_id}"
    return Case(people.customer, page, f"{page}/pesan", {"text": WORDS, "kind": "public"})


def profile(people, runtime, now) -> Case:
    typed = {"name": "Pelanggan Baru Nama", "institution_name": 'Universitas "Samudra" & Rekan',
             "institution_category": "perguruan_tinggi", "phone": "0812 3456 7899", "gender": "P",
             "address": "Jalan Contoh 1"}  # fmt: skip
    return Case(people.customer, "/profil", "/profil", typed)


def filing(people, runtime, now) -> Case:
    typed = {"service": "data", "subclass": "data_informasi", "subject": "Data <gelombang>",
             "description": f"{WORDS}\n\nBaris kedua & ketiga.", "statement": "y"}  # fmt: skip
    return Case(people.customer, "/ajukan", "/ajukan", typed)


def survey(people, runtime, now) -> Case:
    item = request_at(people, runtime, now)
    while not any(stage.kind == "survey" and stage.code == item.stage_code
                  for stage in flow_of(item).stages):  # fmt: skip
        item = advance(item, people, runtime, now=now, until=_next_stage(item))
    page = f"/layanan/{item.public_id}/survei"
    return Case(people.customer, page, page, good_answers(runtime.questionnaire))


def _next_stage(item: Request) -> str:
    codes = [stage.code for stage in flow_of(item).stages]
    return codes[codes.index(item.stage_code) + 1]


def completion(people, runtime, now) -> Case:
    item = request_at(people, runtime, now)
    inputs = {"days": "5", "items": "- Surat bertanda tangan"}
    item = act(item, "ask_completion", reader=Reader.at(people.admin_layanan, now),
               inputs=inputs, version=item.version)  # fmt: skip
    page = f"/layanan/{item.public_id}"
    return Case(people.customer, page, f"{page}/tindakan/give_completion", {"note": WORDS})


def objection(people, runtime, now) -> Case:
    item = request_at(people, runtime, now)
    item = act(item, "reject", reader=Reader.at(people.admin_layanan, now), inputs=REFUSAL,
               version=item.version)  # fmt: skip
    page = f"/layanan/{item.public_id}"
    return Case(people.customer, page, f"{page}/tindakan/object", {"reason": WORDS})


def objects_elsewhere(case: Case, now: datetime) -> None:
    """The same person objects from another browser, after which the form is gone."""
    item, reader = Request.get(), Reader.at(case.person, now)
    act(
        item,
        "object",
        reader=reader,
        inputs={"reason": "Surat pengantarnya sudah saya lampirkan sejak awal."},
        version=item.version,
    )


def card_move(people, runtime, now) -> Case:
    page = f"/backoffice/permohonan/{request_at(people, runtime, now).public_id}"
    return Case(people.admin_layanan, page, f"{page}/reject", REFUSAL)


def card_note(people, runtime, now) -> Case:
    page = f"/backoffice/permohonan/{request_at(people, runtime, now).public_id}"
    typed = {"text": WORDS, "kind": "internal"}
    return Case(people.admin_layanan, page, f"{page}/percakapan", typed)


def counter(people, runtime, now) -> Case:
    typed = {"name": "Ibu di Loket", "institution_category": "perorangan",
             "phone": "0812 0000 1111", "service": "data", "subclass": "data_informasi",
             "subject": "Data pasang surut", "description": WORDS, "channel": "surat"}  # fmt: skip
    page = "/backoffice/loket/permohonan"
    return Case(people.admin_layanan, page, page, typed)


def faq(people, runtime, now) -> Case:
    typed = {"question": "Berapa lama?", "answer": WORDS}
    return Case(people.administrator, "/backoffice/faq/new/", "/backoffice/faq/new/", typed)


CASES = (conversation, profile, filing, survey, completion, objection, card_move, card_note,
         counter, faq)  # fmt: skip
