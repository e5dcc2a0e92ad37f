"""The messages that a move writes, in the transaction of the move."""

from collections.abc import Mapping
from datetime import datetime

from catalogue import flow_of
from models import Message, Request, User
from rules.formats import moment, salutation, weekday_day
from rules.services import Stage


def template_after(stage: Stage, following: Stage | None) -> str:
    if stage.has_effect("issue_number"):
        return "permintaan_bernomor"
    if stage.has_effect("ask_survey"):
        return "isi_survei"
    if stage.has_effect("release_report") or following is None:
        return "hasil_siap"
    return "tahap_maju"


def tell_customer(
    request: Request,
    customer: User,
    template: str,
    *,
    now: datetime,
    stage: Stage | None = None,
    more: Mapping[str, str] | None = None,
) -> None:
    path = f"/layanan/{request.public_id}"
    variables = {
        "sapaan": salutation(customer.gender),
        "nama": customer.name,
        "nomor": request.number or "-",
        "layanan": flow_of(request).title_of(request.subclass_code),
        "perihal": request.subject,
        "tahap": stage.short if stage else "",
        "waktu": moment(now),
        "batas": weekday_day(request.due_at),
        "tautan": f"{path}/survei" if template == "isi_survei" else path,
        **(more or {}),
    }
    Message.enqueue(
        template,
        recipient=customer,
        channel="whatsapp" if customer.phone else "email",
        at=now,
        dedupe_key=f"{request.public_id}:{request.version}:{template}:{customer.public_id}",
        variables=variables,
        request=request,
    )


def tell_post(request: Request, stage: Stage, *, now: datetime) -> None:
    """Tell the person assigned to the stage, or every living holder of its post."""
    if request.assignee_id:
        people = [User.get_by_id(request.assignee_id)]
    else:
        people = list(User.holding(stage.role))
    for person in people:
        Message.enqueue(
            "tugas_baru",
            recipient=person,
            channel="whatsapp" if person.phone else "email",
            at=now,
            dedupe_key=f"{request.public_id}:{request.version}:{stage.code}:{person.public_id}",
            variables={
                "nomor": request.number or "Permohonan baru",
                "tahap": stage.short,
                "tautan": f"/backoffice/permohonan/{request.public_id}",
            },
            request=request,
        )
