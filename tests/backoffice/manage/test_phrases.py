"""Sentences kept ready: who keeps and who gets them, and how they come into a form."""

import re

import pytest

from administration.phrases import phrases_for, unknown_variables
from administration.reference import seed_reference
from models import ChangeRecord, Phrase, Remark
from tests.people import enter, file_request, post
from workflow import Reader

HERE = "/backoffice/kalimat/"


def keep(client, whom, title, text="Baik.", kind="reply", **more):
    form = {"kind": kind, "for_whom": whom, "title": title, "text": text, "is_active": "y"}
    return post(client, f"{HERE}new/", form | more)


@pytest.fixture
def item(people, runtime, now):
    Phrase.delete().execute()
    return file_request(runtime, people.customer, now=now)


def titles(person, now):
    return [one.title for one in phrases_for(Reader.at(person, now), {"reply"})["reply"]]


def test_own_a_posts_and_everybodys_reach_who_they_are_for(app, people, item, now):
    admin, head = enter(app, people.admin_layanan), enter(app, people.kepala_balai)
    assert keep(admin, "saya", "A sendiri").status_code == 302
    assert keep(admin, "pos:admin_layanan", "B pos").status_code == 302
    assert keep(enter(app, people.administrator), "semua", "C semua").status_code == 302
    # Nobody but who keeps reference data writes for all, nor for another's post.
    for whom in ("semua", "pos:kepala_balai"):
        assert keep(admin, whom, "D").status_code == 422
    assert titles(people.admin_layanan, now) == ["A sendiri", "B pos", "C semua"]
    assert titles(people.kepala_balai, now) == ["C semua"]
    assert "A sendiri" not in enter(app, people.administrator).get(HERE).text
    mine = Phrase.get(Phrase.title == "A sendiri")
    assert head.get(f"{HERE}edit/?id={mine.id}").status_code == 404
    assert post(head, f"{HERE}edit/?id={mine.id}", {"title": "X"}).status_code == 404
    everybodys = Phrase.get(Phrase.title == "C semua")
    assert post(head, f"{HERE}edit/?id={everybodys.id}", {"title": "X"}).status_code == 403


def test_one_that_is_put_away_is_offered_no_more_and_the_change_is_kept(app, people, item, now):
    admin = enter(app, people.admin_layanan)
    keep(admin, "saya", "Salam")
    row = Phrase.get(Phrase.title == "Salam")
    form = {"kind": "reply", "for_whom": "saya", "title": "Salam", "text": "Baik."}
    assert post(admin, f"{HERE}edit/?id={row.id}", form).status_code == 302
    assert titles(people.admin_layanan, now) == []
    change = ChangeRecord.select().order_by(ChangeRecord.id.desc()).first()
    assert (change.before, change.after) == ({"is_active": True}, {"is_active": False})


def test_unknown_variables_are_refused(app, people, item):
    answer = keep(enter(app, people.admin_layanan), "saya", "Salam", "Halo {nma}, {nomor}.")
    assert answer.status_code == 422 and "nma" in answer.text
    assert unknown_variables("{nama}", "{batas} {x}") == ["x"]


def test_a_sentence_comes_filled_and_a_form_without_a_script_brings_it_back(app, people, item, now):
    admin = enter(app, people.admin_layanan)
    keep(admin, "saya", "Salam", "Yth. {sapaan} {nama}, {perihal}.")
    row = Phrase.get(Phrase.title == "Salam")
    filled = f"Yth. Bapak {people.customer.name}, {item.subject}."
    card = f"/backoffice/permohonan/{item.public_id}"
    assert f'data-text="{filled}"' in admin.get(card).text
    form = {"text": "Selamat pagi.", "kind": "public", "kalimat": row.public_id}
    back = post(admin, f"{card}/kalimat/reply", form).text
    assert f"Selamat pagi.\n{filled}</textarea>" in back
    assert not Remark.select().exists()
    # A colleague's own sentence isn't given to anybody else.
    theirs = post(enter(app, people.kasubag_tu), f"{card}/kalimat/reply", form).text
    assert "Selamat pagi.</textarea>" in theirs


def test_a_refusal_is_whole_with_one_sentence(app, people, item, now):
    seed_reference(now=now)
    admin = enter(app, people.admin_layanan)
    card = f"/backoffice/permohonan/{item.public_id}"
    row = Phrase.get(Phrase.title == "Surat tidak ditandatangani")
    form = {"version": item.version, "desk": "TERIMA_ADMIN", "kalimat": row.public_id}
    back = post(admin, f"{card}/kalimat/reject", form).text
    found = {
        name: re.search(rf'name="{name}"[^>]*>([^<]*)</textarea>', back)[1]
        for name in ("reason", "alternative")
    }
    assert found == {"reason": row.text, "alternative": row.alternative}
    sent = found | {"basis": row.basis, "version": item.version, "desk": "TERIMA_ADMIN"}
    assert f'value="{row.basis}"' in back
    assert post(admin, f"{card}/reject", sent).status_code == 302
    item = type(item).get_by_id(item.id)
    assert item.status == "rejected"
