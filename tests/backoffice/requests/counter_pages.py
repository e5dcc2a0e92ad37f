"""Forms of the counter."""

import re

from tests.people import post, upload

FORM_PAGE = "/backoffice/loket/permohonan"


REQUEST = {
    "channel": "loket",
    "service": "data",
    "subclass": "data_informasi",
    "subject": "Data pasang surut",
    "description": "Untuk perencanaan dermaga desa.",
    "statement": "y",
}


NEWCOMER = {
    "name": "Pemohon Loket",
    "institution_category": "desa",
    "institution_name": "Desa Contoh",
    "phone_region": "ID",
    "phone": "",
    "email": "",
    "gender": "",
    "address": "",
}


def key_of(page: str) -> str:
    return re.search(r'name="key" value="([^"]+)"', page).group(1)


def write_down(client, page: str = FORM_PAGE, /, **changes):
    """Fill the counter's form as the admin does; the key comes with the page."""
    form = {**REQUEST, "key": key_of(client.get(page).text), "file": upload(), **changes}
    return post(client, page, form)
