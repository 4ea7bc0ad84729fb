"""Surface elements of all classes at once and their exact distances, in plain numpy.

Elements are taken only where the label map changes, and each looks for its nearest counterpart
along the rows of the lattice, nearest row first, until no further row can be closer. Most
elements have a counterpart a few pixels away, so a few rows do; the rare rest asks a KD-tree.
No distance transform of an image is ever computed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..masks import LabelArray
from .surfaces import (
    IGNORED,
    Convention,
    ElementTable,
    class_lookup,
    lattice_shape,
    padding_label,
)
from .vectorised import mixed_blocks, run_starts, shifted
from .vectorised_search import Lattice, nearest_distances

#: Lattice positions handled at a time; bounds the memory of noisy masks.
_CHUNK = 1 << 15
#: Range of ids up to which the class of every label is looked up in a table.
_WIDEST = 1 << 22


@dataclass(frozen=True)
class _Pixels:
    """A padded mask and the class number of each of its labels.

    The padding carries a label nobody asked for, so the image edge needs no special case.
    """

    padded: LabelArray
    lookup: NDArray[Any]
    low: int

    @classmethod
    def of(
        cls, labels: LabelArray, class_ids: NDArray[np.int64], ignore_ids: NDArray[np.int64]
    ) -> _Pixels:
        low, high = int(labels.min()), int(labels.max())
        outside, dtype = padding_label(labels.dtype, class_ids, ignore_ids)
        padded = np.full(tuple(n + 2 for n in labels.shape), outside, dtype)
        padded[(slice(1, -1),) * labels.ndim] = labels
        low, high = min(low, outside), max(high, outside)
        return cls(padded, class_lookup(class_ids, ignore_ids, low, high), low)

    def classes(self, at: NDArray[np.int64]) -> NDArray[Any]:
        """Class numbers at flat indices into the padded mask."""
        labels = self.padded.reshape(-1)[at]
        return self.lookup[labels.astype(np.int64) - self.low if self.low else labels]

    @property
    def ignores(self) -> bool:
        """Whether any pixel can be an ignored one."""
        return bool((self.lookup == IGNORED).any())


@dataclass(frozen=True)
class Elements:
    """Elements of one mask, before their distances are known."""

    classes: NDArray[Any]
    positions: NDArray[np.int64]
    codes: NDArray[np.uint8]
    sides: NDArray[np.int8]
    touched: NDArray[np.bool_]


def measure_surfaces(
    reference: LabelArray,
    candidate: LabelArray,
    class_ids: NDArray[np.int64],
    ignore_ids: NDArray[np.int64],
    spacing: tuple[float, ...],
    convention: Convention,
) -> tuple[ElementTable, ElementTable]:
    """Surface elements; see :func:`napari_mask_audit.kernels.measure_surfaces`."""
    reference, candidate, class_ids, ignore_ids = renumbered(
        reference, candidate, class_ids, ignore_ids
    )
    lattice = Lattice(lattice_shape(reference.shape, convention), spacing)
    (own, found), (other, found_other) = elements(
        reference, candidate, class_ids, ignore_ids, convention
    )
    return _table(own, other, found, lattice), _table(other, own, found_other, lattice)


def renumbered(
    reference: LabelArray,
    candidate: LabelArray,
    class_ids: NDArray[np.int64],
    ignore_ids: NDArray[np.int64],
) -> tuple[LabelArray, LabelArray, NDArray[np.int64], NDArray[np.int64]]:
    """The same masks and ids with smaller numbers where the ids are too far apart for a table.

    All labels that nobody asked for become one: no surface of an asked class lies between them.
    """
    low = min(int(reference.min()), int(candidate.min()))
    high = max(int(reference.max()), int(candidate.max()))
    if high - low <= _WIDEST:
        return reference, candidate, class_ids, ignore_ids
    asked = np.union1d(class_ids, ignore_ids)
    first, second = (_ranks(mask, asked) for mask in (reference, candidate))
    return (
        first,
        second,
        np.searchsorted(asked, class_ids) + 1,
        np.searchsorted(asked, ignore_ids) + 1,
    )


def _ranks(labels: LabelArray, asked: NDArray[np.int64]) -> LabelArray:
    """Position among the asked ids plus 1; 0 for all other labels."""
    flat = np.ascontiguousarray(labels).reshape(-1)
    starts = run_starts([flat])
    values = flat[starts].astype(np.int64)
    ranks = np.searchsorted(asked, values).clip(max=max(0, asked.size - 1))
    known = asked[ranks] == values if asked.size else np.zeros(values.size, np.bool_)
    numbers = np.where(known, ranks + 1, 0).astype(np.int32)
    return np.repeat(numbers, np.diff(starts, append=flat.size)).reshape(labels.shape)


def elements(
    reference: LabelArray,
    candidate: LabelArray,
    class_ids: NDArray[np.int64],
    ignore_ids: NDArray[np.int64],
    convention: Convention,
) -> list[tuple[Elements, NDArray[np.int64]]]:
    """Elements of both masks, sorted by class, without those next to ignored pixels; all counted.

    Returns
    -------
    list of (Elements, ndarray of int64, shape (C,))
        For the reference and for the candidate.
    """
    first = _Pixels.of(reference, class_ids, ignore_ids)
    second = _Pixels.of(candidate, class_ids, np.empty(0, np.int64))
    extract = _corner_elements if convention == "surfel" else _pixel_elements
    parts = list(extract(first, second))
    return [_by_class(list(side), class_ids.size) for side in zip(*parts, strict=True)]


def _in_padded(
    at: NDArray[np.int64], lattice: tuple[int, ...], shift: int, padded: tuple[int, ...]
) -> NDArray[np.int64]:
    """Flat indices into the padded mask of lattice positions moved by `shift` along all axes."""
    flat = np.zeros(at.size, np.int64)
    for along, length in zip(np.unravel_index(at, lattice), padded, strict=True):
        flat = flat * length + (along + shift)
    return flat


def _steps(padded: tuple[int, ...]) -> list[int]:
    """Flat steps from a corner's first pixel to its 2^n pixels; bit 4·dz + 2·dy + dx."""
    strides = [int(np.prod(padded[axis + 1 :])) for axis in range(len(padded))]
    return [
        sum(stride * (bit >> place & 1) for place, stride in enumerate(reversed(strides)))
        for bit in range(1 << len(padded))
    ]


