"""Every metric on every canonical case through the public API; some through the command line."""

from __future__ import annotations

import json
import math
from functools import cache

import pytest
from PIL import Image
from typer.testing import CliRunner

import napari_mask_audit as ma
from cases import CASES, OUTLINE, REGION, TOPOLOGY, Case
from instance_cases import CASES as INSTANCE_CASES
from instance_cases import InstanceCase
from napari_mask_audit.cli.app import app
from napari_mask_audit.scores import BOUNDARY_METRICS, REGION_METRICS, ClassScores

SETTINGS = ma.Settings(tolerances=(1,), boundary_width_px=1)
CONVENTIONS = ("surfel", "voxel")
#: Metric and convention; region scores and topology have none.
COLUMNS = [(name, "") for name in REGION] + [(n, c) for n in OUTLINE for c in CONVENTIONS]


@cache
def measured(key: str, convention: str) -> ClassScores:
    case = next(case for case in CASES if case.key == key)
    result = ma.compare(
        case.reference,
        case.candidate,
        class_names={1: "object"},
        background=0,
        spacing=case.spacing,
        settings=SETTINGS.replace(convention=convention),
    )
    assert [row.id for row in result.classes] == [1]
    return result.classes[0]


def compared(case: Case, convention: str = "surfel") -> ClassScores:
    return measured(case.key, convention)


def expected(case: Case, name: str, convention: str) -> float:
    return (case.region if not convention else getattr(case, convention))[name]


def value(row: ClassScores, name: str) -> float:
    return row.boundary.nsd[0][1] if name == "nsd" else row.value(name)


@pytest.mark.parametrize(
    ("case", "name", "convention"),
    [
        pytest.param(
            case, name, convention, id="-".join(filter(None, (case.key, name, convention)))
        )
        for case in CASES
        for name, convention in COLUMNS
    ],
)
def test_every_metric_of_every_case(case, name, convention):
    found = value(compared(case, convention or "surfel"), name)
    # The square root of what is left of two nearly equal numbers has half their digits.
    exact = 1e-12 if name != "boundary_offset_sd" else 1e-9
    wanted = expected(case, name, convention)
    assert found == pytest.approx(wanted, rel=0, abs=exact, nan_ok=True)


@pytest.mark.parametrize("name", TOPOLOGY)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.key)
def test_topology_of_every_case(case, name):
    row = compared(case)
    pieces = [row.reference_topology, row.candidate_topology]
    found = [None if one is None else getattr(one, name) for one in pieces]
    at = TOPOLOGY.index(name)
    assert found == [None if one is None else one[at] for one in case.topology]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.key)
def test_the_status_says_which_mask_is_empty(case):
    row = compared(case)
    empty = not case.reference.any(), not case.candidate.any()
    names = {
        (False, False): "ok",
        (True, False): "reference_empty",
        (False, True): "candidate_empty",
        (True, True): "both_empty",
    }
    assert row.status == row.boundary.surface_status == names[empty]


def test_no_metric_lacks_a_canonical_value():
    """Lists what a new metric or a new case still needs."""
    missing = [f"no column for {name}" for name in unlisted()]
    for case in CASES:
        tables = (("", REGION), ("surfel", OUTLINE), ("voxel", OUTLINE))
        for convention, names in tables:
            table = case.region if not convention else getattr(case, convention)
            missing += [f"{case.key} {n} {convention}" for n in names if n not in table]
            missing += [f"{case.key} {n} is no metric" for n in table if n not in names]
        missing += [f"{case.key} topology" for one in case.topology if one and len(one) != 3]
    assert missing == []


def unlisted() -> set[str]:
    """Numbers of the JSON output that no case has a value for."""
    described = {*REGION, *OUTLINE, "reference_topology", "candidate_topology"}
    # Sizes, names and shares of what was looked at; not scores.
    described |= {"id", "name", "status", "boundary_status", "boundary_iou_saturated"}
    described |= {"boundary_kept", "infinite"}
    described |= {"reference_pixels", "candidate_pixels", "overlap_pixels"}
    return ({*REGION_METRICS, *BOUNDARY_METRICS} | set(compared(CASES[3]).to_dict())) - described


def test_there_are_all_cases():
    assert [case.key for case in CASES] == [f"E{number}" for number in range(1, 19)]
    assert len({case.name for case in CASES}) == len(CASES)


def test_a_wrong_number_would_be_noticed():
    """Guard: the cases differ from each other and from perfect in every metric."""
    for name, convention in COLUMNS:
        values = {round(v, 9) for v in (expected(c, name, convention) for c in CASES) if v == v}
        assert len(values) >= 4, (name, convention, values)


# Objects ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "case", [c for c in INSTANCE_CASES if c.background == 0], ids=lambda case: case.name
)
def test_instance_cases(case: InstanceCase):
    settings = SETTINGS.replace(
        match_rule=case.settings.get("rule", "gt"),
        match_threshold=case.settings.get("threshold", 0.5),
    )
    found = ma.compare(case.reference, case.candidate, instances=True, settings=settings).instances
    assert found is not None
    for name, wanted in case.expected.items():
        got = (found.voi_split, found.voi_merge) if name == "voi" else getattr(found, name)
        assert got == pytest.approx(wanted, abs=1e-12, nan_ok=True), name


@pytest.mark.parametrize("background", [None, 255])
def test_instance_cases_with_another_background_or_none(background):
    """I9, I10. Without a declared background 0 is it, so ids that are objects must not be 0."""
    case = next(c for c in INSTANCE_CASES if c.background == background)
    shift = 1 if background is None else 0
    found = ma.compare(
        case.reference + shift, case.candidate + shift, instances=True, background=background
    ).instances
    assert found is not None
    for name, wanted in case.expected.items():
        assert getattr(found, name) == pytest.approx(wanted), name


# Command line -------------------------------------------------------------------------------


def written(case: Case, folder) -> list[str]:
    """Mask files of a case, as PNG."""
    paths = [folder / "reference.png", folder / "candidate.png"]
    for path, mask in zip(paths, (case.reference, case.candidate), strict=True):
        Image.fromarray(mask).save(path)
    return [str(path) for path in paths]


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("key", ["E1", "E2", "E3", "E4", "E6", "E8", "E13", "E14", "E16"])
def test_cases_on_the_command_line(key, convention, tmp_path):
    """JSON has no NaN and no infinity: both are null, and ``infinite`` names the latter."""
    case = next(case for case in CASES if case.key == key)
    chosen = f"--tolerance 1 --convention {convention} --band-px 1 --background 0 --json -"
    outcome = CliRunner().invoke(app, ["compare", *written(case, tmp_path), *chosen.split()])
    assert outcome.exit_code == 0, outcome.output
    found = json.loads(outcome.stdout)
    rows = [row for row in found["classes"] if row["id"] == 1]
    if key == "E1":
        assert rows == []
        return
    for name, how in COLUMNS:
        if how not in ("", convention):
            continue
        wanted = expected(case, name, how)
        if math.isfinite(wanted):
            assert rows[0][name] == pytest.approx(wanted, abs=1e-9), name
        else:
            assert rows[0][name] is None, name
            assert (name in rows[0]["infinite"]) == math.isinf(wanted), name
