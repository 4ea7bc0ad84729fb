"""Everything the canvas shows of one sample, read and computed away from the main thread.

No Qt here: :func:`load_sample_view` runs in a worker (``worker.py``), and what it returns is only
assigned to layers (``layers.py``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..dataset import Dataset, Sample
from ..errors import AuditError
from ..masks import LabelArray, ids_in
from ..overlay import OVERLAY_LEGEND, LegendEntry, disagreement_map
from .items import Pair

#: Pixels away from any boundary where the masks carry different ids.
DIFFERENT = LegendEntry(4, "different", "inside: another class", "#CC79A7")
#: What the colours of the disagreement layer mean, in the order of the codes.
LEGEND = (*OVERLAY_LEGEND, DIFFERENT)
# Pixels of screen a whole image usually gets: boundaries must stay visible when it is shown whole.
_SCREEN_DIAGONAL = 900


@dataclass(frozen=True, eq=False)
class Region:
    """A place to look at, in which reference and candidate carry a pair of different ids.

    Attributes
    ----------
    reference_id, candidate_id : int
        The two ids.
    pixels : int
        Its size.
    box : tuple of slice
        Where it is, one slice per axis.
    inside : tuple of int
        One of its pixels.
    """

    reference_id: int
    candidate_id: int
    pixels: int
    box: tuple[slice, ...]
    inside: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class SampleView:
    """The pictures of one sample in one comparison.

    Attributes
    ----------
    sample : str
        Its name.
    pair : (str, str) or None
        Names of reference and candidate source.
    image : ndarray or None
        Pixels of the image; None when there is none or it cannot be read.
    is_rgb : bool
        Whether the last axis of the image holds colours.
    limits : (float, float) or None
        Darkest and brightest value of a grey image; None where its type's range will do.
    reference, candidate : ndarray of int or None
        The masks, shape (y, x) or (z, y, x); None where they cannot be read.
    overlay : ndarray of uint8 or None
        Codes of :data:`LEGEND`; None unless both masks can be read and have one shape.
    spacing : tuple of float
        Pixel size along each axis.
    unit : str
        Unit of the spacing.
    ids : frozenset of int
        Ids in either mask.
    problems : tuple of str
        What could not be read, and why.
    wrong_in_slices : tuple of int
        Of a volume, how many pixels differ in each slice; empty for an image.
    names : (str, str) or None
        What the two masks are called instead of their sources' names, while those are hidden.
    """

    sample: str
    pair: Pair | None
    image: NDArray[Any] | None = None
    is_rgb: bool = False
    limits: tuple[float, float] | None = None
    reference: LabelArray | None = None
    candidate: LabelArray | None = None
    overlay: NDArray[np.uint8] | None = None
    spacing: tuple[float, ...] = ()
    unit: str = "px"
    ids: frozenset[int] = field(default_factory=frozenset)
    problems: tuple[str, ...] = ()
    wrong_in_slices: tuple[int, ...] = ()
    names: Pair | None = None

    @property
    def called(self) -> Pair | None:
        """What the two masks are called."""
        return self.names or self.pair

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the masks, or of the image where there is no mask; empty without either."""
        for mask in (self.reference, self.candidate):
            if mask is not None:
                return mask.shape
        if self.image is None:
            return ()
        return self.image.shape[:-1] if self.is_rgb else self.image.shape

    @property
    def nbytes(self) -> int:
        """Memory it holds."""
        arrays = (self.image, self.reference, self.candidate, self.overlay)
        return sum(array.nbytes for array in arrays if array is not None)


def load_sample_view(dataset: Dataset, sample: Sample, pair: Pair | None) -> SampleView:
    """Read a sample's image and two of its masks, and draw where the masks disagree.

    What cannot be read is said in :attr:`SampleView.problems`; the rest is shown all the same.
    """
    problems: list[str] = []
    masks: list[LabelArray | None] = []
    spacing: tuple[float, ...] = ()
    unit = "px"
    for source in _sources(dataset, sample, pair):
        if source not in sample.masks:
            masks.append(None)
            problems.append(f"{source}: no mask of this sample")
            continue
        try:
            mask = dataset.read_mask(sample, source)
        except AuditError as error:
            masks.append(None)
            problems.append(f"{source}: {error.message}")
            continue
        masks.append(mask.labels)
        spacing, unit = spacing or mask.spacing, mask.unit if not spacing else unit
    reference, candidate = (*masks, None, None)[:2]
    image, is_rgb = _image(dataset, sample, reference, candidate, problems)
    overlay: NDArray[np.uint8] | None = None
    in_slices: tuple[int, ...] = ()
    if reference is not None and candidate is not None:
        if reference.shape == candidate.shape:
            overlay = overlay_codes(reference, candidate, dataset.ignore_ids)
            in_slices = wrong_in_slices(reference, candidate, dataset.ignore_ids)
        else:
            problems.append("the two masks differ in size; masks are never resized")
    ids = frozenset().union(*(ids_in(mask) for mask in masks if mask is not None))
    return SampleView(
        sample=sample.name,
        pair=pair,
        image=image,
        is_rgb=is_rgb,
        limits=None if image is None or is_rgb else contrast_limits(image),
        reference=reference,
        candidate=candidate,
        overlay=overlay,
        spacing=spacing,
        unit=unit,
        ids=ids,
        problems=tuple(problems),
        wrong_in_slices=in_slices,
    )


