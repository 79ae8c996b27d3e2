"""The whole system, driven as a person drives it: ./run's demo and `cai`.
For the conftest.py of each folder that needs it running."""

import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools/demo"))

CAI = ROOT / "build/host/bin/cai"
BOARDS = ("an521", "an547")


def demo_command(*options):
    return ["/usr/bin/python3", str(ROOT / "tools/demo/demo.py"), *map(str, options)]


def demo_once(state, *options, timeout=240):
    return subprocess.run(demo_command("--once", "--state", state, *options), cwd=ROOT,
                          capture_output=True, text=True, timeout=timeout)


def cai(state, *args, timeout=60, check=True):
    done = subprocess.run([CAI, *map(str, args), "--state", str(state)], cwd=ROOT,
                          capture_output=True, text=True, timeout=timeout)
    if check:
        assert done.returncode == 0, done.stderr
    return done


def rows(state, query, *values):
    path = state / "ingest/readings.db"
    if not path.exists():
        return []
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5) as db:
        db.row_factory = sqlite3.Row
        return db.execute(query, values).fetchall()


def eventually(what, seconds, condition):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.1)
    pytest.fail(f"{what} did not happen within {seconds} s")


class Demo:
    """A demo that runs until it is told to stop."""

    def __init__(self, state, *options):
        self.state = state
        self.process = subprocess.Popen(demo_command("--state", state, *options), cwd=ROOT,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)
        output, _ = self.process.communicate(timeout=30)
        return self.process.returncode, output

    def count(self, board):
        uuid = json.loads(cai(self.state, "device", "list", "--json").stdout)
        uuid = next(d["uuid"] for d in uuid["devices"] if d["name"] == board)
        return rows(self.state, "SELECT count(*) AS n FROM readings WHERE device = ?", uuid)[0]["n"]


# ---- Fixtures -----------------------------------------------------------------

@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A state folder in which both devices have delivered once, and the summary."""
    state = tmp_path_factory.mktemp("system")
    summary = state / "summary.json"
    done = demo_once(state, "--json", summary)
    assert done.returncode == 0, done.stdout + done.stderr
    return state, json.loads(summary.read_text())


@pytest.fixture
def running(made):
    state, _ = made
    demo = Demo(state)
    newest = lambda: (rows(state, "SELECT coalesce(max(id), 0) AS n FROM readings") or [{"n": 0}])[0]["n"]
    before = newest()
    eventually("a reading", 60, lambda: demo.process.poll() is not None or newest() > before + 4)
    assert demo.process.poll() is None, demo.process.communicate()[0]
    yield demo
    if demo.process.poll() is None:
        demo.interrupt()
