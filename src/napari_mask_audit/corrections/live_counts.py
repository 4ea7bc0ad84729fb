"""Scores that follow an edit: only the window that was touched is counted again.

The joint table of label pairs (``overlap.py``) adds over pixels. So when a window changes, its old
pixels are taken out of the table and its new ones put in; the result is the table that a count of
the whole masks would give, exactly. The same holds for the boundary bands behind Boundary IoU, in
the window grown by the width of the band: further away a band cannot change.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..bands import bands_of
from ..boundaries import DirectedDistances, SurfaceDistances
from ..confusion import ConfusionMatrix
from ..masks import LabelArray
from ..measuring import ClassRules, band_width, class_map, score_objects
from ..metrics.boundary import score_surfaces
from ..metrics.region import pixel_accuracy, region_scores
from ..overlap import TupleTable, count_overlap
from ..scores import ClassScores, PairScores
from ..settings import Settings
from .windows import Window, changed_window, grown, within


class LiveCounts:
    """The joint table of a few masks, one of which is being edited.

    Parameters
    ----------
    masks : mapping of str to ndarray of int, all of one shape
        By source.
    edited : str
        The one that changes; a copy of it is kept.
    band_width : int, optional
        Width in pixels of the boundary bands; without it, bands are not counted.

    Attributes
    ----------
    table : TupleTable
        As if all masks had just been counted.
    """

    def __init__(
        self, masks: Mapping[str, LabelArray], edited: str, *, band_width: int | None = None
    ) -> None:
        self._masks = dict(masks)
        self._edited = edited
        self._width = band_width
        self._masks[edited] = masks[edited].copy()
        whole = tuple(slice(0, size) for size in self._masks[edited].shape)
        self.table = self._count(whole, whole)

    def find_changes(self, after: LabelArray) -> Window | None:
        """Where a mask differs from the edited one as it was last counted."""
        return changed_window(self._masks[self._edited], after)

    def update(self, window: Window, pixels: LabelArray) -> None:
        """Count a window of the edited mask anew.

        Parameters
        ----------
        window : tuple of slice
            Where it changed.
        pixels : ndarray of int, shape of the window
            What is there now.
        """
        known = self._masks[self._edited]
        # A band reaches as far as its width from where labels changed, and depends on labels as
        # far as its width from itself.
        reach = 0 if self._width is None else self._width
        touched = grown(window, reach, known.shape)
        seen = grown(touched, reach, known.shape)
        old = self._count(touched, seen)
        known[window] = pixels
        self.table = self.table.exchanged(old, self._count(touched, seen))

    def _count(self, touched: Window, seen: Window) -> TupleTable:
        """The table of a window, with the bands as the larger window shows them."""
        crops = [mask[seen] for mask in self._masks.values()]
        if self._width is None:
            return count_overlap(crops, list(self._masks))
        return count_overlap(
            crops, list(self._masks), band_width=self._width, window=within(touched, seen)
        )


class LiveScores:
    """The scores of a mask pair while one of the two is being edited.

    Overlap scores and Boundary IoU are exact at any moment. Distances (HD95, NSD, …) are not
    measured here and undefined in what :meth:`scores` gives; they take a look at whole surfaces.

    Parameters
    ----------
    reference, candidate : ndarray of int, of one shape
        The masks.
    edits_reference : bool
        Which of the two changes.
    rules : ClassRules
        What the ids mean.
    settings : Settings
        Conventions behind the numbers.
    """

    def __init__(
        self,
        reference: LabelArray,
        candidate: LabelArray,
        *,
        edits_reference: bool,
        rules: ClassRules,
        settings: Settings,
    ) -> None:
        self._rules, self._settings = rules, settings
        self._width = band_width(reference.shape, settings)
        edited = "reference" if edits_reference else "candidate"
        masks = {"reference": reference, "candidate": candidate}
        self._counts = LiveCounts(
            {name: class_map(labels, rules) for name, labels in masks.items()},
            edited,
            band_width=self._width,
        )
        self._objects = LiveCounts(masks, edited) if rules.instances else self._counts

    def find_changes(self, after: LabelArray) -> Window | None:
        """Where a mask differs from the edited one as it was last counted."""
        return self._objects.find_changes(after)

    def update(self, window: Window, pixels: LabelArray) -> None:
        """Count a window of the edited mask anew; see :meth:`LiveCounts.update`."""
        if self._objects is not self._counts:
            self._objects.update(window, pixels)
        self._counts.update(window, class_map(pixels, self._rules))

    def scores(self, sample: str | None = None) -> PairScores:
        """The scores as the masks are now."""
        rules = self._rules.of_class_map
        counted = self._counts.table.pair("reference", "candidate").without(rules.ignore_ids)
        class_ids = rules.class_ids(counted.ids, self._settings)
        regions = region_scores(counted, class_ids)
        boundaries = score_surfaces(
            bands_of(counted, class_ids, self._width),
            dict.fromkeys(class_ids, _NOT_MEASURED),
            tolerances=(),
            convention=self._settings.convention,
        )
        objects = self._objects.table
        return PairScores(
            sample=sample,
            classes=tuple(
                ClassScores(
                    id=class_id,
                    name=rules.name_of(class_id),
                    region=regions[class_id],
                    boundary=boundaries[class_id],
                    size_sensitivity=float("nan"),
                )
                for class_id in class_ids
            ),
            pixel_accuracy=pixel_accuracy(counted),
            valid_pixels=counted.pixels,
            confusion=ConfusionMatrix.from_table(counted),
            instances=score_objects(objects.labels, objects.counts, self._rules, self._settings)
            if self._rules.instances
            else None,
        )


_NOT_MEASURED = SurfaceDistances(DirectedDistances.nothing(), DirectedDistances.nothing())
