"""Failures, agreement, checklist and lint on the page: optional, linked, additive, inert."""

from __future__ import annotations

import html
import itertools
import re
import shlex
from dataclasses import dataclass

import numpy as np
import pytest

import napari_mask_audit as ma
from building import make_dataset, square
from napari_mask_audit.agreement import agree
from napari_mask_audit.checklist import checklist
from napari_mask_audit.checks import lint
from napari_mask_audit.failures import explain_dataset
from napari_mask_audit.report import report_html
from napari_mask_audit.report.commands import review_command
from napari_mask_audit.report.confusion import MOST_CLASSES, confusion_table
from napari_mask_audit.report.curves import audit_charts, ceiling_chart
from napari_mask_audit.report.failure_tables import failure_view
from napari_mask_audit.report.glance import cards, leading
from report_pages import Page, town

PEOPLE = ("model", "alice", "bob")


@dataclass(frozen=True)
class Everything:
    """A dataset with everything that can be said about it."""

    dataset: ma.Dataset
    audit: ma.Audit
    parts: dict

    def page(self, **options) -> Page:
        return Page(report_html(self.audit, self.dataset, **self.parts, **options))


def everything(folder, **settings) -> Everything:
    dataset = ma.Dataset.open(folder)
    chosen = dataset.settings.replace(**settings)
    audit, flaws = ma.audit(dataset, settings=chosen), lint(dataset)
    parts = {
        "failures": explain_dataset(dataset, settings=chosen),
        "agreement": agree(dataset, settings=chosen),
        "lint": flaws,
        "checklist": checklist(dataset, audit, flaws),
    }
    return Everything(dataset, audit, parts)


@pytest.fixture(scope="module")
def full(tmp_path_factory) -> Everything:
    return everything(town(tmp_path_factory.mktemp("town"), candidates=PEOPLE))


@pytest.fixture(scope="module")
def page(full) -> Page:
    return full.page()


def ids_and_targets(found: Page) -> tuple[list[str], set[str]]:
    ids = [a["id"] for _, a in found.tags if a.get("id")]
    wanted = {a["href"].removeprefix("#") for a in found.all("a")}
    wanted |= {a["for"] for _, a in found.tags if a.get("for")}
    wanted |= {a["data-table"] for _, a in found.tags if a.get("data-table")}
    for _, attributes in found.tags:
        wanted |= set((attributes.get("aria-labelledby") or "").split())
        fill = re.fullmatch(r"url\(#(.*)\)", attributes.get("fill") or "")
        wanted |= {fill[1]} if fill else set()
    return ids, wanted


def test_every_link_label_and_pattern_leads_somewhere_and_ids_are_unique(page):
    ids, wanted = ids_and_targets(page)
    assert len(ids) == len(set(ids))
    assert wanted - set(ids) == set()
    assert {"c0-gain", "agreement", "checklist", "lint", "kind-boundary"} <= set(ids)


@pytest.mark.parametrize("left_out", ["failures", "agreement", "checklist", "lint"])
def test_every_part_is_optional(full, left_out):
    parts = {name: part for name, part in full.parts.items() if name != left_out}
    found = Page(report_html(full.audit, full.dataset, worst=0, typical=0, **parts))
    ids, wanted = ids_and_targets(found)
    assert wanted - set(ids) == set()
    assert {"failures": "c0-gain"}.get(left_out, left_out) not in ids


def test_the_cards_say_how_good_how_sure_what_is_wrong_and_what_next(full):
    made = cards(full.audit, *(full.parts[n] for n in ("failures", "checklist", "agreement")))
    assert 3 <= len(made) <= 4
    assert str(made[0].sentence).startswith("model against gt: mean IoU 0.92")
    assert "Annotators among themselves reach" in str(made[0].sentence)
    # the shift of one and two pixels lies within the tolerance of two: all of it is outline
    assert "Most is lost to outlines slightly off, mainly of house" in str(made[1].sentence)
    assert "the mean IoU would be 1.00 instead of 0.92" in str(made[1].sentence)
    assert all(card.sentence.anchor for card in made)


def test_the_page_is_about_the_prediction_although_a_person_scores_lower(full):
    pairs = [(c.candidate, c.mean_iou) for c in full.audit.comparisons]
    assert min(pairs, key=lambda pair: pair[1])[0] != "model"
    assert full.audit.comparisons[leading(full.audit)].candidate == "model"


def test_the_parts_of_a_bar_add_up_to_one(full):
    for comparison in full.parts["failures"].comparisons:
        table = failure_view(full.dataset, comparison).decomposition
        for row in table.rows:
            segments = row[1].stack
            assert sum(s.length for s in segments) == pytest.approx(1, abs=1e-12)
            assert segments[0].start == 0
            for before, after in itertools.pairwise(segments):
                assert after.start == pytest.approx(before.start + before.length)


def test_thresholds_stand_beside_the_buckets(page):
    assert page.words.count("Thresholds: tolerance 2 px, small below 16 px") == len(PEOPLE)


def test_rows_of_the_confusion_matrix_hold_every_reference_pixel(full):
    failures = full.parts["failures"].comparisons[0]
    table = failures.table
    found, hidden = confusion_table(full.dataset, full.audit.comparisons[0])
    assert hidden == 0
    for class_id, row in zip(table.ids, found.rows, strict=True):
        counted = sum(int(re.sub(r"\D", "", c.note) or 0) for c in row[1:])
        assert counted == table.counts[table.reference == class_id].sum()


