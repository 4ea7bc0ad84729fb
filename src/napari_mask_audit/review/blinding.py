"""Judging masks without knowing whose they are.

For every sample it is drawn which source is called A and which B. The draw depends on nothing but
the seed, the sample and the names, so that a sample looks the same when somebody comes back to it,
and the seed kept with a verdict is enough to tell later what was A.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from napari_mask_audit.review.queue import shuffle_key

#: What a name becomes in a text that was not made for hidden names.
HIDDEN = "•••"
_KEY = "blind"


@dataclass(frozen=True, slots=True)
class Blinding:
    """Which source is which, drawn anew for every sample.

    Parameters
    ----------
    seed : int
        Which draw.

    Examples
    --------
    >>> blinding = Blinding(seed=7)
    >>> [blinding.drawn(sample, ("gt", "model")) for sample in ("001", "002", "003")]
    [('model', 'gt'), ('model', 'gt'), ('gt', 'model')]
    >>> blinding.letters("001", ("gt", "model"))
    {'model': 'A', 'gt': 'B'}
    """

    seed: int

    @classmethod
    def fresh(cls) -> Blinding:
        """A draw that nobody knows."""
        return cls(secrets.randbelow(2**31))

    def drawn(self, sample: str, sources: Sequence[str]) -> tuple[str, ...]:
        """The sources in the order drawn for a sample: the first is A."""
        return tuple(sorted(sources, key=lambda name: shuffle_key(f"{sample}\0{name}", self.seed)))

    def letters(self, sample: str, sources: Sequence[str]) -> dict[str, str]:
        """What each source is called on a sample, by its name."""
        return {name: letter(n) for n, name in enumerate(self.drawn(sample, sources))}

    def mark(self, sample: str, sources: Sequence[str]) -> dict[str, Any]:
        """What is kept beside a verdict given without knowing the names."""
        called = {word: name for name, word in self.letters(sample, sources).items()}
        return {_KEY: {"seed": self.seed, **called}}


def blind_mark(details: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The mark of a verdict given without knowing the names; None if they were known."""
    mark = details.get(_KEY)
    return mark if isinstance(mark, Mapping) else None


def letter(number: int) -> str:
    """A, B, C, … Z, then A2, B2, …; counted from 0."""
    turn, place = divmod(number, 26)
    return chr(ord("A") + place) + (str(turn + 1) if turn else "")


def reworded(text: str) -> str:
    """A text about reference and candidate as it is said of A and B.

    Examples
    --------
    >>> reworded("The reference has 3 px that the candidate lacks")
    'A has 3 px that B lacks'
    """
    for word, name in (("reference", "A"), ("candidate", "B")):
        text = re.sub(rf"\b(?:[Tt]he\s+)?{word}(?!\w)", name, text)
    return re.sub(r"\bpredicted\b", "drawn", text)


def concealed(text: str, sources: Iterable[str]) -> str:
    """A text without the names of sources, alone or as parts of a path.

    Examples
    --------
    >>> concealed("masks/model_a/001.png cannot be read", ["model_a", "gt"])
    'masks/•••/001.png cannot be read'
    """
    for name in sorted(sources, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", HIDDEN, text)
    return text
