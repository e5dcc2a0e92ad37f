"""The public check of a document by its code, without log-in and without sending the file."""

import hashlib

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from outputs.papers.authenticity import Proof, proof_of, read_code
from portal.blueprint import portal
from web.accounts.limits import count_attempt, visitor
from web.runtime import runtime


@portal.get("/v")
def check_form() -> ResponseReturnValue:
    """Ask for the code that stands below the QR code."""
    typed = request.args.get("kode", "").replace("\x00", "").strip()[:80]
    if code := read_code(typed):
        return redirect(url_for("portal.check_document", code=code))
    error = "Kode terdiri dari 26 huruf dan angka. Periksa penulisannya." if typed else ""
    page = render_template("portal/verification.html", proof=None, typed=typed, error=error)
    return page, 422 if error else 200


@portal.get("/v/<code>")
def check_document(code: str) -> ResponseReturnValue:
    """What the office says about a document; the same neutral answer for every other code."""
    count_attempt("check", visitor(), times=30, seconds=60)
    proof = proof_of(read_code(code[:80]))
    page = render_template(
        "portal/verification.html",
        proof=proof,
        typed=code[:80],
        unknown=proof is None,
        digests=_digests(proof) if proof else [],
    )
    return page, 200 if proof else 404


def _digests(proof: Proof) -> list[str]:
    """The digests of the genuine file: as kept, and as it leaves when something is cut off."""
    document = proof.document
    if document is None or not document.header_offset:
        return [proof.sha256]
    with runtime().storage.open(document.sha256) as file:
        file.seek(document.header_offset)
        return [hashlib.file_digest(file, "sha256").hexdigest(), document.sha256]
