"""Requests that lie at a stage."""

from datetime import timedelta

import pytest

from models import Request
from tests.moves.side_steps import take, wita
from tests.people import (
    advance,
    complete_desk,
    file_request,
)


@pytest.fixture
def at(people, runtime, now):
    """A request of a service that lies at a stage (`PEMBAYARAN/2` for its second turn)."""

    def make(name: str, service: str = "data", key: str = "K1", **kwargs) -> Request:
        request = file_request(runtime, people.customer, now=now, service=service, key=key,
                               **kwargs)  # fmt: skip
        code, _, turn = name.partition("/")
        request = advance(request, people, runtime, now=now, until=code)
        for _ in range(int(turn or 1) - 1):
            request = complete_desk(request, people, runtime, now=now + timedelta(hours=3))
        return request

    return make


@pytest.fixture
def asked(people, at) -> Request:
    """A completion asked on Tuesday 30 July 10.00: due Tuesday 6 August 10.00."""
    return take(at("TERIMA_ADMIN"), "ask_completion", people.admin_layanan, wita(7, 30, 10),
                days="5", items="Surat bertanda tangan")  # fmt: skip


@pytest.fixture
def request_at(people, runtime, now):
    """A request of a service that lies at a stage."""

    def make(stage, service="data", key="K1"):
        filed = file_request(runtime, people.customer, now=now, service=service, key=key)
        return advance(filed, people, runtime, now=now, until=stage)

    return make
