"""Whether the whole mask is mirrored or turned by a right angle: an array saved the other way.

All turns that keep the shape are tried on a thinned grid; the best is measured in full.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ..masks import LabelArray
from .registration import Undone, mean_iou_of

#: Masks are thinned to about this many pixels to tell the turns apart.
_GRID_PIXELS = 1 << 16


class Turn(NamedTuple):
    """Which axes are read backwards once the last two are (or are not) exchanged."""

    words: str
    transposed: bool
    backwards: tuple[int, ...]

    def undone(self, labels: LabelArray) -> LabelArray:
        """The mask turned back."""
        back: LabelArray = np.flip(labels, self.backwards)
        return np.swapaxes(back, -1, -2) if self.transposed else back


#: In the plane; axes count from the end. A mask that is turned is first transposed, then mirrored.
_IN_PLANE = (
    Turn("mirrored left to right", False, (-1,)),
    Turn("mirrored upside down", False, (-2,)),
    Turn("turned by 180°", False, (-2, -1)),
    Turn("transposed (rows and columns exchanged)", True, ()),
    Turn("turned by 90° counter-clockwise", True, (-2,)),
    Turn("turned by 90° clockwise", True, (-1,)),
    Turn("mirrored at the rising diagonal", True, (-2, -1)),
)


@dataclass(frozen=True)
class Turned(Undone):
    """What turning the candidate back does.

    Attributes
    ----------
    words : str
        How the candidate lies relative to the reference.
    """

    words: str

    def evidence(self) -> dict[str, Any]:
        """The numbers, for a cause."""
        return {"turn": self.words, **super().evidence()}


def best_turn(
    reference: LabelArray,
    candidate: LabelArray,
    left_out: Collection[int],
    ignore_ids: Sequence[int],
) -> Turned | None:
    """The turn or mirroring after which the candidate fits the reference best.

    Returns
    -------
    Turned or None
        None when the mask fits best as it is.

    Examples
    --------
    >>> reference = np.zeros((8, 8), np.uint8)
    >>> reference[1:3, 1:6] = 1
    >>> best_turn(reference, np.rot90(reference), {0}, ()).words
    'turned by 90° counter-clockwise'
    """
    step = max(1, math.ceil((reference.size / _GRID_PIXELS) ** (1 / reference.ndim)))
    steps = tuple(slice(step // 2, None, step) if n >= 8 * step else slice(None)
                  for n in reference.shape)  # fmt: skip
    coarse = reference[steps]

    def agreement(turn: Turn) -> float:
        return mean_iou_of(coarse, turn.undone(candidate)[steps], left_out, ignore_ids)

    turns = list(_turns(reference.shape))
    chosen = max(turns, key=agreement)
    before = mean_iou_of(reference, candidate, left_out, ignore_ids)
    after = mean_iou_of(reference, chosen.undone(candidate), left_out, ignore_ids)
    return Turned(before, after, chosen.words) if after > before else None


def _turns(shape: tuple[int, ...]) -> Iterator[Turn]:
    """All turns that keep the shape: in the plane, and with the slices in reverse order."""
    flat = [turn for turn in _IN_PLANE if not turn.transposed or shape[-1] == shape[-2]]
    yield from flat
    if len(shape) == 3:
        yield Turn("in reverse order of its slices", False, (0,))
        for turn in flat:
            yield Turn(
                f"{turn.words}, with its slices in reverse order", turn.transposed,
                (0, *turn.backwards),
            )  # fmt: skip
