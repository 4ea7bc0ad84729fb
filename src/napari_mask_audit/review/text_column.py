"""A column of short texts that is searched as one: 100,000 rows in a few milliseconds.

All rows lie in one array of bytes, so that a word is looked for in all of them together. A row that
changes costs nothing until the next search.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

# Ends a row; occurs in no UTF-8 text, so that nothing is found across rows.
_END = b"\xff"


def _coded(text: str) -> bytes:
    return text.casefold().encode("utf-8", "surrogatepass") + _END


class TextColumn:
    """Texts by row, searched without regard to case.

    Parameters
    ----------
    texts : iterable of str
        The first rows.

    Examples
    --------
    >>> column = TextColumn(["Pole", "road", ""])
    >>> column[2] = "POLES and roads"
    >>> column.containing("pole").tolist()
    [True, False, True]
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._rows = [_coded(text) for text in texts]
        self._joined: NDArray[np.uint8] | None = None
        self._ends: NDArray[np.intp] = np.zeros(0, np.intp)

    def __len__(self) -> int:
        return len(self._rows)

    def __setitem__(self, row: int, text: str) -> None:
        coded = _coded(text)
        if self._rows[row] != coded:
            self._rows[row] = coded
            self._joined = None

    def extend(self, texts: Iterable[str]) -> None:
        """Append rows."""
        self._rows.extend(_coded(text) for text in texts)
        self._joined = None

    def containing(self, text: str) -> NDArray[np.bool_]:
        """Which rows contain a text; all of them contain the empty one.

        Returns
        -------
        ndarray of bool, shape (rows,)
        """
        found = np.zeros(len(self._rows), bool)
        word = _coded(text)[:-1]
        if not word:
            return ~found
        if self._joined is None:
            self._joined = np.frombuffer(b"".join(self._rows), np.uint8)
            lengths = np.fromiter(map(len, self._rows), np.intp, len(self._rows))
            self._ends = np.cumsum(lengths)
        joined = self._joined
        if len(joined) < len(word):
            return found
        places = np.flatnonzero(joined[: len(joined) - len(word) + 1] == word[0])
        for offset, byte in enumerate(word[1:], 1):
            places = places[joined[places + offset] == byte]
        found[np.searchsorted(self._ends, places, side="right")] = True
        return found
