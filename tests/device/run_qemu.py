#!/usr/bin/env python3
"""Runs one device test image in QEMU and judges it by its TAP lines.

  run_qemu.py --board an521 --secure secure_test.elf --nonsecure kernel_test.elf
              [--test Suite.Name] [--shift 0] [--limit 60]
              [--then Suite.Other] [--expect-event Name] [--expect-reset]
              [--bare boot_test.elf]

Fails on: no plan or another number of results than planned, a "not ok", a time
limit, any exit status but 0 (134 is a lock-up; QEMU's register dump follows),
an event that was expected on the secure console and is not there, or bytes on
that console that are no event.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import events

MACHINES = {"an521": "mps2-an521", "an547": "mps3-an547"}
# QEMU's RAM object backs all of the board's RAM; NV lies at an offset in it.
NV = {"an521": (16 << 20, 0), "an547": (2 << 30, 0x10000000)}
NV_SIZE = 16 << 20
LOCKUP = 134


def make_nv(path, board):
    size, offset = NV[board]
    with open(path, "wb") as file:
        os.posix_fallocate(file.fileno(), offset, NV_SIZE)
        file.truncate(size)
        file.seek(offset)
        for _ in range(NV_SIZE >> 20):
            file.write(b"\xff" * (1 << 20))


def command(options, folder):
    size, _ = NV[options.board]
    arguments = ["test"] + ([options.test] if options.test else [])
    semihosting = ",".join(["enable=on", "target=native"] +
                           [f"arg={word}" for word in arguments])
    line = [
        "qemu-system-arm", "-M", MACHINES[options.board], "-display", "none",
        "-monitor", "none", "-nodefaults", "-no-reboot",
        "-serial", "stdio", "-serial", f"file:{folder}/uart1",
        "-semihosting-config", semihosting,
        "-icount", f"shift={options.shift},sleep=off",
        "-object", f"memory-backend-file,id=nv,size={size},mem-path={folder}/nv,share=on",
        "-machine", "memory-backend=nv",
    ]
    if options.bare:
        return line + ["-kernel", options.bare]
    return line + ["-kernel", options.secure,
                   "-device", f"loader,file={options.nonsecure}"]


def judge_tap(lines, expect_reset=False):
    """None, or why the run is not a pass."""
    if expect_reset:
        return "it went on" if any(re.match(r"(not )?ok\b", l) for l in lines) else None
    results = [l for l in lines if re.match(r"(not )?ok\b", l)]
    plans = [l for l in lines if re.match(r"1\.\.\d+$", l)]
    if any(l.startswith("Bail out!") for l in lines):
        return "it bailed out"
    if len(plans) != 1:
        return "it ended without its plan"
    planned = int(plans[0][3:])
    if planned == 0 or len(results) != planned:
        return f"{len(results)} results, {planned} planned"
    failed = sum(l.startswith("not ok") for l in results)
    return f"{failed} of {planned} failed" if failed else None


def judge_events(options, folder):
    records, skipped = events.decode(pathlib.Path(folder, "uart1").read_bytes())
    for record in records:
        print(f"# event {record}")
    if skipped:
        return f"{skipped} bytes on the secure console are no event"
    names = {record.name for record in records}
    missing = [name for name in options.expect_event if name not in names]
    if missing:
        return f"no event {', '.join(missing)}"
    if ("SpmFault" in names) != options.expect_reset:
        return "no fault of the SPM" if options.expect_reset else "the SPM itself faulted"
    return None


def run(options, folder):
    try:
        done = subprocess.run(command(options, folder), timeout=options.limit,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        output, status, dump = done.stdout, done.returncode, done.stderr
    except subprocess.TimeoutExpired as late:
        output, status, dump = late.stdout or b"", None, late.stderr or b""
    text = output.decode(errors="replace")
    sys.stdout.write(text)
    problems = [judge_tap(text.splitlines(), options.expect_reset)]
    if not options.bare:
        problems.append(judge_events(options, folder))
    if status is None:
        problems.append(f"not done after {options.limit} s")
    elif status in (LOCKUP, -6):
        problems.append(f"the core locked up\n{dump.decode(errors='replace')}")
    elif status != 0:
        problems.append(f"exit status {status} {dump.decode(errors='replace')}")
    return [problem for problem in problems if problem]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--board", required=True, choices=MACHINES)
    parser.add_argument("--secure")
    parser.add_argument("--nonsecure")
    parser.add_argument("--bare", help="a secure image that tests itself, alone")
    parser.add_argument("--test", help="only this test")
    parser.add_argument("--then", help="a test for a second start over the same NV")
    parser.add_argument("--shift", type=int, default=0, help="icount: 2^N ns an instruction")
    parser.add_argument("--limit", type=float, default=60, help="seconds")
    parser.add_argument("--expect-event", action="append", default=[])
    parser.add_argument("--expect-reset", action="store_true",
                        help="the test ends by a fault that starts the machine again")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cai-qemu-") as folder:
        make_nv(f"{folder}/nv", options.board)
        problems = run(options, folder)
        if options.then and not problems:
            options.test = options.then
            problems = run(options, folder)
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
