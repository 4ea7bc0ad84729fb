"""What the agreement dock shows, in plain values: cells, shades, cards, ranks, maps of votes.

No Qt here, so that all of it can be tested without a window; the maps run in a worker.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..agreement import Agreement, AnnotatorProfile, PairAgreement, Place, Triage
from ..agreement.consensus_mask import consensus_of_masks
from ..agreement.observation import annotators_of
from ..dataset import Dataset
from ..dataset.model import Role
from ..errors import AuditError, DatasetError, MaskError
from ..masks import Mask
from .items import Pair
from .sample_view import overlay_codes

ClassName = Callable[[int], str]
MISSING_TEXT = "–"


@dataclass(frozen=True)
class Metric:
    """One way to fill the matrix.

    Attributes
    ----------
    key : str
        Attribute of :class:`PairAgreement`.
    words : str
        As the user chooses it.
    hint : str
        What it says.
    is_signed : bool
        Has a direction, and no better end.
    """

    key: str
    words: str
    hint: str
    is_signed: bool = False


METRICS = (
    Metric("iou", "IoU", "Intersection over union: mean over samples, 0 (worst) to 1"),
    Metric("dice", "Dice", "Dice coefficient: mean over samples, 0 (worst) to 1"),
    Metric("nsd", "NSD", "Share of the two outlines within the tolerance, 0 (worst) to 1"),
    Metric("boundary_iou", "Boundary IoU", "IoU of the bands along the outlines, 0 to 1"),
    Metric(
        "near_boundary_offset",
        "offset",
        "How far the source of the column draws outside (+) or inside (−) the source of the row, "
        "where they outline the same thing",
        is_signed=True,
    ),
    Metric(
        "kappa",
        "kappa",
        "Cohen's kappa over pixels. Last, because it depends on how much background surrounds the "
        "objects: a wider frame changes it while not one outline has moved",
    ),
)
_INSTANCE_F1 = Metric(
    "instance_f1", "F1 of objects", "Matched objects over all samples, 0 (worst) to 1"
)


@dataclass(frozen=True)
class Cell:
    """One cell of the matrix.

    Attributes
    ----------
    first, second : str
        Sources of the row and of the column.
    value : float
        NaN where undefined, and on the diagonal.
    hint : str
        The numbers behind it, or why there is none; empty on the diagonal.
    """

    first: str
    second: str
    value: float
    hint: str

    @property
    def is_diagonal(self) -> bool:
        """Whether it compares a source with itself: nothing to show."""
        return self.first == self.second


@dataclass(frozen=True)
class Matrix:
    """Every source against every other, in one metric and class.

    Attributes
    ----------
    names : tuple of str
        The sources.
    metric : Metric
        What the numbers are.
    cells : tuple of tuple of Cell
        By row and column.
    low, high : float
        Ends of the shades.
    """

    names: tuple[str, ...]
    metric: Metric
    cells: tuple[tuple[Cell, ...], ...]
    low: float
    high: float

    @property
    def ramp(self) -> Ramp:
        """The colours, from low to high."""
        return _DIVERGING if self.metric.is_signed else _SEQUENTIAL

    def text(self, row: int, column: int) -> str:
        """The number in a cell, short: ``.77``, ``1``, ``+0.4``, or a dash."""
        cell = self.cells[row][column]
        if cell.is_diagonal:
            return ""
        return short_number(cell.value, is_signed=self.metric.is_signed)

    def shades(self, row: int, column: int) -> tuple[str, str] | None:
        """Background and text colour of a cell; None where there is no number."""
        value = self.cells[row][column].value
        if not math.isfinite(value):
            return None
        background = shade(value, self.low, self.high, self.ramp)
        return background, text_color(background)


def short_number(value: float, *, is_signed: bool = False) -> str:
    """A number for a narrow cell.

    Examples
    --------
    >>> short_number(0.773), short_number(1.0), short_number(-0.004, is_signed=True)
    ('.77', '1', '0.0')
    >>> short_number(float("nan")), short_number(-0.25), short_number(1.84, is_signed=True)
    ('–', '−.25', '+1.8')
    >>> short_number(-0.52, is_signed=True), short_number(20.04, is_signed=True)
    ('−.5', '+20.0')
    """
    if not math.isfinite(value):
        return MISSING_TEXT
    text = f"{value:+.1f}" if is_signed else f"{value:.2f}"
    if float(text) == 0:
        return "0.0" if is_signed else ".00"
    text = text.replace("-", "−")
    if abs(value) < 1:
        text = text.replace("0.", ".", 1)
    return "1" if text == "1.00" and not is_signed else text


def metrics_of(agreement: Agreement) -> tuple[Metric, ...]:
    """The metrics on offer; kappa is never the first."""
    if any(math.isfinite(row.instance_f1) for row in agreement.pairs):
        return (*METRICS[:1], _INSTANCE_F1, *METRICS[1:])
    return METRICS


def classes_in(agreement: Agreement) -> tuple[int, ...]:
    """The class ids that have a matrix of their own."""
    return tuple(sorted({row.class_id for row in agreement.pairs if row.class_id is not None}))


def matrix_of(agreement: Agreement, metric: Metric, class_id: int | None = None) -> Matrix:
    """The matrix in one metric, of one class or (None) of the mean over classes."""
    names = tuple(source["name"] for source in agreement.dataset["sources"])
    unit = str(agreement.dataset["unit"])
    known = {frozenset((r.first, r.second)): r for r in agreement.pairs if r.class_id == class_id}
    cells = tuple(
        tuple(_cell(a, b, known.get(frozenset((a, b))), metric, unit) for b in names) for a in names
    )
    values = [c.value for line in cells for c in line if math.isfinite(c.value)]
    low, high = _ends(values, is_signed=metric.is_signed)
    return Matrix(names, metric, cells, low, high)


def _ends(values: list[float], *, is_signed: bool) -> tuple[float, float]:
    """Where the shades begin and end: a tenth around the values; around 0 for a direction."""
    if is_signed:
        reach = max(1.0, *(abs(v) for v in values), 0.0)
        return -reach, reach
    low = math.floor(min(values, default=0.0) * 10) / 10
    high = math.ceil(max(values, default=1.0) * 10) / 10
    return (low, high) if low < high else (low - 0.1, high)


def _cell(row: str, column: str, pair: PairAgreement | None, metric: Metric, unit: str) -> Cell:
    if row == column:
        return Cell(row, column, math.nan, "")
    if pair is None:
        return Cell(
            row, column, math.nan, f"{row} and {column} share no sample: nothing to compare"
        )
    value = float(getattr(pair, metric.key))
    if metric.is_signed and pair.first != row:
        value = -value
    why = "" if math.isfinite(value) else f"{metric.words} is undefined: {_why(pair, metric)}"
    return Cell(row, column, value, "\n".join(_hint(row, column, pair, metric, value, why, unit)))


def _hint(
    row: str,
    column: str,
    pair: PairAgreement,
    metric: Metric,
    value: float,
    why: str,
    unit: str,
) -> list[str]:
    lines = [f"{row} and {column}"]
    if why:
        return [*lines, why]
    if metric.is_signed:
        side = "outside" if value > 0 else "inside"
        lines.append(f"{column} draws {abs(value):.2f} {unit} {side} {row}")
    else:
        at = f" at {pair.tolerance:g} {unit}" if metric.key == "nsd" else ""
        lines.append(f"{metric.words} {value:.3f}{at}")
    if metric.key == "iou" and pair.iou_interval.method in ("bca", "percentile"):
        interval = pair.iou_interval
        lines.append(f"{interval.level:.0%} interval {interval.low:.3f} to {interval.high:.3f}")
    lines.append(f"over {pair.defined_samples} of the {pair.samples} samples both have")
    if pair.worst_sample:
        lines.append(f"lowest IoU: {pair.worst_sample}")
    lines.append("Click: queue by this pair, and outline both")
    return lines


def _why(pair: PairAgreement, metric: Metric) -> str:
    if pair.defined_samples == 0:
        return f"neither has the class in any of the {pair.samples} samples both have"
    if metric.is_signed:
        return "there is no sample in which both have the class"
    if metric.key == "kappa":
        return "one of the two gives the same label everywhere"
    return "it does not apply here"


# -- shades ----------------------------------------------------------------------------------------

Ramp = tuple[str, ...]
# Blue to yellow, even in lightness and the same to colour-blind eyes: made like cividis
# (Nuñez, Anderton & Renslow 2018, doi:10.1371/journal.pone.0199239), which these steps follow.
_SEQUENTIAL: Ramp = ("#00224E", "#35456C", "#666970", "#948E77", "#C8B866", "#FEE838")
# Blue is inside, orange outside (Okabe & Ito), white is neither.
_DIVERGING: Ramp = ("#0072B2", "#F5F5F5", "#D55E00")


def shade(value: float, low: float, high: float, ramp: Ramp = _SEQUENTIAL) -> str:
    """Colour of a value, ``#RRGGBB``; beyond the ends it is that of the end.

    Examples
    --------
    >>> shade(0.0, 0.0, 1.0), shade(7.0, 0.0, 1.0)
    ('#00224E', '#FEE838')
    """
    place = min(max((value - low) / (high - low), 0.0), 1.0) * (len(ramp) - 1)
    step = min(int(place), len(ramp) - 2)
    ends = (np.array(list(bytes.fromhex(color[1:]))) for color in ramp[step : step + 2])
    first, second = ends
    mixed = np.rint(first + (second - first) * (place - step)).astype(int)
    return "#" + "".join(f"{channel:02X}" for channel in mixed)


def text_color(background: str) -> str:
    """Black or white, whichever reads better on a colour.

    Examples
    --------
    >>> text_color("#00224E"), text_color("#FEE838")
    ('#FFFFFF', '#000000')
    """
    return (
        "#000000"
        if contrast(background, "#000000") >= contrast(background, "#FFFFFF")
        else ("#FFFFFF")
    )


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    channels = [value / 255 for value in bytes.fromhex(color[1:])]
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# -- orders of the queue ---------------------------------------------------------------------------


def pair_words(first: str, second: str, class_name: str | None) -> str:
    """Name of a pair's order of the queue.

    Examples
    --------
    >>> pair_words("alice", "bob", "pole"), pair_words("alice", "bob", None)
    ('alice ↔ bob on pole', 'alice ↔ bob')
    """
    return f"{first} ↔ {second}" + (f" on {class_name}" if class_name else "")


def pair_scores(agreement: Agreement, pair: Pair, class_id: int | None) -> dict[str, float]:
    """IoU of the pair by sample, where it is defined; empty when they share no sample."""
    try:
        return dict(agreement.pair(*pair, class_id).sample_ious)
    except KeyError:
        return {}


def triage_ranks(triage: Triage, first: str) -> dict[str, float]:
    """Place of every sample in the order of its foremost region; lower is sooner.

    Parameters
    ----------
    triage : Triage
        Model and reference.
    first : {"labels", "model"}
        What is to be fixed first.
    """
    ranks: dict[str, float] = {}
    for region in triage.queue(first):
        ranks.setdefault(region.place.sample, float(len(ranks)))
    return ranks


# -- texts -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Card:
    """What is known of one annotator.

    Attributes
    ----------
    name : str
        The source.
    lines : tuple of (str, str)
        A habit, and the numbers behind it, by class.
    has_alarm : bool
        The outline moved in the course of the work.
    """

    name: str
    lines: tuple[tuple[str, str], ...]
    has_alarm: bool


def cards_of(agreement: Agreement, class_id: int | None = None) -> tuple[Card, ...]:
    """A card per annotator, on one class or (None) on all."""
    found: dict[str, list[AnnotatorProfile]] = {}
    for profile in agreement.annotators:
        if class_id is None or profile.class_id == class_id:
            found.setdefault(profile.name, []).append(profile)
    return tuple(
        Card(name, tuple((_habit(p), _numbers(p)) for p in rows), any(p.drift.alarm for p in rows))
        for name, rows in found.items()
    )


def _habit(profile: AnnotatorProfile) -> str:
    """The sentence without the name, which is the card's title."""
    return profile.sentence.removeprefix(profile.name).lstrip(": ")


