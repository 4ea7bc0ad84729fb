"""The few functions that visit pixels, with two backends and one meaning.

``vectorised`` (numpy) is always there; ``compiled`` (numba) does the same work faster once its
machine code is cached. Callers import the functions below and never learn which one ran; each
backend is the other's oracle in the tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..masks import LabelArray
from ..side_by_side import both
from . import backend
from .surfaces import Convention, ElementTable, Surfaces
from .tallies import MeasuredElements, Tally
from .vectorised_rows import Rows
from .vectorised_votes import FloatArray, Round

__all__ = [
    "Convention",
    "ElementTable",
    "MeasuredElements",
    "Round",
    "Rounds",
    "Rows",
    "Surfaces",
    "Tally",
    "boundary_bands",
    "count_banded_tuples",
    "count_rims",
    "count_tuples",
    "find_surfaces",
    "first_hits",
    "map_rows",
    "measure_surfaces",
    "sum_squares",
    "tally_distances",
    "weigh_votes",
]


class Rounds(Protocol):
    """A table of votes with the probability of every label; :func:`weigh_votes` makes it."""

    posterior: FloatArray

    def count(self) -> Round:
        """What the raters said, by what is true with the present probabilities."""

    def judge(self, confusion: FloatArray, prior: FloatArray) -> Round:
        """New probabilities from how raters err, and what they then said."""


def count_tuples(
    masks: Sequence[LabelArray | NDArray[np.bool_]],
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Label combinations that occur in a stack of masks, with the number of pixels of each.

    For two masks this is the confusion matrix in sparse form, for *n* annotators the table from
    which every pairwise matrix, vote and agreement statistic follows. Tables add over tiles,
    slices and samples.

    Parameters
    ----------
    masks : sequence of ndarray, each of the same shape
        Label (or boolean) maps, 2D or 3D; at least one.

    Returns
    -------
    tuples : ndarray of int32, shape (U, K)
        The combinations, in lexicographic order; column k belongs to ``masks[k]``.
    counts : ndarray of int64, shape (U,)
        Pixels that carry each combination; they sum to the number of pixels.

    Examples
    --------
    >>> import numpy as np
    >>> a, b = np.array([[0, 0, 1], [0, 1, 1]]), np.array([[0, 1, 1], [0, 1, 1]])
    >>> tuples, counts = count_tuples([a, b])
    >>> tuples.tolist(), counts.tolist()
    ([[0, 0], [0, 1], [1, 1]], [2, 1, 3])
    """
    with backend.kernels() as kernels:
        return kernels.count_tuples(masks)


def boundary_bands(labels: LabelArray, width: int) -> NDArray[np.bool_]:
    """Pixels that lie in the inner boundary band of their own label, for all labels at once.

    A pixel belongs to the band when some pixel with another label is at most ``width`` chessboard
    steps away. What lies beyond the image edge counts as another label. For one label this is
    the mask minus ``width`` erosions with the full 3 × 3 (× 3) element after zero padding, which
    is how Boundary IoU defines its band [1]_.

    Parameters
    ----------
    labels : ndarray of int, shape (y, x) or (z, y, x)
        Label map.
    width : int
        Width of the band in pixels, at least 1.

    Returns
    -------
    ndarray of bool, same shape

    References
    ----------
    .. [1] Cheng et al. (2021), Boundary IoU, CVPR, doi:10.1109/CVPR46437.2021.01508.

    Examples
    --------
    >>> import numpy as np
    >>> boundary_bands(np.ones((3, 4), int), 1).astype(int)
    array([[1, 1, 1, 1],
           [1, 0, 0, 1],
           [1, 1, 1, 1]])
    """
    if width < 1:
        raise ValueError(f"width must be at least 1 pixel, but is {width}")
    with backend.kernels() as kernels:
        return kernels.boundary_bands(labels, width)


def find_surfaces(
    labels: LabelArray, class_ids: NDArray[np.int64], convention: Convention
) -> Surfaces:
    """Surface elements of one mask, for all classes.

    Parameters
    ----------
    labels : ndarray of int, shape (y, x) or (z, y, x)
    class_ids : ndarray of int64, shape (C,)
        Ascending, distinct.
    convention : {"surfel", "voxel"}
        See :mod:`napari_mask_audit.kernels.surfaces`.
    """
    with backend.kernels() as kernels:
        return kernels.find_surfaces(labels, class_ids, convention)


