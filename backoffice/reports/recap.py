"""Rekap Layanan: choose a period, filters and columns; take it along as Excel, CSV or PDF."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

from flask import Response, abort, flash, g, jsonify, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from peewee import fn
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from administration import printouts
from backoffice.base import StaffView
from backoffice.reports.dashboard import list_url
from backoffice.reports.recap_filters import offered
from config.office import office
from models import ExportJob, RecapLayout
from outputs.dashboards.statistics import Counters, count_for_dashboard
from outputs.recap import jobs
from outputs.recap.backlog import HEADS, NOTE, read_backlog
from outputs.recap.choice import (
    APPROVED,
    BY_FILING,
    FILTERS,
    FIRST_DAY,
    LAST_DAY,
    Choice,
    chosen_requests,
)
from outputs.recap.columns import COLUMNS, USUAL_COLUMNS
from outputs.recap.files import write_file
from outputs.recap.order import MEDIA_TYPES, XLSX, Order, fitted, reason_against, stage_titles
from outputs.recap.rows import NOTHING
from outputs.survey.days import index_of_days
from rules.formats import ZONE, decimal_id, month
from rules.periods import EVERYTHING, OWN_DATES, PRESETS, Span, period_of
from rules.statuses import REJECTED, WAITING_VERIFICATION
from storage.database import database
from storage.files import Damaged
from web.requests.uploads import as_download, send_bytes, send_damaged
from web.runtime import me, now, reader, runtime
from web.translations import OfficeForm
from workflow import Refused

PERIODS = {**PRESETS, EVERYTHING: "Semua tanggal", OWN_DATES: "Tanggal sendiri"}
FORMATS = {"xlsx": "Excel", "csv": "CSV", "pdf": "PDF"}
STATES = {
    jobs.QUEUED: "Menunggu giliran",
    jobs.RUNNING: "Sedang dibuat",
    jobs.READY: "Siap diunduh",
    jobs.FAILED: "Belum berhasil",
    jobs.CANCELLED: "Dibatalkan",
    jobs.EXPIRED: "Sudah dihapus",
}
RECENT = 5
# Days: of more the page doesn't count what was left over; the files do.
LONGEST_BACKLOG = 366


class LayoutForm(OfficeForm):
    title = StringField(
        "Nama tata letak", validators=[InputRequired("Beri nama tata letak."), Length(max=60)]
    )
    role_code = SelectField("Bagikan", validate_choice=True)

    def __init__(self, *args: object, **kwargs: object):
        super().__init__(*args, **kwargs)
        posts, posts_able = office().posts, office().posts_that_may("recap")
        held = sorted(reader().held & posts_able)
        self.role_code.choices = [
            ("", "Hanya untuk saya"),
            *((code, f"Untuk semua {posts[code]}") for code in held),
        ]


class RecapView(StaffView):
    """For TU staff and those who lead."""

    name = "Rekap Layanan"
    url = "/backoffice/rekap"
    endpoint = "recap"
    reads = "recap"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        return self._page(_choice(request.args))

    @expose("/unduh", methods=("POST",))
    def download(self) -> ResponseReturnValue:
        """The file at once when it is small; else an order, and the page that follows it."""
        kind = request.form.get("format", XLSX)
        if kind not in FORMATS:
            abort(404)
        choice = fitted(kind, _choice(request.form))
        if choice.is_backwards:
            return self._page(choice), 422
        rows = jobs.count_rows(choice, reader())
        if reason := reason_against(kind, len(choice.columns), rows):
            flash(reason, "error")
            return self._page(choice), 422
        if jobs.is_small(kind, rows):
            return _send_now(kind, choice)
        try:
            job = jobs.order_export(kind, choice, reader=reader())
        except Refused as refusal:
            flash(str(refusal), "error")
            return self._page(choice), 422
        g.wakes_exports = True
        return redirect(url_for("recap.job", public_id=job.public_id))

    # -- saved layouts --

    @expose("/tata-letak", methods=("POST",))
    def save_layout(self) -> ResponseReturnValue:
        choice, form = _choice(request.form), LayoutForm()
        if not form.validate() or choice.is_backwards:
            return self._page(choice, layout_form=form), 422
        title, role = " ".join(form.title.data.split()), form.role_code.data
        # Of the same name and for the same people; a shared one stays beside one's own.
        known = (RecapLayout.title == title) & (RecapLayout.role_code == role)
        with database.atomic():
            replaced = RecapLayout.delete().where(known & (RecapLayout.owner == me())).execute()
            RecapLayout.create(
                owner=me(),
                title=title,
                role_code=role,
                arguments=choice.to_text(),
                created_at=now(),
            )
        flash(f"Tata letak “{title}” sudah {'diganti' if replaced else 'disimpan'}.", "success")
        return redirect(_address(choice))

    @expose("/tata-letak/<public_id>/hapus", methods=("POST",))
    def drop_layout(self, public_id: str) -> ResponseReturnValue:
        mine = (RecapLayout.public_id == public_id) & (RecapLayout.owner == me())
        if not RecapLayout.delete().where(mine).execute():
            abort(404)
        flash("Tata letak sudah dihapus.", "success")
        return redirect(_address(_choice(request.form)))

    # -- exports in the background --

    @expose("/berkas/<public_id>")
    def job(self, public_id: str) -> ResponseReturnValue:
        job = _job(public_id)
        return self.render("backoffice/reports/recap_export.html", **_facts_of(job))

    @expose("/berkas/<public_id>/keadaan")
    def state(self, public_id: str) -> ResponseReturnValue:
        """How far it is, for the progress bar."""
        job = _job(public_id)
        return jsonify(state=job.state, done=job.done, total=job.total, words=_progress(job))

    @expose("/berkas/<public_id>/isi")
    def content(self, public_id: str) -> ResponseReturnValue:
        job = _job(public_id)
        if job.state != jobs.READY or (job.expires_at and job.expires_at < now()):
            flash("Berkas ini belum siap atau sudah dihapus.", "error")
            return redirect(url_for("recap.job", public_id=job.public_id))
        try:
            path = runtime().storage.whole(job.sha256)
        except Damaged as damage:
            return send_damaged(damage, job.public_id)
        response = send_file(path, mimetype=MEDIA_TYPES[job.format])
        return as_download(response, job.filename)

    @expose("/berkas/<public_id>/batal", methods=("POST",))
    def cancel(self, public_id: str) -> ResponseReturnValue:
        job = _job(public_id)
        if jobs.cancel(job, now=now()):
            flash("Pembuatan berkas dibatalkan.", "success")
        else:
            flash("Berkas ini sudah tidak sedang dibuat.", "error")
        return redirect(url_for("recap.job", public_id=job.public_id))

    @expose("/berkas/<public_id>/ulang", methods=("POST",))
    def retry(self, public_id: str) -> ResponseReturnValue:
        job = _job(public_id)
        if jobs.retry(job, now=now()):
            g.wakes_exports = True
        else:
            flash("Berkas ini masih ada atau sedang dibuat.", "error")
        return redirect(url_for("recap.job", public_id=job.public_id))

    def _page(self, choice: Choice, layout_form: LayoutForm | None = None):
        today = now().astimezone(ZONE).date()
        span = choice.span(today)
        counters = count_for_dashboard(chosen_requests(choice, reader()))
        ikm = index_of_days(span, service_code=choice.service)
        titles = {code: offer.flow.title for code, offer in runtime().catalogue.items()}
        layouts = RecapLayout.visible_to(reader()).order_by(
            fn.melasti_order(RecapLayout.title), RecapLayout.id
        )
        recent = ExportJob.visible_to(reader()).order_by(ExportJob.created_at.desc()).limit(RECENT)
        return self.render(
            "backoffice/reports/recap.html",
            choice=choice,
            pairs=_pairs(choice),
            filters=choice.in_words(today, _words()),
            boxes=_boxes(choice, span, counters),
            ikm=ikm,
            ikm_url=_ikm_url(choice, span) if ikm else "",
            periods=PERIODS,
            own_dates=OWN_DATES,
            titles=titles,
            **offered(choice),
            **_backlog(choice, span),
            last_month=_last_month(today),
            columns=COLUMNS,
            is_usual=choice.columns == USUAL_COLUMNS,
            formats=FORMATS,
            layouts=[
                (
                    item,
                    f"{url_for('recap.index')}?{item.arguments}",
                    item.arguments == choice.to_text(),
                )
                for item in layouts
            ],
            layout_form=layout_form or LayoutForm(),
            recent=[_facts_of(item) for item in recent],
            nothing=NOTHING,
        )


def _words() -> dict[str, str]:
    flows = [offer.flow for offer in runtime().catalogue.values()]
    return {flow.code: flow.title for flow in flows} | stage_titles(flows)


def _last_month(today: date) -> str:
    last = today.replace(day=1) - timedelta(days=1)
    return month(last.year, last.month)


def _backlog(choice: Choice, span: Span) -> Mapping[str, object]:
    """What was left, came in and was finished, unless that means reading years of requests."""
    if choice.is_backwards or (span.last - span.first).days > LONGEST_BACKLOG:
        return {"backlog": []}
    found = read_backlog(choice, reader(), list(runtime().catalogue))
    titles = {code: offer.flow.title for code, offer in runtime().catalogue.items()}
    return {
        "backlog": list(found.whole_lines(titles)),
        "backlog_heads": HEADS,
        "backlog_note": NOTE,
        "left_aside": choice.left_aside(),
    }


def _choice(given: Mapping[str, str]) -> Choice:
    arguments = {name: given.getlist(name) for name in given}
    return Choice.read(arguments, runtime().catalogue.keys())


def _pairs(choice: Choice) -> list[tuple[str, str]]:
    """The choice as hidden fields; all columns are named."""
    return [*choice.pairs(), *(("column", code) for code in choice.columns)]


def _address(choice: Choice) -> str:
    return f"{url_for('recap.index')}?{urlencode(_pairs(choice))}"


def _boxes(choice: Choice, span: Span, counted: Counters) -> list[tuple[str, str, str, str]]:
    """Label, figure, tone, and the address of the list that holds as many, if any, of a counter."""
    days = {
        "since": span.first.isoformat() if span.first != FIRST_DAY else "",
        "until": span.last.isoformat() if span.last != LAST_DAY else "",
    }
    kept = {name: getattr(choice, name) for name in FILTERS} | days
    boxes = (
        ("permohonan", counted.total, "", choice.status),
        ("menunggu verifikasi", counted.waiting, "progress", WAITING_VERIFICATION),
        ("disetujui", counted.approved, "success", choice.status or APPROVED),
        ("ditolak", counted.rejected, "danger", REJECTED),
    )
    return [
        (
            label,
            decimal_id(count, 0),
            tone,
            list_url(**kept | {"status": status}) if count and choice.by == BY_FILING else "",
        )
        for label, count, tone, status in boxes
    ]


def _ikm_url(choice: Choice, span: Span) -> str:
    """The page of the same answers; only semesters and years have one, and answers no list."""
    period = period_of(span)
    if period is None:
        return ""
    anchor = "per-layanan" if choice.service else None
    return url_for("skm.index", periode=period.code, _anchor=anchor)


def _send_now(kind: str, choice: Choice) -> Response:
    """Once more when another paper took the number meanwhile."""
    while True:
        with suppress(printouts.NumberTaken):
            return _written_now(kind, choice)


def _written_now(kind: str, choice: Choice) -> Response:
    order = Order(
        choice=choice,
        reader=reader(),
        flows={code: offer.flow for code, offer in runtime().catalogue.items()},
        questionnaire=runtime().questionnaire,
        base_url=runtime().settings.base_url,
        number=printouts.free_number(printouts.RECAP, now()),
    )
    with TemporaryDirectory(prefix="melasti-rekap-") as folder:
        path = Path(folder) / f"rekap.{kind}"
        tally = write_file(kind, order, path)
        content = path.read_bytes()
    digest = sha256(content).hexdigest()
    size, by = len(content), order.reader
    jobs.note_export(kind, order, tally.total, sha256=digest, size=size, reader=by)
    return send_bytes(content, jobs.filename_of(kind, order), MEDIA_TYPES[kind])


def _job(public_id: str) -> ExportJob:
    """An export of this person; 404 for anybody else's."""
    mine = ExportJob.visible_to(reader()).where(ExportJob.public_id == public_id)
    return mine.first() or abort(404)


