"""What the boundary dock measures of a sample under review, and its choices as text; no Qt here."""

from __future__ import annotations

from ..audit import class_rules
from ..dataset import Dataset
from ..settings import Settings
from .boundary_view import Subject
from .sample_view import SampleView


def subject_of(view: SampleView, dataset: Dataset) -> Subject | None:
    """The pair of masks of a sample under review; None unless there are two of one shape."""
    if view.reference is None or view.candidate is None or view.called is None:
        return None
    if view.reference.shape != view.candidate.shape:
        return None
    return Subject(
        view.sample,
        view.reference,
        view.candidate,
        view.called,
        class_rules(dataset),
        view.spacing or (1.0,) * view.reference.ndim,
        view.unit,
        dataset.settings,
    )


def settings_lines(settings: Settings) -> str:
    """Tolerances and convention as lines for ``dataset.toml``.

    Examples
    --------
    >>> print(settings_lines(Settings(tolerances=(2.0, 0.5))), end="")
    [settings]
    tolerances = [2, 0.5]
    convention = "surfel"
    """
    listed = ", ".join(f"{tolerance:g}" for tolerance in settings.tolerances)
    return f'[settings]\ntolerances = [{listed}]\nconvention = "{settings.convention}"\n'
