"""Addresses in templates, each built once.

A page of the office names nearly a hundred, mostly the same on every page; building them anew
took a quarter of its time.
"""

from functools import lru_cache

from flask import Flask, request


def install_addresses(app: Flask) -> None:
    """Let templates remember what `url_for` says; call before they are rendered."""
    build = app.url_for

    @lru_cache(maxsize=4096)
    def known(_place: tuple[str, str | None], endpoint: str, values: tuple) -> str:
        return build(endpoint, **{name: value for name, value, _ in values})

    def url_for(endpoint: str, **values: object) -> str:
        if "_external" in values:
            # The host is the request's, too.
            return build(endpoint, **values)
        # One and True are equal, but not in an address.
        given = tuple((name, value, type(value)) for name, value in values.items())
        try:
            # A prefix of the proxy and a name that begins with a dot depend on the request.
            return known((request.script_root, request.blueprint), endpoint, given)
        except TypeError:
            # A list can't be remembered; and what is wrong is said by the one who knows.
            return build(endpoint, **values)

    app.jinja_env.globals["url_for"] = url_for
