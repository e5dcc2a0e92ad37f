"""Addresses that templates remember are those that Flask builds."""

import pytest
from flask import render_template_string, url_for


@pytest.mark.parametrize("path", ["/", "/backoffice/"])
@pytest.mark.parametrize(
    "words",
    [
        "'static', filename='melasti.css'",
        "'portal.home'",
        "'portal.tracking', a=1",
        "'portal.tracking', a=True",
        "'portal.tracking', a='1', b=None",
        "'portal.tracking', a=['x', 'y']",
        "'portal.tracking', _anchor='isi'",
        "'portal.tracking', _external=True",
    ],
)
def test_it_is_what_flask_builds_however_often(app, path, words):
    for base in ("http://localhost", "http://127.0.0.1:8000", "http://localhost/dibawah"):
        with app.test_request_context(path, base_url=base):
            wanted = eval(f"url_for({words})", {"url_for": url_for})
            for _ in range(2):
                assert render_template_string(f"{{{{ url_for({words})|safe }}}}") == wanted
