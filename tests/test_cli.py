"""Every command: what it prints, what it writes, how it fails."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys

import numpy as np
import pytest
from rich.console import Console

from building import make_dataset, square, write_png
from napari_mask_audit.agreement import agree
from napari_mask_audit.cli import main
from napari_mask_audit.cli.agreement_display import show_agreement
from napari_mask_audit.cli.app import app

COMMANDS = sorted(command.name for command in app.registered_commands)


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the command line in this process; gives exit code, standard output, standard error."""

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["mask-audit", *map(str, arguments)])
        monkeypatch.setenv("COLUMNS", "200")
        try:
            main()
            code = 0
        except SystemExit as stop:
            code = int(stop.code or 0)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


@pytest.fixture
def dataset(tmp_path):
    """Two samples: one perfect, one shifted by a column."""
    return make_dataset(
        tmp_path / "data",
        {
            "gt": {"a": square(), "b": square()},
            "model": {"a": square(), "b": square(left=6)},
        },
        'background = 0\n[classes]\n1 = "cell"\n',
    )


def test_compare_prints_one_json_object_with_the_promised_keys(run, dataset):
    masks = dataset / "masks"
    code, out, _ = run(
        "compare", masks / "gt" / "b.png", masks / "model" / "b.png", "--json", "-",
        "--background", "0",
    )  # fmt: skip
    content = json.loads(out)
    assert code == 0
    assert content["mean_iou"] == 90 / 110
    (row,) = content["classes"]
    promised = {
        "id", "name", "iou", "dice", "boundary_iou", "reference_pixels", "candidate_pixels",
        "status", "hd", "hd95", "assd", "masd", "nsd", "boundary_offset", "size_sensitivity",
    }  # fmt: skip
    assert promised <= set(row)
    # A 10 × 10 square moved by one column: every boundary point within one pixel, as many inside
    # as outside.
    assert (row["hd"], row["hd95"], row["nsd"]) == (1.0, 1.0, 1.0)
    assert row["assd"] == pytest.approx(0.5)
    assert row["boundary_offset"] == pytest.approx(0, abs=1e-9)
    assert content["settings"]["convention"] == "surfel"


def test_compare_of_two_folders_pools_over_the_samples(run, dataset):
    masks = dataset / "masks"
    _, out, _ = run("compare", masks / "gt", masks / "model", "--background", 0, "--json", "-")
    content = json.loads(out)
    assert content["classes"][0]["iou"] == 190 / 210
    assert [s["sample"] for s in content["samples"]] == ["a", "b"]


def test_audit_prints_comparisons_and_problems(run, dataset):
    (dataset / "masks" / "gt" / "c.png").write_text("no picture")
    code, out, err = run("audit", dataset, "--json", "-")
    content = json.loads(out)
    assert code == 0
    (comparison,) = content["comparisons"]
    assert (comparison["reference"], comparison["candidate"]) == ("gt", "model")
    assert [s["mean_iou"] for s in comparison["samples"]] == [1.0, 90 / 110]
    assert comparison["classes"][0]["name"] == "cell"
    assert {p["code"] for p in content["problems"]} == {"missing-partner", "unreadable"}
    assert all(set(p) == {"code", "sample", "file", "message"} for p in content["problems"])
    assert "2 problems" in err


def test_audit_explains_what_the_missing_iou_is_made_of(run, dataset):
    content = json.loads(run("audit", dataset, "--json", "-")[1])
    (row,) = content["comparisons"][0]["buckets"]["classes"]
    # 20 wrong pixels, all within a pixel of the boundary, of 210 in the union.
    assert row["pixels"]["boundary"] == 20
    assert sum(row["shares"].values()) == pytest.approx(1 - row["iou"], abs=1e-12)
    assert {f["bucket"] for f in content["findings"]} == {"boundary"}
    assert {f["sample"] for f in content["findings"]} == {"b"}
    _, out, _ = run("audit", dataset)
    assert "1.000 without boundary errors" in out
    quick = json.loads(run("audit", dataset, "--quick", "--json", "-")[1])
    assert "findings" not in quick


