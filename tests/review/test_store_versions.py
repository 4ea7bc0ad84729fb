"""Stores of every version open with all they held; for reading alone they are left as found."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect

from napari_mask_audit.errors import AuditError, StoreError
from napari_mask_audit.review import schema
from napari_mask_audit.review.corrections import Correction
from napari_mask_audit.review.store import ReviewStore
from napari_mask_audit.review.verdicts import Verdict

STORES = sorted((Path(__file__).parent / "stores").glob("v*.db"))
VERSIONS = [file.stem for file in STORES]
NEW = 2  # from this version on there are repeats and corrections


def refusal(where: object, **options: object) -> AuditError:
    with pytest.raises(AuditError) as caught:
        ReviewStore.open(where, dataset_key="d", **options)
    return caught.value


@pytest.fixture
def restore(place: str) -> Callable[[str], str]:
    """Puts the kept store of a version at the place, file or server, and says where."""

    def put(version: str) -> str:
        kept = STORES[0].parent / version
        if "://" not in place:
            shutil.copy(kept.with_suffix(".db"), place)
            return place
        engine = create_engine(place)
        with engine.begin() as connection:
            for statement in kept.with_suffix(".sql").read_text().split(";\n"):
                if statement.strip():
                    connection.exec_driver_sql(statement.replace("%", "%%"))
        engine.dispose()
        return place

    return put


def stored_version(where: str) -> int | None:
    engine = create_engine(where if "://" in where else f"sqlite:///{where}")
    with engine.connect() as connection:
        version = schema.stored_version(connection)
    engine.dispose()
    return version


def check_contents(store: ReviewStore, version: str) -> None:
    states = {key: (v.status, v.tags, v.comment) for key, v in store.all_latest().items()}
    assert states == {
        ("001", None): ("needs_fix", ("boundary", "missed_small"), "left edge"),
        ("001", "001:missed:7"): ("accept", (), ""),
        ("002\udce9", None): (None, (), ""),
    }
    assert store.recall("ann", "review") == {"sample": "001"}
    assert [event.kind for event in store.history("002\udce9")] == ["verdict", "undo"]
    assert store.latest("001").details == {}
    assert len(store.changes_since(0)) == 4
    if int(version[1:]) < NEW:
        assert store.latest("001", repeats=1) is None
        assert len(store.everything_since(0)) == 4
        return
    repeat = store.latest("001", repeats=1)
    assert (repeat.status, repeat.details) == ("accept", {"blind": {"seed": 7}})
    correction = store.history("001")[-1]
    assert correction.kind == "correction"
    assert Correction.from_event(correction).file == "masks/corrected/001.png"


def test_there_are_kept_stores_of_every_schema_version() -> None:
    assert [f"v{n}" for n in range(1, schema.SCHEMA_VERSION + 1)] == VERSIONS
    assert [file.stem for file in sorted(STORES[0].parent.glob("v*.sql"))] == VERSIONS


@pytest.mark.parametrize("version", VERSIONS)
def test_a_store_of_every_past_version_opens_with_all_it_held(
    restore: Callable[[str], str], version: str
) -> None:
    where = restore(version)
    with ReviewStore.open(where, dataset_key="town") as store:
        check_contents(store, version)
        last = store.everything_since(0)[-1].id
        new = store.record(Verdict(sample="003", reviewer="ann", details={"a": 1}, repeats=1))
        assert (new.id, new.details, new.repeats) == (last + 1, {"a": 1}, 1)
    assert stored_version(where) == schema.SCHEMA_VERSION


@pytest.mark.parametrize("version", VERSIONS)
def test_reading_a_store_of_every_past_version_leaves_it_as_it_is(
    restore: Callable[[str], str], version: str
) -> None:
    where = restore(version)
    with ReviewStore.open(where, dataset_key="town", read_only=True) as store:
        check_contents(store, version)
    assert f"v{stored_version(where)}" == version
    if "://" not in where:
        assert Path(where).read_bytes() == (STORES[0].parent / f"{version}.db").read_bytes()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_migrated_store_has_the_tables_of_a_new_one(
    restore: Callable[[str], str], version: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    def layout(where: str) -> dict:
        engine = create_engine(where if "://" in where else f"sqlite:///{where}")
        look = inspect(engine)
        found = {}
        for name in sorted(look.get_table_names()):
            columns = [(c["name"], str(c["type"]), c["nullable"]) for c in look.get_columns(name)]
            keys = sorted(str(k["constrained_columns"]) for k in look.get_foreign_keys(name))
            found[name] = (columns, keys, sorted(str(i) for i in look.get_indexes(name)))
        engine.dispose()
        return found

    old = restore(version)
    ReviewStore.open(old, dataset_key="d").close()
    migrated = layout(old)
    if "://" in old:
        engine = create_engine(old)
        schema.metadata.drop_all(engine)
        engine.dispose()
        new = old
    else:
        new = str(tmp_path / "new.sqlite")
    ReviewStore.open(new, dataset_key="d").close()
    assert migrated == layout(new)


def test_migrations_run_one_version_at_a_time_in_one_transaction(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "review.sqlite"
    shutil.copy(STORES[0], file)
    last = schema.SCHEMA_VERSION

    def add_mood(connection) -> None:
        connection.exec_driver_sql("ALTER TABLE mask_audit_events ADD COLUMN mood TEXT")

    def break_down(connection) -> None:
        connection.exec_driver_sql("ALTER TABLE mask_audit_events ADD COLUMN more TEXT")
        raise StoreError("store-failed", "power cut")

    def columns() -> set[str]:
        with closing(sqlite3.connect(file)) as connection:
            rows = connection.execute("PRAGMA table_info(mask_audit_events)")
            return {row[1] for row in rows}

    known = dict(schema.MIGRATIONS)
    monkeypatch.setattr(schema, "SCHEMA_VERSION", last + 2)
    monkeypatch.setattr(schema, "MIGRATIONS", {**known, last: add_mood, last + 1: break_down})
    before = columns()
    assert "power cut" in refusal(file).message
    assert columns() == before, "a migration that broke down left nothing behind"
    assert stored_version(str(file)) == 1
    fine = {**known, last: add_mood, last + 1: lambda connection: None}
    monkeypatch.setattr(schema, "MIGRATIONS", fine)
    with ReviewStore.open(file, dataset_key="town") as store:
        assert store.latest("001").status == "needs_fix"
    assert {"mood", "details"} <= columns()
    monkeypatch.setattr(schema, "SCHEMA_VERSION", last)
    assert refusal(file).code == "store-newer"
