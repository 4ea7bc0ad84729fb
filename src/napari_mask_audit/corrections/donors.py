"""The masks a correction can take from: another one of the sample, or what most annotators have."""

from __future__ import annotations

from ..agreement.consensus_mask import consensus_of_masks
from ..dataset import Dataset, Role
from ..errors import DatasetError, MaskError
from ..findings import Finding
from ..masks import LabelArray
from .repairs import Region, Repair, finding_region, take_from, take_objects_from

#: The donor that is nobody's mask: what most annotators have, counted on the spot.
MAJORITY = "\0majority"


def background_of(dataset: Dataset) -> int | None:
    """The id that is nothing; in a dataset of objects that declares none it is 0."""
    if dataset.task == "instance" and dataset.background_id is None:
        return 0
    return dataset.background_id


def voters(dataset: Dataset, sample: str) -> tuple[str, ...]:
    """The annotators who have a mask of the sample: those a majority is counted of."""
    masks = dataset.sample(sample).masks
    return tuple(s.name for s in dataset.with_role(Role.ANNOTATOR) if s.name in masks)


def has_majority(dataset: Dataset, sample: str) -> bool:
    """Whether there are annotators to vote; ids of objects cannot be voted about."""
    return dataset.task == "semantic" and len(voters(dataset, sample)) > 1


def donor_mask(dataset: Dataset, sample: str, donor: str, shape: tuple[int, ...]) -> LabelArray:
    """The ids of a donor.

    Parameters
    ----------
    dataset : Dataset
        Where the masks are.
    sample : str
        Which sample.
    donor : str
        A source, or :data:`MAJORITY`.
    shape : tuple of int
        Of the mask that is corrected.

    Raises
    ------
    DatasetError
        ``no-such-source`` if the sample has no such mask, or there is nobody to vote.
    MaskError
        ``shape-mismatch``, or why the mask cannot be read.
    """
    found = dataset.sample(sample)
    if donor == MAJORITY:
        labels = _majority(dataset, sample)
    elif donor in found.masks:
        labels = dataset.read_mask(found, donor).labels
    else:
        raise DatasetError(
            "no-such-source",
            f"this sample has no mask of {donor!r}; it has masks of {', '.join(found.masks)}.",
            sample=sample,
        )
    if labels.shape != shape:
        name = "the majority" if donor == MAJORITY else donor
        raise MaskError(
            "shape-mismatch",
            f"the mask of {name} has shape {labels.shape}, the one to correct {shape}; masks are "
            "never resized.",
            sample=sample,
        )
    return labels


def taken_from(dataset: Dataset, labels: LabelArray, donor: LabelArray, region: Region) -> Repair:
    """Give a region what a donor has there: its ids, or its objects where ids are objects."""
    if dataset.task != "instance":
        return take_from(labels, donor, region)
    return take_objects_from(labels, donor, region, background=background_of(dataset) or 0)


def region_of(
    dataset: Dataset, finding: Finding, reference: LabelArray, candidate: LabelArray
) -> Region:
    """The pixels that a finding of this dataset is about; see :func:`finding_region`."""
    kept = None
    if dataset.task == "instance":
        kept = {background_of(dataset) or 0, *dataset.ignore_ids}
    return finding_region(finding, reference, candidate, background=kept)


def _majority(dataset: Dataset, sample: str) -> LabelArray:
    names = voters(dataset, sample)
    if not has_majority(dataset, sample):
        raise DatasetError(
            "no-such-source",
            "there is no majority: it takes two annotators at least, and a dataset of classes, "
            "not of objects.",
            sample=sample,
        )
    masks = [dataset.read_mask(dataset.sample(sample), name).labels for name in names]
    if len({mask.shape for mask in masks}) > 1:
        raise MaskError(
            "shape-mismatch",
            "the annotators' masks of this sample differ in shape; masks are never resized.",
            sample=sample,
        )
    return consensus_of_masks(
        masks, names, ignore_ids=dataset.ignore_ids, background=dataset.background_id
    ).labels
