"""The wrong pixels of a mask pair, as runs: what is known about each, and nothing about the rest.

Wrong pixels side by side about which the same is known are one run. So a mask whose ids are all
wrong costs no more memory than one with thin errors along its outlines.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from .regions import BoolArray, CodeArray, IntArray

NumberArray = NDArray[np.int32]
Value = TypeVar("Value", np.uint8, np.bool_)
_COLUMNS = ("own", "other", "to_reference", "to_candidate", "mark")


@dataclass(frozen=True, eq=False)
class WrongRuns:
    """Runs of wrong pixels in C order; none goes beyond the end of a row.

    Attributes
    ----------
    start : ndarray of int64, shape (R,)
        Flat index of the first pixel.
    length : ndarray of int64, shape (R,)
        Pixels.
    own, other : ndarray of int32, shape (R,)
        Number of the reference region and of the candidate region.
    to_reference, to_candidate : ndarray of int32, shape (R,)
        Which offset of the ball around the pixel is the nearest that the reference gives the
        candidate's class, and that the candidate gives the reference's; the number of offsets
        where none does.
    mark : ndarray of uint8, shape (R,)
        Code of ``split`` or ``merge`` where the pixels cut or join objects, else 0.
    """

    start: IntArray
    length: IntArray
    own: NumberArray
    other: NumberArray
    to_reference: NumberArray
    to_candidate: NumberArray
    mark: CodeArray

    def __len__(self) -> int:
        return len(self.start)

    @property
    def nbytes(self) -> int:
        """Memory it holds."""
        columns = [getattr(self, field.name) for field in dataclasses.fields(self)]
        return sum(column.nbytes for column in columns)

    @classmethod
    def of_pixels(cls, position: IntArray, own: NumberArray, other: NumberArray) -> WrongRuns:
        """Single pixels, about which no more is known than where they are."""
        n = position.size
        nothing = np.zeros(n, np.int32)
        return cls(
            position, np.ones(n, np.int64), own, other, nothing, nothing, np.zeros(n, np.uint8)
        )

    @classmethod
    def joined(cls, parts: Sequence[WrongRuns]) -> WrongRuns:
        """Runs of one strip after the other."""
        names = [field.name for field in dataclasses.fields(cls)]
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))

    def between(self, low: int, high: int) -> WrongRuns:
        """The runs from one flat index to another."""
        rows = slice(*np.searchsorted(self.start, [low, high]))
        return WrongRuns(*(getattr(self, field.name)[rows] for field in dataclasses.fields(self)))

    def positions(self, rows: IntArray | slice = slice(None)) -> IntArray:
        """Flat indices of the pixels of the chosen runs."""
        start, length = self.start[rows], self.length[rows]
        before = np.cumsum(length) - length
        found: IntArray = np.arange(int(length.sum())) + np.repeat(start - before, length)
        return found

    def broken_up(self, rows: BoolArray) -> WrongRuns:
        """The same pixels; the chosen runs become runs of one pixel each."""
        times = np.where(rows, self.length, 1)
        columns = {name: np.repeat(getattr(self, name), times) for name in _COLUMNS}
        before = np.repeat(np.cumsum(times) - times, times)
        start = np.repeat(self.start, times) + np.arange(before.size) - before
        length = np.repeat(np.where(rows, 1, self.length), times)
        return WrongRuns(start, length, **columns)

    def compressed(self, width: int) -> WrongRuns:
        """The same pixels in as few runs as possible, for rows of ``width`` pixels.

        Examples
        --------
        >>> one = np.ones(4, np.int32)
        >>> runs = WrongRuns.of_pixels(np.array([1, 2, 4, 5]), one, one).compressed(5)
        >>> runs.start.tolist(), runs.length.tolist()
        ([1, 4, 5], [2, 1, 1])
        """
        begins = self.start % width == 0
        begins[:1] = True
        begins[1:] |= self.start[1:] != self.start[:-1] + self.length[:-1]
        for name in _COLUMNS:
            column = getattr(self, name)
            begins[1:] |= column[1:] != column[:-1]
        first = np.flatnonzero(begins)
        length = np.add.reduceat(self.length, first) if first.size else self.length
        columns = {name: getattr(self, name)[first] for name in _COLUMNS}
        return WrongRuns(self.start[first], length, **columns)

    def with_columns(self, **columns: Any) -> WrongRuns:
        """The same runs with other columns."""
        return dataclasses.replace(self, **columns)

    def picture(self, values: NDArray[Value], shape: tuple[int, ...]) -> NDArray[Value]:
        """A value per run as a picture; 0 where no pixel is wrong."""
        size = int(np.prod(shape))
        edges = np.empty(2 * len(self) + 2, np.int64)
        edges[0], edges[-1] = 0, size
        edges[1:-1:2], edges[2:-1:2] = self.start, self.start + self.length
        painted = np.zeros(2 * len(self) + 1, values.dtype)
        painted[1::2] = values
        return np.repeat(painted, np.diff(edges)).reshape(shape)


def counted(keys: IntArray, runs: WrongRuns) -> tuple[IntArray, IntArray]:
    """Distinct keys of the runs, ascending, and the pixels of each."""
    unique, inverse = np.unique(keys, return_inverse=True)
    return unique, np.bincount(inverse.reshape(-1), runs.length, unique.size).astype(np.int64)