def _corner_elements(first: _Pixels, second: _Pixels) -> Iterator[tuple[Elements, Elements]]:
    """Elements of both masks at the pixel corners, in chunks of ascending position."""
    mixed = mixed_blocks(first.padded)
    mixed |= mixed_blocks(second.padded)
    corners = np.flatnonzero(mixed)
    steps = _steps(first.padded.shape)
    ignores = first.ignores
    for start in range(0, max(1, corners.size), _CHUNK):
        some = corners[start : start + _CHUNK]
        at = _in_padded(some, mixed.shape, 0, first.padded.shape)
        a = [first.classes(at + step) for step in steps]
        b = [second.classes(at + step) for step in steps]
        touched = np.zeros(some.size, np.bool_)
        if ignores:
            for classes in a:
                touched |= classes == IGNORED
        yield _coded(some, a, b, touched), _coded(some, b, a, touched)


def _coded(
    corners: NDArray[np.int64],
    own: list[NDArray[Any]],
    other: list[NDArray[Any]],
    touched: NDArray[np.bool_],
) -> Elements:
    """One element per corner and class around it, unless all pixels around have that class."""
    pixels = len(own)
    full = (1 << pixels) - 1
    codes = np.zeros((corners.size, pixels), np.uint8)
    there = np.zeros((corners.size, pixels), np.uint8)
    listed = np.zeros(corners.size, np.uint8)  # the pixels around whose class is done
    for bit, classes in enumerate(own):
        new = (classes >= 0) & (listed & np.uint8(1 << bit) == 0)
        at = np.flatnonzero(new)
        if at.size > corners.size >> 3:  # whole rows are faster than many picked entries
            code = _code(classes, own)
            codes[:, bit] = np.where(new & (code != full), code, 0)
            there[:, bit] = _code(classes, other)
            listed |= np.where(new, code, 0)
        elif at.size:
            code = _code(classes[at], [column[at] for column in own])
            codes[at, bit] = np.where(code != full, code, 0)
            there[at, bit] = _code(classes[at], [column[at] for column in other])
            listed[at] |= code
    chosen = np.flatnonzero(codes)
    at = chosen // pixels
    reached = there.reshape(-1)[chosen]
    return Elements(
        np.stack(own, axis=1).reshape(-1)[chosen],
        corners[at],
        codes.reshape(-1)[chosen],
        _sides(reached == full, reached != 0),
        touched[at],
    )


