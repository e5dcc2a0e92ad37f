"""Printed forms (fpdf2): one design, letterhead from `office.toml`, fonts embedded."""

from pathlib import Path

import font_lato
from fpdf import FPDF
from fpdf.enums import XPos, YPos

import workflow
from catalogue import flow_of
from config.office import office
from models import Document, Request
from rules.formats import file_size, moment, weekday_day
from rules.phone import display_phone

FONTS = Path(font_lato.__file__).parent / "files"
BLUE = (11, 61, 110)
YELLOW = (245, 184, 0)
INK = (31, 41, 51)
MUTED = (82, 96, 109)
NEXT_LINE = {"new_x": XPos.LMARGIN, "new_y": YPos.NEXT}


class Sheet(FPDF):
    """An A4 page with the office's letterhead and a footer that names the document."""

    def __init__(self, title: str):
        super().__init__(format="A4")
        for style, file in (("", "Lato-Regular.ttf"), ("B", "Lato-Bold.ttf")):
            self.add_font("Lato", style, FONTS / file)
        self.set_title(title)
        self.set_author(office().name)
        self.set_lang("id")
        self.set_margins(20, 18, 20)
        self.set_auto_page_break(auto=True, margin=22)
        self._title = title
        self.add_page()

    def header(self) -> None:
        facts = office()
        self.set_text_color(*BLUE)
        self.set_font("Lato", "B", 15)
        self.cell(0, 7, facts.name, **NEXT_LINE)
        self.set_text_color(*MUTED)
        self.set_font("Lato", "", 8.5)
        self.cell(0, 4.5, facts.parent, **NEXT_LINE)
        self.multi_cell(0, 4.5, facts.address, **NEXT_LINE)
        self.cell(0, 4.5, f"{facts.email}   WhatsApp {facts.whatsapp}", **NEXT_LINE)
        self.set_fill_color(*BLUE)
        self.rect(20, self.get_y() + 2, 170, 1.1, style="F")
        self.set_fill_color(*YELLOW)
        self.rect(20, self.get_y() + 2, 34, 1.1, style="F")
        self.ln(10)

    def footer(self) -> None:
        self.set_y(-16)
        self.set_font("Lato", "", 8)
        self.set_text_color(*MUTED)
        self.cell(0, 5, f"{self._title} – layanan ini bebas gratifikasi")
        self.cell(0, 5, f"Halaman {self.page_no()}", align="R")

    def heading(self, text: str, below: str = "") -> None:
        self.set_text_color(*INK)
        self.set_font("Lato", "B", 17)
        self.multi_cell(0, 8, text, **NEXT_LINE)
        if below:
            self.set_font("Lato", "", 10)
            self.set_text_color(*MUTED)
            self.multi_cell(0, 5.5, below, **NEXT_LINE)
        self.ln(5)

    def fact(self, label: str, value: str) -> None:
        """A label and its value, on a line of their own; the value may wrap."""
        self.set_font("Lato", "", 9)
        self.set_text_color(*MUTED)
        top = self.get_y()
        self.multi_cell(50, 6, label, **NEXT_LINE)
        bottom = self.get_y()
        self.set_xy(70, top)
        self.set_font("Lato", "", 10)
        self.set_text_color(*INK)
        self.multi_cell(0, 6, value or "-", **NEXT_LINE)
        self.set_y(max(bottom, self.get_y()) + 0.8)

    def paragraph(self, text: str) -> None:
        self.set_font("Lato", "", 10)
        self.set_text_color(*INK)
        self.multi_cell(0, 5.6, text, **NEXT_LINE)
        self.ln(2)


def render_document(document: Document) -> bytes:
    """Render an ordered document of a request. Raises KeyError for an unknown kind."""
    return RENDERERS[document.kind](document.request)


def render_receipt(request: Request) -> bytes:
    """The receipt (tanda terima) of a filed request."""
    flow = flow_of(request)
    customer = request.customer
    attached = list(
        Document.select()
        .where((Document.request == request) & (Document.kind == workflow.ATTACHMENT))
        .order_by(Document.id)
    )
    sheet = Sheet("Tanda Terima Permohonan Layanan")
    sheet.heading(
        "Tanda Terima Permohonan Layanan",
        f"Permohonan berikut sudah kami terima pada {moment(request.submitted_at)}.",
    )
    sheet.fact("Kode permohonan", request.public_id)
    sheet.fact("No Permintaan Layanan", "Terbit setelah diverifikasi Admin Layanan")
    sheet.fact("Klasifikasi layanan", flow.title_of(request.subclass_code))
    sheet.fact("Nama pelanggan", customer.name)
    sheet.fact("Instansi", customer.institution_name or "Perorangan")
    sheet.fact("Email", customer.email)
    sheet.fact("No HP", display_phone(customer.phone))
    sheet.fact("Perihal", request.subject)
    for document in attached:
        sheet.fact("Dokumen pendukung", f"{document.filename} ({file_size(document.size)})")
        sheet.fact("Sidik berkas (SHA-256)", document.sha256)
    sheet.fact("Tanggal max proses", f"{weekday_day(request.due_at)} – {moment(request.due_at)}")
    sheet.ln(4)
    sheet.paragraph(
        "Langkah berikutnya: Admin Layanan memverifikasi permohonan Anda. Setelah diterima, nomor "
        "permintaan terbit dan kami memberi tahu Anda pada setiap tahap."
    )
    sheet.paragraph(
        "Pemohon telah menyetujui pernyataan antigratifikasi versi "
        f"{request.statement_version}. Tidak ada pembayaran kepada petugas."
    )
    return bytes(sheet.output())


def render_sample(title: str, text: str) -> bytes:
    """A one-page PDF for the demo data."""
    sheet = Sheet(title)
    sheet.heading(title)
    sheet.paragraph(text)
    return bytes(sheet.output())


RENDERERS = {"tanda_terima": render_receipt}
