"""How many pieces and holes each class has: what pixel counts cannot see.

The Euler number of every class comes out of one pass over the corners at which labels meet. At
such a corner each label present forms a small pattern among its 2 × 2 (× 2) pixels; the Euler
number of a class is the sum of a fixed weight per pattern [1]_. Corners inside one label weigh
nothing. Components come from the run graph, and the rest follows:

- 2D: Euler number = components − holes;
- 3D: Euler number = components − tunnels + cavities.

Connectivity: with ``"full"`` pixels of the class that share a corner are connected, while its
complement is connected through sides only (and ``"face"`` the other way round), as it must be for
the formulas to hold. Beyond the edge of the array is background.

References
----------
.. [1] Gray (1971), Local properties of binary images in two dimensions, IEEE Transactions on
   Computers C-20, 551, doi:10.1109/T-C.1971.223289.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_mask_audit.kernels.components import (
    Components,
    Connectivity,
    count_pieces,
    label_components,
)

#: Ids further apart than this are sorted instead of counted in a dense table.
_DENSE_IDS = 1 << 20


@dataclass(frozen=True)
class Topology:
    """Pieces and holes of one class.

    Attributes
    ----------
    components : int
        Connected pieces.
    holes : int
        Background regions enclosed by the class: holes in 2D, cavities in 3D.
    tunnels : int
        Handles through the class, as in a torus (3D; 0 in 2D).
    euler : int
        Euler number: ``components - tunnels + holes`` in 3D, ``components - holes`` in 2D.
    """

    components: int
    holes: int
    tunnels: int
    euler: int


def class_topology(
    labels: NDArray[np.integer[Any]],
    *,
    connectivity: Connectivity = "full",
    background: int | None = None,
) -> dict[int, Topology]:
    """Topology of every class of a map.

    Parameters
    ----------
    labels : ndarray of integer, shape (y, x) or (z, y, x)
        Class ids; not changed.
    connectivity : {"full", "face"}
        Neighbourhood within the class; its complement uses the other one.
    background : int, optional
        A class to leave out.

    Returns
    -------
    dict
        One entry per class that occurs, by ascending id; absent classes have none.

    Raises
    ------
    SettingsError
        ``unknown-connectivity``.

    Examples
    --------
    A ring: one piece, one hole.

    >>> ring = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]])
    >>> class_topology(ring, background=0)
    {1: Topology(components=1, holes=1, tunnels=0, euler=0)}
    """
    if labels.ndim == 2:
        counts = count_pieces(labels, connectivity=connectivity, background=background)
        return {
            class_id: Topology(components=pieces, holes=holes, tunnels=0, euler=pieces - holes)
            for class_id, pieces, holes in zip(*(c.tolist() for c in counts), strict=True)
        }
    found = label_components(labels, connectivity=connectivity, background=background)
    classes, components = np.unique(found.label, return_counts=True)
    euler = euler_numbers(labels, connectivity=connectivity)
    table = {}
    for class_id, pieces in zip(classes.tolist(), components.tolist(), strict=True):
        chi = euler[class_id]
        holes = _cavities(labels, found, class_id, connectivity)
        tunnels = pieces + holes - chi
        table[class_id] = Topology(components=pieces, holes=holes, tunnels=tunnels, euler=chi)
    return table


def euler_numbers(
    labels: NDArray[np.integer[Any]], *, connectivity: Connectivity = "full"
) -> dict[int, int]:
    """Euler number of every label of a map, all labels in one pass.

    Parameters
    ----------
    labels : ndarray of integer, shape (y, x) or (z, y, x)
        Class ids; not changed.
    connectivity : {"full", "face"}
        Neighbourhood within the class.

    Returns
    -------
    dict
        Euler number by label, ascending; every label that occurs has an entry.

    Examples
    --------
    Two diagonal pixels touch with full connectivity only; the zeros between them do the same.

    >>> euler_numbers(np.array([[1, 0], [0, 1]]))
    {0: 1, 1: 1}
    >>> euler_numbers(np.array([[1, 0], [0, 1]]), connectivity="face")
    {0: 2, 1: 2}
    """
    around, outside = _mixed_corners(labels)
    weights = _corner_weights(labels.ndim, connectivity)
    highest = int(labels.max())
    if highest - outside < _DENSE_IDS:
        ids, index = np.arange(outside, highest + 1), around - outside
    else:
        ids, index = np.unique(around, return_inverse=True)
        index = index.reshape(around.shape)  # its shape differs between versions of numpy
    sums = np.zeros(len(ids))
    occurs = np.zeros(len(ids), dtype=bool)
    for position, own in enumerate(around):
        code = np.zeros(len(own), dtype=np.uint8)
        for bit, other in enumerate(around):
            code |= (own == other).view(np.uint8) << np.uint8(bit)
        # Of the positions that carry one label, the first speaks for all of them.
        first = (code & np.uint8((1 << position) - 1)) == 0
        spoken = index[position][first]
        sums += np.bincount(spoken, weights=weights[code[first]], minlength=len(ids))
        occurs[spoken] = True
    return {
        label: round(total / 2**labels.ndim)
        for label, total in zip(ids[occurs].tolist(), sums[occurs].tolist(), strict=True)
        if label != outside
    }


def _mixed_corners(labels: NDArray[np.integer[Any]]) -> tuple[NDArray[np.integer[Any]], int]:
    """Labels around each corner where labels meet, shape (2**ndim, n), and the outside's label."""
    outside = int(labels.min()) - 1
    wide = {1: np.int16, 2: np.int32}.get(labels.dtype.itemsize, np.int64)  # room for one more
    padded = np.pad(labels.astype(wide), 1, constant_values=outside)
    mixed = np.zeros(tuple(extent + 1 for extent in labels.shape), dtype=bool)
    views = [
        padded[
            tuple(slice(step, step + extent) for step, extent in zip(s, mixed.shape, strict=True))
        ]
        for s in product((0, 1), repeat=labels.ndim)
    ]
    for view in views[1:]:
        mixed |= view != views[0]
    return np.stack([view[mixed] for view in views]), outside


