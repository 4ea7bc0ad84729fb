"""Small datasets and views for the tests of the docks."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from building import make_dataset, square, write_png
from napari_mask_audit.failures import MeasuredDataset
from napari_mask_audit.gui.explanation import summarise_sample

TOML = """
name = "squares"
background = 0
ignore = [9]
tags = ["fold"]
[classes]
1 = "cell"
2 = "gland"
[sources]
gt = "reference"
model = "prediction"
alice = "annotator"
"""


def shifted(by: int) -> np.ndarray:
    """A 10 × 10 square moved to the right."""
    return square(left=5 + by)


def make_squares(folder: Path, n: int = 4) -> Path:
    """Samples s0 … with a model that is off by as many pixels, hence worse and worse.

    IoU of a 10 × 10 square moved by k: (10 - k) / (10 + k).
    """
    names = [f"s{k}" for k in range(n)]
    masks = {
        "gt": {name: shifted(0) for name in names},
        "model": {name: shifted(k) for k, name in enumerate(names)},
        "alice": {name: square(top=6) for name in names},
    }
    make_dataset(folder, masks, TOML)
    for k, name in enumerate(names):
        image = np.full((20, 20, 3), 40 * k, np.uint8)
        write_png(folder / "images" / f"{name}.png", image)
    return folder


def summary_in(dataset, sample, pair=("gt", "model")):
    """The failure buckets of a sample, as the queue is given them."""
    measured = MeasuredDataset(dataset, comparisons=[pair])
    return summarise_sample(measured, sample, dataset.settings.failure_thresholds)
