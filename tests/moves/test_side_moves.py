"""Side paths are offered exactly where the service's file says so."""

import tomllib
from datetime import timedelta

import pytest

from config.settings import CONTENT
from models import Request
from moves.catalogue import current_stage
from moves.sides import SIDES
from tests.moves.side_steps import SERVICES, offered, rows_of, take
from tests.people import (
    complete_desk,
    file_request,
)
from workflow import Refused

BY_CUSTOMER = {"negotiate": "negotiate", "cancel": "cancel", "cancel_with_consent": "ask_cancel"}


@pytest.mark.parametrize("service", SERVICES)
def test_every_desk_offers_exactly_what_the_file_says(people, runtime, now, service):
    """Walk the service; at each desk ask everybody, and try what isn't offered."""
    raw = tomllib.loads((CONTENT / "services" / f"{service}.toml").read_text())
    tables = [{**stage, **step} for stage in raw["stage"] for step in stage.get("step", [{}])]
    request, moment = file_request(runtime, people.customer, now=now, service=service), now
    for turn, table in enumerate(tables[1:]):
        desk = current_stage(request)
        assert (desk.code, desk.role) == (table["code"], table["role"])
        everybody = {**people.staff, "pelanggan": people.customer, "": people.other_customer}
        for post_name, person in everybody.items():
            wanted = set()
            if post_name == desk.role:
                wanted.add("survey" if desk.kind == "survey" else "complete")
            for entry in table.get("allows", ()):
                code, _, role = entry.partition(":")
                if code in BY_CUSTOMER:
                    wanted |= {BY_CUSTOMER[code]} if post_name == "pelanggan" else set()
                elif post_name == (role or desk.role):
                    wanted.add(code)
            assert offered(request, person, moment) == wanted, (desk.desk, post_name)
        before = rows_of(request)
        # A part of them at each desk, another one at the next.
        for person in (everybody[desk.role], people.other_customer):
            for code in sorted(SIDES.keys() - offered(request, person, moment))[turn % 5 :: 5]:
                with pytest.raises(Refused, match="tidak dapat melakukan"):
                    take(request, code, person, moment)
        assert rows_of(request) == before
        moment += timedelta(minutes=20)
        request = complete_desk(request, people, runtime, now=moment)
    assert request.status == "done"


def test_a_kind_that_only_the_office_gives_cannot_be_filed(people, runtime, now):
    for kind in ("darurat", "tidak-ada", ""):
        with pytest.raises(Refused, match="jenis layanan"):
            file_request(runtime, people.customer, now=now, service="advis", subclass=kind)
    assert Request.select().count() == 0
