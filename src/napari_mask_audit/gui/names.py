"""What the docks call the sources: by their names, or A and B while the names are hidden.

While they are hidden the pair that is shown is drawn anew for every sample, so that neither side
of the canvas nor any colour tells which is which; everything made of it follows by itself. No Qt
here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from ..dataset import Dataset
from ..errors import AuditError
from ..review.blinding import Blinding, concealed, reworded
from .items import Pair
from .sample_view import SampleView

#: What the two masks are called while names are hidden: the first that is shown is A.
HIDDEN: Pair = ("A", "B")


class ViewKey(NamedTuple):
    """Which pictures: of a sample, in a comparison, with names shown or hidden."""

    sample: str
    pair: Pair | None
    is_hidden: bool = False


class Names:
    """What sources are called in one dataset.

    Parameters
    ----------
    dataset : Dataset, optional
        Whose sources.
    """

    def __init__(self, dataset: Dataset | None = None) -> None:
        self._dataset = dataset
        self.blinding: Blinding | None = None

    @property
    def are_hidden(self) -> bool:
        """Whether nobody is to know which source is which."""
        return self.blinding is not None

    def key(self, sample: str, pair: Pair | None) -> ViewKey:
        """The pictures to show of a sample in a comparison."""
        if self.blinding is None or pair is None:
            return ViewKey(sample, pair)
        first, second = self.blinding.drawn(sample, pair)
        return ViewKey(sample, (first, second), True)

    def called(self, pair: Pair) -> Pair:
        """What a pair is called."""
        return HIDDEN if self.are_hidden else pair

    def spoken(self, text: str) -> str:
        """A text as it may be shown."""
        if not self.are_hidden or self._dataset is None:
            return text
        sources = [source.name for source in self._dataset.sources]
        return reworded(concealed(text, sources))

    def spoken_error(self, error: AuditError) -> AuditError:
        """An error as it may be shown, with what it says about files."""
        if not self.are_hidden:
            return error
        return AuditError(error.code, self.spoken(str(error)))

    def disguised(self, view: SampleView) -> SampleView:
        """The pictures under hidden names."""
        problems = tuple(self.spoken(text) for text in view.problems)
        return replace(view, names=HIDDEN, problems=problems)

    def mark(self, sample: str, pair: Pair | None) -> Mapping[str, Any]:
        """What is kept with a verdict on a sample about what was seen of it."""
        if pair is None:
            return {}
        if self.blinding is None:
            return {"compared": list(pair)}
        return {"compared": list(pair), **self.blinding.mark(sample, pair)}
