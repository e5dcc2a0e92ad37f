"""Words that somebody looks for, kept out of addresses: often they are a name or a telephone.

Addresses stay in histories, logs of proxies and links that are passed on. So a form is sent by
POST, its words stay in the cookie of who typed them, and the address names them by a short key.
"""

import hashlib
from collections.abc import Mapping
from urllib.parse import urlencode

from flask import g, request, session
from peewee import Field, ModelSelect

from search.lookup import Index
from search.similar import narrowed
from web.listing import text_argument

KEY, TYPED = "cari", "q"
LONGEST = 100
# So many searches of a person stay known: links and the way back of a few open tabs.
KEPT = 8


def searched_words() -> str:
    """What this page is searched for; empty for nothing, or for words that are forgotten."""
    if key := text_argument(KEY):
        return session.get(KEY, {}).get(key, "")
    return text_argument(TYPED)


def find_in(query: ModelSelect, words: str, columns: Mapping[Index, Field]) -> ModelSelect:
    """The rows of a list that match by one of these columns, or else those that are like it."""
    found, g.is_only_similar = narrowed(query, words, columns)
    return found


def is_only_similar() -> bool:
    """Whether a list of this page holds nothing that is exactly as it was typed."""
    return g.get("is_only_similar", False)


def are_words_forgotten() -> bool:
    """Whether the address names words that this person's cookie doesn't hold (any more)."""
    return bool(text_argument(KEY)) and not searched_words()


def no_words() -> dict[str, None]:
    """The arguments to take out of an address so that it is searched for nothing."""
    return {KEY: None, TYPED: None}


def address_of(path: str, arguments: dict[str, str]) -> str:
    """`path` with these arguments; words among them (`q`) are kept and named by their key."""
    named = {name: value for name, value in arguments.items() if value and name != TYPED}
    if words := arguments.get(TYPED, "").replace("\x00", "").strip()[:LONGEST]:
        named.pop(KEY, None)
        named[KEY] = _keep(words)
    return f"{path}?{urlencode(named)}" if named else path


def sent_form() -> dict[str, str]:
    """The fields of a search form, without its token and its destination."""
    return {
        name: value[:LONGEST]
        for name, value in request.form.items()
        if name not in ("csrf_token", "di")
    }


def _keep(words: str) -> str:
    key = hashlib.sha256(words.encode()).hexdigest()[:8]
    known = {one: said for one, said in session.get(KEY, {}).items() if one != key}
    session[KEY] = dict([*known.items(), (key, words)][-KEPT:])
    return key
