"""What a random check proves: the largest defect rate that it cannot rule out.

"58 of 2,000 checked, none bad: below 5% with 95% confidence." The bound is exact for a finite
dataset drawn without replacement (hypergeometric) and one-sided.

Only a fair draw proves anything about the rest. Samples that were brought up because they looked
worst, or that were picked by hand, are therefore not counted. The review queue's order
``random:SEED`` is a fixed shuffle, so the first n samples of it are a fair draw of size n, and
whoever has the names and the seed can check that: a certificate counts the unbroken run of
reviewed samples at the head of such an order. Where the reviewer skipped a sample the run ends,
because people skip the difficult ones.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .errors import SettingsError
from .review.queue import shuffle_key
from .review.verdicts import EventKind, ReviewStatus, StoredVerdict

_RANDOM = "random"
# Of fewer samples than this, one is more than a percent: they are counted, not rated.
_IN_PERCENT_FROM = 100
_BAD = frozenset({ReviewStatus.NEEDS_FIX, ReviewStatus.UNSURE})


@dataclass(frozen=True)
class Certificate:
    """What a random check of some samples says about all of them.

    Attributes
    ----------
    population : int
        Samples in the dataset.
    checked : int
        Samples drawn at random and checked.
    bad : int
        How many of those were bad when they were checked.
    confidence : float
        Chance, over repeated draws, that the bound holds; 0.95 is customary.
    max_bad : int
        The largest number of bad samples in the dataset that the check cannot rule out.
    not_counted : int
        Reviewed samples that were no part of the fair draw.
    skipped : str or None
        The sample at which the run of the random order is broken, when that cost some checks.
    seed : int or None
        Which shuffle of the queue it was.

    Examples
    --------
    >>> certify(2000, 58, 0).sentence
    '58 of 2,000 checked, none bad: below 5% with 95% confidence'
    """

    population: int
    checked: int
    bad: int
    confidence: float
    max_bad: int
    not_counted: int = 0
    skipped: str | None = None
    seed: int | None = None

    @property
    def max_rate(self) -> float:
        """The largest defect rate that the check cannot rule out, 0 to 1; NaN without samples."""
        return self.max_bad / self.population if self.population else math.nan

    @property
    def below(self) -> float:
        """The smallest defect rate that the check rules out; 1 or more when it rules out none."""
        return (self.max_bad + 1) / self.population if self.population else math.nan

    @property
    def complete(self) -> bool:
        """Whether every sample was checked, so that nothing is estimated."""
        return 0 < self.population == self.checked

    @property
    def sentence(self) -> str:
        """The certificate in one sentence, without a full stop."""
        if self.complete:
            share = 100 * self.bad / self.population
            rate = f"{share:.2g}%" if share < 99 else f"{share:.5g}%"  # 100 is 1e+02 in two digits
            return f"all {self.population:,} checked, {_count(self.bad)} bad: {rate}, for certain"
        if self.checked == 0:
            return f"none of {self.population:,} checked at random: nothing is proven yet"
        start = f"{self.checked:,} of {self.population:,} checked, {_count(self.bad)} bad"
        if self.max_bad >= self.population:
            return f"{start}: too few to rule anything out"
        if self.population < _IN_PERCENT_FROM:
            most = f"at most {self.max_bad} of {self.population} bad"
            return f"{start}: {most} with {100 * self.confidence:.4g}% confidence"
        rate = _percent(Fraction(self.max_bad + 1, self.population))
        return f"{start}: below {rate} with {100 * self.confidence:.4g}% confidence"

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary for JSON."""
        return {
            "population": self.population,
            "checked": self.checked,
            "bad": self.bad,
            "confidence": self.confidence,
            "max_bad": self.max_bad,
            "max_rate": None if math.isnan(self.max_rate) else self.max_rate,
            "not_counted": self.not_counted,
            "skipped": self.skipped,
            "seed": self.seed,
            "sentence": self.sentence,
        }


