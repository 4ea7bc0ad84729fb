"""Samples that come back unannounced, to see how alike one person decides twice.

Which samples come back, and after how many others, is drawn by seed: it depends on nothing but the
seed and the sample's name, so that it needs no list, survives a kill, and does not depend on what
was decided.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
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

    def due(
        self,
        decided: Mapping[str, int],
        is_repeated: Callable[[str], bool],
        *,
        at_the_end: bool = False,
    ) -> str | None:
        """The sample that comes back now; None if none does.

        Parameters
        ----------
        decided : mapping of str to int
            By sample the number of the verdict that the reviewer gave on it and that is in force.
        is_repeated : callable
            Whether a sample was judged again already.
        at_the_end : bool
            Nothing else is left: do not wait any longer.
        """
        if not self.share:
            return None
        by_age = sorted(decided, key=decided.__getitem__, reverse=True)
        waiting = [
            (number - (0 if at_the_end else self.delay(sample)), sample)
            for number, sample in enumerate(by_age)
            if self.chooses(sample) and not is_repeated(sample)
        ]
        overdue = [(age, sample) for age, sample in waiting if age >= 0]
        return max(overdue)[1] if overdue else None
