"""Find requests by number, name, instansi, perihal and phone, however many there are.

The index is one row per request, kept by triggers of the migration in the same transaction as
whatever changed: an FTS5 table on SQLite, a `tsvector` with GIN on Postgres. The scope is the
caller's: a search only narrows a query of `Request`.

The walk of common words and the sample are only for speed: a common word takes 14 times as long
without the walk, and on Postgres 1.3 times without the sample (docs/adr/0011-speed.md).
"""

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from peewee import Expression, ModelSelect

from models import Request
from storage.database import database, is_sqlite
from storage.fast import ByIndex, keys

# Up to so many matches are fetched and then sorted and filtered like any other list.
ENOUGH = 1000
# Postgres looks at so many requests, at so many places, before it collects all that match.
SAMPLED, PLACES = 1000, 5
# Words are common when the sample speaks for so many times as many matches as are fetched.
CERTAINLY = 4
# And it walks no further than this to find a page of common words.
MOST_WALKED = 20_000
# A common word is looked through newest first, a thousand matches at a time, and so many times.
MOST_ROUNDS = 40
MOST_WORDS = 8
# Shorter words are looked up whole: half of all words begin with the same letter.
SHORTEST_PREFIX = 3
SHORTEST_PHONE = 5
# One that says by its beginning that it is a telephone may be shorter.
SHORTEST_DIALLED = 4
PHONE = re.compile(r"\+?[0-9 ().\-–]+")

# One token, and whether longer words that begin with it count too.
Token = tuple[str, bool]


@dataclass(frozen=True)
class Terms:
    """What was typed, as groups that must all match; each group offers alternatives."""

    groups: tuple[tuple[tuple[Token, ...], ...], ...]

    def __bool__(self) -> bool:
        return bool(self.groups)

    def expression(self) -> str:
        """The MATCH expression of FTS5, or the text of a tsquery. Tokens hold no signs."""
        if is_sqlite():
            word, both, either = (lambda t: f'"{t[0]}"{" *" if t[1] else ""}'), " AND ", " OR "
        else:
            word, both, either = (lambda t: f"'{t[0]}'{':*' if t[1] else ''}"), " & ", " | "
        return both.join(
            "(" + either.join("(" + both.join(map(word, way)) + ")" for way in group) + ")"
            for group in self.groups
        )


@dataclass(frozen=True)
class Found:
    """A narrowed query; `is_dense` when so much matches that only the newest can be walked.

    `share` is the part of all requests that match, 0.0 where it isn't known. `by_ids` narrows any
    other query in the same way; none where only this one was looked through.
    """

    query: ModelSelect
    is_dense: bool = False
    terms: Terms = Terms(())
    share: float = 0.0
    by_ids: Expression | None = None


def read_terms(text: str) -> Terms:
    """Words are looked up by their beginnings, numbers and phones as a whole as well."""
    groups = []
    digits = "".join(letter for letter in text if letter.isdigit())
    is_dialled = text.strip().startswith(("0", "+"))
    shortest = SHORTEST_DIALLED if is_dialled else SHORTEST_PHONE
    if PHONE.fullmatch(text.strip()) and len(digits) >= shortest:
        groups.append(tuple(ways_of_phone(digits, pieces_of(text))))
    else:
        for word in text.split()[:MOST_WORDS]:
            if pieces := pieces_of(word):
                groups.append(_ways_of_word(pieces, is_number="/" in word))
    return Terms(tuple(groups))


def category_term(code: str) -> Terms:
    """The hidden token of a kind of institution, see the view `request_words`."""
    return Terms((((("qq" + code.replace("_", ""), False),),),))


