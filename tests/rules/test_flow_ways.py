"""Every way that a request may walk through a service."""

import tomllib
from pathlib import Path

import pytest

from rules.flow_check import ways
from rules.services import parse_flow

SERVICES = Path(__file__).resolve().parent.parent.parent / "config" / "services"


@pytest.mark.parametrize("code", ["data", "advis", "lab"])
def test_each_kind_is_walked_once_paid_and_once_free_where_money_is_asked(code):
    flow = parse_flow(tomllib.loads((SERVICES / f"{code}.toml").read_text()))
    kinds = [kind.title for kind in flow.subclasses] or [""]
    words = [words for words, _ in ways(flow)]
    free = [f"{kind}, tanpa bayar".removeprefix(", ") for kind in kinds]
    is_paid = any(desk.paid_only for desk in flow.desks)
    assert is_paid == (code == "lab")
    assert words == (kinds + free if is_paid else kinds)
    assert all(desk.paid_only is False for words, walked in ways(flow)
               if words.endswith("tanpa bayar") for desk in walked.desks)  # fmt: skip
