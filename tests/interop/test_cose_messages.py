"""Our COSE library against pycose, in both directions: every message type, every
algorithm that both have."""

import json
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DRIVER = ROOT / "build/host/bin/cose_driver"
WORKER = pathlib.Path(__file__).parent / "pycose_worker.py"

SIGN1, SIGN, MAC0, MAC, ENC0, ENC = 18, 98, 17, 97, 16, 96
PAYLOAD, AAD, KID = b"payload".hex(), b"external".hex(), b"kid".hex()


@pytest.fixture(scope="session")
def ours(line_server):
    assert DRIVER.exists(), "build it: cmake --build --preset host --target cose_driver"
    return line_server(DRIVER)


@pytest.fixture(scope="session")
def theirs(line_server, pycose_python):
    return line_server(pycose_python, WORKER)


# ---- Keys, as COSE_Key ------------------------------------------------------

def head(major, n):
    if n < 24:
        return bytes([major << 5 | n])
    return bytes([major << 5 | 24, n]) if n < 256 else (
        bytes([major << 5 | 25]) + n.to_bytes(2, "big"))


def encode(value):
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    assert isinstance(value, dict)
    return head(5, len(value)) + b"".join(encode(k) + encode(v) for k, v in value.items())


def symmetric(size):
    return encode({1: 4, -1: bytes(range(1, size + 1))}).hex()


@pytest.fixture(scope="session")
def keys(pycose_python):
    """(private, public) by curve, or "rsa", fresh ones."""
    made = subprocess.run([pycose_python, pathlib.Path(__file__).parent / "make_keys.py"],
                          capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    return json.loads(made.stdout)


def damaged(message):
    return message[:-2] + format(int(message[-2:], 16) ^ 1, "02x")


def both_ways(ours, theirs, question, make_key, open_key):
    """Each makes, the other opens, and neither opens what was damaged or has
    other data beside it."""
    for make, read in ((ours, theirs), (theirs, ours)):
        made = make(op="make", key=make_key, payload=PAYLOAD, external=AAD, **question)
        assert "message" in made, made
        # What only the maker knows, the opener is not told.
        asked = {k: v for k, v in question.items() if k not in ("kid", "iv", "nonce", "content_key")}
        if "sender" in asked:
            asked["sender"] = question["sender_public"]
        asked.pop("sender_public", None)
        opened = read(op="open", key=open_key, external=AAD, message=made["message"], **asked)
        assert opened.get("payload") == PAYLOAD, opened
        refused = read(op="open", key=open_key, external=AAD,
                       message=damaged(made["message"]), **asked)
        assert "payload" not in refused, refused
        refused = read(op="open", key=open_key, external="00", message=made["message"], **asked)
        assert "payload" not in refused, refused


# ---- Signatures -------------------------------------------------------------

SIGNATURES = [("P_256", -7), ("P_384", -35), ("P_521", -36), ("ED25519", -8), ("ED448", -8),
              ("rsa", -37), ("rsa", -38), ("rsa", -39)]


@pytest.mark.parametrize("kind", [SIGN1, SIGN])
@pytest.mark.parametrize("curve, algorithm", SIGNATURES)
def test_signatures(ours, theirs, keys, kind, curve, algorithm):
    private, public = keys[curve]
    both_ways(ours, theirs, {"type": kind, "algorithm": algorithm, "kid": KID}, private, public)


# ---- MACs and ciphers under a key that both have -----------------------------

# pycose has no keys of 48 and 64 bytes.
MACS = [(4, 32), (5, 32), (6, 32), (7, 32), (14, 16), (15, 32), (25, 16), (26, 32)]
CIPHERS = [(1, 16, 12), (2, 24, 12), (3, 32, 12), (10, 16, 13), (11, 32, 13), (12, 16, 7),
           (13, 32, 7), (30, 16, 13), (31, 32, 13), (32, 16, 7), (33, 32, 7)]


@pytest.mark.parametrize("recipient", [None, -6])
@pytest.mark.parametrize("algorithm, size", MACS)
def test_macs(ours, theirs, algorithm, size, recipient):
    question = {"type": MAC0 if recipient is None else MAC, "algorithm": algorithm}
    if recipient is not None:
        question["recipient"] = recipient
    both_ways(ours, theirs, question, symmetric(size), symmetric(size))


@pytest.mark.parametrize("recipient", [None, -6])
@pytest.mark.parametrize("algorithm, size, nonce", CIPHERS)
def test_ciphers(ours, theirs, algorithm, size, nonce, recipient):
    question = {"type": ENC0 if recipient is None else ENC, "algorithm": algorithm,
                "iv": os.urandom(nonce).hex()}
    if recipient is not None:
        question["recipient"] = recipient
    both_ways(ours, theirs, question, symmetric(size), symmetric(size))


# ---- Content keys that recipients carry -------------------------------------

# Under recipients pycose has MACs by AES alone: it knows no size of an HMAC's key.
def layered(kind, recipient, **more):
    question = {"type": kind, "recipient": recipient, "algorithm": 14 if kind == MAC else 1,
                **more}
    if kind == ENC:
        question["iv"] = os.urandom(12).hex()
    return question


def carried():
    return os.urandom(16).hex()


@pytest.mark.parametrize("kind", [MAC, ENC])
@pytest.mark.parametrize("recipient, size", [(-3, 16), (-4, 24), (-5, 32)])
def test_key_wrap(ours, theirs, kind, recipient, size):
    question = layered(kind, recipient, kid=KID, content_key=carried())
    both_ways(ours, theirs, question, symmetric(size), symmetric(size))


@pytest.mark.parametrize("kind", [MAC, ENC])
@pytest.mark.parametrize("recipient", [-40, -41, -42])
def test_key_transport(ours, theirs, keys, kind, recipient):
    private, public = keys["rsa"]
    question = layered(kind, recipient, content_key=carried())
    both_ways(ours, theirs, question, public, private)


@pytest.mark.parametrize("kind", [MAC, ENC])
@pytest.mark.parametrize("curve", ["P_256", "P_384", "P_521"])
@pytest.mark.parametrize("recipient", [-25, -26, -29, -30, -31])
def test_agreement_with_an_ephemeral_key(ours, theirs, keys, kind, curve, recipient):
    private, public = keys[curve]
    more = {} if recipient >= -26 else {"content_key": carried()}
    both_ways(ours, theirs, layered(kind, recipient, kid=KID, **more), public, private)


@pytest.mark.parametrize("kind", [MAC, ENC])
@pytest.mark.parametrize("curve", ["P_256", "P_521"])
@pytest.mark.parametrize("recipient", [-27, -28, -32, -33, -34])
def test_agreement_with_a_static_key(ours, theirs, keys, kind, curve, recipient):
    private, public = keys[curve]
    sender, sender_public = keys[curve + " sender"]
    more = {} if recipient >= -28 else {"content_key": carried()}
    question = layered(kind, recipient, sender=sender, sender_public=sender_public,
                       nonce=os.urandom(8).hex(), **more)
    both_ways(ours, theirs, question, public, private)
