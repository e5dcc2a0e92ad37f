"""The questionnaire: written as a draft, published as a version, shown from its day on."""

from datetime import timedelta

import pytest

from administration import questionnaires
from administration.audit import verify_history
from administration.drafts import stamp_of
from config.settings import CONTENT
from models import ChangeRecord, Event, SurveyDraft, SurveyResponse, SurveyVersion
from rules.formats import ZONE
from tests.people import advance, enter, file_request, good_answers, post
from workflow import Conflict, Refused

FIRST = "skm-2024-1"


@pytest.fixture
def draft(people, now):
    source = questionnaires.version_in_force(now)
    return questionnaires.open_draft(source, actor=people.administrator, now=now)


def reword(draft, people, now, *, element="U3", text="Apakah layanan selesai tepat waktu?"):
    questionnaires.rewrite_entry(draft, "question", element, {"text": text},
                                 seen=stamp_of(draft),
                                 actor=people.administrator, now=now)  # fmt: skip
    return SurveyDraft.get_by_id(draft.id)


def publish(draft, people, now, *, starts_on=None, note="Pertanyaan diperjelas."):
    return questionnaires.publish_draft(
        draft, seen=stamp_of(draft), note=note, starts_on=starts_on,
        actor=people.administrator, now=now,
    )  # fmt: skip


def asked(row, element="U3") -> str:
    questions = questionnaires.questionnaire_of(row).questions
    return next(question.text for question in questions if question.element == element)


def test_a_draft_changes_nothing_until_it_is_published(people, now, draft):
    before = asked(questionnaires.version_in_force(now))
    draft = reword(draft, people, now)
    assert asked(questionnaires.version_in_force(now)) == before
    version = publish(draft, people, now)
    assert version.name == "skm-2024-2"
    assert questionnaires.version_in_force(now + timedelta(seconds=1)) == version
    assert asked(version) == "Apakah layanan selesai tepat waktu?"
    # The old version says what it said, and the draft is gone.
    assert asked(SurveyVersion.get(SurveyVersion.name == FIRST)) == before
    assert not SurveyDraft.select().exists()


def test_each_change_is_kept_with_before_and_after(people, now, draft):
    before = asked(draft)
    version = publish(reword(draft, people, now), people, now)
    changed, published = ChangeRecord.select().order_by(ChangeRecord.id)[-2:]
    name = "U3 Waktu Penyelesaian: pertanyaan"
    assert (changed.table, changed.before[name]) == ("survey_draft", before)
    assert changed.after[name] == "Apakah layanan selesai tepat waktu?"
    assert (published.table, published.row_id) == ("survey_version", version.id)
    assert (published.before["versi"], published.after["versi"]) == (FIRST, "skm-2024-2")
    assert published.before[name] == before
    kinds = [event.kind for event in Event.select().order_by(Event.id)]
    assert kinds == ["survey_draft_opened", "survey_draft_changed", "survey_published"]
    assert verify_history()[1] == []


def test_a_version_begins_on_its_day(people, now, draft):
    day = now.astimezone(ZONE).date() + timedelta(days=3)
    version = publish(reword(draft, people, now), people, now, starts_on=day)
    assert questionnaires.version_in_force(now).name == FIRST
    assert questionnaires.version_to_come(now) == version
    midnight = version.starts_at
    assert midnight.astimezone(ZONE).strftime("%Y-%m-%d %H:%M") == f"{day} 00:00"
    assert questionnaires.version_in_force(midnight - timedelta(seconds=1)).name == FIRST
    assert questionnaires.version_in_force(midnight) == version


def test_only_one_version_waits_and_it_can_be_withdrawn_until_its_day(people, now, draft):
    day = now.astimezone(ZONE).date() + timedelta(days=3)
    waiting = publish(reword(draft, people, now), people, now, starts_on=day)
    source = questionnaires.version_in_force(now)
    second = questionnaires.open_draft(source, actor=people.administrator, now=now)
    second = reword(second, people, now, element="U1", text="Apakah persyaratannya jelas?")
    with pytest.raises(Refused, match="sudah dijadwalkan berlaku mulai 1 Agu 2024"):
        publish(second, people, now)
    assert SurveyDraft.get_by_id(second.id).definition == second.definition
    with pytest.raises(Refused, match="sudah berlaku tidak dapat dibatalkan"):
        questionnaires.withdraw(waiting, actor=people.administrator, now=waiting.starts_at)
    questionnaires.withdraw(waiting, actor=people.administrator, now=now)
    assert questionnaires.version_to_come(now) is None
    assert publish(second, people, now).name == "skm-2024-3"
    assert questionnaires.version_in_force(waiting.starts_at).name == "skm-2024-3"


@pytest.mark.parametrize("days", [0, -1, 400])
def test_a_version_begins_neither_in_the_past_nor_in_years(people, now, draft, days):
    day = now.astimezone(ZONE).date() + timedelta(days=days)
    with pytest.raises(Refused, match="Isi tanggal sesudah 29 Jul 2024"):
        publish(reword(draft, people, now), people, now, starts_on=day)
    assert SurveyVersion.select().count() == 1


def test_nothing_changed_and_nothing_noted_is_not_published(people, now, draft):
    with pytest.raises(Refused, match="sama dengan kuesioner yang berlaku"):
        publish(draft, people, now)
    with pytest.raises(Refused, match="Tulis catatan"):
        publish(reword(draft, people, now), people, now, note=" ")
    assert SurveyVersion.select().count() == 1


