"""The JSON that programs build on keeps its documented shape."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path

import jsonschema
import pytest

from json_outputs import outputs
from napari_mask_audit.cli.schemas import SchemaName, schema_text

SCHEMAS = [name.value for name in SchemaName]
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    return outputs(tmp_path_factory.mktemp("json"))


def validator(name):
    schema = json.loads(schema_text(name))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("name", SCHEMAS)
def test_what_is_printed_fits_the_schema(printed, name):
    for content in printed[name]:
        plain = json.loads(json.dumps(content, allow_nan=False))
        assert [
            f"{list(e.path)}: {e.message[:200]}" for e in validator(name).iter_errors(plain)
        ] == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_key_too_many_or_too_few_would_be_noticed(printed, name):
    content = json.loads(json.dumps(printed[name][0]))
    more = {**content, "surprise": 1}
    assert not validator(name).is_valid(more)
    rows = {"audit": "comparisons", "diff": "classes", "agree": "pairs", "suspects": "labels"}
    row = rows.get(name, "findings")
    less = copy.deepcopy(content)
    del less[row][0][next(iter(less[row][0]))]
    assert not validator(name).is_valid(less)


def test_every_top_level_key_is_explained_in_the_docs():
    text = (ROOT / "docs" / "json.md").read_text("utf-8")
    for name in SCHEMAS:
        keys = set(json.loads(schema_text(name))["properties"])
        missing = {key for key in keys if not re.search(rf"`{key}`", text)}
        assert missing == set(), name


def test_the_command_prints_a_schema(monkeypatch, capsys):
    import sys

    from napari_mask_audit.cli import main

    monkeypatch.setattr(sys, "argv", ["mask-audit", "schema", "audit"])
    with pytest.raises(SystemExit) as stop:
        main()
    assert not stop.value.code
    assert json.loads(capsys.readouterr().out)["title"].startswith("mask-audit audit")
