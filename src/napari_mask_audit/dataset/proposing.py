"""What an undescribed folder of masks seems to hold.

File names say which file is whose (:mod:`.layouts`); a look into a few files says which are
pictures, whether ids are classes or objects, and which masks do not fit the others.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..errors import AuditError, DatasetError
from ..masks import LabelArray, ids_in
from ..readers import IMAGE_SUFFIXES, MASK_SUFFIXES, read_mask, split_suffix
from .discovery import list_files
from .layouts import Layout, best_layout
from .model import Role
from .proposal import Proposal, ProposedSource
from .source_words import guess_role, no_mask, says_mask, says_picture

#: Files of a source that are opened to see what they hold.
_LOOKS = 3
#: Share of pixels equal to the next one above which a file is flat, as masks are.
_FLAT = 0.8
_JPEG = "JPEG does not keep ids as they were drawn; export masks as PNG"


def propose(folder: str | Path) -> Proposal:
    """Work out what a folder of masks holds.

    Parameters
    ----------
    folder : str or pathlib.Path
        Any folder with masks of at least two sources, or with images and masks.

    Returns
    -------
    Proposal

    Raises
    ------
    DatasetError
        ``no-dataset`` when there is no such folder, ``no-masks`` when its files do not pair up,
        ``mask-per-object`` when every object has a file of its own.
    """
    place = Path(folder).expanduser().resolve()
    if not place.is_dir():
        raise DatasetError("no-dataset", f"there is no folder {place}.")
    files = [f for f in list_files(place, []) if split_suffix(f)[1] in IMAGE_SUFFIXES]
    _refuse_piles(place, files)
    layout = best_layout(files)
    if layout is None:
        endings = ", ".join(MASK_SUFFIXES)
        raise DatasetError(
            "no-masks",
            f"no two files in {place} seem to show the same sample ({len(files)} files with "
            f"endings read here: {endings}). Put masks in masks/SOURCE/NAME.png, one folder per "
            "source, with the same file names.",
        )
    return _Look(place, layout).proposal()


def _refuse_piles(folder: Path, files: Sequence[str]) -> None:
    """Say so where each sample has a folder of masks with a file per object."""
    piles: dict[str, list[str]] = {}
    for file in files:
        parts = file.split("/")
        if len(parts) > 2 and re.fullmatch(r"masks?", parts[-2], re.I):
            piles.setdefault("/".join(parts[:-1]), []).append(parts[-1])
    names = Counter(name for pile in piles.values() for name in pile)
    if len(piles) < 2 or len(names) < 2 * len(piles) or max(names.values()) > 1:
        return
    pile = next(iter(piles))
    raise DatasetError(
        "mask-per-object",
        f"{len(piles)} folders such as {pile} hold one file per object ({len(piles[pile])} there). "
        "Put the objects of a sample into one mask, numbered 1, 2, 3, … on 0 for background: "
        "masks/SOURCE/NAME.png or .tif, one file per sample.",
        file=folder,
    )


class _Look:
    """Opens a few files of each source."""

    def __init__(self, folder: Path, layout: Layout) -> None:
        self.folder, self.layout = folder, layout
        self.files = layout.sources
        self.unreadable: dict[str, str] = {}
        self.masks = {name: self._look(name) for name in self.files}

    def _look(self, source: str) -> list[LabelArray]:
        """Some masks of a source; empty where its files are pictures."""
        if says_picture(source) or self._says_jpeg(source):
            return []
        found = []
        paths = sorted(self.files[source].values())
        for path in paths[:: max(1, -(-len(paths) // _LOOKS))]:
            try:
                labels = read_mask(self.folder / path).labels
            except AuditError as error:
                if error.code == "unreadable":
                    self.unreadable.setdefault(source, f"{path}: {error.message}")
                continue
            if is_flat(labels):
                found.append(labels)
        return found

    def proposal(self) -> Proposal:
        drawn = {name: masks for name, masks in self.masks.items() if masks}
        broken = {name: why for name, why in self.unreadable.items() if name not in drawn}
        pictures = [name for name in self.files if name not in drawn and name not in broken]
        if not drawn and broken:
            raise DatasetError(
                "no-masks",
                f"no mask looked at in {self.folder} can be read, such as "
                f"{next(iter(broken.values()))}",
            )
        if not drawn:
            raise DatasetError(
                "no-masks",
                f"all {len(self.layout.places)} files looked at in {self.folder} are pictures, "
                "not masks of ids. Export masks as one number per pixel.",
            )
        kept, left_out = _only_masks(sorted(drawn))
        fitting, odd = self._fitting({name: drawn[name] for name in kept})
        left_out += odd
        left_out += [(name, "the files looked at cannot be read") for name in broken]
        left_out += [(name, _JPEG) for name in self.files if self._says_jpeg(name)]
        given = read_class_list(self.folder)
        masks = [mask for name in fitting for mask in self.masks[name]]
        ids = tuple(sorted(frozenset[int]().union(*(ids_in(mask) for mask in masks))))
        paths = [path for name in fitting for path in self.files[name].values()]
        are_tracks = any("man_seg" in path for path in paths)  # the Cell Tracking Challenge's name
        task = "instance" if are_tracks or are_objects(masks) else "semantic"
        binary = len(ids) <= 2 and set(ids) <= {0, 1, 255}
        patterns = self.layout.patterns
        return Proposal(
            folder=self.folder,
            layout=self.layout.name,
            sources=tuple(
                ProposedSource(name, role, patterns[name], len(self.files[name]))
                for name, role in _roles(sorted(fitting)).items()
            ),
            images=self._images(pictures),
            left_out=tuple(left_out),
            ids=ids,
            task=task,
            background=0 if 0 in ids and (binary or task == "instance" or 0 in given) else None,
            class_names=() if task == "instance" else tuple(sorted(given.items())),
        )

    def _says_jpeg(self, source: str) -> bool:
        """Whether the files of a source are JPEG and its name says that they are masks."""
        suffixes = {split_suffix(path)[1] for path in self.files[source].values()}
        return says_mask(source) and suffixes <= {".jpg", ".jpeg"}

    def _images(self, pictures: Sequence[str]) -> tuple[str, ...]:
        """The pictures of most samples; the folders the program finds by itself need no line."""
        likely = [name for name in pictures if not says_mask(name)] or pictures
        best = max(
            likely, key=lambda name: (says_picture(name), len(self.files[name])), default=None
        )
        return () if best is None else self.layout.patterns[best]

    def _fitting(
        self, drawn: dict[str, list[LabelArray]]
    ) -> tuple[list[str], list[tuple[str, str]]]:
        """Sources whose masks have the size that most sources have, sample by sample."""
        sizes: dict[str, dict[str, tuple[int, ...]]] = {}
        for name in drawn:
            paths = self.files[name]
            for sample in sorted(paths)[:_LOOKS]:
                try:
                    shape = read_mask(self.folder / paths[sample]).shape
                except AuditError:
                    continue
                sizes.setdefault(sample, {})[name] = shape
        odd: Counter[str] = Counter()
        for by_source in sizes.values():
            common = Counter(by_source.values()).most_common(1)[0][0]
            odd.update(name for name, shape in by_source.items() if shape != common)
        seen = Counter(name for by_source in sizes.values() for name in by_source)
        out = [name for name in drawn if odd[name] and odd[name] == seen[name]]
        reason = "its masks have another size than the others of the same sample"
        return [name for name in drawn if name not in out], [(name, reason) for name in out]


def is_flat(labels: LabelArray) -> bool:
    """Whether neighbouring pixels mostly carry the same id, as in a mask and in no photograph.

    Examples
    --------
    >>> is_flat(np.zeros((8, 8), int)), is_flat(np.arange(64).reshape(8, 8))
    (True, False)
    """
    if labels.shape[-1] < 2:
        return True
    return bool(np.mean(labels[..., 1:] == labels[..., :-1]) >= _FLAT)


def are_objects(masks: Sequence[LabelArray]) -> bool:
    """Whether ids look like object numbers: many, one after another, each on one piece.

    Examples
    --------
    >>> cells = np.kron(np.arange(36).reshape(6, 6), np.ones((4, 4), int))
    >>> are_objects([cells]), are_objects([cells % 3])
    (True, False)
    """
    from ..kernels.components import label_components

    votes = []
    for labels in masks:
        ids = ids_in(labels) - {0}
        if len(ids) < 3:
            continue
        pieces = label_components(labels)
        counts = Counter(pieces.label[np.isin(pieces.label, list(ids))].tolist())
        single = sum(count == 1 for count in counts.values()) / len(ids)
        dense = max(ids) <= 3 * len(ids) or len(ids) > 60
        votes.append(len(ids) >= 8 and dense and single >= 0.9)
    return bool(votes) and sum(votes) * 2 > len(votes)


def _only_masks(names: Sequence[str]) -> tuple[list[str], list[tuple[str, str]]]:
    """Sources that are masks of what is judged, and what the others are."""
    why = {name: reason for name in names if (reason := no_mask(name, names)) is not None}
    numbers = {name: match[0] for name in names if (match := re.match(r"\d+(?=[_-])", name))}
    parts = {name: name.removeprefix(number) for name, number in numbers.items()}
    first = min(numbers.values(), default="")
    several = sum(number == first for number in numbers.values()) > 1
    if several and len(numbers) == len(names) and len(set(parts.values())) < len(parts):
        # 01_RES beside 02_RES: sequences whose frames have the same numbers.
        reason = f"another sequence than {first}: describe it in a dataset.toml of its own"
        why |= {name: reason for name in names if numbers[name] != first and name not in why}
    return [name for name in names if name not in why], list(why.items())


def read_class_list(folder: Path) -> dict[int, str]:
    """Names of the classes by id, from a ``dataset.json`` of nnU-Net or the Medical Decathlon.

    Empty where there is none, or where it is not such a file.
    """
    try:
        labels = json.loads((folder / "dataset.json").read_text("utf-8"))["labels"]
        pairs = [(k, v) if isinstance(v, str) else (v, k) for k, v in labels.items()]
        return {int(number): str(name) for number, name in pairs}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _roles(names: Sequence[str]) -> dict[str, Role]:
    """Roles by name; what stands alone beside predictions is what they are compared with."""
    roles = {name: guess_role(name) for name in names}
    people = [name for name, role in roles.items() if role is Role.ANNOTATOR]
    by_hand = [n for n in names if re.search(r"\d(st|nd|rd|th)[_-]?manual", n, re.I)]
    if len(by_hand) > 1:  # 1st_manual, 2nd_manual: people, and none of them the reference
        roles |= dict.fromkeys(by_hand, Role.ANNOTATOR)
    if len(people) == 1 and Role.REFERENCE not in roles.values() and len(names) > 1:
        roles[people[0]] = Role.REFERENCE
    return roles
