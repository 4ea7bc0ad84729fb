"""Database errors in a user's words: what happened to the verdict, and what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from napari_mask_audit.errors import StoreError
from napari_mask_audit.review.database import spoken

# Beginnings of SQLite's error names: https://sqlite.org/rescode.html
_SQLITE_CODES = {
    "SQLITE_BUSY": "store-locked",
    "SQLITE_LOCKED": "store-locked",
    "SQLITE_READONLY": "store-read-only",
    "SQLITE_FULL": "store-disk-full",
    "SQLITE_IOERR": "store-io",
    "SQLITE_NOTADB": "store-not-database",
    "SQLITE_CORRUPT": "store-damaged",
    "SQLITE_CANTOPEN": "store-cannot-open",
    "SQLITE_PERM": "store-cannot-open",
}

# Beginnings of SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html
_SQLSTATE_CODES = {
    "40P01": "store-locked",
    "55P03": "store-locked",
    "57014": "store-locked",
    "25006": "store-read-only",
    "53100": "store-disk-full",
    "42501": "store-not-allowed",
    "08": "store-unreachable",
    "28": "store-unreachable",
    "3D": "store-unreachable",
    "53": "store-unreachable",
    "57": "store-unreachable",
}

_ADVICE = {
    "store-locked": (
        "another program keeps the review store {store} locked; close that program or try again"
    ),
    "store-read-only": (
        "the review store {store} takes no changes; make it (and its folder) writable, or name "
        "another place with --store"
    ),
    "store-disk-full": (
        "the disk of the review store {store} is full and nothing was stored; free some space and "
        "try again"
    ),
    "store-io": (
        "the disk failed to read or write the review store {store}; check the disk or the network "
        "drive and try again"
    ),
    "store-not-database": (
        "expected a review store, found a file that is not a SQLite database: {store}; it was "
        "left as it is: name another file with --store"
    ),
    "store-damaged": (
        "the review store {store} is damaged; copy the file, then rescue what is readable with "
        "`sqlite3 FILE .recover`, or restore a backup"
    ),
    "store-cannot-open": (
        "the review store {store} cannot be opened; check that its folder exists and may be "
        "written, or name another place with --store"
    ),
    "store-not-allowed": (
        "the database user may not create or write the review tables in {store}; ask who runs the "
        "server for USAGE and CREATE on the schema"
    ),
    "store-unreachable": (
        "the database server of {store} cannot be reached or refuses the login; check the URL, "
        "the network and that the server runs, then try again"
    ),
    "store-failed": (
        "the review store {store} did not answer as expected; try again, and report it if it stays"
    ),
}


@contextmanager
def explained(url: URL) -> Iterator[None]:
    """Turn a database error inside the block into a StoreError that says what to do."""
    try:
        yield
    except DBAPIError as error:
        raise _explanation(error.orig or error, url) from error
    except (sqlite3.Error, SQLAlchemyError) as error:
        raise _explanation(error, url) from error


def _explanation(error: BaseException, url: URL) -> StoreError:
    code = _code(error)
    first_line = str(error).strip().split("\n", 1)[0]
    advice = _ADVICE[code].format(store=spoken(url))
    return StoreError(code, f"{advice} ({first_line})")


def _code(error: BaseException) -> str:
    if isinstance(error, sqlite3.Error):
        return _by_beginning(_SQLITE_CODES, getattr(error, "sqlite_errorname", None))
    if isinstance(error, SQLAlchemyError):
        return "store-failed"
    state = getattr(error, "sqlstate", None)
    # The driver gives no SQLSTATE when there was no server to give one.
    return "store-unreachable" if state is None else _by_beginning(_SQLSTATE_CODES, state)


def _by_beginning(codes: dict[str, str], name: str | None) -> str:
    known = (code for start, code in codes.items() if (name or "").startswith(start))
    return next(known, "store-failed")
