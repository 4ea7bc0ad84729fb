"""Sessions and rooms for the tests of the docks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from napari_mask_audit.gui.layers_ahead import LayersAhead
from napari_mask_audit.review.queue import QueueItem
from napari_mask_audit.review.session import ReviewSession
from napari_mask_audit.review.store import ReviewStore
from napari_mask_audit.review.tags import tags_with

# Worst first: d c b a; e could not be measured, so it comes before them.
ITEMS = [
    *(
        QueueItem(name, score, worst_class="pole", worst_class_score=score / 2)
        for name, score in zip("abcd", (0.8, 0.6, 0.4, 0.2), strict=True)
    ),
    QueueItem("e", problem="no mask from model"),
]


@pytest.fixture(autouse=True)
def _no_recent_datasets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the datasets of tests out of the user's own list."""
    monkeypatch.setattr(
        "napari_mask_audit.gui.recent.user_data_path", lambda *_a, **_k: tmp_path / "own"
    )


@pytest.fixture
def layers_ahead() -> None:
    """For tests of layers that are made ahead."""


@pytest.fixture(autouse=True)
def _no_layers_ahead(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make no layers ahead in other tests: it takes a second per room."""
    if "layers_ahead" not in request.fixturenames:
        monkeypatch.setattr(LayersAhead, "begin", lambda _self, then: then())


@pytest.fixture
def session(tmp_path: Path) -> Iterator[ReviewSession]:
    with ReviewStore.open(tmp_path / "review.sqlite", dataset_key="d") as store:
        yield ReviewSession(ITEMS, store, "ann", tags_with(["fold"]))
