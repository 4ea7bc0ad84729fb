"""A napari window with a dataset open for review."""

from __future__ import annotations

from pathlib import Path

import napari

from .reader import review_dock


def review(
    dataset: str | Path,
    *,
    store: str | None = None,
    reviewer: str | None = None,
    sample: str | None = None,
    blind: bool = False,
    repeats: float | None = None,
) -> None:
    """Open a window on a dataset and return when it is closed.

    Parameters
    ----------
    dataset : str or pathlib.Path
        A dataset folder or a ``dataset.toml``.
    store : str, optional
        Where to keep the verdicts, a file or a URL; beside the dataset by default.
    reviewer : str, optional
        Who decides; the login name by default.
    sample : str, optional
        Sample to start with; where the reviewer was by default.
    blind : bool
        Hide whose masks they are.
    repeats : float, optional
        Share of the decided samples that come back unannounced; as last time by default.
    """
    viewer = napari.Viewer(title=f"Mask audit: {Path(dataset).name}")
    review_dock(viewer).room.open(
        dataset, store=store, reviewer=reviewer, sample=sample, blind=blind, repeats=repeats
    )
    napari.run()
