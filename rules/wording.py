"""The words of outgoing messages: one source per message, rendered from named variables."""

import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rules.labels import REQUIRED

AKUN, PERMOHONAN, PETUGAS, PERCAKAPAN = "akun", "permohonan", "petugas", "percakapan"
# To an address that isn't proved: whoever reads it may be a stranger to the account.
BUKTI = "bukti"
# About a request that isn't one yet.
DRAF = "draf"
# To who looks after the system, by ALARM_EMAIL and ALARM_PHONE; nobody's account.
SISTEM = "sistem"
# What messages are for, in the order of the list, and the variables that every sender of that
# kind gives. A message may always use those of its own default as well.
PURPOSES = {
    PERMOHONAN: "Perkembangan permohonan",
    DRAF: "Draf permohonan",
    AKUN: "Akun dan keamanan",
    BUKTI: "Bukti email dan no HP",
    PERCAKAPAN: "Percakapan dan balasan WhatsApp",
    PETUGAS: "Pesan kepada petugas",
    SISTEM: "Peringatan kepada pengelola sistem",
}
GIVEN = {
    PERMOHONAN: (
        "sapaan",
        "nama",
        "nomor",
        "layanan",
        "perihal",
        "tahap",
        "waktu",
        "batas",
        "tautan",
    ),
    DRAF: ("sapaan", "nama", "perihal", "batas", "tautan"),
    AKUN: ("sapaan", "nama", "tautan"),
    BUKTI: ("batas", "tautan"),
    PERCAKAPAN: (),
    PETUGAS: ("sapaan", "nama", "tautan"),
    SISTEM: ("judul", "uraian", "waktu", "tautan"),
}
# Examples for a preview; nobody's data.
SAMPLES = {
    "sapaan": "Ibu",
    "nama": "Pelanggan Contoh",
    "nomor": "48/L.Data/29/VII/24",
    "layanan": "Data & Informasi",
    "perihal": "Data gelombang Pantai Contoh",
    "tahap": "Disposisi Kepala Balai",
    "waktu": "29 Jul 2024 13:23:06 WITA",
    "batas": "Kamis, 1 Agu 2024",
    "batas_baru": "Senin, 5 Agu 2024",
    "tanggal": "5 Agu 2024",
    "tautan": "/layanan/01J3YEXAMPLE000000000000",
    "berkas": "Laporan hasil layanan",
    "alasan": "surat permohonan belum ditandatangani",
    "kejadian": "Tahap selesai",
    "daftar": "Surat permohonan bertanda tangan",
    "billing": "820240729000001",
    "nominal": "1.250.000",
    "jabatan": "Admin Layanan",
    "jumlah": "7",
    "terlambat": "1",
    "hari_ini": "2",
    "versi": "R1",
    "saluran": "no HP",
    "oleh": "Anda sendiri",
    "judul": "Pekerja latar",
    "uraian": "Pekerja latar tidak berjalan.",
    "saran": "Jalankan kembali, lalu baca lognya.",
}
LONGEST_SUBJECT = 120
# The body of a template of the Cloud API holds no more.
LONGEST_TEXT = 1024
LINK = "tautan"


@dataclass(frozen=True)
class Wording:
    """One message. `is_secret` marks a link that opens an account: never shown to staff.

    `needs` names what must not be left out; `is_free` marks answers within the 24 hours after a
    customer wrote, which need no approved template; `version` 0 is the default.
    """

    code: str
    subject: str
    text: str
    is_secret: bool = False
    purpose: str = PERMOHONAN
    needs: tuple[str, ...] = ()
    is_free: bool = False
    version: int = 0

    @property
    def is_urgent(self) -> bool:
        """Leaves in quiet hours too: it is about an account, or somebody just asked for it."""
        return self.purpose in (AKUN, BUKTI) or self.is_secret or self.is_free

    @property
    def variables(self) -> frozenset[str]:
        return frozenset(_names(self.text) + _names(self.subject))

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """The variables in the order in which the text first names them."""
        return tuple(dict.fromkeys(_names(self.text)))

    @property
    def allowed(self) -> tuple[str, ...]:
        """What words for this message may name, when this is its default."""
        return tuple(
            dict.fromkeys((*GIVEN[self.purpose], *self.parameter_names, *sorted(self.variables)))
        )

    @property
    def template_body(self) -> str:
        """The text as the Cloud API wants it registered: `{{1}}` for the first parameter."""
        numbers = {name: f"{{{{{i}}}}}" for i, name in enumerate(self.parameter_names, start=1)}
        return self.text.format_map(numbers)

    def render(self, variables: Mapping[str, str]) -> tuple[str, str]:
        """Subject and text. Raises KeyError for a variable that isn't given."""
        return self.subject.format_map(variables), self.text.format_map(variables)

    def reworded(self, subject: str, text: str, version: int) -> "Wording":
        return replace(self, subject=subject, text=text, version=version)


def _names(text: str) -> list[str]:
    return [name for _, name, _, _ in string.Formatter().parse(text) if name]


def read_wordings(path: Path) -> tuple[dict[str, Wording], str]:
    """The default messages of a file by code, and the footer of e-mails."""
    raw = tomllib.loads(path.read_text())
    footer = raw.pop("_footer", {}).get("text", "")
    return {code: _wording(code, entry) for code, entry in raw.items()}, footer


def _wording(code: str, entry: Mapping[str, Any]) -> Wording:
    usual = PETUGAS if entry.get("audience") == "staff" else PERMOHONAN
    text = str(entry["text"])
    needs = entry.get("needs", [LINK] if LINK in _names(text) else [])
    return Wording(
        code,
        str(entry["subject"]),
        text,
        is_secret=bool(entry.get("secret", False)),
        purpose=str(entry.get("purpose", usual)),
        needs=tuple(needs),
        is_free=bool(entry.get("free", False)),
    )


def problems_of(default: Wording, subject: str, text: str) -> dict[str, str]:
    """What is wrong with other words for a message: `subject` or `text` -> a sentence."""
    found = {}
    if problem := _problem(default, subject, longest=LONGEST_SUBJECT):
        found["subject"] = problem
    elif "\n" in subject or "\r" in subject:
        found["subject"] = "Subjek harus satu baris."
    elif LINK in _names(subject):
        found["subject"] = "Tautan tidak boleh ada pada subjek; letakkan pada isi pesan."
    if problem := _problem(default, text, longest=LONGEST_TEXT):
        found["text"] = problem
    elif missing := [name for name in default.needs if name not in _names(text)]:
        named = ", ".join(f"{{{name}}}" for name in missing)
        found["text"] = f"{named} tidak boleh dihapus: tanpa itu pesan ini tidak ada gunanya."
    return found


def _problem(default: Wording, text: str, *, longest: int) -> str:
    if not text.strip():
        return REQUIRED
    if len(text) > longest:
        return f"Paling banyak {longest} huruf."
    allowed = ", ".join(f"{{{name}}}" for name in default.allowed)
    try:
        fields = [part for part in string.Formatter().parse(text) if part[1] is not None]
    except ValueError:
        return "Kurung kurawal tidak berpasangan. Tulis variabel seperti {nama}."
    for _, name, layout, conversion in fields:
        # A layout or an attribute would let words reach into the program, or fill its memory.
        if name not in default.allowed or layout or conversion:
            return f"Variabel {{{name}}} tidak ada pada pesan ini. Yang dapat dipakai: {allowed}."
    return ""
