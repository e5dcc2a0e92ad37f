"""Large bodies are let in where a form may ask for them, and nowhere else."""

import pytest
import requests

from models import Document
from tests.storage import file_samples as samples
from tests.web.requests.upload_steps import Desk, ready_for_results

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
MEBIBYTE = 1024 * 1024


def test_a_large_file_comes_with_a_plain_form(app, people, runtime, now, live):
    desk = Desk(app, people.pemangku_data, ready_for_results(runtime, people, now))
    name = app.config["SESSION_COOKIE_NAME"]
    cookies = {name: desk.client.get_cookie(name).value}
    table = samples.table(30 * MEBIBYTE // 23)
    form = {"csrf_token": desk.token, "version": desk.request.version, "desk": "LAPORAN_KE_PETUGAS"}
    answer = requests.post(
        f"{live}{desk.address}/complete", data=form, cookies=cookies, timeout=60,
        files={"report": ("tabel.csv", table)}, allow_redirects=False,
    )  # fmt: skip
    assert answer.status_code == 302
    assert Document.get(Document.kind == "laporan").size == len(table)


STRANGE = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


@pytest.mark.parametrize(
    "path",
    [
        "/masuk",
        "/backoffice/",
        f"/unggahan/{STRANGE}",
        f"/layanan/{STRANGE}/pesan",
        f"/backoffice/permohonan/{STRANGE}/complete",
    ],
)
def test_nobody_elses_body_is_taken(live, path):
    """A visitor's least of all: what is too large isn't read into any form."""
    body = b"a=" + b"x" * 30 * MEBIBYTE
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = requests.post(live + path, data=body, timeout=60, headers=headers)
    assert answer.status_code in (400, 413)
