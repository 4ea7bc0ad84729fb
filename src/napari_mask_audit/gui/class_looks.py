"""Names and colours of class ids, whatever they stand for."""

from __future__ import annotations

from ..dataset import Dataset
from ..dataset.model import default_color
from .id_colors import IdColors

_IGNORED_COLOR = "#808080"


def class_name(dataset: Dataset, class_id: int) -> str:
    """Name of an id: of a class, of the background, or of what is ignored."""
    if class_id in dataset.ignore_ids:
        return "ignored"
    if class_id == dataset.background_id and class_id not in dataset.declared_classes:
        return "background"
    return dataset.class_info(class_id).name


def safe_color(dataset: Dataset, class_id: int) -> str:
    """Colour of an id for colour-blind eyes, whatever the dataset declares, ``#RRGGBB``."""
    return _IGNORED_COLOR if class_id in dataset.ignore_ids else default_color(class_id)


def class_color(dataset: Dataset, class_id: int) -> str:
    """Colour of an id, ``#RRGGBB``."""
    return _IGNORED_COLOR if class_id in dataset.ignore_ids else dataset.class_info(class_id).color


class ClassLooks:
    """What the ids of the open dataset are called and drawn in.

    Attributes
    ----------
    dataset : Dataset or None
        Whose ids; None where nothing is open.
    is_safe : bool
        Whether they are drawn in colours for colour-blind eyes, whatever the dataset declares.
    """

    def __init__(self) -> None:
        self.dataset: Dataset | None = None
        self.is_safe = False

    def name(self, class_id: int) -> str:
        """Name of an id, whatever it stands for."""
        assert self.dataset is not None
        return class_name(self.dataset, class_id)

    def color(self, class_id: int) -> str:
        """Colour of an id, ``#RRGGBB``."""
        assert self.dataset is not None
        return (safe_color if self.is_safe else class_color)(self.dataset, class_id)

    def give(self, colors: IdColors) -> None:
        """Let layers draw the ids like that."""
        assert self.dataset is not None
        background = self.dataset.background_id
        hidden = frozenset() if background is None else frozenset({background})
        colors.set(self.color, hidden, is_instance=self.dataset.task == "instance")
