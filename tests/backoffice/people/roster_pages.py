"""A list of staff, written, checked and brought in."""

import io

from openpyxl import Workbook

from tests.people import post

HEADINGS = ("NAMA", "EMAIL", "NO HP", "POS")


PAGE = "/backoffice/petugas-impor/"


def workbook(*rows) -> bytes:
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def check(client, content: bytes, name: str = "petugas.xlsx"):
    return post(client, f"{PAGE}periksa", {"file": (io.BytesIO(content), name)})
