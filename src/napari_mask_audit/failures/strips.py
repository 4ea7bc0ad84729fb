"""Regions of both masks and the pixels in which they differ, found strip by strip.

A strip is a few rows (or slices) of both masks. Its regions are numbered, the pixels that a region
of one mask shares with one of the other are counted, and its wrong pixels are listed. Regions that
meet at the seam of two strips are united at the end. So the memory needed beyond the masks is a
strip, the regions and the wrong pixels, and the result is that of the whole in one piece.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from ..kernels.components import label_components
from ..kernels.links import join_linked
from ..masks import LabelArray
from .regions import IntArray, RegionList, RegionTable, region_table
from .wrong_runs import NumberArray, WrongRuns

#: Pixels worked on at a time unless told otherwise.
STRIP_PIXELS = 1 << 20


@dataclass(frozen=True, eq=False)
class Numbering:
    """How to number the regions of any strip of a mask again.

    Attributes
    ----------
    before : tuple of int
        For each strip, how many regions the strips before it have, seams aside.
    final : ndarray of int32
        Number in the whole mask of each of them.
    """

    before: tuple[int, ...]
    final: NumberArray

    def image(self, labels: LabelArray, strip: int) -> NumberArray:
        """Region number of every pixel of a strip."""
        numbers = label_components(labels).image()
        numbers += self.before[strip] - 1
        return self.final[numbers]


@dataclass(frozen=True, eq=False)
class Differences:
    """The regions of two masks, and the pixels in which the masks differ.

    Attributes
    ----------
    regions : RegionTable
        Regions of both masks and the pixels they share.
    numbering : (Numbering, Numbering)
        Of the reference and of the candidate.
    wrong : WrongRuns
        Where they differ, and between which regions.
    """

    regions: RegionTable
    numbering: tuple[Numbering, Numbering]
    wrong: WrongRuns


def strips(shape: Sequence[int], strip_pixels: int, halo: int = 0) -> Iterator[tuple[slice, slice]]:
    """Rows to work on, and the same rows with what can be seen from them.

    Examples
    --------
    >>> list(strips((5, 10), 20, halo=1))[1]
    (slice(2, 4, None), slice(1, 5, None))
    """
    rows = max(1, strip_pixels // max(1, math.prod(shape[1:])))
    for start in range(0, shape[0], rows):
        stop = min(start + rows, shape[0])
        yield slice(start, stop), slice(max(0, start - halo), min(shape[0], stop + halo))


def find_differences(
    reference: LabelArray,
    candidate: LabelArray,
    ignore_ids: Sequence[int],
    strip_pixels: int = STRIP_PIXELS,
) -> Differences:
    """The regions of two masks, what they share, and where the masks differ.

    Parameters
    ----------
    reference, candidate : ndarray of int, shape (y, x) or (z, y, x), the same for both
    ignore_ids : sequence of int
        Reference labels whose pixels do not count.
    strip_pixels : int
        Pixels worked on at a time; does not change the result.
    """
    sides = _Side(), _Side()
    pairs: list[IntArray] = []
    shared: list[IntArray] = []
    wrong: list[WrongRuns] = []
    plane = math.prod(reference.shape[1:])
    for rows, _ in strips(reference.shape, strip_pixels):
        labels = reference[rows], candidate[rows]
        numbers = [side.add(part) for side, part in zip(sides, labels, strict=True)]
        ignored = np.isin(labels[0], ignore_ids) if ignore_ids else None
        found, counts = _shared_pixels(numbers[0], numbers[1], ignored)
        pairs.append(found)
        shared.append(counts)
        differs = labels[0] != labels[1]
        if ignored is not None:
            differs &= ~ignored
        at = np.flatnonzero(differs)
        own, other = (n.reshape(-1)[at] for n in numbers)
        pixels = WrongRuns.of_pixels(at + rows.start * plane, own, other)
        wrong.append(pixels.compressed(reference.shape[-1]))
    (own_list, first), (other_list, second) = (side.finish() for side in sides)
    every = np.concatenate(pairs)
    united = np.stack([first.final[every[:, 0]], second.final[every[:, 1]]], axis=1)
    table = region_table(own_list, other_list, united.astype(np.int64), np.concatenate(shared))
    runs = WrongRuns.joined(wrong)
    runs = runs.with_columns(own=first.final[runs.own], other=second.final[runs.other])
    return Differences(table, (first, second), runs)


class _Side:
    """The regions of one mask, numbered as they come and united where strips meet."""

    def __init__(self) -> None:
        self._count = 0
        self._before: list[int] = []
        self._last: tuple[LabelArray, NumberArray] | None = None
        self._rows = 0
        self._parts: list[tuple[IntArray, IntArray, IntArray, IntArray]] = []
        self._seams: list[IntArray] = []

    def add(self, labels: LabelArray) -> NumberArray:
        """Numbers of the regions of the next strip, not yet united with those before."""
        found = label_components(labels)
        numbers = found.image()
        numbers += self._count - 1
        self._before.append(self._count)
        down = np.zeros(labels.ndim, np.int64)
        down[0] = self._rows
        self._parts.append((found.label, found.first + down, found.start + down, found.stop + down))
        if self._last is not None:
            self._seams.append(_touching(*self._last, labels[0], numbers[0]))
        self._last = labels[-1], numbers[-1].copy()
        self._rows += len(labels)
        self._count += len(found)
        return numbers

    def finish(self) -> tuple[RegionList, Numbering]:
        """All regions in C order of their first pixels, and how to find their numbers again."""
        label, first, start, stop = (
            np.concatenate(column) for column in zip(*self._parts, strict=True)
        )
        seams = np.concatenate([np.zeros((0, 2), np.int64), *self._seams])
        final, earliest = join_linked(seams[:, 0], seams[:, 1], len(label))
        low = np.full((len(earliest), start.shape[1]), np.iinfo(np.int64).max)
        high = np.zeros_like(low)
        np.minimum.at(low, final, start)
        np.maximum.at(high, final, stop)
        found = RegionList(label[earliest], first[earliest], low, high)
        return found, Numbering(tuple(self._before), final)


def _touching(
    above: LabelArray, above_numbers: NumberArray, below: LabelArray, below_numbers: NumberArray
) -> IntArray:
    """Pairs of regions of one label that meet between two rows (or slices), corners included."""
    found = []
    for step in product((-1, 0, 1), repeat=above.ndim):
        here, there = (
            tuple(slice(max(0, k), n + min(0, k)) for k, n in zip(shift, above.shape, strict=True))
            for shift in (step, tuple(-k for k in step))
        )
        same = above[here] == below[there]
        pair = np.stack([above_numbers[here][same], below_numbers[there][same]], axis=1)
        found.append(_distinct(pair.astype(np.int64)))
    return _distinct(np.concatenate(found))


def _distinct(pairs: IntArray) -> IntArray:
    """Different rows of an array of pairs; one number per row sorts faster than rows do."""
    keys = np.unique((pairs[:, 0] << 32) + pairs[:, 1])
    return np.stack([keys >> 32, keys & 0xFFFFFFFF], axis=1)


def _shared_pixels(
    own: NumberArray, other: NumberArray, ignored: NDArray[np.bool_] | None
) -> tuple[IntArray, IntArray]:
    """Pairs of regions that share pixels that count, and how many."""
    first, second = own.reshape(-1), other.reshape(-1)
    # Runs of equal pairs may wrap from row to row here: only their lengths matter.
    differs = (first[1:] != first[:-1]) | (second[1:] != second[:-1])
    if ignored is not None:
        differs |= ignored.reshape(-1)[1:] != ignored.reshape(-1)[:-1]
    start = np.concatenate([[0], np.flatnonzero(differs) + 1])
    length = np.diff(np.append(start, first.size))
    if ignored is not None:
        kept = ~ignored.reshape(-1)[start]
        start, length = start[kept], length[kept]
    key = (first[start].astype(np.int64) << 32) + second[start]
    unique, inverse = np.unique(key, return_inverse=True)
    counts = np.bincount(inverse.reshape(-1), length, unique.size).astype(np.int64)
    return np.stack([unique >> 32, unique & 0xFFFFFFFF], axis=1), counts
