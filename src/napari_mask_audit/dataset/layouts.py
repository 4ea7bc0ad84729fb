"""How a folder of files could be a dataset: which part of a path is the source, which the sample.

A path says both, but every project says it differently: a folder per source, a folder per sample,
one folder with ``img_7.png`` and ``img_7_pred.png`` side by side. Each way to read the paths is
tried; the one under which most files find a partner wins. Names only: nothing here opens a file.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .path_readings import Place, readings
from .source_words import role_share


@dataclass(frozen=True)
class Layout:
    """One way to read the paths of a folder.

    Attributes
    ----------
    name : str
        In words.
    places : mapping of str to Place
        By relative path.
    files : int
        Files there are, with or without a place.
    """

    name: str
    places: Mapping[str, Place]
    files: int

    @property
    def sources(self) -> dict[str, dict[str, str]]:
        """Paths by source and sample."""
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for path, place in self.places.items():
            found[place.source].setdefault(place.sample, path)
        return dict(found)

    @property
    def patterns(self) -> dict[str, tuple[str, ...]]:
        """The patterns of each source, commonest first."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for place in self.places.values():
            found[place.source][place.pattern] += 1
        return {name: tuple(p for p, _ in count.most_common()) for name, count in found.items()}

    def score(self) -> float:
        """Share of the files that have a partner, and a little for names that fit their part."""
        if not self.places:
            return 0.0
        partners: dict[str, set[str]] = defaultdict(set)
        for place in self.places.values():
            partners[place.sample].add(place.source)
        paired = sum(len(partners[place.sample]) > 1 for place in self.places.values())
        collisions = len(self.places) - len({(p.source, p.sample) for p in self.places.values()})
        more_samples = len(partners) >= len(self.source_names)
        return (paired - 2 * collisions) / self.files + 0.3 * self.fit + 0.1 * more_samples

    @property
    def source_names(self) -> frozenset[str]:
        """The sources."""
        return frozenset(place.source for place in self.places.values())

    @property
    def fit(self) -> float:
        """How much the sources' names sound like sources, in [0, 1]."""
        return sum(map(role_share, self.source_names)) / len(self.source_names)

    @property
    def is_credible(self) -> bool:
        """Whether there are two sources, and a single sample only where names say so."""
        samples = {place.sample for place in self.places.values()}
        return len(self.source_names) > 1 and (len(samples) > 1 or self.fit >= 0.5)


def best_layout(files: Sequence[str]) -> Layout | None:
    """The layout under which most files have a partner; None when none pairs anything.

    Parameters
    ----------
    files : sequence of str
        Relative POSIX paths of masks and images.

    Examples
    --------
    >>> layout = best_layout(["gt/a.png", "gt/b.png", "pred/a.png", "pred/b.png"])
    >>> layout.name, layout.patterns["gt"]
    ('a folder per source', ('gt/{sample}.png',))
    >>> best_layout(["case1/gt.nii.gz", "case1/ann.nii.gz", "case2/gt.nii.gz"]).patterns["gt"]
    ('{sample}/gt.nii.gz',)
    """
    layouts = [layout for layout in _layouts(files) if layout.places and layout.is_credible]
    return max(layouts, key=Layout.score, default=None)


def _layouts(files: Sequence[str]) -> Iterator[Layout]:
    for name, places in readings(files):
        yield Layout(name, places, len(files))