def test_two_administrators_do_not_write_over_each_other(people, now, draft):
    reword(draft, people, now)
    with pytest.raises(Conflict, match="baru saja diubah oleh"):
        reword(draft, people, now, text="Kata lain")
    fresh = SurveyDraft.get_by_id(draft.id)
    assert asked(fresh) == "Apakah layanan selesai tepat waktu?"
    publish(fresh, people, now)
    with pytest.raises(Conflict, match="diterbitkan atau dibuang"):
        publish(fresh, people, now)


@pytest.mark.parametrize("post_held", ["kasubag_tu", "kepala_balai", "admin_layanan", "auditor"])
def test_only_the_administrator_writes(people, now, draft, post_held):
    actor, seen = people.staff[post_held], stamp_of(draft)
    for deed in (
        lambda: questionnaires.open_draft(draft.base, actor=actor, now=now),
        lambda: questionnaires.move_entry(draft, "question", "U2", -1, seen=seen,
                                          actor=actor, now=now),
        lambda: questionnaires.discard_draft(draft, seen=seen, actor=actor, now=now),
        lambda: questionnaires.publish_draft(draft, seen=seen, note="x", starts_on=None,
                                             actor=actor, now=now),
    ):  # fmt: skip
        with pytest.raises(Refused, match="Hanya Administrator"):
            deed()


def test_what_the_regulation_asks_stays(people, now, draft):
    seen = stamp_of(draft)
    for part, code in (("question", "U4"), ("demographic", "gender"), ("extra", "suggestion")):
        with pytest.raises(Refused, match="PermenPANRB 14/2017"):
            questionnaires.remove_question(draft, part, code, seen=seen,
                                           actor=people.administrator, now=now)  # fmt: skip
    questionnaires.remove_question(draft, "extra", "bribe_detail", seen=seen,
                                   actor=people.administrator, now=now)  # fmt: skip
    codes = [e.code for e in questionnaires.questionnaire_of(SurveyDraft.get()).extras]
    assert codes == ["bribe_asked", "suggestion"]


def test_a_question_moves_and_keeps_its_element(people, now, draft):
    seen = stamp_of(draft)
    questionnaires.move_entry(draft, "question", "U9", -1, seen=seen,
                              actor=people.administrator, now=now)  # fmt: skip
    version = publish(SurveyDraft.get(), people, now)
    order = [q.element for q in questionnaires.questionnaire_of(version).questions]
    assert order == ["U1", "U2", "U3", "U4", "U5", "U6", "U7", "U9", "U8"]
    kept = ChangeRecord.select().order_by(ChangeRecord.id.desc()).first()
    assert "urutan baru" in kept.after.values()


def test_the_file_yields_to_people_and_to_its_own_answers(tmp_path, people, now, draft):
    file = tmp_path / "skm.toml"
    text = (CONTENT / "survey" / "skm-2024.toml").read_text()
    text = text.replace("Tidak Jelas", "Kurang Jelas")
    file.write_text(text)
    with pytest.raises(ValueError, match="raise `version`"):
        questionnaires.take_in_file(file, now=now)
    publish(reword(draft, people, now), people, now)
    file.write_text(text.replace('version = "2024-1"', 'version = "2030-1"'))
    questionnaires.take_in_file(file, now=now)
    assert not SurveyVersion.select().where(SurveyVersion.name == "skm-2030-1").exists()


# -- what the customer meets ---------------------------------------------------------------------


@pytest.fixture
def asked_request(people, runtime, now):
    filed = file_request(runtime, people.customer, now=now)
    return advance(filed, people, runtime, now=now, until="SURVEI")


def test_the_survey_shows_the_version_in_force_and_answers_name_it(
    app, people, runtime, now, draft, asked_request
):
    address = f"/layanan/{asked_request.public_id}/survei"
    client = enter(app, people.customer)
    assert "Apakah layanan selesai tepat waktu?" not in client.get(address).text
    publish(reword(draft, people, now), people, now)
    page = client.get(address).text
    assert "Apakah layanan selesai tepat waktu?" in page
    assert 'name="versi" value="skm-2024-2"' in page
    given = good_answers(runtime.questionnaire) | {"versi": "skm-2024-2"}
    assert post(client, address, given).status_code == 302
    assert SurveyResponse.get().questionnaire == "skm-2024-2"


def test_an_answer_to_other_words_is_asked_again(app, people, runtime, now, draft, asked_request):
    """The form was open while a new version came into force."""
    address = f"/layanan/{asked_request.public_id}/survei"
    client = enter(app, people.customer)
    given = good_answers(runtime.questionnaire) | {"versi": FIRST, "suggestion": "Pertahankan"}
    publish(reword(draft, people, now), people, now)
    page = post(client, address, given)
    assert page.status_code == 422
    assert page.text.count("Pertanyaan ini baru diperbarui") == 2  # in the summary and beside it
    assert not SurveyResponse.select().exists()
    # What was answered to the same words stays.
    assert "Pertahankan" in page.text
    assert page.text.count(" checked") == 8
    given = {**given, "versi": "skm-2024-2", "U3": "2"}
    assert post(client, address, given).status_code == 302
    response = SurveyResponse.get()
    assert (response.questionnaire, response.scores["U3"]) == ("skm-2024-2", 2)


def test_answers_to_the_same_questions_hold(app, people, runtime, now, draft, asked_request):
    client = enter(app, people.customer)
    given = good_answers(runtime.questionnaire) | {"versi": FIRST}
    seen = stamp_of(draft)
    words = {"title": "Survei {tahun}", "greeting": "Halo {nama}", "closing": "Terima kasih."}
    questionnaires.rewrite_words(draft, words, seen=seen, actor=people.administrator, now=now)
    publish(SurveyDraft.get(), people, now)
    assert post(client, f"/layanan/{asked_request.public_id}/survei", given).status_code == 302
    assert SurveyResponse.get().questionnaire == "skm-2024-2"
