"""Write the JSON schemas from what the commands really print.

Usage: python scripts/make_json_schemas.py

Every object's keys are closed, so a new key in the output fails the tests until this ran again and
docs/json.md names it. Raise the version in the file names when a key goes away or changes meaning.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from json_outputs import outputs  # noqa: E402

TARGET = ROOT / "src" / "napari_mask_audit" / "schemas"
#: Objects whose keys are names of samples, sources, scores or kinds of error.
MAPS = {
    "inputs",
    "class_tolerances",
    "pixels",
    "shares",
    "main",
    "pooled",
    "sample_mean",
    "groups",
    "intervals",
    "models",
    "model_enters_px",
}
#: Objects that differ from case to case.
FREE = {"evidence"}
#: Of a problem, what it need not have: a source without masks has no file.
MISSING_IN_PROBLEMS = ("file", "sample")
_ORDER = ["null", "boolean", "integer", "number", "string", "array", "object"]


def kind(value: Any) -> str:
    if value is None:
        return "null"
    for name, types in (("boolean", bool), ("integer", int), ("number", float), ("string", str)):
        if isinstance(value, types):
            return name
    return "array" if isinstance(value, list) else "object"


def schema_of(values: list[Any], name: str = "", inside_map: bool = False) -> dict[str, Any]:
    kinds = {kind(value) for value in values}
    if "number" in kinds:  # any score is null where it is undefined
        kinds = (kinds - {"integer"}) | {"null"}
    found: dict[str, Any] = {}
    if name in FREE:
        return {"type": "object"}
    if kinds:
        ordered = sorted(kinds, key=_ORDER.index)
        found["type"] = ordered[0] if len(ordered) == 1 else ordered
    arrays = [item for value in values if isinstance(value, list) for item in value]
    if arrays:
        found["items"] = schema_of(arrays, name, inside_map=True)
    objects = [value for value in values if isinstance(value, dict)]
    if objects and (name in MAPS and not inside_map):
        inner = [item for value in objects for item in value.values()]
        nested = name == "inputs"
        found["additionalProperties"] = (
            {"type": "object", "additionalProperties": {"type": "string"}}
            if nested
            else schema_of(inner, name, inside_map=True)
        )
    elif objects:
        keys = sorted({key for value in objects for key in value})
        found["properties"] = {
            key: schema_of([value[key] for value in objects if key in value], key) for key in keys
        }
        if name == "problems":
            for key in MISSING_IN_PROBLEMS:
                found["properties"][key] = {"type": ["null", "string"]}
        found["required"] = [key for key in keys if all(key in value for value in objects)]
        found["additionalProperties"] = False
    return found


def main() -> None:
    TARGET.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, contents in outputs(Path(folder)).items():
            schema = {
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "title": f"mask-audit {name}, schema version 1",
                **schema_of(contents),
            }
            path = TARGET / f"{name}-1.json"
            path.write_text(json.dumps(schema, indent=1) + "\n", encoding="utf-8")
            print(f"{path.relative_to(ROOT)}: from {len(contents)} outputs")


if __name__ == "__main__":
    main()
