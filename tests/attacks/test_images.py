"""Images that an attacker brings: what boot refuses in QEMU, on both boards. All
header and TLV fields are mutated on the host (device/boot/mutation_test.cc);
here it is that the real loader says the same and starts nothing."""

import pathlib
import struct
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "boot"))
from test_boot import (BOARDS, board, cai, folder_is_clean, install, names,  # noqa: E402, F401
                       refuse, sign, start, started, state)


def reasons(state, board):
    """The errors that boot names, in the order of ImageRefused."""
    seen, words = refuse(state, board)
    assert "BootHalted" in names(seen) and "SpmStarted" not in names(seen)
    assert "no slot holds a valid image" in words
    assert folder_is_clean(state, board)
    return [e.get("error") or e["argument"] for e in seen if e["name"] == "ImageRefused"]


def pair(state, board, **bad):
    good = {w: sign(state, board, w) for w in ("secure", "nonsecure")}
    return [{**good, **bad}[w] for w in ("secure", "nonsecure")]


def write(state, name, data):
    path = state / name
    path.write_bytes(data)
    return path


def error_number(a, b, number):
    return ord(a) << 24 | ord(b) << 16 | number


@pytest.mark.parametrize("world", ["secure", "nonsecure"])
def test_a_tampered_image(state, board, world):
    image = bytearray(sign(state, board, world).read_bytes())
    image[0x500] ^= 1
    bad = pair(state, board, **{world: write(state, "bad.img", image)})
    told = install(state, board, *bad, check=False)
    assert told.returncode == 1 and "hint: " in told.stderr
    install(state, board, *bad, "--unchecked")
    assert len(reasons(state, board)) == 1


def test_a_tampered_newer_image_yields_to_the_older(state, board):
    install(state, board, *pair(state, board))
    newer = bytearray(sign(state, board, "secure", "1.1.0").read_bytes())
    newer[-3] ^= 1  # in the signature
    cai(state, "device", "install", board, "--secure", write(state, "newer.img", newer),
        "--unchecked")
    seen = start(state, board, "SpmStarted")
    assert "ImageRefused" in names(seen) and started(seen) == {0: 0, 1: 0}


def test_another_keys_image(state, board):
    stranger = state / f"{board}-stranger.key"
    if not stranger.exists():
        cai(state, "image", "keygen", "--out", stranger)
    install(state, board, sign(state, board, "secure", "1.0.1", key=stranger),
            sign(state, board, "nonsecure"), "--unchecked")
    assert len(reasons(state, board)) == 1


def test_swapped_images(state, board):
    secure, nonsecure = pair(state, board)
    install(state, board, nonsecure, secure, "--unchecked")
    # One refusal is enough: without a secure image no other is looked at.
    assert len(reasons(state, board)) >= 1


def test_a_rolled_back_image(state, board):
    install(state, board, sign(state, board, "secure", "2.0.0", counter=2),
            sign(state, board, "nonsecure"))
    start(state, board, "SpmStarted")
    old = sign(state, board, "secure", "9.0.0", counter=1)
    cai(state, "device", "install", board, "--secure", old, "--unchecked", "--confirm")
    seen = start(state, board, "SpmStarted")
    assert "ImageRefused" in names(seen) and started(seen)[0] == 0


def test_a_dependency_that_is_broken(state, board):
    needs = sign(state, board, "secure", "1.0.5", options=("--depends", "3.0.0"))
    install(state, board, needs, sign(state, board, "nonsecure"), "--unchecked")
    seen, _ = refuse(state, board)
    assert "BootHalted" in names(seen) and "SpmStarted" not in names(seen)


def test_an_image_that_claims_more_than_its_memory(state, board):
    image = bytearray(sign(state, board, "secure").read_bytes())
    struct.pack_into("<I", image, 12, 0x7fffffff)
    # No tool of ours takes it: into the flash with it, past all of them.
    install(state, board, *pair(state, board))
    flash = state / "devices" / board / "nv.bin"
    offset = {"an521": 0, "an547": 0x10000000}[board] + 0x100000
    with open(flash, "r+b") as file:
        file.seek(offset)
        file.write(image[:4096])
    assert len(reasons(state, board)) == 1


def test_a_flipped_trailer_confirms_nothing(state, board):
    """Whoever writes flash may revert or stop an update, not make one run for good."""
    install(state, board, *pair(state, board))
    stranger = state / f"{board}-stranger.key"
    if not stranger.exists():
        cai(state, "image", "keygen", "--out", stranger)
    install(state, board, sign(state, board, "secure", "9.0.0", key=stranger),
            sign(state, board, "nonsecure", "9.0.0", key=stranger), "--unchecked", "--confirm")
    seen = start(state, board, "SpmStarted")
    assert started(seen) == {0: 0, 1: 0} and names(seen).count("ImageRefused") == 2
