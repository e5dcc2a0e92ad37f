"""Where somebody stands, as coordinates of an advis: asked by a button, and on no other page."""

import re

import pytest

from rules.coordinates import parse_coordinates
from tests.people import Person, enter

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
FIELD = "#advis-koordinat"


@pytest.mark.browser
@pytest.mark.parametrize("is_allowed", [True, False])
def test_a_button_fills_in_where_one_stands(chromium, live, people, is_allowed):
    person = Person(chromium, live, width=360)
    person.logs_in(people.customer.email)
    context = person.page.context
    if is_allowed:
        context.set_geolocation({"latitude": -8.1234567, "longitude": 114.5, "accuracy": 12.3})
        context.grant_permissions(["geolocation"], origin=live)
    else:
        context.clear_permissions()
    person.opens("/ajukan?layanan=advis")
    page = person.page
    page.locator("input[name=subclass][value=advis_lengkap]").check(force=True)
    page.get_by_role("button", name="Pakai lokasi saya untuk Koordinat lokasi").click()
    if is_allowed:
        person.sees("Terisi, teliti sampai sekitar 13 m.")
        assert parse_coordinates(page.input_value(FIELD)) == (-8.123457, 114.5)
    else:
        person.sees(re.compile("Izin lokasi ditolak|Lokasi belum ditemukan"))
        assert page.input_value(FIELD) == ""
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    person.leaves()


def test_no_other_page_may_ask_where_one_is(app, people):
    client = enter(app, people.customer)
    for path, allows in (("/ajukan", True), ("/", True), ("/dasbor", False), ("/lacak", False)):
        policy = client.get(path).headers["Permissions-Policy"]
        assert ("geolocation=(self)" in policy) == allows, path
        assert "camera=()" in policy