def test_agree_prints_pairs_groups_annotators_duplicates_ceiling_and_triage(run, dataset):
    make_dataset(dataset, {"ann": {"a": square(), "b": square()}, "bob": {"a": square(left=7)}})
    content = json.loads(run("agree", dataset, "--tolerance", 2, "--json", "-")[1])
    assert {"pairs", "groups", "annotators", "duplicates", "ceiling", "triage"} <= set(content)
    rows = [p for p in content["pairs"] if p["class_id"] == 1]
    pairs = {frozenset((p["first"], p["second"])): p for p in rows}
    assert pairs[frozenset(("ann", "gt"))]["iou"] == 1.0
    assert "ann" in json.dumps(content["duplicates"])
    code, out, _ = run("agree", dataset)
    assert code == 0
    assert "leak:" in out


def test_agree_fills_the_matrix_with_the_metric_and_class_asked_for(run, dataset):
    masks = {"ann": square(), "bob": square(left=7), "cy": square(top=4, side=12)}
    make_dataset(dataset, {name: {"a": mask} for name, mask in masks.items()})
    code, out, _ = run("agree", dataset, "--metric", "offset", "--class", "1")
    assert code == 0
    assert "boundary offset (+: the column draws outside the row), mean over samples" in out
    for wrong in (("--metric", "guess"), ("--class", "dragon")):
        code, _, err = run("agree", dataset, *wrong)
        assert code == 2
        assert wrong[1] in err


@pytest.mark.parametrize(("width", "fits"), [(60, False), (130, True)])
def test_agree_gives_a_line_per_source_where_the_matrix_is_too_wide(tmp_path, width, fits):
    names = [f"annotator number {n}" for n in range(20)]
    make_dataset(tmp_path, {n: {"a": square(left=k % 3)} for k, n in enumerate(names)})
    page = io.StringIO()
    console = Console(file=page, width=width, highlight=False)
    show_agreement(console, agree(tmp_path), None, 1)
    matrix = page.getvalue().split("copy:")[0]
    assert ("20 sources do not fit side by side" in matrix) is not fits
    assert "…" not in matrix
    assert all(len(line) <= width for line in page.getvalue().splitlines())


def test_consensus_is_written_as_a_new_source_and_never_over_one(run, dataset):
    make_dataset(dataset, {n: {"a": square(), "b": square()} for n in ("ann", "bob", "cy")})
    code, _, err = run("consensus", dataset, "--method", "majority")
    assert code == 0, err
    assert (dataset / "masks" / "consensus-majority" / "a.png").is_file()
    code, _, err = run("consensus", dataset, "--name", "gt")
    assert (code, "name-taken" in err) == (1, True)


def test_lint_exits_with_3_when_something_is_wrong(run, dataset):
    code, out, _ = run("lint", dataset, "--select", "MA3")
    assert (code, "nothing found" in out) == (0, True)
    specked = square()
    specked[18, 18] = 1
    write_png(dataset / "masks" / "gt" / "a.png", specked)
    code, out, _ = run("lint", dataset, "--select", "MA3", "--level", "info")
    assert code == 3
    assert "MA3" in out


def test_next_says_one_step(run, dataset):
    code, out, err = run("next", dataset)
    assert code == 0, err
    assert re.search(r"next: \S", out)


def test_several_tolerances_give_a_curve_and_the_convention_is_obeyed(run, dataset):
    options = ("--tolerance", 0, "--tolerance", 2, "--convention", "voxel", "--json", "-")
    content = json.loads(run("audit", dataset, *options)[1])
    row = content["comparisons"][0]["samples"][1]["classes"][0]
    assert [t for t, _ in row["nsd_curve"]] == [0, 2]
    assert row["nsd_curve"][1][1] == 1.0
    assert content["settings"]["convention"] == "voxel"
    # Border pixels: 36 each, 18 on each side one pixel away: mean distance 18 / 36.
    assert row["assd"] == pytest.approx(0.5)


def test_thresholds_of_the_buckets_are_options_and_are_printed(run, dataset):
    options = ("--failures", "tolerance=4,small_area=9", "--failures", "class_tolerances.1=0.5")
    code, out, err = run("audit", dataset, *options)
    assert code == 0, err
    assert "tolerance 4 px (cell: 0.5 px), small below 9 px" in " ".join(out.split()), out
    content = json.loads(run("audit", dataset, *options, "--json", "-")[1])
    assert content["settings"]["failures"]["class_tolerances"] == {"1": 0.5}
    assert content["comparisons"][0]["buckets"]["thresholds"]["tolerance"] == 4
    for wrong, complaint in (
        ("tolerance", "'tolerance' is not a threshold; write name=value"),
        ("tolerance=wide", "tolerance must be a number, not 'wide'"),
        ("dominance=2", "dominance must lie in [0, 1]"),
    ):
        code, _, err = run("audit", dataset, "--failures", wrong)
        assert code == 1
        assert complaint in " ".join(err.split())


