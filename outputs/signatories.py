"""Who acted, in the words of the history."""

from collections.abc import Iterable

from config.office import office
from models import Event
from rules.roles import PELANGGAN


def signatories(events: Iterable[Event]) -> dict[int, str]:
    """Event id -> who did it and for which post."""
    posts, found = office().posts, {}
    for event in events:
        if event.actor is None:
            found[event.id] = "Sistem"
        else:
            post = posts.get(event.acted_for, posts[PELANGGAN])
            found[event.id] = f"{post}: {event.actor.name}"
    return found
