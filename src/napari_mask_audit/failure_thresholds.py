"""The judgement calls behind the failure buckets, in one frozen place.

No theorem says where "boundary" ends and "missed" begins. So the numbers that decide are settings
(``[settings.failures]`` in ``dataset.toml``, ``--failures`` on the command line, a form in the
review dock), they travel with every result, and changing one counts again.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .errors import SettingsError

#: The tolerance when nobody chose one, pixels.
TOLERANCE_PX = 2.0
#: Smallest default of the small-area threshold, pixels …
SMALL_PIXELS = 16
#: … and as a share of the image.
SMALL_SHARE = 0.001
#: Before the name of a class in ``--failures class_tolerances.pole=1``.
_OF_CLASS = "class_tolerances."


@dataclass(frozen=True)
class FailureThresholds:
    """Thresholds of the failure buckets.

    Attributes
    ----------
    tolerance : float or None
        How far a boundary may be off, and how thick a band of wrong pixels along it may be,
        before the error is more than a boundary error; at least 0. None: the first boundary
        tolerance of the settings, or 2 px without one.
    unit : {"px", "spacing"}
        ``"px"``: tolerances count the smallest pixel spacing; ``"spacing"``: they are distances
        in the unit of the spacing, such as mm.
    class_tolerances : tuple of (int, float)
        Tolerances of single classes, by class id. They decide about wrong pixels of these
        classes, whatever the other class; where both classes have one, the smaller counts.
    small_area : int or None
        A missed region with fewer pixels is small. None means 16 pixels or 0.1 % of the image,
        whichever is more.
    missed_recall : float
        A region is missed (or false) when less than this share of it is found (or right).
    dominance : float
        A missed region is *confused* with the foreground region that covers most of it when
        it makes up at least this share of that region; below, it was absorbed.
    split_part : float or None
        Each part of a split or merged object has at least this share of the whole. None: no
        split and merge buckets.

    Examples
    --------
    >>> print(FailureThresholds(class_tolerances={4: 1}).describe())
    tolerance 2 px (class 4: 1 px), small below 16 px or 0.1 % of the image, missed below 10 % \
