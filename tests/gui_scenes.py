"""Datasets of any size for benchmarks and long runs of the window: plausible, and made quickly.

A mask is a patchwork of smooth regions. What a model gets wrong is drawn on top: the whole moved
by a few pixels, patches of another class, patches missing, so that every bucket has findings.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

CLASSES = 19
SOURCES = ("gt", "model", "alice")
_ROLES = {"gt": "reference", "model": "prediction", "alice": "annotator"}
_DISTINCT = 12


def make_town(
    folder: Path,
    side: int,
    n: int,
    *,
    classes: int = CLASSES,
    sources: Sequence[str] = SOURCES[:2],
    distinct: int | None = None,
    seed: int = 0,
) -> Path:
    """A dataset of ``n`` samples of ``side`` × ``side`` pixels.

    Parameters
    ----------
    folder : pathlib.Path
        Where to; made if need be.
    side, n, classes : int
        Size of a mask, number of samples, number of classes (1 …; 0 is background).
    sources : sequence of str
        Some of :data:`SOURCES`.
    distinct : int, optional
        So many samples are drawn, the others are hard links to their files: what is read and
        decoded is the same, only the disk is smaller.
    seed : int
        Which dataset.
    """
    random = np.random.default_rng(seed)
    names = [f"tile_{k:06d}" for k in range(n)]
    drawn = min(n, distinct or n)
    for source in ("images", *(f"masks/{source}" for source in sources)):
        (folder / source).mkdir(parents=True, exist_ok=True)
    grounds = [_patchwork(side, classes, random) for _ in range(min(drawn, _DISTINCT))]
    for k, name in enumerate(names[:drawn]):
        truth = np.roll(grounds[k % len(grounds)], random.integers(0, side, 2), axis=(0, 1))
        _save(folder / "images" / f"{name}.jpg", _picture(truth, random))
        for source in sources:
            mask = truth if source == "gt" else _mistaken(truth, classes, random)
            _save(folder / "masks" / source / f"{name}.png", mask)
    for k, name in enumerate(names[drawn:], start=drawn):
        like = names[k % drawn]
        os.link(folder / "images" / f"{like}.jpg", folder / "images" / f"{name}.jpg")
        for source in sources:
            place = folder / "masks" / source
            os.link(place / f"{like}.png", place / f"{name}.png")
    (folder / "dataset.toml").write_text(_toml(classes, sources), encoding="utf-8")
    return folder


def _toml(classes: int, sources: Iterable[str]) -> str:
    lines = ['name = "generated"', "background = 0", "[classes]"]
    lines += [f'{number} = "class {number}"' for number in range(1, classes + 1)]
    lines += ["[sources]", *(f'{source} = "{_ROLES[source]}"' for source in sources)]
    return "\n".join(lines) + "\n"


def _patchwork(side: int, classes: int, random: np.random.Generator) -> np.ndarray:
    """Smooth regions of all classes and background, some large, some small."""
    coarse = 64
    sizes = random.uniform(1.5, 5.0, classes + 1)
    fields = [ndimage.gaussian_filter(random.normal(size=(coarse, coarse)), s) * s for s in sizes]
    step = max(1, -(-side // coarse))
    zoomed = [np.kron(f, np.ones((step, step)))[:side, :side] for f in fields]
    smooth = [ndimage.uniform_filter(f.astype(np.float32), step) for f in zoomed]
    return np.argmax(smooth, axis=0).astype(np.uint8)


def _mistaken(truth: np.ndarray, classes: int, random: np.random.Generator) -> np.ndarray:
    """The mask of somebody who is off by a little, and wrong in some places."""
    side = truth.shape[0]
    mask = np.roll(truth, random.integers(-side // 200 - 1, side // 200 + 2, 2), axis=(0, 1))
    for _ in range(int(random.integers(2, 16))):
        size = max(2, side // int(random.integers(12, 60)))
        top, left = random.integers(0, max(1, side - size), 2)
        mask[top : top + size, left : left + size] = random.integers(0, classes + 1)
    return mask


def _picture(truth: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """An image in which the regions can be seen."""
    shades = random.integers(30, 220, (int(truth.max()) + 1, 3), dtype=np.uint8)
    noise = random.integers(0, 30, (*truth.shape, 1), dtype=np.uint8)
    return shades[truth] + noise


def _save(path: Path, array: np.ndarray) -> None:
    options = {"quality": 85} if path.suffix == ".jpg" else {"compress_level": 1}
    Image.fromarray(array).save(path, **options)
