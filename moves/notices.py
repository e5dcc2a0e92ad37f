"""The messages that a move writes, in the transaction of the move."""

from collections.abc import Collection, Mapping
from datetime import datetime
from textwrap import shorten

from models import Message, Request, User
from moves.catalogue import flow_of
from moves.clock import foreseen_at
from moves.officials import Roster, recipients_for
from rules.formats import moment, salutation, weekday_day
from rules.services import CUSTOMER, SURVEY, Stage

TEST = "pesan_uji"


def template_after(desk: Stage, following: Stage | None) -> str:
    """The message to the customer after a desk is done; empty for none."""
    if desk.message:
        return desk.message
    if desk.has_effect("issue_number"):
        return "permintaan_bernomor"
    # After a return or a revision the survey may have been answered already.
    if desk.has_effect("ask_survey") and following and following.kind == SURVEY:
        return "isi_survei"
    if desk.has_effect("release_report") or following is None:
        return "hasil_siap"
    if following.kind == CUSTOMER:
        return "butuh_persetujuan"
    # Turns within one stage are the office's own affair.
    return "tahap_maju" if desk.is_last_desk else ""


def name_of(request: Request) -> str:
    """What a sentence to the customer calls a request: its number, or its subject before it has
    one."""
    return request.number or f"“{shorten(request.subject, 60, placeholder='…')}”"


def tell_customer(
    request: Request,
    customer: User,
    template: str,
    *,
    now: datetime,
    stage: Stage | None = None,
    more: Mapping[str, str] | None = None,
    key: str = "",
    expires_at: datetime | None = None,
) -> None:
    """Write one message to the customer; nothing for somebody who left no way to be reached.

    It is one per move of the request, or one per `key`. After `expires_at` it isn't sent.
    """
    if not customer.phone and not customer.shown_email:
        return
    path = f"/layanan/{request.public_id}"
    if not customer.has_account:
        path = "/lacak"
    elif template in ("isi_survei", "pengingat_survei"):
        path = f"{path}/survei"
    variables = {
        "nomor": name_of(request),
        "layanan": flow_of(request).title_of(request.subclass_code),
        "perihal": request.subject,
        "tahap": stage.short if stage else "",
        "waktu": moment(now),
        "batas": weekday_day(foreseen_at(request)),
        "tautan": path,
        **(more or {}),
    }
    base = f"{request.public_id}:{key or request.version}:{template}"
    _enqueue(template, customer, base, variables, now=now, request=request, expires_at=expires_at)


def tell_post(
    request: Request,
    stage: Stage,
    *,
    now: datetime,
    template: str = "tugas_baru",
    role: str = "",
    excluded: Collection[int] = (),
    more: Mapping[str, str] | None = None,
    roster: Roster | None = None,
) -> None:
    """Tell the person assigned to the stage, or everybody who acts for its post now.

    `excluded` are people who may not take the stage; for `roster` see `people_for`.
    """
    people = recipients_for(
        role or stage.role,
        now,
        service_code=request.service_code,
        assignee_id=None if role else request.assignee_id,
        excluded=excluded,
        roster=roster,
    )
    for person in people:
        tell_staff(
            request,
            person,
            template,
            now=now,
            key=stage.desk,
            more={"tahap": stage.short, **(more or {})},
        )


def tell_staff(
    request: Request | None,
    person: User,
    template: str,
    *,
    now: datetime,
    more: Mapping[str, str],
    key: str = "",
    occasion: str = "",
    expires_at: datetime | None = None,
) -> None:
    """Write one message to a member of staff; `key` makes it one per move of the request.

    An `occasion` takes the place of both when no move causes it. Nothing for who isn't in service:
    the address of somebody who was only invited is one that nobody has proved.
    """
    if not person.is_in_service:
        return
    about = request.public_id if request else "kantor"
    if occasion:
        base = f"{about}:{occasion}:{template}"
    elif request:
        base = f"{about}:{request.version}:{template}:{key}"
    else:
        base = f"{about}:{template}:{key}"
    variables = {
        "nomor": (request.number or "Permohonan baru") if request else "",
        "tautan": f"/backoffice/permohonan/{request.public_id}" if request else "/backoffice/",
        **more,
    }
    _enqueue(template, person, base, variables, now=now, request=request, expires_at=expires_at)


def send_test(person: User, *, now: datetime) -> None:
    """Write a customer the test message, by the channel of their choice; once a minute."""
    variables = {"waktu": moment(now), "tautan": "/profil"}
    _enqueue(TEST, person, f"{TEST}:{now:%Y%m%d%H%M}", variables, now=now)


def _enqueue(
    template: str,
    person: User,
    occasion: str,
    variables: Mapping[str, str],
    *,
    now: datetime,
    request: Request | None = None,
    expires_at: datetime | None = None,
) -> None:
    """Write one message to a person, once per occasion, with the words every message has."""
    Message.enqueue(
        template,
        recipient=person,
        channel="whatsapp" if person.phone else "email",
        at=now,
        dedupe_key=f"{occasion}:{person.public_id}",
        variables={"sapaan": salutation(person.gender), "nama": person.name, **variables},
        request=request,
        expires_at=expires_at,
    )
