"""Rules that need more than one mask: mixed encodings, empties, duplicates, outliers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..findings import Box
from .finding import LintFinding
from .limits import LintLimits
from .outlines import OutlineShape, StraightSides, cut_off, polygonal
from .subject import listed, round_all

_MIN_SIZES = 20
_MIN_SHARES = 10
_MIN_COPIED = 3
# So many regions cut off along one line are no accident; in a volume one region is in many slices.
_LINE_UP, _LINE_UP_IN_SLICES = 2, 4


@dataclass(frozen=True)
class MaskFacts:
    """What the rules over several masks need to know about one.

    Attributes
    ----------
    sample, source : str
        Which mask.
    path : pathlib.Path
        Its file.
    digest : str
        Fingerprint of shape and ids.
    stored_ids : frozenset of int
        Ids in the file.
    empty : bool
        Whether nothing is labelled.
    sizes : mapping of int to sequence of (pixels, Box)
        Per class its pixels in this mask, or (key 0) every object of an object mask.
    objects : bool
        Whether ``sizes`` are single objects.
    shapes : sequence of OutlineShape
        Outlines of the larger regions.
    sides : sequence of StraightSides
        Their straight sides.
    """

    sample: str
    source: str
    path: Path
    digest: str
    stored_ids: frozenset[int]
    empty: bool
    sizes: Mapping[int, Sequence[tuple[int, Box | None]]] = field(default_factory=dict)
    objects: bool = False
    shapes: Sequence[OutlineShape] = ()
    sides: Sequence[StraightSides] = ()


def check_pairs(
    masks: Sequence[MaskFacts],
    names: Mapping[int, str],
    declared: frozenset[int],
    limits: LintLimits,
) -> Iterator[LintFinding]:
    """Every rule over several masks: MA203, MA204, MA305, MA402, MA403, MA701 and MA703.

    Parameters
    ----------
    masks : sequence of MaskFacts
        All readable masks.
    names : mapping of int to str
        Class names.
    declared : frozenset of int
        Ids with a declared meaning.
    limits : LintLimits
        Thresholds.
    """
    yield from _mixed_binary(masks, declared)
    yield from _empty(masks)
    yield from _outliers(masks, names, limits)
    yield from _polygons(masks, names)
    yield from _cuts(masks, names)
    yield from _copied_sources(masks)
    yield from _duplicate_masks(masks)


def _mixed_binary(masks: Sequence[MaskFacts], declared: frozenset[int]) -> Iterator[LintFinding]:
    """Masks with the rarer of 1 and 255 for the object, or with both."""
    if 255 in declared or any(mask.stored_ids - {0, 1, 255} for mask in masks):
        return
    ones = [mask for mask in masks if 1 in mask.stored_ids]
    full = [mask for mask in masks if 255 in mask.stored_ids]
    if not ones or not full:
        return
    odd, usual = (1, 255) if len(full) >= len(ones) else (255, 1)
    for mask in ones if odd == 1 else full:
        both = usual in mask.stored_ids
        text = (
            "1 and 255 both occur in this mask"
            if both
            else f"the object is {odd} in this mask and {usual} in most others"
        )
        yield _about(mask, "MA203", f"{text}; make it {usual} everywhere.", class_id=odd)


def _empty(masks: Sequence[MaskFacts]) -> Iterator[LintFinding]:
    """Masks without anything, unless every source of the sample agrees that nothing is there."""
    by_sample: dict[str, list[MaskFacts]] = defaultdict(list)
    for mask in masks:
        by_sample[mask.sample].append(mask)
    for group in by_sample.values():
        filled = [mask.source for mask in group if not mask.empty]
        for mask in group:
            if mask.empty and (filled or len(group) == 1):
                other = f", but {listed(filled)} labels something" if filled else ""
                yield _about(mask, "MA204", f"nothing is labelled in this mask{other}.")


def _outliers(
    masks: Sequence[MaskFacts], names: Mapping[int, str], limits: LintLimits
) -> Iterator[LintFinding]:
    """Objects, or a class's pixels per mask, far from what is usual over the whole dataset."""
    by_class: dict[tuple[str, bool, int], list[tuple[MaskFacts, int, Box | None]]]
    by_class = defaultdict(list)
    for mask in masks:
        for label, sizes in mask.sizes.items():
            for pixels, box in sizes:
                by_class[mask.source, mask.objects, label].append((mask, pixels, box))
    for (_, objects, label), entries in sorted(by_class.items()):
        logs = np.log([pixels for _, pixels, _ in entries])
        if len(logs) < (_MIN_SIZES if objects else _MIN_SHARES):
            continue
        middle = float(np.median(logs))
        spread = 1.4826 * float(np.median(np.abs(logs - middle)))
        far = np.abs(logs - middle) > max(
            limits.outlier_spread * spread, np.log(limits.outlier_factor)
        )
        name = "objects" if objects else names.get(label, str(label))
        yield from _per_mask(
            [entries[n] for n in np.flatnonzero(far)], label, name, round(np.exp(middle)), objects
        )


