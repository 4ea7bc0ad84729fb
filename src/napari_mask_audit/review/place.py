"""Where a reviewer was in the queue, and how they worked: reopening returns to exactly there."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from napari_mask_audit.errors import SettingsError
from napari_mask_audit.review.blinding import Blinding
from napari_mask_audit.review.queue import Order
from napari_mask_audit.review.repeats import RepeatPlan
from napari_mask_audit.review.store import ReviewStore

_NAME = "review"


@dataclass(frozen=True, slots=True)
class Place:
    """A sample, the order and filter through which it was seen, hidden names and repeats."""

    sample: str | None = None
    order: Order = field(default_factory=Order)
    filter_text: str = ""
    blinding: Blinding | None = None
    repeats: RepeatPlan = field(default_factory=RepeatPlan)

    @classmethod
    def load(cls, store: ReviewStore, reviewer: str) -> Place:
        """The reviewer's place; the beginning if none is kept."""
        kept = store.recall(reviewer, _NAME)
        if not isinstance(kept, dict):
            return cls()
        order = Order()
        with suppress(SettingsError):  # an order of another version: the usual one will do
            order = Order.parse(str(kept.get("order")))
        sample, seed = kept.get("sample"), kept.get("blind")
        return cls(
            sample if isinstance(sample, str) else None,
            order,
            str(kept.get("filter", "")),
            Blinding(seed) if isinstance(seed, int) else None,
            _plan(kept.get("repeats")),
        )

    def keep(self, store: ReviewStore, reviewer: str) -> None:
        """Write it to the store."""
        kept: dict[str, Any] = {
            "sample": self.sample,
            "order": str(self.order),
            "filter": self.filter_text,
        }
        if self.blinding is not None:
            kept["blind"] = self.blinding.seed
        if self.repeats.share:
            kept["repeats"] = [self.repeats.share, self.repeats.seed]
        store.remember(reviewer, _NAME, kept)


def _plan(kept: Any) -> RepeatPlan:
    with suppress(SettingsError, TypeError, ValueError):  # of another version: no repeats then
        share, seed = kept
        return RepeatPlan(float(share), int(seed))
    return RepeatPlan()