def _code(classes: NDArray[Any], around: list[NDArray[Any]]) -> NDArray[np.uint8]:
    """Bit pattern of the pixels around each corner that have the given class."""
    code = np.zeros(classes.size, np.uint8)
    for bit, neighbour in enumerate(around):
        code |= (neighbour == classes).view(np.uint8) << np.uint8(bit)
    return code


def _sides(inside: NDArray[np.bool_], reached: NDArray[np.bool_]) -> NDArray[np.int8]:
    """+1 inside the other object, −1 outside, 0 on its surface."""
    return inside.view(np.int8) - (~reached).view(np.int8)


def _pixel_elements(first: _Pixels, second: _Pixels) -> Iterator[tuple[Elements, Elements]]:
    """Elements of both masks at the border pixels."""
    borders = _border_pixels(first.padded), _border_pixels(second.padded)
    positions = np.flatnonzero(borders[0] | borders[1])
    at = _in_padded(positions, borders[0].shape, 1, first.padded.shape)
    touched = _touches_ignored(first, at)
    classes = first.classes(at), second.classes(at)
    on_border = borders[0].reshape(-1)[positions], borders[1].reshape(-1)[positions]
    made = []
    for own, other in ((0, 1), (1, 0)):
        keep = np.flatnonzero(on_border[own] & (classes[own] >= 0))
        there = classes[own][keep] == classes[other][keep]
        sides = _sides(there & ~on_border[other][keep], there)
        codes = np.zeros(keep.size, np.uint8)
        made.append(Elements(classes[own][keep], positions[keep], codes, sides, touched[keep]))
    yield made[0], made[1]


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


def _touches_ignored(pixels: _Pixels, at: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether a pixel or one of its face neighbours is ignored."""
    touched = np.zeros(at.size, np.bool_)
    if pixels.ignores:
        shape = pixels.padded.shape
        strides = [int(np.prod(shape[axis + 1 :])) for axis in range(len(shape))]
        for step in (0, *strides, *(-stride for stride in strides)):
            touched |= pixels.classes(at + step) == IGNORED
    return touched


def _by_class(parts: list[Elements], count: int) -> tuple[Elements, NDArray[np.int64]]:
    """Elements that touch no ignored pixel, sorted by class and position; and all, counted."""
    classes = np.concatenate([part.classes for part in parts])
    touched = np.concatenate([part.touched for part in parts])
    found = np.bincount(classes, minlength=count)
    # Positions ascend already, so a stable sort by class is enough (a radix sort: 16-bit keys).
    order = np.argsort(classes, kind="stable")
    if touched.any():
        order = order[~touched[order]]
    sorted_ = Elements(
        classes[order],
        np.concatenate([part.positions for part in parts])[order],
        np.concatenate([part.codes for part in parts])[order],
        np.concatenate([part.sides for part in parts])[order],
        touched[order],
    )
    return sorted_, found


def _table(
    own: Elements, other: Elements, found: NDArray[np.int64], lattice: Lattice
) -> ElementTable:
    distances = np.zeros(own.positions.size)
    apart = np.flatnonzero(own.sides)
    distances[apart] = nearest_distances(
        lattice.keys(other.classes, other.positions),
        lattice.keys(own.classes[apart], own.positions[apart]),
        lattice,
    )
    starts = np.searchsorted(own.classes, np.arange(found.size + 1))
    return ElementTable(starts, found, own.positions, own.codes, distances, own.sides)
