"""What is looked for in lists, and what is like it where nothing is exactly so.

A misspelt word is compared with the words that there are, not with the rows: these are few, and
rows are then found by the index again.
"""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import reduce
from operator import or_

from peewee import Field, ModelSelect

from rules.search_terms import Terms, Way, is_spoken, parts_of, read_terms
from search.lookup import Index, matching
from storage.database import database, is_sqlite

# So many words share most trigrams with a misspelt one; so many of these are close enough.
CANDIDATES, CLOSEST = 60, 6
# How alike (difflib): one letter of four may differ, two of eight.
ALIKE = 0.74
# Shorter words (`dr`, `pak`) may be missing, and are like too many others.
SHORTEST = 4
SHORTEST_HALF = 3


def narrowed(
    query: ModelSelect, text: str, columns: Mapping[Index, Field]
) -> tuple[ModelSelect, bool]:
    """The rows that match by one of these columns; and whether they are only like what was typed.

    A few small queries, and a few more when nothing is exact. The scope is the query's.
    """
    exact, is_found = _narrowed(query, read_terms(text), columns)
    if not is_found and (terms := similar_terms(text)):
        similar, is_found = _narrowed(query, terms, columns)
        if is_found:
            return similar, True
    return exact, False


def _narrowed(
    query: ModelSelect, terms: Terms, columns: Mapping[Index, Field]
) -> tuple[ModelSelect, bool]:
    """The rows, and whether there are any."""
    found = [matching(index, column, query, terms) for index, column in columns.items()]
    narrow = query.where(reduce(or_, (condition for condition, _ in found)))
    return narrow, any(is_much for _, is_much in found) or narrow.order_by().exists()


def similar_terms(text: str) -> Terms:
    """What was typed, and beside each word those like it; nothing when that says no more.

    The shortest words are left out: people add titles and ways of address.
    """
    parts = parts_of(text)
    words = ["".join(part) for part in parts]
    spoken = [word for word in words if is_spoken(word) and len(word) >= SHORTEST]
    like = {word: _ways_like(word) for word in spoken}
    groups = list(zip(words, read_terms(text).groups, strict=True))
    kept = [
        (*group, *(way for way in like.get(word, ()) if way not in group))
        for word, group in groups
        if word in like or not is_spoken(word)
    ]
    is_other = any(like.values()) or (like and len(kept) < len(groups))
    return Terms(tuple(kept)) if is_other else Terms()


def _ways_like(word: str) -> list[Way]:
    """Single words, and two that were written as one."""
    close = get_close_matches(word, _candidates(word), n=CLOSEST, cutoff=ALIKE)
    halves = [
        (word[:place], word[place:])
        for place in range(SHORTEST_HALF, len(word) - SHORTEST_HALF + 1)
    ]
    known = _known({half for pair in halves for half in pair})
    return [
        *(((other, False),) for other in close if other != word),
        *(((one, False), (two, False)) for one, two in halves if {one, two} <= known),
    ]


def _candidates(word: str) -> list[str]:
    """Words of the vocabulary that share most trigrams with this one. One query."""
    padded = f"  {word} "
    grams = list({padded[place : place + 3] for place in range(len(padded) - 2)})
    if is_sqlite():
        sql = """SELECT word FROM search_word WHERE id IN (
            SELECT rowid FROM search_gram WHERE search_gram MATCH ? ORDER BY rank LIMIT ?)"""
        values: list[object] = [" OR ".join(f'"{gram}"' for gram in grams), CANDIDATES]
    else:
        sql = """SELECT word FROM search_word WHERE grams && %s ORDER BY (
            SELECT COUNT(*) FROM unnest(grams) AS gram WHERE gram = ANY(%s)
        ) DESC, abs(length(word) - %s) LIMIT %s"""
        values = [grams, grams, len(word), CANDIDATES]
    return list(dict.fromkeys(row[0] for row in database.execute_sql(sql, values).fetchall()))


def _known(words: Iterable[str]) -> set[str]:
    """Those of the vocabulary. One query, none for none."""
    given = sorted(words)
    if not given:
        return set()
    marks = ", ".join([database.param] * len(given))
    sql = f"SELECT word FROM search_word WHERE word IN ({marks})"
    return {word for (word,) in database.execute_sql(sql, given).fetchall()}
