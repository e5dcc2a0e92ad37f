"""By what the queue is sorted, from its headings and its menu, and how many rows a page has."""

from collections.abc import Mapping

from peewee import Node, fn

from backoffice.requests.keyset import Sort
from models import Request, User
from web.listing import text_argument

URGENT, NEWEST, OLDEST, DONE = "mendesak", "terbaru", "terlama", "selesai"
LEISURELY = "terlonggar"
BY_DEADLINE = (URGENT, LEISURELY)
SORTS = {
    URGENT: Sort("Paling mendesak", Request.stage_due_at),
    LEISURELY: Sort("Paling longgar", Request.stage_due_at, is_descending=True),
    NEWEST: Sort("Terbaru diajukan", Request.submitted_at, is_descending=True),
    OLDEST: Sort("Terlama diajukan", Request.submitted_at),
    DONE: Sort("Terbaru selesai dikerjakan", Request.office_done_at, is_descending=True),
}
# What a common word matches is walked by the id, which is the order of filing.
BY_ID = Sort("Terbaru diajukan", None, is_descending=True)
# Whoever is responsible; the alias under which the rows name them.
ASSIGNEE = User.alias("assignee")
# By what a heading sorts as far as rows are counted, whatever the size of the table: a list of
# more is narrowed first, unless it is of everything. With a minus before it, downwards.
BY_VALUE: Mapping[str, tuple[Node, ...]] = {
    "nomor": (Request.number,),
    "perihal": (Request.subject,),
    "pelanggan": (User.name_key,),
    "keadaan": (Request.service_code, Request.stage_code),
    "petugas": (fn.COALESCE(ASSIGNEE.name_key, "~"),),
}
# Those in whose order an index holds all requests.
WALKED = ("nomor", "perihal", "keadaan")
# Heading -> its order upwards and downwards.
HEADINGS = {
    "sisa": BY_DEADLINE,
    "batas": BY_DEADLINE,
    "diajukan": (OLDEST, NEWEST),
    **{name: (name, f"-{name}") for name in BY_VALUE},
}
SIZES = (20, 50, 100)


def size_of() -> int:
    """How many rows a page has, as the address asks for it."""
    asked = text_argument("page_size")
    return next((size for size in SIZES if str(size) == asked), SIZES[0])
