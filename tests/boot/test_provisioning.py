"""Making a device, starting over, and how it stands: `cai device make, show, reset, unenrol`."""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess

import pytest

from test_boot import cai, images, install, make, refuse, sign, start, state  # noqa: F401
from test_device_cli import copy, refused, run  # noqa: F401


def contents(folder):
    """What a folder holds; nv.bin by its used parts, it is sparse and may be 2 GiB."""
    found = {}
    for file in sorted(folder.iterdir()):
        with open(file, "rb") as opened:
            digest = hashlib.sha256()
            at = 0
            while True:
                try:
                    at = os.lseek(opened.fileno(), at, os.SEEK_DATA)
                except OSError:
                    break
                end = os.lseek(opened.fileno(), at, os.SEEK_HOLE)
                opened.seek(at)
                digest.update(opened.read(end - at))
                at = end
            found[file.name] = digest.hexdigest()
    return found


def show(state, name):
    return json.loads(cai(state, "--json", "device", "show", name).stdout)


def test_a_made_device_is_secured_and_says_so(copy):
    facts = show(copy, "an521")
    assert facts["lifecycle"] == "secured" and facts["enrolment"] == "not enrolled"
    assert facts["boots"] == 0 and facts["boots_left"] == 327_680 and not facts["running"]
    assert facts["status"] == "active"
    assert "secured" in cai(copy, "device", "show", "an521").stdout


def test_a_locked_device_is_not_made_again(copy):
    before = contents(copy / "devices/an521")
    done = refused(cai(copy, "device", "make", "an521", "--board", "an521", check=False), "exists")
    assert done.returncode == 1
    refused(cai(copy, "device", "make", "an521", "--board", "an547", "--replace", check=False), "exists")
    assert contents(copy / "devices/an521") == before


def test_a_make_that_was_killed_before_it_was_recorded_is_made_anew(copy):
    draft = copy / "devices/.third.new"
    draft.mkdir(mode=0o700)
    (draft / "otp.bin").write_bytes(b"half")
    cai(copy, "device", "make", "third", "--board", "an521")
    assert not draft.exists() and show(copy, "third")["status"] == "active"


def test_a_make_that_was_killed_after_it_was_recorded_goes_on(copy):
    cai(copy, "device", "make", "third", "--board", "an521")
    folder = copy / "devices/third"
    uuid, before = show(copy, "third")["uuid"], contents(folder)
    folder.rename(copy / "devices/.third.new")
    cai(copy, "device", "make", "third", "--board", "an521")
    assert contents(folder) == before and show(copy, "third")["uuid"] == uuid


