"""The satisfaction survey: once per request, answers kept apart from who gave them."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

import workflow
from config.office import office
from models import Request, SurveyReceipt
from moves.catalogue import flow_of
from portal.blueprint import portal
from portal.detail import find_request
from rules.formats import salutation
from rules.phone import display_phone
from rules.services import SURVEY
from rules.survey import CheckedAnswers, Questionnaire
from web.access import customer_required
from web.requests.survey import form_of, read_answers, store_answers
from web.runtime import me, reader, runtime
from workflow import Conflict, Refused

ANSWERED = "Survei untuk layanan ini sudah Anda isi. Terima kasih."


@portal.route("/layanan/<public_id>/survei", methods=["GET", "POST"])
@customer_required
def survey(public_id: str) -> ResponseReturnValue:
    item = find_request(public_id)
    questionnaire = runtime().questionnaire
    back = redirect(url_for("portal.detail", public_id=item.public_id))
    if SurveyReceipt.select().where(SurveyReceipt.request == item).exists():
        flash(ANSWERED, "info")
        return back
    choices = workflow.choices(item, reader())
    if not any(choice.stage.kind == SURVEY for choice in choices):
        abort(404)
    given: dict[str, str] = {}
    errors: dict[str, str] = {}
    if request.method == "POST":
        given, answers, errors = read_answers(questionnaire)
        if not errors:
            _store(item, answers, questionnaire)
            return back
    page = render_template(
        "portal/survey.html",
        item=item,
        flow=flow_of(item),
        identity=_identity(item),
        **form_of(questionnaire, me(), given, errors),
    )
    return page, 422 if errors else 200


def _store(item: Request, answers: CheckedAnswers, questionnaire: Questionnaire) -> None:
    """Store the answers and say so, or say why not."""
    try:
        store_answers(item, answers, questionnaire)
    except Conflict:
        flash(ANSWERED, "info")
    except Refused as refusal:
        flash(str(refusal), "error")
    else:
        words = questionnaire.closing.format(
            sapaan=salutation(current_user.gender), nama=current_user.name
        )
        flash(words, "success")


def _identity(item: Request) -> list[tuple[str, str]]:
    """What the form is prefilled with; shown, not stored with the answers."""
    category = office().institutions.get(current_user.institution_category)
    flow = flow_of(item)
    return [
        ("Nama", current_user.name),
        ("Email", current_user.email),
        ("Asal Instansi", category.title if category else ""),
        ("Nama Instansi", current_user.institution_name),
        ("No Whatsapp/HP", display_phone(current_user.phone)),
        ("Klasifikasi Layanan", flow.title_of(item.subclass_code)),
    ]
