"""The page in the hands of a reader: a real browser that clicks, types, prints and listens."""

from __future__ import annotations

import shutil

import pytest

import napari_mask_audit as ma
from napari_mask_audit.report import write_report
from report_pages import further_parts, town

sync_api = pytest.importorskip("playwright.sync_api")
axe_api = pytest.importorskip("axe_playwright_python.sync_playwright")

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="needs chromium")

HOSTILE = ("<img src=x onerror=document.title='hacked'>", "\u202eevil \U0001f333 \"'&</script>")
SAMPLES = ("ash", "birch", "cedar 10", "cedar 9")


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    """The page, and the page for paper, of a dataset with hostile names."""
    folder = tmp_path_factory.mktemp("reading")
    dataset = ma.Dataset.open(
        town(
            folder / "data",
            name=HOSTILE[1],
            classes=HOSTILE,
            samples=SAMPLES,
            candidates=("model", "alice"),
        )
    )
    audit = ma.audit(dataset)
    parts = further_parts(dataset, audit)
    page = write_report(audit, dataset, folder / "report.html", **parts)
    paper = write_report(audit, dataset, folder / "paper.html", paper=True, **parts)
    return page, paper


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def page(browser, paths):
    """The page, with everything it says or asks for noted in ``page.heard``."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    tab = context.new_page()
    tab.heard = []
    tab.on("console", lambda message: tab.heard.append(f"console: {message.text}"))
    tab.on("pageerror", lambda error: tab.heard.append(f"error: {error}"))
    tab.on("request", lambda request: tab.heard.append(f"request: {request.url[:60]}"))
    tab.goto(paths[0].as_uri())
    yield tab
    outside = [
        line
        for line in tab.heard
        if not line.startswith(("request: file://", "request: data:image/png"))
    ]
    context.close()
    assert outside == []


def test_the_browser_would_have_complained(browser, paths, tmp_path):
    spoilt = tmp_path / "spoilt.html"
    text = paths[0].read_text("utf-8")
    spoilt.write_text(
        text.replace("</main>", "<p onclick='x' style='color:red'></p></main>"), "utf-8"
    )
    tab, heard = browser.new_page(), []
    tab.on("console", lambda message: heard.append(message.text))
    tab.goto(spoilt.as_uri())
    tab.close()
    assert any("Content Security Policy" in line for line in heard)


def samples_table(tab):
    return tab.locator("table[data-review]").first


def first_cells(tab):
    rows = samples_table(tab).locator("tbody tr:not([hidden])")
    return [rows.nth(n).locator("bdi").first.inner_text() for n in range(rows.count())]


def test_hostile_names_are_shown_and_do_nothing(page):
    assert "hacked" not in page.title()
    assert page.locator("img[onerror]").count() == 0
    assert page.get_by_text(HOSTILE[0], exact=True).count() > 0


def test_a_click_on_a_heading_sorts_and_a_second_one_turns_it_round(page):
    heading = samples_table(page).locator("thead th").first
    button = heading.locator("button")
    button.click()
    assert first_cells(page) == ["ash", "birch", "cedar 9", "cedar 10"]  # as a person counts
    assert heading.get_attribute("aria-sort") == "ascending"
    button.press("Enter")
    assert first_cells(page) == ["cedar 10", "cedar 9", "birch", "ash"]
    assert heading.get_attribute("aria-sort") == "descending"


def test_typing_filters_rows_and_says_how_many(page):
    table = samples_table(page).get_attribute("id")
    box = page.locator(f'input[data-table="{table}"]')
    box.fill("BIR ch")
    assert first_cells(page) == ["birch"]
    assert "1 of 4" in box.locator("..").locator("output").inner_text()
    box.fill("")
    assert len(first_cells(page)) == 4


def test_a_picture_opens_large_steps_blinks_and_closes_by_keyboard(page):
    page.locator("button.zoom").first.focus()
    page.keyboard.press("Enter")
    viewer = page.locator("dialog#viewer")
    assert viewer.is_visible()
    before = viewer.locator(".caption").inner_text()
    page.keyboard.press("ArrowRight")
    assert viewer.locator(".caption").inner_text() != before
    page.keyboard.press("b")
    blink = viewer.locator('[data-do="blink"]')
    assert blink.get_attribute("aria-pressed") == "true"
    one = viewer.locator("img").get_attribute("src")
    page.wait_for_function(
        "src => document.querySelector('#viewer img').getAttribute('src') !== src", arg=one
    )
    page.keyboard.press("Escape")
    assert not viewer.is_visible()
    assert page.evaluate("document.activeElement.className") == "zoom"


def test_copying_gives_the_command_that_opens_the_sample(page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    button = samples_table(page).locator("button.copy").first
    button.click()
    page.wait_for_function("document.getElementById('said').textContent !== ''")
    said = page.locator("#said").inner_text()
    assert "mask-audit review data --sample" in said
    labels = page.locator("button.copy").evaluate_all("all => all.map(b => b.ariaLabel)")
    assert sum(label == "Copy the command that opens ash in napari" for label in labels) == 2


def test_a_link_into_a_closed_section_opens_it(page):
    closed = page.locator("details:not([open])").first
    closed.evaluate("d => { d.querySelector('summary').nextElementSibling.id = 'deep-inside'; }")
    page.evaluate("location.hash = '#deep-inside'")
    page.wait_for_function("document.getElementById('deep-inside').closest('details').open")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 900, 1400])
def test_axe_finds_nothing_and_nothing_sticks_out(browser, paths, width, scheme):
    """Contrast, names, roles, order: everything unfolded, at three widths, light and dark.

    400 px is also what a 1600 px window at 400 % zoom, or an 800 px one at 200 %, leaves.
    """
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
    )
    tab = context.new_page()
    tab.goto(paths[0].as_uri())
    tab.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    found = axe_api.Axe().run(tab).response["violations"]
    wide = tab.evaluate("document.documentElement.scrollWidth")
    context.close()
    assert [(v["id"], [n["html"][:120] for n in v["nodes"][:2]]) for v in found] == []
    assert wide <= width


def test_the_paper_page_prints_in_pages_without_a_script(browser, paths, tmp_path):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    heard = []
    tab.on("console", lambda message: heard.append(message.text))
    tab.goto(paths[1].as_uri())
    pdf = tab.pdf(path=tmp_path / "paper.pdf", prefer_css_page_size=True)
    context.close()
    assert heard == []
    assert pdf.startswith(b"%PDF")
    assert pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") + pdf.count(b"/Type/Page") > 1
