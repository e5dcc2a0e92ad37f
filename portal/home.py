"""The public pages: home with the request form, texts, SOP of each service."""

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from config.office import office
from models import FaqItem, Page
from portal.blueprint import portal
from portal.filing import form_of_draft, render_filing
from rules.services import STANDARD_COMPONENTS
from web.markdown import render_markdown
from web.runtime import runtime


@portal.get("/")
def home() -> ResponseReturnValue:
    return render_filing("portal/home.html", form_of_draft())


@portal.get("/tentang")
def about() -> ResponseReturnValue:
    return _text_page("tentang")


@portal.get("/bantuan")
def help_page() -> ResponseReturnValue:
    return _text_page("bantuan")


@portal.get("/panduan")
def guide() -> ResponseReturnValue:
    return _text_page("panduan")


@portal.get("/privasi")
def privacy() -> ResponseReturnValue:
    return _text_page("privasi")


def _text_page(slug: str):
    page = Page.get_or_none(Page.slug == slug) or abort(404)
    return render_template("portal/page.html", page=page, body=render_markdown(page.body))


@portal.get("/faq")
def faq() -> ResponseReturnValue:
    items = [
        (item.question, render_markdown(item.answer))
        for item in FaqItem.select().where(FaqItem.is_shown).order_by(FaqItem.position, FaqItem.id)
    ]
    return render_template("portal/faq.html", items=items)


@portal.get("/sop/<code>")
def sop(code: str) -> ResponseReturnValue:
    """The standard of one service, made from the flow that runs it."""
    offer = runtime().catalogue.get(code) or abort(404)
    flow = offer.flow
    components = [
        (title, render_markdown(flow.standard[name])) for name, title in STANDARD_COMPONENTS.items()
    ]
    return render_template(
        "portal/sop.html", flow=flow, components=components, posts=office().posts
    )
