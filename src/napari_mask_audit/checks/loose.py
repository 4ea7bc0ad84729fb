"""Lint also takes what is no dataset: one mask file, or a folder with nothing but masks."""

from __future__ import annotations

from pathlib import Path

from ..dataset import Dataset, Role, Sample, Source
from ..dataset.discovery import Found, find_by_folders
from ..dataset.encoding import infer_encoding
from ..errors import AuditError, DatasetError
from ..masks import ids_in
from ..readers import MASK_SUFFIXES, read_mask, split_suffix

_PEEK = 16


def open_for_lint(given: Dataset | str | Path) -> Dataset:
    """A dataset from whatever lint was given.

    Raises
    ------
    DatasetError
        ``no-dataset``, ``no-masks``, ``bad-manifest``.
    """
    if isinstance(given, Dataset):
        return given
    path = Path(given).expanduser()
    if path.is_file() and path.suffix.lower() != ".toml":
        return _loose(path.parent, path.name, {split_suffix(path.name)[0]: path})
    try:
        return Dataset.open(path)
    except DatasetError as error:
        if error.code != "no-masks" or not path.is_dir():
            raise
        found = Found()
        find_by_folders(path, {path.resolve().name: path}, found)
        masks = next(iter(found.masks.values()), {})
        lossy = {
            split_suffix(Path(p.file).name)[0]: Path(p.file)
            for p in found.problems
            if p.code == "lossy-mask" and p.file is not None
        }
        if not masks and not lossy:
            raise
        return _loose(path.resolve(), path.resolve().name, {**lossy, **masks})


def _loose(folder: Path, name: str, masks: dict[str, Path]) -> Dataset:
    """A dataset of one source."""
    source = folder.resolve().name or "masks"
    seen = frozenset[int]()
    for path in list(masks.values())[:_PEEK]:
        if split_suffix(path.name)[1] not in MASK_SUFFIXES:
            continue
        try:
            seen |= ids_in(read_mask(path).labels)
        except AuditError:
            continue  # a finding, once it is that file's turn
    encoding, note = infer_encoding({source: seen}, frozenset())
    samples = (Sample(sample, {source: path}) for sample, path in sorted(masks.items()))
    return Dataset(
        name=name,
        folder=folder.resolve(),
        root=folder.resolve(),
        samples=tuple(samples),
        sources=(Source(source, Role.ANNOTATOR),),
        encoding=encoding,
        background_id=0 if encoding.value != "ids" else None,
        notes=(note,) if note else (),
    )
