"""Many failure tables asked at once answer as each of them does alone."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from napari_mask_audit.failures.table import FailureTable
from napari_mask_audit.failures.table_stack import TableStack

ROWS = st.lists(
    st.tuples(st.integers(-2, 3), st.integers(-2, 3), st.integers(1, 3), st.integers(1, 2**40)),
    max_size=12,
)
TABLES = st.lists(ROWS, min_size=1, max_size=4)


def table(rows):
    keys = [(a, b, 0 if a == b else bucket) for a, b, bucket, _ in rows]
    return FailureTable.of(np.array(keys, np.int64), np.array([n for *_, n in rows], np.int64))


@given(TABLES, st.permutations([-2, 0, 1, 3, 9]), st.integers(0, 5), st.integers(1, 3))
def test_overlaps_and_unions_are_those_of_every_table_repaired(tables, order, count, bucket):
    ids, tables = order[:count], [table(rows) for rows in tables]
    stack = TableStack.of(tables)
    repaired = [t.repaired(t.bucket == bucket) for t in tables]
    for asked, expected in (
        (stack.overlaps_and_unions(ids), tables),
        (stack.overlaps_and_unions(ids, stack.rows.bucket == bucket), repaired),
    ):
        overlaps, unions = zip(*(t.overlaps_and_unions(ids) for t in expected), strict=True)
        assert np.array_equal(asked[0], np.array(overlaps).reshape(len(tables), count))
        assert np.array_equal(asked[1], np.array(unions).reshape(len(tables), count))
