"""The window is killed at random moments: a few rounds of ``benchmarks/gui_kill.py``."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.gui,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="kills processes that it forks"),
]
TESTS = Path(__file__).parents[1]


def test_nothing_acknowledged_is_lost_when_the_window_is_killed(tmp_path: Path) -> None:
    # A process of its own: it forks, which one with threads and a window must not.
    done = subprocess.run(
        [sys.executable, TESTS / "benchmarks" / "gui_kill.py", "--rounds", "4", "--seed", "11"],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")]),
            "TMPDIR": str(tmp_path),
        },
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout.splitlines()[-1]
    assert said.startswith("4 kills: 0 losses or wrong places")
    answered = re.search(r"'deeds answered': (\d+)", said)
    assert answered, said
    assert int(answered[1]) > 0, "premise: something was done before the kills"
