"""Saving a correction: a new mask file like the one that was corrected, then the record of it.

The order keeps every step harmless: the draft says what is about to be saved; a corrected mask
that is there is copied to ``.earlier``; the new one is written under a hidden name, read back and
compared, and put in place in one step; it is recorded; the draft goes. Whatever moment a crash
picks, ``recovery.py`` finds either the draft or the finished file.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from ..checks.rewriting import rewrite_mask
from ..dataset import Dataset
from ..dataset.corrected import CORRECTED, EARLIER, corrected_folder
from ..errors import DatasetError, MaskError
from ..masks import LabelArray
from ..readers import MASK_SUFFIXES, read_mask, split_suffix
from ..review.corrections import Correction
from .drafts import Draft, keep_draft, remove_draft
from .fingerprints import fingerprint_of


@dataclass(frozen=True, eq=False)
class Work:
    """A corrected mask that is ready to be saved.

    Attributes
    ----------
    sample, source : str
        What was corrected.
    labels : ndarray of int
        The corrected ids, as the dataset reads them.
    reviewer, reason : str
        Who, and why.
    finding : str or None
        Id of the finding that was corrected; None for the sample as a whole.
    """

    sample: str
    source: str
    labels: LabelArray
    reviewer: str
    reason: str = ""
    finding: str | None = None


def save_correction(
    dataset: Dataset,
    work: Work,
    record: Callable[[Correction], object],
    *,
    drafts: Path,
    dataset_key: str,
    replaces_earlier: bool = False,
) -> tuple[Path, Correction]:
    """Write a corrected mask, and record it.

    Parameters
    ----------
    dataset : Dataset
        The dataset; its masks stay as they are.
    work : Work
        What to save.
    record : callable
        Commits the record: :meth:`~napari_mask_audit.review.store.ReviewStore.record_correction`.
    drafts : pathlib.Path
        Folder of drafts.
    dataset_key : str
        The dataset's name in drafts.
    replaces_earlier : bool
        Somebody has agreed that a corrected mask of this sample is replaced; it is kept as a
        numbered copy.

    Returns
    -------
    (pathlib.Path, Correction)
        The corrected mask, and what was recorded.

    Raises
    ------
    DatasetError
        ``already-corrected`` without ``replaces_earlier``, ``cannot-write``, ``no-such-sample``.
    MaskError
        ``fix-failed`` when the ids do not fit the file's type, or the disk refuses.
    StoreError
        When the file is there but cannot be recorded; reopening the dataset records it.
    """
    sample = dataset.sample(work.sample)
    model = sample.masks[work.source]
    before = dataset.read_mask(sample, work.source).labels
    if before.shape != work.labels.shape:
        raise MaskError("shape-mismatch", "a correction keeps the size of the mask.", file=model)
    target = corrected_file(dataset, work.sample, work.source)
    others = existing_corrections(dataset, work.sample)
    after = fingerprint_of(work.labels)
    is_there = target in others and _fingerprint_on_disk(dataset, target) == after
    if others and not replaces_earlier and not is_there:
        raise DatasetError(
            "already-corrected",
            f"{others[0].name} is a corrected mask already; agree to keep it as an earlier "
            "version (in a terminal: --replace), or leave it.",
            file=others[0],
            sample=work.sample,
        )
    planned = Draft(
        dataset_key=dataset_key,
        reviewer=work.reviewer,
        sample=work.sample,
        source=work.source,
        before=fingerprint_of(before),
        reason=work.reason,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        after=after,
        saving_to=relative_name(dataset, target),
    )
    draft = keep_draft(drafts, planned, work.labels)
    kept: list[Path] = []
    if not is_there:  # a file that could not be recorded the last time is only recorded now
        kept = [_keep_earlier(path) for path in others]
        _put(dataset, model, target, work.labels, replaces=target in others)
    for other in others:
        if other != target:
            _unlink(other)
    correction = correction_of(
        draft,
        pixels=int(np.count_nonzero(before != work.labels)),
        earlier=relative_name(dataset, kept[0]) if kept else None,
        finding=work.finding,
    )
    record(correction)
    remove_draft(draft)
    return target, correction


def corrected_file(dataset: Dataset, sample: str, source: str) -> Path:
    """Where the corrected mask goes: the sample's name, with the ending of what is corrected."""
    model = dataset.sample(sample).masks[source]
    return corrected_folder(dataset) / f"{sample}{split_suffix(model.name)[1]}"


