"""Writes the kept store of the present schema version; run once, when the version is raised.

python tests/review/stores/make.py tests/review/stores/v1.db
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from napari_mask_audit.review.store import ReviewStore
from napari_mask_audit.review.verdicts import Verdict


def main(path: str) -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    with ReviewStore.open(path, dataset_key="town", session="one", clock=lambda: moment) as store:
        store.record(
            Verdict(
                sample="001",
                reviewer="ann",
                status="needs_fix",
                tags=("boundary", "missed_small"),
                comment="left edge",
                suggested_tag="boundary",
                picked_by="worst_first",
            )
        )
        store.record(Verdict(sample="001", reviewer="bob", finding="001:missed:7", status="accept"))
        store.record(Verdict(sample="002\udce9", reviewer="ann", status="unsure"))
        store.undo("ann")
        store.remember("ann", "review", {"sample": "001"})


if __name__ == "__main__":
    main(sys.argv[1])
