"""Right shapes with wrong ids: shifted by a constant, swapped, or not class ids at all.

All of this is read from the table of class pairs; no pixel is looked at again.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

from .table import FailureTable

#: Share of the pixels that are foreground in both masks that a shift of the ids must explain.
_EXPLAINED = 0.5
#: Share of each of two classes that must carry the other's id for them to be swapped.
_SWAPPED = 0.5
#: So many ids unknown to the reference make a map of grey values …
_GRADED_IDS = 24
#: … when they cover this share of the pixels that are not background.
_GRADED_SHARE = 0.5
#: IoU of a binary candidate with the foreground of the reference.
_BINARY_IOU = 0.5


def shifted_ids(table: FailureTable, left_out: frozenset[int]) -> dict[str, Any] | None:
    """Whether a constant added to all ids explains most of the common foreground.

    At least two classes must agree on the constant, and undoing it must raise the mean IoU.

    Examples
    --------
    >>> rows = [(5, 4, 4), (6, 5, 4), (0, 0, 0), (7, 0, 7)]
    >>> shifted_ids(FailureTable.of(np.array(rows), np.array([90, 80, 999, 9])), frozenset({0}))[
    ...     "shift"
    ... ]
    -1
    """
    both = ~np.isin(table.reference, list(left_out)) & ~np.isin(table.candidate, list(left_out))
    total = int(table.counts[both].sum())
    if total == 0:
        return None
    steps = table.candidate - table.reference
    values, inverse = np.unique(steps[both], return_inverse=True)
    pixels = np.bincount(inverse.reshape(-1), table.counts[both])
    step = int(values[int(np.argmax(pixels))])
    if step == 0 or pixels.max() < _EXPLAINED * total:
        return None
    rows = both & (steps == step)
    pairs = sorted(
        {
            (int(a), int(b))
            for a, b in zip(table.reference[rows], table.candidate[rows], strict=True)
        }
    )
    foreground = ~np.isin(table.candidate, list(left_out))
    undone = FailureTable(
        table.reference, np.where(foreground, table.candidate - step, table.candidate),
        table.bucket, table.counts,
    )  # fmt: skip
    before, after = table.mean_iou(left_out), undone.mean_iou(left_out)
    if len(pairs) < 2 or not after > before:
        return None
    return {
        "shift": step,
        "pairs": [list(pair) for pair in pairs],
        "explained_share": float(pixels.max() / total),
        "common_foreground_pixels": total,
        "mean_iou": before,
        "mean_iou_without": after,
    }


def renumbered_ids(table: FailureTable, left_out: frozenset[int]) -> dict[str, Any] | None:
    """Whether each class carries one id that is not its own: multiplied, or in another order.

    A class and an id belong together when more than half of either lies on the other. At least two
    classes must carry an id that the reference does not know, or three the ids of each other.

    Examples
    --------
    >>> rows = np.array([(1, 10, 4), (2, 20, 4), (0, 0, 0)])
    >>> found = renumbered_ids(FailureTable.of(rows, np.array([90, 80, 500])), frozenset({0}))
    >>> found["pairs"], found["factor"]
    ([[1, 10], [2, 20]], 10)
    """
    pairs = {a: b for a, b in _belonging(table, left_out) if a != b}
    strange = [b for b in pairs.values() if b not in table.reference]
    if len(strange) < 2 and not (len(pairs) >= 3 and set(pairs) == set(pairs.values())):
        return None
    back = {b: a for a, b in pairs.items()}
    candidate = np.array([back.get(i, i) for i in table.candidate.tolist()], np.int64)
    undone = FailureTable(table.reference, candidate, table.bucket, table.counts)
    before, after = table.mean_iou(left_out), undone.mean_iou(left_out)
    if not after > before:
        return None
    factors = {b / a for a, b in pairs.items() if a}
    factor = next(iter(factors)) if len(factors) == 1 and 0 not in pairs else 0
    return {
        "pairs": [[a, b] for a, b in sorted(pairs.items())],
        "factor": int(factor) if factor == int(factor) else factor,
        "mean_iou": before,
        "mean_iou_without": after,
    }


def _belonging(table: FailureTable, left_out: frozenset[int]) -> list[tuple[int, int]]:
    """Classes and candidate ids that mostly lie on each other."""
    counted = ~np.isin(table.reference, list(left_out)) & ~np.isin(table.candidate, list(left_out))
    shared: dict[tuple[int, int], int] = {}
    for a, b, n in zip(
        table.reference[counted].tolist(), table.candidate[counted].tolist(),
        table.counts[counted].tolist(), strict=True,
    ):  # fmt: skip
        shared[a, b] = shared.get((a, b), 0) + n
    own = {a: int(table.counts[table.reference == a].sum()) for a, _ in shared}
    other = {b: int(table.counts[table.candidate == b].sum()) for _, b in shared}
    return [
        (a, b)
        for (a, b), n in sorted(shared.items())
        if n > _SWAPPED * own[a] and n > _SWAPPED * other[b]
    ]


def swapped_classes(table: FailureTable, left_out: frozenset[int]) -> list[dict[str, Any]]:
    """Pairs of classes of which more than half of each carries the id of the other.

    Examples
    --------
    >>> rows = np.array([(1, 2, 4), (2, 1, 4), (1, 1, 0), (0, 0, 0)])
    >>> found = swapped_classes(FailureTable.of(rows, np.array([90, 50, 10, 500])), frozenset({0}))
    >>> [(swap["first"], swap["second"], swap["first_as_second"]) for swap in found]
    [(1, 2, 0.9)]
    """
    ids = [i for i in table.ids if i not in left_out]
    size = {i: int(table.counts[table.reference == i].sum()) for i in ids}
    present = [i for i in ids if size[i]]
    shared = {(int(a), int(b)): 0 for a in present for b in present}
    for a, b, n in zip(
        table.reference.tolist(), table.candidate.tolist(), table.counts.tolist(), strict=True
    ):
        if (a, b) in shared:
            shared[a, b] += n
    found = []
    for a, b in ((a, b) for a in present for b in present if a < b):
        there, back = shared[a, b] / size[a], shared[b, a] / size[b]
        if min(there, back) <= _SWAPPED:
            continue
        swap = {a: b, b: a}
        candidate = np.array([swap.get(i, i) for i in table.candidate.tolist()], np.int64)
        undone = FailureTable(table.reference, candidate, table.bucket, table.counts)
        found.append(
            {
                "first": a,
                "second": b,
                "first_as_second": there,
                "second_as_first": back,
                "mean_iou": table.mean_iou(left_out),
                "mean_iou_without": undone.mean_iou(left_out),
            }
        )
    return found


def graded_map(
    table: FailureTable, background: int | None, declared: Collection[int] = ()
) -> dict[str, Any] | None:
    """Whether the candidate holds grey values or probabilities instead of class ids.

    Many ids that neither the reference nor the class table knows, on most of what is not
    background.
    """
    known = np.isin(table.candidate, table.reference)
    known |= np.isin(table.candidate, list(declared))
    if background is not None:
        known |= table.candidate == background
    unknown = int(np.unique(table.candidate[~known]).size)
    drawn = table.candidate != background if background is not None else np.ones_like(known)
    total = int(table.counts[drawn].sum())
    share = int(table.counts[~known].sum()) / total if total else 0.0
    if unknown < _GRADED_IDS or share < _GRADED_SHARE:
        return None
    return {
        "unknown_ids": unknown,
        "unknown_share": share,
        "lowest_id": int(table.candidate.min()),
        "highest_id": int(table.candidate.max()),
    }


def binary_copy(
    table: FailureTable, background: int | None, declared: Collection[int] = ()
) -> dict[str, Any] | None:
    """Whether the candidate is a binary mask whose one id nobody knows.

    Needs a declared background, and the foregrounds must agree.
    """
    if background is None:
        return None
    drawn = table.candidate != background
    ids = np.unique(table.candidate[drawn])
    if ids.size != 1 or ids[0] in table.reference or ids[0] in declared:
        return None
    real = table.reference != background
    overlap, union = (int(table.counts[rows].sum()) for rows in (drawn & real, drawn | real))
    if overlap < _BINARY_IOU * union:
        return None
    return {
        "candidate_id": int(ids[0]),
        "reference_ids": np.unique(table.reference[real]).tolist(),
        "iou_as_foreground": overlap / union,
    }
