"""The manual's worked example: what is typed, and what is read at the end."""

import pypdfium2

SUBJECT = "Uji Coba Layanan Data"


SIGN_UP = {
    "name": "Pemohon Contoh",
    "institution_category": "perguruan_tinggi",
    "institution_name": "Universitas Contoh",
    "phone_region": "ID",
    "phone": "0812-3456-7890",
    "gender": "P",
    "address": "",
    "email": "pemohon@contoh.test",
    "password": "pantai biru tenang",
    "privacy": "y",
}


FORM = {
    "service": "data",
    "subclass": "data_informasi",
    "subject": SUBJECT,
    "description": "Data gelombang Pantai Contoh 2020–2023 untuk tugas akhir.",
    "statement": "y",
}


def pdf_text(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    return "\n".join(page.get_textpage().get_text_range() for page in document)
