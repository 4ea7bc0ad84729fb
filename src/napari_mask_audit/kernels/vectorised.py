"""The kernels in plain numpy: always available, no compilation, the oracle of the fast backend.

Masks are flat: only a few per cent of their pixels differ from the pixel before. So the work is
done on runs (maximal stretches over which no mask changes), found by comparing neighbours, and
never by sorting or hashing pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..masks import LabelArray

#: Combinations counted in a dense table; above this the run keys are sorted instead.
_DENSE_KEYS = 1 << 20
#: Pixels whose boundary bands are found at a time.
_STRIP_PIXELS = 1 << 18


def count_tuples(
    masks: Sequence[LabelArray | NDArray[np.bool_]],
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Label combinations with pixel counts; see :func:`napari_mask_audit.kernels.count_tuples`."""
    flat = [np.ascontiguousarray(mask).reshape(-1) for mask in masks]
    if any(f.size != flat[0].size for f in flat):
        raise ValueError(f"masks differ in shape: {[m.shape for m in masks]}")
    if flat[0].size == 0:
        return np.empty((0, len(flat)), np.int32), np.empty(0, np.int64)
    starts = run_starts(flat)
    lengths = np.diff(starts, append=flat[0].size)
    return count_weighted_tuples([f[starts] for f in flat], lengths)


