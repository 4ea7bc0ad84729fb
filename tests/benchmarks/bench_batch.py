"""Whole folders: what an audit takes next to reading its files, and how soon a result is there.

    python tests/benchmarks/bench_batch.py [--pairs 60] [--size 1024] [--data FOLDER] [--quick]

Three questions, each with its goal: an audit with the numbers that need no surfaces against
decoding the same files with Pillow on one thread; an audit with everything on road scenes of the
size of CamVid (its own masks where ``--data`` has ``camvid_road10``), with two threads; and the
first result of a fresh process, with the imports that are ours, from files with bytecode, as an
installed package has them. What runs on one thread is measured in processor time: other processes
cannot change that much. Two threads only make sense on the wall clock, so that row is only worth
something on a quiet machine.
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
from contest import Row, best, best_of_processor, hand_on, print_rows
from PIL import Image
from scenes import pair

from napari_mask_audit.audit import audit
from napari_mask_audit.bands import boundary_width, count_boundary_bands
from napari_mask_audit.dataset import Dataset, open_dataset
from napari_mask_audit.kernels import backend
from napari_mask_audit.metrics.topology import class_topology

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
    """Read every pair and count confusion, boundary bands, and pieces and holes of both masks."""
    for sample in dataset.samples:
        masks = [dataset.read_mask(sample, name).labels for name in sample.masks]
        count_boundary_bands(*masks, boundary_width(masks[0].shape))
        for mask in masks:
            class_topology(mask)


def folder_of_masks(count: int, size: int, repeat: int) -> list[Row]:
    """The core of an audit against decoding."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "set"
        write_scenes(folder, count, size)
        dataset = open_dataset(folder)
        title = f"core audit, {count} pairs of {size} x {size} PNG"
        reading = best_of_processor(lambda: decode(dataset), repeat)
        return _with_each_backend(title, lambda: core(dataset), reading, 1.2, repeat)


def road(data: Path, copies: int, repeat: int) -> list[Row]:
    """Everything on."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "set"
        kind = road_scenes(data, folder, copies)
        dataset = open_dataset(folder)
        title = f"whole audit, {10 * copies} road pairs ({kind})"
        reading = best_of_processor(lambda: decode(dataset), repeat)
        one = _with_each_backend(title, lambda: audit(dataset, workers=1), reading, 3.0, repeat)
        waiting = best(lambda: decode(dataset), repeat)
        two = _with_each_backend(
            f"{title}, 2 threads",
            lambda: audit(dataset, workers=2),
            waiting,
            2.0,
            repeat,
            clock="wall",
        )
        return one + two


def _with_each_backend(
    title: str,
    work: Callable[[], object],
    reading: float,
    goal: float,
    repeat: int,
    *,
    clock: str = "processor",
) -> list[Row]:
    timed = best if clock == "wall" else best_of_processor
    rows = []
    for name in backend.available():
        backend.use(name)
        work()
        peer = "Pillow decoding, one thread"
        elapsed = timed(work, repeat)
        rows.append(Row(title, name, elapsed, peer, reading, goal, at_most=True, clock=clock))
    return rows


def first_result(repeat: int) -> list[Row]:
    """A fresh process: importing the command line, then auditing the sample masks."""
    print("\nfirst result of a fresh process", flush=True)
    masks = Path(__file__).resolve().parents[2] / "sample_masks"
    whole = ["-m", "napari_mask_audit", "audit", str(masks)]
    commands = {
        "python -c pass": ["-c", "pass"],
        "import numpy": ["-c", "import numpy"],
        "import of the command line": ["-c", "import napari_mask_audit.cli.app"],
        "mask-audit audit sample_masks --quick": [*whole, "--quick"],
        "mask-audit audit sample_masks": whole,
    }
    taken = {}
    with tempfile.TemporaryDirectory() as bytecode:
        for what, arguments in commands.items():
            _run(arguments, bytecode)  # writes the bytecode
            wall, processor = min(_run(arguments, bytecode) for _ in range(repeat))
            taken[what] = 1e3 * processor
            print(f"  {what:<44}{wall:>8.2f} s wall {processor:>8.2f} s of processor", flush=True)
    return [
        Row(
            what,
            "auto",
            taken[what] - taken["import numpy"],
            "2 s beside Python and numpy",
            2000.0,
            goal=1.0,
            at_most=True,
            clock="processor",
        )
        for what in list(commands)[-2:]
    ]


def _run(arguments: list[str], bytecode: str) -> tuple[float, float]:
    environment = os.environ | {"PYTHONPYCACHEPREFIX": bytecode}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    before, started = os.times(), time.perf_counter()
    subprocess.run(
        [sys.executable, *arguments],
        check=True,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    after = os.times()
    processor = after.children_user + after.children_system
    return (
        time.perf_counter() - started,
        processor - before.children_user - before.children_system,
    )


def main() -> None:
    """Print the answers."""
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
    rows = folder_of_masks(options.pairs, options.size, options.repeat)
    rows += road(options.data, options.copies, options.repeat)
    rows += first_result(options.repeat)
    print_rows(rows)
    hand_on(rows)


if __name__ == "__main__":
    main()
