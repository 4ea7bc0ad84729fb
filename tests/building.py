"""Small datasets on disk, for tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image


def write_png(path: Path, array: object) -> Path:
    """Write an 8- or 16-bit grey PNG (1-bit for booleans)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(array)).save(path)
    return path


def square(
    size: int = 20, top: int = 5, left: int = 5, side: int = 10, value: int = 1
) -> np.ndarray:
    """A filled square on an empty 8-bit image."""
    mask = np.zeros((size, size), np.uint8)
    mask[top : top + side, left : left + side] = value
    return mask


def make_dataset(
    folder: Path, masks: dict[str, dict[str, object]], toml: str | None = None
) -> Path:
    """Write ``masks/SOURCE/NAME.png`` for every mask, and a dataset.toml if given."""
    for source, samples in masks.items():
        for name, array in samples.items():
            write_png(folder / "masks" / source / f"{name}.png", array)
    if toml is not None:
        (folder / "dataset.toml").write_text(toml, encoding="utf-8")
    return folder
