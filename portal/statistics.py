"""What everybody may know of the office's work and of its surveys."""

from collections.abc import Sequence

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from outputs.charts import month_bars, value_bars
from outputs.dashboards.statistics import public_figures, share_words
from outputs.survey.figures import Results, published
from portal.blueprint import portal
from rules.formats import ZONE, decimal_id, month
from rules.skm import ELEMENTS
from web.runtime import now, runtime


@portal.get("/statistik")
def statistics() -> ResponseReturnValue:
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
def survey_result(code: str) -> ResponseReturnValue:
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
