"""Look up what people type, however many rows there are.

An index has one row per request or person, kept by triggers of the migration in the same
transaction as whatever changed: an FTS5 table on SQLite, a `tsvector` with GIN on Postgres. The
scope is the caller's: a search only narrows a query.

The walk of common words and the sample are only for speed: a common word takes 14 times as long
without the walk, and on Postgres 1.3 times without the sample (docs/adr/0011-speed.md).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from peewee import SQL, Expression, Field, Model, ModelSelect

from models import Request, User
from rules.search_terms import Terms, Word
from storage.database import database, is_sqlite
from storage.fast import ByIndex, keys

# Up to so many matches are fetched and then sorted and filtered like any other list.
ENOUGH = 1000
# Postgres looks at so many rows, at so many places, before it collects all that match.
SAMPLED, PLACES = 1000, 5
# Words are common when the sample speaks for so many times as many matches as are fetched.
CERTAINLY = 4
# And it walks no further than this to find a page of common words.
MOST_WALKED = 20_000
# A common word is looked through newest first, a thousand matches at a time, and so many times.
MOST_ROUNDS = 40


@dataclass(frozen=True)
class Index:
    """The words of a table's rows; beside `table` there is a view of the words as they stand."""

    model: type[Model]
    table: str
    key: str
    view: str
    # Where signs are looked for, which are no words.
    said: Field


REQUESTS = Index(Request, "request_search", "request_id", "request_words", Request.subject)
PEOPLE = Index(User, "user_search", "user_id", "user_words", User.name)


@dataclass(frozen=True)
class Found:
    """A narrowed query; `is_dense` when so much matches that only the newest can be walked.

    `share` is the part of all rows that match, 0.0 where it isn't known. `by_ids` narrows any
    other query in the same way; none where only this one was looked through.
    """

    query: ModelSelect
    is_dense: bool = False
    terms: Terms = Terms()
    share: float = 0.0
    by_ids: Expression | None = None


def narrow(query: ModelSelect, terms: Terms) -> Found:
    """Narrow a query of Request to what matches. At most three small queries.

    Few matches, or a small scope, give an exact query that can be sorted by anything. When both
    are large the answer is dense: `newest` walks it.
    """
    condition, share, is_of_all = _condition(REQUESTS, Request.id, query, terms)
    if condition is None:
        return Found(query, is_dense=True, terms=terms, share=share)
    by_ids = condition if is_of_all else None
    return Found(query.where(condition), terms=terms, by_ids=by_ids)


def matching(
    index: Index, column: Field, query: ModelSelect, terms: Terms
) -> tuple[Expression, bool]:
    """Condition: `column` of the query's rows is a key that matches; and whether so much does that
    it needn't be asked whether any does. At most two small queries."""
    condition, _, _ = _condition(index, column, query, terms)
    if condition is None:
        return column.in_(SQL(f"({_all_matches(index)})", [expression(terms)])), True
    return condition, False


def _condition(
    index: Index, column: Field, query: ModelSelect, terms: Terms
) -> tuple[Expression | None, float, bool]:
    """What narrows, the share of all rows, and whether it narrows other queries too.

    None when both the matches and the rows of the query are more than enough.
    """
    if not terms:
        # Too rare to build another index for.
        said = index.model.select(index.model.id).where(index.said.contains(terms.signs))
        return column.in_(said), 0.0, False
    matched, share = _some_matches(index, terms)
    if not share and len(matched) <= ENOUGH:
        return column.in_(keys(matched)), share, True
    scope = query.clone().select(column).order_by().limit(ENOUGH + 1)
    inside = [key for (key,) in scope.tuples() if key is not None]
    if len(inside) <= ENOUGH:
        return column.in_(keys(_matches(index, terms, among=inside))), share, False
    return None, share, False


def expression(terms: Terms) -> str:
    """The MATCH expression of FTS5, or the text of a tsquery. Words hold no signs."""
    both, either = (" AND ", " OR ") if is_sqlite() else (" & ", " | ")
    return both.join(
        "(" + either.join("(" + both.join(map(_quoted, way)) + ")" for way in group) + ")"
        for group in terms.groups
    )


def _quoted(word: Word) -> str:
    letters, is_beginning = word
    if is_sqlite():
        return f'"{letters}"{" *" if is_beginning else ""}'
    return f"'{letters}'{':*' if is_beginning else ''}"


