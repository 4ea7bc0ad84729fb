"""What the pixel classifier sees of an image: filter responses at several scales, and the place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .dataset import Dataset, Sample
from .errors import DatasetError
from .masks import LabelArray

_SCALES = (1.0, 8.0)


@dataclass(frozen=True, eq=False)
class TrainingPixels:
    """Training pixels of one sample.

    Attributes
    ----------
    features : ndarray of float32, shape (pixels, features)
    labels : ndarray of int32, shape (pixels,)
    """

    features: NDArray[np.float32]
    labels: NDArray[np.int32]


def read_sample(
    dataset: Dataset, sample: Sample, teacher: str
) -> tuple[NDArray[np.float32], LabelArray]:
    """Image as (z, y, x, channel) between 0 and 1, and labels as (z, y, x).

    Raises
    ------
    DatasetError
        ``shape-mismatch`` when they do not fit.
    MaskError
        When a file cannot be read.
    """
    labels = dataset.read_mask(sample, teacher).labels
    pixels = dataset.read_image(sample)
    assert pixels is not None
    if pixels.shape[: labels.ndim] != labels.shape or pixels.ndim - labels.ndim not in (0, 1):
        raise DatasetError(
            "shape-mismatch",
            f"the image has shape {pixels.shape} but the mask {labels.shape}; a baseline needs "
            "both at one size.",
            file=sample.image,
            sample=sample.name,
        )
    image = pixels[..., None] if pixels.ndim == labels.ndim else pixels[..., :3]
    low, high = (float(v) for v in (np.nanmin(image), np.nanmax(image)))
    scaled = (image.astype(np.float32) - low) / ((high - low) or 1.0)
    if labels.ndim == 2:
        return scaled[None], labels[None]
    return scaled, labels


def draw_pixels(
    image: NDArray[np.float32],
    labels: LabelArray,
    ignore: frozenset[int],
    pixels: int,
    rng: np.random.Generator,
) -> TrainingPixels:
    """Random pixels of a sample, a few of every class that occurs, none of them ignored."""
    flat = labels.ravel()
    allowed = np.flatnonzero(~np.isin(flat, sorted(ignore)))
    chosen = [rng.choice(allowed, min(pixels, allowed.size), replace=False)]
    present = np.unique(flat[allowed])
    few = max(1, pixels // (4 * max(1, present.size)))
    for label in present:
        own = allowed[flat[allowed] == label]
        chosen.append(rng.choice(own, min(few, own.size), replace=False))
    where = np.unique(np.concatenate(chosen))
    size = labels[0].size
    features = [
        rows[where[(where >= z * size) & (where < (z + 1) * size)] - z * size]
        for z, rows in enumerate(pixel_features(image))
    ]
    return TrainingPixels(np.concatenate(features), flat[where].astype(np.int32))


def pixel_features(image: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
    """Per slice one row of features for each pixel."""
    from skimage.feature import multiscale_basic_features

    depth, height, width = image.shape[:3]
    extract: Any = multiscale_basic_features
    place = np.moveaxis(np.indices((height, width), np.float32), 0, -1)
    place = place / np.float32(max(height, width))
    for z in range(depth):
        local = extract(image[z], sigma_min=_SCALES[0], sigma_max=_SCALES[1], channel_axis=-1)
        level = np.full((height, width, 1), z / depth, np.float32)
        rows = np.concatenate([local.astype(np.float32), place, level], axis=-1)
        yield rows.reshape(height * width, -1)
