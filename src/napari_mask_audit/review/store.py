"""Where verdicts are kept: a database to which rows are only ever added.

A verdict is committed before :meth:`ReviewStore.record` returns, so that what a reviewer was
shown as done stays done, whatever happens to the program next. The latest event on a sample (or
finding) is its state; undo appends an event that restores the state before. Several reviewers,
and several datasets, can share one database.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from sqlalchemy import URL, ColumnElement, Connection, Engine, Select, delete, func, insert, select

from napari_mask_audit.errors import StoreError
from napari_mask_audit.review import database
from napari_mask_audit.review.corrections import Correction
from napari_mask_audit.review.ledger import Ledger, Subject, is_decision
from napari_mask_audit.review.opening import Found, check_place, iso, prepare_tables
from napari_mask_audit.review.rows import repeats_is, select_events, to_verdict
from napari_mask_audit.review.schema import datasets, events, places
from napari_mask_audit.review.store_errors import explained
from napari_mask_audit.review.verdicts import EventKind, StoredVerdict, Verdict

Key = tuple[str, str | None]


def utc_now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


class ReviewStore:
    """The verdicts on one dataset; made by :meth:`open`.

    A store may be used from several threads: each call takes a connection of its own (but see
    :attr:`is_in_memory`). Every
    method raises :class:`~napari_mask_audit.errors.StoreError` when the database fails, and has
    then changed nothing.
    """

    def __init__(
        self,
        engine: Engine,
        url: URL,
        dataset_key: str,
        found: Found,
        session: str,
        clock: Callable[[], datetime],
        read_only: bool,
    ) -> None:
        self._engine = engine
        self._writer = engine.execution_options(writes=True)
        self._url = url
        self._dataset_id = found.dataset_id
        self._version = found.version
        self._clock = clock
        self._read_only = read_only
        self.dataset_key = dataset_key
        self.session = session

    @classmethod
    def open(
        cls,
        where: str | Path,
        *,
        dataset_key: str,
        session: str | None = None,
        read_only: bool = False,
        clock: Callable[[], datetime] = utc_now,
    ) -> Self:
        """Open the store, creating or migrating its tables first where needed.

        Parameters
        ----------
        where : str or pathlib.Path
            A SQLite file or any SQLAlchemy URL (``postgresql://user@host/database``).
        dataset_key : str
            Which dataset the verdicts are about; the same on every machine of a team.
        session : str, optional
            Name of this sitting, within which undo works; a new one by default.
        read_only : bool
            Create, migrate and write nothing; a store of an older program is read as it is.
        clock : callable
            Gives the time of an event, with its zone.

        Raises
        ------
        StoreError
            ``store-missing`` if read-only and there is none, ``store-newer``, ``store-foreign``,
            ``store-not-database``, ``store-cannot-open``, ``store-unreachable``, …
        MissingExtraError
            If the driver for PostgreSQL is not installed.
        """
        url = database.store_url(where)
        check_place(url, read_only=read_only)
        engine = database.make_engine(url, read_only=read_only)
        try:
            with explained(url):
                found = prepare_tables(engine, dataset_key, read_only, clock)
        except BaseException:
            engine.dispose()
            raise
        session = session or uuid.uuid4().hex
        return cls(engine, url, dataset_key, found, session, clock, read_only)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections; nothing is pending, because every call commits."""
        self._engine.dispose()

    @property
    def name(self) -> str:
        """Where the store is, for messages; a password is hidden."""
        return database.spoken(self._url)

    @property
    def is_in_memory(self) -> bool:
        """Whether it is gone when closed; it has one connection then, for one thread at a time."""
        return database.is_sqlite(self._url) and database.sqlite_file(self._url) is None

    # -- writing ---------------------------------------------------------------------------------

    def record(self, verdict: Verdict) -> StoredVerdict:
        """Append a verdict; it is committed when this returns.

        Returns
        -------
        StoredVerdict
            The verdict as stored, with its number and time.
        """
        with self._writing() as connection:
            return self._ledger(connection).append(EventKind.VERDICT, verdict)

    def record_correction(self, correction: Correction) -> StoredVerdict:
        """Append that a corrected mask is on disk; no verdict changes, and undo leaves it alone.

        Returns
        -------
        StoredVerdict
            The event, of the kind ``correction``; :meth:`Correction.from_event` reads it.
        """
        with self._writing() as connection:
            return self._ledger(connection).append(EventKind.CORRECTION, correction.as_event())

    def amend(
        self,
        sample: str,
        finding: str | None,
        change: Callable[[StoredVerdict | None], Verdict | None],
        *,
        repeats: int | None = None,
    ) -> StoredVerdict | None:
        """Change the latest verdict in one step, so that no other reviewer's change is lost.

        Parameters
        ----------
        sample, finding : str
            What the verdict is about.
        change : callable
            Gets the latest verdict (None if there is none) while the dataset is locked for
            writing; returns the new one, or None to leave everything as it is.
        repeats : int, optional
            Change the repeat of that verdict, beside it; the new verdict has to say so too.

        Returns
        -------
        StoredVerdict or None
            The verdict now in force.
        """
        with self._writing() as connection:
            ledger = self._ledger(connection)
            before = ledger.latest(Subject(sample, finding, repeats))
            after = change(before)
            if after is None:
                return before
            return ledger.append(EventKind.VERDICT, after)

    def undo(self, reviewer: str) -> StoredVerdict | None:
        """Take back the reviewer's last change of this session.

        Appends an event that restores the state before. Somebody else's later verdict on the same
        thing stays: the event is then of the kind ``overtaken`` and carries that verdict.

        Returns
        -------
        StoredVerdict or None
            The event appended; None if there is nothing to take back.
        """
        with self._writing() as connection:
            return self._ledger(connection).undo(reviewer)

    def redo(self, reviewer: str) -> StoredVerdict | None:
        """Bring back what the reviewer last took back in this session; see :meth:`undo`."""
        with self._writing() as connection:
            return self._ledger(connection).redo(reviewer)

    def remember(self, reviewer: str, name: str, value: object) -> None:
        """Keep a small JSON value for a reviewer, such as where they were in the queue.

        It survives a kill, but not always a power cut: it is written at every step through the
        queue, and waiting for the disk each time would be felt.
        """
        at = iso(self._clock())
        mine = (
            (places.c.dataset_id == self._writable_id())
            & (places.c.reviewer == reviewer)
            & (places.c.name == name)
        )
        row = {"dataset_id": self._dataset_id, "reviewer": reviewer, "name": name, "at": at}
        with self._writing(durable=False) as connection:
            connection.execute(delete(places).where(mine))
            connection.execute(insert(places).values(value=json.dumps(value), **row))

    # -- reading ---------------------------------------------------------------------------------

    def latest(
        self, sample: str, finding: str | None = None, *, repeats: int | None = None
    ) -> StoredVerdict | None:
        """The verdict in force on a sample or finding (or its repeat); None if there never was."""
        with self._reading() as connection:
            return self._ledger(connection).latest(Subject(sample, finding, repeats))

    def all_latest(self) -> dict[Key, StoredVerdict]:
        """All verdicts in force, by (sample, finding); blank ones, after an undo, included."""
        newest = (
            select(func.max(events.c.id).label("id"))
            .where(self._in_place())
            .group_by(events.c.sample, events.c.finding)
            .subquery()
        )
        query = self._select().join(newest, newest.c.id == events.c.id)
        return {verdict.key: verdict for verdict in self._all(query)}

    def history(self, sample: str) -> list[StoredVerdict]:
        """Everything that was ever done about a sample and its findings, oldest first.

        Verdicts, undos and redos, repeats and corrections; not the undos that changed nothing.
        """
        return self._all(self._select().where(self._done(), events.c.sample == sample))

    def changes_since(self, event_id: int) -> list[StoredVerdict]:
        """The decisions with a higher number, oldest first; 0 gives all of them.

        Without repeats and corrections, which leave the decision in force as it is. Within a
        dataset, numbers follow the order of commits, so that asking again from the last number
        seen misses nothing.
        """
        return self._all(self._select().where(self._in_place(), events.c.id > event_id))

    def everything_since(self, event_id: int) -> list[StoredVerdict]:
        """What :meth:`changes_since` gives, and the repeats and corrections among it."""
        return self._all(self._select().where(self._done(), events.c.id > event_id))

    def repeats_by(self, reviewer: str) -> list[StoredVerdict]:
        """A reviewer's decisions beside earlier ones of their own, oldest first."""
        query = self._select().where(
            is_decision(self._dataset_id),
            ~repeats_is(None, self._version),
            events.c.reviewer == reviewer,
        )
        return self._all(query)

    def recall(self, reviewer: str, name: str) -> Any:
        """The value kept by :meth:`remember`; None if there is none."""
        query = select(places.c.value).where(
            places.c.dataset_id == self._dataset_id,
            places.c.reviewer == reviewer,
            places.c.name == name,
        )
        with self._reading() as connection:
            value = connection.scalar(query)
        return None if value is None else json.loads(value)

    def dataset_keys(self) -> list[str]:
        """The datasets that have verdicts in this database, sorted."""
        query = select(datasets.c.key).where(datasets.c.id.in_(select(events.c.dataset_id)))
        with self._reading() as connection:
            return sorted(connection.scalars(query))

    # -- within a transaction --------------------------------------------------------------------

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with explained(self._url), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _writing(self, *, durable: bool = True) -> Iterator[Connection]:
        """A transaction that is the dataset's only writer until it is committed."""
        dataset = self._writable_id()
        with explained(self._url), self._writer.connect() as connection:
            relaxed = not durable and connection.dialect.name == "sqlite"
            if relaxed:
                _set_synchronous(connection, "NORMAL")
            try:
                with connection.begin():
                    # Numbers are given before the commit: without this lock a reader could see 12
                    # before 11 and never ask for 11 again. (SQLite is locked as a whole already.)
                    connection.execute(
                        select(datasets.c.id).where(datasets.c.id == dataset).with_for_update()
                    )
                    yield connection
            finally:
                if relaxed:
                    _set_synchronous(connection, "FULL")

    def _writable_id(self) -> int:
        if self._dataset_id is None or self._read_only:
            raise StoreError(
                "store-read-only",
                f"the review store {self.name} was opened for reading only",
            )
        return self._dataset_id

    def _ledger(self, connection: Connection) -> Ledger:
        now = lambda: iso(self._clock())  # noqa: E731
        return Ledger(connection, self._dataset_id, self.session, now, self._version)

    def _select(self) -> Select[Any]:
        return select_events(self._version)

    def _in_place(self) -> ColumnElement[bool]:
        """Decisions in the place of those before: no repeats, no corrections."""
        return is_decision(self._dataset_id) & repeats_is(None, self._version)

    def _done(self) -> ColumnElement[bool]:
        """Everything that changed something."""
        mine = events.c.dataset_id == self._dataset_id
        return mine & (events.c.kind != EventKind.OVERTAKEN.value)

    def _all(self, query: Select[Any]) -> list[StoredVerdict]:
        """The events of a query, oldest first."""
        with self._reading() as connection:
            return [to_verdict(row) for row in connection.execute(query.order_by(events.c.id))]


def _set_synchronous(connection: Connection, level: str) -> None:
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA synchronous={level}")
    cursor.close()
