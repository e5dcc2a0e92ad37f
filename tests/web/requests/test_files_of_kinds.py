"""Files that were chosen for one kind of a service, when another kind is filed in the end."""

import pytest

from models import Document, Request, RequestDraft
from tests.people import checked, enter, post, upload
from tests.storage.pdf_samples import acting_pdf
from tests.story_forms import FORM

SCRIPT = acting_pdf(b"/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>")
OTHERS = [b"%PDF-1.4 rusak", SCRIPT, b"bukan pdf", b"%PDF-1.4" + b"0" * 3_000_000]


@pytest.mark.parametrize("content", OTHERS, ids=["broken", "acting", "text", "large"])
def test_what_another_kind_asks_for_refuses_nothing(app, people, content):
    """Its field is hidden, but a browser sends what was chosen there."""
    client = enter(app, people.customer)
    form = {**FORM, "file": upload(), "data-proposal": upload(content, name="proposal.pdf")}
    answer = post(client, "/ajukan", form)
    assert answer.status_code == 302, answer.text
    assert list(RequestDraft.get().files) == ["pendukung"]


@pytest.mark.parametrize("content", OTHERS[:2], ids=["broken", "acting"])
def test_what_was_kept_for_another_kind_before_refuses_nothing(app, people, content):
    client = enter(app, people.customer)
    other = {**FORM, "subclass": "magang_kp", "subject": ""}
    page = post(client, "/ajukan", {**other, "data-proposal": upload(content, name="p.pdf")})
    assert page.status_code == 422
    draft = RequestDraft.get()
    form = {**FORM, "formulir": draft.key, "file": upload()}
    assert post(client, "/ajukan", form).status_code == 302
    check = client.get(f"/ajukan/periksa?formulir={draft.key}")
    assert check.status_code == 200 and "p.pdf" not in check.text
    assert post(client, "/ajukan/kirim", checked(client)).status_code == 302
    assert Request.select().count() == 1
    assert Document.select().where(Document.filename == "p.pdf").count() == 0


@pytest.mark.parametrize("content", OTHERS, ids=["broken", "acting", "text", "large"])
def test_of_the_chosen_kind_it_is_refused(app, people, content):
    client = enter(app, people.customer)
    wrong = upload(content, name="proposal.pdf")
    form = {**FORM, "subclass": "magang_kp", "file": upload(), "data-proposal": wrong}
    page = post(client, "/ajukan", form)
    assert page.status_code == 422 and "Proposal kegiatan" in page.text
