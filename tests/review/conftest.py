"""Review stores on both kinds of database: every contract test runs on each."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from napari_mask_audit.review.store import ReviewStore

POSTGRES = os.environ.get("MASK_AUDIT_TEST_POSTGRES", "")


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """An empty PostgreSQL schema of one's own on the test server."""
    if not POSTGRES:
        pytest.skip("MASK_AUDIT_TEST_POSTGRES names no server (scripts/start_test_postgres.sh)")
    schema = f"test_{uuid.uuid4().hex}"
    engine = create_engine(POSTGRES)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    url = make_url(POSTGRES).update_query_dict({"options": f"-csearch_path={schema}"})
    yield url.render_as_string(hide_password=False)
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a new store can be opened: a file, and a server."""
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    return str(tmp_path / "review.sqlite")


@pytest.fixture
def open_store(place: str) -> Iterator[Callable[..., ReviewStore]]:
    """Open stores at the place; they are closed after the test."""
    opened: list[ReviewStore] = []

    def open_one(dataset_key: str = "d", **options: object) -> ReviewStore:
        opened.append(ReviewStore.open(place, dataset_key=dataset_key, **options))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Callable[..., ReviewStore]) -> ReviewStore:
    return open_store()


@pytest.fixture
def file_store(tmp_path: Path) -> Iterator[ReviewStore]:
    """A SQLite store, for what does not depend on the kind of database."""
    with ReviewStore.open(tmp_path / "review.sqlite", dataset_key="d") as opened:
        yield opened
