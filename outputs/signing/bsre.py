"""BSrE's eSign Client Service, which the agency runs itself: `POST /api/sign/pdf` by Basic auth.

The passphrase is typed by the signer each time and goes into this one request alone. A failure
leaves no half: either the signed PDF is in our hands, or the letter waits as before.
"""

import re
from typing import Any
from urllib.parse import quote

import requests

from outputs.signing.way import Credentials, Order, Signed, SigningFailed, Way, WrongPassphrase

WAIT = (5, 60)
# Certificates that sign; everything else is told in the words of the table.
ACTIVE = "ISSUE"
STATUSES = {
    "NOT_REGISTERED": "NIK ini belum terdaftar di BSrE. Hubungi pengelola sertifikat instansi.",
    "NO_CERTIFICATE": "NIK ini belum memiliki sertifikat elektronik. Ajukan penerbitan ke BSrE.",
    "NEW": "Sertifikat Anda belum diaktifkan. Buka surel dari BSrE dan tetapkan passphrase.",
    "WAITING_FOR_VERIFICATION": "Sertifikat Anda masih menunggu verifikasi BSrE.",
    "EXPIRED": "Sertifikat Anda kedaluwarsa. Ajukan pembaruan ke BSrE.",
    "RENEW": "Sertifikat Anda sedang diperbarui. Selesaikan pembaruan di BSrE.",
    "REVOKE": "Sertifikat Anda dicabut. Hubungi pengelola sertifikat instansi.",
    "SUSPEND": "Sertifikat Anda ditangguhkan. Hubungi pengelola sertifikat instansi.",
}
AGAIN = "Surat belum ditandatangani dan tetap menunggu; coba lagi beberapa saat lagi."
NO_ANSWER = f"Layanan BSrE tidak menjawab. {AGAIN}"
BROKEN = f"Layanan BSrE sedang bermasalah. {AGAIN}"
OUR_ACCOUNT = (
    "Layanan BSrE menolak akun instansi. Surat belum ditandatangani; pengelola memeriksa "
    "BSRE_USER dan BSRE_PASSWORD."
)
NO_PDF = f"Jawaban BSrE bukan PDF yang ditandatangani. {AGAIN}"
WRONG = (
    "Passphrase salah. Surat belum ditandatangani. Periksa huruf besar dan kecil; beberapa kali "
    "salah dapat mengunci sertifikat Anda."
)
# No number of a person gets into a sentence that somebody else may read.
LONG_NUMBER = re.compile(r"\d{6,}")


class Bsre(Way):
    name = "bsre"
    settings = (("BSRE_BASE_URL", True), ("BSRE_USER", True), ("BSRE_PASSWORD", True))
    needs_signer = True
    seal = (
        "Dokumen ini telah ditandatangani secara elektronik menggunakan sertifikat elektronik yang "
        "diterbitkan oleh BSrE, BSSN."
    )

    def sign(self, order: Order, by: Credentials | None = None) -> Signed:
        if by is None:
            raise SigningFailed("Penanda tangan harus hadir untuk mengetik passphrase.")
        if refused := self.status_of(by.nik):
            raise SigningFailed(refused)
        answer = self._ask(
            "post",
            "/api/sign/pdf",
            files={"file": (order.filename, order.content, "application/pdf")},
            data={
                "nik": by.nik,
                "passphrase": by.passphrase,
                # Our own papers carry a QR code where the signature stands.
                "tampilan": "invisible",
                "linkQR": order.check_url,
                "reason": order.reason,
                "location": order.location,
            },
        )
        if answer.status_code != 200:
            raise _refusal(answer)
        content = answer.content
        if not content.startswith(b"%PDF-") or b"/ByteRange" not in content:
            raise SigningFailed(NO_PDF)
        return Signed(content, answer.headers.get("id_dokumen", "")[:120])

    def status_of(self, nik: str) -> str:
        """Why this person can't sign now; empty where nothing is known against it."""
        answer = self._ask("get", f"/api/user/status/{quote(nik, safe='')}")
        if answer.status_code in (401, 403):
            raise SigningFailed(OUR_ACCOUNT)
        if answer.status_code >= 500:
            raise SigningFailed(BROKEN)
        status = str(_said(answer).get("status", "")).upper()
        return "" if status in ("", ACTIVE) else STATUSES.get(status, f"{status}. {AGAIN}")

    def _ask(self, method: str, path: str, **more: Any) -> requests.Response:
        base = self.environ["BSRE_BASE_URL"].rstrip("/")
        account = (self.environ["BSRE_USER"], self.environ["BSRE_PASSWORD"])
        try:
            return requests.request(
                method, base + path, auth=account, timeout=WAIT, allow_redirects=False, **more
            )
        except requests.RequestException:
            # Without the cause: its words name the address, and that names a person.
            raise SigningFailed(NO_ANSWER) from None


def _said(answer: requests.Response) -> dict[str, Any]:
    try:
        said = answer.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _refusal(answer: requests.Response) -> SigningFailed:
    if answer.status_code >= 500:
        return SigningFailed(BROKEN)
    words = " ".join(str(_said(answer).get(name, "")) for name in ("error", "message")).strip()
    if "passphrase" in words.casefold():
        return WrongPassphrase(WRONG)
    if answer.status_code in (401, 403):
        return SigningFailed(OUR_ACCOUNT)
    told = LONG_NUMBER.sub("…", words)[:200].rstrip(". ")
    return SigningFailed(f"BSrE menolak: {told or answer.status_code}. Surat belum ditandatangani.")