def contrast_limits(image: NDArray[Any]) -> tuple[float, float] | None:
    """Darkest and brightest finite value of a grey image, from a part of its pixels if large.

    Returns
    -------
    (float, float) or None
        None for uint8, whose whole range is shown, and for an image without contrast.
    """
    if image.dtype == np.uint8 or image.dtype == np.bool_ or image.size == 0:
        return None
    step = max(1, image.size // 1_000_000)
    values = image.reshape(-1)[::step]
    if values.dtype.kind == "f":
        values = values[np.isfinite(values)]
    if values.size == 0:
        return None
    low, high = float(values.min()), float(values.max())
    return (low, high) if low < high else None


def boundary_width_px(shape: tuple[int, ...]) -> int:
    """Width of the drawn boundaries: one pixel, more where the screen would swallow it.

    Examples
    --------
    >>> boundary_width_px((480, 640)), boundary_width_px((2048, 2048))
    (1, 3)
    """
    return max(1, round(math.hypot(*shape[-2:]) / _SCREEN_DIAGONAL))


def _sources(dataset: Dataset, sample: Sample, pair: Pair | None) -> tuple[str, ...]:
    """The sources to show: the pair, or the only source there is."""
    return pair if pair is not None else tuple(s.name for s in dataset.sources[:1])


def _image(
    dataset: Dataset,
    sample: Sample,
    reference: LabelArray | None,
    candidate: LabelArray | None,
    problems: list[str],
) -> tuple[NDArray[Any] | None, bool]:
    try:
        image = dataset.read_image(sample)
    except AuditError as error:
        problems.append(f"image: {error.message}")
        return None, False
    if image is None:
        return None, False
    mask = reference if reference is not None else candidate
    ndim = image.ndim - 1 if mask is None else mask.ndim
    is_rgb = image.ndim == 3 if mask is None else image.ndim == ndim + 1
    is_rgb = is_rgb and image.shape[-1] in (3, 4)
    size = image.shape[:-1] if is_rgb else image.shape
    if mask is not None and len(size) != mask.ndim:
        problems.append(f"image: its shape {image.shape} does not fit masks of {mask.shape}")
        return None, False
    if mask is not None and size != mask.shape:
        problems.append(f"image: {size} pixels, but the masks have {mask.shape}")
    return image.astype(np.uint8) if image.dtype == np.bool_ else image, is_rgb


def overlay_codes(
    reference: LabelArray,
    candidate: LabelArray,
    ignore_ids: frozenset[int],
    *,
    width: int | None = None,
) -> NDArray[np.uint8]:
    """Codes of :data:`LEGEND`: boundaries by whose they are, and the rest of what differs.

    Other than in :func:`~napari_mask_audit.overlay.disagreement_map`, the edge of the image is no
    boundary: a frame around every image, and the first and last slice of every volume, would only
    hide what is beneath. Boundaries are drawn as wide as suits the size of the masks, or ``width``
    pixels.
    """
    width = width or boundary_width_px(reference.shape)
    inner = (slice(width, -width),) * reference.ndim
    codes = disagreement_map(
        np.pad(reference, width, mode="edge"),
        np.pad(candidate, width, mode="edge"),
        width=width,
        ignore_ids=ignore_ids,
    )[inner].copy()
    different = _disagree(reference, candidate, ignore_ids)
    np.logical_and(different, codes == 0, out=different)
    codes[different] = DIFFERENT.code
    return codes


def wrong_in_slices(
    reference: LabelArray, candidate: LabelArray, ignore_ids: frozenset[int]
) -> tuple[int, ...]:
    """How many pixels differ in each slice of a volume; nothing for an image."""
    if reference.ndim == 2:
        return ()
    return tuple(
        int(np.count_nonzero(_disagree(*planes, ignore_ids)))
        for planes in zip(reference, candidate, strict=True)
    )


def _disagree(
    reference: LabelArray, candidate: LabelArray, ignore_ids: frozenset[int]
) -> NDArray[np.bool_]:
    different = np.asarray(reference != candidate)
    for ignored in ignore_ids:
        different &= reference != ignored
    return different
