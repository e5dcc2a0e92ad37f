"""Rows by the hundred thousand, written straight into the tables.

They look like what the workflow leaves behind, as far as lists, search and card read it: every
hundredth request is open, at one of several desks; customers, words and numbers vary.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from importlib import import_module
from itertools import islice

from peewee import Model, fn

from models import Event, Message, NumberCounter, Request, User
from rules.formats import ZONE
from rules.numbering import format_number, normalise_number, wita_year
from storage.database import database, is_sqlite

CHUNK = 2000
OPEN_EVERY = 100
SUBJECTS = ("gelombang", "abrasi", "pasang surut", "batimetri", "sedimen", "tembok laut",
            "pemecah gelombang", "garis pantai")  # fmt: skip
PLACES = ("Kuta", "Sanur", "Candidasa", "Lovina", "Amed", "Jimbaran", "Soka", "Lebih")
WAITING = ("admin_layanan", "kepala_balai", "kasubag_tu", "ketua_tim")
STAGES = ("TERIMA_ADMIN", "DISPOSISI_KABALAI", "DISPOSISI_KASUBAG", "TUNJUK_PEMANGKU")


def seed(offer, count: int, *, customers: int, now: datetime) -> None:
    """Write `count` requests of `customers` people, two events and a message each.

    There must be no requests yet.
    """
    write(User, (_person(n, now) for n in range(customers)))
    rows = User.select(User.id).where(User.fs_uniquifier.startswith("bench-"))
    people = [key for (key,) in rows.order_by(User.id).tuples()]
    assert not Request.select().exists()
    with in_bulk():
        write(Request, (_request(offer, people, n, now) for n in range(count)))
        first = Request.select(fn.MIN(Request.id)).scalar()
        write(Event, _events(offer, count, first, now))
        write(Message, (_message(people, n, first, now) for n in range(count)))
    # The next number is one that nobody has.
    NumberCounter.insert(service_code=offer.flow.code, year=wita_year(now), last=count).execute()
    # As in production: Postgres looks after its statistics by itself, SQLite has none.
    if not is_sqlite():
        database.execute_sql("ANALYZE")


# What the migrations fill their tables with from requests that are there already.
_search = import_module("storage.migrations.0033_search")
_figures = import_module("storage.migrations.0014_figures")
# People are written one by one, and their index by the triggers.
FILLS_SQLITE = (*_search.FILL_SQLITE[::2], *_figures.FILL)
FILLS_POSTGRES = (*_search.FILL_POSTGRES[::2], *_figures.FILL)
BULKY = [model._meta.table_name for model in (Request, Event, Message)]


@contextmanager
def in_bulk() -> Iterator[None]:
    """Without the indexes and triggers of the big tables; they come back at the end.

    Kept up row by row they would take ten times as long.
    """
    yield from _in_bulk_on_sqlite() if is_sqlite() else _in_bulk_on_postgres()


def _in_bulk_on_sqlite() -> Iterator[None]:
    marks = ", ".join("?" * len(BULKY))
    made = database.execute_sql(
        "SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') "
        f"AND sql IS NOT NULL AND tbl_name IN ({marks}) ORDER BY type",
        BULKY,
    ).fetchall()
    database.execute_sql("PRAGMA synchronous = off")
    for kind, name, _ in made:
        database.execute_sql(f'DROP {kind} "{name}"')
    yield
    with database.atomic():
        for sql in FILLS_SQLITE:
            database.execute_sql(sql)
        for _, _, sql in made:
            database.execute_sql(sql)
    database.execute_sql("PRAGMA synchronous = full")


def _in_bulk_on_postgres() -> Iterator[None]:
    tables = [*BULKY, "request_search"]
    made = database.execute_sql(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) "
        "AND indexname NOT IN (SELECT conname FROM pg_constraint)",
        [tables],
    ).fetchall()
    for name, _ in made:
        database.execute_sql(f'DROP INDEX "{name}"')
    for table in BULKY:
        database.execute_sql(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
    yield
    database.execute_sql("SET maintenance_work_mem = '256MB'")
    for sql in (*FILLS_POSTGRES, *(sql for _, sql in made)):
        database.execute_sql(sql)
    for table in BULKY:
        database.execute_sql(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')


def write(model: type[Model], rows: Iterator[dict[str, object]]) -> None:
    """Insert rows by the driver's own fastest way, a commit for each chunk."""
    for chunk in iter(lambda: list(islice(rows, CHUNK)), []):
        given = [model._meta.fields[name] for name in chunk[0]]
        usual = [field for field in model._meta.sorted_fields
                 if field.default is not None and field.name not in chunk[0]]  # fmt: skip
        makers = [field.default if callable(field.default) else None for field in usual]
        fixed = [field.db_value(None if make else field.default)
                 for field, make in zip(usual, makers, strict=True)]  # fmt: skip
        values = (
            [field.db_value(row[field.name]) for field in given]
            + [field.db_value(make()) if make else value
               for field, make, value in zip(usual, makers, fixed, strict=True)]
            for row in chunk
        )  # fmt: skip
        names = ", ".join(f'"{field.column_name}"' for field in (*given, *usual))
        into = f'"{model._meta.table_name}" ({names})'
        with database.atomic():
            if is_sqlite():
                marks = ", ".join("?" * (len(given) + len(usual)))
                database.cursor().executemany(f"INSERT INTO {into} VALUES ({marks})", values)
            else:
                with database.cursor().copy(f"COPY {into} FROM STDIN") as copy:
                    for row in values:
                        copy.write_row(row)


