"""Kept files and the database that names them: whether they belong together, are whole, are needed.

A folder of files and a database are bound by an id that stands in both. A database that was
restored, mistyped or moved names other files than those it finds, and all of them would look like
files that nobody needs; so nothing of a folder that isn't its own is touched, never more than a
few files a night, and what is taken away lies in the trash for a month.
"""

import logging
import secrets
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from config.settings import BadSetting, Settings
from models import Document, Event, ExportJob, HeldAct, Installation, RequestDraft, Upload
from rules.events import FILE_DAMAGED, SWEEP_REFUSED, SWEPT
from storage.files import DIGEST, Damaged, LocalStorage, Store
from storage.partial_files import PartialFiles
from storage.s3 import Bucket, S3Storage
from storage.s3_partial import S3PartialFiles

log = logging.getLogger("melasti.files")

STREAM = "files"
YOUNG = timedelta(hours=24)
IN_TRASH = timedelta(days=30)
# Of files that no row ever led to, so many at most are taken away in one night.
MOST, MOST_SHARE, FEW = 20, 0.02, 3
SAMPLE = 200
FOREIGN = (
    "the files in {folder} belong to another database: nothing is swept there. Check DATABASE_URL "
    "and DATA_DIR; if they are right, say so with `run.py store adopt`"
)


# -- where they are ------------------------------------------------------------------------------


def open_store(settings: Settings, kind: str = "") -> Store:
    """The store of this office, or its other one by `kind`. Raises BadSetting."""
    if (kind or settings.store) == "folder":
        return LocalStorage(settings.files_dir)
    return S3Storage(_bucket(settings), settings.files_dir)


def open_partial(settings: Settings) -> PartialFiles | S3PartialFiles:
    """Where files lie that arrive in pieces, for all hosts of the store."""
    if settings.store == "folder":
        return PartialFiles(settings.files_dir)
    return S3PartialFiles(_bucket(settings), settings.files_dir)


def _bucket(settings: Settings) -> Bucket:
    try:
        return Bucket.of(settings.environ)
    except ValueError as error:
        raise BadSetting(str(error)) from None


# -- whose files these are ------------------------------------------------------------------------


def bind(storage: Store) -> bool:
    """Bind database and folder to each other where neither is bound; return whether they are.

    A folder whose files this database mostly doesn't name isn't taken, and neither is one that is
    another's.
    """
    known = Installation.get_or_none()
    if known and storage.store_id == known.store_id:
        return True
    if storage.store_id or not _names_most(storage):
        return False
    adopt(storage)
    return True


def adopt(storage: Store) -> None:
    """Bind this database and this folder, whatever they were bound to before."""
    known = Installation.get_or_none()
    store_id = known.store_id if known else storage.store_id or secrets.token_hex(16)
    if not known:
        Installation.create(store_id=store_id)
    storage.mark(store_id)


def is_own(storage: Store) -> bool:
    known = Installation.get_or_none()
    return bool(known) and storage.store_id == known.store_id


def _names_most(storage: Store) -> bool:
    """Whether at least half of the first files are named here; true of an empty folder."""
    sample = [sha256 for sha256, _ in islice(storage.digests(), SAMPLE)]
    return 2 * sum(is_wanted(sha256) for sha256 in sample) >= len(sample)


# -- what nobody needs ----------------------------------------------------------------------------


def is_wanted(sha256: str) -> bool:
    return (
        Document.select().where(Document.sha256 == sha256).exists()
        or ExportJob.select().where(ExportJob.sha256 == sha256).exists()
        or Upload.select().where(Upload.sha256 == sha256).exists()
        or RequestDraft.select().where(RequestDraft.files.cast("TEXT").contains(sha256)).exists()
        or HeldAct.select().where(HeldAct.inputs.cast("TEXT").contains(sha256)).exists()
    )


def drop_refused(storage: Store, sha256: str, *, kept_at: float, now: datetime) -> bool:
    """Move a file that a check refused to the trash, once no row names it; return whether it was.

    Call it when all that the form wrote is committed. A file that was kept again since `kept_at`,
    before the check, is somebody else's too, and left to their check or to the sweep.
    """
    if not is_own(storage):
        return False
    try:
        if is_wanted(sha256) or storage.kept_at(sha256) != kept_at:
            return False
    except FileNotFoundError:
        return False
    # Not deleted: somebody may be about to write a row that names the same.
    return storage.throw_away(sha256, now.timestamp(), kept_at=kept_at)


