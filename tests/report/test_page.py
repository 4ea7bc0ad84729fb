"""The page: what it says, that it is self-contained, inert, accessible and repeatable."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import sys
from dataclasses import dataclass

import numpy as np
import pytest

import napari_mask_audit as ma
from building import make_dataset, square, write_png
from napari_mask_audit.errors import DatasetError
from napari_mask_audit.report import report_html, write_report
from report_pages import Page, scene, town


@dataclass(frozen=True)
class Verdict:
    """What the report reads of a verdict."""

    sample: str
    finding: str | None = None
    reviewer: str = "ann"
    status: str | None = None
    tags: tuple[str, ...] = ()
    comment: str = ""


def page_of(folder, **options) -> Page:
    dataset = ma.Dataset.open(folder)
    return Page(report_html(ma.audit(dataset), dataset, **options))


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Page:
    return page_of(town(tmp_path_factory.mktemp("town")))


def test_the_top_says_how_good_what_is_worst_and_what_is_wrong(page):
    # IoU of the shifted square: ash 1, birch 11/13, cedar 10/14; pooled (12+11+10)/(12+13+14)
    assert "model against gt: mean IoU 0.92" in page.words
    assert "The weakest class is house (IoU 0.85)" in page.words
    assert "the weakest sample is cedar (0.86), there mainly house." in page.words
    assert "No problems: every mask could be read, paired and compared." in page.words


def test_every_link_and_label_leads_somewhere_and_ids_are_unique(tmp_path):
    found = page_of(town(tmp_path, candidates=("model", "alice", "bob", "carol")))
    ids = [attributes["id"] for _, attributes in found.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    wanted = {a["href"].removeprefix("#") for a in found.all("a")}
    wanted |= {attributes["for"] for attributes in found.all("label")}
    for _, attributes in found.tags:
        wanted |= set((attributes.get("aria-labelledby") or "").split())
    assert wanted - set(ids) == set()
    assert "c3" in wanted


def test_the_page_needs_nothing_from_outside(page):
    for _, attributes in page.tags:
        for name in ("src", "href", "xlink:href", "action", "srcset", "data"):
            target = attributes.get(name) or "#"
            assert target.startswith(("#", "data:image/png;base64,"))
    assert not re.search(r"url\(|@import|https?:", page.raw["style"] + page.raw["script"])
    assert not page.all("link")


def test_the_policy_allows_exactly_the_style_and_script_of_the_page(page):
    policy = next(m["content"] for m in page.all("meta") if m.get("http-equiv"))
    for tag in ("style", "script"):
        digest = base64.b64encode(hashlib.sha256(page.raw[tag].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
        assert len(page.all(tag)) == 1
    assert policy.startswith("default-src 'none'; img-src data:;")
    assert "unsafe" not in policy
    # what the policy forbids would be dropped silently: there must be nothing of the kind
    assert not any(k == "style" or k.startswith("on") for _, a in page.tags for k in a)


def test_pictures_have_alternatives_and_tables_captions_and_scopes(page):
    assert len(page.all("img")) == 2 * 4  # ash is perfect and not shown
    assert all(image["alt"] for image in page.all("img"))
    assert len(page.all("caption")) == len(page.all("table")) - 1  # the histogram's has a summary
    assert all(heading.get("scope") in ("col", "row") for heading in page.all("th"))
    assert page.all("html")[0]["lang"] == "en"


def test_two_runs_give_the_same_bytes(tmp_path):
    dataset = ma.Dataset.open(town(tmp_path / "data"))
    first = write_report(ma.audit(dataset), dataset, tmp_path / "first.html").read_bytes()
    second = write_report(ma.audit(dataset, workers=1), dataset, tmp_path / "second.html")
    assert first == second.read_bytes()


HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "\"' onmouseover='alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt; &#x3c;",
    "\u202egnp.exe \u05d0\u05d1 🏠 اسم",
)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_class_names_comments_and_titles_stay_text(tmp_path, name):
    plain = page_of(
        town(tmp_path / "plain"), reviews={("ash", None): Verdict("ash", comment="c", tags=("t",))}
    )
    reviews = {("ash", None): Verdict("ash", comment=name, tags=(name,), reviewer=name)}
    hostile = page_of(
        town(tmp_path / "hostile", name=name, classes=(name, "tree")), reviews=reviews
    )
    assert [tag for tag, _ in hostile.tags] == [tag for tag, _ in plain.tags]
    assert [set(a) for _, a in hostile.tags] == [set(a) for _, a in plain.tags]
    assert "".join(hostile.text).count(name) >= 5


@pytest.mark.skipif(sys.platform == "win32", reason="Windows forbids these file names")
@pytest.mark.parametrize("name", ["<script>alert(1)<", "\"onload='x", "a\u202eb", "🏠 {{7*7}}"])
def test_hostile_file_names_stay_text(tmp_path, name):
    plain = page_of(town(tmp_path / "plain", samples=("ash", "zzz")))
    hostile = page_of(town(tmp_path / "hostile", samples=("ash", name)))
    # the order of the samples may differ, so what is compared is how many of each tag there are
    assert sorted(tag for tag, _ in hostile.tags) == sorted(tag for tag, _ in plain.tags)
    assert name in "".join(hostile.text)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has file names that are not text")
def test_a_file_name_that_is_not_text_does_not_stop_the_report(tmp_path):
    name = os.fsdecode(b"caf\xe9")
    dataset = ma.Dataset.open(town(tmp_path / "data", samples=("ash", name)))
    written = write_report(ma.audit(dataset), dataset, tmp_path / "report.html")
    assert "caf?" in written.read_text("utf-8")


def test_verdicts_stand_beside_the_scores_and_in_a_table_of_their_own(tmp_path):
    reviews = {
        ("cedar", None): Verdict("cedar", status="needs_fix", tags=("boundary",), comment="left"),
        ("birch", None): Verdict("birch", status="accept"),
        ("ash", None): Verdict("ash"),  # taken back
    }
    found = page_of(town(tmp_path), reviews=reviews)
    assert "2 of 3 samples reviewed: 1 accepted, 1 needs fix." in found.words
    assert "Tags: boundary 1" in found.words
    assert "cedar needs fix boundary left ann" in found.words


def test_without_verdicts_the_page_says_so(page):
    assert "Nobody has reviewed this dataset yet." in page.words


def test_problems_are_counted_on_top_and_listed_with_relative_files(tmp_path):
    folder = town(tmp_path, samples=("ash", "birch", "cedar"))
    (folder / "masks/model/ash.png").unlink()
    (folder / "masks/model/birch.png").write_bytes(b"no picture")
    found = page_of(folder)
    assert "2 problems were found in the files" in found.words
    assert "masks/model/birch.png" in found.words
    assert str(folder) not in found.words


def test_nothing_to_compare_is_a_report_too(tmp_path):
    make_dataset(tmp_path, {"gt": {"a": square()}, "model": {"b": square()}})
    found = page_of(tmp_path)
    assert "Nothing could be compared" in found.words
    assert not found.all("img")


def test_a_class_in_neither_mask_has_no_score_and_is_counted(tmp_path):
    masks = {"gt": {"a": square()}, "model": {"a": square(left=6)}}
    make_dataset(tmp_path, masks, 'background = 0\n[classes]\n1 = "cell"\n2 = "ghost"\n')
    found = page_of(tmp_path)
    assert "ghost in neither mask" in found.words
    assert "over 1 class and 1 sample" in found.words


def test_identical_masks_are_called_identical(tmp_path):
    make_dataset(tmp_path, {"gt": {"a": square()}, "model": {"a": square()}})
    found = page_of(tmp_path)
    assert "mean IoU 1.00" in found.words
    assert "Nothing is worst: the two agree on every pixel that counts." in found.words


def test_many_comparisons_have_an_overview_and_share_the_pictures(tmp_path):
    names = tuple(f"annotator{n}" for n in range(6))
    samples = tuple("abcdefgh")
    found = page_of(town(tmp_path, candidates=names, samples=samples), worst=4)
    assert "Of 6 sources compared with gt, annotator0 agrees best" in found.words
    exhibits = [a["id"] for a in found.all("article")]
    assert len(exhibits) == 6 * 2  # 4 × 3 pictures, shared among six
    assert "overview-table" in {a.get("id") for a in found.all("table")}


def test_pairs_without_a_reference_are_not_called_right_or_wrong(tmp_path):
    masks = {name: {"a": square(left=n)} for n, name in enumerate(("ann", "ben", "cat"))}
    found = page_of(make_dataset(tmp_path, masks))
    assert "neither of two is the truth" in found.words
    assert "Of 3 pairs of sources" in found.words


def test_3d_samples_show_the_slice_that_differs_most(tmp_path):
    volume = np.zeros((6, 20, 20), np.uint8)
    volume[1:5, 5:15, 5:15] = 1
    other = volume.copy()
    other[3, :, 10:] = 0
    for source, array in (("gt", volume), ("model", other)):
        (tmp_path / "masks" / source).mkdir(parents=True)
        np.save(tmp_path / "masks" / source / "a.npy", array)
    found = page_of(tmp_path)
    assert "Slice z 3 of 6 is shown" in found.words
    assert "50 voxels at x 10–14, y 5–14, z 3" in found.words


def test_an_image_of_another_size_is_left_out_and_said(tmp_path):
    folder = town(tmp_path, samples=("ash", "birch"))
    write_png(folder / "images" / "birch.png", np.zeros((10, 10), np.uint8))
    assert "the image has another size than the masks" in page_of(folder).words


def test_progress_counts_the_pictures_and_stopping_leaves_a_page_that_says_so(tmp_path):
    dataset = ma.Dataset.open(town(tmp_path, samples=tuple("abcdefghijklmnop")))
    audit = ma.audit(dataset)
    seen = []
    report_html(audit, dataset, worst=5, progress=lambda *step: seen.append(step[:2]))
    assert seen == [(n, 5) for n in range(1, 6)]
    stopped = Page(report_html(audit, dataset, worst=15, should_stop=lambda: True))
    assert "The report was stopped early" in stopped.words
    assert len(stopped.all("article")) < 15
    assert "The report was stopped early" not in Page(report_html(audit, dataset)).words


def test_worst_0_makes_no_pictures(tmp_path):
    assert not page_of(town(tmp_path), worst=0).all("img")


def test_a_report_that_cannot_be_written_says_so_and_leaves_the_old_one(tmp_path, monkeypatch):
    dataset = ma.Dataset.open(town(tmp_path / "data"))
    audit = ma.audit(dataset)
    target = tmp_path / "report.html"
    target.write_text("old")

    def full(*_args, **_options):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fdopen", full)
        with pytest.raises(DatasetError, match="No space left on device") as caught:
            write_report(audit, dataset, target)
    assert caught.value.code == "cannot-write"
    assert target.read_text() == "old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["data", "report.html"]
    (tmp_path / "folder").mkdir()
    with pytest.raises(DatasetError, match="cannot be written") as caught:
        write_report(audit, dataset, tmp_path / "folder")
    assert caught.value.code == "cannot-write"


def test_folders_on_the_way_are_made(tmp_path):
    dataset = ma.Dataset.open(town(tmp_path / "data"))
    assert write_report(ma.audit(dataset), dataset, tmp_path / "a/b/report.html").is_file()


def test_ignored_pixels_are_no_disagreement(tmp_path):
    reference, candidate = scene(), scene()
    reference[30:, :10] = 255
    candidate[30:, :10] = 1
    candidate[4, 4] = 0
    make_dataset(tmp_path, {"gt": {"a": reference}, "model": {"a": candidate}}, "ignore = [255]")
    found = page_of(tmp_path)
    assert "1 in gt, 0 in model: 1 px at x 4, y 4" in found.words
    assert "100 px" not in found.words


def luminance(color: str) -> float:
    channels = [int(color[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ink", ["ink", "soft", "accent"])
@pytest.mark.parametrize("paper", ["paper", "raised"])
def test_text_contrasts_with_its_background(page, scheme, ink, paper):
    assert contrast(page, scheme, ink, paper) >= 4.5


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("paper", ["hot", "warn"])
def test_text_contrasts_with_the_darkest_cell_and_with_warnings(page, scheme, paper):
    assert contrast(page, scheme, "ink", paper) >= 4.5


def contrast(page, scheme, ink, paper) -> float:
    block = re.findall(r":root \{(.*?)\}", page.raw["style"], re.DOTALL)[scheme]
    colors = dict(re.findall(r"--(\w+): (#\w{6})", block))
    low, high = sorted(luminance(colors[name]) for name in (ink, paper))
    return (high + 0.05) / (low + 0.05)
