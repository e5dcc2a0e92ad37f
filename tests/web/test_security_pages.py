"""What pages let through and what they give away: limits, headers, documents, tracking."""

import re

import pytest

from models import Event, RateBucket, Request
from tests.people import advance, checked, enter, file_request, pdf, post, stored, upload
from tests.story_forms import FORM


@pytest.mark.parametrize(
    ("path", "data", "times"),
    [
        ("/masuk", {"email": "a@contoh.test", "password": "x"}, 10),
        ("/daftar", {"email": "a@contoh.test"}, 5),
        ("/lupa-sandi", {"email": "a@contoh.test"}, 20),
        ("/verifikasi", {"email": "a@contoh.test"}, 20),
        ("/lacak", {"number": "1/L.Data/01/I/24"}, 10),
    ],
)
def test_limits(app, people, path, data, times):
    client = app.test_client()
    codes = [post(client, path, data).status_code for _ in range(times)]
    assert 429 not in codes
    refused = post(client, path, data)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert "menit" in refused.text
    # What is counted can't be read back.
    assert all(re.fullmatch(r"[0-9a-f]{64}", bucket.key) for bucket in RateBucket.select())


def test_upload_limit(app, people):
    client = enter(app, people.customer)
    codes = [post(client, "/ajukan").status_code for _ in range(61)]
    assert codes[-1] == 429
    assert set(codes[:-1]) == {422}


def test_headers(app, people):
    answer = enter(app, people.customer).get("/dasbor")
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


def test_no_inline_handler_or_style_anywhere(app, people, runtime, now):
    request = file_request(runtime, people.customer, now=now)
    pages = [
        enter(app, None).get("/").text,
        enter(app, people.customer).get(f"/layanan/{request.public_id}").text,
        enter(app, people.admin_layanan).get(f"/backoffice/permohonan/{request.public_id}").text,
    ]
    for page in pages:
        assert not re.search(r"\son\w+=", page)
        assert not re.search(r"\sstyle=", page)
        assert "javascript:" not in page


def test_document_is_an_attachment_that_cannot_act(app, people, runtime, now):
    prefixed = b"<script>alert(1)</script>\n" + pdf()
    client = enter(app, people.customer)
    post(client, "/ajukan", {**FORM, "file": upload(prefixed, "surat<img>.pdf")})
    post(client, "/ajukan/kirim", checked(client))
    from models import Document

    letter = Document.get(Document.kind == "pendukung")
    answer = client.get(f"/dokumen/{letter.public_id}")
    assert answer.data.startswith(b"%PDF-")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "<" not in letter.filename


def test_draft_of_another_person_stays_hidden(app, people):
    client = enter(app, people.customer)
    post(client, "/ajukan", {**FORM, "file": upload()})
    form = checked(client)
    key = form["key"]
    other = enter(app, people.other_customer)
    with other.session_transaction() as cookie:
        cookie["draft"] = key
    assert FORM["description"] not in other.get("/ajukan").text
    sent = post(other, "/ajukan/kirim", form, follow_redirects=True)
    assert "tidak berlaku lagi" in sent.text
    assert Request.select().count() == 0


def test_tracking_never_tells_more_than_stages(app, people, runtime, now):
    request = advance(
        file_request(runtime, people.customer, now=now), people, runtime, now=now,
        until="DISPOSISI_KABALAI",
    )  # fmt: skip
    visitor = app.test_client()
    for data in ({"number": request.number}, {"email": people.customer.email.upper()}):
        page = post(visitor, "/lacak", data).text
        assert "P*** S***" in page
        for secret in (people.customer.name, request.subject, request.description, "+62",
                       "Universitas", "/dokumen/", request.public_id):  # fmt: skip
            assert secret not in page
    unknown = [
        post(visitor, "/lacak", data).text
        for data in ({"number": "999/L.Data/01/I/24"}, {"email": "tidak-ada@contoh.test"},
                     {"email": people.unverified.email})
    ]  # fmt: skip
    for page in unknown:
        assert "Data tidak ditemukan" in page


def test_no_personal_data_in_the_history(people, runtime, now):
    request = file_request(runtime, people.customer, now=now)
    advance(request, people, runtime, now=now)
    for event in Event.select():
        text = str(event.data)
        for secret in (people.customer.name, people.customer.email, request.subject, "ditindak"):
            assert secret not in text


def test_stored_twice_is_one_file(runtime):
    first, second = stored(runtime, b"%PDF-1.4 sama"), stored(runtime, b"%PDF-1.4 sama")
    assert first.sha256 == second.sha256
