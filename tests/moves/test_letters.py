"""Letters out and in have numbers without gaps, and letters say by what right they are signed."""

from datetime import UTC, datetime, timedelta

import pytest

import workflow
from models import Document, IncomingLetter, Mandate, OutgoingLetter, Request
from moves.letters import issue_letter
from rules.rights import Power
from storage.database import database
from tests.people import REFUSAL, advance, file_request, make_staff
from tests.test_races import together
from workflow import Reader


def refuse(request: Request, actor, at) -> Request:
    return workflow.act(
        request,
        "reject",
        reader=Reader.at(actor, at),
        inputs=REFUSAL,
        version=request.version,
    )


def issue(document: Document, actor, at) -> None:
    issue_letter(document, actor=actor, power=Power("admin_layanan"), roster=None, now=at)


@pytest.fixture
def ordered(people, runtime, now):
    """Ordered refusals that have no number yet, each of a request of its own."""

    def make(count: int) -> list[Document]:
        requests = [
            file_request(runtime, people.customer, now=now, key=f"K{i}") for i in range(count)
        ]
        return [
            Document.create(
                request=request, kind="surat_penolakan", title="x", filename="x.pdf", created_at=now
            )
            for request in requests
        ]

    return make


def test_a_register_counts_from_one_every_year(people, runtime, now):
    first = refuse(file_request(runtime, people.customer, now=now), people.admin_layanan, now)
    second = file_request(runtime, people.customer, now=now, key="K2", service="lab")
    second = advance(second, people, runtime, now=now, until="KONTRAK")
    later = datetime(2024, 12, 31, 16, 1, tzinfo=UTC)
    third = file_request(runtime, people.customer, now=later, key="K3")
    refuse(third, people.admin_layanan, later)
    letters = list(OutgoingLetter.select().order_by(OutgoingLetter.id))
    assert [(row.register, row.year, row.seq) for row in letters] == [
        ("surat", 2024, 1),
        ("surat", 2024, 2),
        ("surat", 2025, 1),
    ]
    assert [row.number for row in letters] == [
        "UM 02.01-BTP/1/2024",
        "UM 02.01-BTP/2/2024",
        "UM 02.01-BTP/1/2025",
    ]
    assert [row.request_id for row in letters] == [first.id, second.id, third.id]


def test_another_register_counts_by_itself(people, runtime, now):
    request = file_request(runtime, people.customer, now=now)
    advance(request, people, runtime, now=now)
    [deed] = OutgoingLetter.select()
    assert (deed.register, deed.number) == ("berita_acara", "1/BA/BTP/VII/2024")


def test_every_request_comes_in_under_a_running_number(people, runtime, now):
    for key in ("K1", "K2"):
        file_request(runtime, people.customer, now=now, key=key)
    file_request(runtime, people.customer, now=now, key="K2")
    rows = list(IncomingLetter.select().order_by(IncomingLetter.id))
    assert [(row.year, row.seq) for row in rows] == [(2024, 1), (2024, 2)]


def test_fifty_issues_at_once_leave_no_gap(people, ordered, now):
    documents = ordered(50)
    results, errors = together(
        [lambda row=row: issued_in_a_transaction(row, people, now) for row in documents]
    )
    assert errors == []
    assert len(results) == 50
    assert numbers() == list(range(1, 51))


class PowerCut(Exception):
    pass


def test_what_is_rolled_back_gives_its_number_back(people, ordered, now):
    documents = ordered(50)
    results, errors = together(
        [
            lambda row=row, fails=index % 2: issued_in_a_transaction(row, people, now, fails=fails)
            for index, row in enumerate(documents)
        ]
    )
    assert {type(error) for error in errors} == {PowerCut}
    assert len(results) == len(errors) == 25
    assert numbers() == list(range(1, 26))


def issued_in_a_transaction(document: Document, people, now, *, fails: int = 0) -> None:
    with database.atomic():
        issue(document, people.admin_layanan, now)
        if fails:
            raise PowerCut


def numbers() -> list[int]:
    return sorted(row.seq for row in OutgoingLetter.select())


def test_fifty_filings_at_once_leave_no_gap_in_the_agenda(people, runtime, now):
    _, errors = together(
        [
            lambda i=i: file_request(runtime, people.customer, now=now, key=f"K{i}")
            for i in range(50)
        ]
    )
    assert errors == []
    assert sorted(row.seq for row in IncomingLetter.select()) == list(range(1, 51))


# -- who signs -------------------------------------------------------------------------------------


def signed_by(request: Request) -> tuple[str, dict[str, str]]:
    row = OutgoingLetter.get(OutgoingLetter.request == request)
    return row.signer_role, row.signature


def test_a_refusal_is_signed_by_the_head_whoever_refuses(people, runtime, now):
    head = people.kepala_balai
    head.nip, head.rank = "197001011995031001", "Pembina (IV/a)"
    head.position = "Kepala Balai Teknik Pantai"
    head.save()
    request = file_request(runtime, people.customer, now=now)
    refuse(request, people.admin_layanan, now)
    assert signed_by(request) == (
        "kepala_balai",
        {
            "post": "Kepala Balai Teknik Pantai",
            "name": head.name,
            "rank": "Pembina (IV/a)",
            "nip": "197001011995031001",
        },
    )


def test_a_plh_signs_as_one(people, runtime, now):
    Mandate.create(
        role_code="kepala_balai", kind="plh", absent=people.kepala_balai, acting=people.ketua_tim,
        letter="SPT-01", from_on=now.date(), until_on=now.date(), created_at=now,
    )  # fmt: skip
    request = file_request(runtime, people.customer, now=now)
    refuse(request, people.admin_layanan, now)
    role, signature = signed_by(request)
    assert role == "kepala_balai"
    assert (signature["post"], signature["name"]) == ("Plh. Kepala Balai", people.ketua_tim.name)
    # The day after, the head is back.
    later = now + timedelta(days=1)
    again = file_request(runtime, people.customer, now=later, key="K2")
    refuse(again, people.admin_layanan, later)
    assert signed_by(again)[1]["name"] == people.kepala_balai.name


def test_a_substitute_signs_in_the_name_of_a_vacant_post(people, runtime, now):
    people.kepala_balai.hold_posts(["auditor"])
    people.kasubag_tu.position = "Kepala Subbagian Umum dan Tata Usaha"
    people.kasubag_tu.save()
    request = file_request(runtime, people.customer, now=now)
    refuse(request, people.admin_layanan, now)
    _, signature = signed_by(request)
    assert signature["post"] == "a.n. Kepala Balai\nKepala Subbagian Umum dan Tata Usaha"
    assert signature["name"] == people.kasubag_tu.name


def test_of_two_holders_the_one_who_acts_signs(app, people, runtime, now):
    with app.app_context():
        second = make_staff("kepala_balai", email="a-kepala@balai.test")
    request = file_request(runtime, people.customer, now=now)
    request = advance(request, people, runtime, now=now, until="DISPOSISI_KABALAI")
    refuse(request, second, now)
    assert signed_by(request)[1]["name"] == second.name


def test_what_names_no_post_is_signed_by_whoever_acts(people, runtime, now):
    request = file_request(runtime, people.customer, now=now, service="lab")
    request = advance(request, people, runtime, now=now, until="KONTRAK")
    role, signature = signed_by(request)
    assert (role, signature["name"]) == ("admin_layanan", people.admin_layanan.name)
