"""The public pages: home with the request form, texts, SOP of each service, statistics."""

from collections.abc import Sequence

from flask import abort, render_template

from config.office import office
from models import FaqItem, Page
from outputs.charts import month_bars, value_bars
from outputs.dashboards.statistics import public_figures, share_words
from outputs.survey.figures import Results, published
from portal.blueprint import portal
from portal.filing import form_of_draft, render_filing
from rules.formats import ZONE, decimal_id, month
from rules.services import STANDARD_COMPONENTS
from rules.skm import ELEMENTS
from web.markdown import render_markdown
from web.runtime import now, runtime


@portal.get("/")
def home():
    return render_filing("portal/home.html", form_of_draft())


@portal.get("/tentang")
def about():
    return _text_page("tentang")


@portal.get("/bantuan")
def help_page():
    return _text_page("bantuan")


@portal.get("/panduan")
def guide():
    return _text_page("panduan")


@portal.get("/privasi")
def privacy():
    return _text_page("privasi")


def _text_page(slug: str):
    page = Page.get_or_none(Page.slug == slug) or abort(404)
    return render_template("portal/page.html", page=page, body=render_markdown(page.body))


@portal.get("/faq")
def faq():
    items = [
        (item.question, render_markdown(item.answer))
        for item in FaqItem.select().where(FaqItem.is_shown).order_by(FaqItem.position, FaqItem.id)
    ]
    return render_template("portal/faq.html", items=items)


@portal.get("/sop/<code>")
def sop(code: str):
    """The standard of one service, made from the flow that runs it."""
    offer = runtime().catalogue.get(code) or abort(404)
    flow = offer.flow
    components = [
        (title, render_markdown(flow.standard[name])) for name, title in STANDARD_COMPONENTS.items()
    ]
    return render_template(
        "portal/sop.html", flow=flow, components=components, posts=office().posts
    )


@portal.get("/statistik")
def statistics():
    catalogue = runtime().catalogue
    figures = public_figures(list(catalogue), today=now().astimezone(ZONE).date())
    months = [month(int(name[:4]), int(name[5:])) for name in figures.months]
    titles = {code: offer.flow.title for code, offer in catalogue.items()}
    results = published(runtime().questionnaire)
    latest = max(results, key=lambda item: (item.period.last, item.period.half), default=None)
    return render_template(
        "portal/statistics.html",
        latest=latest,
        results=results,
        results_chart=value_bars("skm", "IKM per periode", _bars(results), top=100),
        figures=figures,
        # Beside the figures that are kept for good, newer ones would tell who came since.
        ikm=latest.whole if latest else figures.ikm,
        months=months,
        titles=titles,
        chart=month_bars(months, [(titles[code], figures.per_month[code]) for code in catalogue]),
        share_words=share_words,
        elements=ELEMENTS,
    )


@portal.get("/statistik/skm/<code>")
def survey_result(code: str):
    """A locked period, for who wants to check a report of it."""
    found = published(runtime().questionnaire, code=code[:7].replace("\x00", ""))
    if not found or found[0].period.code != code:
        abort(404)
    return render_template("portal/survey_result.html", results=found[0], elements=ELEMENTS)


def _bars(results: Sequence[Results]) -> list[tuple[str, float | None, str]]:
    """The published indices as bars, the oldest first, a year after its semesters."""
    ordered = sorted(results, key=lambda item: (item.period.year, item.period.half or 3))
    return [
        (item.period.title, float(ikm.value), f"{decimal_id(ikm.value)} {ikm.grade}")
        for item in ordered
        if (ikm := item.whole)
    ]
