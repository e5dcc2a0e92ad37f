"""The questionnaire in use, and answers given to it."""

from pathlib import Path

import pytest

from rules.skm import ELEMENTS
from rules.survey import check_answers, options_problem, parse_questionnaire, read_definition

IN_USE = Path(__file__).parents[2] / "config" / "survey" / "skm-2024.toml"


@pytest.fixture(scope="module")
def questionnaire():
    return parse_questionnaire(read_definition(IN_USE))


@pytest.fixture
def filled(questionnaire):
    scores = dict.fromkeys(ELEMENTS, "3")
    chosen = {item.code: item.options[0] for item in questionnaire.demographics}
    return scores | chosen


def test_the_file_in_use_has_the_nine_elements_and_a_version(questionnaire):
    assert {question.element for question in questionnaire.questions} == set(ELEMENTS)
    assert questionnaire.code == "skm" and questionnaire.version
    assert "{tahun}" in questionnaire.title and "{nama}" in questionnaire.greeting


def test_complete_answers_are_taken(questionnaire, filled):
    filled |= {"suggestion": "  Terima kasih.  ", "bribe_asked": "tidak"}
    checked, errors = check_answers(questionnaire, filled)
    assert errors == {}
    assert checked.scores == dict.fromkeys(ELEMENTS, 3)
    assert checked.demographics["education"] == "SD"
    assert checked.extras == {"suggestion": "Terima kasih.", "bribe_asked": "tidak"}


@pytest.mark.parametrize("value", ["", "0", "5", "2.0", "-1", " 3", "3\x00", "tiga", "²"])
def test_a_score_outside_one_to_four_gets_a_sentence(questionnaire, filled, value):
    checked, errors = check_answers(questionnaire, filled | {"U4": value})
    assert errors == {"U4": "Pilih salah satu jawaban."}
    assert "U4" not in checked.scores


def test_an_empty_form_names_every_required_field(questionnaire):
    _, errors = check_answers(questionnaire, {})
    assert set(errors) == set(ELEMENTS) | {item.code for item in questionnaire.demographics}


def test_a_demographic_must_be_one_of_the_options(questionnaire, filled):
    checked, errors = check_answers(questionnaire, filled | {"age": "200"})
    assert errors == {"age": "Pilih salah satu jawaban."}
    assert "age" not in checked.demographics


def test_extras_are_checked_by_kind_and_length(questionnaire, filled):
    given = {"bribe_asked": "mungkin", "suggestion": "a" * 1001}
    _, errors = check_answers(questionnaire, filled | given)
    assert errors == {
        "bribe_asked": "Pilih salah satu jawaban.",
        "suggestion": "Paling banyak 1000 huruf.",
    }


def test_unknown_fields_are_ignored(questionnaire, filled):
    checked, errors = check_answers(questionnaire, filled | {"U10": "4", "name": "x"})
    assert errors == {} and "U10" not in checked.scores


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('element = "U9"', 'element = "U8"', "Unsur U9 belum ditanyakan"),
        ('closing = "', 'farewell = "', "'closing' is missing"),
        ('kind = "yes_no"', 'kind = "stars"', "bribe_asked: jenisnya salah satu dari"),
        ('code = "age"', 'code = "gender"', "Kode gender dipakai dua kali"),
        ('code = "age"', 'code = "U1"', "Kode U1 dipakai dua kali"),
        ('"Jelas", "Sangat Jelas"', '"Jelas", "Jelas"', "U1: keempat jawaban harus berbeda"),
        ("max_length = 1000", "longest = 1000", "longest"),
        ("[[question]]", "[[question", "faulty.toml"),
    ],
)
def test_the_fault_is_named(tmp_path, old, new, words):
    faulty = tmp_path / "faulty.toml"
    faulty.write_text(IN_USE.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ValueError, match=words) as raised:
        read_definition(faulty)
    assert str(raised.value).startswith("faulty.toml: ")


def test_a_file_without_questions_is_refused(tmp_path):
    faulty = tmp_path / "faulty.toml"
    faulty.write_text('code="a"\nversion="1"\ntitle="t"\ngreeting="g"\nclosing="c"\n')
    with pytest.raises(ValueError, match="Unsur U1, U2, U3"):
        read_definition(faulty)


def test_a_line_break_of_a_form_counts_once():
    questionnaire = parse_questionnaire(read_definition(IN_USE))
    given = dict.fromkeys(ELEMENTS, "4")
    given |= {item.code: item.options[0] for item in questionnaire.demographics}
    given["suggestion"] = "a" * 499 + "\r\n" + "b" * 500
    checked, errors = check_answers(questionnaire, given)
    assert errors == {}
    assert checked.extras["suggestion"] == "a" * 499 + "\n" + "b" * 500


@pytest.mark.parametrize(
    ("options", "problem"),
    [(["Ya"], "isi sedikitnya dua pilihan."), (["Ya", "Tidak"], ""),
     (["Ya", " ya "], "ada pilihan yang ditulis dua kali."),
     (["Ya", " "], "isi sedikitnya dua pilihan.")],
)  # fmt: skip
def test_two_different_options_are_a_choice(options, problem):
    assert options_problem(options) == problem
