"""Inputs of a flow that take files: what their controls show, and what came with the form.

A file that was accepted needn't be chosen again when the form comes back: a signed token names it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace

from flask import current_app, request
from flask_security import current_user
from itsdangerous import BadSignature, URLSafeTimedSerializer

from models import Request, Upload
from rules.services import MOST_MB, Input
from rules.text import one_line
from storage.file_policy import CHOOSERS, FileRejected, NotNow, words_of
from storage.pdf_policy import MEBIBYTE
from web.accounts.limits import is_within_limit, patience
from web.requests.uploads import keep_upload, look_at, most_mb
from web.runtime import reader, runtime
from workflow import Choice, InvalidInput, StoredFile

# Shorter than the day after which the janitor removes files that no row names.
KEPT_SECONDS = 12 * 3600
LONGEST_DESCRIPTION = 200
Kept = tuple[str, StoredFile]


@dataclass(frozen=True)
class FileControl:
    """What the control of a file input shows beside its label.

    `pieces` is the signed permission to send files in pieces; `kept` are the files that are there
    already, with their tokens; `begun` is what stopped half way: its name and per cent.
    """

    accept: str
    limits: str
    max_bytes: int
    max_photo_bytes: int
    pieces: str = ""
    kept: Sequence[Kept] = ()
    begun: Sequence[tuple[str, int]] = ()


def chooser_of(entry: Input) -> str:
    """The attribute `accept` of a control; empty where anything goes."""
    return ",".join(CHOOSERS[kind] for kind in entry.kinds if kind in CHOOSERS)


def limits_of(entry: Input) -> str:
    """What may be chosen, in words."""
    kinds = "PDF atau foto" if entry.kinds == ("pdf",) else words_of(entry.kinds)
    words = f"{kinds}, paling besar {entry.max_mb} MB"
    return f"{words} setiap berkas; boleh lebih dari satu." if entry.many else f"{words}."


def file_controls(
    item: Request, choices: Iterable[Choice], chosen: str, kept: Mapping[str, Sequence[Kept]]
) -> dict[tuple[str, str], FileControl]:
    """The control of each input that takes more than a letter: (choice, input) -> control.

    `kept` came with the form of the choice `chosen`, and counts instead of what the uploads say.
    One query, or none.
    """
    wanted = [
        (choice, entry)
        for choice in choices
        for entry in choice.inputs
        if entry.type == "file" and not entry.is_plain_letter
    ]
    uploads = list(uploads_of(item)) if wanted else []
    found = {}
    for choice, entry in wanted:
        purpose = purpose_of(item, choice, entry)
        # Those of an earlier pass through this desk were handed in with it.
        mine = [
            row
            for row in uploads
            if row.purpose == purpose and row.updated_at >= item.stage_entered_at
        ]
        there = [(sign(file, entry), file) for file in map(file_of, mine) if file]
        found[choice.code, entry.name] = FileControl(
            accept=chooser_of(entry),
            limits=limits_of(entry),
            max_bytes=entry.max_mb * MEBIBYTE,
            max_photo_bytes=most_mb(entry, "foto.jpg") * MEBIBYTE,
            pieces=permit(purpose, entry),
            kept=kept.get(entry.name, ()) if choice.code == chosen else there,
            begun=_begun(mine),
        )
    return found


def _begun(uploads: Iterable[Upload]) -> list[tuple[str, int]]:
    """What stopped half way, each name once: the newest try."""
    found = {
        row.filename: 100 * runtime().partial.length(row.public_id) // row.size
        for row in uploads
        if not row.sha256
    }
    return list(found.items())


def purpose_of(item: Request, choice: Choice, entry: Input) -> str:
    return f"{item.public_id}:{choice.stage.desk}:{choice.code}:{entry.name}"


def uploads_of(item: Request) -> Iterable[Upload]:
    """What this person has uploaded for forms of a request that aren't sent yet."""
    own = Upload.visible_to(reader()).where(Upload.purpose.startswith(f"{item.public_id}:"))
    return own.order_by(Upload.id)


def file_of(row: Upload) -> StoredFile | None:
    """The file of an upload that is whole, unless the janitor has taken it."""
    file = StoredFile(*row.file) if row.file else None
    return file if file and runtime().storage.has(file.sha256) else None


def forget_uploads(item: Request, inputs: Collection[Input]) -> None:
    """Drop the uploads of a form that went through; the documents name their files now."""
    if any(entry.type == "file" and not entry.is_plain_letter for entry in inputs):
        keys = [(row.id, row.public_id) for row in uploads_of(item)]
        Upload.delete().where(Upload.id.in_([key for key, _ in keys])).execute()
        for _, name in keys:
            runtime().partial.drop(name)