def _progress(job: ExportJob) -> str:
    if jobs.is_abandoned(job, now()):
        return "terhenti di tengah jalan, sebentar lagi dimulai lagi dari awal"
    if job.state == jobs.RUNNING and job.done >= job.total > 0:
        return "menyusun berkas …"
    words = f"{decimal_id(job.done, 0)} dari {decimal_id(job.total, 0)} permohonan"
    # A bar that goes back without a word looks like a fault of the page.
    begun = job.attempts + (job.state == jobs.QUEUED)
    return f"{words} (dimulai lagi dari awal karena tadi terhenti)" if begun > 1 else words


def _facts_of(job: ExportJob) -> Mapping[str, object]:
    choice, today = Choice.from_text(job.arguments), job.created_at.astimezone(ZONE).date()
    return {
        "job": job,
        "state": STATES[job.state],
        "format": FORMATS[job.format],
        "progress": _progress(job),
        "columns": ", ".join(COLUMNS[code].words for code in choice.columns),
        "filters": choice.in_words(today, _words()),
        "is_waiting": job.state in jobs.WAITING_STATES,
        "is_ready": job.state == jobs.READY,
        "may_retry": job.state in (jobs.FAILED, jobs.CANCELLED, jobs.EXPIRED),
        "back": _address(choice),
    }
