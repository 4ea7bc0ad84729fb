"""``fix``: corrected copies for the rules whose correction needs no judgement.

Nothing is ever changed in place. A corrected copy goes to a new folder, under the same path that
the mask has beneath the dataset's root, in the same format.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..dataset import Dataset
from ..errors import AuditError, DatasetError, Problem
from ..readers import read_image, read_mask, split_suffix
from .accepted import Accepted
from .finding import LintFinding
from .geometry import hole_regions, speck_regions
from .limits import LintLimits
from .lint import Progress, lint, subject_of
from .loose import open_for_lint
from .rewriting import rewrite_mask, write_whole
from .rules import RULES, choose_rules
from .subject import MaskSubject


@dataclass(frozen=True)
class FixedMask:
    """One corrected copy.

    Attributes
    ----------
    sample, source : str
        Which mask.
    file, copy : pathlib.Path
        The mask as it is, and the corrected copy.
    codes : tuple of str
        The rules that were corrected.
    pixels : int
        How many pixels changed.
    """

    sample: str
    source: str
    file: Path
    copy: Path
    codes: tuple[str, ...]
    pixels: int

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary."""
        return {
            "sample": self.sample,
            "source": self.source,
            "file": str(self.file),
            "copy": str(self.copy),
            "codes": list(self.codes),
            "pixels": self.pixels,
        }


