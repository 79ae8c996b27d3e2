"""The device's messages against pycose, which is nobody of ours: what the vectors
of lib/wire say is signed or sealed, it verifies and opens."""

import hashlib
import hmac
import json
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Runs within the venv: {"kind", "message", "key", ...} on standard input, what
# pycose makes of it on standard output.
WORKER = r"""
import json, sys
from pycose.keys import EC2Key, SymmetricKey
from pycose.messages import CoseMessage

ask = json.load(sys.stdin)
key = bytes.fromhex(ask["key"])
try:
    message = CoseMessage.decode(bytes.fromhex(ask["message"]))
    if ask["kind"] == "sign1":
        message.key = EC2Key(crv="P_256", x=key[:32], y=key[32:])
        answer = {"valid": message.verify_signature(), "payload": message.payload.hex()}
    else:
        message.key = SymmetricKey(k=key, optional_params={"BASE_IV": bytes.fromhex(ask["iv"])})
        answer = {"payload": message.decrypt().hex()}
    answer["kind"] = type(message).__name__
except Exception as why:
    answer = {"error": f"{type(why).__name__}: {why}"}
json.dump(answer, sys.stdout)
"""


@pytest.fixture(scope="session")
def pycose(pycose_python):
    def ask(**question):
        done = subprocess.run([pycose_python, "-c", WORKER], input=json.dumps(question),
                              capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)
    return ask


@pytest.fixture(scope="session")
def vectors():
    lines = (ROOT / "lib/wire/testdata/vectors.txt").read_text().splitlines()
    return dict(line.split(" = ", 1) for line in lines if " = " in line)


def damaged(message):
    return message[:-2] + format(int(message[-2:], 16) ^ 1, "02x")


# ---- Sign1 ------------------------------------------------------------------

SIGNED = [("svc_key", "service root public"),
          ("configuration", "service root public"),
          ("command", "service sign public"),
          ("token", "public iak"),
          ("session 1 message", "public cose-sign"),
          ("session 24 message", "public cose-sign")]


@pytest.mark.parametrize("name, key", SIGNED)
def test_what_we_sign_pycose_verifies(pycose, vectors, name, key):
    answer = pycose(kind="sign1", message=vectors[name], key=vectors[key])
    assert answer.get("valid") is True, answer
    assert answer["kind"] == "Sign1Message"
    assert answer["payload"] in vectors[name]


@pytest.mark.parametrize("name, key", SIGNED)
def test_neither_another_key_nor_other_bytes(pycose, vectors, name, key):
    other = vectors["public model-kek"]
    assert pycose(kind="sign1", message=vectors[name], key=other).get("valid") is False
    answer = pycose(kind="sign1", message=damaged(vectors[name]), key=vectors[key])
    assert answer.get("valid") is False, answer


# ---- Encrypt0 ---------------------------------------------------------------

# Exp(k, label, ctx, L) of protocol.md, 1, for an integer context.
def expand(key, label, context, size):
    def head(major, n):
        if n < 24:
            return bytes([major << 5 | n])
        return bytes([major << 5 | 24, n]) if n < 256 else (
            bytes([major << 5 | 25]) + n.to_bytes(2, "big"))

    def text(s):
        return head(3, len(s)) + s.encode()
    info = head(4, 4) + text("cai1") + text(label) + head(0, context) + head(0, size)
    block = hmac.new(key, info + b"\x01", hashlib.sha256).digest()
    assert size <= len(block)
    return block[:size]


def epoch_keys(chain, sequence):
    for epoch in range(sequence >> 8):
        chain = expand(chain, "next", epoch, 32)
    epoch = sequence >> 8
    return expand(chain, "key", epoch, 16), expand(chain, "iv", epoch, 12)


# pycose 1.1.0 has no ChaCha20-Poly1305: the A128GCM suite stands for both, whose
# messages differ in the algorithm's number alone.
@pytest.mark.parametrize("sequence", [0, 1, 255, 256, 1023, 70000])
def test_what_we_seal_pycose_opens(pycose, vectors, sequence):
    key, iv = epoch_keys(bytes.fromhex(vectors["session 1 chain"]), sequence)
    sealed = vectors[f"sealed 1 {sequence}"]
    answer = pycose(kind="encrypt0", message=sealed, key=key.hex(), iv=iv.hex())
    assert answer.get("payload") == vectors[f"plain {sequence}"], answer
    assert answer["kind"] == "Enc0Message"

    refused = pycose(kind="encrypt0", message=damaged(sealed), key=key.hex(), iv=iv.hex())
    assert "payload" not in refused, refused
    if sequence >= 256:
        earlier, _ = epoch_keys(bytes.fromhex(vectors["session 1 chain"]), 0)
        refused = pycose(kind="encrypt0", message=sealed, key=earlier.hex(), iv=iv.hex())
        assert "payload" not in refused, refused