@cache
def _corner_weights(ndim: int, connectivity: Connectivity) -> NDArray[np.int64]:
    """Weight of each pattern of a label around a corner, times ``2**ndim``; index = bit code.

    Euler number = Σ over cells (−1)^dimension, where corners, sides (faces) and pixels are the
    cells. A cell belongs to the class if any pixel around it does (full connectivity) or if all
    do, read from the pixels down (face connectivity). A cell of dimension k has 2^k corners, so
    each of them carries 1/2^k of it.
    """
    positions = list(product((0, 1), repeat=ndim))
    weights = np.zeros(2 ** len(positions), dtype=np.int64)
    # A cell at the corner extends along some axes, to one side; None: not along this axis.
    cells = list(product((None, 0, 1), repeat=ndim))
    for code in range(len(weights)):
        member = [bool(code >> bit & 1) for bit in range(len(positions))]
        for cell in cells:
            around = [
                inside
                for inside, position in zip(member, positions, strict=True)
                if all(side in (None, at) for side, at in zip(cell, position, strict=True))
            ]
            dimension = ndim - cell.count(None)
            part_of_class = any(around) if connectivity == "full" else all(around)
            if part_of_class:
                sign = (-1) ** (dimension if connectivity == "full" else ndim - dimension)
                weights[code] += sign * 2 ** (ndim - dimension)
    return weights


def _cavities(
    labels: NDArray[np.integer[Any]], found: Components, class_id: int, connectivity: Connectivity
) -> int:
    """Regions of the complement that do not reach the outside, within the box of the class."""
    mine = found.label == class_id
    low, high = found.start[mine].min(axis=0), found.stop[mine].max(axis=0)
    box = tuple(slice(a, b) for a, b in zip(low.tolist(), high.tolist(), strict=True))
    padded = np.pad(labels[box] == class_id, 1).astype(np.uint8)
    complement: Connectivity = "face" if connectivity == "full" else "full"
    return len(label_components(padded, connectivity=complement, background=1)) - 1
