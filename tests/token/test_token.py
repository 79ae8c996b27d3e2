"""`cai token`, as people use it: what it says, and how it ends."""

import json
import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CAI = os.environ.get("CAI", str(ROOT / "build/host/bin/cai"))
TOKENS = ROOT / "lib/eat/testdata/tokens"
SHARED = ROOT / "../shared/vectors/rfc9783-psa-token/cddl/example"

UEID = "01" + bytes(range(32)).hex()
NONCE = "22" * 32

# What people are told of each error of the registry.
WORDS = dict(re.findall(r'CAI_ERROR\((\w+),[^"]*"([^"]*)"\)', (ROOT / "lib/base/error_list.h").read_text()))


def run(*arguments):
    done = subprocess.run([CAI, *map(str, arguments)], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def good(*arguments):
    code, out, err = run(*arguments)
    assert (code, err) == (0, ""), (code, out, err)
    return out


def refused(*arguments, code=1):
    """One error line and perhaps a hint."""
    found, out, err = run(*arguments)
    lines = err.splitlines()
    assert found == code, (found, out, err)
    assert lines and lines[0].startswith("error: "), err
    assert len(lines) == 1 or (len(lines) == 2 and lines[1].startswith("hint: ")), err
    return lines[0]


def write_key(path, scalar, private=False):
    """As PEM, by another implementation."""
    ec = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ec")
    from cryptography.hazmat.primitives import serialization as form
    key = ec.derive_private_key(int(scalar * 32, 16), ec.SECP256R1())
    text = (key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
            if private else
            key.public_key().public_bytes(form.Encoding.PEM,
                                          form.PublicFormat.SubjectPublicKeyInfo))
    path.write_bytes(text)
    path.chmod(0o600)
    return path


@pytest.fixture(scope="session")
def iak(tmp_path_factory):
    return write_key(tmp_path_factory.mktemp("keys") / "iak.pem", "11")


@pytest.fixture(scope="session")
def signer(tmp_path_factory):
    return write_key(tmp_path_factory.mktemp("keys") / "verifier.pem", "66", private=True)


def verify(file, key, *more):
    return ("token", "verify", file, "--key", key, "--ueid", UEID, *more)


# ---- show -------------------------------------------------------------------

def test_show_names_claims_components_and_the_nested_token():
    out = good("token", "show", TOKENS / "ai.cbor")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert "kind COSE_Sign1" in lines
    assert "algorithm ES256 (-7)" in lines
    assert "profile tag:confidential-ai,2026:ai" in lines
    assert f"ueid {UEID}" in lines
    assert f"eat_nonce {NONCE}" in lines
    assert "name sine" in lines
    assert "lifecycle secured" in lines
    assert "profile tag:psacertified.org,2023:psa#tfm" in lines


def test_show_json_has_the_same():
    out = json.loads(good("--json", "token", "show", TOKENS / "ai.cbor"))
    assert out["claims"]["ueid"] == UEID
    assert [c["name"] for c in out["components"]] == ["cai-nn", "sine", "anomaly"]
    assert out["nested"]["platform"]["claims"]["psa-security-lifecycle"] == 12288
    assert "warnings" not in out


def test_show_takes_hexadecimal_and_json(tmp_path):
    text = tmp_path / "token.hex"
    text.write_text((TOKENS / "key.cbor").read_bytes().hex(" ", 16) + "\n")
    assert "tag:confidential-ai,2026:key" in good("token", "show", text)
    claims = tmp_path / "claims.json"
    claims.write_text('{"eat_nonce": "AQIDBAUGBwg", "dbgstat": "enabled"}')
    out = json.loads(good("--json", "token", "show", claims))
    assert out["warnings"] == ["nobody signed these claims", "debugging is enabled"]


@pytest.mark.parametrize("content, words", [
    (b"", "neither COSE nor a claims set"),
    (b"hello", "neither COSE nor a claims set"),
    (bytes.fromhex("d08343a10101a040"), "encrypted"),
    (bytes.fromhex("d28443a10126a0"), "the CBOR ends too early"),
    (bytes.fromhex("a10a40"), "eat_nonce"),
    (b'{"nonsense": 1}', "nonsense"),
])
def test_show_says_what_is_no_token(tmp_path, content, words):
    file = tmp_path / "token"
    file.write_bytes(content)
    assert words in refused("token", "show", file)


def test_show_of_nothing():
    assert "no-such-file" in refused("token", "show", "no-such-file")
    refused("token", "show", code=2)


# ---- verify -----------------------------------------------------------------

def test_verify_affirms_what_it_has_references_for(iak, tmp_path):
    references = tmp_path / "references.json"
    shown = json.loads(good("--json", "token", "show", TOKENS / "ai.cbor"))
    platform = shown["nested"]["platform"]["claims"]
    components = shown["components"]
    references.write_text(json.dumps({
        "firmware": [{"type": c["measurement-type"], "version": c.get("version", ""),
                      "measurement": c["measurement-value"], "signer": c["signer-id"]}
                     for c in platform["psa-software-components"]],
        "engines": [{"name": "e", "version": "1", "digest": components[0]["digest"]}],
        "models": [{"name": c["name"], "version": "1", "digest": c["digest"]}
                   for c in components[1:]]}))
    out = json.loads(good("--json", *verify(TOKENS / "ai.cbor", iak, "--nonce", NONCE,
                                            "--references", references)))
    assert {p["name"]: p["status"] for p in out["parts"]} == {
        "platform": "none", "engine": "affirming", "models": "affirming"}
    assert out["unchecked"] == ["audience", "boot count", "confirmed key", "implementation"]

    references.write_text(references.read_text().replace(components[1]["digest"], "00" * 32))
    assert "contraindicated" in refused(*verify(TOKENS / "ai.cbor", iak, "--nonce", NONCE,
                                                "--references", references))


def test_verify_text(iak):
    out = good(*verify(TOKENS / "platform.cbor", iak))
    assert out.startswith("status    none\n")
    assert f"ueid      {UEID}\n" in out
    assert "unchecked nonce\n" in out


@pytest.mark.parametrize("more, words", [
    (("--nonce", "33" * 32), WORDS["EatWrongNonce"]),
    (("--profile", "tag:other"), WORDS["EatWrongProfile"]),
    (("--audience", "00" * 8), WORDS["EatWrongAudience"]),
    (("--boot", "8"), WORDS["EatWrongBoot"]),
])
def test_verify_refuses_what_was_not_asked_for(iak, more, words):
    assert words in refused(*verify(TOKENS / "ai.cbor", iak, *more))


def test_verify_refuses_other_keys_and_other_devices(iak, signer, tmp_path):
    assert WORDS["EatBadSignature"] in refused(*verify(TOKENS / "ai.cbor", signer))
    assert WORDS["EatNoKey"] in refused("token", "verify", TOKENS / "ai.cbor", "--key", iak,
                                 "--ueid", "01" + "00" * 32)
    token = bytearray((TOKENS / "ai.cbor").read_bytes())
    token[-1] ^= 1
    changed = tmp_path / "changed"
    changed.write_bytes(token)
    assert WORDS["EatBadSignature"] in refused(*verify(changed, iak))


def test_verify_unsigned_is_refused(iak, tmp_path):
    file = tmp_path / "claims"
    file.write_bytes(bytes.fromhex("a10a480102030405060708"))
    assert WORDS["EatUnsigned"] in refused(*verify(file, iak))


def test_verify_command_line(iak):
    token = TOKENS / "ai.cbor"
    refused("token", "verify", token, code=2)
    refused("token", "verify", token, "--ueid", UEID, code=2)
    refused(*verify(token, iak, "--nonce", "2"), code=2)
    refused(*verify(token, iak, "--nonce", "xy"), code=2)
    refused(*verify(token, iak, "--signer", iak), code=2)
    refused(*verify(token, iak, "--boot", "0"), code=2)
    refused(*verify(token, "no-such-key"))
    refused(*verify(token, token))  # a token is no key
    refused(*verify(token, iak, "--references", token))


def test_policy(iak, tmp_path):
    policy = tmp_path / "policy.toml"
    policy.write_text('id = "https://example.com/1"\nprofiles = ["tag:confidential-ai,2026:key"]\n')
    assert WORDS["EatWrongProfile"] in refused(*verify(TOKENS / "ai.cbor", iak, "--policy", policy))
    policy.write_text("id = 3\n")
    assert "the key id is not a text" in refused(
        *verify(TOKENS / "ai.cbor", iak, "--policy", policy))
    policy.write_text("surprise = true\n")
    assert "the key surprise is unknown" in refused(
        *verify(TOKENS / "ai.cbor", iak, "--policy", policy))


def test_results_are_written_and_verified_again(iak, signer, tmp_path):
    ear, text = tmp_path / "result.ear", tmp_path / "result.json"
    good(*verify(TOKENS / "ai.cbor", iak, "--nonce", NONCE, "--ear", ear, "--signer", signer,
                 "--ear-json", text, "--time", "1800000000"))
    claims = json.loads(text.read_text())
    assert claims["eat_profile"] == "tag:ietf.org,2026:rats/ear#03"
    assert claims["iat"] == 1800000000
    assert set(claims["submods"]) == {"platform", "engine", "models"}
    again = json.loads(good("--json", "token", "verify", ear, "--key", signer,
                            "--time", "1800000000"))
    assert again["profile"] == "tag:ietf.org,2026:rats/ear#03"
    assert again["status"] == "none"
    assert WORDS["EatBadSignature"] in refused("token", "verify", ear, "--key", iak,
                                        "--time", "1800000000")
    assert "COSE_Sign1" in good("token", "show", ear)


def test_results_overwrite_nothing_and_leave_no_half(iak, signer, tmp_path):
    there, new = tmp_path / "there", tmp_path / "new"
    there.write_text("mine")
    both = ("--nonce", NONCE, "--signer", signer, "--ear")
    for more in ((there,), (new, "--ear-json", there), (new, "--ear-json", new),
                 (new, "--ear-json", tmp_path / "no/folder")):
        refused(*verify(TOKENS / "ai.cbor", iak, *both, *more))
    assert there.read_text() == "mine"
    assert not new.exists()


def test_texts_do_not_reach_the_terminal_as_they_are(iak, tmp_path):
    # {1: "x ESC [2J LF y", 266: {"a LF b": {}}}, and a file of such a name.
    claims = bytes.fromhex("a201" "67" "781b5b324a0a79" "19010a" "a1" "63610a62" "a0")
    (tmp_path / "claims").write_bytes(claims)
    out = good("token", "show", tmp_path / "claims")
    assert "x\\x1b[2J\\x0ay" in out and "a\\x0ab" in out and "\x1b" not in out
    name = tmp_path / "a\n\x1b[31m"
    assert "a\\x0a\\x1b[31m" in refused("token", "show", name)
    wild = subprocess.run([CAI.encode(), b"--json", b"token", b"show", b"a\xff\n"], capture_output=True)
    assert json.loads(wild.stderr)["error"].startswith("a\ufffd\n: ")


def test_standard_input():
    token = (TOKENS / "ai.cbor").read_bytes()
    for given in (token, token.hex().encode()):
        shown = subprocess.run([CAI, "token", "show", "-"], input=given, capture_output=True, timeout=60)
        assert shown.stdout.decode() == good("token", "show", TOKENS / "ai.cbor")
    big = subprocess.run([CAI, "token", "show", "-"], input=bytes(2 << 20), capture_output=True, timeout=60)
    assert big.returncode == 1 and big.stderr.startswith(b"error: standard input is too large")


def test_a_registry_that_is_not_there(tmp_path):
    state = tmp_path / "state"
    assert "no state folder" in refused("token", "verify", TOKENS / "ai.cbor", "--registry", "--state", state)
    assert not state.exists()
    state.mkdir()
    assert "no registry" in refused("token", "verify", TOKENS / "ai.cbor", "--registry", "--state", state)
    assert not list(state.iterdir())


def test_a_time_that_is_none(iak):
    for time in ("0", "-4", "999999999999", "noon"):
        line = refused(*verify(TOKENS / "ai.cbor", iak, "--time", time), code=2)
        assert len(line) < 100


def test_help():
    for command in ("show", "verify"):
        assert "Example:" in good("token", command, "--help")


@pytest.mark.skipif(not SHARED.exists(), reason="the editors' tokens of RFC 9783 are not here")
def test_tokens_of_rfc9783():
    nonce = ("--nonce", "01" * 32, "--profile", "tag:psacertified.org,2023:psa#tfm")
    for key in ("tfm-es-iak.pem", "tfm-es-iak.json"):
        out = good("token", "verify", SHARED / "psa-sign1.cbor", "--key", SHARED / key, *nonce)
        assert "  PSA " in out
    assert WORDS["EatWrongAlgorithm"] in refused(
        "token", "verify", SHARED / "psa-mac0.cbor", "--key", SHARED / "tfm-es-iak.pem", *nonce)
    assert "psa-software-components" in good("token", "show", SHARED / "psa-mac0.hex")
