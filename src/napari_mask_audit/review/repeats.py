"""Samples that come back unannounced, to see how alike one person decides twice.

Which samples come back, and after how many others, is drawn by seed: it depends on nothing but the
seed and the sample's name, so that it needs no list, survives a kill, and does not depend on what
was decided.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Container
from dataclasses import dataclass

from napari_mask_audit.errors import SettingsError
from napari_mask_audit.review.queue import shuffle_key


@dataclass(frozen=True, slots=True)
class RepeatPlan:
    """Which decided samples come back, and when.

    Parameters
    ----------
    share : float
        Share of the samples that come back, 0 (none) to 1 (all).
    seed : int
        Which draw.
    shortest, longest : int
        A sample comes back after at least, and soon after at most, so many other decisions.

    Raises
    ------
    SettingsError
        ``bad-share`` if the share is not between 0 and 1.
    """

    share: float = 0.0
    seed: int = 0
    shortest: int = 5
    longest: int = 25

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise SettingsError(
                "bad-share",
                f"expected a share of samples to repeat between 0 and 1, got {self.share}",
            )

    def chooses(self, sample: str) -> bool:
        """Whether a sample is to come back once it is decided."""
        return shuffle_key(f"repeat\0{sample}", self.seed) < self.share * 2**64

    def delay(self, sample: str) -> int:
        """After how many other decisions it does."""
        draw = shuffle_key(f"delay\0{sample}", self.seed)
        return self.shortest + draw % (self.longest - self.shortest + 1)


class Returning:
    """Which of the decided samples comes back now.

    Parameters
    ----------
    plan : RepeatPlan
        Which come back at all, and when.
    """

    def __init__(self, plan: RepeatPlan) -> None:
        self.plan = plan
        self._numbers: dict[str, int] = {}  # of the verdict in force, by sample
        self._in_order: list[int] = []
        self._chosen: dict[str, int] = {}  # the delay, by sample

    def note(self, sample: str, number: int | None) -> None:
        """The reviewer has decided about a sample, by the verdict of that number; None: no more."""
        before = self._numbers.pop(sample, None)
        if before is not None:
            del self._in_order[bisect.bisect_left(self._in_order, before)]
            self._chosen.pop(sample, None)
        if number is not None and self.plan.share:
            self._numbers[sample] = number
            bisect.insort(self._in_order, number)
            if self.plan.chooses(sample):
                self._chosen[sample] = self.plan.delay(sample)

    def due(
        self,
        is_repeated: Callable[[str], bool],
        *,
        but: Container[str] = (),
        at_the_end: bool = False,
    ) -> str | None:
        """The sample that comes back now: the one longest overdue; None if none is.

        Parameters
        ----------
        is_repeated : callable
            Whether a sample was judged again already.
        but : container of str
            Samples that do not, such as the one on the screen.
        at_the_end : bool
            Nothing else is left: do not wait any longer.
        """
        overdue = []
        for sample, delay in self._chosen.items():
            if sample in but or is_repeated(sample):
                continue
            later = len(self._in_order) - bisect.bisect_right(self._in_order, self._numbers[sample])
            late = later - (0 if at_the_end else delay)
            if late >= 0:
                overdue.append((late, sample))
        return max(overdue)[1] if overdue else None
