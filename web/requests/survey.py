"""Reading the posted survey, in the portal and at the counter."""

from collections.abc import Mapping

from flask import request

import workflow
from administration.questionnaires import questionnaire_of, versions_named
from models import Request, User
from rules.formats import ZONE, salutation
from rules.survey import CheckedAnswers, Questionnaire, carried, check_answers
from web.runtime import now, reader


def read_answers(
    questionnaire: Questionnaire,
) -> tuple[dict[str, str], CheckedAnswers | None, dict[str, str]]:
    """(what was given, the answers once they are right, sentences by question)."""
    given = {name: value for name, value in request.form.items() if name != "csrf_token"}
    seen, renewed = given.pop("versi", questionnaire.name), {}
    if seen != questionnaire.name:
        # Another version came into force while the form was open.
        row = next(iter(versions_named([seen])), None)
        given, renewed = carried(given, row and questionnaire_of(row), questionnaire)
    answers, errors = check_answers(questionnaire, given)
    return given, answers, errors | renewed


def form_of(
    questionnaire: Questionnaire,
    customer: User,
    given: Mapping[str, str],
    errors: Mapping[str, str],
) -> dict[str, object]:
    """What the template of the form needs to know."""
    return {
        "questionnaire": questionnaire,
        "year": now().astimezone(ZONE).year,
        "salutation": salutation(customer.gender),
        "gender": customer.gender,
        "given": given,
        "errors": errors,
        "summary": summary_of(questionnaire, errors),
    }


def store_answers(item: Request, answers: CheckedAnswers, questionnaire: Questionnaire) -> None:
    """Answer the survey as whoever is logged in. Raises Conflict, Refused."""
    workflow.answer_survey(
        item,
        reader=reader(),
        answers=answers,
        questionnaire=questionnaire,
        version=item.version,
    )


def summary_of(questionnaire: Questionnaire, errors: Mapping[str, str]) -> list[tuple[str, str]]:
    """The errors in the order of the page, for the box on top."""
    entries = [(q.element, f"Pertanyaan {n}") for n, q in enumerate(questionnaire.questions, 1)]
    entries += [(d.code, d.label) for d in questionnaire.demographics]
    entries += [(extra.code, extra.text) for extra in questionnaire.extras]
    return [(code, f"{label}: {errors[code]}") for code, label in entries if code in errors]
