"""A bootstrap server that runs, and what a test of it needs."""

import subprocess
import uuid

import pytest
from bootstrap import BUILD, Pki, Server, endorse
from cryptography.hazmat.primitives.asymmetric import ec


@pytest.fixture(scope="session")
def state(tmp_path_factory):
    if not (BUILD / "bin/cai-bootstrap").exists():
        pytest.skip("cai-bootstrap is not built")
    folder = tmp_path_factory.mktemp("bootstrap") / "state"
    subprocess.run([BUILD / "bin/cai", "ca", "init", "--state", folder], check=True)
    return folder


@pytest.fixture(scope="session")
def server(state):
    running = Server(state, "--class-reads", "--broker-host", "myhub", "--broker-port", "8883")
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="session")
def pki(state):
    return Pki.of_state(state)


@pytest.fixture
def device(state, server):
    return endorse(state, f"device-{uuid.uuid4()}")


@pytest.fixture
def key():
    return ec.generate_private_key(ec.SECP256R1())
