"""Filing a request: form, check-your-answers, confirmation. A draft keeps what was typed.

The draft's key is the idempotency key: double clicks, reloads and retries file one request.
"""

from flask import abort, current_app, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

import workflow
from config.office import statements
from models import INFECTED, Document, Request, RequestDraft
from moves.catalogue import flow_of
from outputs.papers.history import value_words
from portal.blueprint import portal
from portal.detail import find_request
from rules.services import MADE_DOCUMENTS
from storage.database import database
from web.access import customer_required
from web.accounts.limits import is_within_limit, patience
from web.kept_forms import written_by_another
from web.requests.filing import (
    Filled,
    blank_form,
    check_draft,
    field_errors,
    letter_as_typed,
    read_form,
    seal_of,
    submission_of,
)
from web.runtime import me, now, reader
from workflow import Refused

# -- drafts --------------------------------------------------------------------------------------


def current_draft() -> RequestDraft | None:
    """The draft of this browser, if it isn't somebody else's. One query at most."""
    key = session.get("draft")
    if not key:
        return None
    draft = RequestDraft.get_or_none(RequestDraft.key == key)
    if draft is None:
        return None
    me = current_user.id if current_user.is_authenticated else None
    return draft if draft.user_id in (None, me) else None


def form_of_draft() -> Filled:
    draft = current_draft()
    g.draft = draft
    filled = blank_form(draft.answers if draft else None, draft.files if draft else {})
    asked = request.args.get("layanan", "")
    if asked in filled.form.flows and not draft:
        filled.form.service.data = asked
    return filled


def _save_draft(filled: Filled) -> RequestDraft:
    draft = current_draft() or RequestDraft()
    draft.answers, draft.files = filled.answers, dict(filled.files)
    draft.updated_at = now()
    if current_user.is_authenticated:
        draft.user = current_user.id
    draft.save()
    session["draft"] = draft.key
    g.draft = draft
    return draft


def render_filing(template: str, filled: Filled, status: int = 200) -> ResponseReturnValue:
    return (
        render_template(
            template,
            form=filled.form,
            filled=filled,
            extra_errors=field_errors(filled),
            statement=statements()["anti_gratification"],
        ),
        status,
    )


# -- views ---------------------------------------------------------------------------------------


@portal.get("/ajukan")
@customer_required
def new_request() -> ResponseReturnValue:
    return render_filing("portal/filing.html", form_of_draft())


@portal.post("/ajukan")
def check_request() -> ResponseReturnValue:
    """Keep what was typed; then the check page, or first the log-in page for a visitor."""
    if written_by_another():
        # Not a visitor's, whom the next log-in would give it to.
        return current_app.login_manager.unauthorized()
    is_patient = is_within_limit("upload", _who(), times=60, seconds=3600)
    if current_user.is_authenticated and current_user.is_staff:
        abort(403)
    draft = current_draft()
    known = current_user.is_authenticated
    template = "portal/filing.html" if known else "portal/home.html"
    kept = draft.files if draft else {}
    if not is_patient:
        # Shown as it was typed, but neither stored nor looked through: that is what is limited.
        flash(patience("Terlalu banyak pengiriman dalam satu jam."), "error")
        return render_filing(template, read_form(kept, with_files=False), 429)
    filled = read_form(kept, with_files=known)
    _save_draft(filled)
    if not filled.is_valid:
        return render_filing(template, filled, 422)
    if not known:
        flash(
            "Isian Anda sudah kami simpan, kecuali berkas. Masuk atau daftar dahulu, lalu pilih "
            "berkas PDF Anda untuk melanjutkan.",
            "info",
        )
        return redirect(url_for("security.login", next=url_for("portal.new_request")))
    if not current_user.confirmed_at:
        flash(
            "Akun Anda belum diverifikasi, jadi permohonan belum dapat dikirim. Isian Anda "
            "tersimpan; buka tautan verifikasi, lalu lanjutkan.",
            "warning",
        )
        return redirect(url_for("portal.new_request"))
    return redirect(url_for("portal.check_answers"))


def _who() -> str:
    return current_user.public_id if current_user.is_authenticated else request.remote_addr or ""


