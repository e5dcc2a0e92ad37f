"""A page as tests read it: however a template is laid out, what it says stands in one line."""

import re

from flask.testing import FlaskClient

# What stands in a text field is somebody's own, with its line breaks.
TYPED = re.compile(r"(?<=>)([^<]*)(?=</textarea>)")
# Between two tags, and at either end of what an element holds.
AROUND = re.compile(r"(?<=>)\s*\n\s*(?=<)|\s*\n\s*(?=</)")
OPENED = re.compile(r"(<[a-z][^>]*>)\s*\n\s*")
BROKEN = re.compile(r"\s*\n\s*")


class Page:
    """Mixed into the answers of a test's client."""

    @property
    def text(self) -> str:
        text = super().text
        if self.mimetype != "text/html":
            return text
        pieces = TYPED.split(text)
        pieces[::2] = [
            BROKEN.sub(" ", OPENED.sub(r"\1", AROUND.sub("", piece))) for piece in pieces[::2]
        ]
        return "".join(pieces)


class PageClient(FlaskClient):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.response_wrapper = type("PageAnswer", (Page, self.response_wrapper), {})
