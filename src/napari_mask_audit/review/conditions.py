"""Under which conditions a reviewer decides: names of sources hidden, samples that come back.

The queue itself is the business of ``sitting.py``, what is decided that of ``session.py``.

Words
-----
A sample *comes back* when it is to be judged again: it looks as if nobody had decided about it,
and what is decided now stands beside the first verdict.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from psygnal import Signal

from napari_mask_audit.review.blinding import Blinding
from napari_mask_audit.review.queue import Order, OrderKind, QueueItem
from napari_mask_audit.review.repeats import RepeatPlan
from napari_mask_audit.review.sitting import Sitting
from napari_mask_audit.review.store import ReviewStore

#: Says of a sample what is kept beside every verdict on it.
Circumstances = Callable[[str], Mapping[str, Any]]


class Conditions(Sitting):
    """A sitting in which names may be hidden and samples may come back.

    Parameters
    ----------
    items : iterable of QueueItem
        The samples known so far.
    store : ReviewStore
        Where the conditions are kept, with the reviewer's place.
    reviewer : str
        Who decides.
    resume : bool
        Go on under the conditions of the reviewer's last sitting.

    Attributes
    ----------
    blinding_changed
        Signal: names of sources are hidden now, or shown again.
    circumstances : callable
        From a sample to what is kept beside a verdict on it, such as the thresholds in force.
    """

    blinding_changed = Signal()

    def __init__(
        self,
        items: Iterable[QueueItem],
        store: ReviewStore,
        reviewer: str,
        *,
        resume: bool = True,
    ) -> None:
        super().__init__(items, store, reviewer, resume=resume)
        self.circumstances: Circumstances = lambda _sample: {}
        self._order_before: Order | None = None

    @property
    def blinding(self) -> Blinding | None:
        """Which source is called what while names are hidden; None while they are shown."""
        return self._blinding

    def hide_names(self, blinding: Blinding | None = None) -> None:
        """Judge without knowing whose masks they are, the samples in a drawn order.

        Parameters
        ----------
        blinding : Blinding, optional
            Which draw; a fresh one by default. Verdicts are kept with its seed.
        """
        self._blinding = blinding or Blinding.fresh()
        if self.order.kind is not OrderKind.RANDOM:
            self._order_before = self.order
        self._walk.order = Order(OrderKind.RANDOM, seed=self._blinding.seed)
        self._sorted_anew()
        self.blinding_changed.emit()
        if len(self):  # the one on the screen was seen with its names
            self.go_to(self.item_at(0).sample)
        self.said.emit("names are hidden: the masks are A and B, drawn anew for every sample")

    def show_names(self) -> None:
        """Show the names of sources again; the order is again what it was."""
        if self._blinding is None:
            return
        self._blinding = None
        self._walk.order = self._order_before or Order()
        self._order_before = None
        self._sorted_anew()
        self.blinding_changed.emit()
        self.said.emit("names are shown again")

    @property
    def repeat_plan(self) -> RepeatPlan:
        """Which samples come back to be judged again."""
        return self._plan

    def repeat(self, share: float, *, seed: int | None = None) -> None:
        """Let a share of the decided samples come back unannounced.

        Parameters
        ----------
        share : float
            0 (none) to 1 (all).
        seed : int, optional
            Which draw; that of before, or a fresh one, by default.

        Raises
        ------
        SettingsError
            ``bad-share`` if the share is not between 0 and 1.
        """
        if seed is None:
            seed = self._plan.seed or secrets.randbelow(2**31)
        self._plan = RepeatPlan(share, seed)
        self._decisions.plan_repeats(self._plan)
        self.keep_place()
        word = f"{share:.0%} of what you decide comes back".replace("%", " %")
        self.said.emit(word if share else "nothing comes back to be judged again")

    def next_unreviewed(self) -> bool:
        """Go to the next sample to judge: one without a status, or one that comes back."""
        return self._bring_back() or super().next_unreviewed()

    # -- inside ----------------------------------------------------------------------------------

    def _kept_beside(self, sample: str) -> dict[str, Any]:
        """What is kept with a verdict on the sample; at least that names were hidden."""
        mark = {} if self._blinding is None else self._blinding.mark(sample, ())
        return {**mark, **self.circumstances(sample)}

    def _bring_back(self) -> bool:
        """Go to a sample that is due to be judged again, put below the current one."""
        decisions = self._decisions
        if not self._plan.share:
            return False
        at_the_end = self._walk.next_unreviewed(self.current) is None
        if self.current in decisions.repeating and not at_the_end:
            return False  # two in a row would tell
        sample = decisions.returning.due(
            lambda name: decisions.is_repeated(name) or name not in self._walk,
            but={self.current or ""},
            at_the_end=at_the_end,
        )
        if sample is None:
            return False
        decisions.begin_repeat(sample, decisions.own[sample])
        self._walk.bring(sample, after=self.current)
        self.queue_changed.emit()
        self.go_to(sample)
        return True

    def _left(self, sample: str | None) -> None:
        if sample is not None and self._decisions.end_repeat(sample):
            self.verdict_changed.emit(sample)
