"""Rules about files: can they be read, do they fit together, is one missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import numpy as np

from ..dataset import Dataset, Sample
from ..errors import AuditError, MaskError, Problem
from ..readers import Grid, places_grid, read_grid
from .finding import LintFinding
from .subject import MaskSubject

# Error code of a reader, and the lint rule it belongs to; everything else is "unreadable".
_RULE_OF_ERROR = {
    "colour-mask": "MA103",
    "float-mask": "MA104",
    "lossy-mask": "MA105",
    "not-binary": "MA202",
    "missing-partner": "MA106",
    "no-such-source": "MA106",
    "two-masks": "MA107",
    "unknown-format": "MA107",
    "outside-root": "MA107",
}
# Slices of a pile share less than this of what two of them label, on average, …
_IN_COMMON = 0.25
# … some two next to nothing, …
_NEXT_TO_NOTHING = 0.05
# … and most are filled.
_FILLED = 0.7


def from_error(error: MaskError, sample: str, source: str, path: Path) -> LintFinding:
    """The finding for a mask that could not be read."""
    code = _RULE_OF_ERROR.get(error.code, "MA101")
    return LintFinding(code, error.message, sample=sample, source=source, file=path)


def from_problems(problems: Sequence[Problem]) -> Iterator[LintFinding]:
    """Findings for the files that opening the dataset left out; partners come per sample."""
    for problem in problems:
        code = _RULE_OF_ERROR.get(problem.code, "MA101")
        if problem.code == "missing-partner":
            continue
        file = None if problem.file is None else Path(problem.file)
        yield LintFinding(
            code, problem.message, sample=problem.sample, file=file, other=problem.file
        )


def check_partners(dataset: Dataset, sample: Sample) -> Iterator[LintFinding]:
    """MA106 and MA108: masks or images that other samples have and this one lacks."""
    for source in dataset.sources:
        if source.name not in sample.masks:
            yield LintFinding(
                "MA106",
                f"{source.name} has no mask of this sample; names must match exactly.",
                sample=sample.name,
                source=source.name,
            )
    if sample.image is None and any(other.image is not None for other in dataset.samples):
        yield LintFinding(
            "MA108", "no image of this name was found; others have one.", sample=sample.name
        )


def check_sizes(
    sample: Sample, masks: Mapping[str, tuple[int, ...]], image: tuple[int, ...] | None
) -> Iterator[LintFinding]:
    """MA102 and MA111: masks that differ in size from the image, or else from the first mask.

    Parameters
    ----------
    sample : Sample
        The sample.
    masks : mapping of str to tuple of int
        Shape of each readable mask by source, in source order.
    image : tuple of int or None
        Shape of the image; colour channels come last and may be absent.
    """
    first = next(iter(masks), None)
    for source, shape in masks.items():
        pile = _piled(shape, masks[first] if image is None else image)  # type: ignore[index]
        if image is not None:
            expected, whose = image[: len(shape)], "the image"
            fits = shape == expected and len(image) - len(shape) in (0, 1)
        else:
            expected, whose = masks[first], f"the mask of {first}"  # type: ignore[index]
            fits = shape == expected
        if pile:
            code = "MA111"
            text = (
                f"{_size(shape)} is a pile of {pile} masks of the size of "
                f"{'the image' if image is not None else f'the mask of {first}'}, one per class or "
                "object. Export one mask of ids."
            )
        elif not fits:
            code = "MA102"
            text = (
                f"the mask is {_size(shape)} but {whose} is {_size(expected)} px; masks are "
                "never resized. Export it at the size of the image."
            )
            if shape[::-1] == expected:
                text += " Rows and columns seem to be exchanged."
        else:
            continue
        yield LintFinding(code, text, sample=sample.name, source=source, file=sample.masks[source])


def _piled(mask: tuple[int, ...], image: tuple[int, ...]) -> int:
    """How many pictures of the size of a 2D image a 3D mask holds; 0 when it holds none."""
    flat = len(image) == 2 or (len(image) == 3 and image[-1] in (2, 3, 4))
    if not flat or len(mask) != 3:
        return 0
    if mask[1:] == image[:2]:
        return mask[0]
    return mask[2] if mask[:2] == image[:2] else 0


def check_pile(subject: MaskSubject) -> LintFinding | None:
    """MA111 without an image to compare with: slices that have too little in common for a volume.

    Every slice of a pile holds one id at most. In a volume, what is labelled in one slice mostly
    lies over what is labelled in the next one; masks of different classes do not.
    """
    if subject.labels.ndim != 3:
        return None
    nothing = sorted(subject.nothing | {0})
    drawn = ~np.isin(subject.labels, nothing)
    filled = [(plane, on) for plane, on in zip(subject.labels, drawn, strict=True) if on.any()]
    if len(filled) < 2 or any(np.ptp(plane[on]) > 0 for plane, on in filled):
        return None
    shared = [
        np.count_nonzero(a & b) / np.count_nonzero(a | b) for (_, a), (_, b) in pairwise(filled)
    ]
    apart = float(np.mean(shared)) <= _IN_COMMON and min(shared) <= _NEXT_TO_NOTHING
    if not apart or len(filled) < _FILLED * len(drawn):
        return None
    return subject.finding(
        "MA111",
        f"the {len(drawn)} slices hold one id each and hardly lie over each other: a pile of "
        "masks, one per class or object, and no volume? Export one mask of ids.",
    )


def check_floats(found: Sequence[tuple[str, str, Path, str]]) -> Iterator[LintFinding]:
    """MA109: whole ids that files keep as floating-point numbers, one finding per source.

    Parameters
    ----------
    found : sequence of (sample, source, file, dtype)
        Masks stored that way.
    """
    by_source: dict[str, list[tuple[str, Path, str]]] = {}
    for sample, source, file, dtype in found:
        by_source.setdefault(source, []).append((sample, file, dtype))
    for source, rows in sorted(by_source.items()):
        rows.sort()
        (sample, file, dtype), number = rows[0], len(rows)
        which = "this mask" if number == 1 else f"{number} masks, such as that of {sample},"
        yield LintFinding(
            "MA109",
            f"the ids of {which} are whole numbers but stored as {dtype}, as after a step that "
            "computes with them; export integers, so that no fraction can creep in.",
            sample=sample if number == 1 else None,
            source=source,
            file=file,
            count=number,
        )


def check_grids(sample: Sample, shapes: Mapping[str, tuple[int, ...]]) -> Iterator[LintFinding]:
    """MA110: files with a place in space (NIfTI) that does not fit the image or first mask.

    Two grids fit when no corner is further off than half a voxel.
    """
    files = {source: sample.masks[source] for source in shapes}
    if sample.image is not None:
        files = {"the image": sample.image, **files}
    grids: dict[str, Grid] = {}
    for name, path in files.items():
        # what cannot be read is a finding of its own, made where the pixels were to be read
        with suppress(AuditError):
            if places_grid(path):
                grids[name] = read_grid(path)
    first = next(iter(grids), None)
    for name, grid in grids.items():
        expected = grids[first] if first is not None else grid
        off = float(np.abs(grid.corners - expected.corners).max())
        if name == first or not off > 0.5 * min(expected.voxel):
            continue
        yield LintFinding(
            "MA110",
            f"its header places it up to {off:.3g} {expected.unit} away from {first}: origin, "
            "voxel size or direction differ. Counting goes by array index and ignores this; check "
            "that both show the same voxels.",
            sample=sample.name,
            source=name,
            file=files[name],
        )


def _size(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))