def _per_mask(
    far: Sequence[tuple[MaskFacts, int, Box | None]],
    label: int,
    name: str,
    usual: int,
    objects: bool,
) -> Iterator[LintFinding]:
    by_mask: dict[tuple[str, str], list[tuple[MaskFacts, int, Box | None]]] = defaultdict(list)
    for entry in far:
        by_mask[entry[0].source, entry[0].sample].append(entry)
    for entries in by_mask.values():
        boxes = [box for _, _, box in entries if box is not None]
        sizes = listed(f"{pixels:,}" for _, pixels, _ in entries)
        yield _about(
            entries[0][0],
            "MA305",
            f"{name}: {sizes} px, where {usual:,} px are usual.",
            class_id=None if objects else label,
            boxes=boxes,
        )


def _polygons(masks: Sequence[MaskFacts], names: Mapping[int, str]) -> Iterator[LintFinding]:
    by_class: dict[int, list[OutlineShape]] = defaultdict(list)
    for mask in masks:
        for shape in mask.shapes:
            by_class[shape.label].append(shape)
    marked = {id(shape) for shapes in by_class.values() for shape in polygonal(shapes)}
    for mask in masks:
        found: dict[int, list[OutlineShape]] = defaultdict(list)
        for shape in mask.shapes:
            if id(shape) in marked:
                found[shape.label].append(shape)
        for label, shapes in sorted(found.items()):
            corners = listed(sorted(shape.corners for shape in shapes))
            name = "object" if mask.objects else names.get(label, str(label))
            yield _about(
                mask,
                "MA402",
                f"{name}: outlines of {corners} straight sides, where others of its kind are "
                "curved; drawn with too few clicks?",
                class_id=None if mask.objects else label,
                boxes=[shape.box for shape in shapes],
            )


def _cuts(masks: Sequence[MaskFacts], names: Mapping[int, str]) -> Iterator[LintFinding]:
    """Regions cut off straight: rare in their class, or several along one line of one mask."""
    by_class: dict[tuple[str, int], list[StraightSides]] = defaultdict(list)
    for mask in masks:
        for side in mask.sides:
            by_class[mask.source, side.label].append(side)
    marked = {id(side) for sides in by_class.values() for side in cut_off(sides)}
    for mask in masks:
        lines = Counter(side.line for side in mask.sides if side.line is not None)
        found: dict[int, list[Box]] = defaultdict(list)
        for side in mask.sides:
            if side.cut is None or side.line is None:
                continue
            often = _LINE_UP if len(side.cut) == 2 else _LINE_UP_IN_SLICES
            if id(side) in marked or lines[side.line] >= often:
                found[side.label].append(side.cut)
        for label, boxes in sorted(found.items()):
            name = "object" if mask.objects else names.get(label, "region")
            yield _about(
                mask,
                "MA403",
                f"{name} ends in a straight line parallel to the picture's sides, which others of "
                "its kind do not: cut off at a crop or tile edge?",
                class_id=None if mask.objects else label,
                boxes=boxes,
            )


def _duplicate_masks(masks: Sequence[MaskFacts]) -> Iterator[LintFinding]:
    groups: dict[tuple[str, str], list[MaskFacts]] = defaultdict(list)
    for mask in masks:
        if not mask.empty and len(mask.stored_ids) > 1:
            groups[mask.source, mask.digest].append(mask)
    for group in groups.values():
        for mask in group[1:]:
            yield _about(
                mask,
                "MA701",
                f"pixel for pixel the mask of {group[0].sample}; one of them belongs to another "
                "image.",
                other=group[0].sample,
            )


def _copied_sources(masks: Sequence[MaskFacts]) -> Iterator[LintFinding]:
    """Pairs of sources whose masks are identical on every sample they share."""
    by_source: dict[str, dict[str, MaskFacts]] = defaultdict(dict)
    for mask in masks:
        by_source[mask.source][mask.sample] = mask
    sources = sorted(by_source)
    for n, first in enumerate(sources):
        for second in sources[n + 1 :]:
            shared = [
                (by_source[first][s], by_source[second][s])
                for s in by_source[first].keys() & by_source[second].keys()
            ]
            drawn = [(a, b) for a, b in shared if not (a.empty and b.empty)]
            same = sum(a.digest == b.digest for a, b in drawn)
            if drawn and same == len(drawn) and (same >= _MIN_COPIED or same == len(shared)):
                yield LintFinding(
                    "MA703",
                    f"{first} and {second} are pixel for pixel the same on all {same} samples "
                    "they share: a copy, so their agreement proves nothing.",
                    source=second,
                    other=first,
                    count=same,
                )


def _about(
    mask: MaskFacts,
    code: str,
    message: str,
    *,
    class_id: int | None = None,
    boxes: Iterable[Box] = (),
    other: str | None = None,
) -> LintFinding:
    places = tuple(boxes)
    return LintFinding(
        code,
        message,
        sample=mask.sample,
        source=mask.source,
        file=mask.path,
        class_id=class_id,
        count=max(1, len(places)),
        places=places[:50],
        bbox=round_all(places),
        other=other,
    )