@pytest.mark.parametrize("milliseconds", [5, 20, 40, 60, 90, 130])
def test_a_make_killed_at_any_moment_can_be_done_again(copy, milliseconds):
    from test_boot import CAI
    process = subprocess.Popen([CAI, "--state", copy, "device", "make", "third", "--board", "an521"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(milliseconds / 1000)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if not (copy / "devices/third").exists():
        cai(copy, "device", "make", "third", "--board", "an521")
    facts = show(copy, "third")
    assert facts["status"] == "active" and facts["lifecycle"] == "secured"
    names = {p.name for p in (copy / "devices").iterdir()}
    assert names == {"an521", "an547", "third"}
    for file in (copy / "devices/third").iterdir():
        assert file.stat().st_mode & 0o077 == 0
    # Allocated: the device can not run out of disk while it writes.
    assert (copy / "devices/third/nv.bin").stat().st_blocks * 512 >= 16 << 20


def test_a_second_image_key_takes_over_when_the_first_is_revoked(copy):
    second, public = copy / "second.key", copy / "image-keys/secure-2.key"
    cai(copy, "image", "keygen", "--out", second)
    subprocess.run(["openssl", "pkey", "-in", second, "-pubout", "-out", public], check=True)
    make(copy, "an521")
    nonsecure = sign(copy, "an521", "nonsecure")
    install(copy, "an521", sign(copy, "an521", "secure"), nonsecure)
    start(copy, "an521", "NonSecureEntered")

    revoke = ["device", "revoke", "an521", "--world", "secure", "--key"]
    cai(copy, *revoke, copy / "image-keys/secure.key")
    cai(copy, *revoke, copy / "image-keys/secure.key")  # killed half-way: again
    seen, _ = refuse(copy, "an521")
    assert seen[-1]["name"] == "BootHalted"
    refused(install(copy, "an521", sign(copy, "an521", "secure", "1.1.0"), nonsecure, check=False), "revoked")
    install(copy, "an521", sign(copy, "an521", "secure", "1.2.0", key=second), nonsecure)
    start(copy, "an521", "NonSecureEntered")
    refused(cai(copy, *revoke, second, check=False), "last")


def test_two_image_keys_are_two(copy):
    shutil.copy(copy / "image-keys/secure.key", copy / "image-keys/secure-2.key")
    refused(cai(copy, "device", "make", "third", "--board", "an521", check=False), "another one")
    assert not (copy / "devices/third").exists()


def test_reset_needs_a_running_device(copy):
    refused(cai(copy, "device", "reset", "an521", check=False), "cai device run")
    refused(cai(copy, "device", "reset", "nobody", check=False), "nobody")


def test_erasing_storage_keeps_identity_counters_and_images(copy):
    install(copy, "an521", sign(copy, "an521", "secure"), sign(copy, "an521", "nonsecure"))
    start(copy, "an521", "NonSecureEntered")
    before = show(copy, "an521")
    done = json.loads(cai(copy, "--json", "device", "reset", "an521", "--storage").stdout)
    assert done == {"name": "an521", "done": "storage erased"}
    assert show(copy, "an521") == before
    seen = [e["name"] for e in start(copy, "an521", "NonSecureEntered")]
    assert seen.count("StorageRolledBack") == 2 and "PartitionFault" not in seen
    again = [e["name"] for e in start(copy, "an521", "NonSecureEntered")]
    assert "StorageRolledBack" not in again


def test_unenrol_revokes_and_forgets(copy):
    uuid = show(copy, "an521")["uuid"]
    with sqlite3.connect(copy / "registry.db") as registry:
        registry.execute("UPDATE devices SET cose_sign=?, cose_sign_attested=1 WHERE uuid=?",
                         (os.urandom(64), uuid))
        registry.execute("INSERT INTO certificates(serial, uuid, purpose, der, issued, not_after, status,"
                         " attested) VALUES('77', ?, 'tls-client', x'00', 1, 4000000000, 'valid', 1)", (uuid,))
    registry.close()
    assert show(copy, "an521")["enrolment"] == "attested"
    cai(copy, "device", "unenrol", "an521")
    assert show(copy, "an521")["enrolment"] == "not enrolled"
    shown = cai(copy, "registry", "show", "an521").stdout
    assert "revoked" in shown and " valid" not in shown
    cai(copy, "device", "unenrol", "an521")  # killed half-way: again


def test_unenrol_of_a_stranger_changes_nothing(copy):
    with sqlite3.connect(copy / "registry.db") as registry:
        registry.execute("PRAGMA foreign_keys=OFF")
        registry.execute("DELETE FROM endorsements")
        registry.execute("DELETE FROM devices")
    registry.close()
    before = contents(copy / "devices/an521")
    refused(cai(copy, "device", "unenrol", "an521", check=False), "cai registry list")
    assert {k: v for k, v in contents(copy / "devices/an521").items() if k != "lock"} == \
        {k: v for k, v in before.items() if k != "lock"}


def test_a_device_of_another_layout_is_named(copy):
    path = copy / "devices/an521/device.toml"
    path.write_text("\n".join(line for line in path.read_text().splitlines() if "layout" not in line))
    refused(run(copy), "another version")
    shutil.rmtree(copy / "devices/an521")