@portal.get("/ajukan/periksa")
@customer_required
def check_answers() -> ResponseReturnValue:
    draft = current_draft()
    filled = check_draft(draft.answers, draft.files) if draft else None
    if filled is None or not filled.is_valid:
        flash("Isian Anda belum lengkap. Periksa kembali, lalu lanjutkan.", "warning")
        return redirect(url_for("portal.new_request"))
    flow, kind = filled.form.flow, filled.form.kind
    return render_template(
        "portal/check.html",
        draft=draft,
        filled=filled,
        seal=seal_of(draft, filled.form.offer),
        flow=flow,
        subclass=flow.subclass(kind),
        letter=letter_as_typed(filled),
        fields=[
            (entry, value_words(entry, value) if (value := filled.details.get(entry.name)) else "")
            for entry in flow.fields_for(kind)
        ],
        files=[(entry, filled.kept(flow, entry)) for entry in flow.attachments_for(kind)],
        statement=statements()["anti_gratification"],
    )


@portal.post("/ajukan/kirim")
@customer_required
def send_request() -> ResponseReturnValue:
    """File the draft named by its key, or show what was already filed with it."""
    key = request.form.get("key", "")[:26]
    filed = _filed_with(key)
    if filed is None:
        draft = RequestDraft.get_or_none(
            (RequestDraft.key == key) & (RequestDraft.user == current_user.id)
        )
        # The other click of a double one may have filed it between the two queries.
        filed = None if draft else _filed_with(key)
    if filed is None:
        if draft is None:
            flash("Formulir ini tidak berlaku lagi. Silakan isi kembali.", "error")
            return redirect(url_for("portal.new_request"))
        filled = check_draft(draft.answers, draft.files)
        seal = seal_of(draft, filled.form.offer) if filled.is_valid else ""
        if not seal or request.form.get("seal") != seal:
            flash(
                "Isian Anda atau ketentuan layanan berubah sejak diperiksa. Periksa sekali lagi.",
                "warning",
            )
            return redirect(url_for("portal.check_answers"))
        try:
            filed = _file_draft(draft, filled)
        except Refused as refusal:
            flash(str(refusal), "error")
            return redirect(url_for("portal.new_request"))
    session.pop("draft", None)
    return redirect(url_for("portal.filed", public_id=filed.public_id))


def _filed_with(key: str) -> Request | None:
    return Request.get_or_none(
        (Request.idempotency_key == key) & (Request.customer == current_user.id)
    )


def _file_draft(draft: RequestDraft, filled: Filled) -> Request:
    version = statements()["anti_gratification"].version
    with database.atomic():
        filed = workflow.submit(
            me(),
            filled.form.offer,
            submission_of(filled, me(), statement_version=version),
            key=draft.key,
            now=now(),
        )
        RequestDraft.delete().where(RequestDraft.id == draft.id).execute()
    return filed


@portal.get("/layanan/<public_id>/terkirim")
@customer_required
def filed(public_id: str) -> ResponseReturnValue:
    """What was filed and what happens next."""
    found = find_request(public_id)
    return render_template("portal/filed.html", item=found, flow=flow_of(found))


@portal.post("/layanan/<public_id>/salin")
@customer_required
def copy_request(public_id: str) -> ResponseReturnValue:
    """Begin a new form with the answers and files of an earlier request."""
    old = find_request(public_id)
    flow = flow_of(old)
    subclass = flow.subclass(old.subclass_code)
    living = Document.visible_to(reader()).where(
        (Document.request == old)
        & Document.replaced_by.is_null()
        & (Document.sha256 != "")
        & (Document.scan != INFECTED)
    )
    files = {}
    for row in living:
        if row.kind not in MADE_DOCUMENTS and not row.is_result:
            key = row.kind if row.kind == workflow.ATTACHMENT else f"{flow.code}:{row.kind}"
            files[key] = [
                row.sha256,
                row.size,
                row.filename,
                row.header_offset,
                row.media_type,
                row.scan,
            ]
    draft = RequestDraft.create(
        user=current_user.id,
        updated_at=now(),
        files=files,
        answers={
            "service": old.service_code,
            "subclass": "" if subclass and subclass.office_only else old.subclass_code,
            "subject": old.subject,
            "description": old.description,
            "statement": False,
            "typed": {f"{flow.code}-{name}": value for name, value in old.details.items()},
        },
    )
    session["draft"] = draft.key
    flash("Salinan permohonan sudah disiapkan. Periksa isian dan berkasnya.", "info")
    return redirect(url_for("portal.new_request"))
