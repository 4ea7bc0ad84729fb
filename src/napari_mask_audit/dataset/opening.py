"""From a path to a :class:`Dataset`: find, infer, and say aloud what was inferred."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from ..errors import AuditError, DatasetError, Problem
from ..masks import ids_in
from ..readers import MASK_SUFFIXES, read_mask, split_suffix
from .corrected import CORRECTED, correction_folders
from .discovery import (
    IMAGE_FOLDERS,
    Found,
    find_by_folders,
    find_images,
    list_files,
    match_patterns,
)
from .encoding import Encoding, infer_encoding
from .manifest import MANIFEST_NAME, Manifest, SourceEntry, read_manifest
from .model import Dataset, Role, Sample, Source

_REFERENCE = re.compile(r"gt|ground[_\- ]?truth|gold([_\- ]standard)?|reference|ref|labels", re.I)
_CONSENSUS = re.compile(r"consensus-.*", re.I)
_PREDICTION = re.compile(r"(pred|model).*", re.I)
_ROLE_ORDER = (Role.REFERENCE, Role.PREDICTION, Role.ANNOTATOR, Role.CORRECTED)
# How many masks of a source are looked at to see how ids are stored.
_PEEK = 16


def open_dataset(path: str | Path) -> Dataset:
    """Open a dataset folder or a ``.toml`` file; see :meth:`Dataset.open`."""
    given = Path(path).expanduser()
    if given.is_file() and given.suffix.lower() == ".toml":
        manifest, folder = read_manifest(given), given.resolve().parent
    elif given.is_dir():
        folder = given.resolve()
        file = folder / MANIFEST_NAME
        manifest = read_manifest(file) if file.is_file() else Manifest()
    else:
        what = "is a file" if given.exists() else "does not exist"
        raise DatasetError(
            "no-dataset",
            f"a dataset is a folder with masks/SOURCE/NAME.png in it, or a dataset.toml, but "
            f"{given} {what}.",
        )
    root = manifest.root or folder
    notes: list[str] = []
    found = _find(folder, root, manifest, notes)
    return _assemble(folder, root, manifest, found, notes)


def open_pair(first: str | Path, second: str | Path) -> Dataset:
    """Two folders of masks, or two mask files, as a dataset of two sources.

    The first is the reference, the second the candidate. Files of two folders are paired by name.

    Raises
    ------
    DatasetError
        ``no-dataset`` when one is missing or one is a file and the other a folder.
    """
    paths = [Path(first).expanduser(), Path(second).expanduser()]
    for path in paths:
        if not path.exists():
            raise DatasetError("no-dataset", f"{path} does not exist.")
    if paths[0].is_dir() != paths[1].is_dir():
        raise DatasetError("no-dataset", "compare two files or two folders, not one of each.")
    names = _pair_names(paths)
    found = Found()
    if paths[0].is_dir():
        find_by_folders(paths[0], dict(zip(names, paths, strict=True)), found)
    else:
        sample = split_suffix(paths[0].name)[0]
        for name, path in zip(names, paths, strict=True):
            found.add_mask(name, sample, path)
    roles = dict(zip(names, (Role.REFERENCE, Role.PREDICTION), strict=True))
    manifest = Manifest(sources={name: SourceEntry(role) for name, role in roles.items()})
    folder = paths[0].resolve().parent
    return _assemble(folder, folder, manifest, found, [], name=" against ".join(reversed(names)))


def _pair_names(paths: list[Path]) -> list[str]:
    names = [
        p.name if p.is_dir() else split_suffix(p.name)[0] for p in (q.resolve() for q in paths)
    ]
    if names[0] == names[1]:
        names = [
            f"{path.resolve().parent.name}/{name}" for path, name in zip(paths, names, strict=True)
        ]
    return names if names[0] != names[1] else ["reference", "candidate"]


def _find(folder: Path, root: Path, manifest: Manifest, notes: list[str]) -> Found:
    found = Found()
    by_patterns = bool(manifest.mask_patterns) or any(
        entry.masks for entry in manifest.sources.values()
    )
    if by_patterns:
        _find_by_patterns(root, manifest, found, folder)
    else:
        masks = root / "masks"
        parent = masks if masks.is_dir() else root
        folders = {
            path.name: path
            for path in sorted(parent.iterdir())
            if path.is_dir() and not path.name.startswith(".") and not path.is_symlink()
        }
        found.problems += _linked_sources(parent)
        if parent is root:
            folders = _flat_sources(folders, manifest)
            if folders:
                notes.append(f"no masks folder: every folder of masks is a source ({root.name})")
        kept = {name: path for name, path in folders.items() if name not in manifest.exclude}
        find_by_folders(root, kept, found)
    if (by_patterns or root != folder) and CORRECTED not in manifest.exclude:
        _find_corrections(folder, found)
    if not manifest.image_patterns:
        find_images(root, found)
    return found


def _find_corrections(folder: Path, found: Found) -> None:
    """Corrections where no pattern leads: they lie beside the ``dataset.toml`` then."""
    for corrected in correction_folders(folder):
        if corrected.is_dir() and not corrected.is_symlink():
            find_by_folders(folder, {CORRECTED: corrected}, found)


def _linked_sources(parent: Path) -> list[Problem]:
    return [
        Problem(
            "outside-root",
            "this linked folder is not followed; write a dataset.toml whose [files] root names "
            "the folder the masks are in.",
            file=str(path),
        )
        for path in sorted(parent.iterdir())
        if path.is_symlink() and path.is_dir()
    ]


def _flat_sources(folders: dict[str, Path], manifest: Manifest) -> dict[str, Path]:
    """Folders directly beneath the root that hold masks: declared, or one of them a reference."""
    candidates = {
        name: path
        for name, path in folders.items()
        if name.lower() not in IMAGE_FOLDERS
        and any(split_suffix(p.name)[1] in MASK_SUFFIXES for p in path.iterdir() if p.is_file())
    }
    if manifest.sources:
        known_names = {*manifest.sources, CORRECTED}
        return {name: path for name, path in candidates.items() if name in known_names}
    known = any(infer_role(name) is not Role.ANNOTATOR for name in candidates)
    return candidates if known else {}


def _find_by_patterns(root: Path, manifest: Manifest, found: Found, folder: Path) -> None:
    files = [
        file
        for file in list_files(root, found.problems)
        if not any((root / file).is_relative_to(place) for place in correction_folders(folder))
    ]
    for file, names in match_patterns(files, manifest.image_patterns):
        found.images.setdefault(names.get("sample", root.name), root / file)
    taken = {path.relative_to(root).as_posix() for path in found.images.values()}
    for source, entry in manifest.sources.items():
        for file, names in match_patterns(files, entry.masks):
            taken.add(file)
            found.add_mask(source, names.get("sample", root.name), root / file)
    for file, names in match_patterns(files, manifest.mask_patterns):
        source = names.get("source", root.name)
        if file in taken or source in manifest.exclude:
            continue
        if source.lower() in IMAGE_FOLDERS and source not in manifest.sources:
            continue
        found.add_mask(source, names.get("sample", root.name), root / file)


def infer_role(name: str) -> Role:
    """Role of a source from its folder name.

    Examples
    --------
    >>> [infer_role(n).value for n in ("gt", "Ground_Truth", "model_v2", "alice", "corrected")]
    ['reference', 'reference', 'prediction', 'annotator', 'corrected']
    """
    if name == CORRECTED:
        return Role.CORRECTED
    if _REFERENCE.fullmatch(name):
        return Role.REFERENCE
    return Role.PREDICTION if _PREDICTION.fullmatch(name) else Role.ANNOTATOR


def _assemble(
    folder: Path,
    root: Path,
    manifest: Manifest,
    found: Found,
    notes: list[str],
    *,
    name: str | None = None,
) -> Dataset:
    found.masks = {source: files for source, files in found.masks.items() if files}
    if not found.masks:
        raise DatasetError("no-masks", _no_masks_message(root, manifest, found))
    sources = _sources(manifest, found, notes)
    if len(sources) == 1:
        notes.append(
            f"only one source, {sources[0].name}: there is nothing to compare it with. Put the "
            "masks of another one beside it (mask-audit init finds folders that lie deeper), make "
            "one with mask-audit baseline, or check these with mask-audit lint"
        )
    samples = _samples(manifest, found, sources)
    problems = found.problems + _missing_partners(samples, sources)
    encoding = _encoding(manifest, samples, notes)
    background = manifest.background
    if background is None and encoding is not Encoding.IDS:
        background = 0
    if not manifest.classes:
        notes.append("no classes declared: the ids present in the masks are the classes")
    return Dataset(
        name=name or manifest.name or folder.name,
        folder=folder,
        root=root,
        samples=samples,
        sources=sources,
        declared_classes={
            id_: info for id_, info in manifest.classes.items() if id_ not in manifest.ignore
        },
        ignore_ids=manifest.ignore,
        background_id=background,
        spacing=manifest.spacing,
        unit=manifest.unit,
        task=manifest.task,
        tags=manifest.tags,
        store=manifest.store,
        annotators_are_persons=manifest.annotators_are_persons,
        settings=manifest.settings,
        encoding=encoding,
        problems=tuple(problems),
        notes=tuple(notes),
    )


def _no_masks_message(root: Path, manifest: Manifest, found: Found) -> str:
    hint = ""
    if found.problems:
        first = found.problems[0]
        hint = (
            f" {len(found.problems)} files were left out, the first: {first.file}: {first.message}"
        )
    if manifest.mask_patterns or any(entry.masks for entry in manifest.sources.values()):
        return f"no file beneath {root} fits the patterns in {MANIFEST_NAME}.{hint}"
    return (
        f"no masks found in {root}: put them in masks/SOURCE/NAME.png (one folder per source, "
        f"such as masks/gt and masks/model), or describe the layout in {MANIFEST_NAME}: "
        f"mask-audit init looks at the files and proposes one.{hint}"
    )


def _sources(manifest: Manifest, found: Found, notes: list[str]) -> tuple[Source, ...]:
    roles = {
        name: manifest.sources[name].role if name in manifest.sources else infer_role(name)
        for name in found.masks
    }
    if Role.REFERENCE not in roles.values():
        # A vote of the annotators stands in for the truth only where there is no other.
        roles |= {
            name: Role.REFERENCE
            for name in found.masks
            if _CONSENSUS.fullmatch(name) and name not in manifest.sources
        }
    sources = [Source(name, role) for name, role in roles.items()]
    inferred: dict[Role, list[str]] = {}
    for name, role in roles.items():
        if name not in manifest.sources:
            inferred.setdefault(role, []).append(name)
    for role, names in inferred.items():
        notes.append(f"taken as {role.value} by name: {', '.join(sorted(names))}")
    for name in manifest.sources:
        if name not in found.masks:
            found.problems.append(
                Problem(
                    "no-such-source",
                    f"dataset.toml lists source {name!r}, but no mask of it was found.",
                )
            )
    return tuple(sorted(sources, key=lambda s: (_ROLE_ORDER.index(s.role), s.name)))


def _samples(manifest: Manifest, found: Found, sources: tuple[Source, ...]) -> tuple[Sample, ...]:
    names = sorted({sample for files in found.masks.values() for sample in files})
    pattern = None if manifest.group_pattern is None else re.compile(manifest.group_pattern)
    samples = []
    for name in names:
        masks = {s.name: found.masks[s.name][name] for s in sources if name in found.masks[s.name]}
        match = pattern.search(name) if pattern else None
        samples.append(
            Sample(name, masks, found.images.get(name), match.group(1) if match else None)
        )
    return tuple(samples)


def _missing_partners(samples: tuple[Sample, ...], sources: tuple[Source, ...]) -> list[Problem]:
    problems = []
    for sample in samples:
        # That a mask needed no correction is no gap.
        missing = [
            source.name
            for source in sources
            if source.name not in sample.masks and source.role is not Role.CORRECTED
        ]
        if missing:
            problems.append(
                Problem(
                    "missing-partner",
                    f"no mask from {_few(missing)}: the sample is left out of the "
                    "comparisons with them. Names must match exactly.",
                    sample.name,
                    str(next(iter(sample.masks.values()))),
                )
            )
    return problems


def _encoding(manifest: Manifest, samples: tuple[Sample, ...], notes: list[str]) -> Encoding:
    if manifest.binary:
        notes.append("binary = true: every id but 0 is read as class 1")
        return Encoding.NONZERO
    if 255 in manifest.declared_ids or len(set(manifest.classes) - {0, 1}) > 0:
        return Encoding.IDS
    encoding, note = infer_encoding(_peek(samples), manifest.declared_ids)
    if note:
        notes.append(note)
    return encoding


def _peek(samples: tuple[Sample, ...]) -> Mapping[str, frozenset[int]]:
    """Ids in a few masks of each source, spread over the dataset."""
    step = max(1, -(-len(samples) // _PEEK))
    seen: dict[str, frozenset[int]] = {}
    for sample in samples[::step]:
        for source, path in sample.masks.items():
            try:
                ids = ids_in(read_mask(path).labels)
            except AuditError:
                continue  # reported when the sample is audited
            seen[source] = seen.get(source, frozenset()) | ids
    return seen


def _few(names: list[str], most: int = 4) -> str:
    """Names with commas, cut short where there are many.

    Examples
    --------
    >>> _few(["ann", "bob", "cat", "dan"], 2)
    'ann, bob and 2 more sources'
    """
    if len(names) <= most + 1:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more sources"
