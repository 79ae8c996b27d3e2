"""Lost services come back without loss; bad input ends in one clear line."""

import os
import signal
import socket
import subprocess

import pytest
from system import BOARDS, CAI, ROOT, Demo, cai, demo_once, eventually, rows


def refused(done):
    """One error line, one hint, no trace of an exception."""
    assert done.returncode not in (0, -11), done.stdout
    errors = [l for l in done.stderr.splitlines() if l.startswith("error: ")]
    assert len(errors) == 1, done.stderr
    assert "Traceback" not in done.stderr
    return errors[0], done.stderr


@pytest.fixture
def copy(made, tmp_path):
    state, _ = made
    # Sparse: the an547's memory file is 2 GiB of which 16 MiB are flash.
    subprocess.run(["cp", "-a", "--sparse=always", state, tmp_path / "state"], check=True)
    (tmp_path / "state/ports.json").unlink()
    return tmp_path / "state"


def test_a_port_in_use(copy):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        error, text = refused(demo_once(copy, "--port", f"broker={port}"))
    assert str(port) in error and "hint: " in text


def test_a_damaged_state_folder(copy):
    (copy / "ca/ca.crt").write_text("not a certificate")
    error, text = refused(demo_once(copy))
    assert "hint: " in text


def test_a_killed_service_is_named(copy):
    newest = lambda: rows(copy, "SELECT max(id) AS n FROM readings")[0]["n"]
    before = newest()
    demo = Demo(copy)
    try:
        eventually("a reading", 60, lambda: newest() > before)
        subprocess.run(["pkill", "-KILL", "-f", f"cai-ingest --state {copy}"], check=True)
        output, _ = demo.process.communicate(timeout=30)
        assert demo.process.returncode == 1
        assert "error: ingest ended" in output
    finally:
        demo.process.terminate()


@pytest.mark.parametrize("board", BOARDS)
def test_a_tampered_image_does_not_boot(copy, board):
    image = bytearray((copy / f"devices/{board}/secure.img").read_bytes())
    image[0x500] ^= 1
    (copy / f"devices/{board}/bad.img").write_bytes(image)
    done = cai(copy, "image", "verify", copy / f"devices/{board}/bad.img", "--key",
               copy / "image-keys/secure.key", check=False)
    error, _ = refused(done)
    assert "signature" in error or "hash" in error


@pytest.mark.parametrize("board,flash", [("an521", 0), ("an547", 0x1000_0000)])
def test_a_device_with_a_tampered_image_in_its_flash_says_so(copy, board, flash):
    with open(copy / f"devices/{board}/nv.bin", "r+b") as nv:
        nv.seek(flash + 0x10_0000 + 0x2000)  # secure slot A, in the code
        byte = nv.read(1)
        nv.seek(-1, 1)
        nv.write(bytes([byte[0] ^ 1]))
    error, text = refused(demo_once(copy, "--board", board))
    assert f"device-{board} ended" in error or f"{board} reports" in error
    assert "hint: " in text


def test_a_device_that_reaches_no_server_says_so(copy):
    """Its configuration, signed as it must be, names a port where nobody listens."""
    cai(copy, "device", "config", "an521", "--bootstrap-port", 1, "--broker-port", 1)
    done = cai(copy, "device", "list", "--json")
    assert "an521" in done.stdout
    run = subprocess.Popen([CAI, "device", "run", "an521", "--boot",
                            ROOT / "build/device-an521/images/boot.elf", "--state", copy],
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        log = copy / "devices/an521/uart0.log"
        eventually("a retry", 30, lambda: log.exists() and "link" in log.read_text(errors="replace").lower()
                   and "10.0.2.2" in cai(copy, "device", "shell", "an521", "--command", "net", check=False).stdout)
        assert run.poll() is None  # it goes on trying
    finally:
        run.terminate()
        run.wait(timeout=10)


def test_a_second_make_of_the_same_device_is_refused(copy):
    refused(cai(copy, "device", "make", "an521", "--board", "an521", check=False))


def test_no_reading_is_lost_over_a_broker_restart(running):
    state = running.state
    broker = int(subprocess.run(["pgrep", "-f", f"mosquitto -c {state}"], capture_output=True,
                                text=True, check=True).stdout.split()[0])
    os.kill(broker, signal.SIGSTOP)  # a broker that hangs, then answers again
    subprocess.run(["sleep", "4"], check=True)
    os.kill(broker, signal.SIGCONT)
    mark = rows(state, "SELECT max(id) AS n FROM readings")[0]["n"]
    eventually("new readings", 60, lambda: rows(
        state, "SELECT count(*) AS n FROM readings WHERE id > ?", mark)[0]["n"] >= 8)
    for (device,) in rows(state, "SELECT DISTINCT device FROM readings WHERE id > ?", mark):
        newest = rows(state, "SELECT max(sc) AS sc FROM readings WHERE device = ?", device)[0]["sc"]
        seqs = [r["seq"] for r in rows(state, "SELECT seq FROM readings WHERE device = ? AND sc = ? ORDER BY seq",
                                       device, newest)]
        assert seqs == list(range(seqs[0], seqs[-1] + 1))
