"""The flows of the services: all of them, one as a drawing, and each version as it was."""

from flask.typing import ResponseReturnValue
from flask_admin import expose
from peewee import JOIN, fn

from administration import flow_drafts
from administration.flow_drafts import definition_of
from backoffice.manage.flow_drafts import DraftPages
from backoffice.manage.flow_release import ReleasePages
from backoffice.manage.flow_rows import all_drafts, as_file, draft_of, flow_on_offer, version_of
from models import Event, FlowVersion, User
from moves.catalogue import newest_versions
from outputs.flow_diagram import draw_flow, rows_of
from rules import events as event_words
from rules.services import Flow, parse_flow
from web.runtime import runtime

TRAIL_LENGTH = 20
CHANGES = {
    "days": "waktu dan janji",
    "moved": "urutan tahap",
    "removed": "tahap dihapus",
    "added": "tahap ditambahkan",
    "stage": "kata, pos, dan jalur samping tahap",
    "inputs": "isian tahap",
    "file": "diganti dengan berkas",
}


class FlowView(DraftPages, ReleasePages):
    """Read by those who lead and by the auditor, changed by the administrator."""

    name = "Alur Layanan"
    url = "/backoffice/alur"
    endpoint = "flows"
    category = "Kelola"
    reads = "flows"
    writes = "flows_write"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Every service with its version, what still runs on older ones, and its draft."""
        offers = runtime().catalogue
        current = newest_versions(list(offers))
        running = flow_drafts.running_versions()
        open_drafts = {draft.service_code: draft for draft in all_drafts()}
        published = dict(_count_published().tuples())
        of_service = dict(
            FlowVersion.select(FlowVersion.id, FlowVersion.service_code)
            .where(FlowVersion.id.in_(list(running) or [0]))
            .tuples()
        )
        rows = []
        for code, offer in offers.items():
            old = sum(
                count
                for version, count in running.items()
                if of_service[version] == code and version != offer.version_id
            )
            rows.append(
                {
                    "flow": offer.flow,
                    "version": current[code],
                    "edition": published.get(code, 1),
                    "running": running.get(offer.version_id, 0),
                    "old": old,
                    "draft": open_drafts.get(code),
                }
            )
        return self.render("backoffice/manage/flows.html", rows=rows)

    @expose("/<code>")
    def service(self, code: str) -> ResponseReturnValue:
        """One service: drawing, table, and every version with who published it and why."""
        flow, current = flow_on_offer(code)
        versions = _versions(code)
        running = flow_drafts.running_versions(code)
        published = [row for row in versions if row.published_at]
        proposals = [row for row in versions if not row.published_at and row.id > current.id]
        return self.render(
            "backoffice/manage/flow.html",
            flow=flow,
            drawing=draw_flow(flow),
            stages=rows_of(flow),
            current=current,
            versions=[
                (len(published) - i, row, running.get(row.id, 0)) for i, row in enumerate(published)
            ],
            proposal=proposals[0] if proposals else None,
            draft=draft_of(code),
            trail=_trail(code, flow),
            may_write=self.may_write,
        )

    @expose("/<code>/versi/<number>")
    def version(self, code: str, number: str) -> ResponseReturnValue:
        """A version as it was, and what is different in the one on offer."""
        row = version_of(code, number)
        flow, current = parse_flow(definition_of(row), code), newest_versions([code])[code]
        changes = flow_drafts.changes_from(row, definition_of(current)) if row != current else []
        return self.render(
            "backoffice/manage/flow_version.html",
            flow=flow,
            row=row,
            drawing=draw_flow(flow),
            stages=rows_of(flow),
            changes=changes,
            is_current=row == current,
            draft=draft_of(code),
            may_write=self.may_write,
        )

    @expose("/<code>/versi/<number>/berkas")
    def version_file(self, code: str, number: str) -> ResponseReturnValue:
        return as_file(code, definition_of(version_of(code, number)))


def _versions(code: str) -> list[FlowVersion]:
    """All versions of a service without their definitions, the newest first. One query."""
    return list(
        FlowVersion.select(
            FlowVersion.id,
            FlowVersion.created_at,
            FlowVersion.published_at,
            FlowVersion.published_by,
            FlowVersion.note,
            FlowVersion.digest,
            User,
        )
        .join(User, JOIN.LEFT_OUTER)
        .where(FlowVersion.service_code == code)
        .order_by(
            fn.COALESCE(FlowVersion.published_at, FlowVersion.created_at).desc(),
            FlowVersion.id.desc(),
        )
    )


def _trail(code: str, flow: Flow) -> list[tuple[Event, str]]:
    """The last deeds on this service's definition, each with a sentence. One query."""
    deeds = Event.select(Event, User).join(User, JOIN.LEFT_OUTER)
    deeds = deeds.where(Event.stream == flow_drafts.stream_of(code)).order_by(Event.seq.desc())
    return [(event, _told(event, flow)) for event in deeds.limit(TRAIL_LENGTH)]


def _told(event: Event, flow: Flow) -> str:
    """`Draf alur diubah: kata dan pos tahap (Telaah TU)`"""
    said = event_words.WORDS.get(event.kind, event.kind)
    if event.kind == event_words.FLOW_PUBLISHED:
        return f"{said}: versi {event.data.get('edition', '')}"
    what = CHANGES.get(str(event.data.get("what", "")), "")
    stages = ", ".join(
        flow.stage(code).short if flow.has_stage(code) else code
        for code in event.data.get("stages", ())
    )
    return said + (f": {what}" if what else "") + (f" ({stages})" if stages else "")


def _count_published():
    return (
        FlowVersion.select(FlowVersion.service_code, fn.COUNT(FlowVersion.id))
        .where(FlowVersion.published_at.is_null(False))
        .group_by(FlowVersion.service_code)
    )