def pieces_of(text: str) -> list[str]:
    """Letters and digits in runs, folded as the index folds them."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    pieces = "".join(letter if letter.isalnum() else " " for letter in plain).split()
    return pieces[:MOST_WORDS]


def _token(piece: str) -> Token:
    return piece[:60], len(piece) >= SHORTEST_PREFIX


def _ways_of_word(pieces: list[str], *, is_number: bool) -> tuple[tuple[Token, ...], ...]:
    """`48/L.Data` is the beginning of a number; everything else is its words.

    The words of one number stand in others too, in another order.
    """
    words = tuple(_token(piece) for piece in pieces)
    joined = "".join(pieces)
    if len(pieces) > 1 and pieces[0].isdecimal() and not joined.isdecimal():
        whole = (_token(joined),)
        return (whole,) if is_number and len(pieces) > 2 else (whole, words)
    return (words,)


def ways_of_phone(digits: str, pieces: list[str]) -> list[tuple[Token, ...]]:
    """Local (`0812…`), international (`62812…`) or bare; or simply figures of the subject."""
    local = digits.removeprefix("0")
    return [((local, True),), tuple(_token(piece) for piece in pieces)]


# -- looking up ----------------------------------------------------------------------------------


def find(query: ModelSelect, text: str, *, category: str = "") -> Found:
    """Narrow by what was typed and by a kind of institution, see `narrow`."""
    terms = read_terms(text)
    has_signs_only = text and not terms
    if has_signs_only:
        # Nothing but signs: not in the index, and too rare to build another one for.
        query = query.where(Request.subject.contains(text))
    if category:
        terms = Terms(terms.groups + category_term(category).groups)
    found = narrow(query, terms) if terms else Found(query)
    return replace(found, by_ids=None) if has_signs_only else found


def narrow(query: ModelSelect, terms: Terms) -> Found:
    """Narrow a query of Request to what matches. At most three small queries.

    Few matches, or a small scope, give an exact query that can be sorted by anything. When both
    are large the answer is dense: `newest` walks it.
    """
    matched, share = _some_matches(terms)
    if not share and len(matched) <= ENOUGH:
        by_ids = Request.id.in_(keys(matched))
        return Found(query.where(by_ids), terms=terms, by_ids=by_ids)
    scope = query.clone().select(Request.id).order_by().limit(ENOUGH + 1)
    inside = [key for (key,) in scope.tuples()]
    if len(inside) <= ENOUGH:
        return Found(query.where(Request.id.in_(keys(_matches(terms, among=inside)))), terms=terms)
    return Found(query, is_dense=True, terms=terms, share=share)


def _some_matches(terms: Terms) -> tuple[list[int], float]:
    """Ids of up to ENOUGH + 1 matching requests, whichever, or the share that match. One query.

    GIN collects every match before it gives the first, a million for a word of all requests. So
    Postgres asks it only when a sample doesn't say already that there are more than enough.
    """
    if is_sqlite():
        return _matches(terms, limit=ENOUGH + 1), 0.0
    sql = """
        WITH sample AS MATERIALIZED (
            SELECT COUNT(*) AS looked, COUNT(*) FILTER (WHERE words @@ %s::tsquery) AS hits,
                   MAX(top) AS top
            FROM (SELECT MAX(request_id) AS top FROM request_search) AS reach,
                 generate_series(0, %s - 1) AS place,
                 LATERAL (
                     SELECT words FROM request_search WHERE request_id <= top - top * place / %s
                     ORDER BY request_id DESC LIMIT %s
                 ) AS near
        )
        SELECT 0, hits, looked, hits * top >= %s * looked FROM sample
        UNION ALL
        SELECT * FROM (
            SELECT request_id, 0, 0, false FROM request_search
            WHERE words @@ %s::tsquery AND (SELECT hits * top < %s * looked FROM sample) LIMIT %s
        ) AS matched"""
    words, many = terms.expression(), CERTAINLY * ENOUGH
    values = [words, PLACES, PLACES, SAMPLED, many, words, many, ENOUGH + 1]
    [(_, hits, looked, is_common), *matched] = database.execute_sql(sql, values).fetchall()
    return [row[0] for row in matched], hits / looked if is_common else 0.0


def newest(
    found: Found,
    shown: ModelSelect,
    *,
    limit: int,
    beyond: int | None = None,
    backwards: bool = False,
) -> list[Request]:
    """Rows of a dense answer by id, newest first, below `beyond`, with what `shown` selects.

    `backwards` gives the rows above `beyond`, oldest first.
    """
    rows: list[Request] = []
    order = Request.id if backwards else Request.id.desc()
    # Where a word is common and the scope is wide, a short first look is enough.
    size = min(5 * limit, ENOUGH)
    for _ in range(MOST_ROUNDS):
        ids = _next_matches(found, limit=size, beyond=beyond, backwards=backwards)
        if ids:
            # By their ids: SQLite would rather walk every row that another condition finds.
            inside = found.query.select(Request.id).from_(ByIndex(Request))
            inside = inside.where(Request.id.in_(keys(ids)))
            chunk = shown.where(Request.id.in_(inside)).order_by(order)
            rows.extend(chunk.limit(limit - len(rows)))
        if len(ids) < size or len(rows) >= limit:
            break
        beyond, size = ids[-1], ENOUGH
    return rows


def _next_matches(found: Found, *, limit: int, beyond: int | None, backwards: bool) -> list[int]:
    """Ids of what matches, in order. One query, or two where the share misled.

    Through the index Postgres would collect all matches of common words for a page of them.
    """
    walked = math.ceil(1.5 * limit / found.share) if found.share else 0
    if 0 < walked <= MOST_WALKED:
        ids = _walk(found.terms, walked, limit=limit, beyond=beyond, backwards=backwards)
        if len(ids) == limit:
            return ids
    return _matches(found.terms, limit=limit, beyond=beyond, backwards=backwards, in_order=True)


def _walk(terms: Terms, most: int, *, limit: int, beyond: int | None, backwards: bool) -> list[int]:
    """Ids of what matches among the next `most` requests, in order; on Postgres. One query."""
    way = "ASC" if backwards else "DESC"
    where = f"WHERE request_id {'>' if backwards else '<'} %s" if beyond is not None else ""
    sql = f"""
        SELECT request_id FROM (
            SELECT request_id, words FROM request_search {where}
            ORDER BY request_id {way} LIMIT %s
        ) AS near
        WHERE words @@ %s::tsquery ORDER BY request_id {way} LIMIT %s"""
    values = [*([beyond] if where else []), most, terms.expression(), limit]
    return [key for (key,) in database.execute_sql(sql, values).fetchall()]


def _matches(
    terms: Terms,
    *,
    limit: int = ENOUGH,
    among: Sequence[int] | None = None,
    beyond: int | None = None,
    backwards: bool = False,
    in_order: bool = False,
) -> list[int]:
    """Ids of matching requests, with `in_order` the newest first. One query.

    Asked for an order without need, Postgres would walk all requests for a rare word.
    """
    values: list[object] = [terms.expression()]
    few = keys(among or ())
    if is_sqlite():
        mark, key, table, where = "?", "rowid", '"request_search"', '"request_search" MATCH ?'
        if among is not None:
            where += f" AND rowid IN {few.sql}"
            values += few.params
    else:
        mark, key, table = "%s", "request_id", '"request_search"'
        where = '"words" @@ %s::tsquery'
        if among is not None:
            # The OFFSET keeps the planner from collecting all matches before it takes the few.
            table = f"(SELECT * FROM {table} WHERE request_id IN {few.sql} OFFSET 0) AS few"
            values = [*few.params, *values]
    if beyond is not None:
        where += f" AND {key} {'>' if backwards else '<'} {mark}"
        values.append(beyond)
    way = "ASC" if backwards else "DESC"
    order = f"ORDER BY {key} {way} " if in_order else ""
    sql = f"SELECT {key} FROM {table} WHERE {where} {order}LIMIT {mark}"
    return [key for (key,) in database.execute_sql(sql, [*values, limit]).fetchall()]


def rebuild() -> int:
    """Write the whole index anew from the rows; return the number of requests. Writes."""
    with database.atomic():
        if is_sqlite():
            run = database.execute_sql
            run("""INSERT INTO "request_search" ("request_search") VALUES ('delete-all')""")
            run(
                'INSERT INTO "request_search" ("rowid", "words") '
                'SELECT "id", "words" FROM "request_words"'
            )
            run("""INSERT INTO "request_search" ("request_search") VALUES ('optimize')""")
        else:
            database.execute_sql('TRUNCATE "request_search"')
            database.execute_sql(
                'INSERT INTO "request_search" ("request_id", "words") '
                'SELECT "id", array_to_tsvector(melasti_words("words")) FROM "request_words"'
            )
    return Request.select().count()
