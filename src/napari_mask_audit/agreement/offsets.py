"""Who draws outside, who inside: one bias per annotator from the offsets of all pairs.

A pair only says that B draws 2 px outside A, not who of them is off. With three annotators or more
the offsets of all pairs are explained by one bias each (a linear model on signed distances, after
Warfield, Zou & Wells 2008, doi:10.1098/rsta.2008.0040); the median annotator is set to zero, since
outlines alone cannot say where the truth lies. With two annotators and a reference, the reference
is zero. IoU cannot make this distinction: too large and too small cost the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ..metrics.intervals import Interval, Resampling, bootstrap_interval
from .edges import EdgeSums
from .observed import Observation
from .pairwise import resampling_groups

FloatArray = NDArray[np.float64]
#: Key of the sums of a pair.
Sums = Mapping[tuple[str, str], FloatArray]


def pair_sums(
    observations: Sequence[Observation], raters: Sequence[str], class_id: int
) -> dict[tuple[str, str], FloatArray]:
    """Near sums of every pair of raters, one row per sample.

    Returns
    -------
    dict of (str, str) to ndarray, shape (n, 4)
        Signed sum and length of the first outline, then of the second, per sample in the unit of
        pixels (the smallest spacing); zeros where the pair does not share the class.
    """
    found = {}
    for pair in combinations(raters, 2):
        rows = np.zeros((len(observations), 4))
        for number, observation in enumerate(observations):
            edges = _between(observation, pair, class_id)
            if edges is not None and (edges.near > 0).all():
                pixel = min(observation.spacing)
                signed, near = edges.signed / pixel, edges.near
                rows[number] = signed[0], near[0], signed[1], near[1]
        if rows.any():
            found[pair] = rows
    return found


def _between(observation: Observation, pair: tuple[str, str], class_id: int) -> EdgeSums | None:
    """Sums of a pair in this order, whichever order they were measured in."""
    if pair in observation.edges:
        return observation.edges[pair].get(class_id)
    turned = observation.edges.get((pair[1], pair[0]), {}).get(class_id)
    return None if turned is None else turned.flipped()


def biases(
    sums: Sums, raters: Sequence[str], weights: FloatArray, zero: str | None = None
) -> FloatArray:
    """The bias of every rater, for many weightings of the samples at once.

    Parameters
    ----------
    sums : mapping
        From :func:`pair_sums`.
    raters : sequence of str
        K names.
    weights : ndarray of float64, shape (b, n)
        How often each sample counts.
    zero : str, optional
        The rater that is right by definition; the median rater when not given.

    Returns
    -------
    ndarray of float64, shape (b, K)
        In pixels, positive outside; NaN where a rater is not tied to the others.
    """
    pairs = list(sums)
    design = np.zeros((len(pairs), len(raters)))
    offsets = np.full((len(weights), len(pairs)), np.nan)
    for row, (first, second) in enumerate(pairs):
        design[row, raters.index(first)], design[row, raters.index(second)] = -1.0, 1.0
        totals = weights @ sums[first, second]
        with np.errstate(divide="ignore", invalid="ignore"):
            offsets[:, row] = (totals[:, 0] / totals[:, 1] + totals[:, 2] / totals[:, 3]) / 2
    tied = _tied(pairs, raters, zero)
    found = np.full((len(weights), len(raters)), np.nan)
    if tied.sum() < 2:
        return found
    solved = offsets @ np.linalg.pinv(design).T
    if zero is None:
        solved -= np.median(solved[:, tied], axis=1, keepdims=True)
    else:
        solved -= solved[:, [list(raters).index(zero)]]
    found[:, tied] = solved[:, tied]
    return found


def _tied(
    pairs: Sequence[tuple[str, str]], raters: Sequence[str], zero: str | None
) -> NDArray[np.bool_]:
    """Raters connected to each other by pairs: the group of ``zero``, or the largest."""
    group = {rater: {rater} for rater in raters}
    for first, second in pairs:
        joined = group[first] | group[second]
        for rater in joined:
            group[rater] = joined
    chosen = group[zero] if zero is not None else max(group.values(), key=len)
    return np.array([rater in chosen for rater in raters])


def sample_biases(
    sums: Sums, raters: Sequence[str], samples: int, zero: str | None = None
) -> FloatArray:
    """The bias of every rater in every sample.

    Without a ``zero``, outlines of one sample only give differences. Their zero is the one at
    which the median rater of the sample has the bias of all samples together, so that nobody
    seems to change because others took part, or because one of the others changed.

    Returns
    -------
    ndarray of float64, shape (samples, K)
        In pixels, positive outside; NaN where a rater shares the class with nobody.
    """
    usual = biases(sums, raters, np.ones((1, samples)), zero)[0]
    found = np.full((samples, len(raters)), np.nan)
    for row in range(samples):
        here = {pair: rows[[row]] for pair, rows in sums.items() if rows[row].any()}
        if not here:
            continue
        found[row] = biases(here, raters, np.ones((1, 1)), zero)[0]
        moved = usual - found[row]
        if zero is None and np.isfinite(moved).any():
            found[row] += np.median(moved[np.isfinite(moved)])
    return found


def bias_interval(
    sums: Sums,
    raters: Sequence[str],
    rater: str,
    observations: Sequence[Observation],
    resampling: Resampling,
    zero: str | None = None,
) -> Interval:
    """The bias of one rater with its interval from resampling samples; in pixels."""
    column = list(raters).index(rater)
    # every sample in which any two share the class: they tie the raters to each other
    used = np.flatnonzero(np.any([rows.any(axis=1) for rows in sums.values()], axis=0))
    kept = {pair: rows[used] for pair, rows in sums.items() if rows[used].any()}
    groups = resampling_groups([observations[i].group for i in used.tolist()])
    return bootstrap_interval(
        lambda weights: biases(kept, raters, weights, zero)[:, column],
        len(used),
        groups=groups,
        resampling=resampling,
    )
