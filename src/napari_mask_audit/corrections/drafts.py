"""Unsaved work, kept while it is being done.

A draft is a file of its own, in a folder next to the review store: one per dataset, reviewer and
sample, replaced as a whole whenever somebody has painted. It goes once the correction is saved and
recorded, or thrown away by whoever made it. After a crash it is what the reviewer goes on from.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import DatasetError
from ..files import write_whole
from ..masks import LabelArray, canonical_labels
from ..review.location import default_store_location

_SUFFIX = ".draft.npz"


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What is known of a draft without its pixels.

    Attributes
    ----------
    dataset_key, reviewer, sample : str
        Whose it is; there is one at most.
    source : str
        What is being corrected.
    before : str
        Fingerprint of the mask it began from.
    reason : str
        Why, as far as written.
    at : str
        When it was kept: UTC, ISO 8601.
    after : str
        Fingerprint of the corrected ids.
    saving_to : str or None
        Set once saving has begun: the corrected mask, relative to the dataset's folder.
    path : pathlib.Path or None
        The file; None before it is kept.
    """

    dataset_key: str
    reviewer: str
    sample: str
    source: str
    before: str
    reason: str = ""
    at: str = ""
    after: str = ""
    saving_to: str | None = None
    path: Path | None = None


def drafts_folder(dataset_folder: Path, store: str) -> Path:
    """Where drafts are kept: next to the review store, on this machine.

    Parameters
    ----------
    dataset_folder : pathlib.Path
        The dataset.
    store : str
        File or URL of its review store.
    """
    if "://" in store:
        store, _ = default_store_location(dataset_folder)
    file = Path(store)
    return file.with_name(f"{file.stem}.drafts")


def draft_path(folder: Path, draft: Draft) -> Path:
    """The file of a draft: the name says which sample, the digest keeps namesakes apart."""
    key = json.dumps([draft.dataset_key, draft.reviewer, draft.sample]).encode()
    digest = hashlib.blake2b(key, digest_size=8).hexdigest()
    name = re.sub(r"[^A-Za-z0-9._-]+", "_", draft.sample)[-60:].lstrip(".")
    return folder / f"{name}-{digest}{_SUFFIX}"


def keep_draft(folder: Path, draft: Draft, labels: LabelArray) -> Draft:
    """Write a draft over the last one; whole or not at all.

    Returns
    -------
    Draft
        With its file.

    Raises
    ------
    DatasetError
        ``cannot-write``; the last draft is still there then.
    """
    path = draft_path(folder, draft)
    meta = {key: value for key, value in asdict(draft).items() if key != "path"}
    content = io.BytesIO()
    np.savez_compressed(content, labels=labels, meta=np.array(json.dumps(meta)))
    write_whole(path, content.getvalue())
    return replace(draft, path=path)


def find_drafts(
    folder: Path, *, dataset_key: str, reviewer: str, sample: str | None = None
) -> list[Draft]:
    """The drafts of a reviewer in a dataset, or of one sample; oldest first, damaged ones left."""
    if sample is not None:
        wanted = Draft(
            dataset_key=dataset_key, reviewer=reviewer, sample=sample, source="", before=""
        )
        paths: list[Path] = [draft_path(folder, wanted)]
    else:
        paths = list(folder.glob(f"*{_SUFFIX}")) if folder.is_dir() else []
    found = [draft for path in paths for draft in _read(path)]
    mine = [d for d in found if (d.dataset_key, d.reviewer) == (dataset_key, reviewer)]
    return sorted(mine, key=lambda draft: (draft.at, draft.sample))


def load_draft(draft: Draft) -> LabelArray:
    """The ids of a draft, to paint on.

    Raises
    ------
    DatasetError
        ``no-draft`` when it is gone or damaged.
    """
    assert draft.path is not None
    try:
        with draft.path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            labels = canonical_labels(arrays["labels"])
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise DatasetError(
            "no-draft",
            f"the unsaved correction cannot be read ({error}); begin the correction anew.",
            file=draft.path,
            sample=draft.sample,
        ) from error
    return labels.copy()


def remove_draft(draft: Draft) -> None:
    """Throw a draft away; nothing happens when it is gone already.

    Raises
    ------
    DatasetError
        ``cannot-write`` when the file stays.
    """
    if draft.path is None:
        return
    try:
        draft.path.unlink(missing_ok=True)
    except OSError as error:
        raise DatasetError(
            "cannot-write",
            f"the unsaved correction cannot be removed ({error.strerror}).",
            file=draft.path,
        ) from error


def _read(path: Path) -> Iterator[Draft]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            meta: dict[str, Any] = json.loads(str(arrays["meta"]))
        yield Draft(**meta, path=path)
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
        return
