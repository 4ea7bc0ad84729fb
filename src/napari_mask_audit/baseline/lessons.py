"""What the forest is taught, and how its votes become ids again.

Where ids are classes the forest learns them as they are. Where ids number objects it learns three
classes (nothing, the inside of an object, its rim); objects are then grown from the insides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..dataset import Dataset
from ..masks import LabelArray

#: Classes that a forest learns where ids number objects.
NOTHING, INSIDE, RIM = 0, 1, 2
_UNKNOWN = -1
_SEED_CHANCE = 0.6
_SMALLEST_OBJECT = 8
_RIM_PX = 2

Votes = NDArray[np.float32]


@dataclass(frozen=True)
class Lesson:
    """What is learned from the masks of one source.

    Attributes
    ----------
    objects : bool
        Whether ids number objects.
    background : int or None
        The id of nothing; with objects there is always one.
    ignore : frozenset of int
        Ids that are not learned from.
    """

    objects: bool
    background: int | None
    ignore: frozenset[int]

    @classmethod
    def of(cls, dataset: Dataset) -> Lesson:
        """The lesson for a dataset."""
        objects = dataset.task == "instance"
        background = dataset.background_id
        if background is None and objects:
            background = 0
        return cls(objects, background, dataset.ignore_ids)

    @property
    def skipped(self) -> frozenset[int]:
        """Classes in :meth:`classes` that are not learned."""
        return frozenset({_UNKNOWN}) if self.objects else self.ignore

    def classes(self, labels: LabelArray) -> LabelArray:
        """The class that each pixel teaches, shape (z, y, x)."""
        if not self.objects:
            return labels
        nothing = labels == self.background
        found = np.where(nothing, NOTHING, INSIDE).astype(np.int32)
        found[rim_of(labels) & ~nothing] = RIM
        found[np.isin(labels, sorted(self.ignore))] = _UNKNOWN
        return found

    def ids(self, votes: Votes, classes: NDArray[Any]) -> NDArray[np.int32]:
        """Predicted ids from votes, shape (z, y, x): classes, or numbers of objects.

        Parameters
        ----------
        votes : ndarray of float32, shape (z, y, x, classes)
            Probability of each class.
        classes : ndarray of integer, shape (classes,)
            Which classes these are.
        """
        if not self.objects:
            named: NDArray[np.int32] = classes[votes.argmax(axis=-1)].astype(np.int32)
            return named
        ids = grown_objects(chance_of(votes, classes, INSIDE), chance_of(votes, classes, NOTHING))
        if self.background:  # numbers of objects must not run into the id of nothing
            ids = np.where(ids == 0, self.background, ids + abs(self.background)).astype(np.int32)
        return ids

    def is_nothing(self, labels: LabelArray) -> NDArray[np.bool_]:
        """Pixels with nothing labelled: background or ignored."""
        ids = {*self.ignore} | ({self.background} if self.background is not None else set())
        return np.isin(labels, sorted(ids))


def chance_of(votes: Votes, classes: NDArray[Any], label: int) -> Votes:
    """Probability of one class, shape (z, y, x); 0 where no forest knows it."""
    where = np.flatnonzero(classes == label)
    return votes[..., where[0]] if where.size else np.zeros(votes.shape[:-1], np.float32)


def rim_of(labels: LabelArray) -> NDArray[np.bool_]:
    """Pixels at most two steps from a pixel of another id in the same slice."""
    from scipy.ndimage import binary_dilation

    edge = np.zeros(labels.shape, bool)
    for axis in (1, 2):
        changes = np.diff(labels, axis=axis) != 0
        low = [slice(None)] * 3
        high = [slice(None)] * 3
        low[axis], high[axis] = slice(None, -1), slice(1, None)
        edge[tuple(low)] |= changes
        edge[tuple(high)] |= changes
    cross = np.zeros((3, 3, 3), bool)
    cross[1, 1, :] = cross[1, :, 1] = True
    rim: NDArray[np.bool_] = binary_dilation(edge, cross, iterations=_RIM_PX - 1)
    return rim


def grown_objects(inside: Votes, nothing: Votes) -> NDArray[np.int32]:
    """Objects, numbered from 1: a watershed from where an inside is probable.

    Parameters
    ----------
    inside, nothing : ndarray of float32, shape (z, y, x)
        Probability of the inside of an object, and of the background.

    Examples
    --------
    Two insides with a rim between them are two objects.

    >>> inside = np.zeros((1, 9, 20), np.float32)
    >>> inside[0, 2:7, 2:9] = inside[0, 2:7, 11:18] = 1
    >>> nothing = np.ones_like(inside)
    >>> nothing[0, 1:8, 1:19] = 0
    >>> len(np.unique(grown_objects(inside, nothing)))
    3
    """
    from scipy.ndimage import gaussian_filter, label
    from skimage.segmentation import watershed

    flood: Any = watershed
    body = nothing < 0.5
    sigma = (0, 1, 1) if inside.shape[0] == 1 else 1
    height = gaussian_filter(inside, sigma)
    seeds, count = label((height > _SEED_CHANCE) & body)
    pieces, _ = label(body)
    seeded = np.zeros(int(pieces.max(initial=0)) + 1, bool)
    seeded[pieces[seeds > 0]] = True
    small = body & ~seeded[pieces]  # too small to have an inside
    seeds[small] = pieces[small] + count
    ids = flood(-height, seeds, mask=body)
    sizes = np.bincount(ids.ravel())
    sizes[0] = 0
    keep = sizes >= _SMALLEST_OBJECT
    numbers = np.where(keep, np.cumsum(keep), 0).astype(np.int32)
    named: NDArray[np.int32] = numbers[ids]
    return named
