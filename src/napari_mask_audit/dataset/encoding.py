"""How a dataset stores its ids: as they are, or 0/255 (or anything non-zero) for "object".

Binary masks come as 0/1 from one tool and 0/255 from the next. Comparing them needs one meaning,
so 255 becomes class 1 — but only where nothing beyond 0, 1 and 255 occurs, and never where 255 is
declared as a class or as void.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import MaskError
from ..masks import LabelArray, ids_in


class Encoding(StrEnum):
    """What the numbers in the files mean."""

    IDS = "ids"
    BINARY_255 = "0/255"
    NONZERO = "nonzero"

    def decode(self, labels: LabelArray, path: Path | None = None) -> LabelArray:
        """Class ids of a mask stored this way.

        Raises
        ------
        MaskError
            ``not-binary`` when a mask of a 0/255 dataset holds any other id.

        Examples
        --------
        >>> Encoding.BINARY_255.decode(np.array([[0, 255]], np.uint8)).tolist()
        [[0, 1]]
        """
        if self is Encoding.IDS:
            return labels
        if self is Encoding.BINARY_255:
            others = sorted(ids_in(labels) - {0, 1, 255})
            if others:
                shown = ", ".join(map(str, others[:5])) + (", …" if len(others) > 5 else "")
                raise MaskError(
                    "not-binary",
                    f"the masks looked at when opening hold only 0 and 255, but this one also "
                    f"holds {shown}. Export it again without smoothing or compression, or "
                    "declare [classes] in dataset.toml.",
                    file=path,
                )
        binary: NDArray[np.uint8] = (labels != 0).view(np.uint8)
        return binary


def infer_encoding(
    seen: Mapping[str, frozenset[int]], declared: frozenset[int]
) -> tuple[Encoding, str | None]:
    """Encoding of a dataset from the ids seen in some of its masks.

    Parameters
    ----------
    seen : mapping of str to frozenset of int
        Ids seen, by source.
    declared : frozenset of int
        Ids that ``dataset.toml`` declares as class, background or void.

    Returns
    -------
    Encoding
        ``BINARY_255`` when 255 is the only object id of some source and nothing else occurs.
    str or None
        What to tell the user about it.
    """
    everything: frozenset[int] = frozenset().union(*seen.values()) if seen else frozenset()
    if 255 in declared or 255 not in everything:
        return Encoding.IDS, None
    if everything <= {0, 1, 255} and not any({1, 255} <= ids for ids in seen.values()):
        return Encoding.BINARY_255, "masks hold 0 and 255: read as binary (0 background, 1 object)"
    return Encoding.IDS, (
        "id 255 occurs beside other ids and is counted as a class; if it means void, "
        "add ignore = [255] to dataset.toml"
    )
