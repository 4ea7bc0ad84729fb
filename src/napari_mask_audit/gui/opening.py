"""Opening a dataset for review: the dataset, its store, and the queue of all its samples.

No Qt here: it runs in a worker, because a folder of 100,000 files or a database server takes
its time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..corrections import Draft, drafts_folder, recover
from ..dataset import Dataset
from ..errors import AuditError
from ..review.location import dataset_key, default_store_location
from ..review.queue import Order, OrderKind
from ..review.reviewer import login_name
from ..review.session import ReviewSession
from ..review.store import ReviewStore
from ..review.tags import tags_with
from .giving_way import making_many_objects
from .items import waiting_item
from .worker import Job, Jobs


@dataclass(frozen=True)
class Opened:
    """A dataset that is ready to be reviewed."""

    dataset: Dataset
    session: ReviewSession
    is_resumed: bool
    notes: tuple[str, ...]
    drafts: tuple[Draft, ...] = ()


#: Orders that take a while to be sorted in for the first time.
_SLOW = (Order(OrderKind.NAME), Order(OrderKind.RANDOM))


def open_review(
    path: str | Path,
    *,
    store: str | None,
    reviewer: str | None,
    blind: bool = False,
    repeats: float | None = None,
) -> Opened:
    """Open a dataset and its review store, and queue all samples.

    Parameters
    ----------
    path : str or pathlib.Path
        A dataset folder or a ``dataset.toml``.
    store : str or None
        Where the verdicts are kept: a file or a URL.
    reviewer : str or None
        Who decides; the login name by default.
    blind : bool
        Hide whose masks they are, if that is not so already.
    repeats : float, optional
        Share of the decided samples that come back; as last time by default.

    Raises
    ------
    DatasetError, StoreError, SettingsError
        What is wrong with them.
    """
    reviewer = reviewer or login_name()
    dataset = Dataset.open(path)
    chosen = store or dataset.store
    where, note = default_store_location(dataset.folder, chosen)
    key = dataset_key(dataset.folder, where, dataset.name)
    pairs = dataset.comparisons()
    pair = pairs[0] if pairs else None
    items = [waiting_item(dataset, sample, pair) for sample in dataset.samples]
    tags = tags_with(dataset.tags)
    opened = ReviewStore.open(where, dataset_key=key)
    try:
        session = ReviewSession(items, opened, reviewer, tags)
        if not session.restore_scores():
            session.set_order(Order())
        if blind and session.blinding is None:
            session.hide_names()
        if repeats is not None:
            session.repeat(repeats)
        session.prepare(session.order, *_SLOW)
        is_resumed = opened.recall(reviewer, "review") is not None
        drafts = drafts_folder(dataset.folder, opened.name)
        found = recover(dataset, opened, drafts=drafts, dataset_key=key, reviewer=reviewer)
    except BaseException:
        opened.close()
        raise
    notes = (*dataset.notes, *((note,) if note else ()), *found.sentences)
    return Opened(dataset, session, is_resumed, notes, found.drafts)


class Opener:
    """Opens one dataset at a time beside the main thread; who asks again wants only the last.

    Parameters
    ----------
    jobs : Jobs
        Where to open.
    failed : callable
        Gets the AuditError of a dataset that cannot be opened.
    """

    def __init__(self, jobs: Jobs, failed: Callable[[AuditError], None]) -> None:
        self._jobs = jobs
        self._failed = failed
        self._opening: Job | None = None

    def open(self, path: str | Path, done: Callable[[Opened], None], **how: Any) -> None:
        """Open a dataset; ``how`` as in :func:`open_review`."""

        def work(_job: Job) -> Opened:
            with making_many_objects():
                return open_review(path, **how)

        if self._opening is not None:
            self._opening.cancel()
        self._opening = self._jobs.run(work, done, self._failed)
