"""Words of a conversation, written and read."""

from messages.conversation import write_remark
from storage.database import new_public_id
from workflow import Reader

SECRET = "Pemohon ini pernah menunggak"


def write(talk, actor, text="Apakah data sudah tersedia?", *, now, **more):
    given = {"key": new_public_id(), "via": "portal", **more}
    return write_remark(talk, text, reader=Reader.at(actor, now), **given)
