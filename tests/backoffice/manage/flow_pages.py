"""The pages of a draft, opened and sent."""

from administration.drafts import stamp_of
from administration.flow_drafts import definition_of
from models import FlowDraft
from rules.services import parse_flow
from tests.people import post

ALUR = "/backoffice/alur"


def draft_of(code="data") -> FlowDraft:
    return FlowDraft.get(FlowDraft.service_code == code)


def flow_of_draft(code="data"):
    return parse_flow(definition_of(draft_of(code)))


def send(client, address: str, code="data", **fields: object):
    return post(
        client, f"{ALUR}/{code}/draf{address}", {"seen": stamp_of(draft_of(code)), **fields}
    )


NEW = {
    "after": "DISPOSISI_KABALAI", "kind": "office", "role": "kasubag_tu", "days": "0,5",
    "title": "KASUBAG TU MENELAAH PERMOHONAN", "short": "Telaah TU",
    "action": "Simpan telaah", "waiting": "Menunggu telaah Kasubag TU", "clause": "",
}  # fmt: skip
