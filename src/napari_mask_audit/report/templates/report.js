"use strict";
(() => {
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

  // What a row sorts by in a column: a number, or text; null (undefined values) always comes last.
  function keyOf(row, column, numeric) {
    const cell = row.cells[column];
    if (!numeric) return cell.textContent.trim();
    return cell.dataset.v === "" || cell.dataset.v === undefined ? null : Number(cell.dataset.v);
  }

  function sortBy(table, column, direction) {
    const body = table.tBodies[0];
    const numeric = table.tHead.rows[0].cells[column].classList.contains("n");
    const keyed = Array.from(body.rows, (row, n) => ({ row, n, key: keyOf(row, column, numeric) }));
    keyed.sort((a, b) => {
      if (a.key === null || b.key === null) return (a.key === null) - (b.key === null) || a.n - b.n;
      const order = numeric ? a.key - b.key : collator.compare(a.key, b.key);
      return direction * order || a.n - b.n;
    });
    const sorted = document.createDocumentFragment();
    for (const entry of keyed) sorted.append(entry.row);
    body.append(sorted);
  }

  function makeSortable(table) {
    const headings = Array.from(table.tHead.rows[0].cells);
    headings.forEach((heading, column) => {
      if (heading.dataset.drawn !== undefined) return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      heading.append(button);
      button.addEventListener("click", () => {
        const direction = heading.getAttribute("aria-sort") === "ascending" ? -1 : 1;
        for (const other of headings) other.removeAttribute("aria-sort");
        heading.setAttribute("aria-sort", direction === 1 ? "ascending" : "descending");
        sortBy(table, column, direction);
      });
    });
  }

  function makeFilter(input) {
    const rows = Array.from(document.getElementById(input.dataset.table).tBodies[0].rows);
    const texts = rows.map((row) => Array.from(row.cells, (cell) => cell.textContent).join(" ").toLowerCase());
    const output = input.parentElement.querySelector("output");
    input.parentElement.hidden = false;
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      rows.forEach((row, n) => {
        row.hidden = !words.every((word) => texts[n].includes(word));
        shown += row.hidden ? 0 : 1;
      });
      output.textContent = words.length ? `${shown} of ${rows.length} rows` : "";
    });
  }

  document.querySelectorAll("table[data-sortable]").forEach(makeSortable);
  document.querySelectorAll("input[data-table]").forEach(makeFilter);

  // Commands: a click copies them; where the browser forbids that, it selects them.
  const said = document.getElementById("said");
  async function copy(button) {
    const text = button.dataset.copy;
    let done = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const code = button.parentElement.querySelector("code");
      if (code) getSelection().selectAllChildren(code);
      done = false;
    }
    button.textContent = done ? "copied" : "selected";
    said.textContent = done ? `Copied: ${text}` : `Not allowed to copy; select it: ${text}`;
    setTimeout(() => { button.textContent = "copy"; }, 1500);
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button.copy");
    if (button) copy(button);
  });

  // A word for a POSIX shell, as review_command() in commands.py makes it.
  const plain = /^[A-Za-z0-9_@%+=:,./][A-Za-z0-9_@%+=:,./-]*$/;
  const quoted = (word) => `'${word.replaceAll("'", "'\"'\"'")}'`;
  const hidden = /[\p{C}\p{Z}]/u;
  document.querySelectorAll("table[data-review]").forEach((table) => {
    const note = document.createElement("span");
    note.className = "fine";
    note.textContent = "“copy” puts the command that opens a sample in napari on the clipboard.";
    document.querySelector(`input[data-table="${table.id}"]`).parentElement.append(note);
    const rows = Array.from(table.tBodies[0].rows);
    const add = (row) => {
      const name = row.cells[0].querySelector("bdi").textContent;
      if (hidden.test(name.replaceAll(" ", ""))) return;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "copy";
      button.dataset.copy = `${table.dataset.review} ${plain.test(name) ? `--sample ${name}` : `--sample=${quoted(name)}`}`;
      button.title = button.dataset.copy;
      button.setAttribute("aria-label", `Copy the command that opens ${name} in napari`);
      button.textContent = "copy";
      row.cells[0].append(" ", button);
    };
    // Thousands of buttons would delay the page: the first rows have theirs at once, the rest
    // when there is nothing else to do.
    const idle = window.requestIdleCallback || ((work) => setTimeout(work, 50));
    const some = () => {
      rows.splice(0, 100).forEach(add);
      if (rows.length) idle(some);
    };
    some();
  });

  // Enlarged pictures: one dialog that steps through the pictures of a sample.
  const viewer = document.getElementById("viewer");
  const stage = viewer.querySelector(".stage");
  const caption = viewer.querySelector(".caption");
  const blinkButton = viewer.querySelector('[data-do="blink"]');
  let figures = [];
  let current = 0;
  let timer = 0;

  function show(index) {
    current = (index + figures.length) % figures.length;
    const figure = figures[current];
    stage.replaceChildren(figure.querySelector(".frame").cloneNode(true));
    const sample = figure.closest("article").querySelector("h4 bdi:last-of-type").cloneNode(true);
    caption.replaceChildren(sample, " – ", ...figure.querySelector("figcaption").cloneNode(true).childNodes);
    fit();
  }

  // As large as the window allows, without ever cutting the picture off.
  function fit() {
    const image = stage.querySelector("img");
    const room = Math.min(viewer.clientWidth - 32, (window.innerHeight * 0.78 * image.width) / image.height || Infinity);
    const ratio = image.getAttribute("width") / image.getAttribute("height");
    const width = Math.min(viewer.clientWidth - 32, window.innerHeight * 0.75 * ratio, room || Infinity);
    stage.firstElementChild.style.setProperty("width", `${Math.floor(width)}px`);
  }

  function blink(on) {
    clearInterval(timer);
    blinkButton.setAttribute("aria-pressed", String(on));
    if (!on) return;
    const pair = figures.length === 4 ? [1, 2] : [0, 1];
    let second = false;
    const step = () => { show(pair[Number(second)]); second = !second; };
    step();
    timer = setInterval(step, 700);
  }

  const actions = {
    previous: () => { blink(false); show(current - 1); },
    next: () => { blink(false); show(current + 1); },
    blink: () => blink(blinkButton.getAttribute("aria-pressed") !== "true"),
    close: () => viewer.close(),
  };
  viewer.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-do]");
    if (button) actions[button.dataset.do]();
    else if (event.target === viewer) viewer.close();
  });
  viewer.addEventListener("keydown", (event) => {
    const keys = { ArrowLeft: "previous", ArrowRight: "next", b: "blink", B: "blink" };
    if (keys[event.key]) { event.preventDefault(); actions[keys[event.key]](); }
  });
  viewer.addEventListener("close", () => blink(false));
  window.addEventListener("resize", () => { if (viewer.open) fit(); });
  document.querySelectorAll("button.zoom").forEach((button) => {
    button.addEventListener("click", () => {
      const all = button.closest(".quad").querySelectorAll("figure");
      figures = Array.from(all).filter((figure) => figure.querySelector("img"));
      viewer.showModal();
      show(figures.indexOf(button.closest("figure")));
    });
  });

  // A link into a closed section opens it; printing opens everything and closes it again.
  function reveal() {
    const id = decodeURIComponent(location.hash.slice(1));
    const target = id && document.getElementById(id);
    if (!target) return;
    for (let node = target; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
    target.scrollIntoView();
  }
  window.addEventListener("hashchange", reveal);
  reveal();
  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = Array.from(document.querySelectorAll("details.comparison:not([open]), details.more:not([open])"));
    for (const section of opened) section.open = true;
  });
  window.addEventListener("afterprint", () => { for (const section of opened) section.open = false; });
})();