def run_starts(flat: Sequence[NDArray[Any]]) -> NDArray[np.int64]:
    """Positions at which any of the flattened masks differs from its previous pixel; 0 first."""
    changes = np.empty(flat[0].size, np.bool_)
    changes[0] = True
    np.not_equal(flat[0][1:], flat[0][:-1], out=changes[1:])
    for column in flat[1:]:
        changes[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(changes)


def count_weighted_tuples(
    columns: Sequence[NDArray[Any]], weights: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Distinct rows of a table given by its columns, with the summed weight of each.

    Parameters
    ----------
    columns : sequence of ndarray of int or bool, each of shape (R,)
        R >= 1.
    weights : ndarray of int64, shape (R,)
        Run lengths. All > 0.

    Returns
    -------
    tuples : ndarray of int32, shape (U, K)
        In lexicographic order.
    counts : ndarray of int64, shape (U,)
    """
    keys, size = np.zeros(weights.size, np.int64), 1
    known = np.zeros((1, 0), np.int64)  # the combinations that the keys count through,
    pending: list[NDArray[np.int64]] = []  # times the values of the columns added since
    for column in columns:
        values, digits = _digits(column)
        if size * values.size > _DENSE_KEYS:
            present, keys = _compact(keys, size)
            known, pending = _decoded(present, known, pending), []
            size = len(known)
        keys *= values.size
        keys += digits
        size *= values.size
        pending.append(values)
    present, keys = _compact(keys, size)
    # Run lengths sum to less than 2**53, so the float64 sums of bincount are exact.
    counts = np.bincount(keys, weights=weights, minlength=present.size).astype(np.int64)
    return _decoded(present, known, pending).astype(np.int32), counts


def _digits(column: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """Ascending values and, for every entry, the position of its value among them."""
    low, high = int(column.min()), int(column.max())
    if high - low < 256:
        return np.arange(low, high + 1), column - low if low else column
    return _compact(column.astype(np.int64) - low, high - low + 1, low)


def _compact(
    keys: NDArray[np.int64], size: int, low: int = 0
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Distinct keys (plus `low`), ascending, and the position of each entry's key among them."""
    if size > max(_DENSE_KEYS, 4 * keys.size):
        values, codes = np.unique(keys, return_inverse=True)
        return values + low, codes.reshape(-1)
    present = np.zeros(size, np.bool_)
    present[keys] = True
    rank = np.cumsum(present) - 1
    return np.flatnonzero(present) + low, rank[keys]


def _decoded(
    keys: NDArray[np.int64], known: NDArray[np.int64], pending: Sequence[NDArray[np.int64]]
) -> NDArray[np.int64]:
    """Label combinations that some keys stand for, shape (keys, columns)."""
    columns: list[NDArray[np.int64]] = []
    for values in reversed(pending):
        keys, digits = np.divmod(keys, values.size)
        columns.insert(0, values[digits])
    return np.column_stack([known[keys], *columns])


def boundary_bands(labels: LabelArray, width: int) -> NDArray[np.bool_]:
    """Inner boundary bands; see :func:`napari_mask_audit.kernels.boundary_bands`."""
    band = np.ones(labels.shape, np.bool_)
    if min(labels.shape) <= 2 * width:
        return band  # every pixel is within reach of the image edge
    # What is left are the pixels further than `width` from every image edge, in strips that fit
    # into the processor's cache.
    inner = band[(slice(width, -width),) * labels.ndim]
    rows = max(4 * width, _STRIP_PIXELS // labels[0].size)
    for start in range(0, len(inner), rows):
        stop = min(start + rows, len(inner))
        mixed = mixed_blocks(labels[start : stop + 2 * width])
        for axis in range(labels.ndim):
            mixed = _any_of_next(mixed, 2 * width, axis)
        inner[start:stop] = mixed
    return band


def count_banded_tuples(
    masks: Sequence[LabelArray], width: int
) -> tuple[NDArray[np.int32], NDArray[np.bool_], NDArray[np.int64]]:
    """In and outside the bands; see :func:`napari_mask_audit.kernels.count_banded_tuples`."""
    rows, counts = count_tuples([part for m in masks for part in (m, boundary_bands(m, width))])
    return (*without_bands(rows), counts)


def without_bands(rows: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Labels and band flags of rows in which they alternate, shape (U, K) each."""
    return np.ascontiguousarray(rows[:, ::2]), rows[:, 1::2].astype(np.bool_)


def count_rims(
    labels: LabelArray, ignore_ids: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rims of all labels; see :func:`napari_mask_audit.kernels.count_rims`."""
    ids, counts = count_tuples([labels])
    counted = ~np.isin(ids[:, 0], ignore_ids)
    present = ids[counted, 0].astype(np.int64)
    sizes = np.zeros((present.size, 3), np.int64)
    sizes[:, 0] = counts[counted]
    padded, nothing = _padded_with_nothing(labels, ignore_ids)
    at, steps = _next_to_a_change(padded)
    own = padded.reshape(-1)[at]
    at, own = at[own != nothing], own[own != nothing]
    around: list[NDArray[Any]] = []
    at_rim = np.zeros(at.size, np.bool_)
    for step in steps:
        neighbour = padded.reshape(-1)[at + step]
        other = (neighbour != own) & (neighbour != nothing)
        at_rim |= other
        for before in around:
            other &= neighbour != before
        around.append(neighbour)
        sizes[:, 2] += _counts_of(neighbour[other], present)
    sizes[:, 1] = _counts_of(own[at_rim], present)
    return present, sizes


def _padded_with_nothing(
    labels: LabelArray, ignore_ids: NDArray[np.int64]
) -> tuple[NDArray[Any], int]:
    """Labels with the outside and the ignored pixels set to a value that is no label."""
    nothing = int(labels.min()) - 1
    dtype = np.promote_types(labels.dtype, np.min_scalar_type(nothing))
    padded = np.full(tuple(n + 2 for n in labels.shape), nothing, dtype)
    inner = padded[(slice(1, -1),) * labels.ndim]
    inner[...] = labels
    if ignore_ids.size:
        inner[np.isin(labels, ignore_ids)] = nothing
    return padded, nothing


def _next_to_a_change(padded: NDArray[Any]) -> tuple[NDArray[np.int64], list[int]]:
    """Flat indices of the pixels with a face neighbour of another label; steps to neighbours."""
    ndim = padded.ndim
    changed = np.zeros(padded.shape, np.bool_)
    steps = []
    for axis in range(ndim):
        differ = padded[shifted(axis, 1, ndim)] != padded[shifted(axis, -1, ndim)]
        changed[shifted(axis, 1, ndim)] |= differ
        changed[shifted(axis, -1, ndim)] |= differ
        stride = int(np.prod(padded.shape[axis + 1 :]))
        steps += [-stride, stride]
    for axis in range(ndim):  # the padding itself has no neighbours on all sides
        changed[(slice(None),) * axis + (slice(None, None, padded.shape[axis] - 1),)] = False
    return np.flatnonzero(changed), steps


def _counts_of(values: NDArray[Any], among: NDArray[np.int64]) -> NDArray[np.int64]:
    """How often each of the ascending ids `among` occurs; every value is one of them."""
    if values.size == 0:
        return np.zeros(among.size, np.int64)
    found, digits = _digits(values)
    numbers = np.bincount(digits, minlength=found.size)
    counts = np.zeros(among.size, np.int64)
    counts[np.searchsorted(among, found[numbers > 0])] = numbers[numbers > 0]
    return counts


def first_hits(
    labels: NDArray[np.int32],
    wanted: NDArray[np.int32],
    position: NDArray[np.int64],
    jumps: NDArray[np.int64],
    known: NDArray[np.int32],
    first: int,
) -> NDArray[np.int32]:
    """First jumps that hit; see :func:`napari_mask_audit.kernels.first_hits`."""
    found = known.copy()
    left = np.flatnonzero(known >= first)
    found[left] = len(jumps)
    position, wanted = position[left], wanted[left]
    for number in range(first, len(jumps)):
        hit = labels[position + jumps[number]] == wanted
        if hit.any():
            found[left[hit]] = number
            left, position, wanted = left[~hit], position[~hit], wanted[~hit]
    return found


def mixed_blocks(labels: LabelArray) -> NDArray[np.bool_]:
    """For every 2 × 2 (× 2) block of pixels, whether it holds more than one label.

    A larger window holds more than one label exactly when one of its blocks does.
    """
    ndim = labels.ndim
    mixed = np.zeros(tuple(n - 1 for n in labels.shape), np.bool_)
    for axis in range(ndim):
        steps = labels[shifted(axis, 1, ndim)] != labels[shifted(axis, -1, ndim)]
        for other in range(ndim):
            if other != axis:
                steps = steps[shifted(other, 1, ndim)] | steps[shifted(other, -1, ndim)]
        mixed |= steps
    return mixed


def _any_of_next(flags: NDArray[np.bool_], width: int, axis: int) -> NDArray[np.bool_]:
    """Whether any of the `width` flags from here on along `axis` is set, by doubling the reach."""
    length = flags.shape[axis] - width + 1
    reach = 1
    while reach < width:
        step = min(reach, width - reach)
        flags = flags[shifted(axis, -step, flags.ndim)] | flags[shifted(axis, step, flags.ndim)]
        reach += step
    assert flags.shape[axis] == length
    return flags


def shifted(axis: int, by: int, ndim: int) -> tuple[slice, ...]:
    """Index that drops `by` entries from the start (by > 0) or the end (by < 0) of one axis."""
    along = slice(by, None) if by > 0 else slice(None, by)
    return tuple(along if a == axis else slice(None) for a in range(ndim))
