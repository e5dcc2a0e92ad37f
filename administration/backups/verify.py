"""Read a backup to its end and bring nothing back: it needs no database, no settings, no room."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from tarfile import ReadError
from typing import Any

from administration.backups.make import FILE_LIST, Progress
from administration.backups.places import BackupError, FileMade, FolderMade, read_part
from administration.backups.restore import Opened, open_rows, refuse_another_schema, unpacked
from administration.backups.rows import BadRows, check_lines, differences
from storage.files import CHUNK


@dataclass(frozen=True)
class Verified:
    """How many files are whole, and in words what a restore by this program would lack."""

    files: int
    faults: list[str]


def verify_backup(opened: Opened, progress: Progress) -> Verified:
    """Schema, rows and files; `open_backup` has looked at the manifest and the keys."""
    progress("rows", 0, 0)
    faults = [*_told_by(refuse_another_schema, opened.manifest), *_told_by(_refuse_rows, opened)]
    for kind, lost in opened.manifest["faults"].items():
        faults += [f"the file {sha256} was {kind} when the backup was made" for sha256 in lost]
    try:
        told = opened.manifest["parts"].get(FILE_LIST, {})
        lines = read_part(opened.made, FILE_LIST, told).decode().splitlines()
    except BackupError as error:
        return Verified(0, [*faults, str(error)])
    whole = 0
    for number, line in enumerate(lines, start=1):
        progress("files", number, len(lines))
        sha256, size = line.split()
        if _is_whole(opened.made, sha256, int(size)):
            whole += 1
        else:
            faults.append(f"the file {sha256} is missing or was altered")
    return Verified(whole, faults)


def _told_by(refuse: Callable[[Any], None], what: object) -> list[str]:
    try:
        refuse(what)
    except BackupError as error:
        return [str(error)]
    return []


def _refuse_rows(opened: Opened) -> None:
    with open_rows(opened) as packed:
        try:
            found = differences(opened.manifest["tables"], check_lines(unpacked(packed)))
        except BadRows as error:
            raise BackupError(str(error)) from None
    if found:
        raise BackupError(f"the rows aren't those that its manifest tells: {', '.join(found)}")


def _is_whole(made: FolderMade | FileMade, sha256: str, size: int) -> bool:
    digest, length = hashlib.sha256(), 0
    try:
        with made.open_file(sha256) as stream:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
                length += len(chunk)
    except (FileNotFoundError, ReadError):
        return False
    return length == size and digest.hexdigest() == sha256
