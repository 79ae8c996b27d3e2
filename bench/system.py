"""The demo on this machine: how soon it delivers when warm, and what two
devices and all services cost while they deliver. Wall-clock: noisy."""

import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

from report import options, report, result

ROOT = pathlib.Path(__file__).resolve().parents[1]
DEMO = ["/usr/bin/python3", str(ROOT / "tools/demo/demo.py")]
TICKS = os.sysconf("SC_CLK_TCK")
SECONDS = 20


def processes(state):
    """{pid: command} of all that the demo on this state folder started."""
    found = {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().decode().split("\0")
            where = os.readlink(folder / "cwd")
        except OSError:
            continue
        if any(str(state) in w for w in words) or where.startswith(str(state)):
            found[int(folder.name)] = os.path.basename(words[0])
    return found


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_mb(pid):
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0


def once(state):
    start = time.monotonic()
    done = subprocess.run(DEMO + ["--once", "--state", state], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return round(time.monotonic() - start, 1)


def newest(state):
    with sqlite3.connect(f"file:{state}/ingest/readings.db?mode=ro", uri=True) as db:
        return db.execute("SELECT coalesce(max(id), 0) FROM readings").fetchone()[0]


def running(state):
    before = newest(state)
    demo = subprocess.Popen(DEMO + ["--state", state], stdout=subprocess.DEVNULL)
    try:
        while newest(state) < before + 10:
            time.sleep(0.2)
        pids = processes(state)
        used = {pid: cpu_seconds(pid) for pid in pids}
        time.sleep(SECONDS)
        share = {pid: (cpu_seconds(pid) - used[pid]) / SECONDS * 100 for pid in pids}
        memory = sum(memory_mb(pid) for pid in pids)
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait()
    devices = [share[pid] for pid, name in pids.items() if name.startswith("qemu")]
    return [result("system/device/processor_share", round(max(devices), 1), "percent of a core"),
            result("system/all/processor_share", round(sum(share.values()), 1), "percent of a core"),
            result("system/all/memory", round(memory), "MB")]


def main():
    given = options(__doc__)
    with tempfile.TemporaryDirectory() as state:
        fresh = once(state)
        results = [result("system/fresh_devices/20_readings", fresh, "s"),
                   result("system/warm/20_readings", once(state), "s")]
        report("system", results + running(state), given.json)


if __name__ == "__main__":
    main()
