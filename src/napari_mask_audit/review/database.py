"""Connections to the review database.

SQLite is set up so that a verdict that was acknowledged survives a kill and a power cut: a
write-ahead log with ``synchronous=FULL`` (https://sqlite.org/pragma.html#pragma_synchronous).
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import StaticPool

from napari_mask_audit.errors import MissingExtraError, StoreError

#: How long a writer waits for another one before it gives up.
BUSY_TIMEOUT_S = 10.0
CONNECT_TIMEOUT_S = 5


def store_url(where: str | Path) -> URL:
    """The URL of a store given as a path or as a SQLAlchemy URL.

    Parameters
    ----------
    where : str or pathlib.Path
        ``reviews.sqlite``, ``sqlite:///reviews.sqlite``, ``postgresql://user@host/db``, …

    Raises
    ------
    StoreError
        ``store-url`` if the URL cannot be read.

    Examples
    --------
    >>> store_url("postgresql://ann@db.example/reviews").drivername
    'postgresql+psycopg'
    """
    if isinstance(where, Path) or "://" not in where:
        return URL.create("sqlite", database=str(where))
    try:
        url = make_url(where)
    except (ArgumentError, ValueError) as error:
        raise StoreError(
            "store-url",
            "expected a path or a URL such as postgresql://user@host/database, "
            "got a URL that cannot be read",
        ) from error
    if url.drivername in {"postgresql", "postgres"}:
        url = url.set(drivername="postgresql+psycopg")
    return url


def is_sqlite(url: URL) -> bool:
    """Whether the store is a SQLite file."""
    return url.get_backend_name() == "sqlite"


def sqlite_file(url: URL) -> Path | None:
    """The file of a SQLite store; None for a server or a store in memory."""
    if not is_sqlite(url) or url.database in {None, "", ":memory:"}:
        return None
    return Path(str(url.database))


def spoken(url: URL) -> str:
    """The store's name for messages; a password is hidden."""
    file = sqlite_file(url)
    return str(file) if file is not None else url.render_as_string(hide_password=True)


def make_engine(url: URL, *, read_only: bool = False) -> Engine:
    """An engine whose transactions start and wait as this store needs.

    Raises
    ------
    StoreError
        ``store-url`` if no such database is known.
    MissingExtraError
        ``extra-postgres`` if the driver for PostgreSQL is not installed.
    """
    try:
        if is_sqlite(url):
            return _sqlite_engine(url, read_only=read_only)
        return _server_engine(url)
    except NoSuchModuleError as error:
        raise StoreError(
            "store-url",
            f"no database of the kind {url.drivername!r} is known; "
            "use a file or postgresql://user@host/database",
        ) from error
    except ImportError as error:
        if url.get_backend_name() != "postgresql":
            raise StoreError(
                "store-url",
                f"the driver for {url.drivername!r} is not installed ({error}); install it, or "
                "use a file or postgresql://user@host/database",
            ) from error
        raise MissingExtraError(
            "extra-postgres",
            "a review store on PostgreSQL needs a driver that is not installed; "
            'run: pip install "napari-mask-audit[postgres]"',
        ) from error


def _server_engine(url: URL) -> Engine:
    arguments: dict[str, Any] = {}
    if url.drivername == "postgresql+psycopg" and "connect_timeout" not in url.query:
        arguments["connect_timeout"] = CONNECT_TIMEOUT_S
    engine = create_engine(url, pool_pre_ping=True, connect_args=arguments)
    if engine.dialect.name == "postgresql":

        @event.listens_for(engine, "connect")
        def set_up(connection: Any, _record: object) -> None:
            with connection.cursor() as cursor:
                cursor.execute(f"SET lock_timeout = {int(BUSY_TIMEOUT_S * 1000)}")
                cursor.execute(f"SET statement_timeout = {int(3 * BUSY_TIMEOUT_S * 1000)}")
            connection.commit()

    return engine


def _sqlite_engine(url: URL, *, read_only: bool) -> Engine:
    file = sqlite_file(url)
    arguments: dict[str, Any] = {"timeout": BUSY_TIMEOUT_S}
    if file is None:
        arguments["check_same_thread"] = False
        engine = create_engine(url, connect_args=arguments, poolclass=StaticPool)
    else:
        # Opened through a URI of our own making: SQLAlchemy would not quote ? and # in a path.
        target = file.absolute().as_uri() + ("?mode=ro" if read_only else "?mode=rwc")
        if read_only and _needs_immutable(file):
            target += "&immutable=1"
        engine = create_engine(
            url,
            creator=lambda: sqlite3.connect(
                target, uri=True, check_same_thread=False, timeout=BUSY_TIMEOUT_S
            ),
        )

    @event.listens_for(engine, "connect")
    def set_up(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA synchronous=FULL")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer takes the lock at once: a reader that becomes a writer half-way fails at once
        # when another has written in between, however long the timeout is.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _needs_immutable(file: Path) -> bool:
    # A store in WAL mode in a folder that cannot be written: its index file cannot be made.
    wal = file.with_name(file.name + "-wal")
    if wal.exists():
        return False
    target = file.absolute().as_uri() + "?mode=ro"
    try:
        with closing(sqlite3.connect(target, uri=True)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        return error.sqlite_errorname.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY"))
    except sqlite3.DatabaseError:
        return False  # not a database at all: told when it is opened
    return False


def use_write_ahead_log(engine: Engine) -> None:
    """Switch a SQLite file to WAL, once it is known to be ours; the file remembers it.

    Some network drives cannot do it; SQLite then keeps its rollback journal, as safe but with
    readers waiting for writers.
    """
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        connection = engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA journal_mode=WAL").fetchone()
            return
        except sqlite3.OperationalError as error:
            # SQLite does not wait here by itself when two programs switch at the same moment.
            if not error.sqlite_errorname.startswith("SQLITE_BUSY") or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        finally:
            connection.close()
