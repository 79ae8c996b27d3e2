"""Instructions of secure calls, counted by the boards' own counter at a fixed
number of instructions per tick: the same on every machine."""

import pathlib
import re
import subprocess
import sys

from report import options, report, result

ROOT = pathlib.Path(__file__).resolve().parents[1]
CORES = {"an521": "m33", "an547": "m55"}
NAMES = {"instructions of a call without vectors": "psa_call_empty",
         "instructions of a call with 4 bytes each way": "psa_call_4"}


def measure(board):
    done = subprocess.run(
        ["ctest", "--test-dir", ROOT / f"build/device-{board}", "-R", "kernel_Cost", "-V"],
        capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"error: the measurement on {board} failed\nhint: ./run test kernel_Cost")
    for words, name in NAMES.items():
        value = re.search(re.escape(words) + r"\D*(\d+)", done.stdout)
        yield result(f"device/{CORES[board]}/{name}/instructions", int(value[1]), "instructions")


if __name__ == "__main__":
    given = options(__doc__)
    report("device", [one for board in CORES for one in measure(board)], given.json)
