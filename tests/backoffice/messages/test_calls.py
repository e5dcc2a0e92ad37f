"""Customers to be phoned: what came of it is written down, and a number corrected."""

import pytest

from models import CallTask, ChangeRecord, Event, Message, User
from tests.people import enter, post
from tests.test_queries import Counter

PAGE = "/backoffice/telepon/"


def admin(app, people):
    return enter(app, people.admin_layanan)


def test_call_list_says_whom_and_why(app, people, call):
    text = admin(app, people).get(PAGE).text
    for words in ("Pelanggan Satu", "0812-3456-7890", "tel:+6281234567890",
                  "Alamat penerima tidak dapat menerima pesan"):  # fmt: skip
        assert words in text
    page = admin(app, people).get(f"{PAGE}{call.public_id}").text
    assert "Email ke pelanggan: gagal" in page


def close(app, people, call, **form):
    return post(admin(app, people), f"{PAGE}{call.public_id}", form)


def test_call_is_written_down_once(app, people, call):
    assert close(app, people, call, outcome="reached", note="Sudah tahu.").status_code == 302
    close(app, people, call, outcome="unreachable", note="Lain.")
    done = CallTask.get_by_id(call.id)
    assert (done.outcome, done.note, done.done_by) == (
        "reached",
        "Sudah tahu.",
        people.admin_layanan,
    )
    assert Event.select().where(Event.kind == "call_closed").count() == 1
    text = admin(app, people).get(f"{PAGE}?tab=selesai").text
    assert "Sudah terhubung dan diberi tahu" in text
    assert "Pelanggan Satu" not in admin(app, people).get(PAGE).text


def test_corrected_number_gets_the_latest_message(app, people, call):
    close(app, people, call, outcome="corrected", phone="0811-1111-1111", note="")
    assert User.get_by_id(people.customer.id).phone == "+6281111111111"
    queued = Message.select().where(Message.state == "queued")
    proof, again = queued.where(Message.address == "+6281111111111").order_by(Message.link.desc())
    assert (proof.link, proof.address) == ("proof", "+6281111111111")
    assert (again.channel, again.address) == ("whatsapp", "+6281111111111")
    record = ChangeRecord.get(ChangeRecord.row_id == people.customer.id)
    assert record.before == {"phone": "+6281234567890"}


@pytest.mark.parametrize(
    "form",
    [{"note": "Tanpa hasil."}, {"outcome": "lain"}, {"outcome": "corrected", "phone": "12"},
     {"outcome": "corrected", "phone": ""}, {"outcome": "reached", "note": "x" * 501}],
)  # fmt: skip
def test_wrong_input_comes_back_with_what_was_typed(app, people, call, form):
    answer = close(app, people, call, **form)
    assert answer.status_code == 422
    assert form.get("note", "") in answer.text
    assert CallTask.get_by_id(call.id).done_at is None


def test_correction_on_the_customer_page_ends_the_call(app, people, call):
    address = f"/backoffice/pelanggan/edit/?id={people.customer.id}"
    form = {"name": "Pelanggan Satu", "institution_name": "Universitas Contoh", "active": "y",
            "phone": "0811-1111-1111"}  # fmt: skip
    assert post(admin(app, people), address, form).status_code == 302
    assert CallTask.get_by_id(call.id).outcome == "corrected"
    assert Message.get(Message.address == "+6281111111111", Message.link == "").state == "queued"


def test_call_list_runs_a_fixed_number_of_queries(app, people, now, monkeypatch):
    counter, counts = Counter(monkeypatch), []
    client = admin(app, people)
    for size in (1, 9):
        for _ in range(size):
            CallTask.create(recipient=people.customer, reason="x", created_at=now)
        counts.append(counter.of(client, PAGE))
    assert counts[0] == counts[1] <= 9
