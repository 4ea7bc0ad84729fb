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
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from sqlalchemy import URL, Connection, Engine, Select, delete, func, insert, select

from napari_mask_audit.errors import StoreError
from napari_mask_audit.review import database
from napari_mask_audit.review.opening import check_place, iso, prepare_tables
from napari_mask_audit.review.rows import select_events, to_verdict
from napari_mask_audit.review.schema import datasets, events, places
from napari_mask_audit.review.store_errors import explained
from napari_mask_audit.review.undo import undo_and_redo
from napari_mask_audit.review.verdicts import EventKind, StoredVerdict, Verdict

Key = tuple[str, str | None]


def utc_now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


class ReviewStore:
    """The verdicts on one dataset; made by :meth:`open`.

    A store may be used from several threads: each call takes a connection of its own. Every
    method raises :class:`~napari_mask_audit.errors.StoreError` when the database fails, and has
    then changed nothing.
    """

    def __init__(
        self,
        engine: Engine,
        url: URL,
        dataset_key: str,
        dataset_id: int | None,
        session: str,
        clock: Callable[[], datetime],
        read_only: bool,
    ) -> None:
        self._engine = engine
        self._writer = engine.execution_options(writes=True)
        self._url = url
        self._dataset_id = dataset_id
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
            Create, migrate and write nothing.
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
                dataset_id = prepare_tables(engine, dataset_key, read_only, clock)
        except BaseException:
            engine.dispose()
            raise
        session = session or uuid.uuid4().hex
        return cls(engine, url, dataset_key, dataset_id, session, clock, read_only)

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

    # -- writing ---------------------------------------------------------------------------------

    def record(self, verdict: Verdict) -> StoredVerdict:
        """Append a verdict; it is committed when this returns.

        Returns
        -------
        StoredVerdict
            The verdict as stored, with its number and time.
        """
        with self._writing() as connection:
            return self._append(connection, EventKind.VERDICT, verdict)

    def amend(
        self,
        sample: str,
        finding: str | None,
        change: Callable[[StoredVerdict | None], Verdict | None],
    ) -> StoredVerdict | None:
        """Change the latest verdict in one step, so that no other reviewer's change is lost.

        Parameters
        ----------
        sample, finding : str
            What the verdict is about.
        change : callable
            Gets the latest verdict (None if there is none) while the dataset is locked for
            writing; returns the new one, or None to leave everything as it is.

        Returns
        -------
        StoredVerdict or None
            The verdict now in force.
        """
        with self._writing() as connection:
            before = self._latest(connection, (sample, finding))
            after = change(before)
            if after is None:
                return before
            return self._append(connection, EventKind.VERDICT, after)

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
            undoable, _ = self._stacks(connection, reviewer)
            if not undoable:
                return None
            event = self._event(connection, undoable[-1])
            earlier = self._latest(connection, event.key, before=event.id)
            return self._step(connection, EventKind.UNDO, reviewer, event, earlier)

    def redo(self, reviewer: str) -> StoredVerdict | None:
        """Bring back what the reviewer last took back in this session; see :meth:`undo`."""
        with self._writing() as connection:
            _, redoable = self._stacks(connection, reviewer)
            if not redoable:
                return None
            event = self._event(connection, redoable[-1])
            undone = self._event(connection, event.undoes)
            return self._step(connection, EventKind.REDO, reviewer, event, undone)

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

    def latest(self, sample: str, finding: str | None = None) -> StoredVerdict | None:
        """The verdict in force on a sample or finding; None if there never was one."""
        with self._reading() as connection:
            return self._latest(connection, (sample, finding))

    def all_latest(self) -> dict[Key, StoredVerdict]:
        """All verdicts in force, by (sample, finding); blank ones, after an undo, included."""
        newest = (
            select(func.max(events.c.id).label("id"))
            .where(self._mine())
            .group_by(events.c.sample, events.c.finding)
            .subquery()
        )
        query = select_events().join(newest, newest.c.id == events.c.id).order_by(events.c.id)
        return {verdict.key: verdict for verdict in self._all(query)}

    def history(self, sample: str) -> list[StoredVerdict]:
        """Everything that was ever decided about a sample and its findings, oldest first."""
        query = select_events().where(self._mine(), events.c.sample == sample).order_by(events.c.id)
        return self._all(query)

    def changes_since(self, event_id: int) -> list[StoredVerdict]:
        """The events with a higher number, oldest first; 0 gives all of them.

        Within a dataset, numbers follow the order of commits, so that asking again from the last
        number seen misses nothing.
        """
        query = select_events().where(self._mine(), events.c.id > event_id).order_by(events.c.id)
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

    def _mine(self) -> Any:
        return (events.c.dataset_id == self._dataset_id) & (events.c.kind != EventKind.OVERTAKEN)

    def _all(self, query: Select[Any]) -> list[StoredVerdict]:
        with self._reading() as connection:
            return [to_verdict(row) for row in connection.execute(query)]

    def _event(self, connection: Connection, event_id: int | None) -> StoredVerdict:
        return to_verdict(connection.execute(select_events().where(events.c.id == event_id)).one())

    def _latest(
        self, connection: Connection, key: Key, *, before: int | None = None
    ) -> StoredVerdict | None:
        sample, finding = key
        query = select_events().where(self._mine(), events.c.sample == sample)
        query = query.where(events.c.finding.is_not_distinct_from(finding))
        if before is not None:
            query = query.where(events.c.id < before)
        row = connection.execute(query.order_by(events.c.id.desc()).limit(1)).first()
        return None if row is None else to_verdict(row)

    def _stacks(self, connection: Connection, reviewer: str) -> tuple[list[int], list[int]]:
        query = (
            select(events.c.id, events.c.kind, events.c.undoes)
            .where(
                events.c.dataset_id == self._dataset_id,
                events.c.session == self.session,
                events.c.reviewer == reviewer,
            )
            .order_by(events.c.id)
        )
        return undo_and_redo((row.id, row.kind, row.undoes) for row in connection.execute(query))

    def _step(
        self,
        connection: Connection,
        kind: EventKind,
        reviewer: str,
        event: StoredVerdict,
        target: StoredVerdict | None,
    ) -> StoredVerdict:
        """Append the undo or redo of an event, unless somebody has decided since.

        What counts is the decision in force, not the last row: after an undo, an earlier
        decision of the reviewer is in force again and can be undone in its turn.
        """
        latest = self._latest(connection, event.key)
        if latest is not None and latest.decision_id != event.decision_id:
            kind, target = EventKind.OVERTAKEN, latest
        state = Verdict(sample=event.sample, finding=event.finding, reviewer=reviewer)
        restores = None
        if target is not None:
            restores = target.decision_id
            state = replace(
                state,
                status=target.status,
                tags=target.tags,
                comment=target.comment,
                suggested_tag=target.suggested_tag,
                picked_by=target.picked_by,
            )
        return self._append(connection, kind, state, undoes=event.id, restores=restores)

    def _append(
        self,
        connection: Connection,
        kind: EventKind,
        verdict: Verdict,
        *,
        undoes: int | None = None,
        restores: int | None = None,
    ) -> StoredVerdict:
        result = connection.execute(
            insert(events).values(
                dataset_id=self._dataset_id,
                sample=verdict.sample,
                finding=verdict.finding,
                kind=kind.value,
                reviewer=verdict.reviewer,
                session=self.session,
                at=iso(self._clock()),
                status=None if verdict.status is None else verdict.status.value,
                tags=json.dumps(verdict.tags),
                comment=verdict.comment,
                suggested_tag=verdict.suggested_tag,
                picked_by=verdict.picked_by,
                undoes=undoes,
                restores=restores,
            )
        )
        key = result.inserted_primary_key
        assert key is not None
        return self._event(connection, key[0])


def _set_synchronous(connection: Connection, level: str) -> None:
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA synchronous={level}")
    cursor.close()
