"""Filing a request: form, check-your-answers, confirmation. A draft keeps what was typed.

The draft's key is the key of its form and the idempotency key: double clicks, reloads and retries
file one request, two forms side by side file two.
"""

from collections.abc import Sequence

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
from portal.drafts import (
    FORM,
    DraftLine,
    current_draft,
    drafts_of_reader,
    keep_draft,
    posted_draft,
    stamp_of,
)
from rules.services import MADE_DOCUMENTS
from rules.text import one_line
from storage.database import database, new_public_id
from web.access import customer_required
from web.accounts.limits import is_within_limit, patience, visitor
from web.accounts.sessions import go_on_with
from web.kept_forms import written_by_another
from web.requests.filing import (
    Filled,
    blank_form,
    check_draft,
    field_errors,
    letter_as_typed,
    look_through,
    read_form,
    seal_of,
    submission_of,
)
from web.requests.uploads import DISK_FULL, is_disk_full
from web.runtime import me, now, reader
from web.security import ASKS_WHERE
from workflow import Refused


def form_of_draft() -> Filled:
    """The form of the draft that the address names, or a visitor's last; else an empty one.

    Whoever has an account finds drafts in a list, and begins something new here.
    """
    is_named = FORM in request.args or not current_user.is_authenticated
    draft = current_draft() if is_named else None
    filled = blank_form(draft.answers if draft else None, draft.files if draft else {})
    asked = request.args.get("layanan", "")
    if asked in filled.form.flows and not draft:
        filled.form.service.data = asked
    # A visitor's second form begins with what the first says, and leaves that one alone.
    g.draft = draft if FORM in request.args else None
    return filled


def render_filing(
    template: str, filled: Filled, status: int = 200, *, drafts: Sequence[DraftLine] = ()
) -> ResponseReturnValue:
    draft = g.get("draft")
    return (
        render_template(
            template,
            form=filled.form,
            filled=filled,
            extra_errors=field_errors(filled),
            statement=statements()["anti_gratification"],
            form_key=draft.key if draft else new_public_id(),
            seen=stamp_of(draft),
            drafts=drafts,
        ),
        status,
        ASKS_WHERE,
    )


# -- views ---------------------------------------------------------------------------------------


@portal.get("/ajukan")
@customer_required
def new_request() -> ResponseReturnValue:
    filled = form_of_draft()
    drafts = () if g.draft else drafts_of_reader()
    return render_filing("portal/filing.html", filled, drafts=drafts)


@portal.post("/ajukan")
def check_request() -> ResponseReturnValue:
    """Keep what was typed; then the check page, or first the log-in page for a visitor."""
    if written_by_another():
        # Not a visitor's, whom the next log-in would give it to.
        return current_app.login_manager.unauthorized()
    is_patient = is_within_limit("upload", _who(), times=60, seconds=3600)
    if current_user.is_authenticated and current_user.is_staff:
        abort(403)
    if filed := _filed_alike(request.form.get(FORM, "")):
        flash("Permohonan dari formulir ini sudah terkirim.", "info")
        return redirect(url_for("portal.filed", public_id=filed.public_id))
    draft = g.draft = posted_draft()
    known = current_user.is_authenticated
    template = "portal/filing.html" if known else "portal/home.html"
    if not is_patient:
        # Shown as it was typed, but neither stored nor looked through: that is what is limited.
        flash(patience("Terlalu banyak pengiriman dalam satu jam."), "error")
        return render_filing(template, read_form(draft.files, with_files=False), 429)
    if is_disk_full():
        flash(DISK_FULL, "error")
        return render_filing(template, read_form(draft.files, with_files=False), 507)
    # Who has proved no address uploads nothing.
    is_proven = known and current_user.confirmed_at is not None
    filled = read_form(draft.files, with_files=is_proven)
    if filled.is_valid:
        filled = look_through(filled, draft.files)
    keep_draft(draft, filled)
    if not filled.is_valid:
        return render_filing(template, filled, 422)
    here = url_for("portal.new_request", **{FORM: draft.key})
    if not known:
        flash(
            "Isian Anda sudah kami simpan, kecuali berkas. Masuk atau daftar dahulu, lalu pilih "
            "berkas PDF Anda untuk melanjutkan.",
            "info",
        )
        return redirect(url_for("security.login", next=here))
    if not is_proven:
        flash(
            "Akun Anda belum diverifikasi, jadi permohonan belum dapat dikirim. Isian Anda "
            "tersimpan, kecuali berkas; buka tautan verifikasi, lalu pilih berkasnya dan "
            "lanjutkan.",
            "warning",
        )
        return redirect(here)
    return redirect(url_for("portal.check_answers", **{FORM: draft.key}))


def _filed_alike(key: str) -> Request | None:
    """What a form filed already that is sent once more as it was: gone back to, and pressed."""
    filed = _filed_with(key) if key and current_user.is_authenticated else None
    if filed is None:
        return None
    typed = [one_line(request.form.get(name, "")) for name in ("service", "subject", "description")]
    as_filed = [filed.service_code, filed.subject, one_line(filed.description)]
    return filed if typed == as_filed else None


def _who() -> str:
    return current_user.public_id if current_user.is_authenticated else visitor()


@portal.get("/ajukan/periksa")
@customer_required
def check_answers() -> ResponseReturnValue:
    draft = current_draft()
    if draft is None and (filed := _filed_with(request.args.get(FORM, ""))):
        return redirect(url_for("portal.filed", public_id=filed.public_id))
    filled = check_draft(draft.answers, draft.files) if draft else None
    if filled is None or not filled.is_valid:
        flash("Isian Anda belum lengkap. Periksa kembali, lalu lanjutkan.", "warning")
        return redirect(_form_of(draft))
    return _check_page(draft, filled)


def _form_of(draft: RequestDraft | None) -> str:
    return url_for("portal.new_request", **({FORM: draft.key} if draft else {}))


def _check_page(draft: RequestDraft, filled: Filled) -> str:
    flow, kind = filled.form.flow, filled.form.kind
    return render_template(
        "portal/check.html",
        draft=draft,
        form_url=_form_of(draft),
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
            return redirect(url_for("portal.check_answers", **{FORM: key}))
        if is_disk_full():
            flash(DISK_FULL, "error")
            return _check_page(draft, filled), 507
        try:
            filed = _file_draft(draft, filled)
        except Refused as refusal:
            flash(str(refusal), "error")
            return redirect(_form_of(draft))
    if session.get("draft") == key:
        session.pop("draft")
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
    go_on_with(draft)
    flash("Salinan permohonan sudah disiapkan. Periksa isian dan berkasnya.", "info")
    return redirect(_form_of(draft))
