"""The requests of the demo: each filed in the past and moved as far as its age and number allow."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import cycle
from typing import Protocol

import workflow
from config.office import statements
from config.settings import Settings
from models import Request, User
from moves.catalogue import Catalogue, current_stage, flow_of, work_calendar
from rules.formats import ZONE
from rules.roles import PELANGGAN
from rules.services import SURVEY, Flow, Stage
from rules.survey import Questionnaire, check_answers
from storage.files import Store
from workflow import Reader, StoredFile, Submission

# The requests before this one are finished or refused; the later ones are under way.
RUNNING_FROM = 36
# Requests from earlier semesters: a hundred more for each.
PAST_FROM = 100
SUBJECTS = (
    ("data", "data_informasi", "Permohonan data gelombang Pantai Contoh"),
    ("lab", "", "Uji stabilitas pemecah gelombang Pelabuhan Contoh"),
    ("data", "magang_kp", "Kerja praktek mahasiswa teknik sipil"),
    ("advis", "advis_lengkap", "Advis penanganan abrasi Pantai Contoh"),
    ("data", "bimtek", "Bimbingan teknis pemantauan garis pantai"),
    ("data", "data_informasi", "Data batimetri Teluk Contoh"),
    ("advis", "konsultasi", "Konsultasi desain tembok laut Desa Contoh"),
    ("data", "data_informasi", "Data pasang surut stasiun telemetri Contoh"),
)
# Further running requests, so that the desks of the two long services have an example:
# service, sub-classification, how many moves after filing.
DESKS = (
    ("lab", "", 5),
    ("lab", "", 6),
    ("lab", "", 7),
    ("lab", "", 11),
    ("lab", "", 14),
    ("advis", "advis_lengkap", 4),
    ("advis", "advis_lengkap", 8),
)
# What part of its time a desk takes.
PACES = tuple(map(Decimal, ("0.5", "0.8", "0.3", "1.1", "0.6", "0.9", "0.4")))
# Every seventh request takes so many times as long.
SLOW = Decimal("2.5")
FIELDS = {
    "text": "Pantai Contoh, Kabupaten Contoh",
    "longtext": "Uraian contoh untuk mencoba MELASTI; tidak ada data yang sebenarnya.",
    "coordinates": "-8.12000, 114.56000",
    "number": "4",
}


class Wiring(Protocol):
    """What the demo needs of a running application, whose floor is its own."""

    settings: Settings
    catalogue: Catalogue
    storage: Store
    questionnaire: Questionnaire


def office_moment(at: datetime, index: int) -> datetime:
    """The next weekday at some office hour."""
    local = at.astimezone(ZONE).replace(hour=8 + index % 7, minute=(index * 13) % 60)
    while local.weekday() > 4:
        local += timedelta(days=1)
    return local.astimezone(UTC)


def walk(
    runtime: Wiring,
    staff: Mapping[str, User],
    customer: User,
    index: int,
    file: StoredFile,
    *,
    filed_at: datetime,
    now: datetime,
) -> None:
    """File one request and move it as far as its age and number allow."""
    is_past = index >= PAST_FROM
    # In the past every fourth is a test: enough in a semester for figures of its own.
    kind = 1 if is_past and index % 4 == 1 else index % len(SUBJECTS)
    service, subclass, subject = SUBJECTS[kind]
    if 48 <= index < PAST_FROM:
        service, subclass, _ = DESKS[index - 48]
        subject = next(
            words for code, kind, words in SUBJECTS if (code, kind) == (service, subclass)
        )
    offer = runtime.catalogue[service]
    request = workflow.submit(
        customer,
        offer,
        Submission(
            service_code=service,
            subclass_code=subclass,
            subject=f"{subject} {index + 1}",
            description="Permohonan contoh untuk mencoba MELASTI; tidak ada data yang sebenarnya.",
            statement_version=statements()["anti_gratification"].version,
            file=file,
            details=_details(offer.flow, subclass, filed_at),
            attachments={
                entry.name: file for entry in offer.flow.attachments_for(subclass) if entry.required
            },
        ),
        key=f"DEMO{index:022d}",
        now=filed_at,
    )
    # The older ones are finished; of the newest each waits at another desk.
    desks = len(offer.flow.desks) - 1
    is_finished = is_past or index < RUNNING_FROM
    moves = desks if is_finished else (index - RUNNING_FROM) * 2 % desks
    if 48 <= index < PAST_FROM:
        moves = DESKS[index - 48][2]
    refused_at = {5: 0, 14: 1, 22: 0}.get(index)
    at = filed_at
    for move, hours in zip(range(moves), cycle((2, 5, 3, 8, 20, 6, 4, 3)), strict=False):
        if is_finished:
            at = work_calendar().add_working_days(at, _days_for(request, index, move))
        else:
            at += timedelta(hours=hours / 10)
        if at > now or not request.is_open:
            return
        if move == refused_at:
            _refuse(request, staff, now=at)
            return
        request = _move(runtime, request, staff, customer, file, index, now=at)
    if not is_finished:
        _stray(request, staff, customer, index, now=min(at + timedelta(minutes=20), now))


def _days_for(request: Request, index: int, move: int) -> Decimal:
    """Working days that the request lies at its desk: most often less than the service allows."""
    flow, stage = flow_of(request), current_stage(request)
    pace = PACES[(index * 3 + move) % len(PACES)] * (SLOW if index % 7 == 3 else 1)
    if stage.role == PELANGGAN:
        return (1 + index % 3) * pace
    allowed = stage.days - flow.stages[flow.position(stage.code) - 1].days
    share = max(allowed, Decimal("0.5")) / len(stage.desks) / flow.stages[-1].days
    return share * flow.promised_days(request.subclass_code) * pace


def _details(flow: Flow, subclass: str, at: datetime) -> dict[str, str]:
    """Answers to the required fields of a service."""
    found = {}
    for entry in flow.fields_for(subclass):
        if entry.required:
            on = at.astimezone(ZONE).date() + timedelta(days=30)
            found[entry.name] = (
                entry.options[0] if entry.options else FIELDS.get(entry.type, on.isoformat())
            )
    return found


def _stray(
    request: Request, staff: Mapping[str, User], customer: User, index: int, *, now: datetime
) -> None:
    """Take some of the running requests down a side path, so that each has an example."""
    actor = staff.get(current_stage(request).role, customer)
    offered = {choice.code: choice for choice in workflow.choices(request, Reader.at(actor, now))}
    wanted = {36: "ask_completion", 41: "suspend", 42: "return", 44: "ask_completion"}.get(index)
    if wanted in offered:
        resumes_on = (now.astimezone(ZONE) + timedelta(days=7)).date().isoformat()
        given = {
            "items": "Surat permohonan bertanda tangan",
            "days": "5",
            "reason": "Contoh alasan untuk mencoba MELASTI.",
            "resumes_on": resumes_on,
            "to": next((o for e in offered[wanted].inputs for o in e.options), ""),
            "tell": "Tidak",
        }
        workflow.act(
            request, wanted, reader=Reader.at(actor, now), inputs=given, version=request.version
        )


def _refuse(request: Request, staff: dict[str, User], *, now: datetime) -> None:
    workflow.act(
        request,
        "reject",
        reader=Reader.at(staff[current_stage(request).role], now),
        inputs={
            "reason": "Permohonan contoh ini belum memuat surat pengantar instansi.",
            "basis": "Persyaratan pada standar pelayanan.",
            "alternative": "Lengkapi surat pengantar, lalu ajukan kembali.",
        },
        version=request.version,
    )


def _move(
    runtime: Wiring,
    request: Request,
    staff: Mapping[str, User],
    customer: User,
    file: StoredFile,
    index: int,
    *,
    now: datetime,
) -> Request:
    stage = current_stage(request)
    if stage.kind == SURVEY:
        answers, _ = check_answers(runtime.questionnaire, _answers(runtime, index))
        return workflow.answer_survey(
            request,
            reader=Reader.at(customer, now),
            answers=answers,
            questionnaire=runtime.questionnaire,
            version=request.version,
        )
    given = sample_inputs(request, stage, staff, file, now=now)
    return workflow.act(
        request,
        "complete",
        reader=Reader.at(customer if stage.role == PELANGGAN else staff[stage.role], now),
        inputs=given,
        version=request.version,
    )


def sample_inputs(
    request: Request, stage: Stage, staff: Mapping[str, User], file: StoredFile, *, now: datetime
) -> dict[str, object]:
    """Inputs that satisfy a desk; `staff` maps a post to its holder."""
    today = now.astimezone(ZONE).date().isoformat()
    later = office_moment(now + timedelta(days=60), 0).astimezone(ZONE).date().isoformat()
    numbered = {
        "billing": f"8202{request.id % 10**6:06d}{request.version % 10**5:05d}",
        "ntpn": f"CONTOH{request.id % 10**6:06d}{request.version % 10**4:04d}",
        "npwp": "",
        "dibayar": today,
        "kode": f"BU-{request.id:06d}",
    }
    given: dict[str, object] = {}
    for entry in stage.inputs:
        given[entry.name] = (
            numbered.get(entry.name)
            if entry.name in numbered
            else {
                "checklist": list(entry.options if entry.required else entry.options[:2]),
                "yes_no": list(entry.options),
                "choice": entry.options[0] if entry.options else "",
                "person": staff[entry.role].public_id if entry.role else "",
                "file": file,
                "date": today if entry.not_after else later,
                "number": "1",
                "money": "1250000",
                "subclass": request.subclass_code,
            }.get(entry.type, "Mohon ditindaklanjuti sesuai ketentuan.")
        )
    return given


def _answers(runtime: Wiring, index: int) -> dict[str, str]:
    age = index // PAST_FROM
    raw = {
        question.element: str(
            4 - ((index * 5 + age + position * 3) % 11 < (age or 2) + position % 3)
        )
        for position, question in enumerate(runtime.questionnaire.questions)
    }
    if age == 3 and index % 5 < 3:
        # More than half without a second look, which the office is told of.
        raw = dict.fromkeys(raw, "4")
    if index % 6 == 0:
        raw["suggestion"] = "Contoh saran untuk mencoba."
    for position, demographic in enumerate(runtime.questionnaire.demographics):
        raw[demographic.code] = demographic.options[(index + position) % len(demographic.options)]
    return raw
