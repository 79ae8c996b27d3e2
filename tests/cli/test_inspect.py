"""`cai cose inspect`: transcripts, the three encodings, and wrong input."""

import base64
import json
import os
import pathlib

import cbor2
import pytest

SIGN1 = bytes.fromhex("d28443a10126a1044231315454686973206973207468652063"
                      "6f6e74656e742e5840") + b"\xaa" * 64

TRANSCRIPT = f"""\
COSE_Sign1  tag 18, 98 bytes
  protected  3 bytes
    alg (1): -7  ES256
  unprotected
    kid (4): h'3131'  '11'
  payload: h'{b"This is the content.".hex()}'  20 bytes
  signature: h'{"aa" * 48}...'  64 bytes
"""


def test_a_transcript(cai):
    (cai.folder / "m.cbor").write_bytes(SIGN1)
    assert cai.good("cose", "inspect", "m.cbor").out == TRANSCRIPT


@pytest.mark.parametrize("content", [
    SIGN1.hex().encode(), SIGN1.hex().upper().encode() + b"\n",
    b" ".join(SIGN1.hex()[i:i + 2].encode() for i in range(0, 2 * len(SIGN1), 2)),
    base64.b64encode(SIGN1), base64.urlsafe_b64encode(SIGN1).rstrip(b"="), base64.encodebytes(SIGN1),
])
def test_the_encodings_people_have(cai, content):
    assert cai.good("cose", "inspect", "-", stdin=content).out == TRANSCRIPT


def test_json_says_the_same(cai):
    report = cai.good("--json", "cose", "inspect", "-", stdin=SIGN1).json
    assert report["name"] == "COSE_Sign1" and report["warnings"] == []
    protected, unprotected, payload, signature = report["parts"]
    assert protected["parts"] == [{"name": "alg", "label": "1", "value": -7, "meaning": "ES256"}]
    assert unprotected["parts"][0]["value"] == {"hex": "3131"}
    assert payload["value"] == {"hex": b"This is the content.".hex()}
    assert signature["value"] == {"hex": "aa" * 64}


def test_the_flow_tools_defect_is_named(cai):
    header = cbor2.dumps({1: -29})
    message = cbor2.dumps(cbor2.CBORTag(96, [header, {5: b"i" * 12}, b"c" * 32, [
        [header, {4: b"CN=x", -1: {1: 2, -1: 1, -2: b"x" * 32, -3: b"y" * 32}}, b"w" * 24]]]))
    out = cai.good("cose", "inspect", "-", stdin=message).out
    assert "warning: COSE_Encrypt: ECDH-ES + A128KW is not an algorithm for this place" in out
    assert "names neither party" in out
    assert "ephemeral key (-1)" in out and "crv (-1): 1  P-256" in out


def test_our_own_messages_are_explained(cai):
    root = pathlib.Path(__file__).resolve().parents[2]
    vectors = dict(line.split(" = ", 1) for line in
                   (root / "lib/wire/testdata/vectors.txt").read_text().splitlines() if " = " in line)
    for name, words in (("session 24 message", "session (cai)"), ("svc_key", "cai service key"),
                        ("token", "COSE_Sign1"), ("sealed 1 0", "Partial IV")):
        out = cai.good("cose", "inspect", "-", stdin=vectors[name].encode()).out
        assert words in out, out


def test_what_is_untagged_can_be_named(cai):
    message = cbor2.dumps([cbor2.dumps({1: 300}), {}, b"p", b"t" * 8])
    assert cai.good("cose", "inspect", "-", stdin=message).out.startswith("COSE_Sign1")
    assert cai.good("cose", "inspect", "--as", "mac0", "-", stdin=message).out.startswith("COSE_Mac0")


def test_hostile_texts_do_not_reach_the_terminal(cai):
    message = cbor2.dumps(cbor2.CBORTag(18, [cbor2.dumps({1: -7, 3: "\x1b[31m\x07\n\x7f"}), {"\x1b]0;x": 1},
                                             b"\x1b[2J", b"s" * 64]))
    out = cai.good("cose", "inspect", "-", stdin=message).out
    assert "\x1b" not in out and "\x07" not in out and "\x7f" not in out


@pytest.mark.parametrize("content", [
    b"", b"\n", b"hello, world", b"zz", b"00", b"\x00", b"\xff" * 10, b"\x9f" * 1000, b"\x81" * 1000, b"\xd2",
    b"\xd2\x84", SIGN1[:-1], SIGN1[:40], cbor2.dumps({2: 1}), cbor2.dumps([1, 2, 3, 4]),
    cbor2.dumps(cbor2.CBORTag(18, [b"", {}, b""])), cbor2.dumps(cbor2.CBORTag(18, [{}, {}, b"", b""])),
    cbor2.dumps(cbor2.CBORTag(96, [b"", {}, b"", [[b"", {}]]])), b"\x9b" + b"\xff" * 8,
    cbor2.dumps(cbor2.CBORTag(1, 5)), b"\x00" * (2 << 20),
], ids=lambda content: content[:8].hex() or "empty")
def test_what_is_no_cose(cai, content):
    cai.refused("cose", "inspect", "-", stdin=content)


def test_errors_as_json(cai):
    run = cai("--json", "cose", "inspect", "missing")
    assert run.code == 1 and run.out == ""
    assert set(json.loads(run.err)) == {"error", "hint"}


@pytest.mark.parametrize("arguments", [["cose"], ["cose", "inspect"], ["cose", "inspect", "--as", "x", "f"],
                                       ["cose", "verify", "f"]])
def test_usage_errors(cai, arguments):
    cai.refused(*arguments, code=2)


def test_random_bytes_and_mutants_never_crash(cai):
    for seed in range(40):
        mutant = bytearray(SIGN1)
        mutant[os.urandom(1)[0] % len(mutant)] ^= 1 << seed % 8
        run = cai("cose", "inspect", "-", stdin=bytes(mutant))
        assert run.code in (0, 1), run.err


def test_help(cai):
    assert "Example:" in cai.good("cose", "inspect", "--help").out
