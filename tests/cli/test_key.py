"""`cai key` with OpenSSL's own files, cbor2 and RFC 9679."""

import hashlib
import stat
import subprocess

import cbor2
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

KINDS = {"P-256": (2, 1, 32), "P-384": (2, 2, 48), "P-521": (2, 3, 66), "Ed25519": (1, 6, 32),
         "Ed448": (1, 7, 57), "X25519": (1, 4, 32), "X448": (1, 5, 56)}


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_of_every_kind_in_both_formats(cai, kind):
    kty, curve, size = KINDS[kind]
    made = cai.good("--json", "key", "new", "--kind", kind, "--out", "k.pem").json
    assert made["private"] is True and made["kind"] == kind
    subprocess.run(["openssl", "pkey", "-in", "k.pem", "-noout", "-check"], cwd=cai.folder, check=True,
                   capture_output=True)
    cai.good("key", "convert", "k.pem", "--to", "cose", "--out", "k.cbor")
    cose = cbor2.loads((cai.folder / "k.cbor").read_bytes())
    assert (cose[1], cose[-1], len(cose[-2]), len(cose[-4])) == (kty, curve, size, size)
    cai.good("key", "public", "k.cbor", "--out", "k.pub")
    cai.good("key", "public", "k.pem", "--format", "cose", "--out", "k.pub.cbor")
    public = (cai.folder / "k.pub.cbor").read_bytes()
    assert cbor2.loads(public) == {k: v for k, v in cose.items() if k != -4}
    prints = {cai.good("key", "thumbprint", f).out for f in ("k.pem", "k.cbor", "k.pub", "k.pub.cbor")}
    assert prints == {hashlib.sha256(public).hexdigest() + "\n"}
    cai.good("key", "convert", "k.cbor", "--to", "pem", "--out", "again.pem")
    assert (cai.folder / "again.pem").read_bytes() == (cai.folder / "k.pem").read_bytes()
    assert mode(cai.folder / "k.pem") == mode(cai.folder / "k.cbor") == 0o600
    assert mode(cai.folder / "k.pub") == 0o644


def test_public_halves_are_openssls(cai):
    cai.good("key", "new", "--out", "k.pem")
    cai.good("key", "public", "k.pem", "--out", "k.pub")
    key = serialization.load_pem_private_key((cai.folder / "k.pem").read_bytes(), None)
    assert isinstance(key.curve, ec.SECP256R1)
    assert (cai.folder / "k.pub").read_bytes() == key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def test_show_has_no_secret(cai):
    cai.good("key", "new", "--format", "cose", "--out", "k.cbor")
    secret = cbor2.loads((cai.folder / "k.cbor").read_bytes())[-4].hex()
    for run in (cai.good("key", "show", "k.cbor"), cai.good("--json", "key", "show", "k.cbor"),
                cai.good("cose", "inspect", "k.cbor")):
        assert secret not in run.out


def test_files_of_openssl(cai):
    for command in ("ecparam -name prime256v1 -genkey -out sec1.pem",
                    "genpkey -algorithm ed25519 -out ed.pem",
                    "req -new -x509 -key sec1.pem -subj /CN=x -out x.crt"):
        subprocess.run(["openssl", *command.split()], cwd=cai.folder, check=True, capture_output=True)
    assert cai.good("--json", "key", "show", "sec1.pem").json["private"] is True
    assert cai.good("--json", "key", "show", "ed.pem").json["kind"] == "Ed25519"
    shown = cai.good("--json", "key", "show", "x.crt").json
    assert shown["private"] is False
    assert shown["thumbprint"] + "\n" == cai.good("key", "thumbprint", "sec1.pem").out


@pytest.mark.parametrize("content", [
    b"", b"hello", b"\x00" * 100, b"\xff" * 100, b"-----BEGIN PRIVATE KEY-----\n", b"-----BEGIN ",
    b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    cbor2.dumps({1: 4, -1: b"k" * 16}), cbor2.dumps({1: 2, -1: 1, -2: b"x" * 32, -3: b"y" * 32}),
    cbor2.dumps({1: 2, -1: 1, -2: b"x" * 31}), cbor2.dumps({1: 2}), cbor2.dumps([1, 2]), b"x" * 70000,
], ids=lambda content: content[:8].hex() or "empty")
def test_what_is_no_key(cai, content):
    (cai.folder / "f").write_bytes(content)
    for command in ("show", "thumbprint"):
        cai.refused("key", command, "f")
    cai.refused("key", "public", "f", "--out", "o")


@pytest.mark.parametrize("command", ["genrsa -out f 2048", "genpkey -algorithm ec -pkeyopt "
                                     "ec_paramgen_curve:secp256k1 -out f",
                                     "genpkey -algorithm ed25519 -aes128 -pass pass:x -out f"])
def test_kinds_that_are_not_ours(cai, command):
    subprocess.run(["openssl", *command.split()], cwd=cai.folder, check=True, capture_output=True)
    cai.refused("key", "show", "f")


def test_nothing_is_overwritten(cai):
    cai.good("key", "new", "--out", "k")
    before = (cai.folder / "k").read_bytes()
    assert "exists" in cai.refused("key", "new", "--out", "k").err
    cai.refused("key", "public", "k", "--out", "k")
    cai.refused("key", "convert", "k", "--to", "cose", "--out", "k")
    assert (cai.folder / "k").read_bytes() == before


def test_what_cannot_be_written_is_named_as_it_was_asked_for(cai):
    assert cai.refused("key", "new", "--out", "no/k").err.startswith("error: no/k: ")


@pytest.mark.parametrize("arguments", [
    ["key"], ["key", "new"], ["key", "new", "--out", "x", "--kind", "rsa"],
    ["key", "new", "--out", "x", "--format", "der"], ["key", "show"], ["key", "show", "a", "b"],
    ["key", "convert", "x", "--out", "y", "--to", "jwk"]])
def test_usage_errors(cai, arguments):
    cai.refused(*arguments, code=2)


def test_help_has_examples(cai):
    for command in ("new", "show", "public", "thumbprint", "convert"):
        assert "Example:" in cai.good("key", command, "--help").out