def certify(population: int, checked: int, bad: int, *, confidence: float = 0.95) -> Certificate:
    """The certificate of a random check.

    Parameters
    ----------
    population : int
        Samples in the dataset, at least 0.
    checked : int
        Samples drawn at random without replacement and checked, 0 to ``population``. The bound
        holds for a number of checks fixed beforehand, not for one that was stopped at a good
        moment.
    bad : int
        Bad ones among them, 0 to ``checked``.
    confidence : float
        In (0, 1).

    Raises
    ------
    SettingsError
        ``bad-certificate`` when the numbers contradict each other.

    Examples
    --------
    One sample of two was checked and fine: the other may still be bad.

    >>> certify(2, 1, 0).max_bad
    1
    """
    _check(population, checked, bad, confidence)
    limit = max_bad(population, checked, bad, confidence=confidence)
    return Certificate(population, checked, bad, confidence, limit)


def max_bad(population: int, checked: int, bad: int, *, confidence: float = 0.95) -> int:
    """The largest number of bad samples that a random check cannot rule out.

    It is the largest D for which ``bad`` or fewer among ``checked`` drawn from ``population`` with
    D bad ones has a probability of at least 1 − ``confidence`` (the one-sided Clopper–Pearson
    construction for the hypergeometric distribution; J. P. Buonaccorsi, The American Statistician
    41(3), 1987).

    Returns
    -------
    int
        At least ``bad``; ``population`` when nothing can be ruled out.

    Examples
    --------
    Of three samples one was checked and fine. If two were bad, that had a probability of 1/3,
    which 95% confidence cannot rule out; three bad ones are impossible.

    >>> max_bad(3, 1, 0)
    2
    """
    _check(population, checked, bad, confidence)
    alpha = 1 - Fraction(str(confidence))
    low, high = bad, population - (checked - bad)
    while low < high:
        middle = (low + high + 1) // 2
        if _is_unlikely(bad, population, middle, checked, alpha):
            high = middle - 1
        else:
            low = middle
    return low


def checks_needed(
    population: int, max_rate: float, *, bad: int = 0, confidence: float = 0.95
) -> int | None:
    """How many samples to check at random to prove a defect rate below ``max_rate``.

    Parameters
    ----------
    population : int
        Samples in the dataset.
    max_rate : float
        The rate to rule out, in (0, 1].
    bad : int
        How many bad ones may turn up among those checked.
    confidence : float
        In (0, 1).

    Returns
    -------
    int or None
        None when that many bad samples are too many for the claim, even if all were checked.

    Examples
    --------
    >>> [checks_needed(2000, rate) for rate in (0.01, 0.02, 0.05, 0.1)]
    [277, 143, 58, 29]
    """
    if not 0 < max_rate <= 1:
        raise SettingsError("bad-certificate", f"a rate lies in (0, 1], but {max_rate} was given.")
    _check(population, min(bad, population), bad, confidence)
    ruled_out = math.ceil(Fraction(str(max_rate)) * population)  # as many bad ones, or more
    if bad >= ruled_out:
        return None
    alpha = 1 - Fraction(str(confidence))
    low, high = bad, population
    while low < high:
        middle = (low + high) // 2
        if _is_unlikely(bad, population, ruled_out, middle, alpha):
            high = middle
        else:
            low = middle + 1
    return low


def certify_reviews(
    samples: Iterable[str], events: Sequence[StoredVerdict], *, confidence: float = 0.95
) -> Certificate:
    """The certificate that the reviews of a dataset support.

    Parameters
    ----------
    samples : iterable of str
        Names of all samples of the dataset.
    events : sequence of StoredVerdict
        Everything the review store holds, oldest first (``store.changes_since(0)``). Verdicts on
        single findings do not count as a check of the sample, nor do repeats and corrections.
    confidence : float
        In (0, 1).

    Returns
    -------
    Certificate
        Of the longest fair draw among the seeds that were walked. A sample is bad if any sitting
        left it at "needs a fix" or "unsure": accepting it later, once it was repaired, says
        nothing about the samples that nobody looked at.

    Notes
    -----
    What counts is ``picked_by == "random:SEED"`` on the verdict: without a filter, because a
    filtered queue is another population.
    """
    names = sorted(set(samples))
    events = [event for event in events if not event.is_beside]
    reviewed = sitting_ends(events)
    known = {name: states for name, states in reviewed.items() if name in set(names)}
    best = Certificate(len(names), 0, 0, confidence, len(names), not_counted=len(known))
    for seed, picked in sorted(_random_picks(events).items()):
        run, skipped = _unbroken_run(names, seed, picked, known)
        if len(run) <= best.checked:
            continue
        bad = sum(bool(known[name] & _BAD) for name in run)
        limit = max_bad(len(names), len(run), bad, confidence=confidence)
        left = len(known) - len(run)
        best = Certificate(len(names), len(run), bad, confidence, limit, left, skipped, seed)
    return best


