"""A consensus as a mask: from pixels to votes, and from the decided votes back to pixels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..masks import LabelArray, canonical_labels
from .consensus import Consensus, Method, Region, consensus_of_votes
from .expansion import RowMap
from .staple import ITERATIONS
from .votes import MISSING, VoteTable


@dataclass(frozen=True, eq=False)
class ConsensusMask:
    """A consensus as pictures.

    Attributes
    ----------
    labels : ndarray of int, shape of the masks
        The consensus.
    consensus : Consensus
        The table behind it.
    rows : RowMap
        From its rows to pixels.
    """

    labels: LabelArray
    consensus: Consensus
    rows: RowMap

    def entropy_map(self) -> NDArray[np.float32]:
        """Entropy of the votes of every pixel in bits: 0 where all agree."""
        return self.rows.expand(self.consensus.entropy.astype(np.float32))

    def supporters_map(self) -> NDArray[np.uint8]:
        """How many raters gave every pixel the label of the consensus."""
        return self.rows.expand(self.consensus.supporters.astype(np.uint8))

    def agreement_map(self) -> NDArray[np.float32]:
        """Share of the votes of every pixel that the consensus has, 0 to 1."""
        said = np.maximum(self.consensus.votes.present, 1)
        return self.rows.expand((self.consensus.supporters / said).astype(np.float32))


def consensus_of_masks(
    masks: Sequence[LabelArray],
    raters: Sequence[str] | None = None,
    *,
    method: Method = "majority",
    region: Region = "disagreement",
    ignore_ids: Iterable[int] = (),
    background: int | None = None,
    reach_px: int = 5,
    iterations: int = ITERATIONS,
) -> ConsensusMask:
    """Consensus of several masks, as a mask.

    Parameters
    ----------
    masks : sequence of ndarray of int, all of one shape
        At least one.
    raters : sequence of str, optional
        Their names; ``rater 1`` … when not given.
    method, region, background, iterations
        As in :func:`consensus_of_votes`.
    ignore_ids : iterable of int
        Labels that are no vote. Pixels without any vote get the smallest of these ids.
    reach_px : int
        How far ``union_dilated`` reaches beyond the union of all objects, in chessboard steps.

    Examples
    --------
    >>> three = [np.array([row], np.uint8) for row in ([0, 1, 1], [0, 1, 0], [0, 0, 1])]
    >>> found = consensus_of_masks(three)
    >>> found.labels.tolist(), found.supporters_map().tolist()
    ([[0, 1, 1]], [[3, 2, 2]])
    """
    names = tuple(raters) if raters else tuple(f"rater {n + 1}" for n in range(len(masks)))
    ignored = sorted(set(ignore_ids))
    layers: list[Any] = list(masks)
    if region == "union_dilated":
        layers.append(_near_objects(masks, 0 if background is None else background, reach_px))
    rows = RowMap.of(layers)
    labels = rows.labels[:, : len(masks)].copy()
    labels[np.isin(labels, ignored)] = MISSING
    votes = VoteTable(names, labels, rows.counts)
    near = rows.labels[:, -1] > 0 if region == "union_dilated" else None
    found = consensus_of_votes(
        votes,
        method=method,
        region=region,
        in_region=near,
        background=background,
        iterations=iterations,
    )
    values = found.labels
    if (values == MISSING).any():
        fill = ignored[0] if ignored else (background or 0)
        values = np.where(values == MISSING, fill, values).astype(np.int32)
    low, high = int(values.min()), int(values.max())
    dtype = np.uint8 if low >= 0 and high < 256 else np.uint16 if 0 <= low <= high < 65536 else "i4"
    return ConsensusMask(
        labels=canonical_labels(rows.expand(values.astype(dtype))),
        consensus=found,
        rows=rows,
    )


def _near_objects(masks: Sequence[LabelArray], background: int, reach_px: int) -> NDArray[np.bool_]:
    """Pixels within reach of any rater's object."""
    from scipy.ndimage import maximum_filter

    union = np.zeros(masks[0].shape, np.uint8)
    for mask in masks:
        union |= (mask != background).astype(np.uint8)
    near: NDArray[np.bool_] = maximum_filter(union, size=2 * reach_px + 1, mode="constant") > 0
    return near