@dataclass(frozen=True)
class FixResult:
    """What was corrected, and what could not be.

    Attributes
    ----------
    folder : pathlib.Path
        Where the copies are.
    fixed : tuple of FixedMask
        By sample and source.
    problems : tuple of Problem
        Masks with a finding that could not be corrected safely, and why.
    """

    folder: Path
    fixed: tuple[FixedMask, ...]
    problems: tuple[Problem, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary as in the JSON output."""
        return {
            "folder": str(self.folder),
            "fixed": [mask.to_dict() for mask in self.fixed],
            "problems": [problem.to_dict() for problem in self.problems],
        }


def fix(
    dataset_or_path: Dataset | str | Path,
    folder: str | Path,
    *,
    select: Iterable[str] | None = None,
    ignore: Iterable[str] = (),
    accepted: str | Path | Sequence[Accepted] | None = None,
    limits: LintLimits | None = None,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> FixResult:
    """Write corrected copies of the masks with safely correctable findings.

    Colour masks whose colours are all declared become ids, mixed 1 and 255 become one of them,
    specks and pinholes that one region surrounds take its id. Everything else needs a person.

    Parameters
    ----------
    dataset_or_path, select, ignore, accepted, limits, progress, should_stop
        As for :func:`~napari_mask_audit.checks.lint`. Accepted findings stay as they are.
    folder : str or pathlib.Path
        A folder that does not exist yet, or is empty.

    Returns
    -------
    FixResult
        Masks without a correction are not copied.

    Raises
    ------
    DatasetError
        ``fix-folder`` when the folder has something in it; and as for ``lint``.
    """
    target = Path(folder).expanduser()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise DatasetError(
            "fix-folder",
            "corrected copies go to a new folder; name one that is empty.",
            file=target,
        )
    dataset = open_for_lint(dataset_or_path)
    safe = [code for code in choose_rules(select, ignore) if RULES[code].fixable]
    found = (
        lint(
            dataset,
            select=safe,
            accepted=accepted,
            limits=limits,
            progress=progress,
            should_stop=should_stop,
        )
        if safe
        else None
    )
    by_mask: dict[tuple[str, str], list[LintFinding]] = defaultdict(list)
    for finding in found.findings if found else ():
        if finding.sample is not None and finding.source is not None:
            by_mask[finding.sample, finding.source].append(finding)
    fixed: list[FixedMask] = []
    problems: list[Problem] = []
    for (sample, source), findings in sorted(by_mask.items()):
        try:
            fixed.append(_fix_mask(dataset, sample, source, findings, target, limits))
        except AuditError as error:
            problems.append(Problem.from_error(error, sample=sample))
    return FixResult(target, tuple(fixed), tuple(problems))


def _fix_mask(
    dataset: Dataset,
    sample: str,
    source: str,
    findings: Sequence[LintFinding],
    folder: Path,
    limits: LintLimits | None,
) -> FixedMask:
    """Correct one mask."""
    path = dataset.sample(sample).masks[source]
    copy = folder / _relative(path, dataset.root)
    codes = {finding.code for finding in findings}
    if "MA103" in codes:
        pixels = _fix_colours(dataset, path, copy)
        return FixedMask(sample, source, path, copy, ("MA103",), pixels)
    stored = read_mask(path)
    subject = subject_of(dataset, dataset.sample(sample), source, stored, limits or LintLimits())
    ids = stored.labels.copy()
    for finding in findings:
        if finding.code == "MA203" and finding.class_id is not None:
            ids[stored.labels == finding.class_id] = 256 - finding.class_id  # 1 ↔ 255
    regions = {"MA301": speck_regions, "MA302": hole_regions}
    for code in sorted(codes & set(regions)):
        classes = {finding.class_id for finding in findings if finding.code == code}
        _absorb(subject, regions[code](subject), code, classes, ids)
    rewrite_mask(path, copy, ids)
    pixels = int(np.count_nonzero(ids != stored.labels))
    return FixedMask(sample, source, path, copy, tuple(sorted(codes)), pixels)


def _absorb(
    subject: MaskSubject,
    found: Sequence[int],
    code: str,
    classes: set[int | None],
    ids: NDArray[Any],
) -> None:
    """Give regions the stored id of the one region around them, unless they are accepted."""
    for n in found:
        (outer,) = subject.around(n)
        label = subject.regions.label[n if code == "MA301" else outer]
        if int(label) not in classes:
            continue
        cut = tuple(slice(low, high) for low, high in subject.box(n))
        value = ids[tuple(subject.regions.first[outer])]
        ids[cut][subject.picture[cut] == n + 1] = value


def _fix_colours(dataset: Dataset, path: Path, copy: Path) -> int:
    """Turn the declared colours of a picture into ids, with a palette of those colours."""
    from PIL import Image

    pixels = read_image(path)
    if split_suffix(path.name)[1] != ".png" or pixels.ndim != 3:
        raise DatasetError("fix-unsafe", "only colour PNG masks can be turned into ids.", file=path)
    colours = {_rgb(info.color): id_ for id_, info in dataset.declared_classes.items()}
    code = pixels.astype(np.int64) @ np.array([65536, 256, 1])
    unknown = sorted(set(np.unique(code).tolist()) - set(colours))
    if unknown or max(colours.values(), default=0) > 255 or min(colours.values(), default=0) < 0:
        shown = ", ".join(f"#{value:06X}" for value in unknown[:5]) or "ids beyond 0 to 255"
        raise DatasetError(
            "fix-unsafe",
            f"the picture has colours that [classes] does not declare: {shown}.",
            file=path,
        )
    ids = np.zeros(code.shape, np.uint8)
    palette = np.zeros((256, 3), np.uint8)
    for colour, id_ in colours.items():
        ids[code == colour] = id_
        palette[id_] = [colour >> 16, colour >> 8 & 255, colour & 255]
    picture = Image.fromarray(ids)
    picture.putpalette(palette.ravel().tolist())
    write_whole(copy, picture.save)
    return int(ids.size)


def _rgb(text: str) -> int:
    return int(text.removeprefix("#"), 16)


def _relative(path: Path, root: Path) -> Path:
    absolute = path.resolve()
    return absolute.relative_to(root) if absolute.is_relative_to(root) else Path(path.name)


def merged_dataset(dataset: Dataset, result: FixResult) -> Dataset:
    """The dataset with the corrected copies in the place of their originals."""
    copies = {(mask.sample, mask.source): mask.copy for mask in result.fixed}
    samples = tuple(
        replace(
            sample,
            masks={
                source: copies.get((sample.name, source), path)
                for source, path in sample.masks.items()
            },
        )
        for sample in dataset.samples
    )
    return replace(dataset, samples=samples)
