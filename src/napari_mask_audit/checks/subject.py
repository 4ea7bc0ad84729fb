"""One mask as the lint rules see it: ids, regions and what surrounds them, worked out once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..findings import Box
from ..kernels.components import Components, label_components
from ..masks import LabelArray, ids_in
from .finding import MAX_PLACES, LintFinding
from .limits import LintLimits

_MIN_OBJECTS = 12
_ONE_PIECE_SHARE = 0.9


@dataclass(frozen=True, eq=False)
class MaskSubject:
    """A mask that could be read, with everything the rules ask about it.

    Attributes
    ----------
    sample, source : str
        Which mask.
    path : pathlib.Path
        Its file.
    stored : ndarray of integer
        The ids as the file has them.
    labels : ndarray of integer, same shape
        The ids as the dataset means them (0/255 decoded).
    background : int or None
        The id of nothing, declared or taken to be 0.
    ignore : frozenset of int
        Ids that mean "do not count".
    declared : frozenset of int
        Every id with a meaning; empty when the dataset declares no classes.
    instance : bool or None
        Whether ids number objects; None when nobody said, see :attr:`objects`.
    name_of : callable
        Class name from class id.
    limits : LintLimits
        Thresholds.
    slices_along : int or None
        Of a volume: the axis along which pixels are longest, so that people draw slices across
        it; None where all axes are much alike, and the first one counts.
    """

    sample: str
    source: str
    path: Path
    stored: LabelArray
    labels: LabelArray
    background: int | None
    ignore: frozenset[int]
    declared: frozenset[int]
    instance: bool | None
    name_of: Callable[[int], str]
    limits: LintLimits
    slices_along: int | None = None

    @cached_property
    def regions(self) -> Components:
        """Connected regions of every id, background and ignored ones included."""
        return label_components(self.labels)

    @cached_property
    def stored_ids(self) -> frozenset[int]:
        """The ids in the file."""
        return ids_in(self.stored)

    @cached_property
    def ids(self) -> frozenset[int]:
        """The ids as the dataset means them."""
        return self.stored_ids if self.labels is self.stored else ids_in(self.labels)

    @cached_property
    def objects(self) -> bool:
        """Whether ids number objects: declared, or many ids of one piece each on background 0."""
        if self.instance is not None:
            return self.instance
        ids, counts = np.unique(self.regions.label[self.foreground], return_counts=True)
        if self.background != 0 or self.declared or ids.size < _MIN_OBJECTS:
            return False
        return bool(np.count_nonzero(counts == 1) >= _ONE_PIECE_SHARE * ids.size)

    @property
    def ids_mean_classes(self) -> bool:
        """Whether an id means the same in every mask: declared, or only one besides background."""
        return not self.objects and (bool(self.declared) or len(self.areas) <= 2)

    @cached_property
    def picture(self) -> NDArray[np.int32]:
        """Region numbers as a picture, 1 … n."""
        return self.regions.image()

    @cached_property
    def areas(self) -> dict[int, int]:
        """Pixels of each id."""
        ids, inverse = np.unique(self.regions.label, return_inverse=True)
        sums = np.bincount(inverse, weights=self.regions.area, minlength=ids.size)
        return dict(zip(ids.tolist(), sums.astype(int).tolist(), strict=True))

    @cached_property
    def foreground(self) -> NDArray[np.bool_]:
        """Which regions are neither background nor ignored, shape (regions,)."""
        return ~np.isin(self.regions.label, sorted(self.nothing))

    @cached_property
    def usual_area(self) -> dict[int, float]:
        """Of each id, the area that half of its pixels lie in regions of or above."""
        usual: dict[int, float] = {}
        for label in self.areas:
            areas = np.sort(self.regions.area[self.regions.label == label])
            half = np.searchsorted(np.cumsum(areas), areas.sum() / 2)
            usual[label] = float(areas[half])
        return usual

    @cached_property
    def thin(self) -> NDArray[np.bool_]:
        """Which regions are at most two pixels wide everywhere, shape (regions,)."""
        core = np.ones(self.labels.shape, bool)
        for axis in range(self.labels.ndim):
            if self.labels.shape[axis] < 3:
                continue
            same = np.diff(self.labels, axis=axis) == 0
            front, back = _ends(self.labels.ndim, axis)
            core[back] &= same
            core[front] &= same
            edge: list[slice | int] = [slice(None)] * self.labels.ndim
            for side in (0, -1):
                edge[axis] = side
                core[tuple(edge)] = False
        thick = np.zeros(len(self.regions) + 1, bool)
        thick[self.picture[core]] = True
        return ~thick[1:]

    def planes(self) -> Iterator[tuple[int | None, MaskSubject]]:
        """The slices of a volume on which something is labelled, each as a mask of its own.

        A 2D mask is its only plane; its number is then None.
        """
        if self.labels.ndim == 2:
            yield None, self
            return
        nothing = sorted(self.nothing)
        axis = self.slices_along or 0
        stored = np.moveaxis(self.stored, axis, 0)
        for z, plane in enumerate(np.moveaxis(self.labels, axis, 0)):
            if not np.isin(plane, nothing).all():
                yield z, replace(self, labels=plane, stored=stored[z], instance=self.objects)

    def lifted(self, box: Box, z: int | None) -> Box:
        """The box in the mask of a box in one of its :meth:`planes`."""
        if z is None:
            return box
        axis = self.slices_along or 0
        return (*box[:axis], (z, z + 1), *box[axis:])

    @property
    def nothing(self) -> frozenset[int]:
        """Ids that label nothing: background and ignored."""
        return self.ignore | ({self.background} if self.background is not None else set())

    def box(self, region: int) -> Box:
        """The box of a region."""
        return tuple(
            (int(low), int(high))
            for low, high in zip(self.regions.start[region], self.regions.stop[region], strict=True)
        )

    def touches_border(self, region: int) -> bool:
        """Whether the region reaches the picture's edge (of an axis longer than one)."""
        return any(
            n > 1 and (low == 0 or high == n)
            for (low, high), n in zip(self.box(region), self.labels.shape, strict=True)
        )

    def around(self, region: int) -> frozenset[int]:
        """Numbers (from 0) of the regions that share a side with a region."""
        cut = tuple(
            slice(max(0, low - 1), min(n, high + 1))
            for (low, high), n in zip(self.box(region), self.labels.shape, strict=True)
        )
        numbers = self.picture[cut]
        mine = numbers == region + 1
        ring = np.zeros_like(mine)
        for axis in range(mine.ndim):
            front, back = _ends(mine.ndim, axis)
            ring[back] |= mine[front]
            ring[front] |= mine[back]
        return frozenset((np.unique(numbers[ring & ~mine]) - 1).tolist())

    def has_own_kind_within(self, region: int, distance: int) -> bool:
        """Whether the box round a region, widened by ``distance``, holds a larger one of its id."""
        cut = tuple(
            slice(max(0, low - distance), high + distance) for low, high in self.box(region)
        )
        near = np.unique(self.picture[cut]) - 1
        same = self.regions.label[near] == self.regions.label[region]
        return bool((same & (self.regions.area[near] > self.regions.area[region])).any())

    def enclosing(self, region: int) -> int | None:
        """The one region that surrounds a region on all sides, if there is one."""
        if self.touches_border(region):
            return None
        around = self.around(region)
        return next(iter(around)) if len(around) == 1 else None

    def finding(
        self,
        code: str,
        message: str,
        *,
        class_id: int | None = None,
        regions: Iterable[int] = (),
        boxes: Sequence[Box] = (),
        count: int | None = None,
    ) -> LintFinding:
        """A finding about this mask, with the places of some regions or some boxes."""
        order = sorted(regions, key=lambda n: (-int(self.regions.area[n]), n))
        places = [self.box(n) for n in order] if order else list(boxes)
        return LintFinding(
            code,
            message,
            sample=self.sample,
            source=self.source,
            file=self.path,
            class_id=class_id,
            count=count if count is not None else max(1, len(places)),
            places=tuple(places[:MAX_PLACES]),
            bbox=round_all(places),
        )


def round_all(boxes: Sequence[Box]) -> Box | None:
    """The box round several boxes; None round nothing.

    Examples
    --------
    >>> round_all([((0, 2), (5, 6)), ((4, 5), (1, 2))])
    ((0, 5), (1, 6))
    """
    if not boxes:
        return None
    return tuple(
        (min(low for low, _ in sides), max(high for _, high in sides))
        for sides in zip(*boxes, strict=True)
    )


def _ends(ndim: int, axis: int) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Index of all but the last, and of all but the first, along one axis."""
    front = [slice(None)] * ndim
    back = [slice(None)] * ndim
    front[axis], back[axis] = slice(None, -1), slice(1, None)
    return tuple(front), tuple(back)


def listed(values: Iterable[Any], limit: int = 8) -> str:
    """The first few values with commas, and an ellipsis when there are more."""
    shown = [str(value) for value in values]
    return ", ".join(shown[:limit]) + (", …" if len(shown) > limit else "")
