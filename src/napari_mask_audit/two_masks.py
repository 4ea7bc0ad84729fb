"""Two masks compared directly, without a dataset: arrays or files in, scores out."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

from numpy.typing import ArrayLike

from . import engine
from .dataset import open_pair
from .errors import MaskError
from .masks import Mask, size_text
from .measuring import ClassRules, measure_masks
from .scores import PairScores
from .settings import Settings


def compare(
    reference: ArrayLike | str | Path,
    candidate: ArrayLike | str | Path,
    *,
    class_names: Mapping[int, str] | None = None,
    ignore: Sequence[int] = (),
    background: int | None = None,
    spacing: Sequence[float] | None = None,
    instances: bool = False,
    settings: Settings | None = None,
    workers: int | None = None,
) -> PairScores:
    """Compare two masks.

    Parameters
    ----------
    reference, candidate : array_like of int, str or pathlib.Path
        Label masks of one shape, (y, x) or (z, y, x), or the files that hold them. Two files
        with nothing but 0 and 255 are read as binary.
    class_names : mapping of int to str, optional
        Names of the classes; classes named here get a row even where they do not occur.
    ignore : sequence of int
        Reference pixels with these ids count nowhere.
    background : int, optional
        Id without a row of its own. With arrays every id is a class unless you say so.
    spacing : sequence of float, optional
        Size of a pixel along each axis, in array axis order; for files, their own.
    instances : bool
        Ids are objects: all of them are one class, and objects are matched.
    settings : Settings, optional
        Conventions behind the numbers.
    workers : int, optional
        Threads; by default two where the masks are large and the machine has the processors.

    Returns
    -------
    PairScores
        A row per class, and their mean.

    Raises
    ------
    MaskError
        When a mask cannot be used, or the shapes differ (``shape-mismatch``).

    Examples
    --------
    >>> import napari_mask_audit as ma
    >>> reference = [[0, 0, 1], [0, 1, 1], [0, 1, 1]]
    >>> candidate = [[0, 0, 1], [0, 1, 1], [0, 0, 1]]
    >>> result = ma.compare(reference, candidate)
    >>> print("ious:", result.ious)
    ious: [0.8, 0.8]
    >>> print("mean_iou:", result.mean_iou)
    mean_iou: 0.8
    """
    chosen = settings or Settings()
    masks, sample, background = _two_masks(reference, candidate, background, spacing)
    if masks[0].shape != masks[1].shape:
        raise MaskError(
            "shape-mismatch",
            f"the reference is {size_text(masks[0].shape)} but the candidate is "
            f"{size_text(masks[1].shape)} pixels; masks are never resized. Export both at the "
            "size of the image.",
            file=masks[1].path,
        )
    rules = ClassRules(
        names=dict(class_names or {}),
        ignore_ids=frozenset(ignore),
        background_id=background,
        instances=instances,
    )
    pair = ("reference", "candidate")
    _, scores = measure_masks(
        dict(zip(pair, masks, strict=True)),
        [pair],
        rules,
        chosen,
        sample=sample,
        workers=engine.share(workers, 1),
    )
    return scores[pair]


def _two_masks(
    reference: ArrayLike | str | Path,
    candidate: ArrayLike | str | Path,
    background: int | None,
    spacing: Sequence[float] | None,
) -> tuple[tuple[Mask, Mask], str | None, int | None]:
    """The masks, the sample name, and the background (0 when files turn out to be binary)."""
    grid = None if spacing is None else tuple(spacing)
    if isinstance(reference, str | Path) and isinstance(candidate, str | Path):
        pair = dataclasses.replace(open_pair(reference, candidate), spacing=grid)
        sample = pair.samples[0]
        first, second = (pair.read_mask(sample, name) for name in pair.comparisons()[0])
        inferred = pair.background_id if background is None else background
        return (first, second), sample.name, inferred
    if isinstance(reference, str | Path) or isinstance(candidate, str | Path):
        raise TypeError("give two arrays or two files, not one of each")
    first, second = (Mask.from_array(array, spacing=grid) for array in (reference, candidate))
    return (first, second), None, background
