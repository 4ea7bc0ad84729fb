"""What goes wrong with a database is said in words, and nothing foreign is overwritten."""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from napari_mask_audit.errors import AuditError, MissingExtraError, StoreError
from napari_mask_audit.review import database
from napari_mask_audit.review.store import ReviewStore
from napari_mask_audit.review.verdicts import Verdict

ACCEPTED = Verdict(sample="s1", reviewer="ann", status="accept")


def refusal(where: object, **options: object) -> AuditError:
    with pytest.raises(AuditError) as caught:
        ReviewStore.open(where, dataset_key="d", **options)
    return caught.value


def test_a_store_is_in_wal_mode_and_waits_for_the_disk(file_store: ReviewStore) -> None:
    with file_store._engine.connect() as connection:
        ask = lambda name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()  # noqa: E731
        assert (ask("journal_mode"), ask("synchronous"), ask("foreign_keys")) == ("wal", 2, 1)
    file_store.remember("ann", "here", 1)  # which does not wait for the disk …
    with file_store._writer.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # … but the next does


@pytest.mark.parametrize("name", ["a b.sqlite", "what?#%41.sqlite", "ünï.db", "sub/folder/x"])
def test_any_file_name_will_do_and_folders_are_made(tmp_path: Path, name: str) -> None:
    with ReviewStore.open(tmp_path / name, dataset_key="d") as store:
        store.record(ACCEPTED)
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [tmp_path / name]


def test_a_store_given_as_a_sqlite_url_is_the_same_file(tmp_path: Path) -> None:
    file = tmp_path / "review.sqlite"
    with ReviewStore.open(f"sqlite:///{file}", dataset_key="d") as store:
        store.record(ACCEPTED)
    with ReviewStore.open(str(file), dataset_key="d") as store:
        assert store.latest("s1").status == "accept"


@pytest.mark.parametrize("content", [b"not a database at all, " * 9, b"\x89PNG" * 300])
def test_a_file_that_is_no_database_is_refused_and_left_alone(
    tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "notes.txt"
    file.write_bytes(content)
    error = refusal(file)
    assert error.code == "store-not-database"
    assert f"that is not a SQLite database: {file}; it was left as it is" in error.message
    assert file.read_bytes() == content
    assert refusal(file, read_only=True).code == "store-not-database"


def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "photos.db"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE photos (name TEXT)")
    before = file.read_bytes()
    error = refusal(file)
    assert error.code == "store-foreign"
    assert "with the tables photos" in error.message
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(("version", "code"), [("999", "store-newer"), ("x", "store-damaged")])
def test_a_store_of_a_newer_program_or_without_version_is_left_alone(
    tmp_path: Path, version: str, code: str
) -> None:
    file = tmp_path / "review.sqlite"
    ReviewStore.open(file, dataset_key="d").close()
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE mask_audit_meta SET value = ?", [version])
    before = file.read_bytes()
    assert refusal(file).code == code
    assert refusal(file, read_only=True).code == code
    assert file.read_bytes() == before


def test_a_damaged_store_is_told_from_a_wrong_file(tmp_path: Path) -> None:
    file = tmp_path / "review.sqlite"
    with ReviewStore.open(file, dataset_key="d") as store:
        for number in range(300):
            store.record(Verdict(sample=f"s{number}", reviewer="ann", comment="x" * 200))
    size = file.stat().st_size
    with file.open("r+b") as out:  # keep the header and the schema, lose the rest
        out.seek(8192)
        out.write(b"\xa5" * (size - 8192))
    with pytest.raises(StoreError) as caught, ReviewStore.open(file, dataset_key="d") as store:
        store.all_latest()
    assert caught.value.code == "store-damaged"
    assert ".recover" in caught.value.message


def test_a_folder_in_place_of_the_file_and_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    assert refusal(tmp_path).code == "store-cannot-open"
    (tmp_path / "file").touch()
    error = refusal(tmp_path / "file" / "review.sqlite")
    assert error.code == "store-cannot-open"
    assert "the folder of the review store cannot be made" in error.message


def test_a_writer_that_waited_in_vain_says_the_store_is_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0.05)
    file = tmp_path / "review.sqlite"
    with ReviewStore.open(file, dataset_key="d") as store:
        store.record(ACCEPTED)
        with closing(sqlite3.connect(file)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreError) as caught:
                store.record(ACCEPTED)
            assert caught.value.code == "store-locked"
            assert len(store.all_latest()) == 1, "reading goes on meanwhile"
            other.rollback()
        assert store.record(ACCEPTED).id == 2