def measure_surfaces(
    reference: Surfaces,
    candidate: Surfaces,
    ignore_ids: frozenset[int],
    spacing: tuple[float, ...],
    *,
    workers: int = 1,
) -> tuple[ElementTable, ElementTable]:
    """Surface elements of both masks with their exact distances to each other.

    Parameters
    ----------
    reference, candidate : Surfaces
        Of the same shape, convention and class ids.
    ignore_ids : frozenset of int
        Elements next to a reference pixel with one of these ids are dropped (after extraction,
        so that an ignored area does not create surfaces of its own).
    spacing : tuple of float
        Pixel size per axis.
    workers : int
        With more than one, the two directions are measured at the same time.

    Returns
    -------
    reference_elements, candidate_elements : ElementTable
    """
    dropped = reference.near_labels(ignore_ids) if ignore_ids else None
    left = [s if dropped is None else s.without(dropped) for s in (reference, candidate)]

    def measured(found: Surfaces, own: Surfaces, other: Surfaces) -> ElementTable:
        with backend.kernels() as kernels:
            distances, sides = kernels.distances_to(own, other, spacing)
        return ElementTable(own.starts, found.counts, own.positions, own.codes, distances, sides)

    return both(
        lambda: measured(reference, left[0], left[1]),
        lambda: measured(candidate, left[1], left[0]),
        workers=workers,
    )


def tally_distances(
    surfaces: Sequence[MeasuredElements], limits: NDArray[np.float64], codes: int
) -> Tally:
    """Elements and distances of some surfaces, counted and added up by code.

    Parameters
    ----------
    surfaces : sequence of MeasuredElements
        S of them.
    limits : ndarray of float64, shape (S, L)
        Distances within which elements are counted, in any order.
    codes : int
        How many codes there are: 16 in 2D, 256 in 3D, 1 for the ``voxel`` convention.
    """
    with backend.kernels() as kernels:
        return kernels.tally_distances(surfaces, limits, codes)


def sum_squares(
    surfaces: Sequence[MeasuredElements], centres: Sequence[float], codes: int
) -> NDArray[np.float64]:
    """Sums of squared differences from a centre, by code, shape (S, codes).

    Parameters
    ----------
    surfaces : sequence of MeasuredElements
        S of them, with finite distances.
    centres : sequence of float
        What is subtracted from the signed distances, in which those outside the other object are
        negative.
    codes : int
        How many codes there are.
    """
    with backend.kernels() as kernels:
        return kernels.sum_squares(surfaces, centres, codes)


def count_banded_tuples(
    masks: Sequence[LabelArray], width: int
) -> tuple[NDArray[np.int32], NDArray[np.bool_], NDArray[np.int64]]:
    """The table of :func:`count_tuples`, with the pixels in and outside the bands told apart.

    Parameters
    ----------
    masks : sequence of ndarray of int, each of the same shape
        At least one.
    width : int
        Width of the bands in pixels, at least 1; see :func:`boundary_bands`.

    Returns
    -------
    tuples : ndarray of int32, shape (U, K)
        The combinations; column k belongs to ``masks[k]``.
    in_band : ndarray of bool, shape (U, K)
        Whether those pixels lie in the band of that mask.
    counts : ndarray of int64, shape (U,)
        Pixels; they sum to the number of pixels.

    Rows come in lexicographic order, each label directly followed by whether it is in its band.

    Examples
    --------
    >>> import numpy as np
    >>> tuples, in_band, counts = count_banded_tuples([np.ones((3, 4), int)], 1)
    >>> tuples.tolist(), in_band.tolist(), counts.tolist()
    ([[1], [1]], [[False], [True]], [2, 10])
    """
    if width < 1:
        raise ValueError(f"width must be at least 1 pixel, but is {width}")
    with backend.kernels() as kernels:
        return kernels.count_banded_tuples(masks, width)


