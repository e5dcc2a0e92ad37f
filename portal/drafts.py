"""Forms half way: kept while somebody types, gone on with on any device, thrown away.

A draft is named by the key of its form. Which state of it a page shows is told by `SEEN`: what is
kept by a script never takes the place of what was written elsewhere meanwhile.
"""

from dataclasses import dataclass
from datetime import timedelta

from flask import abort, flash, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from peewee import IntegrityError

from administration.request_drafts import LIFETIME
from models import Request, RequestDraft
from portal.blueprint import portal
from rules.formats import day, local, moment_short
from storage.database import canonical_json, database, new_public_id
from web.access import customer_required
from web.accounts.limits import is_within_limit, visitor
from web.accounts.sessions import go_on_with, keys_of_browser
from web.kept_forms import written_by_another
from web.requests.filing import Filled, read_form
from web.requests.uploads import is_disk_full
from web.runtime import me, now, runtime

# The argument and the field with a form's key, and the field with the state that its page shows.
FORM, SEEN = "formulir", "dilihat"
MOMENT = timedelta(microseconds=1)
# Open forms of one account; a script may not fill the table.
MOST_DRAFTS = 20
# A form is kept every few seconds at most.
PER_HOUR = 1200
NO_SUBJECT = "Belum ada perihal"


class NotKept(Exception):
    """Why a form isn't kept by itself: `state` for the script, a sentence, the status."""

    def __init__(self, state: str, sentence: str, status: int):
        super().__init__(sentence)
        self.state, self.status = state, status


@dataclass(frozen=True)
class DraftLine:
    """A draft in the customer's list."""

    key: str
    title: str
    about: str


# -- finding -------------------------------------------------------------------------------------


def draft_of(key: str) -> RequestDraft | None:
    """The draft of a form by its key, if it is this person's, or a visitor's in this browser."""
    draft = RequestDraft.get_or_none(RequestDraft.key == key) if key else None
    if draft is None:
        return None
    if draft.user_id is None:
        return draft if key in keys_of_browser() else None
    return draft if current_user.is_authenticated and draft.user_id == current_user.id else None


def current_draft() -> RequestDraft | None:
    """The draft that the address names, or the last one of this browser."""
    return draft_of(request.args.get(FORM, "")[:26] or session.get("draft", ""))


def drafts_of_reader() -> list[DraftLine]:
    """What this person began and didn't send, the latest first. One query."""
    rows = (
        RequestDraft.select(RequestDraft.key, RequestDraft.answers, RequestDraft.updated_at)
        .where(RequestDraft.user == current_user.id)
        .order_by(RequestDraft.updated_at.desc())
        .limit(MOST_DRAFTS)
    )
    return [_line(draft) for draft in rows]


def _line(draft: RequestDraft) -> DraftLine:
    offer = runtime().catalogue.get(draft.answers.get("service") or "")
    service = f"{offer.flow.title} · " if offer else ""
    kept_until = day(draft.updated_at + LIFETIME)
    about = f"{service}tersimpan {moment_short(draft.updated_at)} · disimpan sampai {kept_until}"
    return DraftLine(draft.key, draft.answers.get("subject") or NO_SUBJECT, about)


def posted_draft() -> RequestDraft:
    """The draft of the form that was sent; a new one for a form that has none yet."""
    key = request.form.get(FORM, "")
    if not key:
        return current_draft() or RequestDraft()
    if draft := draft_of(key):
        return draft
    is_free = len(key) == 26 and key.isalnum() and not _is_taken(key)
    return RequestDraft(key=key if is_free else new_public_id())


def _is_taken(key: str) -> bool:
    filed = Request.select().where(Request.idempotency_key == key)
    return filed.exists() or RequestDraft.select().where(RequestDraft.key == key).exists()


def stamp_of(draft: RequestDraft | None) -> str:
    """Which state of a draft a page shows; nothing for a form that has none yet."""
    return draft.updated_at.isoformat() if draft and draft.updated_at else ""


# -- keeping -------------------------------------------------------------------------------------