def test_the_text_shows_score_interval_settings_and_worst_sample(run, dataset):
    code, out, _ = run("audit", dataset, "--tolerance", 1.5)
    assert code == 0
    assert re.search(r"1 cell\s+0\.905\s+0\.950\s", out)
    assert "NSD@1.5" in out
    assert "convention surfel" in out
    assert re.search(r"b\s+0\.818\s+1 cell 0\.818", out)


def test_tables_are_written_in_every_format(run, dataset, tmp_path):
    for suffix in (".csv", ".json", ".md", ".parquet"):
        target = tmp_path / f"scores{suffix}"
        code, _, err = run("audit", dataset, "--table", target)
        assert code == 0, err
        assert target.stat().st_size > 100


def test_only_the_comparisons_asked_for_are_made(run, dataset):
    make_dataset(dataset, {"bob": {"a": square(), "b": square()}})
    content = json.loads(run("audit", dataset, "--candidate", "bob", "--json", "-")[1])
    assert [c["candidate"] for c in content["comparisons"]] == ["bob"]
    content = json.loads(run("audit", dataset, "--reference", "bob", "--json", "-")[1])
    assert [c["candidate"] for c in content["comparisons"]] == ["gt", "model"]
    code, _, err = run("audit", dataset, "--reference", "bib")
    assert code == 1
    assert "it has gt, model, bob" in err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("audit", "nowhere"), 1, "does not exist"),
        (("compare", "a.png", "b.png"), 1, "does not exist"),
        (("audit",), 2, "Missing argument"),
        (("audit", ".", "--colour"), 2, "No such option"),
        (("nonsense",), 2, "No such command"),
    ],
)
def test_errors_are_one_message_with_an_exit_code_and_no_traceback(
    run, monkeypatch, tmp_path, arguments, code, message
):
    monkeypatch.chdir(tmp_path)
    got, _, err = run(*arguments)
    assert got == code
    assert message in err
    assert "Traceback" not in err


def test_a_bad_setting_and_an_unwritable_target_are_explained(run, dataset, tmp_path):
    code, _, err = run("audit", dataset, "--convention", "pixel")
    assert (code, "surfel" in err) == (1, True)
    code, _, err = run("audit", dataset, "--json", dataset / "dataset.toml" / "a.json")
    assert (code, "cannot-write" in err) == (1, True)


def test_comparing_masks_of_different_size_says_so(run, tmp_path):
    first = write_png(tmp_path / "one" / "x.png", square())
    second = write_png(tmp_path / "two" / "x.png", square(size=30))
    code, _, err = run("compare", first, second)
    assert code == 1
    assert "30 × 30" in err
    assert "shape-mismatch" in err


def test_both_empty_is_null_with_a_status(run, tmp_path):
    empty = np.zeros((5, 5), np.uint8)
    first = write_png(tmp_path / "a.png", empty)
    second = write_png(tmp_path / "b.png", empty)
    content = json.loads(run("compare", first, second, "--background", 0, "--json", "-")[1])
    assert (content["mean_iou"], content["status"], content["classes"]) == (None, "both_empty", [])


def test_report_and_demo_write_their_files(run, dataset, tmp_path):
    code, _, err = run("report", dataset, "-o", tmp_path / "r.html")
    assert code == 0, err
    assert "<html" in (tmp_path / "r.html").read_text(encoding="utf-8")
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert 'id="checklist"' in page
    assert 'id="c0-gain"' in page
    code, _, err = run("report", dataset, "-o", tmp_path / "q.html", "--quick")
    assert code == 0, err
    assert 'id="checklist"' not in (tmp_path / "q.html").read_text(encoding="utf-8")
    code, out, err = run("demo", "-o", tmp_path / "demo", "--no-window", "--quick")
    assert code == 0, err
    assert (tmp_path / "demo" / "report.html").is_file()
    assert (tmp_path / "demo" / "preview.png").read_bytes()[:4] == b"\x89PNG"
    assert "mask-audit review" in out


def test_export_without_verdicts_says_how_to_make_some(run, dataset, tmp_path):
    code, _, err = run("export", dataset, "--tags", tmp_path / "t.csv")
    assert code == 1
    assert "mask-audit review" in err


