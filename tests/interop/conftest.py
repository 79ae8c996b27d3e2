"""pycose, which is nobody of ours, in a venv under build/. Needs PyPI once."""

import json
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
VENV = ROOT / "build/pycose-venv"


@pytest.fixture(scope="session")
def pycose_python():
    """The interpreter that can import pycose."""
    python = VENV / "bin/python"
    ready = python.exists() and subprocess.run(
        [python, "-c", "import pycose"], capture_output=True).returncode == 0
    if not ready:
        made = subprocess.run([sys.executable, "-m", "venv", "--clear", VENV],
                              capture_output=True, text=True)
        if made.returncode != 0:
            pytest.skip("no venv can be made: python3-venv is not installed")
        # With cbor2 6 this pycose decodes nothing.
        done = subprocess.run([VENV / "bin/pip", "install", "-q", "pycose==1.1.0", "cbor2<5.7"],
                              capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            pytest.skip("pycose cannot be installed: PyPI is not reachable")
    return python


class LineServer:
    """A program that answers one line of JSON with another."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)

    def __call__(self, **question):
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=10)


@pytest.fixture(scope="session")
def line_server():
    servers = []

    def start(*command):
        servers.append(LineServer(*command))
        return servers[-1]
    yield start
    for server in servers:
        server.close()
