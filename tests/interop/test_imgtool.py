"""Images against MCUboot's imgtool: what it signs we read, what we sign it
verifies. Needs PyPI once; imgtool then lies in build/imgtool-venv."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CAI = os.environ.get("CAI_PROGRAM", ROOT / "build/host/bin/cai")
VENV = ROOT / "build/imgtool-venv"


@pytest.fixture(scope="session")
def imgtool():
    tool = VENV / "bin/imgtool"
    if not tool.exists():
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True, capture_output=True)
        done = subprocess.run([VENV / "bin/pip", "install", "-q", "imgtool"],
                              capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            pytest.skip("imgtool cannot be installed: PyPI is not reachable")

    def run(*args, check=True):
        done = subprocess.run([tool, *map(str, args)], capture_output=True, text=True)
        if check:
            assert done.returncode == 0, done.stdout + done.stderr
        return done
    return run


def cai(*args, check=True):
    done = subprocess.run([CAI, *map(str, args)], capture_output=True, text=True)
    if check:
        assert done.returncode == 0, done.stderr
    return done


@pytest.fixture
def payload(tmp_path):
    path = tmp_path / "payload.bin"
    path.write_bytes(bytes(range(256)) * 9 + b"odd")
    return path


def theirs(imgtool, tmp_path, payload, *options, place=("--load-addr", "0x10020000")):
    key = tmp_path / "their.pem"
    imgtool("keygen", "-t", "ecdsa-p256", "-k", key)
    out = tmp_path / "their.img"
    imgtool("sign", "--key", key, "--header-size", "0x400", "--pad-header", "--align", "8",
            "--slot-size", "0x100000", "--version", "1.2.3+4", *place,
            "--security-counter", "7", *options, payload, out)
    return key, out


@pytest.mark.parametrize("form", ["full", "hash"])
def test_what_imgtool_signs_we_verify(imgtool, tmp_path, payload, form):
    key, image = theirs(imgtool, tmp_path, payload, "--public-key-format", form,
                        "--dependencies", "(1, 2.0.1+9)", "--boot-record", "SPE")
    cai("image", "verify", image, "--key", key)
    shown = json.loads(cai("--json", "image", "show", image).stdout)
    assert shown["version"] == "1.2.3+4"
    assert shown["security_counter"] == 7
    assert shown["load_address"] == 0x10020000
    assert shown["depends_on"] == [{"image": 1, "version": "2.0.1+9"}]
    assert shown["hash_matches"] is True
    record = named(shown, "boot-record")
    assert record["protected"] and record["value"]["type"] == "SPE"
    assert record["value"]["signer"] == shown["signer"]
    assert named(shown, "security-counter")["value"] == 7


def named(shown, name):
    return next(tlv for tlv in shown["tlvs"] if tlv["name"] == name)


@pytest.mark.parametrize("option, trailer", [
    ("--pad", {"confirmed": False, "tried": False}),
    ("--confirm", {"confirmed": True, "tried": False})])
def test_what_imgtool_pads_we_read(imgtool, tmp_path, payload, option, trailer):
    key, image = theirs(imgtool, tmp_path, payload, "--public-key-format", "full", option)
    assert image.stat().st_size == 0x100000
    cai("image", "verify", image, "--key", key)
    assert json.loads(cai("--json", "image", "show", image).stdout)["trailer"] == trailer


def test_our_padding_is_theirs_byte_for_byte(imgtool, tmp_path, payload):
    """Where no signature stands: behind the image."""
    for option in ("--pad", "--confirm"):
        _, their = theirs(imgtool, tmp_path, payload, option)
        our = tmp_path / "ours.img"
        if not (tmp_path / "our.key").exists():
            cai("image", "keygen", "--out", tmp_path / "our.key")
        cai("image", "sign", payload, "--board", "an521", "--world", "secure", "--key",
            tmp_path / "our.key", "--version", "1.2.3", option, "--out", our)
        assert our.read_bytes()[-4096:] == their.read_bytes()[-4096:]


def test_every_kind_of_tlv_is_named(imgtool, tmp_path, payload):
    _, image = theirs(imgtool, tmp_path, payload, "--custom-tlv", "0x00a5", "hello",
                      "--dependencies", "(0, 1.0.0), (1, 2.0.0)")
    shown = json.loads(cai("--json", "image", "show", image).stdout)
    assert {"vendor", "dependency", "security-counter", "sha256", "key-hash", "ecdsa"} <= {
        tlv["name"] for tlv in shown["tlvs"]}
    assert len(shown["depends_on"]) == 2 and shown["refused"] == ""


def test_an_image_that_boot_refuses_is_explained_all_the_same(imgtool, tmp_path, payload):
    _, image = theirs(imgtool, tmp_path, payload, place=("--rom-fixed", "0x10000"))
    shown = json.loads(cai("--json", "image", "show", image).stdout)
    assert shown["refused"] == "ImageFlags" and "rom-fixed" in shown["flags"]
    assert named(shown, "sha256")["size"] == 32


def test_both_name_a_key_by_the_same_hash(imgtool, tmp_path, payload):
    key, full = theirs(imgtool, tmp_path, payload, "--public-key-format", "full")
    by_key = json.loads(cai("--json", "image", "show", full).stdout)["signer"]
    out = tmp_path / "hash.img"
    imgtool("sign", "--key", key, "--header-size", "0x400", "--pad-header", "--align", "8",
            "--slot-size", "0x100000", "--version", "1.2.3", payload, out)
    assert json.loads(cai("--json", "image", "show", out).stdout)["signer"] == by_key


def test_their_image_changed_by_one_bit_is_refused(imgtool, tmp_path, payload):
    key, image = theirs(imgtool, tmp_path, payload, "--public-key-format", "full")
    bytes_ = bytearray(image.read_bytes())
    bytes_[0x480] ^= 4
    image.write_bytes(bytes_)
    done = cai("image", "verify", image, "--key", key, check=False)
    assert done.returncode == 1 and "error: " in done.stderr and "hash" in done.stderr


def test_what_we_sign_imgtool_verifies(imgtool, tmp_path, payload):
    key = tmp_path / "our.key"
    cai("image", "keygen", "--out", key)
    assert key.stat().st_mode & 0o777 == 0o600
    image = tmp_path / "our.img"
    cai("image", "sign", payload, "--board", "an521", "--world", "secure", "--key", key,
        "--version", "3.4.5+6", "--security-counter", "8", "--depends", "1.0.0", "--out", image)
    said = imgtool("verify", "-k", key, image).stdout
    assert "Image was correctly validated" in said
    assert "3.4.5+6" in said
    info = imgtool("dumpinfo", image).stdout
    for name in ("SEC_CNT", "DEPENDENCY", "BOOT_RECORD", "SHA256", "PUBKEY", "ECDSASIG"):
        assert name in info, info

    other = tmp_path / "other.key"
    cai("image", "keygen", "--out", other)
    assert imgtool("verify", "-k", other, image, check=False).returncode != 0


def test_keygen_never_overwrites_a_key(tmp_path):
    key = tmp_path / "a.key"
    cai("image", "keygen", "--out", key)
    before = key.read_bytes()
    done = cai("image", "keygen", "--out", key, check=False)
    assert done.returncode == 1 and "hint: " in done.stderr
    assert key.read_bytes() == before
