"""The customer's page of a request speaks to the customer."""

import pytest

from tests.people import advance, enter, file_request, post

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def test_what_waits_for_the_reader_says_so(app, people, runtime, now):
    filed = file_request(runtime, people.customer, now=now)
    item = advance(filed, people, runtime, now=now, until="SURVEI")
    mine = enter(app, people.customer).get(f"/layanan/{item.public_id}").text
    assert "menunggu survei dari Anda." in mine
    assert "dari pelanggan" not in mine
    # Colleagues and visitors are told of a customer.
    card = enter(app, people.admin_layanan).get(f"/backoffice/permohonan/{item.public_id}").text
    assert "menunggu survei dari pelanggan" in card
    seen = post(enter(app, None), "/lacak", {"number": item.number}).text
    assert "menunggu survei dari pelanggan" in seen
