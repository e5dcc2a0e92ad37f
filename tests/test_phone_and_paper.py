"""The screens of the office on a phone and on paper: all of it is there, nothing is cut."""

from datetime import timedelta

import pytest

from administration import figures
from models import ActionPlan, Request, User
from tests.backoffice.reports.skm_samples import PERIOD, answer, golden_answers
from tests.people import Person, advance, file_request

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("engine", ["sqlite"], indirect=True)]

SKM = f"/backoffice/skm/?periode={PERIOD.code}"
# Boxes whose table can be pushed sideways, and figures on a phone that nothing names.
PUSHED = """() => [...document.querySelectorAll('.m-table-box')]
    .filter(box => box.scrollWidth > box.clientWidth).map(box => box.textContent.slice(0, 40))"""
NAMELESS = """() => [...document.querySelectorAll('.m-table.is-cards td')].filter(cell =>
    cell.getClientRects().length && !cell.dataset.label
    && !cell.matches('.m-picks, [colspan]')).map(cell => cell.textContent)"""
# What is wider than A4 within its margins, and what has no place on paper.
WIDTH_OF_PAPER = 680
CUT = """() => [...document.querySelectorAll('main *')]
    .filter(one => one.getClientRects().length && !one.closest('.m-hidden, svg, .m-preview')
        && one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .map(one => `${one.tagName} ${one.textContent.slice(0, 40)}`)"""
SHOWN = """() => [...document.querySelectorAll(
        'nav, header, button, input, select, textarea, .m-btn, .m-act, dialog, iframe')]
    .filter(one => one.getClientRects().length).map(one => one.outerHTML.slice(0, 80))"""
STUCK = """() => [...document.querySelectorAll('body *')].filter(one => one.getClientRects().length
    && ['sticky', 'fixed'].includes(getComputedStyle(one).position))
    .map(one => one.outerHTML.slice(0, 80))"""


@pytest.fixture
def office(people, runtime, now):
    """Requests at several desks, a period with answers of two services, a plan, figures."""
    for index, desk in enumerate(("", "DISPOSISI_KABALAI", "SURVEI", "NONE")):
        filed = file_request(runtime, people.customer, now=now, key=f"K{index}",
                             subject=f"Data gelombang Pantai Contoh bagian {index}")  # fmt: skip
        if desk:
            advance(filed, people, runtime, now=now, until=desk)
    golden_answers()
    for _ in range(5):
        answer([3] * 9, service="lab")
    ActionPlan.create(
        period_code=PERIOD.code, element="U3", program="Menambah petugas pada bulan ramai",
        due_on=now.date() + timedelta(days=30), responsible="Ketua Tim Layanan",
        updated_at=now, updated_by=people.kasubag_tu,
    )  # fmt: skip
    figures.refresh([now.date().replace(day=1)])
    columns = ["nomor", "pelanggan", "instansi", "keadaan", "petugas", "diajukan", "batas"]
    User.update(preferences={"queue": {"columns": columns}}).where(
        User.id == people.kasubag_tu.id
    ).execute()


def pages() -> list[str]:
    cards = [f"/backoffice/permohonan/{row.public_id}" for row in Request.select()]
    return ["/backoffice/?tab=semua", SKM, "/backoffice/dasbor/", *cards]


@pytest.mark.parametrize("post", ["kasubag_tu", "kepala_balai"])
def test_a_phone_shows_every_figure_under_its_name(chromium, live, people, office, post):
    reader = Person(chromium, live, width=360)
    reader.logs_in(getattr(people, post).email)
    reader.sees("Menunggu saya")
    for address in pages():
        reader.opens(address)
        assert reader.page.evaluate(PUSHED) == [], address
        assert reader.page.evaluate(NAMELESS) == [], address
    # A place further down is one touch away.
    reader.opens(SKM)
    reader.page.get_by_role("link", name="Rencana", exact=True).click()
    assert reader.page.url.endswith("#rencana")
    reader.leaves()


@pytest.mark.parametrize("post", ["kasubag_tu", "kepala_balai"])
def test_paper_holds_all_and_nothing_to_press(chromium, live, people, office, post):
    reader = Person(chromium, live, width=WIDTH_OF_PAPER)
    reader.logs_in(getattr(people, post).email)
    reader.sees("Menunggu saya")
    reader.page.emulate_media(media="print")
    for address in pages():
        reader.opens(address)
        found = {script: reader.page.evaluate(script) for script in (CUT, SHOWN, STUCK)}
        assert not any(found.values()), (address, found)
        # Who printed what of when: a sheet lies about without its address.
        assert reader.page.locator(".m-printrow").first.is_visible(), address
    reader.leaves()
