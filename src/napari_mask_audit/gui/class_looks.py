"""Names and colours of class ids, whatever they stand for."""

from __future__ import annotations

from ..dataset import Dataset
from ..dataset.model import default_color

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

    Parameters
    ----------
    dataset : Dataset, optional
        Whose ids; none is open without it.
    is_safe : bool
        Draw them in colours for colour-blind eyes, whatever the dataset declares.
    """

    def __init__(self, dataset: Dataset | None = None, *, is_safe: bool = False) -> None:
        self._dataset = dataset
        self._is_safe = is_safe

    def name(self, class_id: int) -> str:
        """Name of an id, whatever it stands for."""
        assert self._dataset is not None
        return class_name(self._dataset, class_id)

    def color(self, class_id: int) -> str:
        """Colour of an id, ``#RRGGBB``."""
        assert self._dataset is not None
        return (safe_color if self._is_safe else class_color)(self._dataset, class_id)
