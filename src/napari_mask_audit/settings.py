"""The choices a number depends on, in one frozen place.

Every result carries the settings that made it, so that a score can never be quoted without its
tolerance and convention. Settings come from ``[settings]`` in ``dataset.toml``, from command-line
options or from the form in the docks; nothing reads a global.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from .errors import SettingsError
from .failure_thresholds import FailureThresholds

Convention = Literal["surfel", "voxel"]
MatchRule = Literal["gt", "ge"]


@dataclass(frozen=True)
class Settings:
    """Thresholds and conventions of an audit.

    Attributes
    ----------
    tolerances : tuple of float
        Boundary distances, in spacing units, at which NSD and boundary F are reported. Empty
        means one pixel (the smallest spacing), and the output says that nobody chose it.
    convention : {"surfel", "voxel"}
        How a boundary is cut into elements: weighted surface elements on the pixel-corner
        lattice, or unweighted border pixels. The two differ; every output names the one used.
    boundary_fraction : float
        Width of the Boundary IoU band as a share of the image diagonal (0.02 in the paper).
    boundary_width_px : int or None
        Width of that band in pixels; wins over ``boundary_fraction``.
    include_background : bool
        Count the declared background as a class.
    match_rule : {"gt", "ge"}
        Whether objects match at IoU > or >= ``match_threshold``.
    match_threshold : float
        IoU at which two objects are the same object.
    worst_fraction : float
        Share of samples in the worst-decile mean.
    resamples : int
        Bootstrap resamples behind every interval.
    seed : int
        Seed of the resampling, so that two runs print the same interval.
    failures : FailureThresholds
        Where one kind of error ends and the next begins, as chosen; see
        :attr:`failure_thresholds` for what decides.

    Examples
    --------
    >>> Settings(tolerances=(2.0,)).to_dict()["tolerances"]
    [2.0]
    """

    tolerances: tuple[float, ...] = ()
    convention: Convention = "surfel"
    boundary_fraction: float = 0.02
    boundary_width_px: int | None = None
    include_background: bool = False
    match_rule: MatchRule = "gt"
    match_threshold: float = 0.5
    worst_fraction: float = 0.1
    resamples: int = 2000
    seed: int = 0
    failures: FailureThresholds = field(default_factory=FailureThresholds)

    def __post_init__(self) -> None:
        wrong = [
            text
            for text, fine in (
                (
                    f"tolerances must be numbers >= 0, not {self.tolerances}",
                    all(math.isfinite(t) and t >= 0 for t in self.tolerances),
                ),
                (
                    f'convention must be "surfel" or "voxel", not {self.convention!r}',
                    self.convention in ("surfel", "voxel"),
                ),
                (
                    f"boundary_fraction must lie in (0, 1], not {self.boundary_fraction}",
                    0 < self.boundary_fraction <= 1,
                ),
                (
                    f"boundary_width_px must be at least 1, not {self.boundary_width_px}",
                    self.boundary_width_px is None or self.boundary_width_px >= 1,
                ),
                (
                    f'match_rule must be "gt" or "ge", not {self.match_rule!r}',
                    self.match_rule in ("gt", "ge"),
                ),
                (
                    f"match_threshold must lie in (0, 1], not {self.match_threshold}",
                    0 < self.match_threshold <= 1,
                ),
                (
                    f"worst_fraction must lie in (0, 1], not {self.worst_fraction}",
                    0 < self.worst_fraction <= 1,
                ),
                (f"resamples must be at least 100, not {self.resamples}", self.resamples >= 100),
            )
            if not fine
        ]
        if wrong:
            raise SettingsError("bad-setting", "; ".join(wrong) + ".")

    @cached_property
    def failure_thresholds(self) -> FailureThresholds:
        """What decides which bucket a wrong pixel is in; the tolerance is a number.

        Examples
        --------
        >>> Settings(tolerances=(1.5, 3.0)).failure_thresholds.tolerance
        1.5
        """
        return self.failures.settled(self.tolerances)

    @classmethod
    def from_table(
        cls, table: Mapping[str, Any], class_ids: Mapping[str, int] | None = None
    ) -> Settings:
        """Settings from a plain table, such as ``[settings]`` in ``dataset.toml``.

        Parameters
        ----------
        table : mapping
            Values by name; ``failures`` is a table of its own.
        class_ids : mapping of str to int, optional
            Class ids by class name, for what is set class by class.

        Raises
        ------
        SettingsError
            ``unknown-setting`` for a name that does not exist, ``bad-setting`` or
            ``bad-threshold`` for a value that makes no sense; all of them in one message.
        """
        known = {field.name for field in dataclasses.fields(cls)}
        unknown = sorted(set(table) - known)
        if unknown:
            raise SettingsError(
                "unknown-setting",
                f"unknown setting {', '.join(unknown)}; known are {', '.join(sorted(known))}.",
            )
        values = dict(table)
        if "tolerances" in values:
            given = values["tolerances"]
            given = given if isinstance(given, list | tuple) else [given]
            values["tolerances"] = tuple(given)
        if "failures" in values:
            given = values["failures"]
            if not isinstance(given, Mapping):
                raise SettingsError("bad-setting", "failures must be a table of thresholds.")
            values["failures"] = FailureThresholds.from_table(given, class_ids)
        try:
            return cls(**values)
        except TypeError as error:
            raise SettingsError("bad-setting", f"a setting has the wrong type: {error}.") from error

    def replace(self, **changes: Any) -> Settings:
        """A copy with some values changed."""
        return dataclasses.replace(self, **changes)

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary, lists instead of tuples; ``failures`` holds what decides."""
        values = dataclasses.asdict(self)
        values["tolerances"] = list(self.tolerances)
        values["failures"] = self.failure_thresholds.to_dict()
        return values
