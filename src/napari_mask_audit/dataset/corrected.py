"""Where corrected masks lie, and a dataset that knows of one more.

A correction never touches the mask it corrects: it is a mask of its own, in the source
``corrected``. One place per dataset, so that it is found again however the other masks are laid
out: ``masks/corrected`` beneath the dataset's folder, or ``corrected`` beside the other sources
where they lie directly in the folder (a new ``masks`` folder would hide them).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from .model import Dataset, Role, Sample, Source

#: Name of the source that corrections make up.
CORRECTED = "corrected"
#: Earlier versions of corrected masks; hidden, so that they are no samples.
EARLIER = ".earlier"


def correction_folders(folder: Path) -> tuple[Path, Path]:
    """Where a dataset folder may have its corrected masks: beneath ``masks``, or directly."""
    return folder / "masks" / CORRECTED, folder / CORRECTED


def corrected_folder(dataset: Dataset) -> Path:
    """The folder that holds (or would hold) the corrected masks of a dataset."""
    beneath_masks, directly = correction_folders(dataset.folder)
    is_flat = (
        not beneath_masks.parent.is_dir()
        and dataset.root == dataset.folder
        and any(
            path.is_relative_to(dataset.folder / source)
            for sample in dataset.samples[:1]
            for source, path in sample.masks.items()
        )
    )
    return directly if is_flat else beneath_masks


def with_correction(dataset: Dataset, sample: str, path: Path) -> Dataset:
    """The dataset as it would be opened now that a sample has a corrected mask.

    Parameters
    ----------
    dataset : Dataset
        As it was opened.
    sample : str
        Whose mask was corrected.
    path : pathlib.Path
        The corrected mask.

    Returns
    -------
    Dataset
        With the source ``corrected`` and that mask in it.
    """
    known = {source.name for source in dataset.sources}
    sources = dataset.sources
    if CORRECTED not in known:
        sources = (*sources, Source(CORRECTED, Role.CORRECTED))
    order = [source.name for source in sources]

    def corrected(found: Sample) -> Sample:
        if found.name != sample:
            return found
        masks = {**found.masks, CORRECTED: path}
        return replace(found, masks={name: masks[name] for name in order if name in masks})

    return replace(dataset, sources=sources, samples=tuple(map(corrected, dataset.samples)))
