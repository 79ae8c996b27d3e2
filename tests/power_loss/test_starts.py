"""Real boards in QEMU, started again and again: killed at random moments, reset with the same
seed, with flash restored, with a dead source of entropy. No start repeats another's secrets."""

import json
import os
import pathlib
import random
import signal
import socket
import struct
import subprocess
import sys
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests/boot"))
from test_boot import cai, images, install, sign, start, state  # noqa: E402, F401

BOARD = "an521"
OTP_STATE, BOOT_COUNTER = 0x20000, (0, 327_680 // 8)
CARRY, SECTOR = 0x90000, 0x1000
# device/partitions/crypto/entropy.cc: magic, boot counter, carry, tag of the seed, MAC.
RECORD = struct.Struct("<4sI32s16s16s")
SEED = bytes((i * 73 + 11) & 255 for i in range(64))


@pytest.fixture(scope="module")
def folder(state):  # noqa: F811
    install(state, BOARD, sign(state, BOARD, "secure"), sign(state, BOARD, "nonsecure"))
    start(state, BOARD, "NonSecureEntered")
    return state / "devices" / BOARD


def command_line(folder):
    """What `cai device run` starts, but for the seed: taken from a running one."""
    process = subprocess.Popen([os.environ.get("CAI_PROGRAM", ROOT / "build/host/bin/cai"), "--state",
                                folder.parents[1], "device", "run", BOARD, "--boot",
                                images(BOARD) / "boot.elf"], stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while not (folder / "qmp.sock").exists() or not (folder / "pid").exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        raw = pathlib.Path(f"/proc/{int((folder / 'pid').read_text())}/cmdline").read_bytes()
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
    return [part.decode().replace("seed.bin", "test-seed.bin") for part in raw.split(b"\0")[:-1]]


class Machine:
    """QEMU over a device's folder, with the seed that the test wants."""

    def __init__(self, folder, line, seed):
        self.folder = folder
        (folder / "test-seed.bin").write_bytes(seed)
        for name in ("qmp.sock", "uart0.sock", "uart1.bin"):
            (folder / name).unlink(missing_ok=True)
        self.process = subprocess.Popen(line, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.kill()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def events(self):
        if not (self.folder / "uart1.bin").exists():
            return []  # QEMU is about to make it
        state = self.folder.parents[1]
        return [json.loads(line) for line in cai(state, "--json", "device", "log", BOARD).stdout.splitlines()]

    def wait(self, name, times=1, seconds=60):
        deadline = time.monotonic() + seconds
        while [e["name"] for e in self.events()].count(name) < times:
            assert time.monotonic() < deadline and self.process.poll() is None, self.events()
            time.sleep(0.1)

    def reset(self):
        with socket.socket(socket.AF_UNIX) as qmp:
            qmp.connect(str(self.folder / "qmp.sock"))
            stream = qmp.makefile("rw")
            stream.readline()
            for execute in ("qmp_capabilities", "system_reset"):
                stream.write(json.dumps({"execute": execute}) + "\n")
                stream.flush()
                while "return" not in json.loads(stream.readline()):
                    pass


def carry(folder):
    """(boot counter, carried entropy) of the newest whole record: one for each PRK."""
    with open(folder / "nv.bin", "rb") as nv:
        found = []
        for slot in range(2):
            nv.seek(CARRY + slot * SECTOR)
            magic, boot, value, _, _ = RECORD.unpack(nv.read(RECORD.size))
            if magic == b"CAC2":
                found.append((boot, value))
    return max(found)


def boots(folder):
    with open(folder / "nv.bin", "rb") as nv:
        nv.seek(BOOT_COUNTER[0])
        return sum(8 - bin(byte).count("1") for byte in nv.read(BOOT_COUNTER[1]))


def restore(folder, flash):
    with open(folder / "nv.bin", "r+b") as nv:
        nv.seek(OTP_STATE)
        nv.write(flash)


def flash_of(folder):
    with open(folder / "nv.bin", "rb") as nv:
        nv.seek(OTP_STATE)
        return nv.read(0x100000 - OTP_STATE)


def names(machine):
    return [e["name"] for e in machine.events()]


# protocol.md, section 3, 1: a guest reset brings the same seed back.
def test_resets_with_the_same_seed_never_repeat(folder):
    seen = {}
    line = command_line(folder)
    with Machine(folder, line, SEED) as machine:
        for number in range(1, 6):
            machine.wait("NonSecureEntered", number)
            boot, value = carry(folder)
            assert boot not in seen and value not in seen.values()
            seen[boot] = value
            assert boot == boots(folder)
            machine.reset()
        assert names(machine).count("CryptoSeedRepeated") >= 4
        assert "CryptoSeedUnhealthy" not in names(machine)


# 2 and 3: and the flash is put back each time; and the source gives zeros.
@pytest.mark.parametrize("seed", [SEED, bytes(64)], ids=["same", "dead"])
def test_restored_flash_never_repeats(folder, seed):
    line, flash, seen = command_line(folder), flash_of(folder), set()
    for _ in range(3):
        restore(folder, flash)
        with Machine(folder, line, seed) as machine:
            machine.wait("NonSecureEntered")
            assert ("CryptoSeedUnhealthy" in names(machine)) == (seed == bytes(64))
        boot, value = carry(folder)
        assert boot == boots(folder) and value not in seen
        seen.add(value)


# Power goes at a random moment of a start, in a real machine.
def test_starts_killed_at_any_moment(folder):
    chance = random.Random(4711)
    line, rounds = command_line(folder), 12
    before = boots(folder)
    for _ in range(rounds):
        with Machine(folder, line, SEED):
            time.sleep(chance.uniform(0.05, 1.5))
        after = boots(folder)
        assert after in (before, before + 1)
        before = after
    print(f"power cuts: {rounds} (starts of a real machine killed)")
    with Machine(folder, line, SEED) as machine:
        machine.wait("NonSecureEntered")
        errors = [e for e in machine.events() if e["error"]]
        assert errors == []
        assert carry(folder)[0] == boots(folder) == before + 1
