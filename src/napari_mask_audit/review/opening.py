"""Opening a review store: the folder, the tables, the dataset's row.

Everything that can be wrong with a place is found here, before the first verdict, and nothing
that is not a review store is ever written to.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import URL, Engine, insert, select, text

from napari_mask_audit.errors import StoreError
from napari_mask_audit.review import database, schema
from napari_mask_audit.review.schema import datasets

# Any number will do as long as all programs that create the tables use the same.
_SCHEMA_LOCK = 7_306_115_004


class Found(NamedTuple):
    """A dataset's number in a store, None if it has none there; and the store's version."""

    dataset_id: int | None
    version: int


def iso(moment: datetime) -> str:
    """A moment as the store writes it: UTC, ISO 8601, microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def check_place(url: URL, *, read_only: bool) -> None:
    """Make the folder of a SQLite store, or say why there cannot be one."""
    file = database.sqlite_file(url)
    if file is None:
        return
    if file.is_dir():
        raise StoreError("store-cannot-open", "expected a file, found a folder", file=file)
    if read_only:
        if not file.exists():
            raise StoreError("store-missing", "there is no review store here yet", file=file)
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            "store-cannot-open",
            f"the folder of the review store cannot be made ({error.strerror}); "
            "name another place with --store",
            file=file,
        ) from error


def prepare_tables(
    engine: Engine, dataset_key: str, read_only: bool, clock: Callable[[], datetime]
) -> Found:
    """Bring the tables up to date and find the dataset's number; read-only, take them as found."""
    find = select(datasets.c.id).where(datasets.c.key == dataset_key)
    if read_only:
        with engine.begin() as connection:
            version = schema.stored_version(connection)
            if version is None:
                raise StoreError("store-missing", "there is no review store here yet")
            return Found(connection.scalar(find), version)
    sqlite = engine.dialect.name == "sqlite"
    with engine.execution_options(writes=True).begin() as connection:
        if engine.dialect.name == "postgresql":
            # Two programs that create the same table at once would both fail half-way.
            connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _SCHEMA_LOCK})
        schema.prepare(connection, schema.stored_version(connection))
        dataset_id = connection.scalar(find)
        if dataset_id is None:
            row = {"key": dataset_key, "created_at": iso(clock())}
            connection.execute(insert(datasets).values(**row))
            dataset_id = connection.scalar(find)
    if sqlite:
        database.use_write_ahead_log(engine)
    return Found(dataset_id, schema.SCHEMA_VERSION)
