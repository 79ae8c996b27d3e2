"""`cai image` with files and keys that somebody else made."""

import struct
import subprocess

import pytest

HEADER = 0x400
PLACE = {"--board": "an521", "--world": "secure", "--version": "1.2.3"}


def signing(*options, key="a.key", out="a.img"):
    """The words of `cai image sign`; `options` come in place of the usual ones."""
    usual = [w for pair in PLACE.items() if pair[0] not in options for w in pair]
    return ["image", "sign", "raw.bin", "--key", key, "--out", out, *usual, *options]


@pytest.fixture
def made(cai):
    """A folder with a key, a raw binary and its image."""
    (cai.folder / "raw.bin").write_bytes(bytes(range(256)) * 20)
    cai.good("image", "keygen", "--out", "a.key")
    cai.good(*signing())
    return cai


def edited(image, offset, form, value):
    data = bytearray(image)
    struct.pack_into(form, data, offset, value)
    return bytes(data)


TLVS = HEADER + 256 * 20
HOSTILE = {
    "empty": lambda i: b"",
    "magic only": lambda i: i[:4],
    "half a header": lambda i: i[:20],
    "header only": lambda i: i[:32],
    "half a payload": lambda i: i[:HEADER + 1000],
    "last byte missing": lambda i: i[:-1],
    "a byte more": lambda i: i + b"x",
    "text": lambda i: b"#!/bin/sh\necho hello\n" * 100,
    "payload size": lambda i: edited(i, 12, "<I", 0xFFFFFFFF),
    "header size 0": lambda i: edited(i, 8, "<H", 0),
    "header size": lambda i: edited(i, 8, "<H", 0xFFFF),
    "protected size": lambda i: edited(i, 10, "<H", 0xFFFF),
    "area's length": lambda i: edited(i, TLVS + 2, "<H", 0xFFFF),
    "area's length 0": lambda i: edited(i, TLVS + 2, "<H", 0),
    "entry's length": lambda i: edited(i, TLVS + 6, "<H", 0xFFFF),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_refused_and_named(made, kind):
    path = made.folder / "hostile.img"
    path.write_bytes(HOSTILE[kind]((made.folder / "a.img").read_bytes()))
    assert "hostile.img" in made.refused("image", "verify", path, "--key", "a.key").err
    shown = made("--json", "image", "show", path)
    if shown.code == 0:
        assert shown.json["refused"].startswith("Image")
    else:
        assert shown.code == 1 and "hostile.img" in shown.err


@pytest.mark.parametrize("path", ["nothing-there", "/dev/zero", "."])
def test_what_is_no_file_is_named(made, path):
    assert path in made.refused("image", "verify", path, "--key", "a.key").err
    assert path in made.refused("image", "show", path).err


OTHER_KEYS = {
    "rsa.pem": ["genrsa", "2048"],
    "ed25519.pem": ["genpkey", "-algorithm", "ed25519"],
    "p384.pem": ["ecparam", "-name", "secp384r1", "-genkey", "-noout"],
}


@pytest.mark.parametrize("name", [*OTHER_KEYS, "raw.bin"])
def test_a_key_of_another_kind_is_refused_for_what_it_is(made, name):
    if name in OTHER_KEYS:
        subprocess.run(["openssl", *OTHER_KEYS[name][:1], "-out", name, *OTHER_KEYS[name][1:]],
                       cwd=made.folder, check=True, capture_output=True)
    for words in (signing(key=name, out="other.img"), ["image", "verify", "a.img", "--key", name]):
        said = made.refused(*words).err
        assert name in said and "P-256" in said and "keygen" in said
        assert "state folder" not in said


@pytest.mark.parametrize("options", [
    ["--depends", "1.0.0"] * 5,
    ["--depends", "1.0"],
    ["--boot-record", "\udcff\udcfe"],
    ["--boot-record", "NINECHARS"],
    ["--version", "256.0.0"],
    ["--security-counter", "-1"],
    ["--security-counter", "4294967296"],
    ["--world", "both"],
], ids=" ".join)
def test_what_the_command_line_has_wrong_is_a_usage_error(made, options):
    said = made.refused(*signing(*options, out="wrong.img"), code=2).err
    assert options[0] in said and "hint: " in said


def test_a_board_that_does_not_exist_is_a_usage_error(made):
    assert "an521 or an547" in made.refused(*signing("--board", "an999", out="wrong.img"), code=2).err


ROOMS = {("an521", "secure"): 0xE0000, ("an521", "nonsecure"): 0x100000,
         ("an547", "secure"): 0xFF000, ("an547", "nonsecure"): 0x100000}


@pytest.mark.parametrize("board, world", ROOMS)
def test_an_image_fills_its_room_and_no_more(made, board, world):
    """Also beside the trailer of a padded one, which must not lie over its end."""
    words = signing("--board", board, "--world", world, "--pad", out="full.img")
    raw, around = made.folder / "raw.bin", (made.folder / "a.img").stat().st_size - 256 * 20
    raw.write_bytes(bytes(ROOMS[board, world] - around - 8))  # a signature is 70 to 72 bytes
    made.good(*words)
    made.good("image", "verify", "full.img", "--key", "a.key")
    raw.write_bytes(bytes(ROOMS[board, world] - around + 8))
    (made.folder / "full.img").unlink()
    assert "too large" in made.refused(*words).err
