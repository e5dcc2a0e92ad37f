"""Every page of portal and backoffice in a browser: nothing serious for axe, nothing too wide."""

from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.shown_pages import demo_of

PHONE, DESK = 360, 1280
# How far the page can be pushed sideways, and what axe finds that is serious.
EXCESS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SERIOUS = """withContrast => axe.run({
    resultTypes: ["violations"], preload: false,
    rules: {"color-contrast": {enabled: withContrast}}
}).then(results => results.violations
    .filter(found => ["serious", "critical"].includes(found.impact))
    .map(found => found.id + ": " + found.nodes.slice(0, 3).map(one => one.target.join(" "))))"""


# Rules whose findings are never serious needn't run.
SCRIPT = (
    Axe().axe_script
    + """
axe._audit.rules.filter(rule => !["serious", "critical"].includes(rule.impact))
    .forEach(rule => { rule.enabled = false })"""
)


@pytest.mark.browser
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_every_page_is_accessible_and_fits(app, db, chromium, whole):
    faults, widths = {}, (DESK, PHONE)
    with demo_of(app, now=datetime.now(UTC)) as demo:
        for reader, pages in demo.by_reader().items():
            context = chromium.new_context(locale="id-ID")
            context.add_cookies(demo.cookies(reader))
            # Compiled once for each process of the browser, and with each page there already.
            context.add_init_script(SCRIPT)
            page = context.new_page()
            for shown in pages if whole else pages[::4]:
                answer = page.goto(demo.base + shown.path)
                assert (answer.status, answer.url) == (shown.status, demo.base + shown.path)
                # Colours take most of the time: once, at the width that such pages are read at.
                usual = DESK if "/backoffice/" in shown.path else PHONE
                # A sample sees every fourth page at one of the widths, and as many at either.
                for width in widths if whole else widths[:1]:
                    page.set_viewport_size({"width": width, "height": 900})
                    found = page.evaluate(SERIOUS, width == usual)
                    if (excess := page.evaluate(EXCESS)) > 0:
                        found.append(f"{excess} px too wide")
                    if found:
                        faults[f"{shown.name} at {width}"] = found
                # The next page begins at the width of this one, which needs no new layout.
                widths = widths[::-1]
            context.close()
    assert faults == {}
