"""The boot loader in QEMU, on both boards: what it starts and what it refuses."""

import json
import os
import pathlib
import signal
import subprocess
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CAI = os.environ.get("CAI_PROGRAM", ROOT / "build/host/bin/cai")
BOARDS = ("an521", "an547")


def cai(state, *args, check=True, timeout=120):
    done = subprocess.run([CAI, "--state", state, *map(str, args)], capture_output=True,
                          text=True, timeout=timeout)
    if check:
        assert done.returncode == 0, done.stderr
    return done


def images(board):
    return pathlib.Path(os.environ.get("CAI_IMAGES", f"{ROOT}/build/device-%s/images") % board)


def sign(state, board, world, version="1.0.0", counter=1, key=None, payload=None):
    out = state / f"{board}-{world}-{version}-{counter}.img"
    cai(state, "image", "sign", payload or images(board) / f"{world}.bin", "--board", board,
        "--world", world, "--key", key or state / f"image-keys/{world}.key",
        "--version", version, "--security-counter", counter, "--out", out)
    return out


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    state = tmp_path_factory.mktemp("state")
    cai(state, "ca", "init")
    cai(state, "service", "init")
    for world in ("secure", "nonsecure"):
        cai(state, "image", "keygen", "--out", state / f"image-keys/{world}.key")
    for board in BOARDS:
        cai(state, "device", "make", board, "--board", board)
        cai(state, "device", "config", board, "--bootstrap-port", 1, "--broker-port", 1)
    return state


def install(state, board, secure, nonsecure, *options, check=True):
    return cai(state, "device", "install", board, "--secure", secure, "--nonsecure", nonsecure,
               *options, check=check)


def events(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def start(state, board, until, seconds=30):
    """Runs the device until an event of that name came; returns all events."""
    process = subprocess.Popen([CAI, "--json", "--state", state, "device", "run", board, "--boot",
                                images(board) / "boot.elf"], stdout=subprocess.PIPE, text=True)
    seen = []
    deadline = time.monotonic() + seconds
    try:
        while time.monotonic() < deadline:
            line = process.stdout.readline()
            if not line:
                break
            seen.append(json.loads(line))
            if seen[-1]["name"] == until:
                return seen
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    raise AssertionError(f"no {until} within {seconds} s: {[e['name'] for e in seen]}")


def refuse(state, board):
    """The device must not start; returns its events and what a person is told."""
    done = cai(state, "--json", "device", "run", board, "--boot", images(board) / "boot.elf",
               check=False, timeout=60)
    assert done.returncode == 1, done.stdout
    return events(done.stdout), done.stderr


def folder_is_clean(state, board):
    left = {p.name for p in (state / "devices" / board).iterdir()}
    return not left & {"seed.bin", "uart0.sock", "qmp.sock", "pid"}


@pytest.mark.parametrize("board", BOARDS)
def test_signed_images_start(state, board):
    install(state, board, sign(state, board, "secure"), sign(state, board, "nonsecure"))
    first = start(state, board, "SpmStarted")
    assert [e["name"] for e in first if e["source"] == -1] == [
        "BootCandidate", "BootAccepted", "BootCandidate", "BootAccepted", "BootStarted",
        "BootIdentity", "BootDone"]
    assert folder_is_clean(state, board)
    count = [e["argument"] for e in first if e["name"] == "BootStarted"][0]
    again = start(state, board, "SpmStarted")
    assert [e["argument"] for e in again if e["name"] == "BootStarted"] == [count + 1]


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize("world", ["secure", "nonsecure"])
def test_a_tampered_image_is_refused(state, board, world):
    good = {w: sign(state, board, w) for w in ("secure", "nonsecure")}
    image = bytearray(good[world].read_bytes())
    image[0x500] ^= 1
    bad = state / "bad.img"
    bad.write_bytes(image)
    pair = {**good, world: bad}

    told = install(state, board, pair["secure"], pair["nonsecure"], check=False)
    assert told.returncode == 1 and "hint: " in told.stderr

    install(state, board, pair["secure"], pair["nonsecure"], "--unchecked")
    seen, words = refuse(state, board)
    assert "BootHalted" in [e["name"] for e in seen]
    assert "SpmStarted" not in [e["name"] for e in seen]
    assert "error" in words
    assert folder_is_clean(state, board)


@pytest.mark.parametrize("board", BOARDS)
def test_another_keys_image_is_refused(state, board):
    stranger = state / f"{board}-stranger.key"
    cai(state, "image", "keygen", "--out", stranger)
    install(state, board, sign(state, board, "secure", "1.0.1", key=stranger),
            sign(state, board, "nonsecure"), "--unchecked")
    seen, _ = refuse(state, board)
    assert "SpmStarted" not in [e["name"] for e in seen]


@pytest.mark.parametrize("board", BOARDS)
def test_a_tampered_newer_image_yields_to_the_older(state, board):
    secure, nonsecure = sign(state, board, "secure"), sign(state, board, "nonsecure")
    install(state, board, secure, nonsecure)
    newer = bytearray(sign(state, board, "secure", "1.1.0").read_bytes())
    newer[-3] ^= 1  # in the signature
    bad = state / "bad-newer.img"
    bad.write_bytes(newer)
    install(state, board, bad, nonsecure, "--slot-b", "--unchecked")
    seen = start(state, board, "SpmStarted")
    assert "ImageRefused" in [e["name"] for e in seen]


@pytest.mark.parametrize("board", BOARDS)
def test_an_older_image_is_refused_after_a_newer_one_ran(state, board):
    nonsecure = sign(state, board, "nonsecure")
    install(state, board, sign(state, board, "secure", "2.0.0", counter=2), nonsecure)
    start(state, board, "SpmStarted")

    old = sign(state, board, "secure", "9.0.0", counter=1)
    told = install(state, board, old, nonsecure, check=False)
    assert told.returncode == 1 and "security counter" in told.stderr
    install(state, board, old, nonsecure, "--unchecked")
    seen, _ = refuse(state, board)
    assert "BootHalted" in [e["name"] for e in seen]
