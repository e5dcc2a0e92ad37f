"""Files of any name through a real server: the tests' own client never encodes a header."""

import http.client
import io
import re
import zipfile
from urllib.parse import unquote, urlsplit

import pytest

from models import Document
from tests.people import checked, enter, pdf, post
from tests.story_forms import FORM

NAMES = [
    ("سورات.pdf", "سورات.pdf"),
    ("Cafe\u0301 Kuta.pdf", "Café-Kuta.pdf"),
    ("海岸報告.PDF", "海岸報告.pdf"),
    ("🌊🌊.pdf", "dokumen.pdf"),
    ("surat\u202efdp.exe.pdf", "suratfdp.exe.pdf"),
    ("gelom\xadbang\u200b.pdf", "gelombang.pdf"),
    ("“Dia” & 'saya'; 100%.pdf", "Dia-saya-100.pdf"),
    ("é" * 150 + ".pdf", "é" * 60 + ".pdf"),
    ("..pdf", "dokumen.pdf"),
]


def fetched(app, person, live, address):
    """(status, Content-Disposition, body) as they come over a socket."""
    name = app.config["SESSION_COOKIE_NAME"]
    cookie = enter(app, person).get_cookie(name).value
    line = http.client.HTTPConnection(urlsplit(live).netloc)
    line.request("GET", address, headers={"Cookie": f"{name}={cookie}"})
    answer = line.getresponse()
    return answer.status, answer.getheader("Content-Disposition") or "", answer.read()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("given", "kept"), NAMES, ids=ascii)
def test_a_letter_of_any_name_is_read_by_customer_and_office(app, people, live, given, kept):
    client = enter(app, people.customer)
    form = {**FORM, "subject": given.rpartition(".")[0] + " x"}
    post(client, "/ajukan", {**form, "file": (io.BytesIO(pdf()), given)})
    post(client, "/ajukan/kirim", checked(client))
    row = Document.get(Document.kind == "pendukung")
    assert row.filename == kept
    # As one of several it keeps its own name.
    Document.update(part=1).where(Document.id == row.id).execute()
    address = f"/dokumen/{row.public_id}"
    for person, seen in ((people.customer, address), (people.admin_layanan, f"{address}?lihat=1")):
        status, said, body = fetched(app, person, live, seen)
        assert status == 200 and body.startswith(b"%PDF-")
        true_name = re.search(r"filename\*=UTF-8''(\S+)", said)
        name = unquote(true_name[1]) if true_name else re.search(r'filename="(.+?)"', said)[1]
        assert name.endswith(f"_{kept}")
    packed = f"/layanan/{row.request.public_id}/berkas.zip"
    status, _, body = fetched(app, people.admin_layanan, live, packed)
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert status == 200 and archive.namelist()[0].endswith(f"_{kept}")
