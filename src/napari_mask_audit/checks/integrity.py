"""Rules about files: can they be read, do they fit together, is one missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ..dataset import Dataset, Sample
from ..errors import MaskError, Problem
from .finding import LintFinding

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
    """MA102: masks that differ in size from the image, or without one from the first mask.

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
        if image is not None:
            expected, whose = image[: len(shape)], "the image"
            fits = shape == expected and len(image) - len(shape) in (0, 1)
        else:
            expected, whose = masks[first], f"the mask of {first}"  # type: ignore[index]
            fits = shape == expected
        if not fits:
            hint = ""
            if shape[::-1] == expected:
                hint = " Rows and columns seem to be exchanged."
            yield LintFinding(
                "MA102",
                f"the mask is {_size(shape)} but {whose} is {_size(expected)} px; masks are never "
                f"resized. Export it at the size of the image.{hint}",
                sample=sample.name,
                source=source,
                file=sample.masks[source],
            )


def _size(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))
