"""What two sources have in common, sample by sample: counts that every pair score reads.

Rows add, so a pooled score is the score of the summed rows.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..dataset import Dataset
from ..dataset.model import Role
from ..overlap import PairTable, TupleTable
from ..settings import Settings
from .edges import EdgeSums, chosen_tolerances
from .observed import Observation
from .reliability import cohen_kappa

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PairCounts:
    """Pixel counts of one pair and class, one row per shared sample; rows add.

    Attributes
    ----------
    samples : tuple of str
        Samples that both sources have.
    groups : tuple
        Patient or scene of each, or None for each.
    counts : ndarray of int64, shape (n, 7)
        Overlap, first, second, overlap of the bands, band of the first, band of the second,
        pixels that count.
    edges : tuple of EdgeSums or None, length n
        Boundary sums.
    """

    samples: tuple[str, ...]
    groups: tuple[Hashable, ...]
    counts: NDArray[np.int64]
    edges: tuple[EdgeSums | None, ...]

    @property
    def iou(self) -> FloatArray:
        """IoU per sample; NaN where neither source has the class."""
        both, first, second = self.counts[:, :3].T
        return divide(both, first + second - both)

    @property
    def dice(self) -> FloatArray:
        """Dice per sample."""
        both, first, second = self.counts[:, :3].T
        return divide(2 * both, first + second)

    @property
    def boundary_iou(self) -> FloatArray:
        """IoU of the inner bands per sample."""
        both, first, second = self.counts[:, 3:6].T
        return divide(both, first + second - both)

    @property
    def kappa(self) -> FloatArray:
        """Cohen's kappa of the class against the rest, per sample."""
        return np.array([binary_kappa(row) for row in self.counts])

    @property
    def offset(self) -> FloatArray:
        """Signed boundary offset per sample; NaN unless both have the class."""
        return np.array([math.nan if e is None else e.offset for e in self.edges])

    @property
    def near_offset(self) -> FloatArray:
        """Signed offset per sample of the boundary within reach of the other."""
        return np.array([math.nan if e is None else e.near_offset for e in self.edges])

    def nsd(self, at: Sequence[int]) -> FloatArray:
        """NSD per sample at one place of each sample's grid; 0 where only one has the class."""
        return np.array([_at(e, i) for e, i in zip(self.edges, at, strict=True)])


def pair_table(dataset: Dataset, table: TupleTable, pair: tuple[str, str]) -> PairTable:
    """Counts of two sources without the pixels that either of them ignores.

    A void label drawn by a model is a wrong label, not void.
    """
    counted = table.pair(*pair)
    void = np.zeros(len(counted.counts), bool)
    for name, column in zip(pair, (counted.reference, counted.candidate), strict=True):
        if dataset.ignore_ids and dataset.source(name).role is not Role.PREDICTION:
            void |= np.isin(column, list(dataset.ignore_ids))
    keep = ~void
    return PairTable(
        counted.reference[keep],
        counted.candidate[keep],
        counted.reference_band[keep],
        counted.candidate_band[keep],
        counted.counts[keep],
    )


def count_pair(
    shared: Sequence[Observation], tables: Sequence[PairTable], pair: tuple[str, str], class_id: int
) -> PairCounts:
    """Counts of one class in the shared samples of a pair; ``tables`` from :func:`pair_table`."""
    rows = []
    for table in tables:
        first, second = table.reference == class_id, table.candidate == class_id
        band_1, band_2 = first & table.reference_band, second & table.candidate_band
        chosen = (first & second, first, second, band_1 & band_2, band_1, band_2)
        rows.append([*(int(table.counts[c].sum()) for c in chosen), table.pixels])
    edges = tuple(o.edges[pair].get(class_id) for o in shared)
    return PairCounts(
        tuple(o.sample for o in shared),
        tuple(o.group for o in shared),
        np.array(rows, np.int64).reshape(len(shared), 7),
        edges,
    )


def nothing_counted(shared: Sequence[Observation]) -> PairCounts:
    """Counts where there is no class to count."""
    return PairCounts(
        tuple(o.sample for o in shared),
        tuple(o.group for o in shared),
        np.zeros((len(shared), 7), np.int64),
        (None,) * len(shared),
    )


def tolerance_index(
    observations: Sequence[Observation], settings: Settings
) -> tuple[list[int], float]:
    """Where the first tolerance stands in the grid of each sample, and its value."""
    at, values = [], []
    for o in observations:
        tolerance = chosen_tolerances(o.spacing, settings)[0]
        at.append(int(np.searchsorted(o.grid, tolerance)))
        values.append(tolerance)
    return at, values[0] if len(set(values)) == 1 else math.nan


def binary_kappa(row: NDArray[np.int64]) -> float:
    """Cohen's kappa of a class against the rest, from a row of :attr:`PairCounts.counts`."""
    both, first, second, pixels = (int(row[i]) for i in (0, 1, 2, 6))
    return cohen_kappa([[both, first - both], [second - both, pixels - first - second + both]])


def _at(edges: EdgeSums | None, at: int) -> float:
    return math.nan if edges is None else float(edges.nsd[at])


def mean_of_known(values: FloatArray) -> float:
    """Mean of the finite values; NaN of nothing."""
    kept = values[np.isfinite(values)]
    return math.fsum(kept) / len(kept) if len(kept) else math.nan


def column_means(table: FloatArray) -> FloatArray:
    """Mean over the rows, NaN left out; NaN where a column has nothing else."""
    known = np.isfinite(table)
    total = np.where(known, table, 0).sum(axis=0)
    return divide(total, known.sum(axis=0))


def divide(top: Any, bottom: Any) -> FloatArray:
    """The quotient; NaN where the denominator is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(np.asarray(bottom) != 0, np.divide(top, bottom), math.nan))
