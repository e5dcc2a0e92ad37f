"""Figures for Prometheus, read from the database as it asks: the same whichever process answers."""

import shutil
from collections.abc import Collection, Iterable
from datetime import datetime

from peewee import Field, ModelSelect, fn
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from administration.system_checks import WORKER, Check
from config.clock import utc_now
from config.settings import Settings
from config.version import version
from models import Backup, Document, ExportJob, Heartbeat, Message, Request, Trouble
from storage.database import database
from storage.outage import is_unavailable


def metrics(settings: Settings, checks: Collection[Check]) -> tuple[bytes, str]:
    """The figures as text, and its content type."""
    registry = CollectorRegistry()
    registry.register(_Figures(settings, checks))
    return generate_latest(registry), CONTENT_TYPE_LATEST


class _Figures(Collector):
    def __init__(self, settings: Settings, checks: Collection[Check]):
        self._settings, self._checks = settings, checks

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        yield _labelled("melasti_info", "Which version runs.", "version", {version(): 1})
        told = {check.code: int(not check.trouble) for check in self._checks}
        yield _labelled("melasti_check_ok", "Whether a part is well.", "check", told)
        free = shutil.disk_usage(self._settings.data_dir).free
        yield GaugeMetricFamily("melasti_disk_free_bytes", "Free bytes of DATA_DIR.", value=free)
        try:
            with database.connection_context():
                yield from list(_of_database())
        except Exception as error:
            if not is_unavailable(error):
                raise


def _of_database() -> Iterable[Metric]:
    now = utc_now()
    waiting = Message.state.in_(("queued", "sending"))
    messages = _counted(Message.select(Message.channel, fn.COUNT(Message.id)).where(waiting),
                        Message.channel)  # fmt: skip
    yield _labelled("melasti_messages_waiting", "Messages not sent yet.", "channel", messages)
    unmade = Document.select().where(Document.sha256 == "").count()
    yield GaugeMetricFamily("melasti_documents_waiting", "Papers to be made.", value=unmade)
    exports = _counted(ExportJob.select(ExportJob.state, fn.COUNT(ExportJob.id)), ExportJob.state)
    yield _labelled("melasti_exports", "Ordered exports.", "state", exports)
    requests = _counted(Request.select(Request.status, fn.COUNT(Request.id)), Request.status)
    yield _labelled("melasti_requests", "Requests.", "status", requests)
    troubles = Trouble.select().where(Trouble.ended_at.is_null()).count()
    yield GaugeMetricFamily("melasti_troubles_open", "Troubles that are open.", value=troubles)
    seen = Heartbeat.select(fn.MAX(Heartbeat.seen_at)).where(
        Heartbeat.name.startswith(f"{WORKER}:")
    )
    for name, help_text, at in (
        ("melasti_worker_seen_timestamp_seconds", "When a worker was last seen.", seen.scalar()),
        ("melasti_backup_timestamp_seconds", "When the last whole backup ended.", _backup_at()),
    ):
        if at:
            yield GaugeMetricFamily(name, help_text, value=at.timestamp())
    yield GaugeMetricFamily("melasti_scrape_timestamp_seconds", "Now.", value=now.timestamp())


def _backup_at() -> datetime | None:
    last = Backup.last_whole()
    return last.finished_at if last else None


def _counted(query: ModelSelect, field: Field) -> dict[str, int]:
    return dict(query.group_by(field).order_by(field).tuples())


def _labelled(name: str, help_text: str, label: str, values: dict[str, int]) -> Metric:
    family = GaugeMetricFamily(name, help_text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
