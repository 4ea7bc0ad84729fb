"""A consensus as a new source on disk: never over anything that is already there.

The files land in a folder of their own (``masks/consensus-staple``, numbered when that exists), in
the format, with the palette and the way of storing ids of the first mask that went into them. Each
is written under a temporary name and renamed when it is complete.
"""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..dataset import Dataset, Sample
from ..dataset.encoding import Encoding
from ..errors import AuditError, DatasetError, MaskError, Problem
from ..files import write_whole
from ..masks import LabelArray, Mask
from ..readers import split_suffix
from .consensus import Method, Region, check_choice
from .consensus_mask import ConsensusMask, consensus_of_masks
from .observation import annotators_of

Progress = Callable[[int, int, str], None]
#: The audit trail beside the masks.
TRAIL = "consensus.json"


@dataclass(frozen=True)
class WrittenConsensus:
    """What was written.

    Attributes
    ----------
    source : str
        Name of the new source: the folder's name.
    folder : pathlib.Path
        Where its masks are.
    files : tuple of pathlib.Path
        One per sample.
    trail : mapping of str to mapping
        The audit trail of each sample, also in ``consensus.json``.
    problems : tuple of Problem
        Samples without a consensus, and why.
    """

    source: str
    folder: Path
    files: tuple[Path, ...]
    trail: dict[str, dict[str, Any]]
    problems: tuple[Problem, ...]


