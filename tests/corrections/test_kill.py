"""Work that was acknowledged, saved or kept as a draft, is there after a kill at any moment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from building import make_dataset, square
from napari_mask_audit import Dataset
from napari_mask_audit.corrections import find_drafts, load_draft, recover
from napari_mask_audit.corrections.fingerprints import fingerprint_of
from napari_mask_audit.corrections.recovery import recorded_of
from napari_mask_audit.dataset.corrected import CORRECTED
from napari_mask_audit.readers import read_mask
from napari_mask_audit.review.store import ReviewStore

ROUNDS = int(os.environ.get("MASK_AUDIT_KILL_ROUNDS", "8"))
SAMPLES = ("a", "b", "c")

# Forks a reviewer who paints, keeps drafts and saves as fast as possible, and writes a line when
# it was told that something is safe; kills it after a random moment; and again. The number of the
# stroke is in the pixels of the first row, so that any mask says how old it is.
KILLER = """
import os, random, signal, sys, time
from datetime import datetime, timezone
from pathlib import Path
import numpy as np
from napari_mask_audit import Dataset
from napari_mask_audit.corrections import Draft, Work, keep_draft, recover, save_correction
from napari_mask_audit.corrections.fingerprints import fingerprint_of
from napari_mask_audit.review.store import ReviewStore

folder, log, rounds = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
dice = random.Random(7)

def reviewer(number):
    dataset = Dataset.open(folder)
    out = os.open(log / f"{number}.txt", os.O_WRONLY | os.O_CREAT)
    with ReviewStore.open(folder / "review.sqlite", dataset_key="d") as store:
        recover(dataset, store, drafts=folder / "drafts", dataset_key="d", reviewer="ann")
        for n in range(number * 1000, number * 1000 + 1000):
            sample = "abc"[n % 3]
            labels = dataset.read_mask(dataset.sample(sample), "model").labels.copy()
            labels[0, :20] = [(n >> bit) & 1 for bit in range(20)]
            draft = Draft(dataset_key="d", reviewer="ann", sample=sample, source="model",
                          before="", at=datetime.now(timezone.utc).isoformat(),
                          after=fingerprint_of(labels))
            keep_draft(folder / "drafts", draft, labels)
            os.write(out, f"draft {sample} {n}\\n".encode())
            if n % 2:
                work = Work(sample, "model", labels, "ann", str(n))
                save_correction(dataset, work, store.record_correction,
                                drafts=folder / "drafts", dataset_key="d", replaces_earlier=True)
                os.write(out, f"saved {sample} {n}\\n".encode())

Dataset.open(folder).read_mask  # loads everything once for all rounds
for number in range(1, rounds + 1):
    child = os.fork()
    if not child:
        reviewer(number)
        os._exit(0)
    while not (log / f"{number}.txt").exists():
        time.sleep(0.001)
    time.sleep(dice.uniform(0.0, 0.4))
    os.kill(child, signal.SIGKILL)
    _, how = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(how) != -signal.SIGKILL:
        sys.exit(f"the reviewer of round {number} ended by itself: it never was in danger")
"""


def stroke_of(labels: np.ndarray) -> int:
    """Which stroke a mask holds."""
    return int(sum(int(pixel) << bit for bit, pixel in enumerate(labels[0, :20])))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no kill -9 on this system")
def test_a_kill_while_correcting_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    folder, log = tmp_path / "data", tmp_path / "log"
    log.mkdir()
    masks = {s: {name: square(size=40) for name in SAMPLES} for s in ("gt", "model")}
    make_dataset(folder, masks)
    command = [sys.executable, "-c", KILLER, str(folder), str(log), str(ROUNDS)]
    subprocess.run(command, check=True)
    lines = [line.split() for file in log.glob("*.txt") for line in file.read_text().splitlines()]
    assert sum(word == "saved" for word, *_ in lines) > ROUNDS / 2, "too little was saved"
    # No half file anywhere: whatever has the name of a mask can be read.
    written = [p for p in (folder / "masks" / "corrected").rglob("*.png") if p.name[0] != "."]
    assert all(stroke_of(read_mask(path).labels) for path in written)
    dataset = Dataset.open(folder)
    with ReviewStore.open(folder / "review.sqlite", dataset_key="d") as store:
        options = {"drafts": folder / "drafts", "dataset_key": "d", "reviewer": "ann"}
        recover(dataset, store, **options)
        drafts = {
            draft.sample: stroke_of(load_draft(draft))
            for draft in find_drafts(folder / "drafts", dataset_key="d", reviewer="ann")
        }
        for name in SAMPLES:
            saved = [int(n) for word, sample, n in lines if (word, sample) == ("saved", name)]
            drafted = [int(n) for word, sample, n in lines if (word, sample) == ("draft", name)]
            labels = dataset.read_mask(dataset.sample(name), CORRECTED).labels
            assert stroke_of(labels) >= max(saved)
            records = recorded_of(store, name)
            assert {str(n) for n in saved} <= {record.reason for record in records}
            assert fingerprint_of(labels) in {record.after for record in records}
            assert max(drafts.get(name, 0), stroke_of(labels)) >= max(drafted)
