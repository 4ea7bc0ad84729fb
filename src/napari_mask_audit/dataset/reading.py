"""All masks of one sample, and what is wrong with those that are missing from the result."""

from __future__ import annotations

import numpy as np

from ..errors import AuditError, Problem
from ..masks import Mask, size_text
from .model import Dataset, Sample


def read_masks(dataset: Dataset, sample: Sample, problems: list[Problem]) -> dict[str, Mask]:
    """The usable masks of a sample: readable, and of the shape of the first source's mask.

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
            mask = dataset.read_mask(sample, source.name)
        except AuditError as error:
            problems.append(Problem.from_error(error, sample=sample.name))
            continue
        anchor = next(iter(masks.items()), None)
        if anchor is not None and mask.shape != anchor[1].shape:
            text = (
                f"this mask is {size_text(mask.shape)} but that of {anchor[0]} is "
                f"{size_text(anchor[1].shape)} pixels; masks are never resized. Export it at "
                "the size of the image."
            )
            problems.append(
                Problem("shape-mismatch", text, sample.name, str(sample.masks[source.name]))
            )
            continue
        if anchor is not None and not np.allclose(mask.spacing, anchor[1].spacing, rtol=1e-3):
            text = (
                f"this mask states pixels of {mask.spacing} {mask.unit} but that of {anchor[0]} "
                f"{anchor[1].spacing} {anchor[1].unit}; the latter is used. Correct one of them, "
                "or give spacing in dataset.toml."
            )
            problems.append(
                Problem("spacing-mismatch", text, sample.name, str(sample.masks[source.name]))
            )
        masks[source.name] = mask
    return masks
