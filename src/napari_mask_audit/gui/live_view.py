"""A sample while one of its masks is being corrected: pixels, overlay and scores that follow.

No Qt here. The mask is painted on by napari, in place; :meth:`LiveView.follow` finds what was
touched and brings the rest up to date there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..audit import class_rules
from ..corrections import LiveScores, Window, grown
from ..corrections.repairs import fresh_id
from ..corrections.windows import size_of, within
from ..dataset import Dataset
from ..masks import CANONICAL_DTYPES, LabelArray
from ..scores import PairScores
from .sample_view import SampleView, boundary_width_px, overlay_codes

#: Windows with more pixels than this are counted away from the main thread.
MAX_PIXELS_AT_ONCE = 1 << 18


class LiveView:
    """The pair of masks of a sample, one of them being corrected; made in a worker.

    Parameters
    ----------
    dataset : Dataset
        What the ids mean.
    view : SampleView
        The sample as it was read.
    source : str
        What is corrected: one of the view's pair, or its only source.
    labels : ndarray of int, optional
        What to go on from; the mask as it was read when not given.

    Attributes
    ----------
    labels : ndarray of int
        The mask that is painted on.
    overlay : ndarray of uint8 or None
        The disagreement as it is now; None where there are not two masks of one size.
    """

    def __init__(
        self,
        dataset: Dataset,
        view: SampleView,
        source: str,
        labels: LabelArray | None = None,
    ) -> None:
        self._dataset, self._file_view, self.source = dataset, view, source
        self.edits_reference = view.pair is None or source == view.pair[0]
        begun = self.file_labels if labels is None else labels
        self.labels: LabelArray = begun.astype(_roomy(begun, dataset))
        self.overlay: NDArray[np.uint8] | None = None
        self._width = boundary_width_px(self.labels.shape)
        self._live: LiveScores | None = None
        self.count()

    @property
    def file_labels(self) -> LabelArray:
        """The mask as it was read."""
        view = self._file_view
        labels = view.reference if self.edits_reference else view.candidate
        assert labels is not None
        return labels

    @property
    def sample(self) -> str:
        """Name of the sample."""
        return self._file_view.sample

    @property
    def role(self) -> str:
        """What is corrected, as the reviewer says it."""
        if self._file_view.pair is None:
            return "mask"
        return "reference" if self.edits_reference else "candidate"

    # -- following -------------------------------------------------------------------------------

    def follow(self) -> tuple[Window | None, bool]:
        """Bring overlay and scores up to date with what was painted.

        Returns
        -------
        window : tuple of slice or None
            Where something changed; None where nothing did.
        is_done : bool
            Whether overlay and scores follow already; for a large window call :meth:`snapshot`,
            and in a worker :meth:`recounted`.
        """
        if self._live is None:
            return None, True
        window = self._live.find_changes(self.labels)
        if window is None:
            return None, True
        if size_of(window) > MAX_PIXELS_AT_ONCE:
            return window, False
        self._live.update(window, self.labels[window])
        return window, True

    def overlay_patch(self, window: Window) -> tuple[Window, NDArray[np.uint8]]:
        """The overlay where a change of the mask in a window can change it; not yet put in."""
        touched = grown(window, self._width, self.labels.shape)
        seen = grown(touched, self._width, self.labels.shape)
        reference, candidate = (mask[seen] for mask in self._masks(self.labels))
        codes = overlay_codes(reference, candidate, self._dataset.ignore_ids, width=self._width)
        return touched, codes[within(touched, seen)]

    def count(self) -> None:
        """Count everything; for a worker."""
        view = self._file_view
        if view.overlay is None:
            return
        reference, candidate = self._masks(self.labels)
        self._live = LiveScores(
            reference,
            candidate,
            edits_reference=self.edits_reference,
            rules=class_rules(self._dataset),
            settings=self._dataset.settings,
        )
        self.overlay = overlay_codes(reference, candidate, self._dataset.ignore_ids)

    def recounted(self, labels: LabelArray) -> tuple[LiveScores | None, Any]:
        """Scores and overlay of a copy of the mask, for a worker; hand them to :meth:`take`."""
        other = LiveView(self._dataset, self._file_view, self.source, labels)
        return other._live, other.overlay

    def take(self, counted: tuple[LiveScores | None, Any]) -> None:
        """Go on from what :meth:`recounted` gave; what was painted since is found by `follow`."""
        self._live, self.overlay = counted

    # -- what others see -------------------------------------------------------------------------

    def scores(self) -> PairScores | None:
        """The scores as they are now; distances are not among them."""
        return None if self._live is None else self._live.scores(self.sample)

    def shown(self) -> SampleView:
        """What the layers show: the arrays that change while somebody paints."""
        return self._as_view(self.labels, self.overlay)

    def snapshot(self) -> SampleView:
        """The sample as it is now, in arrays that nobody changes."""
        labels = self.labels.copy()
        labels.flags.writeable = False
        return self._as_view(labels, None if self.overlay is None else self.overlay.copy())

    def palette_ids(self) -> frozenset[int]:
        """The ids to paint with: every class, the background, what is ignored, what is there."""
        dataset = self._dataset
        ids = self.shown().ids | set(dataset.declared_classes) | dataset.ignore_ids
        return ids if dataset.background_id is None else ids | {dataset.background_id}

    def first_id(self) -> int:
        """What to paint at first: a new object, or the first class that is not the background."""
        dataset = self._dataset
        if dataset.task == "instance":
            return fresh_id(self.labels) or 1
        away = {dataset.background_id, *dataset.ignore_ids}
        return min(self.palette_ids() - away, default=1)

    def labels_of(self, view: SampleView) -> LabelArray:
        """The corrected mask in a view that :meth:`snapshot` gave."""
        labels = view.reference if self.edits_reference else view.candidate
        assert labels is not None
        return labels

    def _as_view(self, labels: LabelArray, overlay: NDArray[np.uint8] | None) -> SampleView:
        reference, candidate = self._masks(labels)
        return replace(self._file_view, reference=reference, candidate=candidate, overlay=overlay)

    def _masks(self, labels: LabelArray) -> Any:
        """Reference and candidate, with these labels in the place of the corrected one."""
        view = self._file_view
        if self.edits_reference:
            return labels, view.candidate
        return view.reference, labels


def _roomy(labels: LabelArray, dataset: Dataset) -> np.dtype[Any]:
    """The dtype to paint in: the mask's, or a wider one where a class would not fit."""
    ids = {int(labels.min()), int(labels.max()), *dataset.declared_classes, *dataset.ignore_ids}
    if dataset.background_id is not None:
        ids.add(dataset.background_id)
    if dataset.task == "instance":
        ids.add(int(labels.max()) + 1000)
    for dtype in CANONICAL_DTYPES:
        info = np.iinfo(dtype)
        if dtype.itemsize >= labels.dtype.itemsize and info.min <= min(ids) <= max(ids) <= info.max:
            return dtype
    return np.dtype(np.int32)
