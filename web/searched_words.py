"""Words that somebody looks for, kept out of addresses: often they are a name or a telephone.

Addresses stay in histories, logs of proxies and links that are passed on. So a form is sent by
POST, its words stay in the cookie of who typed them, and the address names them by a short key.
"""

import hashlib
import re
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
# Before the key of words that a column filter looks for.
MARK = "~"
# The fields of a column filter by its number: which operator, and its choices, words and days.
FILTER_FIELD = re.compile(r"(op|v|w|d|e)-\d{1,3}")


def searched_words() -> str:
    """What this page is searched for; empty for nothing, or for words that are forgotten."""
    if key := text_argument(KEY):
        return session.get(KEY, {}).get(key, "")
    return text_argument(TYPED)


def typed_words(value: str) -> str:
    """What the value of a column filter stands for: words by their key, or itself."""
    return session.get(KEY, {}).get(value[1:], "") if value.startswith(MARK) else value


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
    """The fields of a search form as arguments, without its token and its destination."""
    plain = {
        name: value[:LONGEST]
        for name, value in request.form.items()
        if name not in ("csrf_token", "di", "bukan") and not FILTER_FIELD.fullmatch(name)
    }
    for name in request.form.getlist("bukan"):
        if plain.get(name):
            plain[name] = f"!{plain[name]}"
    return plain | _sent_filters()


def _sent_filters() -> dict[str, str]:
    """The column filters that were filled in, as Flask-Admin names them in an address.

    An operator that needs no value brings its own (`op-3` is `email_kosong=1`).
    """
    form, found = request.form, {}
    for field in [name for name in form if name.startswith("op-")]:
        place = field.removeprefix("op-")
        operator, _, value = form[field].partition("=")
        if not value:
            value = ",".join(one for one in form.getlist(f"v-{place}") if one)
        since, until = form.get(f"d-{place}", ""), form.get(f"e-{place}", "")
        if since or until:
            value = f"{since} to {until}"
        if words := form.get(f"w-{place}", "").replace("\x00", "").strip()[:LONGEST]:
            value = MARK + _keep(words)
        if value and FILTER_FIELD.fullmatch(field):
            found[f"flt{place}_{operator}"] = value[: 4 * LONGEST]
    return found


def _keep(words: str) -> str:
    key = hashlib.sha256(words.encode()).hexdigest()[:8]
    known = {one: said for one, said in session.get(KEY, {}).items() if one != key}
    session[KEY] = dict([*known.items(), (key, words)][-KEPT:])
    return key