def _numbers(profile: AnnotatorProfile) -> str:
    said = [f"{profile.class_name}, against {profile.against}:"]
    if math.isfinite(profile.sensitivity):
        said.append(f"finds {profile.sensitivity:.0%} of their pixels")
    if math.isfinite(profile.precision):
        said.append(f"{profile.precision:.0%} of the own pixels are theirs too")
    if math.isfinite(profile.boundary_offset):
        said.append(f"outline {profile.boundary_offset:+.1f} px (positive: outside)")
    if math.isfinite(profile.boundary_offset_sd):
        said.append(f"wavers by {profile.boundary_offset_sd:.1f} px")
    said.append(f"covers {profile.found_objects} of {profile.consensus_objects} objects")
    said.append(f"{profile.specks} specks, {profile.holes} holes, {profile.samples} samples")
    return "\n".join(said)


@dataclass(frozen=True)
class Stop:
    """A place to walk to.

    Attributes
    ----------
    place : Place
        Where.
    pair : (str, str)
        Whose masks to show there.
    words : str
        What is there.
    """

    place: Place
    pair: Pair
    words: str


_BLAME_WORDS = {
    "model_error": "model",
    "label_unstable": "annotators disagree",
    "suspect_reference": "reference alone",
    "unjudged": "nobody else",
}