def write_consensus(
    dataset: Dataset,
    method: Method,
    *,
    region: Region = "disagreement",
    sources: Sequence[str] | None = None,
    name: str | None = None,
    maps: Path | None = None,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> WrittenConsensus:
    """Write the consensus of every sample as a new source.

    Parameters
    ----------
    dataset : Dataset
        Semantic: ids of objects have no consensus.
    method : {"majority", "staple", "dawid-skene"}
        How votes become labels.
    region : {"disagreement", "union_dilated", "full"}
        Which pixels the estimation sees.
    sources : sequence of str, optional
        Who votes; all annotators when not given.
    name : str, optional
        Name of the new source. It must not exist. When not given, ``consensus-METHOD``, numbered
        when that exists.
    maps : pathlib.Path, optional
        A folder outside the masks for the audit trail by pixel: how many raters gave each pixel
        the label of the consensus, as ``NAME.png``, ``.nii.gz`` or ``.npy``. Written over nothing.
    progress : callable, optional
        Called with (samples done, samples in all, name of the last one).
    should_stop : callable, optional
        Asked between samples.

    Raises
    ------
    DatasetError
        ``no-consensus`` when there is nobody to vote or ids are objects, ``name-taken`` when the
        source exists, ``cannot-write`` when the folder cannot be written, ``no-such-source``.
    SettingsError
        ``unknown-consensus``.
    """
    check_choice(method, region)
    raters = _raters(dataset, sources)
    folder = _new_folder(dataset, method, name)
    files: list[Path] = []
    problems: list[Problem] = []
    trail: dict[str, dict[str, Any]] = {}
    for done, sample in enumerate(dataset.samples, 1):
        if should_stop is not None and should_stop():
            break
        try:
            made, model = _one(dataset, sample, raters, method, region)
            if maps is not None:
                _write_supporters(made, model, maps / sample.name)
            file = _write(dataset, sample, made, model, folder)
        except AuditError as error:
            problems.append(Problem.from_error(error, sample=sample.name))
        else:
            files.append(file)
            trail[sample.name] = made.consensus.to_dict()
        if progress is not None:
            progress(done, len(dataset.samples), sample.name)
    text = json.dumps({"method": method, "region": region, "samples": trail}, indent=1)
    _put(folder / TRAIL, text.encode())
    return WrittenConsensus(folder.name, folder, tuple(files), trail, tuple(problems))


def planned_folder(dataset: Dataset, method: Method) -> Path:
    """Where :func:`write_consensus` would put a consensus now; nothing is made."""
    parent, taken = _parent(dataset), {source.name for source in dataset.sources}
    names = (f"consensus-{method}", *(f"consensus-{method}-{n}" for n in range(2, 1000)))
    for name in names:
        if name not in taken and not (parent / name).exists():
            return parent / name
    return parent / names[-1]


def _raters(dataset: Dataset, sources: Sequence[str] | None) -> tuple[str, ...]:
    chosen = tuple(sources) if sources is not None else annotators_of(dataset)
    for source in chosen:
        dataset.source(source)
    if dataset.task == "instance":
        raise DatasetError(
            "no-consensus",
            "the masks number objects, and object 3 of one annotator is not object 3 of another: "
            "there is no vote on such ids. Give classes, or compare objects with audit.",
        )
    if not chosen:
        raise DatasetError(
            "no-consensus",
            "no source is an annotator; name the sources that vote, or give them the role "
            "annotator in dataset.toml.",
        )
    return chosen


def _new_folder(dataset: Dataset, method: str, name: str | None) -> Path:
    """A folder that did not exist before."""
    parent = _parent(dataset)
    taken = {source.name for source in dataset.sources}
    wanted = [name] if name else [f"consensus-{method}"]
    if not name:
        wanted += [f"consensus-{method}-{number}" for number in range(2, 1000)]
    for candidate in wanted:
        if Path(candidate).name != candidate or candidate in ("", ".", ".."):
            raise DatasetError("name-taken", f"{candidate!r} cannot be the name of a folder.")
        if candidate in taken:
            continue
        try:
            parent.mkdir(parents=True, exist_ok=True)
            (parent / candidate).mkdir()
        except FileExistsError:
            continue
        except OSError as error:
            raise DatasetError(
                "cannot-write",
                f"the folder cannot be made ({error.strerror}). Choose a dataset folder that you "
                "may write to.",
                file=parent / candidate,
            ) from error
        return parent / candidate
    raise DatasetError(
        "name-taken",
        f"{parent / wanted[0]} exists; nothing is ever written over. Choose another name.",
    )


def _parent(dataset: Dataset) -> Path:
    """Where the sources of this dataset lie, or else ``masks`` beside its ``dataset.toml``."""
    folders = {
        path.parent.parent
        for sample in dataset.samples
        for path in sample.masks.values()
        if path.parent.name in sample.masks
    }
    masks = dataset.root / "masks"
    if masks.is_dir() or len(folders) != 1 or dataset.root != dataset.folder:
        return masks if masks.is_dir() else dataset.folder / "masks"
    return folders.pop()


def _one(
    dataset: Dataset, sample: Sample, raters: Sequence[str], method: Method, region: Region
) -> tuple[ConsensusMask, Path]:
    """The consensus of a sample, and the file of the first mask that went into it."""
    masks: dict[str, Mask] = {}
    for rater in raters:
        if rater in sample.masks:
            masks[rater] = dataset.read_mask(sample, rater)
    if not masks:
        raise MaskError(
            "no-votes", "none of the raters has a mask of this sample.", sample=sample.name
        )
    shapes = {mask.shape for mask in masks.values()}
    if len(shapes) > 1:
        raise MaskError(
            "shape-mismatch",
            f"the masks of this sample differ in shape ({sorted(shapes)}); masks are never "
            "resized. Export them at the size of the image.",
            sample=sample.name,
        )
    made = consensus_of_masks(
        [mask.labels for mask in masks.values()],
        tuple(masks),
        method=method,
        region=region,
        ignore_ids=dataset.ignore_ids,
        background=dataset.background_id,
    )
    return made, sample.masks[next(iter(masks))]


def _write(
    dataset: Dataset, sample: Sample, made: ConsensusMask, model: Path, folder: Path
) -> Path:
    suffix = split_suffix(model.name)[1]
    if made.labels.ndim == 2 and suffix not in (".tif", ".tiff"):
        suffix = ".png"
    elif suffix not in (".tif", ".tiff", ".nii", ".nii.gz"):
        suffix = ".npy"
    content = _encoded(_stored(dataset, made.labels, model), suffix, model)
    return _put(folder / f"{sample.name}{suffix}", content)


def _write_supporters(made: ConsensusMask, model: Path, place: Path) -> Path:
    """How many raters decided each pixel: plain numbers, without the palette of the masks."""
    counts, content = made.supporters_map(), io.BytesIO()
    if split_suffix(model.name)[1] in (".nii", ".nii.gz"):
        return _put(place.with_name(f"{place.name}.nii.gz"), _nifti(counts, model, packed=True))
    if counts.ndim == 2:
        Image.fromarray(counts).save(content, format="PNG")
        return _put(place.with_name(f"{place.name}.png"), content.getvalue())
    np.save(content, counts)
    return _put(place.with_name(f"{place.name}.npy"), content.getvalue())


def _stored(dataset: Dataset, labels: LabelArray, model: Path) -> NDArray[Any]:
    """Ids as this dataset's files store them: 255 for the object where the others have it."""
    if dataset.encoding is Encoding.IDS:
        return labels
    from ..readers import read_mask

    raw = read_mask(model).labels
    high = int(raw.max())
    return np.asarray(labels * np.uint8(high if 1 < high < 256 else 255))


def _encoded(ids: NDArray[Any], suffix: str, model: Path) -> bytes:
    """The content of a mask file of that type, like the model in palette and grid."""
    if suffix in (".nii", ".nii.gz"):
        return _nifti(ids, model, packed=suffix.endswith(".gz"))
    content = io.BytesIO()
    if suffix == ".png":
        _png(ids, model).save(content, format="PNG")
    elif suffix in (".tif", ".tiff"):
        import tifffile

        tifffile.imwrite(content, ids, compression="zlib")
    else:
        np.save(content, ids)
    return content.getvalue()


def _png(ids: NDArray[Any], model: Path) -> Image.Image:
    """A palette picture where the model has a palette, else grey of 8 or 16 bits."""
    wide = ids.dtype == np.uint16 or int(ids.max(initial=0)) > 255
    picture = Image.fromarray(ids.astype(np.uint16 if wide else np.uint8))
    if not wide and split_suffix(model.name)[1] in (".png", ".bmp", ".gif"):
        with Image.open(model) as template:
            palette = template.getpalette() if template.mode == "P" else None
        if palette:
            picture.putpalette(palette)
    return picture


def _nifti(ids: NDArray[Any], model: Path, *, packed: bool) -> bytes:
    """The same grid as the model: its affine in canonical order, as the masks were read."""
    import nibabel

    grid: Any = nibabel  # ships without complete types
    like = grid.as_closest_canonical(grid.load(model))
    volume = grid.Nifti1Image(np.ascontiguousarray(ids.transpose()), like.affine)
    volume.header.set_xyzt_units(*like.header.get_xyzt_units())
    content: bytes = volume.to_bytes()
    return gzip.compress(content, mtime=0) if packed else content


def _put(target: Path, content: bytes) -> Path:
    """Write a file that must not exist yet."""
    if target.exists():
        raise DatasetError(
            "name-taken", "the file exists; nothing is ever written over.", file=target
        )
    return write_whole(target, content)
