"""Writes the kept stores of the present schema version; run once, when the version is raised.

python tests/review/stores/make.py v2                       writes v2.db beside this file
MASK_AUDIT_TEST_POSTGRES=URL python …/make.py v2            writes v2.sql too (needs pg_dump)
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from napari_mask_audit.review.corrections import Correction
from napari_mask_audit.review.store import ReviewStore
from napari_mask_audit.review.verdicts import Verdict

SCHEMA = "kept"


def fill(where: str) -> None:
    """What every kept store holds; a later version may hold more."""
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    with ReviewStore.open(where, dataset_key="town", session="one", clock=lambda: moment) as store:
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
        fill_from_version_2_on(store)


def fill_from_version_2_on(store: ReviewStore) -> None:
    """A repeat under other circumstances, and a correction."""
    store.record(
        Verdict(
            sample="001",
            reviewer="ann",
            status="accept",
            details={"blind": {"seed": 7}},
            repeats=1,
        )
    )
    store.record_correction(
        Correction(
            sample="001",
            reviewer="ann",
            source="model",
            file="masks/corrected/001.png",
            before="sha256:aa",
            after="sha256:bb",
            pixels=12,
            reason="left edge redrawn",
        )
    )


def dump(server: str) -> str:
    """The same on PostgreSQL, as SQL that fills whatever schema is searched first."""
    engine = create_engine(server)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {SCHEMA}"))
    try:
        url = make_url(server).update_query_dict({"options": f"-csearch_path={SCHEMA}"})
        fill(url.render_as_string(hide_password=False))
        plain = make_url(server).set(drivername="postgresql").render_as_string(hide_password=False)
        command = ["pg_dump", f"--schema={SCHEMA}", "--no-owner", "--column-inserts", plain]
        lines = subprocess.check_output(command, text=True).splitlines()
    finally:
        with engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {SCHEMA} CASCADE"))
        engine.dispose()
    left_out = ("--", "SET ", "\\", "SELECT pg_catalog.set_config", "CREATE SCHEMA")
    kept = [line for line in lines if line and not line.startswith(left_out)]
    return "\n".join(kept).replace(f"{SCHEMA}.", "") + "\n"


def main(name: str) -> None:
    folder = Path(__file__).parent
    fill(str(folder / f"{name}.db"))
    server = os.environ.get("MASK_AUDIT_TEST_POSTGRES")
    if server:
        (folder / f"{name}.sql").write_text(dump(server))


if __name__ == "__main__":
    main(sys.argv[1])