def triage_stops(triage: Triage, first: str, name: ClassName, limit: int = 100) -> list[Stop]:
    """The foremost regions where model and reference differ."""
    return [
        Stop(
            region.place,
            (triage.reference, triage.model),
            f"{_BLAME_WORDS[region.blame.value]}: {name(region.reference_id)} → "
            f"{name(region.model_id)}, {region.place.pixels:,} px, {region.place.sample}",
        )
        for region in triage.queue(first)[:limit]
    ]


def conflict_stops(agreement: Agreement, name: ClassName) -> list[Stop]:
    """The exemplar places of every guideline conflict."""
    return [
        Stop(
            place,
            (conflict.first, conflict.second),
            f"{conflict.first}: {name(conflict.first_id)}, {conflict.second}: "
            f"{name(conflict.second_id)}, {place.pixels:,} px, {place.sample}",
        )
        for conflict in agreement.conflicts
        for place in conflict.exemplars
    ]


# -- maps of one sample, for a worker --------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class SampleMap:
    """Something to lay over one sample.

    Attributes
    ----------
    sample : str
        Its name.
    pixels : ndarray
        As many axes as the masks.
    spacing : tuple of float
        Pixel size along each axis.
    words : str
        What it is.
    high : float
        Value of the strongest colour.
    ends : (str, str)
        What no colour and the strongest colour mean.
    """

    sample: str
    pixels: NDArray[Any]
    spacing: tuple[float, ...]
    words: str
    high: float = 1.0
    ends: tuple[str, str] = ("", "")