def count_rims(
    labels: LabelArray, ignore_ids: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pixels that every label would lose or gain if its boundary moved by one pixel.

    Parameters
    ----------
    labels : ndarray of int, shape (y, x) or (z, y, x)
    ignore_ids : ndarray of int64
        Labels whose pixels do not count. Like the image edge, they are no boundary that could
        move.

    Returns
    -------
    ids : ndarray of int64, shape (U,)
        Labels that occur and are not ignored, ascending.
    sizes : ndarray of int64, shape (U, 3)
        Pixels of the label; those with a face neighbour of another label (lost when it shrinks);
        pixels of other labels with a face neighbour of this one (won when it grows).

    Examples
    --------
    >>> import numpy as np
    >>> labels = np.array([[0, 0, 0, 0], [0, 1, 1, 0], [0, 0, 0, 0]])
    >>> ids, sizes = count_rims(labels, np.array([], int))
    >>> ids.tolist(), sizes.tolist()
    ([0, 1], [[10, 6, 2], [2, 2, 6]])
    """
    with backend.kernels() as kernels:
        return kernels.count_rims(labels, ignore_ids)


def first_hits(
    labels: NDArray[np.int32],
    wanted: NDArray[np.int32],
    position: NDArray[np.int64],
    jumps: NDArray[np.int64],
    known: NDArray[np.int32],
    first: int,
) -> NDArray[np.int32]:
    """For some pixels the first of a list of jumps that lands on the label they want.

    Parameters
    ----------
    labels : ndarray of int32, shape (N,)
        A flattened label map.
    wanted : ndarray of int32, shape (n,)
        The label that each of the pixels looks for.
    position : ndarray of int64, shape (n,)
        Where they are in ``labels``.
    jumps : ndarray of int64, shape (K,)
        Steps in ``labels`` that lead from no pixel out of it.
    known : ndarray of int32, shape (n,)
        What an earlier search found; all K or more when there was none.
    first : int
        The jumps that one did not try begin here: where ``known`` is less, it stays.

    Returns
    -------
    ndarray of int32, shape (n,)
        Number of the first jump that hits, K where none does.

    Examples
    --------
    >>> import numpy as np
    >>> labels = np.array([5, 0, 0, 7], np.int32)
    >>> wanted, at, unknown = np.array([7, 9], np.int32), np.array([1, 1]), np.full(2, 3, np.int32)
    >>> first_hits(labels, wanted, at, np.array([-1, 1, 2]), unknown, 0).tolist()
    [2, 3]
    """
    with backend.kernels() as kernels:
        return kernels.first_hits(labels, wanted, position, jumps, known, first)


def map_rows(masks: Sequence[LabelArray | NDArray[np.bool_]]) -> Rows:
    """The table of :func:`count_tuples`, and which row of it every pixel belongs to.

    Parameters
    ----------
    masks : sequence of ndarray, each of the same shape
        Label (or boolean) maps; at least one.

    Returns
    -------
    labels : ndarray of int32, shape (U, K)
        The combinations, in lexicographic order.
    counts : ndarray of int64, shape (U,)
        Pixels of each.
    row : ndarray of int32, shape (R,)
        Row of each run of pixels, in C order. Where runs are cut is not promised.
    length : ndarray of int64, shape (R,)
        Pixels of each run; they sum to the number of pixels.
    """
    with backend.kernels() as kernels:
        return kernels.map_rows(masks)


def weigh_votes(
    codes: NDArray[np.int32], weight: NDArray[np.float64], posterior: NDArray[np.float64]
) -> Rounds:
    """A table of votes, ready for rounds of expectation and maximisation.

    Parameters
    ----------
    codes : ndarray of int32, shape (U, K)
        What each of K raters said: the number of a label, from 0; -1 for nothing.
    weight : ndarray of float64, shape (U,)
        Pixels of each row.
    posterior : ndarray of float64, shape (U, L)
        What is believed of each row at first. Copied.

    Returns
    -------
    Rounds
        ``count()`` and ``judge(confusion, prior)`` give ``sums``, shape (K, L, L): the pixels
        that rater k called a where b is true, ``[k, a, b]``; ``share``, shape (L,): the pixels of
        each label; and ``change``: how far a probability moved. ``judge`` first makes the
        probabilities anew from ``confusion``, shape (K, L, L), and ``prior``, shape (L,);
        probabilities below 1e-300 count as 1e-300. ``posterior`` holds them, rows summing to 1.

    Examples
    --------
    Two raters say 1; the first is right nine times in ten, the second guesses.

    >>> import numpy as np
    >>> votes = weigh_votes(np.array([[1, 1]], np.int32), np.array([8.0]), np.array([[0.5, 0.5]]))
    >>> errs = np.array([[[0.9, 0.1], [0.1, 0.9]], [[0.5, 0.5], [0.5, 0.5]]])
    >>> votes.judge(errs, np.array([0.5, 0.5])).share.round(6).tolist()
    [0.8, 7.2]
    """
    with backend.kernels() as kernels:
        rounds: Rounds = kernels.weigh_votes(codes, weight, posterior)
        return rounds
