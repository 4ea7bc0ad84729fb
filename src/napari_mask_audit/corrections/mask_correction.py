"""Correcting a mask without a window: the one-click repairs of the dock, in Python."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..dataset import Dataset
from ..errors import DatasetError, SettingsError
from ..failures import measured_samples
from ..findings import Finding
from ..masks import LabelArray
from ..review.corrections import Correction
from ..review.store import ReviewStore
from .donors import background_of, donor_mask, region_of, taken_from
from .drafts import drafts_folder, find_drafts
from .repairs import Region, Repair, find_patch, whole
from .writing import Work, save_correction

#: Findings that a sample is asked for, the most rewarding ones; the dock numbers the same.
MOST_FINDINGS = 100


class MaskCorrection:
    """One mask of a sample, corrected step by step and then saved as a new mask.

    Every step changes :attr:`labels` and nothing else; the dataset's masks are never changed.
    Findings are those of the masks as they are in the dataset, in the order of the dock, and keep
    their numbers while the mask is corrected.

    Parameters
    ----------
    dataset : Dataset
        The dataset.
    sample : str
        Name of the sample.
    source : str, optional
        Whose mask; the candidate's of the first comparison by default.

    Attributes
    ----------
    pair : (str, str)
        Reference and candidate that the findings are about.
    labels : ndarray of int
        The mask as it is now.
    findings : tuple of Finding
        Where the two masks disagree, most rewarding repair first; finding 1 is ``findings[0]``.

    Raises
    ------
    DatasetError
        ``no-such-sample``; ``no-such-source`` if the sample has no such mask, or the source is in
        no comparison.
    MaskError
        If a mask cannot be read, or the two differ in shape.

    Examples
    --------
    >>> from napari_mask_audit import Dataset
    >>> from napari_mask_audit.samples import sample_masks_path
    >>> correction = MaskCorrection(Dataset.open(sample_masks_path()), "kiln_street")
    >>> correction.pair, correction.findings[0].bucket
    (('gt', 'model'), 'confusion')
    >>> correction.take_finding(1, "gt") == correction.pixels > 0
    True
    """

    def __init__(self, dataset: Dataset, sample: str, source: str | None = None) -> None:
        self.dataset = dataset
        self.sample = dataset.sample(sample)
        self.pair = self._pair_with(source)
        self.source = source or self.pair[1]
        masks = {name: dataset.read_mask(self.sample, name) for name in self.pair}
        self._reference, self._candidate = (masks[name].labels for name in self.pair)
        measured = measured_samples(dataset, self.sample, masks, comparisons=[self.pair])[0]
        thresholds = dataset.settings.failure_thresholds
        found = measured.explain(thresholds, limit=MOST_FINDINGS, with_causes=False)
        self.findings: tuple[Finding, ...] = found.findings
        self.before = masks[self.source].labels
        self.labels: LabelArray = self.before.copy()
        self._about: list[Finding] = []

    @property
    def pixels(self) -> int:
        """How many pixels differ from the mask in the dataset."""
        return int(np.count_nonzero(self.before != self.labels))

    def take_finding(self, number: int, donor: str, *, grow_px: int = 0) -> int:
        """Take the place of a finding from another mask.

        Parameters
        ----------
        number : int
            Which finding, counted from 1.
        donor : str
            A source, or :data:`~napari_mask_audit.corrections.MAJORITY`.
        grow_px : int
            Take so many pixels around it too.

        Returns
        -------
        int
            Pixels changed.

        Raises
        ------
        SettingsError
            ``no-such-finding``.
        DatasetError, MaskError
            If there is no such mask, or it does not fit.
        """
        finding = self._finding(number)
        region = region_of(self.dataset, finding, self._reference, self._candidate)
        return self._take(donor, region.grown(grow_px, self.labels.shape), finding)

    def take_everything(self, donor: str) -> int:
        """Take the whole mask from another one; pixels changed."""
        return self._take(donor, whole(self.labels.shape), None)

    def tidy_finding(self, number: int) -> int:
        """Fill the hole, or remove the speck, that a finding is about; pixels changed.

        Raises
        ------
        SettingsError
            ``no-such-finding``; ``nothing-to-tidy`` if it is neither hole nor speck.
        """
        finding = self._finding(number)
        patch = find_patch(self.labels, finding, background=background_of(self.dataset))
        if patch is None:
            raise SettingsError(
                "nothing-to-tidy",
                f"finding {number} of {self.sample.name} is no hole to fill and no speck to "
                "remove; take its place from another mask.",
            )
        return self._apply(patch.repair(), finding)

    def save(
        self,
        store: ReviewStore,
        reviewer: str,
        reason: str = "",
        *,
        replaces_earlier: bool = False,
    ) -> tuple[Path, Correction]:
        """Write the mask as ``masks/corrected/NAME`` and record it, as the dock does.

        Parameters
        ----------
        store : ReviewStore
            Where that is recorded.
        reviewer, reason : str
            Who, and why.
        replaces_earlier : bool
            A corrected mask that is there becomes an earlier version; without it, it stays.

        Raises
        ------
        SettingsError
            ``nothing-changed``.
        DatasetError
            ``unsaved-work`` if the reviewer has an unsaved correction of this sample in the dock;
            ``already-corrected``, ``cannot-write``.
        """
        if not self.pixels:
            raise SettingsError(
                "nothing-changed",
                f"the mask of {self.source} in {self.sample.name} is like that already; nothing "
                "is written.",
            )
        drafts, key = drafts_folder(self.dataset.folder, store.name), store.dataset_key
        name = self.sample.name
        if find_drafts(drafts, dataset_key=key, reviewer=reviewer, sample=name):
            raise DatasetError(
                "unsaved-work",
                f"{reviewer} has an unsaved correction of this sample: save it or throw it away "
                f"first, in mask-audit review --sample {name}.",
                sample=name,
            )
        about = {finding.id for finding in self._about}
        work = Work(
            sample=name,
            source=self.source,
            labels=self.labels,
            reviewer=reviewer,
            reason=reason,
            finding=about.pop() if len(about) == 1 else None,
        )
        return save_correction(
            self.dataset,
            work,
            store.record_correction,
            drafts=drafts,
            dataset_key=key,
            replaces_earlier=replaces_earlier,
        )

    # -- inside ----------------------------------------------------------------------------------

    def _pair_with(self, source: str | None) -> tuple[str, str]:
        masks = self.sample.masks
        pairs = [p for p in self.dataset.comparisons() if p[0] in masks and p[1] in masks]
        mine = [pair for pair in pairs if source is None or source in pair]
        if not mine:
            wanted = "two masks that are compared" if source is None else f"a mask of {source!r}"
            raise DatasetError(
                "no-such-source",
                f"this sample has no {wanted.removeprefix('a ')} to compare; it has masks of "
                f"{', '.join(masks)}.",
                sample=self.sample.name,
            )
        return mine[0]

    def _finding(self, number: int) -> Finding:
        if not 1 <= number <= len(self.findings):
            there = f"findings 1 to {len(self.findings)}" if self.findings else "no findings"
            raise SettingsError(
                "no-such-finding", f"{self.sample.name} has {there}, not number {number}."
            )
        return self.findings[number - 1]

    def _take(self, donor: str, region: Region, finding: Finding | None) -> int:
        mask = donor_mask(self.dataset, self.sample.name, donor, self.labels.shape)
        return self._apply(taken_from(self.dataset, self.labels, mask, region), finding)

    def _apply(self, repair: Repair, finding: Finding | None) -> int:
        self.labels[repair.indices] = repair.values
        if finding is not None and repair.pixels:
            self._about.append(finding)
        return repair.pixels
