"""Tables for programs, and the Markdown summary."""

from __future__ import annotations

import json

import pandas as pd
import pytest

import napari_mask_audit as ma
from napari_mask_audit.errors import DatasetError, MissingExtraError
from napari_mask_audit.report import tables, write_table
from report_pages import town


@pytest.fixture(scope="module")
def audit(tmp_path_factory):
    folder = town(tmp_path_factory.mktemp("town"), classes=("ho|use *x*", "tree"))
    return ma.audit(folder)


def test_csv_has_a_row_per_sample_and_class(audit, tmp_path):
    frame = pd.read_csv(write_table(audit, tmp_path / "scores.csv"))
    assert len(frame) == 3 * 2
    row = frame[(frame["sample"] == "cedar") & (frame["id"] == 1)].iloc[0]
    assert row["iou"] == pytest.approx(10 / 14)
    assert row["name"] == "ho|use *x*"


def test_json_is_the_audit(audit, tmp_path):
    written = json.loads(write_table(audit, tmp_path / "audit.JSON").read_text("utf-8"))
    assert written == json.loads(json.dumps(audit.to_dict()))


def test_parquet_holds_the_rows_of_the_csv(audit, tmp_path):
    pytest.importorskip("pyarrow")
    frame = pd.read_parquet(write_table(audit, tmp_path / "scores.parquet"))
    pd.testing.assert_frame_equal(frame, audit.to_frame(), check_dtype=False)


def test_parquet_without_pyarrow_names_the_line_that_installs_it(audit, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"napari-mask-audit\[parquet\]") as caught:
        write_table(audit, tmp_path / "scores.parquet")
    assert caught.value.code == "missing-extra"


def test_markdown_says_the_same_and_names_stay_inert(audit, tmp_path):
    text = write_table(audit, tmp_path / "summary.md").read_text("utf-8")
    assert "mean IoU 0.92" in text
    row = next(line for line in text.splitlines() if line.startswith("| ho"))
    assert row.startswith(r"| ho\|use \*x\* | 0.846 ")
    header = next(line for line in text.splitlines() if line.startswith("| Class |"))
    assert row.replace(r"\|", "").count("|") == header.count("|")


def test_other_endings_are_refused_with_those_that_work(audit, tmp_path):
    with pytest.raises(DatasetError, match=r"\.csv, \.json, \.md, \.parquet") as caught:
        write_table(audit, tmp_path / "scores.xlsx")
    assert caught.value.code == "unknown-table-format"


def test_two_runs_give_the_same_bytes(audit):
    assert tables.table_csv(audit) == tables.table_csv(audit)
    assert tables.summary_markdown(audit) == tables.summary_markdown(audit)
