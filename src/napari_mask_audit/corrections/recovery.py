"""What a crash left behind: drafts to go on from, and saved corrections that were not recorded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..dataset import Dataset
from ..dataset.corrected import CORRECTED
from ..errors import AuditError
from ..readers import read_mask
from ..review.corrections import Correction
from ..review.store import ReviewStore
from ..review.verdicts import EventKind
from .drafts import Draft, find_drafts, remove_draft
from .fingerprints import fingerprint_of
from .leftovers import remove_leftovers
from .writing import correction_of, existing_corrections


@dataclass(frozen=True)
class Recovered:
    """What was found on reopening a dataset.

    Attributes
    ----------
    drafts : tuple of Draft
        Unsaved work to go on with, oldest first.
    recorded : tuple of Correction
        Corrections whose file was there already and that are recorded now.
    unrecorded : tuple of str
        Samples with a corrected mask that nobody has recorded: somebody has put it there by hand.
    removed : int
        Half-written files of interrupted saves that were removed; nothing was in them that is not
        in a draft or a finished file.
    """

    drafts: tuple[Draft, ...] = ()
    recorded: tuple[Correction, ...] = ()
    unrecorded: tuple[str, ...] = ()
    removed: int = 0

    @property
    def sentences(self) -> tuple[str, ...]:
        """What to tell the reviewer."""
        said = [
            f"the correction of {found.sample} was saved but not recorded when the program "
            "stopped; it is recorded now"
            for found in self.recorded
        ]
        if self.drafts:
            names = ", ".join(draft.sample for draft in self.drafts[:5])
            more = f" and {len(self.drafts) - 5} more" if len(self.drafts) > 5 else ""
            said.append(f"unsaved corrections are kept of {names}{more}")
        if self.removed:
            files = (
                "1 half-written file" if self.removed == 1 else f"{self.removed} half-written files"
            )
            said.append(f"{files} of an interrupted save removed")
        return tuple(said)


def recover(
    dataset: Dataset, store: ReviewStore, *, drafts: Path, dataset_key: str, reviewer: str
) -> Recovered:
    """Finish what a crash interrupted, and list what a reviewer may go on with.

    A draft whose corrected mask is on disk was saved: it is recorded if it is not yet, and goes.
    """
    left: list[Draft] = []
    recorded: list[Correction] = []
    for draft in find_drafts(drafts, dataset_key=dataset_key, reviewer=reviewer):
        if draft.sample not in {sample.name for sample in dataset.samples}:
            continue
        if draft.saving_to is None or not _is_on_disk(dataset, draft):
            left.append(draft)
            continue
        if draft.after not in {known.after for known in recorded_of(store, draft.sample)}:
            recorded.append(_correction(dataset, draft))
            store.record_correction(recorded[-1])
        remove_draft(draft)
    known = {
        event.sample for event in store.everything_since(0) if event.kind is EventKind.CORRECTION
    }
    by_hand = tuple(
        sample.name
        for sample in dataset.samples
        if CORRECTED in sample.masks and sample.name not in known
    )
    removed = remove_leftovers(dataset, drafts)
    return Recovered(tuple(left), tuple(recorded), by_hand, removed)


def recorded_of(store: ReviewStore, sample: str) -> list[Correction]:
    """The recorded corrections of a sample, oldest first."""
    return [
        Correction.from_event(event)
        for event in store.history(sample)
        if event.kind is EventKind.CORRECTION
    ]


def _is_on_disk(dataset: Dataset, draft: Draft) -> bool:
    """Whether the corrected mask is what the draft holds; older ones of another type go."""
    assert draft.saving_to is not None
    path = dataset.folder / draft.saving_to
    try:
        labels = dataset.encoding.decode(read_mask(path).labels, path)
    except AuditError:
        return False
    if fingerprint_of(labels) != draft.after:
        return False
    for other in existing_corrections(dataset, draft.sample):
        if other != path:
            other.unlink(missing_ok=True)  # its copy among the earlier ones was made before
    return True


def _correction(dataset: Dataset, draft: Draft) -> Correction:
    assert draft.saving_to is not None
    path = dataset.folder / draft.saving_to
    after = dataset.encoding.decode(read_mask(path).labels, path)
    changed = 0
    sample = dataset.sample(draft.sample)
    if draft.source in sample.masks:
        before = dataset.read_mask(sample, draft.source).labels
        if before.shape == after.shape:
            changed = int(np.count_nonzero(before != after))
    return correction_of(draft, pixels=changed)