# -- what came with the form ---------------------------------------------------------------------


def read_files(entry: Input, errors: dict[str, str]) -> list[Kept]:
    """The files of one input with their tokens: those kept from before, and new ones.

    Where there may be one only, a new one takes the place of the one before.
    """
    kept = [
        _described(file, request.form.get(f"{entry.name}_about_{file.sha256[:16]}"))
        for token in request.form.getlist(f"{entry.name}_kept")
        if (file := unsign(token, entry))
    ]
    new = _new_files(entry, errors)
    if new and not entry.many:
        kept = []
    files = {file.sha256: file for file in (*kept, *new)}.values()
    if not entry.many and not new:
        files = list(files)[-1:]
    return [(sign(file, entry), file) for file in files]


def look_through(
    wanted: Collection[Input], given: dict[str, object], kept: dict[str, list[Kept]]
) -> None:
    """Check the files that are new, which takes long: all else of the form is right.

    What is refused is dropped from `given` and `kept`. Raises InvalidInput then.
    """
    errors: dict[str, str] = {}
    for entry in wanted:
        files = []
        for _, file in kept.get(entry.name, ()):
            try:
                files.append(look_at(file, entry))
            except FileRejected as rejection:
                _note(errors, entry, file.filename, rejection)
                files += [file] if isinstance(rejection, NotNow) else []
        if entry.name in kept:
            kept[entry.name] = [(sign(file, entry), file) for file in files]
            given[entry.name] = files
    if errors:
        raise InvalidInput(errors)


def _note(errors: dict[str, str], entry: Input, filename: str, rejection: FileRejected) -> None:
    said = f"{filename}: {rejection}" if entry.many else str(rejection)
    errors[entry.name] = " ".join(filter(None, (errors.get(entry.name), said)))


def _new_files(entry: Input, errors: dict[str, str]) -> list[StoredFile]:
    if not is_within_limit("upload", current_user.public_id, times=60, seconds=3600):
        errors[entry.name] = patience("Terlalu banyak unggahan dalam satu jam.")
        return []
    new, about = [], request.form.get(f"{entry.name}_about")
    for upload in request.files.getlist(entry.name):
        try:
            file = keep_upload(upload, entry)
        except FileRejected as rejection:
            _note(errors, entry, upload.filename or "", rejection)
            continue
        if file:
            new.append(_described(file, about))
    return new


def _described(file: StoredFile, about: str | None) -> StoredFile:
    words = file.description if about is None else one_line(about)[:LONGEST_DESCRIPTION]
    return replace(file, description=words)


# -- signed words --------------------------------------------------------------------------------


def sign(file: StoredFile, entry: Input) -> str:
    """A token for a file that was taken in for an input with these limits; it may be unchecked."""
    return _signer(entry.kinds, entry.max_mb).dumps(list(astuple(file)))


def unsign(token: str, entry: Input) -> StoredFile | None:
    """The kept file of an earlier try, unless the janitor may have taken it meanwhile."""
    signer = _signer(entry.kinds, entry.max_mb)
    try:
        file = StoredFile(*signer.loads(token, max_age=KEPT_SECONDS)) if token else None
    except BadSignature:
        return None
    return file if file and runtime().storage.has(file.sha256) else None


def _signer(kinds: tuple[str, ...], max_mb: int) -> URLSafeTimedSerializer:
    # Bound to the limits by which it was checked: another input may take less.
    salt = f"kept-file:{current_user.public_id}:{','.join(kinds)}:{max_mb}"
    return URLSafeTimedSerializer(current_app.secret_key, salt=salt)


def permit(purpose: str, entry: Input) -> str:
    """What a page gives its script, to send files for one of its inputs."""
    return _permits().dumps([purpose, ",".join(entry.kinds), entry.max_mb])


def read_permit(token: str) -> tuple[str, Input] | None:
    """Purpose and limits of a permission; None for one that isn't this person's, or too old."""
    try:
        purpose, kinds, max_mb = _permits().loads(token, max_age=KEPT_SECONDS)
    except BadSignature:
        return None
    return purpose, limits(kinds, max_mb)


def limits(kinds: str, max_mb: int) -> Input:
    """An input that only says what it accepts."""
    return Input("file", "file", "", accept=tuple(kinds.split(",")), max_mb=min(max_mb, MOST_MB))


def _permits() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key, salt=f"upload:{current_user.public_id}")
