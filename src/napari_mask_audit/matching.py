"""Which object of one map is which object of the other, from their overlap table.

Matching, splits and merges read only the table, never the pixels. A threshold is compared with an
IoU as a fraction of whole numbers, because a rounded quotient can fall on the wrong side of the
threshold and take an object with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .errors import SettingsError
from .kernels.components import Connectivity, label_components
from .kernels.links import join_linked
from .object_overlap import IntArray, ObjectOverlap

__all__ = [
    "DisconnectedObject",
    "Matching",
    "ObjectOverlap",
    "PartsOfWhole",
    "Rule",
    "count_matches",
    "disconnected_objects",
    "match",
    "merges",
    "passes",
    "splits",
]

Rule = Literal["gt", "ge"]

#: A part lies in a whole when at least this share of the part is inside the whole …
PART_INSIDE = Fraction(1, 2)
#: … and counts as a part when it is at least this share of the whole.
PART_OF_WHOLE = Fraction(1, 10)

#: Contested blocks with more (reference, candidate) combinations are solved without a matrix.
_DENSE_BLOCK = 1 << 22


@dataclass(frozen=True, eq=False)
class Matching:
    """One-to-one assignment of objects.

    Attributes
    ----------
    reference_ids, candidate_ids : ndarray of int64, shape (tp,)
        The matched objects, pair by pair, in ascending order of the reference id.
    iou : ndarray of float64, shape (tp,)
        IoU of each matched pair.
    missed : ndarray of int64, shape (fn,)
        Reference objects without a partner.
    spurious : ndarray of int64, shape (fp,)
        Candidate objects without a partner.
    threshold : float
        Least IoU of a match …
    rule : {"gt", "ge"}
        … exceeded (``"gt"``) or at least reached (``"ge"``).
    """

    reference_ids: IntArray
    candidate_ids: IntArray
    iou: NDArray[np.float64]
    missed: IntArray
    spurious: IntArray
    threshold: float
    rule: Rule

    @property
    def tp(self) -> int:
        """Matched pairs."""
        return len(self.iou)

    @property
    def fp(self) -> int:
        """Candidate objects without a partner."""
        return len(self.spurious)

    @property
    def fn(self) -> int:
        """Reference objects without a partner."""
        return len(self.missed)


@dataclass(frozen=True)
class PartsOfWhole:
    """An object of one map that the other map shows as several.

    Attributes
    ----------
    whole : int
        Id of the object in its own map.
    parts : tuple of int
        Ids of two or more objects of the other map, ascending.
    """

    whole: int
    parts: tuple[int, ...]


@dataclass(frozen=True)
class DisconnectedObject:
    """One id on several separate pieces: it is scored as one object, and deserves a look.

    Attributes
    ----------
    id : int
        The object id.
    areas : tuple of int
        Pixels of each piece, largest first; at least two.
    """

    id: int
    areas: tuple[int, ...]


def match(overlap: ObjectOverlap, *, threshold: float = 0.5, rule: Rule = "gt") -> Matching:
    """Best one-to-one assignment of reference objects to candidate objects.

    Only pairs whose IoU passes the threshold can be matched. Among all assignments the one with
    the most pairs is taken, and of those one with the largest sum of IoU. With IoU > 0.5 every
    object has at most one possible partner, so nothing has to be decided [1]_; below that, taking
    pairs greedily can lose matches.

    Parameters
    ----------
    overlap : ObjectOverlap
        ObjectOverlap table.
    threshold : float
        In [0, 1]; read as the decimal number it is written as (up to six decimals).
    rule : {"gt", "ge"}
        ``"gt"``: IoU > threshold (panoptic quality as defined); ``"ge"``: IoU ≥ threshold (as
        StarDist and Cellpose count).

    Returns
    -------
    Matching
        No pairs when either map is empty.

    Raises
    ------
    SettingsError
        ``bad-match-threshold``.

    References
    ----------
    .. [1] Kirillov et al. (2019), Panoptic Segmentation, CVPR, section 4.1,
       doi:10.1109/CVPR.2019.00963.

    Examples
    --------
    An object cut into exact halves: each half has IoU 1/2, which is not more than 1/2.

    >>> table = ObjectOverlap.from_tuples([[1, 1], [1, 2]], [8, 8])
    >>> match(table).tp, match(table, rule="ge").tp
    (0, 1)
    """
    chosen = _best_pairs(overlap, passes(overlap, threshold=threshold, rule=rule))
    rows, columns = overlap.reference_index[chosen], overlap.candidate_index[chosen]
    return Matching(
        reference_ids=overlap.reference_ids[rows],
        candidate_ids=overlap.candidate_ids[columns],
        iou=overlap.iou[chosen],
        missed=np.delete(overlap.reference_ids, rows),
        spurious=np.delete(overlap.candidate_ids, columns),
        threshold=threshold,
        rule=rule,
    )


def count_matches(overlap: ObjectOverlap, *, threshold: float, rule: Rule = "gt") -> int:
    """Number of pairs :func:`match` would find, without listing them."""
    return len(_best_pairs(overlap, passes(overlap, threshold=threshold, rule=rule)))


def passes(overlap: ObjectOverlap, *, threshold: float, rule: Rule) -> NDArray[np.bool_]:
    """Which pairs have an IoU beyond the threshold, shape (P,), compared without rounding."""
    if not 0 <= threshold <= 1 or rule not in ("gt", "ge"):
        raise SettingsError(
            "bad-match-threshold",
            f'a match needs a threshold from 0 to 1 and the rule "gt" or "ge", but has '
            f"{threshold!r} and {rule!r}.",
        )
    limit = Fraction(threshold).limit_denominator(10**6)
    left = overlap.shared * limit.denominator
    right = overlap.union * limit.numerator
    return left > right if rule == "gt" else left >= right


def splits(overlap: ObjectOverlap) -> tuple[PartsOfWhole, ...]:
    """Reference objects that the candidate shows in two or more pieces.

    A candidate object is a piece when at least half of it lies in the reference object and it
    covers at least a tenth of that object.

    Examples
    --------
    >>> splits(ObjectOverlap.from_tuples([[1, 4], [1, 9]], [12, 4]))
    (PartsOfWhole(whole=1, parts=(4, 9)),)
    """
    whole, part = overlap.reference_index, overlap.candidate_index
    inside = overlap.shared * PART_INSIDE.denominator >= (
        overlap.candidate_areas[part] * PART_INSIDE.numerator
    )
    large = overlap.shared * PART_OF_WHOLE.denominator >= (
        overlap.reference_areas[whole] * PART_OF_WHOLE.numerator
    )
    is_part = inside & large
    return tuple(
        PartsOfWhole(whole, parts)
        for whole, parts in _several(
            overlap.reference_ids[whole[is_part]], overlap.candidate_ids[part[is_part]]
        )
    )


def merges(overlap: ObjectOverlap) -> tuple[PartsOfWhole, ...]:
    """Candidate objects that hold two or more reference objects: :func:`splits` transposed."""
    return splits(overlap.swapped())


def disconnected_objects(
    labels: NDArray[np.integer[Any]],
    *,
    background: int | None = 0,
    connectivity: Connectivity = "full",
) -> tuple[DisconnectedObject, ...]:
    """Ids that sit on more than one connected piece, in ascending order.

    Parameters
    ----------
    labels : ndarray of integer, shape (y, x) or (z, y, x)
        Object ids.
    background : int or None
        The id that is not an object.
    connectivity : {"full", "face"}
        With ``"full"`` pieces that share a corner are one piece.

    Examples
    --------
    >>> disconnected_objects(np.array([[5, 0, 5, 5], [0, 0, 0, 0]]))
    (DisconnectedObject(id=5, areas=(2, 1)),)
    """
    components = label_components(labels, connectivity=connectivity, background=background)
    order = np.argsort(components.label, kind="stable")
    return tuple(
        DisconnectedObject(label, tuple(sorted(areas, reverse=True)))
        for label, areas in _several(components.label[order], components.area[order])
    )


def _several(key: IntArray, value: IntArray) -> list[tuple[int, tuple[int, ...]]]:
    """Values of each key that has two or more; equal keys must be next to each other."""
    begin = np.flatnonzero(np.diff(key, prepend=key[:1] - 1))
    end = np.append(begin[1:], len(key))
    several = end - begin > 1
    return [
        (int(key[b]), tuple(value[b:e].tolist()))
        for b, e in zip(begin[several], end[several], strict=True)
    ]


def _best_pairs(overlap: ObjectOverlap, allowed: NDArray[np.bool_]) -> IntArray:
    """Positions of the pairs of a best assignment, ascending."""
    pairs = np.flatnonzero(allowed)
    rows, columns = overlap.reference_index[pairs], overlap.candidate_index[pairs]
    row_degree = np.bincount(rows, minlength=len(overlap.reference_ids))
    column_degree = np.bincount(columns, minlength=len(overlap.candidate_ids))
    alone = (row_degree[rows] == 1) & (column_degree[columns] == 1)
    contested = pairs[~alone]
    if len(contested) == 0:
        return pairs
    return np.sort(np.concatenate([pairs[alone], _assign(overlap, contested)]))


def _assign(overlap: ObjectOverlap, pairs: IntArray) -> IntArray:
    """Best assignment among contested pairs, one connected block of the graph at a time."""
    n = len(overlap.reference_ids)
    rows, columns = overlap.reference_index[pairs], overlap.candidate_index[pairs]
    size = n + len(overlap.candidate_ids)
    block = join_linked(rows, columns + n, size)[0][rows]
    order = np.argsort(block, kind="stable")
    bounds = np.flatnonzero(np.diff(block[order])) + 1
    iou = overlap.iou[pairs]
    chosen = []
    for members in np.split(order, bounds):
        row_ids, row = np.unique(rows[members], return_inverse=True)
        column_ids, column = np.unique(columns[members], return_inverse=True)
        smaller = min(len(row_ids), len(column_ids))
        # One more pair always outweighs any gain in IoU: the IoU terms sum to at most 1/2.
        gain = 1 + iou[members] / (2 * smaller)
        dense = len(row_ids) * len(column_ids) <= _DENSE_BLOCK
        solve = _solve_dense if dense else _solve_sparse
        chosen.append(pairs[members[solve(row, column, gain)]])
    return np.concatenate(chosen)


def _solve_dense(row: IntArray, column: IntArray, gain: NDArray[np.float64]) -> IntArray:
    """Positions of the pairs of the assignment with the largest total gain."""
    from scipy.optimize import linear_sum_assignment

    shape = (int(row.max()) + 1, int(column.max()) + 1)
    matrix, position = np.zeros(shape), np.full(shape, -1)
    matrix[row, column], position[row, column] = gain, np.arange(len(row))
    best: IntArray = position[linear_sum_assignment(matrix, maximize=True)]
    return best[best >= 0]


def _solve_sparse(row: IntArray, column: IntArray, gain: NDArray[np.float64]) -> IntArray:
    """As :func:`_solve_dense`, without a matrix of all rows by all columns."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    # Every row is matched in this solver, so each gets a column of its own for "no partner". All
    # edges weigh 1 more than their gain, because a weight of 0 would not be an edge.
    n, width = int(row.max()) + 1, int(column.max()) + 1
    own = np.arange(n)
    rows, columns = np.append(row, own), np.append(column, width + own)
    graph = csr_array((np.append(gain + 1, np.ones(n)), (rows, columns)), shape=(n, width + n))
    matched_rows, matched_columns = min_weight_full_bipartite_matching(graph, maximize=True)
    partner = np.empty(n, dtype=np.int64)
    partner[matched_rows] = matched_columns
    return np.flatnonzero(partner[row] == column)
