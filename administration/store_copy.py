"""Moving the kept files to another store: copied, read again there, and the old ones stay."""

from collections.abc import Callable
from dataclasses import dataclass, field

from administration.file_store import Fault, adopt, is_own, verify_files
from storage.files import Store

LARGEST = 5 << 30


@dataclass
class Copied:
    """What became of it: so many were copied, so many there already, these are altered where they
    come from, and these rows name a file that isn't whole in its new place."""

    copied: int = 0
    known: int = 0
    altered: list[str] = field(default_factory=list)
    whole: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return not self.altered and not self.faults


def copy_store(source: Store, target: Store, progress: Callable[[int], None]) -> Copied:
    """Copy every file that isn't there yet, then read all that rows name in its new place.

    May be cut off and begun again. The target is bound to this database once all is whole. Raises
    ValueError for a target that belongs to another database.
    """
    if target.store_id and not is_own(target):
        raise ValueError(f"{target.name} belongs to another database")
    done = Copied()
    for number, (sha256, _) in enumerate(source.digests(), start=1):
        if target.has(sha256):
            done.known += 1
        elif _copy(source, target, sha256):
            done.copied += 1
        else:
            done.altered.append(sha256)
        progress(number)
    done.whole, done.faults = verify_files(target)
    if done.is_whole:
        adopt(target)
    return done


def _copy(source: Store, target: Store, sha256: str) -> bool:
    try:
        stream = source.open(sha256)
    except FileNotFoundError:
        return False
    with stream:
        staged = target.stage(stream, max_bytes=LARGEST)
    if staged.sha256 != sha256:
        target.discard(staged)
        return False
    target.keep(staged)
    return True
