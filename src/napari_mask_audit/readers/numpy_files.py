"""NPY and NPZ arrays. Pickled objects are refused: opening a mask must never run code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import MaskError
from .raw import RawMask

_USUAL_NAMES = ("labels", "mask", "masks", "arr_0")


def read_mask(path: Path) -> RawMask:
    """The array of an NPY file, or the only (or usually named) array of an NPZ file."""
    return RawMask(_load(path))


def read_image(path: Path) -> NDArray[Any]:
    """The array as it is."""
    return _load(path)


def _load(path: Path) -> NDArray[Any]:
    loaded = np.load(path, allow_pickle=False)
    if isinstance(loaded, np.ndarray):
        return loaded
    with loaded:
        names = list(loaded.files)
        chosen = names if len(names) == 1 else [n for n in _USUAL_NAMES if n in names]
        if not chosen:
            raise MaskError(
                "not-a-mask",
                f"the archive holds {len(names)} arrays ({', '.join(names[:5])}); keep one, or "
                f"name it {_USUAL_NAMES[0]!r}.",
                file=path,
            )
        array: NDArray[Any] = loaded[chosen[0]]
        return array