def test_verdicts_reach_the_export_and_the_report(run, dataset, tmp_path):
    from napari_mask_audit.review.location import dataset_key, default_store_location
    from napari_mask_audit.review.store import ReviewStore
    from napari_mask_audit.review.verdicts import Verdict

    where, _ = default_store_location(dataset)
    with ReviewStore.open(where, dataset_key=dataset_key(dataset, where)) as store:
        store.record(Verdict(sample="b", reviewer="ann", tags=("boundary",), comment="a bit wide"))
    code, _, err = run("export", dataset, "--tags", tmp_path / "t.csv")
    assert code == 0, err
    text = (tmp_path / "t.csv").read_text(encoding="utf-8")
    assert "boundary" in text
    assert "a bit wide" in text
    run("report", dataset, "-o", tmp_path / "r.html")
    assert "a bit wide" in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_the_history_of_a_sample_and_how_alike_it_was_judged(run, dataset, tmp_path):
    from napari_mask_audit.review.location import dataset_key, default_store_location
    from napari_mask_audit.review.store import ReviewStore
    from napari_mask_audit.review.verdicts import Verdict

    where, _ = default_store_location(dataset)
    with ReviewStore.open(where, dataset_key=dataset_key(dataset, where)) as store:
        first = store.record(Verdict(sample="b", reviewer="ann", status="accept"))
        store.record(Verdict(sample="b", reviewer="ann", status="unsure", repeats=first.id))
    code, out, err = run("history", dataset, "b")
    assert code == 0, err
    assert "judged again" in out
    code, out, _ = run("history", dataset, "b", "--json", "-")
    assert [line["what"] for line in json.loads(out)["history"]] == ["accept", "unsure"]
    code, out, _ = run("history", dataset, "a")
    assert "nobody has decided about it yet" in out
    code, out, _ = run("export", dataset, "--tags", tmp_path / "t.json")
    assert "ann: same verdict on 0 of 1 hidden repeats" in out.replace("\n", " ")
    written = json.loads((tmp_path / "t.json").read_text(encoding="utf-8"))
    assert written["consistency"][0]["changed"] == ["b"]
    assert len(written["history"]) == 2


def test_tags_are_listed_and_changed(run, dataset):
    code, out, err = run("tags", dataset)
    assert code == 0, err
    assert "missed small" in out
    code, out, err = run(
        "tags", dataset, "--add", "fold", "--label", "fold=a fold", "--key", "fold=8"
    )
    assert code == 0, err
    assert "a fold" in out
    code, out, _ = run("tags", dataset, "--json", "-")
    assert json.loads(out)["tags"][-1] == {"name": "fold", "label": "a fold", "key": "8"}
    code, out, _ = run("tags", dataset, "--remove", "fold", "--json", "-")
    assert len(json.loads(out)["tags"]) == 3
    code, _, err = run("tags", dataset, "--remove", "boundary")
    assert code == 1
    assert "no tag 'boundary' of your own" in err


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(run, command):
    code, out, _ = run(command, "--help")
    assert code == 0
    assert "Usage" in out


