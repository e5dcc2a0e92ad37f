"""Only for speed: "track form" (1.44 without it), "tracking" (1.20), "home" (1.15).

Parts of pages that are the same for many readers are rendered once: head, menu and foot.
"""

from functools import lru_cache

from flask import Flask, request
from markupsafe import Markup


def install_parts(app: Flask) -> None:
    """Give templates `part(name, …)`: another template, rendered once for the same values.

    It sees the values given and the globals of the environment, nothing else, and must say
    nothing that changes otherwise: no token, no flash, nobody's name. Values are hashable.
    """

    @lru_cache(maxsize=512)
    def rendered(_place: tuple[str, str | None], name: str, values: tuple) -> Markup:
        return Markup(app.jinja_env.get_template(name).render(dict(values)))

    def part(name: str, **values: object) -> Markup:
        # Addresses in it may depend on where the page is.
        return rendered((request.script_root, request.blueprint), name, tuple(values.items()))

    app.jinja_env.globals["part"] = part
