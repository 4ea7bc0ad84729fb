"""What a legend says: colours with words, and a scale where colours are graded. No Qt here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..overlay import OVERLAY_LEGEND, LegendEntry
from ..review.blinding import reworded
from .outlines import CANDIDATE_COLOR, FINDING_COLOR, REFERENCE_COLOR
from .sample_view import LEGEND

#: What people call the colours that have a fixed meaning here.
COLOR_NAMES = {
    "#0072B2": "blue",
    "#E69F00": "orange",
    "#FFFFFF": "white",
    "#CC79A7": "pink",
    "#F0E442": "yellow",
    "#56B4E9": "sky blue",
    "#D55E00": "red-orange",
    "#009E73": "green",
    "#BBBBBB": "light grey",
    "#4D4D4D": "dark grey",
    "#80FFC0": "mint",
    "#00224E": "dark blue",
    "#FEE838": "yellow",
}
_SHORT = {
    "reference_only": "reference",
    "candidate_only": "candidate",
    "both": "both",
    "different": "differs",
}


@dataclass(frozen=True)
class Swatch:
    """A colour, the word beside it, and a sentence for whoever asks."""

    color: str
    word: str
    hint: str


@dataclass(frozen=True)
class Scale:
    """Graded colours from ``low`` to ``high``, both with their unit."""

    low: str
    high: str
    colors: tuple[str, ...]
    hint: str


@dataclass(frozen=True)
class LegendContent:
    """Everything a legend shows, and what it is the legend of."""

    title: str = ""
    swatches: tuple[Swatch, ...] = ()
    scale: Scale | None = None

    def plus(self, *more: Swatch) -> LegendContent:
        """The same with more colours."""
        return LegendContent(self.title, (*self.swatches, *more), self.scale)

    def with_outlines(self, colors: frozenset[str]) -> LegendContent:
        """The same with the outlines of these colours, where it does not say so already."""
        said = {(entry.color, entry.word) for entry in self.swatches}
        new = (entry for entry in AROUND if entry.color in colors)
        return self.plus(*(entry for entry in new if (entry.color, entry.word) not in said))

    def reworded(self) -> LegendContent:
        """The same about A and B, while the names of reference and candidate are hidden."""
        entries = tuple(Swatch(s.color, reworded(s.word), reworded(s.hint)) for s in self.swatches)
        return LegendContent(reworded(self.title), entries, self.scale)

    @property
    def text(self) -> str:
        r"""The legend without colours: their names instead.

        Examples
        --------
        >>> LegendContent("disagreement", (Swatch("#0072B2", "gt", ""),)).text
        'disagreement\nblue: gt'
        """
        lines = [self.title] if self.title else []
        named = [f"{COLOR_NAMES.get(s.color, '■')}: {s.word}" for s in self.swatches]
        lines += [", ".join(named[start : start + 3]) for start in range(0, len(named), 3)]
        if self.scale is not None:
            low, high = (COLOR_NAMES.get(self.scale.colors[end], "■") for end in (0, -1))
            lines.append(f"{low}: {self.scale.low}, to {high}: {self.scale.high}")
        return "\n".join(lines)


#: Outlines around what is in view, which lie above everything else.
AROUND = (
    Swatch(REFERENCE_COLOR, "reference", "outline of the reference around what is in view"),
    Swatch(CANDIDATE_COLOR, "candidate", "outline of the candidate around what is in view"),
    Swatch(FINDING_COLOR, "in view", "outline of the finding or stretch of boundary in view"),
)


def swatches(entries: Iterable[LegendEntry]) -> tuple[Swatch, ...]:
    """Legend entries with short words; the whole sentence for whoever asks."""
    return tuple(Swatch(e.color, _SHORT.get(e.name, e.words), e.words) for e in entries)


#: What the disagreement layer means where nothing else is chosen.
BY_WHAT_IT_IS = LegendContent("disagreement", swatches(LEGEND))


def by_outline() -> LegendContent:
    """What the outlines of the masks mean."""
    words = ("reference", "candidate", "both")
    return LegendContent(
        "outlines",
        tuple(
            Swatch(entry.color, word, f"outline of {of}")
            for entry, word, of in zip(
                OVERLAY_LEGEND, words, ("the reference", "the candidate", "both masks"), strict=True
            )
        ),
    )