def pair_map(dataset: Dataset, sample: str, pair: Pair) -> SampleMap:
    """The outlines of both masks of a pair and where they differ: codes of the legend.

    Raises
    ------
    MaskError
        ``shape-mismatch``; or what reading a mask raises.
    """
    found = dataset.sample(sample)
    missing = [name for name in pair if name not in found.masks]
    if missing:
        raise MaskError("no-votes", f"no mask from {' and '.join(missing)}.", sample=sample)
    masks = [dataset.read_mask(found, name) for name in pair]
    _same_shape(masks, sample)
    codes = overlay_codes(masks[0].labels, masks[1].labels, dataset.ignore_ids)
    return SampleMap(sample, codes, masks[0].spacing, f"{pair[0]} ↔ {pair[1]}")


def voters(dataset: Dataset) -> tuple[str, ...]:
    """Whose votes the map counts: annotators, or everybody but models, or everybody."""
    people = tuple(s.name for s in dataset.sources if s.role is not Role.PREDICTION)
    everybody = tuple(source.name for source in dataset.sources)
    choices = (annotators_of(dataset), people, everybody)
    return next((names for names in choices if len(names) > 1), ())


def vote_map(dataset: Dataset, sample: str, kind: str = "entropy") -> SampleMap:
    """How far the votes on every pixel of a sample are apart.

    Parameters
    ----------
    dataset : Dataset
        Semantic: ids of objects are no votes.
    sample : str
        Its name.
    kind : {"entropy", "against"}
        Bits of the votes' entropy, or how many are against the most common label.

    Raises
    ------
    DatasetError
        ``no-consensus`` where ids are objects.
    MaskError
        ``no-votes`` where fewer than two masks can be read, ``shape-mismatch``.
    """
    if dataset.task == "instance":
        raise DatasetError(
            "no-consensus",
            "the masks number objects, and object 3 of one annotator is not object 3 of another: "
            "there are no votes to count.",
        )
    found = dataset.sample(sample)
    masks: dict[str, Mask] = {}
    for name in voters(dataset):
        try:
            if name in found.masks:
                masks[name] = dataset.read_mask(found, name)
        except AuditError:
            continue  # the matrix names files that cannot be read; the others still vote
    if len(masks) < 2:
        raise MaskError("no-votes", "fewer than two masks to vote on this sample.", sample=sample)
    _same_shape(list(masks.values()), sample)
    made = consensus_of_masks(
        [mask.labels for mask in masks.values()],
        tuple(masks),
        ignore_ids=dataset.ignore_ids,
        background=dataset.background_id,
    )
    spacing = next(iter(masks.values())).spacing
    n = len(masks)
    if kind == "entropy":
        pixels: NDArray[Any] = made.entropy_map()
        high = max(1.0, float(pixels.max(initial=0)))
        ends = ("all agree", f"{n} votes split, {high:.1f} bits")
        return SampleMap(sample, pixels, spacing, "votes: entropy in bits", high, ends)
    present = made.rows.expand(made.consensus.votes.present.astype(np.uint8))
    pixels = present - np.minimum(made.supporters_map(), present)
    high = float(max(1, n - math.ceil(n / 2)))
    ends = ("none against", f"{high:.0f} of {n} against")
    return SampleMap(sample, pixels, spacing, "votes against the most common label", high, ends)


