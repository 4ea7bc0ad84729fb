"""Surface elements of all classes of a mask at once, in plain numpy.

Elements are taken only where the label map changes: at a few per cent of the lattice points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..masks import LabelArray
from .surfaces import (
    Convention,
    Surfaces,
    class_lookup,
    padding_label,
    sides_of,
)
from .vectorised import mixed_blocks, run_starts, shifted
from .vectorised_search import nearest_distances

#: Lattice positions handled at a time; bounds the memory of noisy masks.
_CHUNK = 1 << 15
#: Range of ids up to which the class of every label is looked up in a table.
_WIDEST = 1 << 22


def find_surfaces(
    labels: LabelArray, class_ids: NDArray[np.int64], convention: Convention
) -> Surfaces:
    """Elements of one mask; see :func:`napari_mask_audit.kernels.find_surfaces`."""
    pixels = _Pixels.of(*renumbered(labels, class_ids))
    extract = _corner_elements if convention == "surfel" else _pixel_elements
    parts = extract(pixels)
    classes, positions, codes = (np.concatenate(column) for column in zip(*parts, strict=True))
    # Positions ascend already, so a stable sort by class is enough (a radix sort: 16-bit keys).
    order = np.argsort(classes, kind="stable")
    starts = np.concatenate(([0], np.cumsum(np.bincount(classes, minlength=class_ids.size))))
    return Surfaces(labels, convention, class_ids, starts, positions[order], codes[order])


def distances_to(
    surfaces: Surfaces, other: Surfaces, spacing: tuple[float, ...]
) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    """Distance of every element to the other mask's surface, and on which side of it it lies."""
    distances = nearest_distances(surfaces, other, spacing)
    return distances, sides_of(surfaces, other, distances)


@dataclass(frozen=True)
class _Pixels:
    """A padded mask and the class number of each of its labels.

    The padding carries a label nobody asked for, so the image edge needs no special case.
    """

    padded: LabelArray
    lookup: NDArray[Any]
    low: int

    @classmethod
    def of(cls, labels: LabelArray, class_ids: NDArray[np.int64]) -> _Pixels:
        low, high = int(labels.min()), int(labels.max())
        outside, dtype = padding_label(labels.dtype, class_ids)
        padded = np.full(tuple(n + 2 for n in labels.shape), outside, dtype)
        padded[(slice(1, -1),) * labels.ndim] = labels
        low, high = min(low, outside), max(high, outside)
        return cls(padded, class_lookup(class_ids, low, high), low)

    def classes(self, at: NDArray[np.int64]) -> NDArray[Any]:
        """Class numbers at flat indices into the padded mask."""
        labels = self.padded.reshape(-1)[at]
        return self.lookup[labels.astype(np.int64) - self.low if self.low else labels]


#: Class numbers, lattice positions and corner codes of some elements, by ascending position.
_Elements = tuple[NDArray[Any], NDArray[np.int64], NDArray[np.uint8]]


def renumbered(
    labels: LabelArray, class_ids: NDArray[np.int64]
) -> tuple[LabelArray, NDArray[np.int64]]:
    """The same mask and ids with smaller numbers where its ids are too far apart for a table.

    All labels that nobody asked for become one: no surface of an asked class lies between them.
    """
    if int(labels.max()) - int(labels.min()) <= _WIDEST:
        return labels, class_ids
    flat = np.ascontiguousarray(labels).reshape(-1)
    starts = run_starts([flat])
    values = flat[starts].astype(np.int64)
    ranks = np.searchsorted(class_ids, values).clip(max=max(0, class_ids.size - 1))
    known = class_ids[ranks] == values if class_ids.size else np.zeros(values.size, np.bool_)
    numbers = np.where(known, ranks + 1, 0).astype(np.int32)
    runs = np.diff(starts, append=flat.size)
    return np.repeat(numbers, runs).reshape(labels.shape), np.arange(1, class_ids.size + 1)