def keep_draft(draft: RequestDraft, filled: Filled) -> None:
    """Keep what came by a button: it takes the place of whatever is there."""
    draft.answers, draft.files = filled.answers, dict(filled.files)
    _stamp(draft)
    try:
        with database.atomic():
            draft.save()
    except IntegrityError:
        # What the script of the same page began a moment before.
        draft.id = RequestDraft.get(RequestDraft.key == draft.key).id
        draft.save()
    go_on_with(draft)


def _stamp(draft: RequestDraft) -> None:
    at = now()
    draft.updated_at = max(at, draft.updated_at + MOMENT) if draft.updated_at else at
    if current_user.is_authenticated:
        draft.user = current_user.id


@portal.post("/ajukan/simpan")
def keep_typed() -> ResponseReturnValue:
    """Keep what is typed so far, for the script of the form: when it was, or why not."""
    # No message leaves because somebody types.
    g.only_looked = True
    try:
        draft = _keep_typed()
    except NotKept as refusal:
        return {"state": refusal.state, "error": str(refusal)}, refusal.status
    if draft is None:
        return {"state": "empty"}
    words = f"{local(draft.updated_at):%H.%M}"
    return {"state": "kept", "at": words, "key": draft.key, "seen": stamp_of(draft)}


def _keep_typed() -> RequestDraft | None:
    if written_by_another():
        raise NotKept("later", "Sesi Anda berakhir. Masuk lagi untuk menyimpan.", 401)
    if current_user.is_authenticated and current_user.is_staff:
        abort(403)
    who = current_user.public_id if current_user.is_authenticated else visitor()
    if is_disk_full() or not is_within_limit("draft", who, times=PER_HOUR, seconds=3600):
        raise NotKept("later", "Belum tersimpan di server.", 429)
    filled = read_form({}, with_files=False)
    key, seen = request.form.get(FORM, "")[:26], request.form.get(SEEN, "")
    draft = draft_of(key)
    if draft is None:
        return _begin(key, seen, filled)
    if canonical_json(draft.answers) == canonical_json(filled.answers):
        return draft
    if seen != stamp_of(draft):
        raise NotKept("changed", "Draf ini sudah diubah di halaman atau perangkat lain.", 409)
    return _overwrite(draft, filled)


def _begin(key: str, seen: str, filled: Filled) -> RequestDraft | None:
    if not filled.is_begun:
        return None
    if seen or len(key) != 26 or not key.isalnum() or _is_taken(key):
        # What every browser still holds of a form that was sent; nothing went wrong.
        raise NotKept("gone", "Draf ini sudah dikirim atau dihapus.", 200)
    if current_user.is_authenticated:
        own = RequestDraft.select().where(RequestDraft.user == current_user.id)
        if own.count() >= MOST_DRAFTS:
            raise NotKept("full", f"Sudah ada {MOST_DRAFTS} draf. Hapus yang tidak dipakai.", 409)
    draft = RequestDraft(key=key, answers=filled.answers)
    _stamp(draft)
    try:
        with database.atomic():
            draft.save()
    except IntegrityError:
        # The button was pressed in the same moment, and has kept more.
        raise NotKept("changed", "Formulir ini sedang disimpan.", 409) from None
    if draft.user_id is None:
        go_on_with(draft)
    return draft


def _overwrite(draft: RequestDraft, filled: Filled) -> RequestDraft:
    seen_at = draft.updated_at
    draft.answers = filled.answers
    _stamp(draft)
    changed = RequestDraft.update(answers=draft.answers, updated_at=draft.updated_at).where(
        (RequestDraft.id == draft.id) & (RequestDraft.updated_at == seen_at)
    )
    if changed.execute() != 1:
        raise NotKept("changed", "Draf ini sudah diubah di halaman atau perangkat lain.", 409)
    return draft


# -- throwing away -------------------------------------------------------------------------------


@portal.post("/ajukan/draf/<key>/hapus")
@customer_required
def drop_draft(key: str) -> ResponseReturnValue:
    """Throw a draft away; its files go with the janitor."""
    own = (RequestDraft.key == key) & (RequestDraft.user == me())
    if not RequestDraft.delete().where(own).execute():
        abort(404)
    if session.get("draft") == key:
        session.pop("draft")
    flash("Draf sudah dihapus.", "success")
    return redirect(url_for("portal.dashboard"))