def test_a_full_disk_stores_nothing_and_says_so(file_store: ReviewStore) -> None:
    file_store.record(ACCEPTED)
    with file_store._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    with pytest.raises(StoreError) as caught:
        file_store.record(Verdict(sample="s2", reviewer="ann", comment="x" * 100_000))
    assert caught.value.code == "store-disk-full"
    assert len(file_store.changes_since(0)) == 1


def test_a_database_that_takes_no_changes_says_so(file_store: ReviewStore) -> None:
    with file_store._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")
    with pytest.raises(StoreError) as caught:
        file_store.record(ACCEPTED)
    assert caught.value.code == "store-read-only"
    assert str(caught.value).count(file_store.name) == 1


@pytest.fixture
def nobody() -> Iterator[Path]:
    """A folder, while the test runs as a user who may not write there (root may, anywhere)."""
    if not hasattr(os, "geteuid"):
        pytest.skip("permissions of folders are another matter on this system")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        was_root = os.geteuid() == 0
        yield folder
        if was_root:
            os.seteuid(0)
        folder.chmod(0o755)


def give_up_rights(folder: Path) -> None:
    for file in folder.iterdir():
        file.chmod(0o444)
    folder.chmod(0o555)
    if os.geteuid() == 0:
        os.seteuid(65534)


def test_a_store_on_read_only_storage_can_be_read_and_not_written(nobody: Path) -> None:
    file = nobody / "review.sqlite"
    with ReviewStore.open(file, dataset_key="d") as store:
        store.record(ACCEPTED)
    give_up_rights(nobody)
    with pytest.raises(PermissionError):
        (nobody / "trial").touch()
    assert refusal(file).code == "store-read-only"
    assert refusal(nobody / "new.sqlite").code == "store-cannot-open"
    with ReviewStore.open(file, dataset_key="d", read_only=True) as store:
        assert store.latest("s1").status == "accept"


def test_a_store_in_memory_is_for_trying_out() -> None:
    with ReviewStore.open("sqlite://", dataset_key="d") as store:
        store.record(ACCEPTED)
        assert store.undo("ann").is_blank
        assert len(store.history("s1")) == 2


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("nonsense://here", "store-url"),
        ("mysql+nodriver://here/db", "store-url"),
        ("://", "store-url"),
        ("postgresql://ann:secret@127.0.0.1:1/db", "store-unreachable"),
    ],
)
def test_a_url_that_cannot_work_is_refused_without_showing_the_password(
    url: str, code: str
) -> None:
    if code == "store-unreachable":
        pytest.importorskip("psycopg")
    error = refusal(url)
    assert error.code == code
    assert "secret" not in str(error)


def test_a_missing_driver_names_the_line_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    error = refusal("postgresql://ann@127.0.0.1/db")
    assert isinstance(error, MissingExtraError)
    assert error.code == "extra-postgres"
    assert 'pip install "napari-mask-audit[postgres]"' in error.message


@pytest.mark.postgres
def test_a_user_without_rights_is_told_which(postgres_url: str) -> None:
    url = postgres_url.replace("search_path%3Dtest_", "search_path%3Dno_such_schema_")
    assert url != postgres_url
    assert refusal(url).code in {"store-failed", "store-not-allowed"}


@pytest.mark.postgres
def test_a_server_that_keeps_the_lock_is_said_to_be_locked(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy import create_engine, text

    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0.2)
    with ReviewStore.open(postgres_url, dataset_key="d") as store:
        engine = create_engine(postgres_url)
        with engine.begin() as other:
            other.execute(text("SELECT 1 FROM mask_audit_datasets FOR UPDATE"))
            with pytest.raises(StoreError) as caught:
                store.record(ACCEPTED)
        engine.dispose()
        assert caught.value.code == "store-locked"
        assert store.record(ACCEPTED).status == "accept"


@pytest.mark.postgres
def test_a_connection_that_was_cut_is_made_anew(postgres_url: str) -> None:
    from sqlalchemy import text

    with ReviewStore.open(postgres_url, dataset_key="d") as store:
        store.record(ACCEPTED)
        with store._engine.connect() as connection:
            number = connection.execute(text("SELECT pg_backend_pid()")).scalar()
        with ReviewStore.open(postgres_url, dataset_key="d") as other, other._engine.begin() as c:
            c.execute(text("SELECT pg_terminate_backend(:n)"), {"n": number})
        assert store.record(ACCEPTED).id > 1
