"""Rate limits kept in the database, so that they hold for every process and outlive a restart."""

import hashlib
import hmac
import math
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from ipaddress import ip_address, ip_network

from flask import abort, current_app, g, request
from flask.typing import ResponseReturnValue
from peewee import ModelInsert

from models import RateBucket
from storage.fast import Bound, prepared, relaxed_durability
from web.runtime import now


def count_attempt(name: str, who: str, *, times: int, seconds: int) -> None:
    """Count one attempt of `who`; abort with 429 past `times` in the running window.

    Only a keyed digest of `who` (an address, an e-mail) is stored.
    """
    if not is_within_limit(name, who, times=times, seconds=seconds):
        abort(429)


def is_within_limit(name: str, who: str, *, times: int, seconds: int) -> bool:
    """Count one attempt and tell whether it is among the first `times` of the running window."""
    at = now()
    window = int(at.timestamp()) // seconds
    key = _bucket_key(name, who, window)
    ends_at = datetime.fromtimestamp((window + 1) * seconds, at.tzinfo)
    with relaxed_durability():
        [(count,)] = _counted(key=key, expires_at=ends_at + timedelta(seconds=seconds))
    if count > times:
        g.limit = name
        g.retry_after = max(1, math.ceil((ends_at - at).total_seconds()))
    return count <= times


def visitor() -> str:
    """Where a request comes from, as limits count it.

    An IPv6 address by its /64: that many addresses are one connection (RFC 6177), and whoever has
    one would have as many tries as there are grains of sand.
    """
    return network_of(request.remote_addr or "")


def network_of(address: str) -> str:
    """What counts as one address: of IPv6 the network that a single subscriber has."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ip_network((found, 64), strict=False))


def is_past_limit() -> bool:
    """Whether something of this request was past a limit."""
    return "retry_after" in g


def time_left() -> str:
    """Until whoever is past a limit may try again: `12 menit`, and from two hours on `10 jam`."""
    minutes = max(1, math.ceil(g.get("retry_after", 60) / 60))
    return f"{minutes} menit" if minutes < 120 else f"{math.ceil(minutes / 60)} jam"


def patience(what: str) -> str:
    """What somebody past a limit reads above the form, which still holds what was typed."""
    words = f"{what} Coba lagi dalam {time_left()}; isian Anda masih ada di sini."
    # A browser chooses no file by itself.
    chosen = any(file.filename for file in request.files.values())
    return f"{words} Pilih berkasnya sekali lagi." if chosen else words


@prepared
def _counted() -> ModelInsert:
    """The count of a bucket with this attempt."""
    return (
        RateBucket.insert(
            key=Bound("key"), count=1, expires_at=Bound("expires_at", RateBucket.expires_at)
        )
        .on_conflict(
            conflict_target=[RateBucket.key], update={RateBucket.count: RateBucket.count + 1}
        )
        .returning(RateBucket.count)
        .tuples()
    )


def forget_attempts(name: str, who: str, *, seconds: int) -> None:
    """Empty the running window of `who`."""
    key = _bucket_key(name, who, int(now().timestamp()) // seconds)
    RateBucket.delete().where(RateBucket.key == key).execute()


def _bucket_key(name: str, who: str, window: int) -> str:
    said = f"{name}|{window}|{who.casefold()}".encode()
    return hmac.digest(current_app.secret_key.encode(), said, "sha256").hex()


def limited(name: str, *, times: int, seconds: int) -> Callable:
    """Decorate a view: its POSTs are limited per address before anything costly happens."""

    def decorate(view: Callable[..., ResponseReturnValue]) -> Callable:
        @wraps(view)
        def counted(*args: object, **kwargs: object) -> ResponseReturnValue:
            if request.method == "POST":
                count_attempt(name, visitor(), times=times, seconds=seconds)
            return view(*args, **kwargs)

        return counted

    return decorate


def anonymous_digest(text: str) -> str:
    """A short keyed digest, for telling two things apart in a log without naming them."""
    return hmac.new(current_app.secret_key.encode(), text.encode(), hashlib.sha256).hexdigest()[:12]
