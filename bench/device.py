"""What the secure world costs in instructions, counted by the boards' own counter
at a fixed number of instructions per tick: the same on every machine."""

import pathlib
import re
import subprocess
import sys

import boot_time
from report import options, report, result

ROOT = pathlib.Path(__file__).resolve().parents[1]
CORES = {"an521": "m33", "an547": "m55"}
TESTS = "^(kernel_Cost|cost_test)"


def measure(board):
    """Every "cost of NAME: N" that the board's tests note."""
    done = subprocess.run(
        ["ctest", "--test-dir", ROOT / f"build/device-{board}", "-R", TESTS, "-V"],
        capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"error: the measurement on {board} failed\nhint: ./run test cost")
    for name, value in re.findall(r"# cost of (\w+): (\d+)", done.stdout):
        yield result(f"device/{CORES[board]}/{name}/instructions", int(value), "instructions")
    yield from boot_time.measure(board)


if __name__ == "__main__":
    given = options(__doc__)
    report("device", [one for board in CORES for one in measure(board)], given.json)
