"""What the human ceiling means, in plain sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..metrics.intervals import Interval
from .edges import REACH_PX

if TYPE_CHECKING:
    from .contests import Contest


def ceiling_sentences(
    class_name: str,
    human: Interval,
    models: Sequence[tuple[str, Interval]],
    contests: Sequence[Contest],
    tolerance: float,
    lone: float,
    annotators: Sequence[str],
) -> tuple[str, ...]:
    """Sentences on one class: the tolerance first, then each model, then what limits them.

    Parameters
    ----------
    class_name : str
        As the dataset names it.
    human : Interval
        IoU of an annotator against the others.
    models, contests
        As in :class:`~napari_mask_audit.agreement.ceiling.Ceiling`.
    tolerance : float
        At which annotators agree to 95 %, in pixels; NaN when they never do.
    lone : float
        Share of their outlines without a counterpart within half of
        :data:`~napari_mask_audit.agreement.edges.REACH_PX`.
    annotators : sequence of str
        All of them.
    """
    said = []
    if math.isfinite(tolerance) and tolerance > REACH_PX / 2:
        said.append(
            f"the annotators reach 95 % agreement on {class_name} only at {tolerance:g} px: "
            f"{100 * lone:.0f} % of their outline has no counterpart within {REACH_PX / 2:g} px, "
            "so they differ in what they draw, and a wider tolerance would only hide that"
        )
    elif math.isfinite(tolerance) and tolerance > 0:
        said.append(
            f"below {tolerance:g} px the annotators do not agree with each other on {class_name}: "
            f"use a tolerance of {tolerance:g} px"
        )
    elif tolerance == 0:
        said.append(f"the annotators agree on {class_name} to the pixel")
    else:
        said.append(
            f"the annotators do not agree to 95 % on {class_name} at any tolerance up to 32 px: "
            "they draw different things, not different outlines"
        )
    for name, interval in models:
        said.append(
            f"{name}: IoU {interval.value:.3f} on {class_name} against annotators, where an "
            f"annotator reaches {human.value:.3f}"
        )
        mine = [c for c in contests if c.model == name]
        for verdict, words in (
            ("not told apart", "cannot be told apart from"),
            ("model better", "agrees with the others better than"),
            ("annotator better", "agrees with the others less than"),
        ):
            who = [c.annotator for c in mine if c.verdict == verdict]
            if who:
                whom = "any annotator" if len(who) == len(annotators) > 4 else _list(who)
                said.append(f"{name} {words} {whom} on {class_name}")
        few = [c for c in mine if c.verdict == "too few samples"]
        if few:
            said.append(
                f"{_samples(few[0].difference.n)} too few to rank {name} among the annotators "
                f"on {class_name}"
            )
    if len(annotators) == 2:
        said.append("with two annotators, the consensus of the others is a single opinion")
    return tuple(said)


def _samples(number: int) -> str:
    return "1 sample is" if number == 1 else f"{number} samples are"


def _list(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
