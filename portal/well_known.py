"""What programs look for at fixed addresses: robots, whom to tell of a fault, icon, manifest."""

from datetime import timedelta

from flask import Response, current_app, jsonify, url_for
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
# Sides of the icons in px, and the ground of the site's head.
ICONS, BLUE = (192, 512), "#0b3d6e"
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


@portal.get("/manifest.webmanifest")
def manifest() -> ResponseReturnValue:
    """W3C application manifest: the site on a telephone's home screen, in a window of its own."""
    answer = jsonify(
        id="/",
        name=f"MELASTI – {office().name}",
        short_name="MELASTI",
        description=f"Ajukan, pantau, dan unduh hasil layanan {office().name}.",
        lang="id",
        start_url="/",
        scope="/",
        display="standalone",
        theme_color=BLUE,
        background_color=BLUE,
        categories=["government"],
        icons=[_icon(size, purpose) for size in ICONS for purpose in ("any", "maskable")],
        shortcuts=[
            {"name": "Ajukan Layanan", "url": url_for("portal.new_request")},
            {"name": "Tracking Layanan", "url": url_for("portal.tracking")},
        ],
    )
    answer.mimetype = "application/manifest+json"
    answer.cache_control.public, answer.cache_control.max_age = True, 3600
    return answer


def _icon(size: int, purpose: str) -> dict[str, str]:
    source = url_for("static", filename=f"icon-{size}.png")
    return {"src": source, "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}


@portal.get("/favicon.ico")
def favicon() -> ResponseReturnValue:
    """For programs that don't read the page's own link to an icon."""
    return current_app.send_static_file("favicon.ico")
