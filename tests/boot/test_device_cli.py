"""`cai device` when something is wrong: one error line, one hint, no half state."""

import json
import os
import pathlib
import shutil
import subprocess
import time

import pytest

from test_boot import CAI, cai, images, install, sign, state  # noqa: F401


def refused(done, *words):
    assert done.returncode in (1, 2), done.stdout
    lines = done.stderr.strip().splitlines()
    assert lines[0].startswith("error: ") and lines[1].startswith("hint: "), done.stderr
    for word in words:
        assert word in done.stderr
    return done


@pytest.fixture
def copy(state, tmp_path):  # noqa: F811
    to = tmp_path / "state"
    subprocess.run(["cp", "-a", "--sparse=always", state, to], check=True)
    return to


def test_a_name_is_taken_once(copy):
    before = (copy / "devices/an521/otp.bin").read_bytes()
    refused(cai(copy, "device", "make", "an521", "--board", "an521", check=False), "exists")
    assert (copy / "devices/an521/otp.bin").read_bytes() == before


def test_a_lost_device_is_replaced_only_when_asked(copy):
    shutil.rmtree(copy / "devices/an521")
    refused(cai(copy, "device", "make", "an521", "--board", "an521", check=False), "--replace")
    assert not (copy / "devices/an521").exists()
    assert not [p for p in (copy / "devices").iterdir() if p.name.startswith(".")]
    cai(copy, "device", "make", "an521", "--board", "an521", "--replace")


@pytest.mark.parametrize("name", ["../an521", "", "UPPER", "-x", "a" * 33])
def test_a_name_cannot_leave_the_folder(copy, name):
    assert cai(copy, "device", "make", "--board", "an521", "--", name, check=False).returncode in (1, 2)


def test_every_file_is_the_owners_alone(copy):
    for file in (copy / "devices/an521").iterdir():
        assert file.stat().st_mode & 0o077 == 0, file


def test_two_devices_differ(copy):
    one, two = (copy / f"devices/{b}/otp.bin" for b in ("an521", "an547"))
    assert one.read_bytes() != two.read_bytes()
    uuids = {d["uuid"] for d in json.loads(cai(copy, "--json", "device", "list").stdout)["devices"]}
    assert len(uuids) == 2


def run(copy, board="an521", boot=None):
    return cai(copy, "device", "run", board, "--boot", boot or images(board) / "boot.elf",
               check=False, timeout=30)


def test_damaged_files_are_named(copy):
    folder = copy / "devices/an521"
    os.truncate(folder / "nv.bin", 4096)
    refused(run(copy), "nv.bin")
    (folder / "device.toml").write_text("board = ")
    refused(run(copy), "device.toml")
    refused(run(copy, "an999"), "an999")


def test_a_damaged_otp_page_stops_boot_and_install(copy):
    otp = copy / "devices/an521/otp.bin"
    page = bytearray(otp.read_bytes())
    page[60] ^= 1
    otp.write_bytes(page)
    refused(run(copy), "OTP page")
    done = install(copy, "an521", sign(copy, "an521", "secure"), sign(copy, "an521", "nonsecure"),
                   check=False)
    assert done.returncode == 1 and "OTP page" in done.stderr


def test_what_is_missing_is_named(copy):
    refused(run(copy, boot=copy / "no.elf"), "no.elf")
    environment = {**os.environ, "CAI_QEMU": "/nonexistent/qemu"}
    done = subprocess.run([CAI, "--state", copy, "device", "run", "an521", "--boot",
                           images("an521") / "boot.elf"], env=environment, capture_output=True, text=True)
    refused(done, "qemu")
    assert not (copy / "devices/an521/seed.bin").exists()
    (copy / "image-keys/secure.key").unlink()
    refused(cai(copy, "device", "make", "third", "--board", "an521", check=False), "keygen")


def test_a_running_device_is_left_alone_and_stops_when_told(copy):
    install(copy, "an521", sign(copy, "an521", "secure"), sign(copy, "an521", "nonsecure"))
    process = subprocess.Popen([CAI, "--state", copy, "device", "run", "an521", "--boot",
                                images("an521") / "boot.elf"], stdout=subprocess.DEVNULL)
    folder = copy / "devices/an521"
    deadline = time.monotonic() + 20
    while not (folder / "qmp.sock").exists() or (folder / "seed.bin").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    deadline += 20
    command = pathlib.Path(f"/proc/{int((folder / 'pid').read_text())}/cmdline").read_bytes()
    assert b"mps2-an521" in command and (folder / "otp.bin").read_bytes()[40:60] not in command

    refused(run(copy), "uses it")
    refused(install(copy, "an521", sign(copy, "an521", "secure"), sign(copy, "an521", "nonsecure"),
                    check=False), "uses it")
    refused(cai(copy, "demo", "sensor", "temperature=900", check=False), "beyond")
    refused(cai(copy, "demo", "sensor", "warmth=9", check=False), "temperature=")
    set_ = json.loads(cai(copy, "--json", "demo", "sensor", "temperature=72.5", "field=0.4").stdout)
    assert set_ == {"set": ["an521"]}

    while "BootDone" not in cai(copy, "device", "log", "an521").stdout:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    cai(copy, "device", "stop", "an521")
    assert process.wait(10) == 0
    assert not {p.name for p in folder.iterdir()} & {"uart0.sock", "qmp.sock", "pid", "seed.bin"}
    assert "BootDone" in cai(copy, "device", "log", "an521").stdout
