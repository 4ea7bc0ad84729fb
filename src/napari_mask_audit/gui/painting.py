"""What is painted over the image of a sample, made in a worker: disagreement in four colourings.

By what it is (whose boundary), by how far boundaries are apart, by failure bucket, or by how far
the annotators' votes are apart. No Qt here: the result is only assigned to layers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ..boundaries import SurfaceDistances
from ..dataset import Dataset
from ..errors import MaskError
from ..failures import BUCKETS, buckets
from ..overlay import BOTH
from .agreement_maps import vote_map
from .boundary_subject import subject_of
from .boundary_view import surfaces_of
from .explanation import as_explained
from .failure_summary import BUCKET_LOOKS
from .legend_content import BY_WHAT_IT_IS, LegendContent, Scale, Swatch
from .sample_view import DIFFERENT, LEGEND, SampleView, boundary_width_px
from .shades import VOTES, Color, rgba, shade

#: Distances are told apart up to so many tolerances, in steps of half a tolerance.
REACH_TOLERANCES, STEPS = 5, 10
_VOTE_STEPS = 8
# The inside of a wrong region is only tinted, so that the picture beneath still shows.
_TINT = 0.45
_BUCKET_OPACITY = 0.75


class Coloring(StrEnum):
    """What the colours of the disagreement stand for; the value is what the menu says."""

    WHAT = "what it is"
    DISTANCE = "distance"
    BUCKET = "failure bucket"
    VOTES = "annotators' votes"

    @property
    def next(self) -> Coloring:
        """The one after it, in a circle."""
        every = list(Coloring)
        return every[(every.index(self) + 1) % len(every)]


@dataclass(frozen=True, eq=False)
class Painting:
    """Codes over a sample, the colour of each code, and the legend that goes with them.

    Attributes
    ----------
    coloring : Coloring
        What the colours stand for.
    codes : ndarray of uint8, the shape of the masks
        0 is clear.
    colors : mapping of int to (float, float, float, float)
        Red, green, blue and opacity of each code, 0 to 1.
    legend : LegendContent
        The same in words.
    """

    coloring: Coloring
    codes: NDArray[np.uint8]
    colors: Mapping[int, Color]
    legend: LegendContent


def paint(dataset: Dataset, view: SampleView, coloring: Coloring) -> Painting:
    """Paint a sample whose masks are decoded; for a worker.

    Raises
    ------
    AuditError
        Where that colouring is not to be had for this sample, and why.
    """
    if coloring is Coloring.VOTES:
        return by_votes(dataset, view)
    if view.overlay is None or view.reference is None or view.candidate is None:
        raise MaskError(
            "shape-mismatch",
            "there are no two masks of one size to compare here.",
            sample=view.sample,
        )
    if coloring is Coloring.DISTANCE:
        return by_distance(dataset, view)
    return by_bucket(dataset, view) if coloring is Coloring.BUCKET else by_what_it_is(view)


def by_what_it_is(view: SampleView) -> Painting:
    """Boundaries by whose they are, and the rest of what differs."""
    codes = np.zeros(view.shape, np.uint8) if view.overlay is None else view.overlay
    return Painting(Coloring.WHAT, codes, WHAT_COLORS, BY_WHAT_IT_IS)


def by_distance(dataset: Dataset, view: SampleView) -> Painting:
    """Boundary pixels by their distance to the other mask's boundary of the same class.

    The distances are those of the ``voxel`` convention; where several classes meet, the largest
    counts. A boundary without a counterpart has the colour of the largest distance.
    """
    subject = subject_of(view, dataset)
    assert subject is not None
    _, _, _, surfaces = surfaces_of(subject, "voxel")
    reach = REACH_TOLERANCES * subject.tolerance
    codes = distance_codes(surfaces.values(), view.shape, reach)
    width = boundary_width_px(view.shape)
    if width > 1:
        size = (1,) * (codes.ndim - 2) + (width, width)
        codes = ndimage.maximum_filter(codes, size=size)
    ramp = tuple(shade(step, 0, STEPS - 1) for step in range(STEPS))
    scale = Scale(
        "0",
        f"≥ {reach:g} {subject.unit}",
        ramp,
        f"how far a boundary is from that of the same class in the other mask, in {subject.unit}; "
        "a boundary without a counterpart has the last colour. While a mask is corrected it is "
        "counted anew when the brush rests.",
    )
    return Painting(
        Coloring.DISTANCE,
        codes,
        {code + 1: rgba(color) for code, color in enumerate(ramp)},
        LegendContent("boundary by distance", (), scale),
    )


def solid_colors(painting: Painting) -> Mapping[int, Color]:
    """Colours of a painting for a volume in three dimensions: agreement would hide the rest."""
    agreed = {Coloring.WHAT: BOTH, Coloring.DISTANCE: 1}.get(painting.coloring)
    return {
        code: (0.0, 0.0, 0.0, 0.0) if code == agreed else (*color[:3], 1.0)
        for code, color in painting.colors.items()
    }


def distance_codes(
    surfaces: Iterable[SurfaceDistances], shape: tuple[int, ...], reach: float
) -> NDArray[np.uint8]:
    """Steps of distance from 1 to :data:`STEPS` at the boundary pixels of both masks, else 0."""
    codes = np.zeros(shape, np.uint8)
    flat = codes.reshape(-1)
    for surface in surfaces:
        for side in (surface.reference, surface.candidate):
            steps = np.minimum(side.distances / reach * STEPS, STEPS - 1).astype(np.uint8) + 1
            np.maximum.at(flat, side.lattice_index, steps)
    return codes


def by_bucket(dataset: Dataset, view: SampleView) -> Painting:
    """Every wrong pixel in the colour of its failure bucket."""
    reference, candidate, background = as_explained(dataset, view)
    found = buckets(
        reference,
        candidate,
        background=background,
        ignore_ids=dataset.ignore_ids,
        spacing=view.spacing or None,
        thresholds=dataset.settings.failure_thresholds,
    )
    counts = np.bincount(found.image.reshape(-1), minlength=len(BUCKETS) + 1)
    entries = tuple(
        Swatch(color, word, f"{word}: {counts[bucket.code]:,} px in this sample")
        for bucket, (word, color) in BUCKET_LOOKS.items()
        if counts[bucket.code]
    )
    colors = {
        bucket.code: (*rgba(color)[:3], _BUCKET_OPACITY)
        for bucket, (_, color) in BUCKET_LOOKS.items()
    }
    title = "wrong pixels by failure bucket" if entries else "no pixel is wrong"
    return Painting(Coloring.BUCKET, found.image, colors, LegendContent(title, entries))


def by_votes(dataset: Dataset, view: SampleView) -> Painting:
    """How far the annotators' votes are apart on every pixel; clear where all agree."""
    found = vote_map(dataset, view.sample)
    share = found.pixels / found.high
    codes = np.ceil(share * _VOTE_STEPS - 1e-6).clip(0, _VOTE_STEPS).astype(np.uint8)
    ramp = tuple(shade(step, 0, _VOTE_STEPS - 1, VOTES) for step in range(_VOTE_STEPS))
    colors = {
        code + 1: (*rgba(color)[:3], 0.4 + 0.4 * code / (_VOTE_STEPS - 1))
        for code, color in enumerate(ramp)
    }
    scale = Scale(*found.ends, ramp, f"{found.words}; clear where all agree")
    return Painting(Coloring.VOTES, codes, colors, LegendContent("annotators' votes", (), scale))


#: Colours of the codes of :func:`~napari_mask_audit.gui.sample_view.overlay_codes`.
WHAT_COLORS: Mapping[int, Color] = {
    **{entry.code: rgba(entry.color) for entry in LEGEND},
    DIFFERENT.code: (*rgba(DIFFERENT.color)[:3], _TINT),
}
