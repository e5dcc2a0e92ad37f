"""Editable texts as HTML: CommonMark without raw HTML, office facts filled in."""

from markdown_it import MarkdownIt
from markupsafe import Markup

from config.office import office

_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")


def render_markdown(text: str) -> Markup:
    """Safe HTML of a text; `{office.…}` becomes the fact of that name."""
    for name, value in office().public_facts.items():
        text = text.replace("{" + name + "}", value)
    return plain_markdown(text)


def plain_markdown(text: str) -> Markup:
    """Safe HTML of a text, as it is."""
    return Markup(_markdown.render(text))
