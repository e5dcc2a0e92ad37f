"""The sheet that papers are set on: tags, typeface, tables and signatures."""

import io
from dataclasses import replace
from datetime import timedelta

import pypdf
import pytest

import workflow
from config.office import Link, office
from models import Document
from moves.catalogue import current_stage
from outputs.papers.papers import RENDERERS
from outputs.sheet import Line, Sheet, Signature
from outputs.typeface import printable
from tests.outputs.papers.ordered_papers import SECRET, complete, ordered, read
from tests.people import REFUSAL, advance, file_request
from workflow import Reader

HOSTILE = "Gelombang🌊🌊 Δh = 2 μm → 李明 “uji” " + "a" * 300 + "\x07\u202e"


def every_document(people, runtime, now) -> dict[str, Document]:
    """One of each kind, with a secret in every note that the customer may not read."""
    filed = file_request(runtime, people.customer, now=now, service="lab", key="A")
    at = now
    while filed.is_open and current_stage(filed).kind != "survey":
        at += timedelta(minutes=10)
        own = {entry.name: SECRET for entry in current_stage(filed).inputs
               if entry.type in ("text", "longtext") and not entry.is_shown
               and not entry.pattern}  # fmt: skip
        filed = complete(filed, people, runtime, at=at, **own)
    filed = advance(filed, people, runtime, now=at)
    refused = file_request(runtime, people.customer, now=now, key="B")
    refused = complete(refused, people, runtime, at=now + timedelta(minutes=5), note=SECRET)
    workflow.act(
        refused,
        "reject",
        reader=Reader.at(people.kepala_balai, now + timedelta(hours=1)),
        inputs=REFUSAL,
        version=refused.version,
    )
    rows = Document.select().where(Document.kind.in_(list(RENDERERS)) & (Document.version == 1))
    return {row.kind: row for row in rows.order_by(Document.id.desc())}


def test_every_form_is_tagged_embedded_and_keeps_secrets(people, runtime, now):
    made = every_document(people, runtime, now)
    assert set(made) == set(RENDERERS)
    for kind, document in made.items():
        reader, text = read(document)
        root = reader.trailer["/Root"]
        assert root["/Lang"] == "id-ID", kind
        assert root["/MarkInfo"]["/Marked"], kind
        tags = [one.get_object()["/S"] for one in root["/StructTreeRoot"]["/K"][0]["/K"]]
        # A letter is headed by what it is about, below its number.
        assert tags.count("/H1") == 1 and "/H2" not in tags[: tags.index("/H1")], kind
        assert root["/ViewerPreferences"]["/DisplayDocTitle"], kind
        assert reader.metadata.title, kind
        assert "Halaman 1 dari" in text, kind
        assert (SECRET in text) == document.is_internal, kind


@pytest.mark.parametrize(
    ("text", "most_pages"),
    [
        (HOSTILE, 2),
        ("", 1),
        ("kata " * 400, 3),
        ("a\n\n\n" * 250, 40),
        ("x" * 1000, 3),
        ("ᬩᬮᬶ ไทย हिन्दी 한국어 \u202eעברית\u202c ١٢٣ " * 30, 3),
        ("Z" + "\u0351\u036b\u0343" * 300 + "👩🏽‍🚒🇮🇩" * 9, 3),
    ],
)
def test_forms_stand_any_text(people, runtime, now, minutes, text, most_pages):
    people.customer.name = (text.strip() or "-")[:120]
    people.customer.institution_name = text[:160]
    people.customer.save()
    request = file_request(runtime, people.customer, now=now, subject=text[:200])
    request = complete(request, people, runtime, at=minutes(10), note=text[:1000])
    request = complete(request, people, runtime, at=minutes(20), note=(text[:1000].strip() or "-"),
                       instructions=[])  # fmt: skip
    for kind in ("tanda_terima", "lembar_disposisi"):
        reader, _ = read(ordered(request, kind))
        assert len(reader.pages) <= most_pages


