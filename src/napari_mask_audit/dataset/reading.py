"""All masks of one sample, and what is wrong with those that are missing from the result."""

from __future__ import annotations

from collections import Counter

import numpy as np

from ..errors import AuditError, Problem
from ..masks import Mask, size_text
from .model import Dataset, Sample


def read_masks(dataset: Dataset, sample: Sample, problems: list[Problem]) -> dict[str, Mask]:
    """The usable masks of a sample: readable, and of the size that most of them have.

    Where two sizes are as frequent, that of the earlier source counts (references come first).

    Parameters
    ----------
    dataset : Dataset
        The dataset.
    sample : Sample
        One of its samples.
    problems : list of Problem
        What cannot be used is added to it.

    Returns
    -------
    dict of str to Mask
        In the order of ``dataset.sources``.
    """
    masks: dict[str, Mask] = {}
    for source in dataset.sources:
        if source.name not in sample.masks:
            continue
        try:
            masks[source.name] = dataset.read_mask(sample, source.name)
        except AuditError as error:
            problems.append(Problem.from_error(error, sample=sample.name))
    sizes = Counter(mask.shape for mask in masks.values())
    if not sizes:
        return masks
    shape = sizes.most_common(1)[0][0]  # of equally frequent ones, the first that came
    anchor = next((name, mask) for name, mask in masks.items() if mask.shape == shape)
    for name, mask in list(masks.items()):
        code, text = _unlike(mask, *anchor)
        if text:
            problems.append(Problem(code, text, sample.name, str(sample.masks[name])))
        if code == "shape-mismatch":
            del masks[name]
    return masks


def _unlike(mask: Mask, anchor_name: str, anchor: Mask) -> tuple[str, str]:
    """What sets a mask apart from the one it is measured by: code and sentence, or nothing."""
    if mask.shape != anchor.shape:
        return "shape-mismatch", (
            f"this mask is {size_text(mask.shape)} but that of {anchor_name} is "
            f"{size_text(anchor.shape)} pixels; masks are never resized. Export it at "
            "the size of the image."
        )
    alike = mask.spacing == anchor.spacing or np.allclose(mask.spacing, anchor.spacing, rtol=1e-3)
    if not alike:
        return "spacing-mismatch", (
            f"this mask states pixels of {mask.spacing} {mask.unit} but that of {anchor_name} "
            f"{anchor.spacing} {anchor.unit}; the latter is used. Correct one of them, "
            "or give spacing in dataset.toml."
        )
    return "", ""
