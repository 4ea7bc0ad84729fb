"""Threads for batches: decoding and counting release the GIL, so threads beat processes here."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def share(workers: int | None, pieces: int) -> int:
    """Threads that each of some pieces of work may start, when :func:`run` works on all of them.

    Examples
    --------
    >>> share(4, 1), share(4, 2), share(4, 500)
    (4, 2, 1)
    """
    return max(1, _threads(workers) // max(1, pieces))


def _threads(workers: int | None) -> int:
    return workers or min(8, os.cpu_count() or 1)


def run(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    *,
    workers: int | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Iterator[Result]:
    """Results of ``function`` over ``items``, as they are ready.

    Parameters
    ----------
    function : callable
        Called in worker threads; an exception it raises is raised here.
    items : iterable
        Taken lazily: never more than a few are in flight, so memory stays flat.
    workers : int, optional
        Threads; the number of processors (at most 8) when not given.
    should_stop : callable, optional
        Asked between results; when true, nothing new is started and the generator ends.
    """
    count = _threads(workers)
    queue = iter(items)
    with ThreadPoolExecutor(max_workers=count) as pool:
        pending: set[Future[Result]] = {
            pool.submit(function, item) for item in islice(queue, 2 * count)
        }
        try:
            while pending:
                done, pending = wait(pending, return_when=FIRST_COMPLETED)
                for future in done:
                    yield future.result()
                if should_stop is not None and should_stop():
                    return
                pending |= {pool.submit(function, item) for item in islice(queue, len(done))}
        finally:
            for future in pending:
                future.cancel()
