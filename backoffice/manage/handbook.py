"""The handbook for administrators, as it lies in `docs/pengelola`."""

import re
from functools import cache

from flask import abort, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from markupsafe import Markup

from backoffice.base import StaffView
from config.settings import ROOT
from web.markdown import plain_markdown

FOLDER = ROOT / "docs" / "pengelola"
# In the order in which somebody needs them.
PAGES = (
    "pasang",
    "pengaturan",
    "kanal",
    "cadangan",
    "peningkatan",
    "gangguan",
    "beberapa-host",
    "kapasitas",
)
# What is wider than a phone is moved sideways, by keys too.
WIDE = (
    ("<table>", '<div class="m-table-box" tabindex="0"><table class="m-table">'),
    ("</table>", "</table></div>"),
    ("<pre>", '<pre tabindex="0">'),
)
LINK = re.compile(r'href="([a-z-]+)\.md"')


@cache
def _page(name: str) -> tuple[str, Markup]:
    """(title, body) of a page; its links lead to pages of the backoffice."""
    text = (FOLDER / f"{name}.md").read_text()
    title, _, body = text.removeprefix("# ").partition("\n")
    html = plain_markdown(body)
    for plain, wide in WIDE:
        html = html.replace(plain, Markup(wide))
    return title, html


class HandbookView(StaffView):
    """For whoever runs the server; the same pages come with the program."""

    name = "Buku Pengelola"
    url = "/backoffice/pengelola"
    endpoint = "handbook"
    category = "Kelola"
    reads = "system"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        return self.page(PAGES[0])

    @expose("/<chapter>")
    def page(self, chapter: str) -> ResponseReturnValue:
        if chapter not in PAGES:
            abort(404)
        title, body = _page(chapter)
        linked = LINK.sub(lambda found: f'href="{url_for(".page", chapter=found[1])}"', body)
        pages = [(one, _page(one)[0]) for one in PAGES]
        return self.render(
            "backoffice/manage/handbook.html",
            title=title,
            body=Markup(linked),
            pages=pages,
            chapter=chapter,
            following=next(iter(pages[PAGES.index(chapter) + 1 :]), None),
        )