recall, confused from 25 % of the covering region, split or merged from parts of 10 %
    """

    tolerance: float | None = None
    unit: Literal["px", "spacing"] = "px"
    class_tolerances: tuple[tuple[int, float], ...] = ()
    small_area: int | None = None
    missed_recall: float = 0.10
    dominance: float = 0.25
    split_part: float | None = 0.10

    def __post_init__(self) -> None:
        given = self.class_tolerances
        pairs = given.items() if isinstance(given, Mapping) else given
        object.__setattr__(self, "class_tolerances", tuple(sorted((int(i), t) for i, t in pairs)))
        wrong = [text for text, fine in self._rules() if not fine]
        if wrong:
            raise SettingsError("bad-threshold", "; ".join(wrong) + ".")

    def _rules(self) -> Iterable[tuple[str, bool]]:
        """What must hold of each value, and whether it does."""
        return (
            (
                f"tolerance must be a number >= 0, not {self.tolerance}",
                self.tolerance is None or _is_distance(self.tolerance),
            ),
            (f'unit must be "px" or "spacing", not {self.unit!r}', self.unit in ("px", "spacing")),
            (
                f"class_tolerances must be numbers >= 0, not {dict(self.class_tolerances)}",
                all(_is_distance(value) for _, value in self.class_tolerances),
            ),
            (
                f"small_area must be at least 0, not {self.small_area}",
                self.small_area is None or self.small_area >= 0,
            ),
            (
                f"missed_recall must lie in [0, 1], not {self.missed_recall}",
                0 <= self.missed_recall <= 1,
            ),
            (f"dominance must lie in [0, 1], not {self.dominance}", 0 <= self.dominance <= 1),
            (
                f"split_part must lie in (0, 0.5], not {self.split_part}",
                self.split_part is None or 0 < self.split_part <= 0.5,
            ),
        )

    @classmethod
    def from_table(
        cls, table: Mapping[str, Any], class_ids: Mapping[str, int] | None = None
    ) -> FailureThresholds:
        """Thresholds from a plain table, such as ``[settings.failures]`` in ``dataset.toml``.

        Parameters
        ----------
        table : mapping
            Values by name. ``split_part = 0`` means no splits and merges.
        class_ids : mapping of str to int, optional
            Class ids by class name: the keys of ``class_tolerances`` are names or ids.

        Raises
        ------
        SettingsError
            ``unknown-setting`` for a name that does not exist, ``bad-threshold`` for a value that
            makes no sense.

        Examples
        --------
        >>> table = {"tolerance": 3, "class_tolerances": {"pole": 1}}
        >>> FailureThresholds.from_table(table, {"pole": 4}).class_tolerances
        ((4, 1),)
        """
        known = [field.name for field in dataclasses.fields(cls)]
        unknown = sorted(set(table) - set(known))
        if unknown:
            raise SettingsError(
                "unknown-setting",
                f"unknown failure threshold {', '.join(unknown)}; known are {', '.join(known)}.",
            )
        values = dict(table)
        if "class_tolerances" in values:
            values["class_tolerances"] = _by_class(values["class_tolerances"], class_ids or {})
        if values.get("split_part") == 0:
            values["split_part"] = None
        try:
            return cls(**values)
        except (TypeError, ValueError) as error:
            raise SettingsError(
                "bad-threshold", f"a failure threshold has the wrong type: {error}."
            ) from error

    def settled(self, tolerances: Sequence[float] = ()) -> FailureThresholds:
        """The same with the tolerance in numbers.

        Parameters
        ----------
        tolerances : sequence of float
            The boundary tolerances of the settings, in spacing units.

        Examples
        --------
        >>> FailureThresholds().settled((1.5, 3.0)).tolerance, FailureThresholds().settled().unit
        (1.5, 'px')
        """
        if self.tolerance is not None:
            return self
        if not tolerances:
            return self.replace(tolerance=TOLERANCE_PX, unit="px")
        return self.replace(tolerance=tolerances[0], unit="spacing")

    def tolerance_for(self, spacing: Sequence[float], class_ids: Iterable[int] = ()) -> float:
        """The tolerance as a distance in the unit of the spacing.

        Parameters
        ----------
        spacing : sequence of float
            Pixel size per axis.
        class_ids : iterable of int
            The classes of a wrong pixel: their own tolerance counts, where they have one.

        Examples
        --------
        >>> FailureThresholds(tolerance=2).tolerance_for((3.0, 0.5))
        1.0
        >>> thin = FailureThresholds(tolerance=2, class_tolerances={4: 1, 7: 3})
        >>> [thin.tolerance_for((1, 1), ids) for ids in ((1, 2), (4, 0), (7, 0), (4, 7))]
        [2.0, 1.0, 3.0, 1.0]
        """
        wanted = set(class_ids)
        own = [value for class_id, value in self.class_tolerances if class_id in wanted]
        general = TOLERANCE_PX if self.tolerance is None else self.tolerance
        value = min(own, default=general)
        return float(value * (min(spacing) if self.unit == "px" else 1.0))

    def largest_tolerance_for(self, spacing: Sequence[float]) -> float:
        """The largest tolerance of any class, as a distance in the unit of the spacing."""
        ids = [class_id for class_id, _ in self.class_tolerances]
        return max(self.tolerance_for(spacing, group) for group in ((), *((i,) for i in ids)))

    def small_area_for(self, pixels: int) -> float:
        """Below how many pixels a missed region of an image of ``pixels`` pixels is small.

        Examples
        --------
        >>> FailureThresholds().small_area_for(100), FailureThresholds().small_area_for(76800)
        (16.0, 76.8)
        """
        if self.small_area is not None:
            return float(self.small_area)
        return max(float(SMALL_PIXELS), SMALL_SHARE * pixels)

    def replace(self, **changes: Any) -> FailureThresholds:
        """A copy with some values changed."""
        return dataclasses.replace(self, **changes)

    def describe(self, name_of: Callable[[int], str] = "class {}".format) -> str:
        """The thresholds in one line, to be printed wherever a bucket is."""
        unit = "px" if self.unit == "px" else "spacing units"
        general = TOLERANCE_PX if self.tolerance is None else self.tolerance
        own = ", ".join(f"{name_of(i)}: {value:g} {unit}" for i, value in self.class_tolerances)
        small = (
            f"{SMALL_PIXELS} px or {SMALL_SHARE:.1%}".replace("%", " %") + " of the image"
            if self.small_area is None
            else f"{self.small_area} px"
        )
        parts = (
            "no splits and merges"
            if self.split_part is None
            else f"split or merged from parts of {self.split_part * 100:g} %"
        )
        return (
            f"tolerance {general:g} {unit}{f' ({own})' if own else ''}, small below {small}, "
            f"missed below {self.missed_recall * 100:g} % recall, "
            f"confused from {self.dominance * 100:g} % of the covering region, {parts}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary; class ids are text, as JSON and TOML want it."""
        return {
            **dataclasses.asdict(self),
            "class_tolerances": {str(i): value for i, value in self.class_tolerances},
        }

    def to_toml(self) -> str:
        """The lines for ``dataset.toml`` that say this.

        Examples
        --------
        >>> print(FailureThresholds(tolerance=3.0, class_tolerances={4: 1.5}).to_toml())
        [settings.failures]
        tolerance = 3.0
        unit = "px"
        missed_recall = 0.1
        dominance = 0.25
        split_part = 0.1
        class_tolerances = { 4 = 1.5 }
        """
        values = {k: v for k, v in self.to_dict().items() if v is not None}
        values.setdefault("split_part", 0)
        own = values.pop("class_tolerances")
        values["unit"] = f'"{self.unit}"'
        lines = ["[settings.failures]", *(f"{key} = {value}" for key, value in values.items())]
        if own:
            inside = ", ".join(f"{key} = {value}" for key, value in own.items())
            lines.append(f"class_tolerances = {{ {inside} }}")
        return "\n".join(lines)


