"""Two pieces of work at the same time, for whoever has a processor to spare.

A batch runs its samples in threads already (:mod:`napari_mask_audit.engine`), and a window needs a
processor of its own: so nothing here starts a thread unless the caller says that it may.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

First = TypeVar("First")
Second = TypeVar("Second")


def both(
    first: Callable[[], First], second: Callable[[], Second], *, workers: int
) -> tuple[First, Second]:
    """Results of two functions that do not depend on each other.

    Parameters
    ----------
    first, second : callable
        An exception that one of them raises is raised here, once both have ended.
    workers : int
        Threads that may work. With 1, the functions run one after the other, without any thread
        being started; with more, the second one runs in a thread of its own.

    Examples
    --------
    >>> both(lambda: 1 + 1, lambda: "two", workers=2)
    (2, 'two')
    """
    if workers < 2:
        return first(), second()
    with ThreadPoolExecutor(1, thread_name_prefix="mask-audit") as pool:
        later = pool.submit(second)
        now = first()
        return now, later.result()