def existing_corrections(dataset: Dataset, sample: str) -> list[Path]:
    """The corrected masks of a sample that are there, of any type; one at most unless meddled."""
    known = dataset.sample(sample).masks.get(CORRECTED)
    folder = corrected_folder(dataset)
    places = [folder / f"{sample}{suffix}" for suffix in MASK_SUFFIXES]
    if known is not None and known not in places:
        places.insert(0, known)
    return [path for path in places if path.is_file()]


def correction_of(
    draft: Draft, *, pixels: int, earlier: str | None = None, finding: str | None = None
) -> Correction:
    """What is to be recorded of a draft that was saved."""
    assert draft.saving_to is not None
    return Correction(
        sample=draft.sample,
        source=draft.source,
        file=draft.saving_to,
        reviewer=draft.reviewer,
        reason=draft.reason,
        pixels=pixels,
        before=draft.before,
        after=draft.after,
        finding=finding,
        extra={} if earlier is None else {"earlier": earlier},
    )


def relative_name(dataset: Dataset, path: Path) -> str:
    """A file as a record names it: relative to the dataset's folder where it lies beneath."""
    inside = path.is_relative_to(dataset.folder)
    return (path.relative_to(dataset.folder) if inside else path).as_posix()


def _fingerprint_on_disk(dataset: Dataset, path: Path) -> str | None:
    try:
        return fingerprint_of(dataset.encoding.decode(read_mask(path).labels, path))
    except MaskError:
        return None


def _put(
    dataset: Dataset, model: Path, target: Path, labels: LabelArray, *, replaces: bool
) -> None:
    """Write the mask beside its place, check it, and put it there in one step."""
    stem, suffix = split_suffix(target.name)
    fresh = target.with_name(f".{stem}.{os.getpid()}.new{suffix}")
    rewrite_mask(model, fresh, _stored(dataset, model, labels))
    try:
        found = dataset.encoding.decode(read_mask(fresh).labels, fresh)
        if not np.array_equal(found, labels):
            raise MaskError(
                "fix-failed",
                "the corrected ids would be read back as others; nothing was saved.",
                file=target,
            )
        _sync(fresh)
        if replaces:
            fresh.replace(target)
        else:
            _publish(fresh, target)
        _sync(target.parent)
    except OSError as error:
        raise _cannot_write(error, target) from error
    finally:
        fresh.unlink(missing_ok=True)


def _publish(fresh: Path, target: Path) -> None:
    """Give a file its name, unless somebody else has just taken it."""
    try:
        os.link(fresh, target)
    except FileExistsError as error:
        raise DatasetError(
            "already-corrected",
            "somebody has saved a correction of this sample just now; save again to replace it.",
            file=target,
        ) from error
    except OSError:  # no hard links on this drive
        fresh.replace(target)


def _stored(dataset: Dataset, model: Path, labels: LabelArray) -> LabelArray:
    """Ids as the corrected file stores them: untouched pixels keep what they have."""
    raw = read_mask(model).labels
    known = dataset.encoding.decode(raw, model)
    if known is raw:
        return labels
    # 0/255 or the like: an object gets the value that objects have in this file.
    objects = raw[raw != 0]
    value = int(np.bincount(objects.ravel()).argmax()) if objects.size else 255
    stored = raw.copy()
    changed = known != labels
    stored[changed] = np.where(labels[changed] != 0, value, 0)
    return stored


def _keep_earlier(path: Path) -> Path:
    """Copy a corrected mask to the next free number, unless the last number is that copy."""
    stem, suffix = split_suffix(path.name)
    folder = path.parent / EARLIER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        number = 1
        while (folder / f"{stem}.{number}{suffix}").exists():
            number += 1
        last = folder / f"{stem}.{number - 1}{suffix}"
        if last.is_file() and last.read_bytes() == path.read_bytes():
            return last
        copy = folder / f"{stem}.{number}{suffix}"
        part = folder / f".{stem}.{os.getpid()}.part{suffix}"
        try:
            shutil.copy2(path, part)
            _sync(part)
            _publish(part, copy)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise _cannot_write(error, path) from error
    return copy


def _sync(path: Path) -> None:
    """Have the disk keep a file, or the names in a folder, through a power cut."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unlink(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise _cannot_write(error, path) from error


def _cannot_write(error: OSError, path: Path) -> DatasetError:
    return DatasetError(
        "cannot-write",
        f"the correction cannot be written ({error.strerror or error}). Make room or ask for "
        "permission to write, and save again; the work is kept.",
        file=path,
    )