def parse_thresholds(text: str) -> dict[str, Any]:
    """A table of thresholds from a command-line option.

    Raises
    ------
    SettingsError
        ``bad-threshold`` when a part is not ``name=value``.

    Examples
    --------
    >>> parse_thresholds("tolerance=3, unit=spacing, class_tolerances.pole=1")
    {'tolerance': 3.0, 'unit': 'spacing', 'class_tolerances': {'pole': 1.0}}
    """
    table: dict[str, Any] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, equals, given = (word.strip() for word in part.partition("="))
        if not (name and equals and given):
            raise SettingsError(
                "bad-threshold",
                f"{part!r} is not a threshold; write name=value, such as tolerance=3 or "
                f"{_OF_CLASS}pole=1.",
            )
        if name.startswith(_OF_CLASS):
            own = table.setdefault("class_tolerances", {})
            own[name.removeprefix(_OF_CLASS)] = _number(name, given)
        else:
            table[name] = given if name == "unit" else _number(name, given)
    return table


def _number(name: str, text: str) -> float | int:
    try:
        value = float(text)
    except ValueError as error:
        raise SettingsError("bad-threshold", f"{name} must be a number, not {text!r}.") from error
    return int(value) if name == "small_area" and value.is_integer() else value


def _is_distance(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value) and value >= 0


def _by_class(given: Any, class_ids: Mapping[str, int]) -> dict[int, Any]:
    """Tolerances by class id from a table whose keys are class names or ids."""
    if not isinstance(given, Mapping):
        raise SettingsError(
            "bad-threshold", "class_tolerances must be a table, such as { pole = 1 }."
        )
    found = {}
    for key, value in given.items():
        name = str(key)
        if name not in class_ids and not name.lstrip("-").isdigit():
            known = f"; known: {', '.join(class_ids)}" if class_ids else ""
            raise SettingsError(
                "bad-threshold",
                f"class_tolerances: there is no class {name!r}; write its name or its id{known}.",
            )
        found[class_ids[name] if name in class_ids else int(name)] = value
    return found
