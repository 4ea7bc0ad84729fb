"""Wrong pixels gathered into the things a person would point at.

A missed region is one thing, whatever was predicted in its place; all slivers along the outline
between two objects are one thing; an area that is over- or under-drawn is one thing per connected
piece, with its crumbs. Everything here works on arrays of groups, so that a noisy mask with
thousands of groups costs no more than a clean one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..kernels.components import Components, label_runs
from ..kernels.vectorised_components import Runs
from .buckets import BucketMap
from .table import Bucket
from .wrong_runs import counted

IntArray = NDArray[np.int64]

_BY_REFERENCE = (Bucket.MISSED_SMALL.code, Bucket.MISSED_LARGE.code, Bucket.SPLIT.code)
_BY_CANDIDATE = (Bucket.FALSE_REGION.code, Bucket.MERGE.code)
_BY_PIECE = (Bucket.CONFUSION.code, Bucket.OVER_EXTENT.code, Bucket.UNDER_EXTENT.code)


@dataclass(frozen=True, eq=False)
class Groups:
    """Groups of wrong pixels, one per finding.

    Attributes
    ----------
    bucket : ndarray of int64, shape (n,)
        Bucket code.
    reference_region, candidate_region : ndarray of int64, shape (n,)
        Numbers of the regions it is about; −1 where any will do.
    other_region : ndarray of int64, shape (n,)
        For boundaries the second reference region of the pair, else −1.
    pixels : ndarray of int64, shape (n,)
    start, stop : ndarray of int64, shape (n, ndim)
        Bounding box, half-open.
    first : ndarray of int64, shape (n, ndim)
        First pixel in C order.
    point : ndarray of int64, shape (n, ndim)
        A pixel in the middle of the longest run of the largest piece.
    pieces : ndarray of int64, shape (n,)
        Connected pieces.
    pairs : ndarray of int64, shape (m, 3)
        Rows (group, reference id, candidate id), ascending …
    counts : ndarray of int64, shape (m,)
        … and the pixels of each.
    far : ndarray of int64, shape (n,)
        Pixels that lie further than the tolerance from where they would be right.
    member : ndarray of int64, shape (R,)
        Group of each run of wrong pixels.
    """

    bucket: IntArray
    reference_region: IntArray
    candidate_region: IntArray
    other_region: IntArray
    pixels: IntArray
    start: IntArray
    stop: IntArray
    first: IntArray
    point: IntArray
    pieces: IntArray
    pairs: IntArray
    counts: IntArray
    far: IntArray
    member: IntArray

    def __len__(self) -> int:
        return len(self.bucket)

    def pairs_of(self, group: int) -> tuple[IntArray, IntArray]:
        """Rows (reference id, candidate id) of one group, and their pixels."""
        low, high = np.searchsorted(self.pairs[:, 0], [group, group + 1])
        return self.pairs[low:high, 1:], self.counts[low:high]

    def runs_of(self, group: int) -> IntArray:
        """Which runs of wrong pixels are in one group."""
        low, high = np.searchsorted(self.member, [group, group + 1], sorter=self._order)
        return self._order[low:high]

    @cached_property
    def _order(self) -> IntArray:
        return np.argsort(self.member, kind="stable")


def group(found: BucketMap) -> Groups:
    """Gather the wrong pixels of a bucket map into groups.

    Returns
    -------
    Groups
        Their pixels sum to the number of wrong pixels.
    """
    keys = _keys(found)
    # One number per row sorts ten times faster than rows do.
    base = len(found.regions.reference) + len(found.regions.candidate) + 1
    second = np.maximum(keys[:, 2], keys[:, 3])
    code = (keys[:, 0] * base + keys[:, 1] + 1) * base + second + 1
    _, first, number = np.unique(code, return_index=True, return_inverse=True)
    unique = keys[first]
    runs = Runs(found.wrong.start, found.wrong.start + found.wrong.length)
    pieces, piece = label_runs(runs, number.reshape(-1), found.pair.shape)
    final = _gather(pieces, unique, found.small_area)
    count = int(final.max(initial=-1)) + 1
    key = np.zeros((count, unique.shape[1]), np.int64)
    key[final] = unique[pieces.label]
    member = final[piece]
    pairs, counts = _count_pairs(found, member)
    return Groups(
        bucket=key[:, 0],
        reference_region=key[:, 1],
        candidate_region=key[:, 2],
        other_region=key[:, 3],
        pairs=pairs,
        counts=counts,
        far=_count_far(found, member, key[:, 0]),
        member=member,
        **_places(pieces, final, count),
    )


def _keys(found: BucketMap) -> IntArray:
    """A row (bucket, reference region, candidate region, other region) for each run."""
    regions = found.regions
    bucket = found.bucket.astype(np.int64)
    own, other = found.wrong.own.astype(np.int64), found.wrong.other.astype(np.int64)
    keys = np.stack([bucket, own, other, np.full_like(own, -1)], axis=1)
    missed, false = found.reference_codes[own] > 0, found.candidate_codes[other] > 0
    confused = bucket == Bucket.CONFUSION.code
    by_reference = np.isin(bucket, _BY_REFERENCE) | (confused & missed)
    by_candidate = np.isin(bucket, _BY_CANDIDATE) | (confused & ~missed & false)
    keys[by_reference, 2] = -1
    keys[by_candidate, 1] = -1
    boundary = bucket == Bucket.BOUNDARY.code
    # The object that took the pixel, as the reference knows it; without one it stands for itself.
    partner = regions.partner[other]
    taker = np.where(partner >= 0, partner, len(regions.reference) + other)
    pair = np.sort(np.stack([own, taker], axis=1), axis=1)
    keys[boundary, 1], keys[boundary, 3] = pair[boundary, 0], pair[boundary, 1]
    keys[boundary, 2] = -1
    return keys


def _gather(pieces: Components, keys: IntArray, small: float) -> IntArray:
    """Number of the group of each piece, in C order of the groups' first pixels.

    Pieces of one key are one group; of an area that is over-drawn, under-drawn or confused, each
    large piece is a group of its own, and the crumbs together are one more.
    """
    owner = pieces.label
    by_piece = np.isin(keys[:, 0], _BY_PIECE) & (keys[:, 1] >= 0) & (keys[:, 2] >= 0)
    alone = by_piece[owner] & (pieces.area >= small)
    number = np.where(alone, len(keys) + np.arange(len(owner)), owner)
    _, first, number = np.unique(number, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[number.reshape(-1)]


def _places(pieces: Components, final: IntArray, count: int) -> dict[str, IntArray]:
    shape = pieces.shape
    start = np.full((count, len(shape)), np.iinfo(np.int64).max)
    stop = np.zeros((count, len(shape)), np.int64)
    np.minimum.at(start, final, pieces.start)
    np.maximum.at(stop, final, pieces.stop)
    first = np.zeros((count, len(shape)), np.int64)
    first[final[::-1]] = pieces.first[::-1]
    order = np.lexsort((-np.arange(len(final)), pieces.area))
    point = np.zeros((count, len(shape)), np.int64)
    point[final[order]] = pieces.inside[order]
    return {
        "pixels": np.bincount(final, pieces.area, count).astype(np.int64),
        "start": start,
        "stop": stop,
        "first": first,
        "point": point,
        "pieces": np.bincount(final, minlength=count).astype(np.int64),
    }


def _count_pairs(found: BucketMap, member: IntArray) -> tuple[IntArray, IntArray]:
    regions, wrong = found.regions, found.wrong
    ids, (own, other) = regions.ids, regions.id_numbers
    key = (member * ids.size + own[wrong.own]) * ids.size + other[wrong.other]
    unique, counts = counted(key, wrong)
    rest, second = np.divmod(unique, ids.size)
    group_number, first = np.divmod(rest, ids.size)
    return np.stack([group_number, ids[first], ids[second]], axis=1), counts


def _count_far(found: BucketMap, member: IntArray, bucket: IntArray) -> IntArray:
    false = np.isin(bucket, [*_BY_CANDIDATE, Bucket.OVER_EXTENT.code])[member]
    far = np.where(false, found.far_from_reference, found.far_from_candidate)
    return np.bincount(member[far], found.wrong.length[far], len(bucket)).astype(np.int64)


def worth_of_repair(
    found: BucketMap, groups: Groups, left_out: frozenset[int]
) -> NDArray[np.float64]:
    """What repairing each group adds to the mean IoU of the sample.

    A class that occurs only by mistake leaves the mean when its last pixel is repaired. Where no
    class is left to average, the repaired sample counts as perfect.
    """
    ids = np.array([i for i in found.table.ids if i not in left_out], np.int64)
    overlap, union = found.table.overlaps_and_unions(ids.tolist())
    n_defined = int(np.count_nonzero(union))
    if ids.size == 0 or n_defined == 0:
        return np.zeros(len(groups))
    with np.errstate(invalid="ignore"):
        before = np.where(union > 0, overlap / np.maximum(union, 1), 0.0)
    gain = np.zeros((2, len(groups) * ids.size), np.int64)
    for side in (0, 1):  # missing pixels of the reference's class, superfluous of the candidate's
        label = groups.pairs[:, 1 + side]
        place = np.searchsorted(ids, label).clip(max=ids.size - 1)
        counted = ids[place] == label
        np.add.at(
            gain[side], groups.pairs[counted, 0] * ids.size + place[counted], groups.counts[counted]
        )
    touched = np.flatnonzero(gain.any(axis=0))
    at_group, at_class = np.divmod(touched, ids.size)
    left = union[at_class] - gain[1, touched]
    now = (overlap[at_class] + gain[0, touched]) / np.maximum(left, 1)
    change = np.where(left > 0, now - before[at_class], -before[at_class])
    total = before.sum() + np.bincount(at_group, change, len(groups))
    defined = n_defined - np.bincount(at_group[left == 0], minlength=len(groups))
    after = np.where(defined > 0, total / np.maximum(defined, 1), 1.0)
    worth: NDArray[np.float64] = after - before.sum() / n_defined
    return worth
