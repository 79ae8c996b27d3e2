"""The real `cai`, run as people run it."""

import json
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CAI = os.environ.get("CAI", str(ROOT / "build/host/bin/cai"))


class Run:
    """What a command did: its exit code and what it said."""

    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    @property
    def json(self):
        return json.loads(self.out)


class Cai:
    def __init__(self, folder):
        self.folder = folder

    def __call__(self, *arguments, stdin=b""):
        done = subprocess.run([CAI, *map(str, arguments)], cwd=self.folder, input=stdin,
                              capture_output=True, timeout=60)
        return Run(subprocess.CompletedProcess(done.args, done.returncode,
                                               done.stdout.decode(), done.stderr.decode()))

    def good(self, *arguments, **more):
        run = self(*arguments, **more)
        assert run.code == 0, run.err
        assert run.err == ""
        return run

    def files(self):
        """Without locks, which stay."""
        return sorted(p.name for p in self.folder.iterdir() if p.suffix != ".lock")

    def refused(self, *arguments, code=1, **more):
        """One error line, perhaps one hint, nothing else; no file is left behind."""
        before = self.files()
        run = self(*arguments, **more)
        assert run.code == code, (run.code, run.out, run.err)
        lines = run.err.splitlines()
        assert lines and lines[0].startswith("error: "), run.err
        assert len(lines) == 1 or (len(lines) == 2 and lines[1].startswith("hint: ")), run.err
        assert run.out == ""
        assert self.files() == before
        return run


@pytest.fixture
def cai(tmp_path):
    return Cai(tmp_path)
