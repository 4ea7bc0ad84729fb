"""What the agreement dock says and queues by: cards, places to walk, ranks, sentences."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from ..agreement import Agreement, AnnotatorProfile, Place, Triage
from .items import Pair

ClassName = Callable[[int], str]


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
