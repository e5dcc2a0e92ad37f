"""Uploads when many come at once, when an account is unproved, and when the disk is nearly full."""

import threading
from contextlib import contextmanager
from dataclasses import replace

import pytest
import requests

from models import Request, RequestDraft
from storage.turns import Turns
from tests.people import PASSWORD, checked, csrf_token, enter, pdf, post, upload
from tests.storage.test_pdf_helpers import bomb
from tests.story_forms import FORM


def stored_files(runtime) -> list:
    return sorted(sha256 for sha256, _ in runtime.storage.digests())


def test_form_waits_its_turn_and_comes_back_with_a_sentence(app, people, short_line):
    client = enter(app, people.customer)
    with short_line.turn(), short_line.turn():
        page = post(client, "/ajukan", {**FORM, "file": upload()})
    assert page.status_code == 422
    assert "Banyak berkas sedang diperiksa" in page.text
    assert FORM["description"] in page.text
    assert "surat.pdf" in page.text, "the file is kept, and needn't be chosen again"
    assert post(client, "/ajukan", {**FORM, "formulir": RequestDraft.get().key}).status_code == 302


@pytest.mark.parametrize("changes", [{}, {"subject": ""}])
@pytest.mark.parametrize("content", [None, b"bukan pdf", pdf("Berkas akun baru")])
def test_unproved_account_uploads_nothing(app, people, runtime, content, changes):
    client, before = enter(app, people.unverified), stored_files(runtime)
    page = post(
        client, "/ajukan", {**FORM, **changes, "file": upload(content)}, follow_redirects=True
    )
    assert FORM["description"] in page.text
    assert stored_files(runtime) == before
    assert RequestDraft.get().files == {}


def test_nine_heavy_files_leave_room_for_pages(app, people, runtime, with_runtime, live):
    """Two are looked at at a time; pages are answered while the others wait or are sent back."""
    turns = Counting(runtime.settings.files_dir / "tmp", at_once=2, most_here=2, patience=15)
    with_runtime(checks=turns)
    senders = [logged_in(live, people.customer.email) for _ in range(9)]
    forms = [{**FORM, "csrf_token": token} for _, token in senders]
    content, codes, gate = bomb(400 * 1024 * 1024), [], threading.Barrier(10)

    def sends(session, form) -> None:
        gate.wait()
        files = {"file": ("berat.pdf", content, "application/pdf")}
        codes.append(session.post(f"{live}/ajukan", data=form, files=files, timeout=60).status_code)

    threads = [threading.Thread(target=sends, args=(session, form))
               for (session, _), form in zip(senders, forms, strict=True)]  # fmt: skip
    for thread in threads:
        thread.start()
    gate.wait()
    answered = 0
    while any(thread.is_alive() for thread in threads):
        assert requests.get(f"{live}/masuk", timeout=30).status_code == 200
        answered += 1
    assert codes == [422] * 9 and Request.select().count() == 0
    assert turns.most == 2
    assert answered > 2


class Counting(Turns):
    """Notes how many had a turn at a time."""

    here = most = 0
    lock = threading.Lock()

    @contextmanager
    def turn(self, **how):
        with super().turn(**how):
            with self.lock:
                self.here += 1
                self.most = max(self.most, self.here)
            try:
                yield
            finally:
                with self.lock:
                    self.here -= 1


def logged_in(base: str, email: str) -> tuple[requests.Session, str]:
    session = requests.Session()

    def token(path: str) -> str:
        page = session.get(base + path, timeout=30).text
        return page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]

    form = {"csrf_token": token("/masuk"), "email": email, "password": PASSWORD}
    session.post(f"{base}/masuk", data=form, timeout=30)
    return session, token("/ajukan")


# -- a disk that is nearly full --------------------------------------------------------------------


@pytest.fixture
def full_disk(runtime, with_runtime) -> None:
    """More must stay free than any disk has."""
    with_runtime(settings=replace(runtime.settings, free_disk_mb=10**9))


@pytest.mark.fault
def test_nothing_is_uploaded_to_a_full_disk(app, people, runtime, full_disk):
    client, before = enter(app, people.customer), stored_files(runtime)
    page = post(client, "/ajukan", {**FORM, "file": upload(pdf("Surat baru"))})
    assert page.status_code == 507
    assert "Ruang simpan server kami hampir penuh" in page.text
    assert FORM["description"] in page.text
    assert stored_files(runtime) == before and RequestDraft.select().count() == 0


@pytest.mark.fault
def test_nothing_is_filed_on_a_full_disk(app, people, runtime, with_runtime):
    client = enter(app, people.customer)
    post(client, "/ajukan", {**FORM, "file": upload()})
    form = checked(client)
    with_runtime(settings=replace(runtime.settings, free_disk_mb=10**9))
    page = post(client, "/ajukan/kirim", form)
    assert page.status_code == 507 and "hampir penuh" in page.text
    assert Request.select().count() == 0
    # The form is still there for a better hour.
    with_runtime()
    assert post(client, "/ajukan/kirim", form).status_code == 302
    assert Request.select().count() == 1


@pytest.mark.fault
def test_counter_files_nothing_on_a_full_disk(app, people, runtime, full_disk):
    client, before = enter(app, people.admin_layanan), stored_files(runtime)
    form = {**FORM, "name": "Ibu di Loket", "channel": "loket", "file": upload(pdf("Di loket"))}
    page = post(client, "/backoffice/loket/permohonan", form)
    assert page.status_code == 507 and FORM["description"] in page.text
    assert stored_files(runtime) == before
    assert Request.select().count() == RequestDraft.select().count() == 0


@pytest.mark.fault
def test_visitor_leaves_nothing_on_a_full_disk(app, db, full_disk):
    page = post(app.test_client(), "/ajukan", FORM)
    assert page.status_code == 507 and FORM["description"] in page.text
    assert RequestDraft.select().count() == 0
    assert csrf_token(app.test_client())


@pytest.mark.parametrize(
    ("field", "most"),
    [("subject", 200), ("description", 4000), ("letter_number", 100), ("letter_from", 160),
     ("letter_on", 60), ("subclass", 60), ("lab-jumlah", 2000)],
)  # fmt: skip
def test_refused_form_keeps_what_its_fields_take(app, db, field, most):
    visitor = app.test_client()
    page = post(visitor, "/ajukan", {**FORM, field: "x" * 90_000})
    kept = RequestDraft.get().answers
    assert all(len(str(value)) <= 4000 for value in kept.values())
    assert len(kept.get(field, "") or "") <= most
    assert not kept["statement"] or page.status_code != 422
