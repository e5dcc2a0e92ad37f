"""Texts of the portal: shown, hidden, removed, and seen before they are saved."""

import pytest

from administration import reference
from administration.audit import verify_history
from models import ChangeRecord, FaqItem, Page
from tests.backoffice.manage.reference_pages import HERE
from tests.people import enter, post

FETCH = {"X-Requested-With": "fetch"}


def test_a_question_is_hidden_and_shown_again(app, people, question):
    client, public = enter(app, people.administrator), enter(app, None)
    address = f"{HERE}/faq/edit/?id={question.id}"
    given = {"position": "3", "question": question.question, "answer": "Awal"}
    assert question.question in public.get("/faq").text
    assert post(client, address, given).status_code == 302
    assert question.question not in public.get("/faq").text
    kept = ChangeRecord.select().order_by(ChangeRecord.id.desc()).first()
    assert (kept.before, kept.after) == ({"is_shown": True}, {"is_shown": False})
    assert 'data-label="Di portal">Tidak<' in client.get(f"{HERE}/faq/").text
    post(client, address, given | {"is_shown": "y"})
    assert question.question in public.get("/faq").text


def test_a_question_is_removed_and_stays_in_the_trail(app, people, question, now):
    client, address = enter(app, people.administrator), f"{HERE}/faq/delete/"
    page = client.get(f"{HERE}/faq/edit/?id={question.id}").text
    assert 'data-confirm="Hapus “Apa itu **gelombang**?”?' in page
    assert post(enter(app, people.staf_tu), address, {"id": question.id}).status_code == 403
    assert question.question in enter(app, None).get("/faq").text
    assert post(client, address, {"id": question.id}).status_code == 302
    assert question.question not in enter(app, None).get("/faq").text
    assert post(client, address, {"id": question.id}).status_code == 404
    kept = ChangeRecord.get()
    assert (kept.before["answer"], kept.after) == ("Awal", {})
    assert kept.event.kind == "record_deleted"
    assert "pertanyaan: “Apa itu **gelombang**?”" in client.get(f"{HERE}/jejak/").text
    assert verify_history()[1] == []


def test_removed_questions_do_not_come_back_by_an_upgrade(app, people, now):
    rows = list(FaqItem.select().dicts())
    client = enter(app, people.administrator)
    for row in rows:
        post(client, f"{HERE}/faq/delete/", {"id": row["id"]})
    reference.seed_reference(now=now)
    assert not FaqItem.select().exists()
    FaqItem.insert_many(rows).execute()


@pytest.mark.parametrize("way", ["button", "script"])
def test_texts_are_seen_as_the_portal_shows_them_before_they_are_saved(app, people, question, way):
    client = enter(app, people.administrator)
    page, text = Page.select().first(), "**tebal** <b>"
    texts = {
        f"{HERE}/faq/": (
            question,
            {"position": "3", "question": "Baru?", "answer": "**tebal** <b>"},
        ),
        f"{HERE}/halaman/": (page, {"title": "Baru", "summary": "S", "body": text}),
    }
    for address, (row, given) in texts.items():
        if way == "script":
            seen = post(client, f"{address}pratinjau/", given, headers=FETCH)
        else:
            seen = post(client, f"{address}edit/?id={row.id}", given | {"preview": "1"})
            assert "**tebal** &lt;b&gt;</textarea>" in seen.text
        assert seen.status_code == 200
        assert "<strong>tebal</strong> &lt;b&gt;" in seen.text
        assert "Baru" in seen.text
    assert FaqItem.get_by_id(question.id).question == question.question
    assert not ChangeRecord.select().exists()


def test_ends_of_lines_are_no_change(app, people, question):
    FaqItem.update(answer="Satu\n\nDua").where(FaqItem.id == question.id).execute()
    given = {"position": "3", "question": question.question, "answer": "Satu\r\n\r\nDua"}
    client = enter(app, people.administrator)
    post(client, f"{HERE}/faq/edit/?id={question.id}", given | {"is_shown": "y"})
    assert not ChangeRecord.select().exists()


def test_nothing_typed_yet_is_previewed_as_nothing(app, people):
    page = enter(app, people.administrator).get("/backoffice/faq/new/").text
    assert "Pratinjau" in page and "None" not in page
