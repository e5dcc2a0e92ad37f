"""The office's own seal: a PAdES signature by a certificate and key in a P12 file."""

import io
import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from config.office import office
from outputs.signing.way import Credentials, Order, Signed, SigningFailed, Way

log = logging.getLogger("melasti.signing")
UNREADABLE = "Sertifikat balai (P12) tidak dapat dibuka. Pengelola memeriksa SIGNING_P12."


class OfficeSeal(Way):
    """Seals each letter when it is made, without anybody being there.

    What signs weighs some twenty megabytes; a process carries that from its first letter on.
    """

    name = "pyhanko"
    settings = (("SIGNING_P12", True), ("SIGNING_P12_PASSWORD", False))
    seal = "Dokumen ini disegel secara elektronik dengan sertifikat instansi."

    def sign(self, order: Order, by: Credentials | None = None) -> Signed:
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign.fields import SigSeedSubFilter
        from pyhanko.sign.signers import PdfSignatureMetadata, SimpleSigner, sign_pdf

        password = self.environ.get("SIGNING_P12_PASSWORD", "")
        path = Path(self.environ["SIGNING_P12"])
        if not path.is_file():
            raise SigningFailed(UNREADABLE)
        signer = SimpleSigner.load_pkcs12(str(path), passphrase=password.encode() or None)
        if signer is None:
            raise SigningFailed(UNREADABLE)
        said = PdfSignatureMetadata(
            field_name="Segel",
            name=office().name,
            reason=order.reason,
            location=order.location,
            subfilter=SigSeedSubFilter.PADES,
            md_algorithm="sha256",
        )
        try:
            writer = IncrementalPdfFileWriter(io.BytesIO(order.content))
            # The library runs an event loop, and none begins in a thread that has one already.
            with ThreadPoolExecutor(1) as apart:
                sealed = apart.submit(sign_pdf, writer, said, signer=signer).result()
        except Exception as error:
            # Its words may quote the certificate: only its kind is told.
            log.error("a paper could not be sealed: %s", type(error).__name__)
            raise SigningFailed("Surat tidak dapat disegel. Pengelola memeriksa log.") from None
        return Signed(sealed.getvalue())
