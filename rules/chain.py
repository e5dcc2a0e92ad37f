"""The arithmetic of the chained history: every link holds the hash of the one before it."""

import hashlib
from collections.abc import Iterable


def link_hash(said: str) -> str:
    """SHA-256 of everything a link says, the hash before it included."""
    return hashlib.sha256(said.encode()).hexdigest()


def broken_streams(links: Iterable[tuple[str, int, str, str, str]]) -> tuple[int, list[str]]:
    """The number of links, and the streams whose chain is broken.

    A link is (stream, number, hash before it, its hash, the hash of what it says), and they come
    stream by stream in the order of their numbers.
    """
    count, broken = 0, {}
    stream, seq, previous = "", 0, ""
    for name, number, before, kept, counted in links:
        if name != stream:
            stream, seq, previous = name, 0, ""
        seq, count = seq + 1, count + 1
        if (number, before, counted) != (seq, previous, kept):
            broken[stream] = True
        previous = kept
    return count, list(broken)
