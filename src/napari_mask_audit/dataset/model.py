"""The nouns of a dataset: class, source, sample, and the dataset that holds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from ..errors import DatasetError, MaskError, Problem
from ..masks import Mask
from ..readers import read_image, read_mask
from ..settings import Settings
from .encoding import Encoding
from .tags import Tag

# Okabe–Ito, told apart by colour-blind eyes, for classes that declare no colour; then the same
# hues lighter and darker, because more than eight classes need more than eight colours.
_PALETTE = (
    *("#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7", "#999999"),
    *("#F4CF80", "#ABDAF4", "#80CFB9", "#F8F2A1", "#80B9D9", "#EAAF80", "#E6BCD3", "#CCCCCC"),
    *("#8A5F00", "#346C8C", "#005F45", "#908928", "#00446B", "#803800", "#7A4964", "#5C5C5C"),
)


def default_color(class_id: int) -> str:
    """Display colour of a class that declares none."""
    return _PALETTE[(class_id - 1) % len(_PALETTE)]


class Role(StrEnum):
    """What a source is for."""

    REFERENCE = "reference"
    PREDICTION = "prediction"
    ANNOTATOR = "annotator"
    #: What reviewers saved: nobody's independent drawing, and no truth until the owner says so.
    CORRECTED = "corrected"


@dataclass(frozen=True)
class ClassInfo:
    """A class as the dataset declares it: id, name and display colour (``#RRGGBB``)."""

    id: int
    name: str
    color: str


@dataclass(frozen=True)
class Source:
    """Where masks come from: the reference, a model, one annotator, or corrections."""

    name: str
    role: Role


@dataclass(frozen=True)
class Sample:
    """One image and the masks drawn on it, by source name."""

    name: str
    masks: Mapping[str, Path]
    image: Path | None = None
    group: str | None = None


@dataclass(frozen=True)
class Dataset:
    """A set of samples with masks from several sources.

    Open one with :meth:`Dataset.open`; nothing here holds pixels.

    Attributes
    ----------
    name : str
        Display name.
    folder : pathlib.Path
        The folder that holds (or would hold) ``dataset.toml`` and the review store.
    root : pathlib.Path
        The folder beneath which every mask and image lies.
    samples : tuple of Sample
        Sorted by name.
    sources : tuple of Source
        References first, then predictions, annotators, and corrections; by name within a role.
    declared_classes : mapping of int to ClassInfo
        Empty when ``dataset.toml`` names none: then the ids present are the classes.
    ignore_ids : frozenset of int
        Reference pixels with these ids are left out of every count.
    background_id : int or None
        Left out of class rows and means unless ``Settings.include_background``.
    spacing : tuple of float or None
        Overrides the spacing of the files; array axis order.
    unit : str or None
        Unit of ``spacing``.
    task : {"semantic", "instance"}
        Whether ids are classes or objects.
    tags : tuple of Tag
        The team's own failure tags.
    settings : Settings
        From ``[settings]`` in ``dataset.toml``.
    encoding : Encoding
        How the files store ids (plain ids, or 0/255 for binary).
    problems : tuple of Problem
        Files and samples that cannot be used, and why.
    notes : tuple of str
        Everything that was inferred, in words.
    """

    name: str
    folder: Path
    root: Path
    samples: tuple[Sample, ...]
    sources: tuple[Source, ...]
    declared_classes: Mapping[int, ClassInfo] = field(default_factory=dict)
    ignore_ids: frozenset[int] = frozenset()
    background_id: int | None = None
    spacing: tuple[float, ...] | None = None
    unit: str | None = None
    task: str = "semantic"
    tags: tuple[Tag, ...] = ()
    store: str | None = None
    annotators_are_persons: bool = True
    settings: Settings = field(default_factory=Settings)
    encoding: Encoding = Encoding.IDS
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()

    @classmethod
    def open(cls, path: str | Path) -> Dataset:
        """Open a dataset folder, or the ``dataset.toml`` that describes one.

        Parameters
        ----------
        path : str or pathlib.Path
            A folder with ``masks/SOURCE/NAME.png`` in it, a folder with a ``dataset.toml``, or a
            ``.toml`` file.

        Raises
        ------
        DatasetError
            ``no-dataset``, ``no-masks``, ``bad-manifest``: there is nothing to audit. Anything
            less is listed in :attr:`problems`.
        """
        from .opening import open_dataset

        return open_dataset(path)

    def sample(self, name: str) -> Sample:
        """The sample of that name.

        Raises
        ------
        DatasetError
            ``no-such-sample``.
        """
        for sample in self.samples:
            if sample.name == name:
                return sample
        raise DatasetError(
            "no-such-sample", f"the dataset has no sample named {name!r}.", sample=name
        )

    def source(self, name: str) -> Source:
        """The source of that name.

        Raises
        ------
        DatasetError
            ``no-such-source``, naming the sources there are.
        """
        for source in self.sources:
            if source.name == name:
                return source
        names = ", ".join(source.name for source in self.sources)
        raise DatasetError(
            "no-such-source", f"the dataset has no source named {name!r}; it has {names}."
        )

    def with_role(self, role: Role) -> tuple[Source, ...]:
        """The sources of one role."""
        return tuple(source for source in self.sources if source.role == role)

    def class_info(self, class_id: int) -> ClassInfo:
        """Name and colour of a class, declared or made up from its id."""
        declared = self.declared_classes.get(class_id)
        if declared is not None:
            return declared
        name = "foreground" if self.is_binary and class_id == 1 else str(class_id)
        return ClassInfo(class_id, name, default_color(class_id))

    def class_words(self, class_id: int) -> str:
        """Name of a class within a sentence: ``class 3`` where it has no name of its own."""
        name = self.class_info(class_id).name
        if self.task == "instance" and name.isdigit():
            return "objects"
        return f"class {name}" if name.isdigit() else name

    @property
    def is_binary(self) -> bool:
        """Whether masks stored as 0/255 (or any non-zero id) are read as classes 0 and 1."""
        return self.encoding is not Encoding.IDS

    @property
    def has_groups(self) -> bool:
        """Whether samples belong to patients or scenes, which are then what gets resampled."""
        return any(sample.group is not None for sample in self.samples)

    def read_mask(self, sample: Sample, source: str) -> Mask:
        """Read one mask of a sample, with ids and spacing as the dataset defines them.

        Raises
        ------
        MaskError
            Whatever is wrong with that file.
        """
        path = sample.masks[source]
        mask = read_mask(path)
        labels = self.encoding.decode(mask.labels, path)
        spacing, unit = mask.spacing, mask.unit
        if self.spacing is not None:
            spacing, unit = self.spacing[-labels.ndim :], self.unit or "px"
            if len(spacing) != labels.ndim:
                raise MaskError(
                    "bad-spacing",
                    f"the mask has {labels.ndim} axes but dataset.toml gives "
                    f"{len(self.spacing)} spacings; give one per axis.",
                    file=path,
                    sample=sample.name,
                )
        return Mask.from_array(labels, spacing=spacing, unit=unit, path=path)

    def read_image(self, sample: Sample) -> NDArray[Any] | None:
        """Pixels of the sample's image, or None when it has none."""
        return None if sample.image is None else read_image(sample.image)

    def comparisons(self) -> tuple[tuple[str, str], ...]:
        """Pairs (reference, candidate) of source names that an audit compares.

        With a reference: each reference against every prediction and annotator. Without one:
        every pair of sources, because then nobody is the truth; annotators come first, so that a
        model is never what people are measured against. Corrections come last, as candidates.
        """
        references = self.with_role(Role.REFERENCE)
        if references:
            others = [s for s in self.sources if s.role is not Role.REFERENCE]
            return tuple((r.name, s.name) for r in references for s in others)
        names = [
            source.name
            for role in (Role.ANNOTATOR, Role.PREDICTION, Role.CORRECTED)
            for source in self.with_role(role)
        ]
        return tuple((a, b) for n, a in enumerate(names) for b in names[n + 1 :])

    def left_out_ids(self, settings: Settings | None = None) -> frozenset[int]:
        """Ids that get no class row: ignored ids, and the background unless it is included."""
        chosen = settings or self.settings
        background: frozenset[int] = frozenset()
        if self.background_id is not None and not chosen.include_background:
            background = frozenset({self.background_id})
        return self.ignore_ids | background

    def to_dict(self) -> dict[str, Any]:
        """What the dataset is, for reports and JSON."""
        return {
            "name": self.name,
            "samples": len(self.samples),
            "sources": [{"name": s.name, "role": s.role.value} for s in self.sources],
            "classes": [
                {"id": c.id, "name": c.name, "color": c.color}
                for c in self.declared_classes.values()
            ],
            "ignore_ids": sorted(self.ignore_ids),
            "background_id": self.background_id,
            "spacing": None if self.spacing is None else list(self.spacing),
            "unit": self.unit,
            "task": self.task,
            "groups": {s.name: s.group for s in self.samples if s.group}
            if self.has_groups
            else None,
            "notes": list(self.notes),
        }