def test_the_module_runs_as_a_program():
    shown = subprocess.run(
        [sys.executable, "-m", "napari_mask_audit", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*\n", shown.stdout)


def test_limits_decide_the_exit_code_and_say_by_how_much(run, dataset):
    assert run("audit", dataset, "--quick", "--fail-under", "iou=0.9")[0] == 0
    code, _, err = run("audit", dataset, "--quick", "--fail-under", "iou=0.8,class=cell:0.95")
    assert code == 3
    assert "limit not met: model against gt: iou of cell is 0.905, below 0.95 by 0.045" in err
    code, _, err = run("audit", dataset, "--fail-under", "iuo=0.8")
    assert (code, "bad-limit" in err) == (1, True)
    content = json.loads(
        run("audit", dataset, "--quick", "--json", "-", "--fail-under", "iou=0.95")[1]
    )
    assert content["limits"][0]["met"] is False


def test_an_audit_speaks_to_other_programs(run, dataset):
    limit = ("--fail-under", "iou=0.95")
    code, out, _ = run("audit", dataset, "--format", "github", *limit)
    assert (code, out.splitlines()[0][:8]) == (3, "::error ")
    code, out, _ = run("audit", dataset, "--format", "junit", *limit)
    assert (code, out.startswith("<testsuites")) == (3, True)
    assert run("audit", dataset, "--format", "xml")[0] == 2
    code, _, err = run("audit", dataset, "--format", "junit", "--json", "-")
    assert (code, "both want standard output" in err) == (2, True)
    target = dataset.parent / "audit.json"
    code, out, _ = run("audit", dataset, "--format", "junit", "--json", target)
    assert (code, out[:11]) == (0, "<testsuites")
    assert "findings" in json.loads(target.read_text())


def test_diff_compares_files_and_datasets_and_can_fail(run, dataset, tmp_path):
    old = tmp_path / "old.json"
    run("audit", dataset, "--quick", "--json", old)
    write_png(dataset / "masks" / "model" / "a.png", square(left=9))
    code, out, err = run("diff", old, dataset)
    assert code == 0, err
    assert re.search(r"(?s)Worse: 1 samples.*a\s+1\.000\s+0\.429\s+-0\.57", out)
    content = json.loads(run("diff", old, dataset, "--json", "-")[1])
    assert content["samples"][0]["verdict"] == "worse"
    # Two samples prove nothing about the model.
    assert run("diff", old, dataset, "--fail-on-worse")[0] == 0
    code, _, err = run("diff", old, tmp_path / "nothing.json")
    assert (code, "not-an-audit" in err) == (1, True)
    code, _, err = run("diff", old, dataset, "--candidate", "bob")
    assert (code, "no-such-comparison" in err) == (1, True)


@pytest.mark.parametrize("command", ["audit", "agree"])
def test_a_dataset_of_which_nothing_could_be_compared_is_an_error(run, tmp_path, command):
    for source in ("gt", "model"):
        file = tmp_path / "masks" / source / "a.png"
        file.parent.mkdir(parents=True)
        file.write_text("no picture")
    code, _, err = run(command, tmp_path)
    assert code == 1
    assert "of 1 sample not one could be compared" in err
    assert str(tmp_path / "masks" / "model" / "a.png") in err.replace("\n", "")


def test_correct_lists_takes_tidies_and_lists_what_was_done(run, dataset, tmp_path):
    code, out, _ = run("correct", dataset, "b")
    assert code == 0
    assert "b: model against gt, most rewarding first" in out
    assert "take one from gt: --take-from gt --finding 1" in out
    code, out, _ = run("correct", dataset, "a")
    assert out == "a: model and gt agree\n"
    dry = ("correct", dataset, "b", "--take-from", "gt", "--whole", "--dry-run")
    assert run(*dry)[1] == "20 px of model in b would change; nothing is written\n"
    assert not (dataset / "masks" / "corrected").exists()
    assert run("corrections", dataset)[1] == "nothing was corrected yet\n"
    take = ("correct", dataset, "b", "--take-from", "gt", "--finding", "1", "--reviewer", "ann")
    code, out, _ = run(*take, "--reason", "off by one")
    assert code == 0
    assert "px of model in b changed, written to" in out
    other = ("correct", dataset, "b", "--of", "gt", "--take-from", "model", "--whole")
    code, _, err = run(*other)
    assert code == 1
    assert "--replace" in err
    assert run(*other, "--replace")[0] == 0
    code, out, _ = run("corrections", dataset)
    assert [word in out for word in ("replaced", "in force", "off by one", "ann")] == [True] * 4
    code, out, _ = run("corrections", dataset, "-o", tmp_path / "c.json")
    rows = json.loads((tmp_path / "c.json").read_text())["corrections"]
    assert [row["state"] for row in rows] == ["replaced", "in force"]


@pytest.mark.parametrize(
    "wrong",
    [
        ("--take-from", "gt"),
        ("--take-from", "gt", "--whole", "--finding", "1"),
        ("--tidy",),
        ("--tidy", "--finding", "1", "--take-from", "gt"),
    ],
)
def test_correct_says_what_goes_together(run, dataset, wrong):
    code, _, err = run("correct", dataset, "b", *wrong)
    assert code == 2
    assert "--finding N" in err


def test_correct_says_what_is_not_there(run, dataset):
    for arguments, code in (
        (("--finding", "9", "--take-from", "gt"), "no-such-finding"),
        (("--finding", "1", "--take-from", "majority"), "no majority"),
        (("--of", "nobody"), "no-such-source"),
        (("--finding", "1", "--tidy"), "nothing-to-tidy"),
    ):
        found, _, err = run("correct", dataset, "b", *arguments)
        assert (found, code in " ".join(err.split())) == (1, True), err
