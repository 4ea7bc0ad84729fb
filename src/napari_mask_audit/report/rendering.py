"""Small pictures of images and label maps: numpy arrays in, PNG bytes out.

Label maps are made smaller by taking the nearest pixel, so that class edges stay crisp; outlines
are made smaller by asking whether any pixel of a block lies on one, so that a lamp post three
pixels wide does not vanish from a picture of a large street.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..kernels import boundary_bands
from ..masks import LabelArray
from ..overlay import BOTH, CANDIDATE_ONLY, OVERLAY_LEGEND, REFERENCE_ONLY, LegendEntry

Rgb = NDArray[np.uint8]

#: Share of the class colour in a filled region; the rest is the grey image behind it.
_FILL: Final = 0.45
_IGNORED: Final = (128, 128, 128)
_BLANK: Final = 96

#: Tint of the area where the labels differ. Boundaries alone cannot tell that a class has been
#: swapped for another: then both masks draw the same outlines.
DIFFERENT_AREA: Final = LegendEntry(0, "different_area", "labels differ", "#CC79A7")
_TINT: Final = 0.5


def fitted_size(shape: tuple[int, int], width: int, height: int) -> tuple[int, int]:
    """(y, x) size that fits, never larger than the original, at least one pixel each way.

    Examples
    --------
    >>> fitted_size((720, 960), 360, 480)
    (270, 360)
    >>> fitted_size((30, 40), 360, 480)
    (30, 40)
    """
    ratio = min(1.0, width / shape[1], height / shape[0])
    return max(1, round(shape[0] * ratio)), max(1, round(shape[1] * ratio))


def display_image(pixels: NDArray[Any], size: tuple[int, int]) -> Rgb:
    """An image of any type as small RGB; grey values stretched unless they are 8-bit already."""
    if pixels.dtype != np.uint8:
        pixels = _stretched(pixels)
    if pixels.ndim == 3:
        pixels = pixels[..., :3] if pixels.shape[-1] >= 3 else pixels[..., 0]
    picture = Image.fromarray(np.ascontiguousarray(pixels)).convert("RGB")
    small = picture.resize(size[::-1], Image.Resampling.BOX)
    return np.asarray(small, dtype=np.uint8)


def _stretched(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    values = np.nan_to_num(pixels.astype(np.float64), posinf=0.0, neginf=0.0)
    low, high = np.percentile(values, (0.5, 99.5))
    if high <= low:
        return np.full(pixels.shape, _BLANK, np.uint8)
    stretched: Rgb = (255 * np.clip((values - low) / (high - low), 0, 1)).astype(np.uint8)
    return stretched


def grey_backdrop(image: Rgb | None, size: tuple[int, int], levels: int) -> NDArray[np.float64]:
    """Brightness of the image in few steps (small files), 0 to 255; mid-grey without an image."""
    if image is None:
        return np.full(size, float(_BLANK))
    grey = image @ np.array([0.299, 0.587, 0.114])
    steps: NDArray[np.float64] = np.rint(grey / 255 * (levels - 1))
    return steps * (255 / (levels - 1))


def label_picture(
    labels: LabelArray,
    image: Rgb | None,
    size: tuple[int, int],
    colors: Mapping[int, tuple[int, int, int]],
    ignored: frozenset[int],
) -> Rgb:
    """Classes as see-through fills with solid outlines over the grey image.

    Parameters
    ----------
    labels : ndarray of int, shape (y, x)
    image : ndarray of uint8, shape size + (3,), or None
    size : (int, int)
        Size of the picture.
    colors : mapping of int to (int, int, int)
        Colour of every id that is drawn; other ids show the image.
    ignored : frozenset of int
        Ids drawn as grey hatching.
    """
    ids = np.array(sorted(colors), dtype=np.int64)
    slots = np.zeros(labels.shape, np.int32)  # 0: not drawn; n: the n-th drawn id
    for slot, label in enumerate(ids.tolist(), start=1):
        slots[labels == label] = slot
    table = np.array([(0, 0, 0), *(colors[label] for label in ids.tolist())], dtype=np.float64)
    levels = max(6, min(32, 200 // (len(ids) + 1)))
    picture = np.repeat(grey_backdrop(image, size, levels)[..., None], 3, axis=-1)
    nearest = np.ix_(*_centres(labels.shape, size))
    small = slots[nearest]
    filled = small > 0
    picture[filled] = (1 - _FILL) * picture[filled] + _FILL * table[small[filled]]
    if ignored:
        hatched = np.isin(labels[nearest], list(ignored)) & _stripes(size)
        picture[hatched] = _IGNORED
    outline = _largest_in_blocks(np.where(boundary_bands(labels, 1), slots, 0), size)
    picture[outline > 0] = table[outline[outline > 0]]
    return picture.astype(np.uint8)


def disagreement_picture(
    codes: NDArray[np.uint8], differ: NDArray[np.bool_], image: Rgb | None, size: tuple[int, int]
) -> Rgb:
    """A disagreement map over the darkened image, in the colours of the legend.

    Parameters
    ----------
    codes : ndarray of uint8, shape (y, x)
        From :func:`~napari_mask_audit.overlay.disagreement_map`.
    differ : ndarray of bool, shape (y, x)
        Where the labels differ; tinted.
    image : ndarray of uint8, shape size + (3,), or None
    size : (int, int)
        Size of the picture. Where a block of pixels becomes one, the kind of boundary that most
        of them carry is shown.
    """
    grey = 10 + 0.3 * grey_backdrop(image, size, 24)
    picture = np.repeat(grey[..., None], 3, axis=-1)
    tinted = 2 * _sum_in_blocks(differ, size) >= _sum_in_blocks(np.ones_like(differ), size)
    picture[tinted] = (1 - _TINT) * picture[tinted] + _TINT * np.array(DIFFERENT_AREA.rgb)
    kinds = (REFERENCE_ONLY, CANDIDATE_ONLY, BOTH)
    counts = np.stack([_sum_in_blocks(codes == kind, size) for kind in kinds])
    dominant = counts.argmax(axis=0)
    for n, kind in enumerate(kinds):
        rgb = next(entry.rgb for entry in OVERLAY_LEGEND if entry.code == kind)
        picture[(dominant == n) & (counts[n] > 0)] = rgb
    return picture.astype(np.uint8)


def png(picture: Rgb) -> bytes:
    """PNG bytes, the same for the same pixels; a palette where 256 colours are enough."""
    packed = picture.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)
    colors, index = np.unique(packed, return_inverse=True)
    if colors.size <= 256:
        encoded = Image.fromarray(index.reshape(packed.shape).astype(np.uint8), "P")
        table = np.stack([colors >> 16, colors >> 8 & 255, colors & 255], axis=-1)
        encoded.putpalette(table.astype(np.uint8).tobytes())
    else:
        encoded = Image.fromarray(picture)
    buffer = io.BytesIO()
    encoded.save(buffer, "PNG", compress_level=6)
    return buffer.getvalue()


def few_colors(picture: Rgb) -> Rgb:
    """The picture in 192 colours of its own, a third of the file size."""
    image = Image.fromarray(picture)
    few = image.quantize(192, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    return np.asarray(few.convert("RGB"))


def _stripes(size: tuple[int, int]) -> NDArray[np.bool_]:
    y, x = np.ogrid[: size[0], : size[1]]
    return np.asarray((y + x) % 6 < 3)


def _centres(shape: tuple[int, ...], size: tuple[int, int]) -> tuple[NDArray[np.int64], ...]:
    return tuple(
        (np.arange(new) * 2 + 1) * old // (2 * new) for old, new in zip(shape, size, strict=True)
    )


def _blocks(shape: tuple[int, ...], size: tuple[int, int]) -> tuple[NDArray[np.int64], ...]:
    """First index of each block along both axes."""
    return tuple(np.arange(new) * old // new for old, new in zip(shape, size, strict=True))


def _sum_in_blocks(flags: NDArray[np.bool_], size: tuple[int, int]) -> NDArray[np.int32]:
    rows, columns = _blocks(flags.shape, size)
    sums = np.add.reduceat(flags, columns, axis=1, dtype=np.int32)
    return np.asarray(np.add.reduceat(sums, rows, axis=0))


def _largest_in_blocks(values: NDArray[np.int32], size: tuple[int, int]) -> NDArray[np.int32]:
    rows, columns = _blocks(values.shape, size)
    return np.asarray(
        np.maximum.reduceat(np.maximum.reduceat(values, rows, axis=0), columns, axis=1)
    )
