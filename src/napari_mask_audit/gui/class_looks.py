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
