"""The tables of the review store and their versions.

The schema has an integer version in ``mask_audit_meta``. A program that meets a lower version
migrates it, one step per version, in one transaction; one that meets a higher version refuses,
because it could not know what it would damage. Reading alone migrates nothing: what a lower version
has no column for is empty. Names carry the prefix ``mask_audit_`` so that the
tables can live in a team's database beside others.

To change the schema: raise :data:`SCHEMA_VERSION`, change the tables below, add the step to
:data:`MIGRATIONS` and new columns to :data:`ADDED_COLUMNS`, and keep a store of the new version
too (``tests/review/stores/make.py``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    insert,
    inspect,
    select,
    update,
)
from sqlalchemy.schema import CreateColumn
from sqlalchemy.types import TypeDecorator

from napari_mask_audit.errors import StoreError

SCHEMA_VERSION = 2

_AWKWARD = re.compile("[\\\\\x00\ud800-\udfff]")
_ESCAPED = re.compile(r"\\(\\|u[0-9a-f]{4})")


def escape_text(text: str) -> str:
    r"""Text that every database can hold; ordinary text is unchanged.

    File names that are not UTF-8 reach Python as lone surrogates, which no database accepts, and
    PostgreSQL refuses NUL. Both become ``\uXXXX``, and a backslash is doubled to tell them apart.

    Examples
    --------
    >>> escape_text("a\udce9"), unescape_text(escape_text("a\udce9")) == "a\udce9"
    ('a\\udce9', True)
    """
    return _AWKWARD.sub(lambda m: "\\\\" if m[0] == "\\" else f"\\u{ord(m[0]):04x}", text)


def unescape_text(text: str) -> str:
    """Text as it was before :func:`escape_text`."""
    if "\\" not in text:
        return text
    return _ESCAPED.sub(lambda m: "\\" if m[1] == "\\" else chr(int(m[1][1:], 16)), text)


class ExactText(TypeDecorator[str]):
    """A text column that gives back exactly the string that was put in."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        """Escape what databases refuse."""
        return None if value is None else escape_text(value)

    def process_result_value(self, value: str | None, dialect: Any) -> str | None:
        """Undo the escapes."""
        return None if value is None else unescape_text(value)


# SQLite numbers rows itself only for a column of type INTEGER.
_Id = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData()

meta = Table(
    "mask_audit_meta",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

datasets = Table(
    "mask_audit_datasets",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("key", ExactText, nullable=False, unique=True),
    Column("created_at", String(32), nullable=False),
    sqlite_autoincrement=True,
)

events = Table(
    "mask_audit_events",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("dataset_id", _Id, ForeignKey(datasets.c.id), nullable=False),
    Column("sample", ExactText, nullable=False),
    Column("finding", ExactText),
    Column("kind", String(16), nullable=False),
    Column("reviewer", ExactText, nullable=False),
    Column("session", String(64), nullable=False),
    Column("at", String(32), nullable=False),
    Column("status", String(16)),
    Column("tags", Text, nullable=False),  # a JSON list
    Column("comment", ExactText, nullable=False),
    Column("suggested_tag", ExactText),
    Column("picked_by", ExactText),
    Column("undoes", _Id, ForeignKey("mask_audit_events.id")),
    Column("restores", _Id, ForeignKey("mask_audit_events.id")),
    Column("details", Text),  # a JSON object; NULL for an empty one
    Column("repeats", _Id, ForeignKey("mask_audit_events.id")),
    Index("mask_audit_events_by_subject", "dataset_id", "sample", "finding", "id"),
    Index("mask_audit_events_by_session", "dataset_id", "session", "reviewer", "id"),
    Index("mask_audit_events_by_dataset", "dataset_id", "id"),
    sqlite_autoincrement=True,  # a number is never given twice
)

places = Table(
    "mask_audit_places",
    metadata,
    Column("dataset_id", _Id, ForeignKey(datasets.c.id), primary_key=True),
    Column("reviewer", ExactText, primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),  # JSON
    Column("at", String(32), nullable=False),
)

#: Columns of the events that stores before some version lack; read as NULL there.
ADDED_COLUMNS: Mapping[str, int] = {"details": 2, "repeats": 2}


def _from_1_to_2(connection: Connection) -> None:
    """Give events room for details, and for repeats beside the verdict they repeat."""
    for name in ("details", "repeats"):
        column = CreateColumn(events.c[name]).compile(dialect=connection.dialect)
        target = f" REFERENCES {events.name} (id)" if events.c[name].foreign_keys else ""
        connection.exec_driver_sql(f"ALTER TABLE {events.name} ADD COLUMN {column}{target}")


#: The step that leads away from each version: ``{1: from_1_to_2, …}``.
MIGRATIONS: Mapping[int, Callable[[Connection], None]] = {1: _from_1_to_2}


def stored_version(connection: Connection) -> int | None:
    """Schema version of the database; None if it has no review store.

    Raises
    ------
    StoreError
        ``store-newer`` if a newer program made it, ``store-foreign`` if a SQLite file belongs to
        another program, ``store-damaged`` if the version cannot be read.
    """
    tables = set(inspect(connection).get_table_names())
    if meta.name not in tables:
        if tables and connection.dialect.name == "sqlite":
            raise StoreError(
                "store-foreign",
                "expected a review store, found a SQLite database of another program with the "
                f"tables {', '.join(sorted(tables)[:3])}; it was left as it is: "
                "name another file with --store",
            )
        return None
    value = connection.scalar(select(meta.c.value).where(meta.c.key == "schema_version"))
    if value is None or not str(value).isdigit():
        raise StoreError(
            "store-damaged",
            f"the review store has no readable schema version ({value!r}); it was left as it is: "
            "restore it from a backup or name another one with --store",
        )
    version = int(value)
    if version > SCHEMA_VERSION:
        raise StoreError(
            "store-newer",
            f"the review store has schema version {version}, this program knows versions up to "
            f"{SCHEMA_VERSION}; it was left as it is: update napari-mask-audit to open it",
        )
    return version


def prepare(connection: Connection, version: int | None) -> None:
    """Create the tables, or bring those of an older version up to date.

    Runs inside the caller's transaction, so that a crash leaves the store as it was.
    """
    if version is None:
        metadata.create_all(connection)
        connection.execute(insert(meta).values(key="schema_version", value=str(SCHEMA_VERSION)))
        return
    for step in range(version, SCHEMA_VERSION):
        MIGRATIONS[step](connection)
    if version < SCHEMA_VERSION:
        connection.execute(
            update(meta).where(meta.c.key == "schema_version").values(value=str(SCHEMA_VERSION))
        )
