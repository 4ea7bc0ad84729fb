"""Opening a dataset for review: the dataset, its store, and the queue of all its samples.

No Qt here: it runs in a worker, because a folder of 100,000 files or a database server takes
its time.
"""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from pathlib import Path

from ..dataset import Dataset
from ..review.location import dataset_key, default_store_location
from ..review.session import ReviewSession
from ..review.store import ReviewStore
from ..review.tags import tags_with
from .items import waiting_item


@dataclass(frozen=True)
class Opened:
    """A dataset that is ready to be reviewed."""

    dataset: Dataset
    session: ReviewSession
    is_resumed: bool
    notes: tuple[str, ...]


def open_review(path: str | Path, *, store: str | None, reviewer: str) -> Opened:
    """Open a dataset and its review store, and queue all samples.

    Raises
    ------
    DatasetError, StoreError
        What is wrong with either.
    """
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
        is_resumed = opened.recall(reviewer, "review") is not None
    except BaseException:
        opened.close()
        raise
    notes = (*dataset.notes, *((note,) if note else ()))
    return Opened(dataset, session, is_resumed, notes)


def login_name() -> str:
    """Who is logged in, or ``reviewer`` where that cannot be told."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "reviewer"
