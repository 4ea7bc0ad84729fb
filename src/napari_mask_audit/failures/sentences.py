"""What a finding says: what is wrong, and why it is not in the next bucket.

Every sentence carries the numbers that decided, so that a reader can disagree with a threshold
instead of with the tool.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .table import Bucket

#: Words for a bucket at the start of a sentence.
TITLES = {
    Bucket.BOUNDARY: "boundary",
    Bucket.MISSED_SMALL: "missed small region",
    Bucket.MISSED_LARGE: "missed large region",
    Bucket.CONFUSION: "class confusion",
    Bucket.FALSE_REGION: "false region",
    Bucket.OVER_EXTENT: "drawn too far out",
    Bucket.UNDER_EXTENT: "not drawn far enough",
    Bucket.SPLIT: "split",
    Bucket.MERGE: "merge",
}

#: Words for all errors of a bucket, as in "without missed small regions".
ERRORS = {
    Bucket.BOUNDARY: "boundary errors",
    Bucket.MISSED_SMALL: "missed small regions",
    Bucket.MISSED_LARGE: "missed large regions",
    Bucket.CONFUSION: "class confusions",
    Bucket.FALSE_REGION: "false regions",
    Bucket.OVER_EXTENT: "areas drawn too far out",
    Bucket.UNDER_EXTENT: "areas not drawn far enough",
    Bucket.SPLIT: "splits",
    Bucket.MERGE: "merges",
}

#: The failure tag that fits; the first three are the tags every reviewer has.
SUGGESTED_TAGS = {
    **{bucket: bucket.value for bucket in Bucket},
    Bucket.CONFUSION: "class_confusion",
}


@dataclass(frozen=True)
class Evidence:
    """The numbers behind one finding.

    Attributes
    ----------
    bucket : Bucket
    name, other : str
        Names of the class that is wrong and of the one in its place.
    pixels : int
        Wrong pixels.
    point : tuple of int
        Where.
    size, right : int
        Pixels of the region concerned, and how many of them are right.
    far : int
        Wrong pixels further than the tolerance from where they would be right.
    missing, superfluous : int
        Wrong pixels of the class that the candidate lacks, and that it adds.
    pieces : int
        Connected pieces of the finding.
    cover_share : float
        Largest share that a missed region takes of the region standing in its place.
    thickness : float
        Thickness of the wrong area in the unit; NaN where it was not measured.
    region_level : bool
        Whether the region as a whole was confused, rather than a part of it.
    tolerance, unit, small_area, recall, dominance : float, str, float, float, float
        The thresholds.
    """

    bucket: Bucket
    name: str
    other: str
    pixels: int
    point: tuple[int, ...]
    size: int
    right: int
    far: int
    missing: int
    superfluous: int
    pieces: int
    cover_share: float
    thickness: float
    region_level: bool
    tolerance: float
    unit: str
    small_area: float
    recall: float
    dominance: float

    @property
    def place(self) -> str:
        """The point in words: ``(y 120, x 44)``."""
        axes = "zyx"[-len(self.point) :]
        return "(" + ", ".join(f"{a} {p}" for a, p in zip(axes, self.point, strict=True)) + ")"

    @property
    def limit(self) -> str:
        """The tolerance with its unit."""
        return f"{self.tolerance:.3g} {self.unit}"

    @property
    def found(self) -> str:
        """How much of the region is right."""
        return f"{self.right} of its {self.size} px ({percent(self.right / max(self.size, 1))})"


def percent(share: float) -> str:
    """A share as a percentage that never rounds to a false 0 or 100.

    Examples
    --------
    >>> percent(0.123), percent(0.0004), percent(1.0)
    ('12 %', '<1 %', '100 %')
    """
    if 0 < share < 0.01:
        return "<1 %"
    if 0.99 < share < 1:
        return ">99 %"
    return f"{share * 100:.0f} %"


def explain(e: Evidence) -> str:
    """One plain sentence that names the error, its size and its place."""
    return f"{TITLES[e.bucket]}: {_WHAT[e.bucket](e)}"


def why_not_next(e: Evidence) -> str:
    """One sentence with the numbers that kept the finding out of the neighbouring bucket."""
    return _WHY[e.bucket](e)


def _missed(e: Evidence) -> str:
    if e.far == e.pixels:
        near = f"nothing of it predicted within {e.limit}"
    else:
        near = f"{e.far} px of it lie more than {e.limit} from any predicted {e.name}"
    return f"{e.name}, {e.size} px at {e.place}, {near}; {e.other} is in its place."


def _false(e: Evidence) -> str:
    return f"{e.name}, {e.pixels} px at {e.place}, where the reference has {e.other}."


def _confusion(e: Evidence) -> str:
    return f"{e.name} is labelled {e.other}, {e.pixels} px {_where(e)}."


def _boundary(e: Evidence) -> str:
    sides = ((e.superfluous, "too far out"), (e.missing, "too far in"))
    where = " and ".join(f"{n} px {side}" for n, side in sides if n)
    return (
        f"the outline of {e.name} against {e.other} is off by at most {e.limit}: {where}, "
        f"for example at {e.place}."
    )


def _thick(e: Evidence) -> str:
    return f", about {e.thickness:.2g} {e.unit} thick" if e.thickness == e.thickness else ""


def _where(e: Evidence) -> str:
    """The place; of many pieces, that of the largest."""
    if e.pieces == 1:
        return f"at {e.place}"
    return f"in {e.pieces} pieces of less than {e.small_area:.0f} px, the largest at {e.place}"


def _over(e: Evidence) -> str:
    return f"{e.name} covers {e.pixels} px of {e.other} {_where(e)}{_thick(e)}."


def _under(e: Evidence) -> str:
    return f"{e.pixels} px of {e.name} are labelled {e.other} {_where(e)}{_thick(e)}."


def _split(e: Evidence) -> str:
    return f"one {e.name} is cut into pieces by {e.pixels} px of {e.other} at {e.place}."


def _merge(e: Evidence) -> str:
    return f"separate pieces of {e.name} are joined by {e.pixels} px over {e.other} at {e.place}."


_WHAT: dict[Bucket, Callable[[Evidence], str]] = {
    Bucket.BOUNDARY: _boundary,
    Bucket.MISSED_SMALL: _missed,
    Bucket.MISSED_LARGE: _missed,
    Bucket.CONFUSION: _confusion,
    Bucket.FALSE_REGION: _false,
    Bucket.OVER_EXTENT: _over,
    Bucket.UNDER_EXTENT: _under,
    Bucket.SPLIT: _split,
    Bucket.MERGE: _merge,
}


def _why_boundary(e: Evidence) -> str:
    return (
        f"Not a thicker error: the band of wrong pixels is nowhere thicker than the tolerance "
        f"of {e.limit}."
    )


def _why_missed(e: Evidence) -> str:
    size = (
        f"not large: fewer than {e.small_area:g} px"
        if e.bucket is Bucket.MISSED_SMALL
        else f"not small: at least {e.small_area:g} px"
    )
    if e.cover_share == e.cover_share:
        cover = (
            f"not confusion: it is {percent(e.cover_share)} of the {e.other} region in its place, "
            f"less than {percent(e.dominance)}"
        )
    else:
        cover = f"not confusion: the {e.other} in its place is background"
    return (
        f"Not a boundary error: {e.found} are found, less than {percent(e.recall)}, and {e.far} px "
        f"lie deeper than {e.limit}; {size}; {cover}."
    )


def _why_false(e: Evidence) -> str:
    return (
        f"Not drawn too far out: {e.found} are right, less than {percent(e.recall)}; not "
        f"a boundary error: {e.far} px lie more than {e.limit} from any {e.name} of the reference."
    )


def _why_confusion(e: Evidence) -> str:
    if not e.region_level:
        return (
            f"Not a boundary error: the wrong area is thicker than {e.limit}; not over- or "
            "under-extent: both classes are foreground."
        )
    return (
        f"Not missed or false: {e.found} are right, less than {percent(e.recall)}, and another "
        "foreground region stands in its place; not a boundary error: it is deeper than "
        f"{e.limit}."
    )


def _why_over(e: Evidence) -> str:
    return (
        f"Not a boundary error: the extra area is thicker than {e.limit}; not a false region: "
        f"{e.found} are right."
    )


def _why_under(e: Evidence) -> str:
    return (
        f"Not a boundary error: the lacking area is thicker than {e.limit}; not a missed region: "
        f"{e.found} are found."
    )


def _why_split(e: Evidence) -> str:
    return (
        "Not a boundary error, whatever its thickness: on both sides of it lie parts of the same "
        f"object; not missed: {e.found} are found."
    )


def _why_merge(e: Evidence) -> str:
    return (
        "Not a boundary error, whatever its thickness: it connects objects that are separate in "
        f"the reference; not false: {e.found} are right."
    )


_WHY: dict[Bucket, Callable[[Evidence], str]] = {
    Bucket.BOUNDARY: _why_boundary,
    Bucket.MISSED_SMALL: _why_missed,
    Bucket.MISSED_LARGE: _why_missed,
    Bucket.CONFUSION: _why_confusion,
    Bucket.FALSE_REGION: _why_false,
    Bucket.OVER_EXTENT: _why_over,
    Bucket.UNDER_EXTENT: _why_under,
    Bucket.SPLIT: _why_split,
    Bucket.MERGE: _why_merge,
}