def sitting_ends(events: Iterable[StoredVerdict]) -> Mapping[str, frozenset[ReviewStatus]]:
    """Every status in which a sitting left a sample; corrections within a sitting do not count."""
    last: dict[tuple[str, str], ReviewStatus | None] = {}
    for event in events:
        if event.finding is None and event.kind is not EventKind.OVERTAKEN:
            last[event.sample, event.session] = event.status
    states: dict[str, set[ReviewStatus]] = defaultdict(set)
    for (sample, _), status in last.items():
        if status is not None:
            states[sample].add(status)
    return {sample: frozenset(found) for sample, found in states.items()}


def _random_picks(events: Iterable[StoredVerdict]) -> dict[int, set[str]]:
    """Samples that a random order brought up, by seed."""
    picks: dict[int, set[str]] = defaultdict(set)
    for event in events:
        kind, _, seed = (event.picked_by or "").partition(":")
        if event.finding is None and kind == _RANDOM and seed.lstrip("-").isdecimal():
            picks[int(seed)].add(event.sample)
    return picks


def _unbroken_run(
    names: Sequence[str], seed: int, picked: set[str], reviewed: Mapping[str, object]
) -> tuple[list[str], str | None]:
    """The head of the shuffle up to the first sample without a status, and that sample.

    The run ends with a sample that the shuffle brought up: one that happens to follow and was
    reviewed for another reason must not decide how long the draw is.
    """
    order = sorted(names, key=lambda name: (shuffle_key(name, seed), name))
    run: list[str] = []
    counted = 0
    for position, name in enumerate(order):
        if name not in reviewed:
            later = any(n in picked and n in reviewed for n in order[position + 1 :])
            return run[:counted], name if later else None
        run.append(name)
        if name in picked:
            counted = len(run)
    return run[:counted], None


def _is_unlikely(bad: int, population: int, bad_in_all: int, checked: int, alpha: Fraction) -> bool:
    """Whether ``bad`` or fewer among ``checked`` would have a probability below ``alpha``.

    Logarithms decide, and where they come too close to tell, whole numbers do: nothing is rounded.
    """
    good = population - bad_in_all
    first = max(0, checked - good)
    last = min(bad, checked, bad_in_all)
    if first > last:
        return True
    logarithms = [
        _log_comb(bad_in_all, n) + _log_comb(good, checked - n) for n in range(first, last + 1)
    ]
    peak = max(logarithms)
    probability = peak + math.log(math.fsum(math.exp(term - peak) for term in logarithms))
    distance = probability - _log_comb(population, checked) - math.log(alpha)
    if abs(distance) > 1e-6:
        return distance < 0
    draws = sum(
        math.comb(bad_in_all, n) * math.comb(good, checked - n) for n in range(first, last + 1)
    )
    return draws * alpha.denominator < alpha.numerator * math.comb(population, checked)


def _log_comb(things: int, chosen: int) -> float:
    return math.lgamma(things + 1) - math.lgamma(chosen + 1) - math.lgamma(things - chosen + 1)


def _check(population: int, checked: int, bad: int, confidence: float) -> None:
    if not 0 <= bad <= checked <= population:
        raise SettingsError(
            "bad-certificate",
            f"expected 0 ≤ bad ≤ checked ≤ samples, but got {bad} bad, {checked} checked and "
            f"{population} samples.",
        )
    if not 0 < confidence < 1:
        raise SettingsError(
            "bad-certificate", f"a confidence lies between 0 and 1, but {confidence} was given."
        )


def _count(number: int) -> str:
    return f"{number:,}" if number else "none"


def _percent(rate: Fraction) -> str:
    """A rate rounded up to two significant digits: a bound must not be rounded down."""
    if rate <= 0:
        return "0%"
    percent = 100 * rate
    digits = 1 - math.floor(math.log10(percent))
    scale = Fraction(10) ** digits
    return f"{float(math.ceil(percent * scale) / scale):.{max(digits, 0)}f}%".replace(".0%", "%")
