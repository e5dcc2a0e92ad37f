"""Past a limit nothing is done, but what somebody wrote comes back in its form, to send later."""

import re
from datetime import datetime

import pytest

from models import Event, Remark, Request, RequestDraft
from tests.people import Visits, advance, enter, file_request, pdf, post, upload
from web.accounts import limits

WORDS = 'Apakah datanya "<b>sudah</b>" ada?'
SHOWN = "Apakah datanya &#34;&lt;b&gt;sudah&lt;/b&gt;&#34; ada?"
FORM = {"service": "data", "subclass": "data_informasi", "subject": WORDS,
        "description": "Untuk tugas akhir.", "statement": "y"}  # fmt: skip


@pytest.fixture
def spent(app, clock):
    """Somebody has used up what is allowed in this hour."""

    def use_up(name: str, who: str) -> None:
        with app.test_request_context():
            for _ in range(60):
                limits.is_within_limit(name, who, times=60, seconds=3600)

    return use_up


def assert_later(answer, clock) -> None:
    """It says when, to people and to programs, and that nothing is lost."""
    assert answer.status_code == 429
    seconds = int(answer.headers["Retry-After"])
    assert 0 < seconds <= 3600
    assert (
        f"Coba lagi dalam {-(-seconds // 60)} menit; isian Anda masih ada di sini." in answer.text
    )
    clock.forward(seconds=seconds)


def fields_of(form: str) -> dict[str, str]:
    """What a browser would send of a form with hidden fields and texts."""
    found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
    return found | {"text": re.search(r"<textarea[^>]*>([^<]*)</textarea>", form)[1]}


@pytest.mark.parametrize("writer", ["customer", "admin_layanan"])
def test_a_message_past_the_limit_can_be_sent_later(
    app, people, runtime, now, clock, spent, writer
):
    item = file_request(runtime, people.customer, now=now)
    person = getattr(people, writer)
    spent("remark", person.public_id)
    client = enter(app, person)
    address = f"/backoffice/permohonan/{item.public_id}/percakapan"
    if person is people.customer:
        address = f"/layanan/{item.public_id}/pesan"
    refused = post(client, address, {"text": WORDS, "kind": "public"})
    assert_later(refused, clock)
    assert Remark.select().count() == 0
    form = refused.text.partition(f'action="{address}"')[2].partition("</form>")[0]
    again = fields_of(form)
    assert again["text"] == SHOWN and again["csrf_token"]
    answer = client.post(address, data=again | {"text": WORDS})
    assert answer.status_code == 302
    assert Remark.get().text == WORDS


def test_a_form_past_the_limit_comes_back_and_is_not_kept(app, people, clock, spent):
    spent("upload", people.customer.public_id)
    client = enter(app, people.customer)
    refused = post(client, "/ajukan", FORM | {"file": upload()})
    assert_later(refused, clock)
    assert f'value="{SHOWN}"' in refused.text
    assert "Untuk tugas akhir.</textarea>" in refused.text
    assert "Pilih berkasnya sekali lagi." in refused.text
    # Neither words nor files: what is limited is how much one may have us store.
    assert RequestDraft.select().count() == 0
    answer = post(client, "/ajukan", FORM | {"file": upload()})
    assert answer.status_code == 302 and answer.location.partition("?")[0].endswith(
        "/ajukan/periksa"
    )


def test_a_visitors_form_past_the_limit_comes_back_on_the_home_page(app, people, clock, spent):
    spent("upload", "127.0.0.1")
    refused = post(app.test_client(), "/ajukan", FORM)
    assert_later(refused, clock)
    assert f'value="{SHOWN}"' in refused.text and "Sampaikan Permintaan Anda" in refused.text
    assert "Pilih berkasnya" not in refused.text
    assert RequestDraft.select().count() == 0


def test_staff_may_not_file_past_the_limit_either(app, people, spent):
    spent("upload", people.admin_layanan.public_id)
    assert post(enter(app, people.admin_layanan), "/ajukan", FORM).status_code == 403


def test_the_counter_keeps_a_form_past_the_limit(app, people, clock, spent):
    spent("upload", people.admin_layanan.public_id)
    given = FORM | {"name": "Pemohon Contoh", "channel": "loket", "file": upload()}
    refused = post(enter(app, people.admin_layanan), "/backoffice/loket/permohonan", given)
    assert_later(refused, clock)
    assert f'value="{SHOWN}"' in refused.text and 'value="Pemohon Contoh"' in refused.text
    assert Request.select().count() == RequestDraft.select().count() == 0


def test_a_report_past_the_limit_leaves_the_desk_and_the_note(
    app, people, runtime, now: datetime, clock, spent
):
    item = file_request(runtime, people.customer, now=now)
    item = advance(item, people, runtime, now=now, until="LAPORAN_KE_PETUGAS")
    person = people.pemangku_data
    spent("upload", person.public_id)
    before = Event.select().count()
    client, address = enter(app, person), f"/backoffice/permohonan/{item.public_id}/complete"
    desk = re.search(r'name="desk" value="([^"]+)"', client.get(address.rpartition("/")[0]).text)[1]
    names = {entry.name: entry.type for entry in runtime.catalogue["data"].flow
             .stage("LAPORAN_KE_PETUGAS").inputs}  # fmt: skip
    given = {name: upload(pdf("Laporan"), "laporan.pdf") if kind == "file" else WORDS
             for name, kind in names.items()}  # fmt: skip
    refused = post(client, address, given | {"version": str(item.version), "desk": desk})
    assert_later(refused, clock)
    assert f"{SHOWN}</textarea>" in refused.text
    assert Event.select().count() == before
    assert Request.get_by_id(item.id).stage_code == "LAPORAN_KE_PETUGAS"


def test_a_log_in_past_the_limit_gives_nothing_back(app, people):
    """A page of its own, without a word of what was typed."""
    visits, given = Visits(app, None), {"email": people.customer.email, "password": "salah-ketik"}
    answers = [visits.ask("POST", "/masuk", given) for _ in range(12)]
    refused = answers[-1]
    assert refused.status_code == 429 and int(refused.headers["Retry-After"]) > 0
    assert "salah-ketik" not in refused.text and people.customer.email not in refused.text