def _same_shape(masks: list[Mask], sample: str) -> None:
    shapes = sorted({mask.shape for mask in masks})
    if len(shapes) > 1:
        raise MaskError(
            "shape-mismatch",
            f"the masks of this sample differ in shape ({shapes}); masks are never resized. "
            "Export them at the size of the image.",
            sample=sample,
        )


def summary_text(agreement: Agreement) -> str:
    """The matrix in a line: mean, and the worst pair."""
    overall = next((row for row in agreement.matrix if row.class_id is None), None)
    if overall is None or overall.worst_pair is None:
        return f"{agreement.samples} samples compared; no pair has a defined IoU"
    a, b = overall.worst_pair
    pairs = "1 pair" if overall.pairs == 1 else f"{overall.pairs} pairs"
    return (
        f"{agreement.samples} samples, {pairs} of {overall.sources}: mean IoU "
        f"{overall.mean_iou:.2f}, lowest {overall.lowest_iou:.2f} ({a} and {b})"
    )


def ceiling_text(agreement: Agreement, class_id: int | None = None) -> str:
    """The human ceiling of one class or (None) of all, a paragraph each."""
    if agreement.no_ceiling:
        return f"There is none: {agreement.no_ceiling}."
    chosen = [c for c in agreement.ceiling if class_id in (None, c.class_id)]
    paragraphs, said = [], set[str]()
    for ceiling in chosen:
        fresh = [line for line in ceiling.sentences if line not in said]
        said.update(fresh)
        lines = [f"• {line}" for line in fresh]
        paragraphs.append("\n".join([ceiling.class_name, *lines] if len(chosen) > 1 else lines))
    return "\n\n".join(paragraphs) or "The annotators have not drawn this class."
