"""Groups of linked things are the connected components that scipy finds."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from napari_mask_audit.kernels.links import join_linked

LINKS = st.integers(1, 30).flatmap(
    lambda count: st.tuples(
        st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=40),
        st.just(count),
    )
)


@given(LINKS)
def test_groups_equal_scipys_and_come_in_the_order_of_their_smallest_members(case):
    links, count = case
    first, second = np.array(links, np.int64).reshape(-1, 2).T
    group, earliest = join_linked(first, second, count)
    graph = coo_array((np.ones(len(links)), (first, second)), shape=(count, count))
    _, expected = connected_components(graph, directed=False)
    pairs = set(zip(group.tolist(), expected.tolist(), strict=True))
    assert len(pairs) == len(earliest) == len(set(expected.tolist()))  # the same but for numbers
    assert earliest.tolist() == [group.tolist().index(number) for number in range(len(earliest))]
    assert earliest.tolist() == sorted(earliest.tolist())


def test_a_long_chain_in_the_worst_order_is_one_group():
    nodes = np.arange(10_000)
    shuffled = np.random.default_rng(0).permutation(nodes)
    group, earliest = join_linked(shuffled[1:], shuffled[:-1], len(nodes))
    assert not group.any()
    assert earliest.tolist() == [0]


def test_nothing_is_linked_to_nothing():
    nothing = np.zeros(0, np.int64)
    group, earliest = join_linked(nothing, nothing, 0)
    assert group.size == earliest.size == 0