def test_a_large_confusion_matrix_shows_the_classes_with_most_pixels(tmp_path):
    mask = np.repeat(np.arange(1, 41, dtype=np.uint8), 40)[:, None] * np.ones((1, 40), np.uint8)
    mask = mask[: 40 * 40 : 1][:1600]
    other = np.roll(mask, 3, axis=0)
    make_dataset(tmp_path, {"gt": {"a": mask}, "model": {"a": other}})
    found = everything(tmp_path)
    assert "smaller ones left out" in found.page(worst=0, typical=0).words
    table, hidden = confusion_table(found.dataset, found.audit.comparisons[0])
    assert (len(table.rows), hidden) == (MOST_CLASSES, 40 - MOST_CLASSES)


def test_curves_appear_with_several_tolerances_and_rise(tmp_path):
    found = everything(town(tmp_path), tolerances=(1.0, 2.0, 4.0))
    charts = audit_charts(found.audit.comparisons[0])
    assert [chart.title for chart in charts] == ["house", "tree"]
    for chart in charts:
        heights = [float(point.split(",")[1]) for point in chart.lines[0].points.split()]
        assert len(heights) == 3
        assert heights == sorted(heights, reverse=True)  # y runs downwards
    assert "Outlines by tolerance" in found.page(worst=0, typical=0).words


def test_three_annotators_have_a_band_with_their_mean_inside(tmp_path):
    folder = town(tmp_path, candidates=("model", "alice", "bob", "carol"))
    ceiling = agree(folder).ceiling[0]
    chart = ceiling_chart(ceiling)
    assert chart.band
    assert [line.name for line in chart.lines] == ["annotators, mean", "model"]
    top, bottom = (
        [float(p.split(",")[1]) for p in half]
        for half in np.array_split(np.array(chart.band.split()), 2)
    )
    mean = [float(p.split(",")[1]) for p in chart.lines[0].points.split()]
    for high, middle, low in zip(top, mean, reversed(bottom), strict=True):
        assert high - 0.11 <= middle <= low + 0.11  # rounded to a tenth


def test_one_source_beside_the_reference_has_no_agreement_part(tmp_path):
    found = everything(town(tmp_path))
    assert "agreement" not in {a.get("id") for _, a in found.page(worst=0, typical=0).tags}


def test_copied_annotators_are_said_loudly(tmp_path):
    masks = {n: {s: square(left=5 + (n == "bob")) for s in "abc"} for n in ("gt", "alice", "bob")}
    words = everything(make_dataset(tmp_path, masks, "background = 0\n")).page().words
    assert "gt and alice are identical on all 3 samples" in words


def test_two_runs_give_the_same_bytes(full):
    again = everything(full.dataset.folder)
    first = report_html(full.audit, full.dataset, **full.parts)
    assert first == report_html(again.audit, again.dataset, **again.parts)


HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "\"' onmouseover='alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "\u202egnp.exe \u05d0\u05d1 🏠: x",
)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_class_names_stay_text_in_every_part(tmp_path, name, full, page):
    hostile = everything(
        town(tmp_path, candidates=PEOPLE, classes=(name, "tree"), name=name)
    ).page()
    assert [tag for tag, _ in hostile.tags] == [tag for tag, _ in page.tags]
    assert [set(a) for _, a in hostile.tags] == [set(a) for _, a in page.tags]
    assert "".join(hostile.text).count(name) >= 20


@pytest.mark.parametrize("name", ["-rf", "a b", "$(reboot)", "`id`", "it's", "a;b", "🏠", "--help"])
def test_a_command_is_one_shell_word_per_name(tmp_path, name):
    folder = make_dataset(tmp_path / name, {"gt": {"a": square()}, "model": {"a": square()}})
    words = shlex.split(review_command(ma.Dataset.open(folder), name))
    assert words[:2] == ["mask-audit", "review"]
    assert words[2] in (name, f"./{name}")
    assert words[3:] in (["--sample", name], [f"--sample={name}"])
    assert not words[2].startswith("-")


@pytest.mark.parametrize("name", ["a\nreboot", "a\u202eb", "\x1b[2J"])
def test_a_command_never_holds_characters_that_cannot_be_seen(tmp_path, name):
    folder = make_dataset(tmp_path / "d", {"gt": {"a": square()}, "model": {"a": square()}})
    assert review_command(ma.Dataset.open(folder), name) == "mask-audit review d"


def test_every_shown_sample_has_its_command_as_text_and_to_copy(full, page):
    shown = len(page.all("article"))
    copies = [b["data-copy"] for b in page.all("button") if b.get("class") == "copy"]
    assert shown > 0
    assert len(copies) == shown + 1  # one more where nobody has reviewed yet
    for text in copies:
        assert page.words.count(html.unescape(text)) >= 1
    assert str(full.dataset.folder.parent) not in page.words


def test_stopping_leaves_a_page_that_says_so_and_progress_counts_all_pictures(full):
    seen: list[tuple[int, int]] = []
    full.page(worst=2, typical=2, progress=lambda *step: seen.append(step[:2]))
    total = seen[-1][1]
    assert seen == [(n, total) for n in range(1, total + 1)]
    assert "The report was stopped early" in full.page(should_stop=lambda: True).words
