"""Maps over one sample, made in a worker: the outlines of a pair, and the votes on every pixel."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..agreement.consensus_mask import consensus_of_masks
from ..agreement.observation import annotators_of
from ..dataset import Dataset
from ..dataset.model import Role
from ..errors import AuditError, DatasetError, MaskError
from ..masks import Mask
from .items import Pair
from .sample_view import overlay_codes


@dataclass(frozen=True, eq=False)
class SampleMap:
    """Something to lay over one sample.

    Attributes
    ----------
    sample : str
        Its name.
    pixels : ndarray
        As many axes as the masks.
    spacing : tuple of float
        Pixel size along each axis.
    words : str
        What it is.
    high : float
        Value of the strongest colour.
    ends : (str, str)
        What no colour and the strongest colour mean.
    """

    sample: str
    pixels: NDArray[Any]
    spacing: tuple[float, ...]
    words: str
    high: float = 1.0
    ends: tuple[str, str] = ("", "")


def pair_map(dataset: Dataset, sample: str, pair: Pair) -> SampleMap:
    """The outlines of both masks of a pair and where they differ: codes of the legend.

    Raises
    ------
    MaskError
        ``shape-mismatch``; or what reading a mask raises.
    """
    found = dataset.sample(sample)
    missing = [name for name in pair if name not in found.masks]
    if missing:
        raise MaskError(
            "no-votes", f"{sample} has no mask from {' and '.join(missing)}.", sample=sample
        )
    masks = [dataset.read_mask(found, name) for name in pair]
    _same_shape(masks, sample)
    codes = overlay_codes(masks[0].labels, masks[1].labels, dataset.ignore_ids)
    return SampleMap(sample, codes, masks[0].spacing, f"{pair[0]} ↔ {pair[1]}")


def voters(dataset: Dataset) -> tuple[str, ...]:
    """Whose votes the map counts: annotators, or everybody but models, or everybody."""
    people = tuple(s.name for s in dataset.sources if s.role is not Role.PREDICTION)
    everybody = tuple(source.name for source in dataset.sources)
    choices = (annotators_of(dataset), people, everybody)
    return next((names for names in choices if len(names) > 1), ())


def vote_map(dataset: Dataset, sample: str, kind: str = "entropy") -> SampleMap:
    """How far the votes on every pixel of a sample are apart.

    Parameters
    ----------
    dataset : Dataset
        Semantic: ids of objects are no votes.
    sample : str
        Its name.
    kind : {"entropy", "against"}
        Bits of the votes' entropy, or how many are against the most common label.

    Raises
    ------
    DatasetError
        ``no-consensus`` where ids are objects.
    MaskError
        ``no-votes`` where fewer than two masks can be read, ``shape-mismatch``.
    """
    if dataset.task == "instance":
        raise DatasetError(
            "no-consensus",
            "the masks number objects, and object 3 of one annotator is not object 3 of another: "
            "there are no votes to count.",
        )
    found = dataset.sample(sample)
    masks: dict[str, Mask] = {}
    for name in voters(dataset):
        try:
            if name in found.masks:
                masks[name] = dataset.read_mask(found, name)
        except AuditError:
            continue  # the matrix names files that cannot be read; the others still vote
    if len(masks) < 2:
        raise MaskError("no-votes", "fewer than two masks to vote on this sample.", sample=sample)
    _same_shape(list(masks.values()), sample)
    made = consensus_of_masks(
        [mask.labels for mask in masks.values()],
        tuple(masks),
        ignore_ids=dataset.ignore_ids,
        background=dataset.background_id,
    )
    spacing = next(iter(masks.values())).spacing
    n = len(masks)
    if kind == "entropy":
        pixels: NDArray[Any] = made.entropy_map()
        high = max(1.0, float(pixels.max(initial=0)))
        ends = ("all agree", f"{n} votes split, {high:.1f} bits")
        return SampleMap(sample, pixels, spacing, "votes: entropy in bits", high, ends)
    present = made.rows.expand(made.consensus.votes.present.astype(np.uint8))
    pixels = present - np.minimum(made.supporters_map(), present)
    high = float(max(1, n - math.ceil(n / 2)))
    ends = ("none against", f"{high:.0f} of {n} against")
    return SampleMap(sample, pixels, spacing, "votes against the most common label", high, ends)


def _same_shape(masks: list[Mask], sample: str) -> None:
    shapes = sorted({mask.shape for mask in masks})
    if len(shapes) > 1:
        raise MaskError(
            "shape-mismatch",
            f"the masks of this sample differ in shape ({shapes}); masks are never resized. "
            "Export them at the size of the image.",
            sample=sample,
        )
