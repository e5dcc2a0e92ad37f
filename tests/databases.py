"""Further databases beside the one of a test, on its engine or on the other one."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from storage.database import database

_numbers = itertools.count(1)


@contextmanager
def empty_database(app, folder: Path, name: str) -> Iterator[str]:
    """A database of its own on the engine of the tests; afterwards theirs is open again."""
    ours, url = database.obj, app.extensions["melasti"].settings.database_url
    is_file = url.startswith("sqlite")
    url = f"sqlite:///{folder / name}.db" if is_file else made_on(url, name)
    try:
        yield url
    finally:
        database.close_all()
        database.initialize(ours)
        if not is_file:
            drop(url)


def made_on(server: str, name: str) -> str:
    """A new database on a Postgres; its URL."""
    name = f"{name}_{next(_numbers)}"
    _say(server, f'CREATE DATABASE "{name}"')
    return urlsplit(server)._replace(path=f"/{name}").geturl()


def drop(url: str) -> None:
    parts = urlsplit(url)
    server = parts._replace(path="/postgres").geturl()
    _say(server, f'DROP DATABASE "{parts.path[1:]}" WITH (FORCE)')


def _say(server: str, words: str) -> None:
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(words)
