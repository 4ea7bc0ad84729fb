"""Exported verdicts, read back by other programs."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from napari_mask_audit.errors import DatasetError, SettingsError
from napari_mask_audit.review.blinding import Blinding
from napari_mask_audit.review.export import COLUMNS, export_tags
from napari_mask_audit.review.store import ReviewStore
from napari_mask_audit.review.verdicts import Verdict


@pytest.fixture
def filled(file_store: ReviewStore) -> ReviewStore:
    ann = {"reviewer": "ann"}
    file_store.record(Verdict(sample="b", status="accept", **ann))
    file_store.record(Verdict(sample="a", tags=("boundary", "fold"), comment="x, y\n2", **ann))
    file_store.record(Verdict(sample="a", finding="f1", status="unsure", reviewer="=bob"))
    file_store.record(Verdict(sample="=cmd|'/c calc'!A0", comment="@SUM(A1)", **ann))
    file_store.record(Verdict(sample="gone", status="accept", **ann))
    file_store.undo("ann")
    return file_store


def test_json_has_the_verdicts_in_force_exactly(filled: ReviewStore, tmp_path: Path) -> None:
    assert export_tags(filled, tmp_path / "tags.json") == 4
    data = json.loads((tmp_path / "tags.json").read_text(encoding="utf-8"))
    assert data["dataset"] == "d"
    rows = data["verdicts"]
    assert [(row["sample"], row["finding"]) for row in rows] == [
        ("=cmd|'/c calc'!A0", None),
        ("a", None),
        ("a", "f1"),
        ("b", None),
    ]
    assert set(rows[1]) == set(COLUMNS)
    assert rows[1]["tags"] == ["boundary", "fold"]
    assert (rows[1]["comment"], rows[1]["status"]) == ("x, y\n2", None)
    assert (rows[2]["status"], rows[2]["reviewer"]) == ("unsure", "=bob")
    assert rows[3]["at"].endswith("+00:00")


def test_csv_has_the_same_rows_with_formulas_made_harmless(
    filled: ReviewStore, tmp_path: Path
) -> None:
    assert export_tags(filled, str(tmp_path / "tags.CSV")) == 4
    with (tmp_path / "tags.CSV").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert rows[0]["sample"] == "'=cmd|'/c calc'!A0"
    assert rows[0]["comment"] == "'@SUM(A1)"
    assert (rows[1]["tags"], rows[1]["comment"]) == ("boundary;fold", "x, y\n2")
    assert (rows[1]["finding"], rows[1]["status"]) == ("", "")
    assert rows[2]["reviewer"] == "'=bob"


def test_after_an_undo_the_row_names_whose_decision_it_is(
    file_store: ReviewStore, tmp_path: Path
) -> None:
    theirs = file_store.record(Verdict(sample="a", status="accept", reviewer="bob"))
    file_store.record(Verdict(sample="a", status="unsure", reviewer="ann"))
    file_store.undo("ann")
    export_tags(file_store, tmp_path / "t.json")
    (row,) = json.loads((tmp_path / "t.json").read_text())["verdicts"]
    assert (row["status"], row["reviewer"], row["at"]) == ("accept", "bob", theirs.at)


def test_a_name_that_is_not_utf8_is_readable_in_both(
    file_store: ReviewStore, tmp_path: Path
) -> None:
    file_store.record(Verdict(sample="a\udce9", reviewer="ann", status="accept"))
    export_tags(file_store, tmp_path / "t.json")
    export_tags(file_store, tmp_path / "t.csv")
    (row,) = json.loads((tmp_path / "t.json").read_text(encoding="utf-8"))["verdicts"]
    assert row["sample"] == "a\udce9"
    assert "a\\udce9" in (tmp_path / "t.csv").read_text(encoding="utf-8")


def test_an_empty_store_gives_an_empty_table(file_store: ReviewStore, tmp_path: Path) -> None:
    assert export_tags(file_store, tmp_path / "t.csv") == 0
    assert (tmp_path / "t.csv").read_text() == ",".join(COLUMNS) + "\n"


@pytest.mark.parametrize("name", ["tags.xlsx", "tags", ".csv"])
def test_another_kind_of_file_is_refused(
    file_store: ReviewStore, tmp_path: Path, name: str
) -> None:
    with pytest.raises(SettingsError, match=r"expected a name ending in \.csv or \.json") as caught:
        export_tags(file_store, tmp_path / name)
    assert caught.value.code == "export-suffix"
    assert not (tmp_path / name).exists()


def test_a_table_that_cannot_be_written_leaves_the_old_one(
    filled: ReviewStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "t.csv"
    file.write_text("old")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(DatasetError, match="No space left on device") as caught:
        export_tags(filled, file)
    assert caught.value.code == "cannot-write"
    assert file.read_text() == "old"
    assert sorted(p.name for p in tmp_path.glob("*t.csv*")) == ["t.csv"]
    with pytest.raises(DatasetError, match="cannot be written"):
        export_tags(filled, file / "t.csv")


def test_a_verdict_given_blind_is_marked(file_store: ReviewStore, tmp_path: Path) -> None:
    mark = Blinding(7).mark("a", ("gt", "model"))
    file_store.record(Verdict(sample="a", reviewer="ann", status="accept", details=mark))
    file_store.record(Verdict(sample="b", reviewer="ann", status="accept"))
    export_tags(file_store, tmp_path / "t.csv")
    export_tags(file_store, tmp_path / "t.json")
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as file:
        cells = [row["blind"] for row in csv.DictReader(file)]
    first, second = Blinding(7).drawn("a", ("gt", "model"))
    assert cells == [f"seed=7 A={first} B={second}", ""]
    data = json.loads((tmp_path / "t.json").read_text(encoding="utf-8"))
    assert [row["blind"] for row in data["verdicts"]] == [mark["blind"], None]
