"""The confusion matrix: which class of the reference the candidate calls what, in pixels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .overlap import PairTable

if TYPE_CHECKING:
    import pandas as pd


class Cell(NamedTuple):
    """Pixels that the reference gives one class and the candidate another, or the same.

    Attributes
    ----------
    reference_id, candidate_id : int
        What either says.
    pixels : int
    share : float
        Of the pixels that the reference gives this class, above 0 to 1.
    """

    reference_id: int
    candidate_id: int
    pixels: int
    share: float


@dataclass(frozen=True)
class ConfusionMatrix:
    """Pixels by class in the reference and class in the candidate; ignored pixels are left out.

    Only the cells that are not zero are held, so thousands of ids cost nothing. Matrices of
    several samples, tiles or slices add up.

    Attributes
    ----------
    cells : mapping of (int, int) to int
        Pixels by (reference id, candidate id), ascending.

    Examples
    --------
    >>> import napari_mask_audit as ma
    >>> matrix = ma.compare([[0, 0, 1], [0, 1, 1]], [[0, 0, 1], [0, 0, 2]]).confusion
    >>> matrix.ids
    (0, 1, 2)
    >>> matrix.counts().tolist()
    [[3, 0, 0], [1, 1, 1], [0, 0, 0]]
    >>> matrix.most_confused()[0]
    Cell(reference_id=1, candidate_id=0, pixels=1, share=0.3333333333333333)
    """

    cells: Mapping[tuple[int, int], int] = field(default_factory=dict)

    @classmethod
    def from_table(cls, table: PairTable) -> ConfusionMatrix:
        """From counted pixels, of which the ignored ones were taken out."""
        low = np.iinfo(np.int32).min
        keys = (table.reference.astype(np.int64) << 32) + (table.candidate.astype(np.int64) - low)
        unique, inverse = np.unique(keys, return_inverse=True)
        # float64 sums of whole numbers are exact below 2**53
        sums = np.bincount(inverse, table.counts, minlength=unique.size).astype(np.int64)
        own, other = (unique >> 32).tolist(), ((unique & 0xFFFFFFFF) + low).tolist()
        return cls(dict(zip(zip(own, other, strict=True), sums.tolist(), strict=True)))

    @classmethod
    def total(cls, matrices: Iterable[ConfusionMatrix]) -> ConfusionMatrix:
        """The matrix of all of them together; empty for none."""
        cells: Counter[tuple[int, int]] = Counter()
        for matrix in matrices:
            cells.update(matrix.cells)
        return cls(dict(sorted(cells.items())))

    @property
    def ids(self) -> tuple[int, ...]:
        """Every id in either mask, ascending."""
        return tuple(sorted({class_id for pair in self.cells for class_id in pair}))

    @property
    def pixels(self) -> int:
        """Pixels that count."""
        return sum(self.cells.values())

    def counts(self) -> NDArray[np.int64]:
        """All cells.

        Returns
        -------
        ndarray of int64, shape (N, N)
            Reference along rows, candidate along columns, in the order of :attr:`ids`.
        """
        place = {class_id: n for n, class_id in enumerate(self.ids)}
        dense = np.zeros((len(place), len(place)), np.int64)
        for (reference_id, candidate_id), pixels in self.cells.items():
            dense[place[reference_id], place[candidate_id]] = pixels
        return dense

    def shares(self) -> tuple[Cell, ...]:
        """Every cell that is not zero, by reference id and candidate id."""
        whole: Counter[int] = Counter()
        for (own, _), pixels in self.cells.items():
            whole[own] += pixels
        return tuple(
            Cell(own, other, pixels, pixels / whole[own])
            for (own, other), pixels in self.cells.items()
        )

    def most_confused(self) -> tuple[Cell, ...]:
        """The cells whose two classes differ, most pixels first."""
        wrong = [cell for cell in self.shares() if cell.reference_id != cell.candidate_id]
        return tuple(sorted(wrong, key=lambda cell: -cell.pixels))

    def to_dict(self) -> dict[str, Any]:
        """Ids, and ``[reference id, candidate id, pixels]`` of every cell that is not zero."""
        return {
            "ids": list(self.ids),
            "cells": [[*pair, pixels] for pair, pixels in self.cells.items()],
        }

    def to_frame(self, names: Mapping[int, str] | None = None) -> pd.DataFrame:
        """Pixels with the reference's classes as index and the candidate's as columns.

        Parameters
        ----------
        names : mapping of int to str, optional
            Names instead of ids.
        """
        import pandas as pd

        known = names or {}
        labels = [known.get(class_id, str(class_id)) for class_id in self.ids]
        return pd.DataFrame(
            self.counts(),
            index=pd.Index(labels, name="reference"),
            columns=pd.Index(labels, name="candidate"),
        )
