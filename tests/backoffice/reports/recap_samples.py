"""Requests for a recap to show, and ways to take it and to read it."""

import io
from datetime import UTC, datetime, timedelta

import openpyxl

import workflow
from models import ExportJob, Request
from outputs.recap import jobs
from outputs.recap.rows import CHUNK
from storage.database import database
from tests.people import (
    REFUSAL,
    advance,
    enter,
    file_request,
    post,
)
from workflow import Reader

EVIL = '=HYPERLINK("https://jahat.test","klik")'


MARKUP = '<r><t>x</t></r></is></c><c r="H9"><f>1+1</f></c><c><is><r></r>'


SITE = "http://localhost"


EVERYTHING = {"period": "semua", "format": "xlsx"}


def file_several(people, runtime, now):
    """One done, one refused, one running; two waiting, with mischief for a subject."""
    done = advance(
        file_request(runtime, people.customer, now=now, key="A"), people, runtime, now=now
    )
    refused = file_request(runtime, people.customer, now=now, key="B")
    workflow.act(
        refused,
        "reject",
        reader=Reader.at(people.admin_layanan, now + timedelta(minutes=1)),
        inputs=REFUSAL,
        version=1,
    )
    later = now + timedelta(days=35)
    running = file_request(runtime, people.other_customer, now=later, key="C")
    running = advance(running, people, runtime, now=later, until="VERIFIKASI_DATA")
    for key, subject in (("D", EVIL), ("E", MARKUP)):
        file_request(runtime, people.customer, now=later, key=key, subject=subject)
    return done, refused, running


def file_many(people, runtime, now):
    """More requests than a page waits for, and than are read at a time."""
    offer = runtime.catalogue["data"]
    count = jobs.AT_ONCE + 50
    assert count > CHUNK
    rows = [
        {
            "idempotency_key": f"M{n}", "customer": people.customer, "flow": offer.version_id,
            "service_code": "data", "subject": f"Permohonan {n}", "description": "Isi.",
            "statement_version": "2024-1", "stage_code": offer.flow.stages[1].code,
            "waiting_role": "admin_layanan",
            # Pairs at the same instant, also where one chunk ends and the next begins.
            "submitted_at": now + timedelta(minutes=n // 2), "submitted_month": "2024-07",
            "stage_entered_at": now, "stage_due_at": now, "due_at": now,
        }
        for n in range(count)
    ]  # fmt: skip
    with database.atomic():
        for start in range(0, count, 500):
            Request.insert_many(rows[start : start + 500]).execute()
    return count


def take(client, **choice) -> object:
    return post(client, "/backoffice/rekap/unduh", EVERYTHING | choice)


def open_book(response) -> openpyxl.Workbook:
    assert response.status_code == 200
    assert response.headers["Content-Disposition"].startswith("attachment")
    return openpyxl.load_workbook(io.BytesIO(response.data))


HEAD = 6


def table(sheet) -> list[dict[str, object]]:
    """The rows under the heads; of the first sheet without what stands above, between and below."""
    is_data = sheet.title == "Data"
    first = HEAD if is_data else 1
    head = [cell.value for cell in sheet[first]]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(first + 1)]
    return [
        dict(zip(head, row, strict=True)) for row in rows if not is_data or isinstance(row[0], int)
    ]


def clock() -> datetime:
    return datetime.now(UTC)


def make(runtime, at=clock) -> int:
    return jobs.make_due(runtime.storage, base_url=SITE, clock=at)


def ordered(app, people, **choice) -> ExportJob:
    response = take(enter(app, people.staf_tu), **choice)
    assert response.status_code == 302
    job = ExportJob.get()
    assert response.headers["Location"].endswith(f"/backoffice/rekap/berkas/{job.public_id}")
    return job
