"""What the pixel classifier sees of an image: filter responses at several scales, and the place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..dataset import Dataset, Sample
from ..errors import DatasetError
from ..masks import LabelArray

_SCALES = (1.0, 8.0)
#: Brightness is measured between these percentiles, so that one hot pixel does not darken the rest.
_DARK, _BRIGHT = 0.1, 99.9

Image = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class TrainingPixels:
    """Training pixels of one sample.

    Attributes
    ----------
    features : ndarray of float32, shape (pixels, features)
    labels : ndarray of int32, shape (pixels,)
    channels : int
        Of the image they come from: 1 where all channels are the same.
    """

    features: NDArray[np.float32]
    labels: NDArray[np.int32]
    channels: int


def read_sample(dataset: Dataset, sample: Sample, teacher: str) -> tuple[Image, LabelArray]:
    """Image as (z, y, x, channel), about 0 to 1, and labels as (z, y, x).

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
    image = _stretched(pixels[..., None] if pixels.ndim == labels.ndim else pixels[..., :3])
    return (image[None], labels[None]) if labels.ndim == 2 else (image, labels)


def _stretched(pixels: NDArray[Any]) -> Image:
    """Brightness from about 0 to 1; one channel where all are the same."""
    if pixels.shape[-1] > 1 and (pixels == pixels[..., :1]).all():
        pixels = pixels[..., :1]
    image = np.nan_to_num(pixels.astype(np.float32))
    low, high = (float(v) for v in np.percentile(image, (_DARK, _BRIGHT)))
    stretched: Image = (image - np.float32(low)) / np.float32((high - low) or 1.0)
    return stretched


def draw_pixels(
    image: Image,
    labels: LabelArray,
    ignore: frozenset[int],
    pixels: int,
    rng: np.random.Generator,
    *,
    with_place: bool = True,
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
        for z, rows in enumerate(pixel_features(image, with_place=with_place))
    ]
    return TrainingPixels(
        np.concatenate(features), flat[where].astype(np.int32), int(image.shape[-1])
    )


def pixel_features(
    image: Image, channels: int | None = None, *, with_place: bool = True
) -> Iterator[NDArray[np.float32]]:
    """Per slice one row of features for each pixel: the place first, then each channel's.

    Parameters
    ----------
    image : ndarray of float32, shape (z, y, x, channel)
        As :func:`read_sample` gives it.
    channels : int, optional
        How many channels the rows are for: a grey image counts as so many equal ones.
    with_place : bool
        Whether the position is a feature, as where the sky is always at the top.
    """
    from skimage.feature import multiscale_basic_features

    depth, height, width = image.shape[:3]
    extract: Any = multiscale_basic_features
    place = np.moveaxis(np.indices((height, width), np.float32), 0, -1)
    place = place / np.float32(max(height, width))
    for z in range(depth):
        local = extract(image[z], sigma_min=_SCALES[0], sigma_max=_SCALES[1], channel_axis=-1)
        rows = local.astype(np.float32).reshape(height * width, -1)
        if with_place:
            level = np.full((height, width, 1), z / depth, np.float32)
            where = np.concatenate([place, level], axis=-1).reshape(height * width, -1)
            rows = np.concatenate([where, rows], axis=-1)
        yield widened(rows, image.shape[-1], channels or image.shape[-1], with_place=with_place)


def widened(
    rows: NDArray[np.float32], channels: int, wanted: int, *, with_place: bool
) -> NDArray[np.float32]:
    """Rows of a grey image as if it had ``wanted`` equal channels; others as they are."""
    if channels >= wanted:
        return rows
    place = 3 if with_place else 0
    return np.concatenate([rows[:, :place], *[rows[:, place:]] * wanted], axis=1)
