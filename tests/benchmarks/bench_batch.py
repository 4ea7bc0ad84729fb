"""Whole folders: what an audit takes next to reading its files, and how soon a result is there.

    python tests/benchmarks/bench_batch.py [--pairs 60] [--size 1024] [--data FOLDER] [--quick]

Three questions, each with its goal: an audit with the numbers that need no surfaces against
decoding the same files with Pillow on one thread; an audit with everything on road scenes of the
size of CamVid (its own masks where ``--data`` has ``camvid_road10``), with two threads; and the
first result of a fresh process, with the imports that are ours.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from contest import best
from PIL import Image
from scenes import pair

from napari_mask_audit.audit import audit
from napari_mask_audit.bands import boundary_width, count_boundary_bands
from napari_mask_audit.dataset import Dataset, open_dataset
from napari_mask_audit.kernels import backend
from napari_mask_audit.kernels.components import label_components

_DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def write_scenes(folder: Path, count: int, size: int) -> None:
    """Pairs of palette PNG files, all different, the way annotation tools write them."""
    palette = np.random.default_rng(0).integers(0, 256, 768, np.uint8).tobytes()
    masks = pair(size, 19)
    for name in ("reference", "candidate"):
        (folder / name).mkdir(parents=True)
    for number in range(count):
        for name, mask in zip(("reference", "candidate"), masks, strict=True):
            turned = np.roll(mask, 17 * number, axis=number % 2)
            image = Image.fromarray(turned, mode="P")
            image.putpalette(palette)
            image.save(folder / name / f"{number:04d}.png")


def road_scenes(data: Path, folder: Path, copies: int) -> str:
    """The masks of CamVid several times over, or made ones of the same size; a dataset.toml."""
    real = data / "camvid_road10"
    names = ("gt", "pred_rf")
    for name in names:
        (folder / name).mkdir(parents=True)
    made = pair(480, 11)
    for copy in range(copies):
        for number in range(10):
            for name, mask in zip(names, made, strict=True):
                to = folder / name / f"{copy}-{number}.png"
                if real.is_dir():
                    source = sorted((real / name).glob("*.png"))[number]
                    to.write_bytes(source.read_bytes())
                else:
                    Image.fromarray(np.roll(mask, 13 * number, axis=0)[:360]).save(to)
    (folder / "dataset.toml").write_text(
        'ignore = [11]\n[sources]\ngt = "reference"\npred_rf = "prediction"\n', encoding="utf-8"
    )
    return "CamVid" if real.is_dir() else "made"


def decode(dataset: Dataset) -> None:
    """Read the files with Pillow and nothing else."""
    for sample in dataset.samples:
        for path in sample.masks.values():
            with Image.open(path) as image:
                np.asarray(image)


def core(dataset: Dataset) -> None:
    """Read every pair and count confusion, boundary bands, and components of both masks."""
    for sample in dataset.samples:
        masks = [dataset.read_mask(sample, name).labels for name in sample.masks]
        count_boundary_bands(*masks, boundary_width(masks[0].shape))
        for mask in masks:
            label_components(mask)


def show(what: str, elapsed: float, reading: float, goal: float) -> None:
    """One line with the ratio to reading."""
    ratio = elapsed / reading
    verdict = "reached" if ratio <= goal else "MISSED"
    print(f"  {what:<52}{elapsed:>9.1f} ms {ratio:>7.2f} x  goal {goal:g} x {verdict}", flush=True)


def folder_of_masks(count: int, size: int, repeat: int) -> None:
    """The core of an audit against decoding."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "set"
        write_scenes(folder, count, size)
        dataset = open_dataset(folder)
        print(f"\n{count} pairs of palette PNG, {size} x {size}, 19 classes")
        reading = best(lambda: decode(dataset), repeat)
        print(f"  {'decoding with Pillow, one thread':<52}{reading:>9.1f} ms")
        _with_each_backend("core audit, one thread", lambda: core(dataset), reading, 1.2, repeat)


def road(data: Path, copies: int, repeat: int) -> None:
    """Everything on."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "set"
        kind = road_scenes(data, folder, copies)
        dataset = open_dataset(folder)
        print(f"\n{10 * copies} pairs of road scenes ({kind}), everything on")
        reading = best(lambda: decode(dataset), repeat)
        print(f"  {'decoding with Pillow, one thread':<52}{reading:>9.1f} ms")
        for workers, goal in ((1, 3.0), (2, 2.0)):
            _with_each_backend(
                f"audit, {workers} thread{'s' if workers > 1 else ''}",
                lambda workers=workers: audit(dataset, workers=workers),
                reading,
                goal,
                repeat,
            )


def _with_each_backend(
    what: str, work: Callable[[], object], reading: float, goal: float, repeat: int
) -> None:
    for name in backend.available():
        backend.use(name)
        work()
        show(f"{what}, {name}", best(work, repeat), reading, goal)


def first_result(repeat: int) -> None:
    """A fresh process: importing the command line, then auditing the sample masks."""
    print("\nfirst result of a fresh process (goal: 2 s of our own time)")
    masks = Path(__file__).resolve().parents[2] / "sample_masks"
    commands = {
        "python -c pass": ["-c", "pass"],
        "import numpy": ["-c", "import numpy"],
        "import of the command line": ["-c", "import napari_mask_audit.cli.app"],
        "mask-audit audit sample_masks --quick": [
            *("-m", "napari_mask_audit", "audit", str(masks), "--quick")
        ],
        "mask-audit audit sample_masks": ["-m", "napari_mask_audit", "audit", str(masks)],
    }
    for what, arguments in commands.items():
        wall, processor = min(_run(arguments) for _ in range(repeat))
        print(f"  {what:<52}{wall:>9.2f} s wall {processor:>6.2f} s of processor time", flush=True)


def _run(arguments: list[str]) -> tuple[float, float]:
    before, started = os.times(), time.perf_counter()
    subprocess.run(
        [sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    after = os.times()
    processor = after.children_user + after.children_system
    return (
        time.perf_counter() - started,
        processor - before.children_user - before.children_system,
    )


def main() -> None:
    """Print the three answers."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=60)
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--copies", type=int, default=3, help="of the ten road scenes")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--data", type=Path, default=_DATA, help="where camvid_road10 is")
    parser.add_argument("--quick", action="store_true", help="fewer pairs, fewer repeats")
    options = parser.parse_args()
    if options.quick:
        options.pairs, options.copies, options.repeat = 12, 1, 3
    folder_of_masks(options.pairs, options.size, options.repeat)
    road(options.data, options.copies, options.repeat)
    first_result(options.repeat)


if __name__ == "__main__":
    main()
