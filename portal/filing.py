"""Filing a request: form, check-your-answers, confirmation. A draft keeps what was typed.

The draft's key is the idempotency key: double clicks, reloads and retries file one request.
"""

import hashlib

from flask import abort, flash, g, redirect, render_template, request, session, url_for
from flask_security import current_user
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

import workflow
from catalogue import flow_of
from config.office import statements
from database import canonical_json, database
from models import Request, RequestDraft
from portal.blueprint import portal
from rules.pdf_policy import MAX_BYTES, PdfRejected
from web.access import customer_required
from web.limits import count_attempt
from web.runtime import now, runtime
from web.uploads import keep_pdf
from workflow import Refused, StoredFile, Submission

REQUIRED = "Wajib diisi."
PLAIN_FIELDS = ("service", "subclass", "subject", "description", "statement")


def _clean(text: str | None) -> str:
    return (text or "").replace("\x00", "").strip()


class FilingForm(FlaskForm):
    """The request form, the same on the home page and in the account."""

    service = RadioField("Klasifikasi Layanan", validators=[InputRequired(REQUIRED)])
    subclass = RadioField("Sub-klasifikasi", validate_choice=False)
    subject = StringField(
        "Perihal",
        filters=[_clean],
        validators=[InputRequired(REQUIRED), Length(max=200, message="Paling banyak 200 huruf.")],
        render_kw={"maxlength": 200},
    )
    description = TextAreaField(
        "Deskripsi Permohonan",
        filters=[_clean],
        validators=[
            InputRequired(REQUIRED),
            Length(max=4000, message="Paling banyak 4000 huruf."),
        ],
        render_kw={"maxlength": 4000},
    )
    file = FileField(
        "Upload Dokumen Pendukung",
        render_kw={"accept": "application/pdf,.pdf", "data-max-bytes": str(MAX_BYTES)},
    )
    statement = BooleanField(
        "Pernyataan",
        validators=[InputRequired("Anda harus menyetujui pernyataan antigratifikasi.")],
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        flows = [offer.flow for offer in runtime().catalogue.values()]
        self.service.choices = [(flow.code, flow.tile) for flow in flows]
        self.flows = {flow.code: flow for flow in flows}
        self.subclass.choices = [
            (subclass.code, subclass.title) for flow in flows for subclass in flow.subclasses
        ]
        if self.service.data is None and len(flows) == 1:
            self.service.data = flows[0].code

    def validate_subclass(self, field: RadioField) -> None:
        flow = self.flows.get(self.service.data)
        if flow and flow.subclasses and flow.subclass(field.data or "") is None:
            field.errors = [*field.errors, "Pilih sub-klasifikasi layanan."]

    def validate(self, extra_validators=None) -> bool:
        valid = super().validate(extra_validators)
        return valid and not self.subclass.errors

    def answers(self) -> dict[str, object]:
        return {name: self[name].data for name in PLAIN_FIELDS}


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


def form_of_draft() -> FilingForm:
    draft = current_draft()
    g.draft = draft
    return FilingForm(formdata=None, data=draft.answers if draft else None)


def _save_draft(answers: dict[str, object], file: StoredFile | None) -> RequestDraft:
    draft = current_draft() or RequestDraft()
    draft.answers = answers
    draft.updated_at = now()
    if current_user.is_authenticated:
        draft.user = current_user.id
    if file:
        draft.file_sha256, draft.file_name = file.sha256, file.filename
        draft.file_size, draft.file_offset = file.size, file.header_offset
    draft.save()
    session["draft"] = draft.key
    g.draft = draft
    return draft


def render_filing(template: str, form: FilingForm, status: int = 200):
    return (
        render_template(
            template,
            form=form,
            draft=g.get("draft"),
            statement=statements()["anti_gratification"],
        ),
        status,
    )


# -- views ---------------------------------------------------------------------------------------


@portal.get("/ajukan")
@customer_required
def new_request():
    return render_filing("portal/filing.html", form_of_draft())


@portal.post("/ajukan")
def check_request():
    """Keep what was typed; then the check page, or first the log-in page for a visitor."""
    count_attempt("upload", _who(), times=60, seconds=3600)
    form = FilingForm()
    if current_user.is_authenticated and current_user.is_staff:
        abort(403)
    valid = form.validate()
    file = None
    if current_user.is_authenticated:
        file, valid = _take_file(form, valid)
    draft = _save_draft(form.answers(), file)
    if not valid:
        template = "portal/filing.html" if current_user.is_authenticated else "portal/home.html"
        return render_filing(template, form, 422)
    if not current_user.is_authenticated:
        flash(
            "Isian Anda sudah kami simpan, kecuali berkas. Masuk atau daftar dahulu, lalu pilih "
            "berkas PDF Anda untuk melanjutkan.",
            "info",
        )
        return redirect(url_for("security.login", next=url_for("portal.new_request")))
    if not draft.file_sha256:
        form.file.errors = [REQUIRED]
        return render_filing("portal/filing.html", form, 422)
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


def _take_file(form: FilingForm, valid: bool) -> tuple[StoredFile | None, bool]:
    """Keep a chosen file even when other fields are wrong, so that it needn't be chosen again."""
    try:
        file = keep_pdf(form.file.data)
    except PdfRejected as rejection:
        form.file.errors = [str(rejection)]
        return None, False
    draft = current_draft()
    if file is None and not (draft and draft.file_sha256):
        form.file.errors = [REQUIRED]
        return None, False
    return file, valid


def _is_complete(draft: RequestDraft) -> bool:
    """Whether the form would accept these answers: a draft keeps whatever was typed."""
    data = MultiDict({name: value for name, value in draft.answers.items() if value})
    return bool(draft.file_sha256) and FilingForm(data, meta={"csrf": False}).validate()


def _seal(draft: RequestDraft) -> str:
    """A digest of what the check page shows; another tab may change the draft meanwhile."""
    said = canonical_json([draft.answers, draft.file_sha256, draft.file_name])
    return hashlib.sha256(said.encode()).hexdigest()


@portal.get("/ajukan/periksa")
@customer_required
def check_answers():
    draft = current_draft()
    if draft is None or not _is_complete(draft):
        flash("Isian Anda belum lengkap. Periksa kembali, lalu lanjutkan.", "warning")
        return redirect(url_for("portal.new_request"))
    offer = runtime().catalogue[draft.answers["service"]]
    return render_template(
        "portal/check.html",
        draft=draft,
        seal=_seal(draft),
        flow=offer.flow,
        subclass=offer.flow.subclass(draft.answers.get("subclass") or ""),
        statement=statements()["anti_gratification"],
    )


@portal.post("/ajukan/kirim")
@customer_required
def send_request():
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
        if not _is_complete(draft) or request.form.get("seal") != _seal(draft):
            flash("Isian Anda berubah sejak diperiksa. Periksa sekali lagi.", "warning")
            return redirect(url_for("portal.check_answers"))
        try:
            filed = _file_draft(draft)
        except Refused as refusal:
            flash(str(refusal), "error")
            return redirect(url_for("portal.new_request"))
    session.pop("draft", None)
    return redirect(url_for("portal.filed", public_id=filed.public_id))


def _filed_with(key: str) -> Request | None:
    return Request.get_or_none(
        (Request.idempotency_key == key) & (Request.customer == current_user.id)
    )


def _file_draft(draft: RequestDraft) -> Request:
    answers = draft.answers
    offer = runtime().catalogue.get(answers["service"]) or abort(404)
    with database.atomic():
        filed = workflow.submit(
            current_user._get_current_object(),
            offer,
            Submission(
                service_code=answers["service"],
                subclass_code=answers.get("subclass") or "",
                subject=answers["subject"],
                description=answers["description"],
                statement_version=statements()["anti_gratification"].version,
                file=StoredFile(
                    draft.file_sha256, draft.file_size, draft.file_name, draft.file_offset
                ),
            ),
            key=draft.key,
            now=now(),
        )
        RequestDraft.delete().where(RequestDraft.id == draft.id).execute()
    return filed


@portal.get("/layanan/<public_id>/terkirim")
@customer_required
def filed(public_id: str):
    """What was filed and what happens next."""
    found = Request.visible_to(current_user).where(Request.public_id == public_id).first()
    if found is None:
        abort(404)
    return render_template("portal/filed.html", item=found, flow=flow_of(found))