def _some_matches(index: Index, terms: Terms) -> tuple[list[int], float]:
    """Keys of up to ENOUGH + 1 matching rows, whichever, or the share that match. One query.

    GIN collects every match before it gives the first, a million for a word of all requests. So
    Postgres asks it only when a sample doesn't say already that there are more than enough. Without
    MATERIALIZED it would know of the LIMIT, take the beginning of a word for many rows, and read
    the whole table for the few there are.
    """
    if is_sqlite():
        return _matches(index, terms, limit=ENOUGH + 1), 0.0
    sql = f"""
        WITH sample AS MATERIALIZED (
            SELECT COUNT(*) AS looked, COUNT(*) FILTER (WHERE words @@ %s::tsquery) AS hits,
                   MAX(top) AS top
            FROM (SELECT MAX({index.key}) AS top FROM {index.table}) AS reach,
                 generate_series(0, %s - 1) AS place,
                 LATERAL (
                     SELECT words FROM {index.table} WHERE {index.key} <= top - top * place / %s
                     ORDER BY {index.key} DESC LIMIT %s
                 ) AS near
        ), matched AS MATERIALIZED (
            SELECT {index.key} FROM {index.table}
            WHERE words @@ %s::tsquery AND (SELECT hits * top < %s * looked FROM sample)
        )
        SELECT 0, hits, looked, hits * top >= %s * looked FROM sample
        UNION ALL
        SELECT * FROM (SELECT {index.key}, 0, 0, false FROM matched LIMIT %s) AS few"""
    words, many = expression(terms), CERTAINLY * ENOUGH
    values = [words, PLACES, PLACES, SAMPLED, words, many, many, ENOUGH + 1]
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
    if not found.share and not is_sqlite():
        return _collected(found.terms, limit=limit, beyond=beyond, backwards=backwards)
    return _matches(
        REQUESTS, found.terms, limit=limit, beyond=beyond, backwards=backwards, in_order=True
    )


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
    values = [*([beyond] if where else []), most, expression(terms), limit]
    return [key for (key,) in database.execute_sql(sql, values).fetchall()]


def _collected(terms: Terms, *, limit: int, beyond: int | None, backwards: bool) -> list[int]:
    """Ids of what matches, in order; on Postgres, of some thousands that the sample missed.

    All of them by the index, then sorted: in the order of the keys most rows would be walked past.
    """
    way = "ASC" if backwards else "DESC"
    where = f"WHERE request_id {'>' if backwards else '<'} %s" if beyond is not None else ""
    sql = f"""
        WITH matched AS MATERIALIZED ({_all_matches(REQUESTS)})
        SELECT request_id FROM matched {where} ORDER BY request_id {way} LIMIT %s"""
    values = [expression(terms), *([beyond] if where else []), limit]
    return [key for (key,) in database.execute_sql(sql, values).fetchall()]


def _all_matches(index: Index) -> str:
    if is_sqlite():
        return f'SELECT rowid FROM "{index.table}" WHERE "{index.table}" MATCH ?'
    return f'SELECT "{index.key}" FROM "{index.table}" WHERE "words" @@ %s::tsquery'


def _matches(
    index: Index,
    terms: Terms,
    *,
    limit: int = ENOUGH,
    among: Sequence[int] | None = None,
    beyond: int | None = None,
    backwards: bool = False,
    in_order: bool = False,
) -> list[int]:
    """Keys of matching rows, with `in_order` the newest first. One query.

    Asked for an order without need, Postgres would walk all rows for a rare word.
    """
    values: list[object] = [expression(terms)]
    few = keys(among or ())
    if is_sqlite():
        mark, key = "?", "rowid"
        sql = _all_matches(index)
        if among is not None:
            sql += f" AND rowid IN {few.sql}"
            values += few.params
    else:
        mark, key = "%s", index.key
        sql = _all_matches(index)
        if among is not None:
            # The OFFSET keeps the planner from collecting all matches before it takes the few.
            inside = f'(SELECT * FROM "{index.table}" WHERE {key} IN {few.sql} OFFSET 0) AS few'
            sql = sql.replace(f'"{index.table}"', inside)
            values = [*few.params, *values]
    if beyond is not None:
        sql += f" AND {key} {'>' if backwards else '<'} {mark}"
        values.append(beyond)
    if in_order:
        sql += f" ORDER BY {key} {'ASC' if backwards else 'DESC'}"
    return [
        key for (key,) in database.execute_sql(f"{sql} LIMIT {mark}", [*values, limit]).fetchall()
    ]


# What the vocabulary is learnt from.
SPOKEN = """(SELECT "subject" AS "words" FROM "request"
    UNION ALL SELECT "name" || ' ' || "institution_name" FROM "user") AS "said" """


def rebuild() -> int:
    """Write indexes and vocabulary anew from the rows; return the number of requests. Writes."""
    run = database.execute_sql
    with database.atomic():
        for index in (REQUESTS, PEOPLE):
            table, view = index.table, index.view
            if is_sqlite():
                run(f"""INSERT INTO "{table}" ("{table}") VALUES ('delete-all')""")
                run(
                    f'INSERT INTO "{table}" ("rowid", "words") '
                    f'SELECT "id", melasti_words("words") FROM "{view}"'
                )
                run(f"""INSERT INTO "{table}" ("{table}") VALUES ('optimize')""")
            else:
                run(f'TRUNCATE "{table}"')
                run(
                    f'INSERT INTO "{table}" ("{index.key}", "words") '
                    f'SELECT "id", array_to_tsvector(melasti_words("words")) FROM "{view}"'
                )
        run('DELETE FROM "search_word"')
        if is_sqlite():
            run("""INSERT INTO "search_gram" ("search_gram") VALUES ('delete-all')""")
            run(
                'INSERT INTO "search_word" ("word") SELECT DISTINCT "value" '
                f'FROM {SPOKEN}, json_each(melasti_vocabulary("words"))'
            )
        else:
            run(f'SELECT COUNT(melasti_learn("words")) FROM {SPOKEN}')
    return Request.select().count()
