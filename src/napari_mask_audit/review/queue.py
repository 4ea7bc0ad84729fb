"""The samples to review and the orders they can be walked in; sorted in ``queue_table.py``.

Orders
------
``worst_first``
    Samples with a problem first: a file that could not be measured needs a person before any
    number about it means anything. Then by score, lowest first. Samples whose score is undefined
    come last: undefined is not zero, and where both masks are empty there is nothing to see.
``best_first``
    Highest score first; undefined scores and problems last.
``name``
    By name, numbers in it by value (``s2`` before ``s10``).
``unreviewed_first``
    Samples without a status first, each part as ``worst_first``.
``random``
    A fixed shuffle by seed. A sample's place depends only on the seed and its name, so that
    samples which arrive later do not reshuffle the others, and the first n are a fair draw.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from napari_mask_audit.errors import SettingsError


class OrderKind(StrEnum):
    """The ways a queue can be sorted."""

    WORST_FIRST = "worst_first"
    BEST_FIRST = "best_first"
    NAME = "name"
    UNREVIEWED_FIRST = "unreviewed_first"
    RANDOM = "random"


@dataclass(frozen=True, slots=True)
class Order:
    """A way to sort the queue.

    Parameters
    ----------
    kind : OrderKind
        How to sort.
    by : str, optional
        Name of the score to sort by, one of :attr:`QueueItem.scores`; the sample's own otherwise.
    seed : int
        Which shuffle, for ``random``.

    Examples
    --------
    >>> str(Order(OrderKind.RANDOM, seed=8)), str(Order(OrderKind.WORST_FIRST, by="class:pole"))
    ('random:8', 'worst_first:class:pole')
    >>> Order.parse("worst_first:class:pole").by
    'class:pole'
    """

    kind: OrderKind = OrderKind.WORST_FIRST
    by: str | None = None
    seed: int = 0

    @classmethod
    def parse(cls, text: str) -> Order:
        """An order from its text form, ``KIND``, ``KIND:SCORE`` or ``random:SEED``.

        Raises
        ------
        SettingsError
            ``queue-order`` if there is no such order.
        """
        name, _, detail = text.partition(":")
        try:
            kind = OrderKind(name)
            if kind is OrderKind.RANDOM:
                return cls(kind, seed=int(detail or 0))
        except ValueError as error:
            raise SettingsError(
                "queue-order",
                f"expected one of {', '.join(OrderKind)} or random:SEED, got {text!r}",
            ) from error
        return cls(kind, by=detail or None)

    def __str__(self) -> str:
        if self.kind is OrderKind.RANDOM:
            return f"{self.kind.value}:{self.seed}"
        return f"{self.kind.value}:{self.by}" if self.by else self.kind.value


@dataclass(frozen=True, slots=True)
class QueueItem:
    """What the queue shows and sorts about one sample.

    Parameters
    ----------
    sample : str
        Its name, unique in the queue.
    score : float
        Usually the mean IoU, 0 (worst) to 1; NaN where it is undefined.
    worst_class : str, optional
        Name of the class with the lowest score.
    worst_class_score : float
        That score; NaN where it is undefined.
    note : str
        A few words for the reviewer.
    problem : str, optional
        Why the sample could not be measured; None if it could.
    suggested_tag : str, optional
        The failure tag that the audit suggests.
    scores : mapping of str to float
        Further scores to sort by, such as ``{"class:pole": 0.31}``.
    """

    sample: str
    score: float = math.nan
    worst_class: str | None = None
    worst_class_score: float = math.nan
    note: str = ""
    problem: str | None = None
    suggested_tag: str | None = None
    scores: Mapping[str, float] = field(default_factory=dict)


def natural_key(name: str) -> str:
    """A key that sorts the numbers in names by value, and letters without regard to case.

    Examples
    --------
    >>> sorted(["s10", "S2", "s1"], key=natural_key)
    ['s1', 'S2', 's10']
    """
    return re.sub(r"\d+", lambda digits: digits[0].zfill(20), name.casefold())


def shuffle_key(sample: str, seed: int) -> int:
    """A uniform 64-bit number that depends on nothing but the name and the seed."""
    text = f"{seed}\0{sample}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")


def shuffle_keys(samples: Iterable[str], seed: int) -> Iterator[int]:
    """The numbers of many samples, in half the time."""
    begun = hashlib.blake2b(f"{seed}\0".encode(), digest_size=8)
    for sample in samples:
        one = begun.copy()
        one.update(sample.encode("utf-8", "surrogatepass"))
        yield int.from_bytes(one.digest(), "big")