def test_what_the_typeface_lacks_leaves_a_mark():
    assert printable("Ombak 🌊🌊👨‍👩‍👧 naik") == "Ombak [simbol] naik"
    assert printable("李明 → Δh ½ ₃ Ａ") == "[?] -> ∆h ½ 3 A"
    assert printable("e\u0301\u200b\x00") == "é"


def test_table_breaks_inside_a_long_row_and_repeats_its_heads():
    sheet = Sheet("Uji", reference="{nb}")
    words = [Line(f"baris {number}") for number in range(150)]
    sheet.ruled((1, 3), [("kiri", words)], heads=("Satu", "Dua"))
    reader = pypdf.PdfReader(io.BytesIO(bytes(sheet.output())))
    assert len(reader.pages) == 4
    texts = [page.extract_text() for page in reader.pages]
    assert "Uji · {nb} Halaman 1 dari 4" in " ".join(texts[0].split())
    assert all("Satu" in text and "Dua" in text for text in texts)
    assert all(f"baris {number}" in " ".join(texts) for number in range(150))


def _pages(sheet: Sheet) -> list[str]:
    """The text of each page, without its head and foot."""
    reader = pypdf.PdfReader(io.BytesIO(bytes(sheet.output())))
    return [" ".join(page.extract_text().split()) for page in reader.pages]


@pytest.mark.parametrize("before", range(14, 48, 3))
def test_heads_and_signatures_keep_company_wherever_a_page_ends(before):
    """No page ends with the title or heads of a table, and none holds only names to sign."""
    name = "Nama yang panjang sekali dengan banyak gelar, " * 4
    people = [Signature("Tanggal", "Pihak", name), Signature("Tanggal", "Balai", name)]
    sheet = Sheet("Uji")
    for number in range(before):
        sheet.paragraph(f"Baris {number}")
    sheet.ruled((1, 4), [("satu", "isi " * 150), ("dua", "isi")], heads=("No", "Isi kolom"),
                title="Judul tabel")  # fmt: skip
    sheet.signatures(people, closing="Kata penutup.")
    pages = _pages(sheet)
    titled = next(page for page in pages if "Judul tabel" in page)
    assert "Isi kolom" in titled and "satu" in titled
    signed = next(page for page in pages if "Kata penutup." in page)
    assert signed.count("banyak gelar") == 8 and "Pihak" in signed


@pytest.mark.parametrize("parent", ["", "Direktorat Jenderal Contoh, Kementerian Contoh " * 2])
def test_letterhead_takes_the_lines_that_the_facts_of_the_office_need(monkeypatch, parent):
    """A long name isn't cut at the edges of the paper, and an empty one leaves no gap."""
    facts = replace(office(), parent=parent, name="Balai Besar " * 9, address="", web=Link())
    monkeypatch.setattr("outputs.page.office", lambda: facts)
    reader = pypdf.PdfReader(io.BytesIO(bytes(Sheet("Uji").output())))
    placed = []
    reader.pages[0].extract_text(visitor_text=lambda text, _, at, *__: placed.append((at[4], text)))
    left = min(x for x, text in placed if text.strip())
    assert left >= 15 * 72 / 25.4
    first = reader.pages[0].extract_text().split("\n")[0]
    assert first.startswith(parent.upper()[:30] or "DIREKTORAT JENDERAL SUMBER DAYA AIR")


def test_long_words_are_cut_behind_hyphens_and_dots():
    sheet = Sheet("Uji")
    sheet.ruled((1, 6), [("surat-permohonan-contoh.pdf", ""), ("a" * 60, "")])
    text = sheet_lines(sheet)
    assert "surat-" in text and any(line.endswith("contoh.pdf") for line in text)
    assert "".join(line for line in text if set(line) == {"a"}) == "a" * 60


def sheet_lines(sheet: Sheet) -> list[str]:
    reader = pypdf.PdfReader(io.BytesIO(bytes(sheet.output())))
    return [line.strip() for line in reader.pages[0].extract_text().splitlines()]
