"""A change between two pages: looked at first, then carried out as it was seen.

What was seen goes to the browser signed, and comes back only from the person who saw it.
"""

from collections.abc import Mapping, Sequence

from flask import current_app, request
from flask_security import current_user
from itsdangerous import BadData, URLSafeTimedSerializer

from backoffice.spreadsheets import MOST_BYTES, BadSpreadsheet, read_table

# What was looked at may be carried out for this long.
SECONDS_TO_CONFIRM = 3600


def uploaded_rows(headings: Sequence[str], optional: Sequence[str] = ()) -> list[Mapping[str, str]]:
    """The lines of the spreadsheet that was chosen. Raises BadSpreadsheet with a sentence."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise BadSpreadsheet("Pilih berkas lembar kerja.")
    return read_table(upload.stream.read(MOST_BYTES + 1), headings, optional)


def sign(purpose: str, seen: object) -> str:
    """A token of what this person sees; `seen` is made of what JSON knows."""
    return _signer(purpose).dumps(seen)


def unsign(purpose: str, token: str) -> object | None:
    """What this person saw; None for a token that is too old, not ours or somebody else's."""
    try:
        return _signer(purpose).loads(token, max_age=SECONDS_TO_CONFIRM)
    except BadData:
        return None


def _signer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        current_app.secret_key, salt=f"{purpose}:{current_user.public_id}"
    )