def _in_padded(
    at: NDArray[np.int64], lattice: tuple[int, ...], shift: int, padded: tuple[int, ...]
) -> NDArray[np.int64]:
    """Flat indices into the padded mask of lattice positions moved by `shift` along all axes."""
    # Row and slice take a division each, which numpy does faster than finding all coordinates.
    row = at // lattice[-1]
    flat = at + row * (padded[-1] - lattice[-1])
    if len(lattice) == 3:
        flat += (row // lattice[1]) * ((padded[1] - lattice[1]) * padded[2])
    return flat + shift * _steps(padded)[-1]


def _steps(padded: tuple[int, ...]) -> list[int]:
    """Flat steps from a corner's first pixel to its 2^n pixels; bit 4·dz + 2·dy + dx."""
    strides = [int(np.prod(padded[axis + 1 :])) for axis in range(len(padded))]
    return [
        sum(stride * (bit >> place & 1) for place, stride in enumerate(reversed(strides)))
        for bit in range(1 << len(padded))
    ]


def _corner_elements(pixels: _Pixels) -> list[_Elements]:
    """Elements at the pixel corners, in chunks of ascending position."""
    mixed = mixed_blocks(pixels.padded)
    corners = np.flatnonzero(mixed)
    steps = _steps(pixels.padded.shape)
    parts = []
    for start in range(0, max(1, corners.size), _CHUNK):
        some = corners[start : start + _CHUNK]
        at = _in_padded(some, mixed.shape, 0, pixels.padded.shape)
        parts.append(_coded(some, [pixels.classes(at + step) for step in steps]))
    return parts


def _coded(corners: NDArray[np.int64], around: list[NDArray[Any]]) -> _Elements:
    """One element per corner and class around it; not all pixels around a corner are of one."""
    pixels = len(around)
    # The codes of a corner are the bytes of one number, each where its class comes first.
    packed = np.zeros(corners.size, f"<u{pixels}")
    listed = np.zeros(corners.size, np.uint8)  # the pixels around whose class is done
    for bit, classes in enumerate(around):
        new = (classes >= 0) & (listed & np.uint8(1 << bit) == 0)
        at = np.flatnonzero(new)
        if at.size > corners.size >> 3:  # whole rows are faster than many picked entries
            code = _code(classes, around)
            code *= new.view(np.uint8)
            packed |= code.astype(packed.dtype) << packed.dtype.type(8 * bit)
            listed |= code
        elif at.size:
            code = _code(classes[at], [column[at] for column in around])
            packed[at] |= code.astype(packed.dtype) << packed.dtype.type(8 * bit)
            listed[at] |= code
    codes = packed.view(np.uint8)
    chosen = np.flatnonzero(codes != 0)
    return (
        np.stack(around, axis=1).reshape(-1)[chosen],
        corners[chosen // pixels],
        codes[chosen],
    )


def _code(classes: NDArray[Any], around: list[NDArray[Any]]) -> NDArray[np.uint8]:
    """Bit pattern of the pixels around each corner that have the given class."""
    code = np.zeros(classes.size, np.uint8)
    for bit, neighbour in enumerate(around):
        code |= (neighbour == classes).view(np.uint8) << np.uint8(bit)
    return code


def _pixel_elements(pixels: _Pixels) -> list[_Elements]:
    """Elements at the border pixels."""
    border = _border_pixels(pixels.padded)
    positions = np.flatnonzero(border)
    classes = pixels.classes(_in_padded(positions, border.shape, 1, pixels.padded.shape))
    keep = np.flatnonzero(classes >= 0)
    return [(classes[keep], positions[keep], np.zeros(keep.size, np.uint8))]


def _border_pixels(padded: LabelArray) -> NDArray[np.bool_]:
    """Pixels of the mask with a face neighbour of another label, the padding included."""
    ndim = padded.ndim
    inner = (slice(1, -1),) * ndim
    border = np.zeros(tuple(n - 2 for n in padded.shape), np.bool_)
    for axis in range(ndim):
        across = (*inner[:axis], slice(None), *inner[axis + 1 :])
        line = padded[across]
        step = line[shifted(axis, 1, ndim)] != line[shifted(axis, -1, ndim)]
        border |= step[shifted(axis, 1, ndim)]
        border |= step[shifted(axis, -1, ndim)]
    return border
