"""Where a reviewer was in the queue, so that reopening returns to exactly there."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field

from napari_mask_audit.errors import SettingsError
from napari_mask_audit.review.queue import Order
from napari_mask_audit.review.store import ReviewStore

_NAME = "review"


@dataclass(frozen=True, slots=True)
class Place:
    """A sample, and the order and filter through which it was seen."""

    sample: str | None = None
    order: Order = field(default_factory=Order)
    filter_text: str = ""

    @classmethod
    def load(cls, store: ReviewStore, reviewer: str) -> Place:
        """The reviewer's place; the beginning if none is kept."""
        kept = store.recall(reviewer, _NAME)
        if not isinstance(kept, dict):
            return cls()
        order = Order()
        with suppress(SettingsError):  # an order of another version: the usual one will do
            order = Order.parse(str(kept.get("order")))
        sample = kept.get("sample")
        return cls(sample if isinstance(sample, str) else None, order, str(kept.get("filter", "")))

    def keep(self, store: ReviewStore, reviewer: str) -> None:
        """Write it to the store."""
        kept = {"sample": self.sample, "order": str(self.order), "filter": self.filter_text}
        store.remember(reviewer, _NAME, kept)