def _person(n: int, now: datetime) -> dict[str, object]:
    return {
        "email": f"bench{n}@contoh.test",
        "fs_uniquifier": f"bench-{n}",
        "name": f"Pelanggan {_word(n)} {n}",
        "institution_category": ("swasta", "perguruan_tinggi")[n % 2],
        "institution_name": f"Instansi {_word(n // 7)}",
        "phone": f"+6281{n:09d}",
        "email_confirmed_at": now,
        "phone_confirmed_at": now,
        "created_at": now,
    }


def _word(number: int) -> str:
    """A pronounceable word; ten thousand different ones."""
    number = number * 7919 % 10_000
    letters = []
    for _ in range(4):
        number, digit = divmod(number, 10)
        letters.append(("ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu")[digit])
    return "".join(letters)


def _request(offer, people: list[int], n: int, now: datetime) -> dict[str, object]:
    is_open = n % OPEN_EVERY == 0
    desk = n // OPEN_EVERY % len(WAITING)
    filed_at = now - timedelta(seconds=n * 30)
    number = None if is_open and desk == 0 else format_number(n, "L.Data", filed_at)
    return {
        "idempotency_key": f"B{n}",
        "customer": people[n * 31 % len(people)],
        "flow": offer.version_id,
        "service_code": offer.flow.code,
        "subclass_code": offer.flow.subclasses[0].code,
        "subject": f"Data {SUBJECTS[n % 8]} Pantai {PLACES[n // 8 % 8]} {_word(n)}",
        "description": "Uraian permohonan untuk pengukuran.",
        "statement_version": "2024-1",
        "number": number,
        "number_key": number and normalise_number(number),
        "status": ("waiting_verification" if desk == 0 else "in_process") if is_open else "done",
        "stage_code": STAGES[desk] if is_open else offer.flow.stages[-1].code,
        "waiting_role": WAITING[desk] if is_open else "",
        "submitted_at": filed_at,
        "submitted_month": filed_at.astimezone(ZONE).strftime("%Y-%m"),
        "stage_entered_at": filed_at,
        "stage_due_at": filed_at + timedelta(days=1),
        "due_at": filed_at + timedelta(days=3),
        "office_done_at": None if is_open else filed_at + timedelta(days=2 + n % 3),
        "office_days": None if is_open else 2.0 + n % 3,
        "closed_at": None if is_open else filed_at + timedelta(days=4),
    }


def _message(people: list[int], n: int, first: int, now: datetime) -> dict[str, object]:
    """One that arrived."""
    at = now - timedelta(seconds=n * 30)
    return {
        "dedupe_key": f"bench-{n}",
        "template": "permohonan_diterima",
        "request": first + n,
        "recipient": people[n * 31 % len(people)],
        "channel": "whatsapp",
        "address": f"+6281{n:09d}",
        "state": "delivered",
        "state_at": at,
        "created_at": at,
        "next_attempt_at": at,
        "sent_at": at,
        "provider_id": f"bench-{n}",
    }


def _events(offer, count: int, first: int, now: datetime) -> Iterator[dict[str, object]]:
    """Two links of each chain; the hashes are not real, which `audit` would notice."""
    for n in range(count):
        filed_at = now - timedelta(seconds=n * 30)
        for seq, (kind, stage) in enumerate(
            (("submitted", "PENGAJUAN"), ("stage_completed", "TERIMA_ADMIN")), start=1
        ):
            yield {
                "stream": f"request:bench-{n}",
                "seq": seq,
                "kind": kind,
                "request": first + n,
                "stage_code": stage,
                "at": filed_at + timedelta(hours=seq),
                "prev_hash": "",
                "hash": "0" * 64,
            }
