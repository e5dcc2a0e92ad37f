"""What programs look for at fixed addresses: robots, whom to tell of a fault, the icon."""

from datetime import timedelta

from flask import Response, current_app
from flask.typing import ResponseReturnValue

from config.office import office
from portal.blueprint import portal
from web.runtime import now, runtime

# Nothing there is for strangers; a crawler would only meet the log-in page.
ROBOTS = """User-agent: *
Disallow: /backoffice/
Disallow: /layanan/
Disallow: /undangan/
Disallow: /kalender/
Disallow: /ajukan
Disallow: /unggahan
Disallow: /webhook/
"""
# RFC 9116 wants a day after which the text isn't to be trusted, less than a year away.
HOLDS = timedelta(days=180)


def _text(words: str) -> Response:
    return Response(words, mimetype="text/plain")


@portal.get("/robots.txt")
def robots() -> ResponseReturnValue:
    return _text(ROBOTS)


@portal.get("/.well-known/security.txt")
def security_contact() -> ResponseReturnValue:
    """RFC 9116: whom to tell of a fault that could harm people."""
    until = (now() + HOLDS).replace(hour=0, minute=0, second=0, microsecond=0)
    return _text(
        f"Contact: mailto:{office().email}\n"
        f"Expires: {until:%Y-%m-%dT%H:%M:%SZ}\n"
        "Preferred-Languages: id, en\n"
        f"Canonical: {runtime().settings.base_url}/.well-known/security.txt\n"
    )


@portal.get("/favicon.ico")
def favicon() -> ResponseReturnValue:
    """For programs that don't read the page's own link to an icon."""
    return current_app.send_static_file("favicon.ico")
