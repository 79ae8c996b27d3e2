"""The boot loader in QEMU, on both boards: what it starts and what it refuses."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
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


def sign(state, board, world, version="1.0.0", counter=1, key=None, payload=None, options=()):
    out = state / f"{board}-{world}-{version}-{counter}.img"
    cai(state, "image", "sign", payload or images(board) / f"{world}.bin", "--board", board,
        "--world", world, "--key", key or state / f"image-keys/{world}.key",
        "--version", version, "--security-counter", counter, "--out", out, *options)
    return out


def make(state, board):
    """A new device of that name: nothing installed, no counter moved."""
    shutil.rmtree(state / "devices" / board, ignore_errors=True)
    cai(state, "device", "make", board, "--board", board, "--replace")
    cai(state, "device", "config", board, "--bootstrap-port", 1, "--broker-port", 1)


@pytest.fixture(params=BOARDS)
def board(request, state):
    make(state, request.param)
    return request.param


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


def names(seen):
    return [e["name"] for e in seen]


def started(seen):
    """{image: slot} of what boot accepted last."""
    accepted = [e["argument"] for e in seen if e["name"] == "BootAccepted"]
    return {a >> 8: a & 255 for a in accepted}


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


def test_an_update_that_nobody_confirms_is_tried_once(state, board):
    install(state, board, sign(state, board, "secure"), sign(state, board, "nonsecure"))
    install(state, board, sign(state, board, "secure", "1.1.0"),
            sign(state, board, "nonsecure", "1.1.0"))
    assert started(start(state, board, "SpmStarted")) == {0: 1, 1: 1}
    reverted = start(state, board, "SpmStarted")
    assert started(reverted) == {0: 0, 1: 0}
    assert names(reverted).count("ImageRefused") == 2
    assert "ImageRefused" not in names(start(state, board, "SpmStarted"))


def test_a_confirmed_update_stays_and_raises_the_floor(state, board):
    old = sign(state, board, "secure"), sign(state, board, "nonsecure")
    install(state, board, *old)
    install(state, board, sign(state, board, "secure", "1.1.0", counter=2),
            sign(state, board, "nonsecure", "1.1.0", counter=2), "--confirm")
    for _ in range(2):
        assert started(start(state, board, "SpmStarted")) == {0: 1, 1: 1}
    told = install(state, board, sign(state, board, "secure", "9.0.0", counter=1), old[1],
                   check=False)
    assert told.returncode == 1 and "security counter" in told.stderr


def test_install_refuses_what_the_device_would_never_start(state, board):
    good = sign(state, board, "secure"), sign(state, board, "nonsecure")
    install(state, board, *good)
    told = install(state, board, *good, check=False)
    assert told.returncode == 1 and "version" in told.stderr
    needs = sign(state, board, "secure", "1.2.0", options=("--depends", "7.0.0"))
    told = cai(state, "device", "install", board, "--secure", needs, check=False)
    assert told.returncode == 1 and "newer version of the other image" in told.stderr
    assert "hint: " in told.stderr


def test_two_updates_before_a_start_leave_the_way_back(state, board):
    install(state, board, sign(state, board, "secure"), sign(state, board, "nonsecure"))
    assert started(start(state, board, "SpmStarted")) == {0: 0, 1: 0}
    for version in ("1.1.0", "1.2.0"):
        install(state, board, *(sign(state, board, world, version) for world in ("secure", "nonsecure")))
    assert started(start(state, board, "SpmStarted")) == {0: 1, 1: 1}
    seen = start(state, board, "SpmStarted")
    assert started(seen) == {0: 0, 1: 0}, names(seen)


def test_one_image_alone_is_updated(state, board):
    install(state, board, sign(state, board, "secure"), sign(state, board, "nonsecure"))
    cai(state, "device", "install", board, "--nonsecure",
        sign(state, board, "nonsecure", "1.3.0", options=("--depends", "1.0.0")), "--confirm")
    assert started(start(state, board, "SpmStarted")) == {0: 0, 1: 1}


@pytest.fixture(scope="session")
def imgtool():
    tool = ROOT / "build/imgtool-venv/bin/imgtool"
    if not tool.exists():
        subprocess.run([sys.executable, "-m", "venv", tool.parents[1]], check=True,
                       capture_output=True)
        done = subprocess.run([tool.parent / "pip", "install", "-q", "imgtool"],
                              capture_output=True, timeout=300)
        if done.returncode != 0:
            pytest.skip("imgtool cannot be installed: PyPI is not reachable")
    return tool


def sign_by_imgtool(imgtool, state, board, world, *options):
    shown = json.loads(cai(state, "--json", "image", "show", sign(state, board, world)).stdout)
    out = state / f"{board}-{world}-imgtool.img"
    done = subprocess.run(
        [imgtool, "sign", "--key", state / f"image-keys/{world}.key", "--header-size", "0x400",
         "--pad-header", "--align", "8", "--slot-size", {"secure": "0x100000", "nonsecure": "0x200000"}[world],
         "--version", "1.2.3+4", "--load-addr", hex(shown["load_address"]), *options,
         images(board) / f"{world}.bin", out], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


FULL = ("--public-key-format", "full")


def test_images_that_imgtool_signed_start(state, board, imgtool):
    """With all that it can add: security counter, boot record, dependency, padding."""
    made = [sign_by_imgtool(imgtool, state, board, world, *FULL, "--security-counter", "3",
                            "--boot-record", record, "--dependencies", needs, "--confirm")
            for world, record, needs in (("secure", "SPE", "(1, 1.2.0)"), ("nonsecure", "NSPE", "(0, 1.2.0)"))]
    install(state, board, *made)
    seen = start(state, board, "SpmStarted")
    assert [e["argument"] for e in seen if e["name"] == "BootDone"] == [3]


def test_a_security_counter_that_imgtool_made_of_the_version(state, board, imgtool):
    made = [sign_by_imgtool(imgtool, state, board, world, *FULL, "--security-counter", "auto")
            for world in ("secure", "nonsecure")]
    install(state, board, *made)
    start(state, board, "SpmStarted")
    floor = json.loads(cai(state, "--json", "device", "show", board).stdout)["secure_floor"]
    assert floor == 1 << 24 | 2 << 16 | 3


@pytest.mark.parametrize("options, why", [
    (("--security-counter", "3"), "--public-key-format full"),
    (FULL, "--security-counter"),
    ((*FULL, "--security-counter", "3", "--boot-record", "NINECHARS"), "8 characters"),
])
def test_what_imgtool_leaves_out_is_named(state, board, imgtool, options, why):
    told = install(state, board, sign_by_imgtool(imgtool, state, board, "secure", *options),
                   sign(state, board, "nonsecure"), check=False)
    assert told.returncode == 1 and why in told.stderr


def test_revoked_keys_and_lifecycle_are_for_ever(state, board):
    """The device was made with one key for each image: the last one stays."""
    told = cai(state, "device", "revoke", board, "--world", "secure", "--key",
               state / "image-keys/secure.key", check=False)
    assert told.returncode == 1 and "last image key" in told.stderr
    assert json.loads(cai(state, "--json", "device", "lifecycle",
                          board).stdout)["lifecycle"] == "secured"
    told = cai(state, "device", "lifecycle", board, "--to", "provisioning", check=False)
    assert told.returncode == 1 and "hint: " in told.stderr
    install(state, board, sign(state, board, "secure"), sign(state, board, "nonsecure"))
    cai(state, "device", "lifecycle", board, "--to", "decommissioned")
    seen, _ = refuse(state, board)
    assert "BootHalted" in names(seen) and "BootIdentity" not in names(seen)
