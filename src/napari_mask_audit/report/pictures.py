"""Image, reference, candidate and disagreement of one sample, side by side."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..dataset import Dataset, Sample
from ..errors import MaskError
from ..findings import Box
from ..masks import LabelArray, ids_in
from ..overlay import OVERLAY_LEGEND, disagreement_map
from . import rendering
from .disagreements import Disagreement, counted_pixels, largest_disagreements

MAX_WIDTH: Final = 360
MAX_HEIGHT: Final = 480
_WORTH_CUTTING: Final = 0.5
#: A close-up shows at least so many pixels, so that the place can be recognised, …
_CLOSE_HEIGHT: Final = 72
#: … and so many times the height of what it is about.
_CLOSE_ROOM: Final = 2.5

#: What the colours of the disagreement picture mean.
PICTURE_LEGEND: Final = (*OVERLAY_LEGEND, rendering.DIFFERENT_AREA)


@dataclass(frozen=True)
class SamplePictures:
    """Four PNG pictures of one sample and what they show.

    Attributes
    ----------
    image : bytes or None
        None when the sample has no image that fits its masks.
    reference, candidate : bytes
        Classes in their colours over the grey image.
    disagreement : bytes
        Boundaries and differing area in the colours of :data:`PICTURE_LEGEND`.
    width, height : int
        Size of each picture.
    origin : (int, int)
        (y, x) of the upper left corner in the mask. Not (0, 0) when the pictures show only the
        part of a large empty frame in which there is anything.
    full_width, full_height : int
        Size of what is shown, in mask pixels.
    is_cut, is_close_up : bool
        Whether only a part is shown, and whether it is the surroundings of a given place.
    slice_index, slices : int or None
        In 3D, the slice shown (the one with most disagreement) and how many there are.
    regions : tuple of Disagreement
        The largest regions that differ, largest first; in 3D over the whole volume.
    note : str
        Why there is no image; empty if there is one.
    """

    image: bytes | None
    reference: bytes
    candidate: bytes
    disagreement: bytes
    width: int
    height: int
    origin: tuple[int, int]
    full_width: int
    full_height: int
    is_cut: bool
    slice_index: int | None
    slices: int | None
    regions: tuple[Disagreement, ...]
    note: str = ""
    is_close_up: bool = False

    def box_of(
        self, start: tuple[int, ...], stop: tuple[int, ...]
    ) -> tuple[int, int, int, int] | None:
        """(y0, x0, y1, x1) of a region in the picture, in mask pixels from its corner.

        None when the region does not reach the slice or the part that is shown.
        """
        z = self.slice_index
        if z is not None and not start[0] <= z < stop[0]:
            return None
        top, left = self.origin
        y0, x0 = max(0, start[-2] - top), max(0, start[-1] - left)
        y1 = min(self.full_height, stop[-2] - top)
        x1 = min(self.full_width, stop[-1] - left)
        return (y0, x0, y1, x1) if y0 < y1 and x0 < x1 else None


@dataclass(frozen=True)
class _Arrays:
    """The arrays behind the four pictures."""

    image: rendering.Rgb | None
    reference: rendering.Rgb
    candidate: rendering.Rgb
    disagreement: rendering.Rgb


def sample_pictures(
    dataset: Dataset,
    sample: Sample,
    reference: str,
    candidate: str,
    *,
    max_width: int = MAX_WIDTH,
    max_height: int = MAX_HEIGHT,
    around: Box | None = None,
) -> SamplePictures:
    """Read one sample and draw its four pictures.

    Parameters
    ----------
    dataset : Dataset
    sample : Sample
        With a mask from both sources.
    reference, candidate : str
        Source names.
    max_width, max_height : int
        Largest size of a picture; smaller masks are not enlarged.
    around : tuple of (int, int), optional
        Box along each axis, ``stop`` exclusive: show a close-up of this place and nothing else.
        The largest regions that differ are then not searched for.

    Raises
    ------
    MaskError
        When a mask cannot be read or the shapes differ.
    """
    first = dataset.read_mask(sample, reference).labels
    second = dataset.read_mask(sample, candidate).labels
    pixels, note = _image(dataset, sample, first.shape)
    regions: tuple[Disagreement, ...] = ()
    if around is None:
        regions = largest_disagreements(first, second, ignore_ids=dataset.ignore_ids)
    index, slices = None, None
    if first.ndim == 3:
        index, slices = _telling_slice(first, second, dataset.ignore_ids, around), len(first)
        pixels = None if pixels is None else pixels[index]
        first, second = first[index], second[index]
    # The outlines of the slice: in 3D, most of a thin object is boundary from slice to slice.
    codes = disagreement_map(first, second, ignore_ids=dataset.ignore_ids)
    window = _window(dataset, first, second) if around is None else _close_up(around, first.shape)
    is_cut = (first[window].shape) != first.shape
    first, second, codes = first[window], second[window], codes[window]
    pixels = None if pixels is None else pixels[window]
    shape = first.shape[0], first.shape[1]
    size = rendering.fitted_size(shape, max_width, max_height)
    drawn = _draw(dataset, pixels, first, second, codes, size)
    return SamplePictures(
        image=None if drawn.image is None else rendering.png(rendering.few_colors(drawn.image)),
        reference=rendering.png(drawn.reference),
        candidate=rendering.png(drawn.candidate),
        disagreement=rendering.png(drawn.disagreement),
        width=size[1],
        height=size[0],
        origin=(window[0].start, window[1].start),
        full_width=shape[1],
        full_height=shape[0],
        is_cut=is_cut,
        slice_index=index,
        slices=slices,
        regions=regions,
        note=note,
        is_close_up=is_cut and around is not None,
    )


def _draw(
    dataset: Dataset,
    pixels: NDArray[Any] | None,
    reference: LabelArray,
    candidate: LabelArray,
    codes: NDArray[np.uint8],
    size: tuple[int, int],
) -> _Arrays:
    image = None if pixels is None else rendering.display_image(pixels, size)
    ids = sorted(ids_in(reference) | ids_in(candidate))
    hidden = dataset.ignore_ids | {dataset.background_id}
    colors = {label: _rgb(dataset.class_info(label).color) for label in ids if label not in hidden}
    first, second = (
        rendering.label_picture(labels, image, size, colors, dataset.ignore_ids)
        for labels in (reference, candidate)
    )
    differ = (reference != candidate) & counted_pixels(reference, dataset.ignore_ids)
    difference = rendering.disagreement_picture(codes, differ, image, size)
    return _Arrays(image, first, second, difference)


def _rgb(color: str) -> tuple[int, int, int]:
    assert re.fullmatch("#[0-9a-fA-F]{6}", color), color
    red, green, blue = bytes.fromhex(color[1:])
    return red, green, blue


def _image(
    dataset: Dataset, sample: Sample, shape: tuple[int, ...]
) -> tuple[NDArray[Any] | None, str]:
    """The image if it can be laid under the masks, otherwise why not."""
    try:
        pixels = dataset.read_image(sample)
    except MaskError as error:
        return None, f"the image cannot be read ({error.code})"
    if pixels is None:
        return None, "this sample has no image"
    if pixels.shape[: len(shape)] != shape:
        return None, "the image has another size than the masks"
    return pixels, ""


def _window(dataset: Dataset, reference: LabelArray, candidate: LabelArray) -> tuple[slice, slice]:
    """The part to show: all of it, or a frame around a small object on an empty background."""
    height, width = reference.shape
    everything = slice(0, height), slice(0, width)
    if dataset.background_id is None:
        return everything
    marked = (reference != dataset.background_id) | (candidate != dataset.background_id)
    rows, columns = np.flatnonzero(marked.any(axis=1)), np.flatnonzero(marked.any(axis=0))
    if rows.size == 0:
        return everything
    margin = max(8, (rows[-1] - rows[0]) // 8, (columns[-1] - columns[0]) // 8)
    window = _around(rows, margin, height), _around(columns, margin, width)
    shown = (window[0].stop - window[0].start) * (window[1].stop - window[1].start)
    return window if shown < _WORTH_CUTTING * height * width else everything


def _around(marked: NDArray[np.int64], margin: int, length: int) -> slice:
    return slice(max(0, int(marked[0]) - margin), min(length, int(marked[-1]) + 1 + margin))


def _close_up(box: Box, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """A window of 4:3 around a place, as far as the picture reaches."""
    (y0, y1), (x0, x1) = box[-2:]
    height = max(_CLOSE_HEIGHT, round(_CLOSE_ROOM * max(y1 - y0, 3 * (x1 - x0) / 4)))
    return (
        _centred((y0 + y1) // 2, height, shape[0]),
        _centred((x0 + x1) // 2, -(-4 * height // 3), shape[1]),
    )


def _centred(middle: int, length: int, limit: int) -> slice:
    """A stretch of a length around a point, moved inside the limits.

    Examples
    --------
    >>> _centred(5, 20, 100), _centred(50, 20, 100), _centred(50, 200, 100)
    (slice(0, 20, None), slice(40, 60, None), slice(0, 100, None))
    """
    start = max(0, min(middle - length // 2, limit - length))
    return slice(start, min(limit, start + length))


def _telling_slice(
    reference: LabelArray, candidate: LabelArray, ignore_ids: frozenset[int], box: Box | None
) -> int:
    """The slice along the first axis with most pixels that differ, the middle one if none does.

    With a box: of the slices that it reaches, looking only inside it.
    """
    first = 0 if box is None else box[0][0]
    inside = tuple(slice(low, high) for low, high in box) if box is not None else ...
    reference, candidate = reference[inside], candidate[inside]
    differ = (reference != candidate) & counted_pixels(reference, ignore_ids)
    per_slice = differ.sum(axis=(1, 2))
    return first + int(per_slice.argmax() if per_slice.any() else len(reference) // 2)