def sweep_files(
    storage: Store, *, released: Collection[str], now: datetime, without_brake: bool = False
) -> int:
    """Move files that no row names to the trash; return how many.

    `released` are those of rows that have just been deleted because their time was over: no
    surprise, and so not counted by the brake. Of others more than 20, or 2 % of all (but three
    always), are taken for a mistake: then none of them is touched and an event says so.
    """
    if not is_own(storage):
        _refuse("foreign", now, FOREIGN.format(folder=storage.name))
        return 0
    total, unnamed = 0, []
    for sha256, kept_at in list(storage.digests()):
        total += 1
        if kept_at < (now - YOUNG).timestamp() and not is_wanted(sha256):
            unnamed.append((sha256, kept_at))
    stray = [sha256 for sha256, _ in unnamed if sha256 not in released]
    if len(stray) > max(FEW, min(MOST, MOST_SHARE * total)) and not without_brake:
        words = f"{len(stray)} of {total} files are named by no row: none of them was swept. Look "
        _refuse("too_many", now, words + "first, then `run.py store sweep`", stray=len(stray))
        unnamed = [(sha256, kept_at) for sha256, kept_at in unnamed if sha256 in released]
        stray = []
    thrown = [sha256 for sha256, kept_at in unnamed if _throw(storage, sha256, kept_at, now)]
    emptied = storage.empty_trash(IN_TRASH.total_seconds(), now.timestamp())
    if thrown or emptied:
        said = {"files": len(thrown), "stray": sorted(stray)[:MOST], "emptied": emptied}
        Event.record(SWEPT, at=now, actor=None, stream=STREAM, data=said)
        log.warning("%s files moved to the trash, %s deleted from it", len(thrown), emptied)
    return len(thrown)


def _throw(storage: Store, sha256: str, kept_at: float, now: datetime) -> bool:
    # Somebody may have uploaded the same content again since the listing.
    return storage.throw_away(sha256, now.timestamp(), kept_at=kept_at)


def _refuse(why: str, now: datetime, words: str, **more: int) -> None:
    log.error("%s", words)
    Event.record(SWEEP_REFUSED, at=now, actor=None, stream=STREAM, data={"why": why, **more})


# -- whether they are whole -----------------------------------------------------------------------


@dataclass(frozen=True)
class Fault:
    """A file that a row names and that can't be had as it was kept."""

    kind: str
    public_id: str
    sha256: str
    is_missing: bool


def verify_files(storage: Store) -> tuple[int, list[Fault]]:
    """Read every file that a row names; return how many were whole, and the others."""
    whole, faults = 0, []
    for kind, public_id, sha256 in _named_files():
        try:
            storage.check(sha256)
        except Damaged as damage:
            faults.append(Fault(kind, public_id, sha256, damage.is_missing))
        else:
            whole += 1
    return whole, faults


def _named_files() -> Iterator[tuple[str, str, str]]:
    for model in (Document, ExportJob, Upload):
        rows = model.select(model.public_id, model.sha256).where(model.sha256 != "")
        name = model._meta.table_name
        yield from ((name, public_id, sha256) for public_id, sha256 in rows.tuples().iterator())


def named_digests() -> set[str]:
    """Every file that a row names, drafts of forms and what is held back included."""
    found = {sha256 for _, _, sha256 in _named_files()}
    for column in (RequestDraft.files, HeldAct.inputs):
        rows = column.model.select(column.cast("TEXT")).tuples().iterator()
        found = found.union(*(DIGEST.findall(text) for (text,) in rows))
    return found


def note_damage(damage: Damaged, *, document: str, reference: str, now: datetime) -> None:
    """Raise the alarm about a file that somebody asked for; the history says it once a day."""
    what = "is missing" if damage.is_missing else "was altered"
    log.error("the file of document %s %s ref=%s", document, what, reference)
    today = (Event.stream == STREAM) & (Event.kind == FILE_DAMAGED)
    today &= Event.at > now - timedelta(days=1)
    said = {"document": document, "sha256": damage.sha256, "is_missing": damage.is_missing}
    if not any(event.data == said for event in Event.select().where(today)):
        Event.record(FILE_DAMAGED, at=now, actor=None, stream=STREAM, data=said)
