"""The state of the system for who looks after it: what is wrong, what helps, what was."""

import logging
from collections.abc import Iterator
from datetime import timedelta

from flask import abort, flash, g, redirect
from flask.typing import ResponseReturnValue
from flask_admin import expose
from peewee import ModelSelect

from administration.system_checks import Check, further_checks, stuck_exports, vital_checks
from backoffice.base import StaffView
from config.settings import Settings
from config.version import version
from messages.alarms import open_troubles, past_troubles
from models import ExportJob, User
from outputs.papers import failures
from outputs.recap import jobs
from rules.formats import file_size, moment_short
from storage.database import database, is_sqlite
from web.accounts.invitations import waiting_invitations
from web.runtime import now, runtime

log = logging.getLogger("melasti.system")
# An invitation that ends so soon is worth a call.
ENDS_SOON = timedelta(days=2)
FAILED_LATELY = timedelta(days=3)
MOST_SHOWN = 20


class SystemStatusView(StaffView):
    name = "Keadaan Sistem"
    url = "/backoffice/keadaan-sistem"
    endpoint = "system_status"
    category = "Kelola"
    reads = "system"
    writes = "system_write"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        settings, at = runtime().settings, now()
        checks = _checks(settings)
        return self.render(
            "backoffice/manage/system_status.html",
            troubles=[check for check in checks if check.trouble],
            since={row.code: row for row in open_troubles()},
            checks=checks,
            facts=list(_facts(settings)),
            is_told=bool(settings.alarm_email or settings.alarm_phone),
            failing=failures.failing(),
            exports=list(_exports().limit(MOST_SHOWN)),
            invitations=list(_invitations()),
            past=past_troubles(MOST_SHOWN),
            at=at,
        )

    @expose("/dokumen", methods=("POST",))
    def retry_documents(self) -> ResponseReturnValue:
        """Have the papers tried at once that couldn't be made."""
        self.writers_only()
        count = failures.retry(now=now())
        log.info("%d documents are tried again by hand", count)
        flash(f"{count} dokumen dicoba lagi; muat ulang halaman ini sebentar lagi.", "success")
        return redirect(self.get_url(".index"))

    @expose("/rekap/<public_id>", methods=("POST",))
    def retry_export(self, public_id: str) -> ResponseReturnValue:
        """Begin an export again that failed or hangs."""
        self.writers_only()
        job = _exports().where(ExportJob.public_id == public_id[:26]).first()
        if job is None:
            abort(404)
        jobs.begin_again(job, now=now())
        g.wakes_exports = True
        log.info("export %s is begun again by hand", job.public_id)
        flash("Berkas Rekap dibuat lagi dari awal.", "success")
        return redirect(self.get_url(".index"))


def _checks(settings: Settings) -> list[Check]:
    storage, at = runtime().storage, now()
    found = vital_checks(settings, storage, now=at) + further_checks(settings, storage, now=at)
    return [check for check in found if check.trouble or check.fact]


def _facts(settings: Settings) -> Iterator[tuple[str, str]]:
    yield "Versi", f"MELASTI {version()}"
    yield "Basis data", f"{'SQLite' if is_sqlite() else 'Postgres'}, {file_size(_size())}"
    yield "Alamat layanan", settings.base_url
    told = [
        f"{len(addresses)} alamat {name}"
        for name, addresses in (("email", settings.alarm_email), ("WhatsApp", settings.alarm_phone))
        if addresses
    ]
    yield "Peringatan dikirim ke", " dan ".join(told) or "Belum ada"


def _size() -> int:
    if is_sqlite():
        [pages], [size] = (
            database.execute_sql(f"PRAGMA {name}").fetchone()
            for name in ("page_count", "page_size")
        )
        return pages * size
    [size] = database.execute_sql("SELECT pg_database_size(current_database())").fetchone()
    return size


def _exports() -> ModelSelect:
    """What hangs, and what failed in the last days."""
    failed = (ExportJob.state == jobs.FAILED) & (ExportJob.finished_at > now() - FAILED_LATELY)
    stuck = stuck_exports(now()).select(ExportJob.id)
    wanted = ExportJob.select().where(failed | ExportJob.id.in_(stuck))
    return wanted.order_by(ExportJob.created_at)


def _invitations() -> Iterator[tuple[User, str]]:
    """Who was invited and hasn't come, where that ends soon or has."""
    waiting = User.select().where(User.is_staff & User.active & User.password.is_null())
    people = {user.id: user for user in waiting.order_by(*User.name_order()).limit(MOST_SHOWN)}
    for person, until in waiting_invitations(list(people.values())).items():
        if until is None or until < now():
            yield people[person], "Undangan sudah lewat."
        elif until < now() + ENDS_SOON:
            yield people[person], f"Berlaku sampai {moment_short(until)}."
