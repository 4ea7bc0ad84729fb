"""Which things hang together, from the pairs of them that do.

SciPy has the same in ``scipy.sparse.csgraph``, and takes as long, but importing that takes longer
than auditing a small dataset.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def join_linked(
    first: NDArray[np.integer[Any]], second: NDArray[np.integer[Any]], count: int
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Connected components of a graph.

    Every node hangs on a smaller one of its group, at last all on the smallest. In each round the
    groups that are still linked hang the later on the earlier; there are few rounds, because then
    all nodes are taken to the end of their chain at once.

    Parameters
    ----------
    first, second : ndarray of int, shape (L,)
        The nodes of each link.
    count : int
        Nodes are numbered from 0 to before this.

    Returns
    -------
    group : ndarray of int32, shape (count,)
        Group of each node, numbered in the order of their smallest nodes.
    earliest : ndarray of int64
        The smallest node of each group; ascending.

    Examples
    --------
    >>> group, earliest = join_linked(np.array([4, 1]), np.array([1, 2]), 5)
    >>> group.tolist(), earliest.tolist()
    ([0, 1, 1, 2, 1], [0, 1, 3])
    """
    root = np.arange(count)
    while first.size:
        np.minimum.at(root, np.maximum(first, second), np.minimum(first, second))
        above = root[root]
        while not np.array_equal(above, root):
            root, above = above, above[above]
        first, second = root[first], root[second]
        apart = first != second
        first, second = first[apart], second[apart]
    smallest = root == np.arange(count)
    number = np.cumsum(smallest, dtype=np.int32) - np.int32(1)
    return number[root], np.flatnonzero(smallest)
