"""`cai cert` with the CA of `cai ca` and with OpenSSL's."""

import subprocess
import time

import pytest


def openssl(cai, *arguments):
    return subprocess.run(["openssl", *arguments], cwd=cai.folder, check=True, capture_output=True,
                          text=True).stdout


@pytest.fixture
def ca(cai):
    cai.good("--state", "state", "ca", "init")
    return cai


def test_show(ca):
    shown = ca.good("--json", "cert", "show", "state/ca/ca.crt").json
    assert shown["ca"] is True and shown["subject"] == shown["issuer"]
    assert shown["key"] == "P-256" and "keyCertSign" in shown["usages"]
    print_ = openssl(ca, "x509", "-in", "state/ca/ca.crt", "-noout", "-fingerprint", "-sha256")
    assert shown["fingerprint"] == print_.split("=")[1].strip().replace(":", "").lower()
    assert shown["thumbprint"] + "\n" == ca.good("key", "thumbprint", "state/ca/ca.crt").out
    lines = ca.good("cert", "show", "state/ca/ca.crt").out
    assert "ca          yes" in lines


def server(ca):
    return next(p for p in ca.folder.rglob("*.crt") if p.name != "ca.crt" and
                "serverAuth" in ca.good("cert", "show", p).out)


def test_verify(ca):
    path = server(ca)
    verify = ["cert", "verify", path, "--ca", "state/ca/ca.crt"]
    assert ca.good("--json", *verify, "--purpose", "server").json == {"verified": True}
    ca.good(*verify, "--host", "localhost")
    ca.refused(*verify, "--purpose", "client")
    ca.refused(*verify, "--host", "example.com")
    assert "expired" in ca.refused(*verify, "--at", str(int(time.time()) + 100 * 365 * 86400)).err
    assert "not yet" in ca.refused(*verify, "--at", "1000000000").err


def test_another_ca(ca):
    openssl(ca, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", "o.key", "-out", "o.crt", "-subj", "/CN=other")
    ca.refused("cert", "verify", server(ca), "--ca", "o.crt")
    ca.refused("cert", "verify", "o.crt", "--ca", "state/ca/ca.crt")


@pytest.mark.parametrize("kind", ["P-256", "P-384", "Ed25519"])
def test_request(cai, kind):
    cai.good("key", "new", "--kind", kind, "--out", "k.pem")
    cai.good("cert", "request", "--key", "k.pem", "--common-name", "Gerät 1", "--unit", "u",
             "--organization", "o", "--out", "k.csr")
    text = openssl(cai, "req", "-in", "k.csr", "-verify", "-noout", "-subject", "-nameopt", "utf8,sep_comma_plus")
    assert "O=o" in text and "OU=u" in text and "CN=Gerät 1" in text
    csr_key = openssl(cai, "req", "-in", "k.csr", "-noout", "-pubkey")
    cai.good("key", "public", "k.pem", "--out", "k.pub")
    assert csr_key == (cai.folder / "k.pub").read_text()


def test_refusals(cai):
    (cai.folder / "junk").write_bytes(b"\x00junk")
    cai.good("key", "new", "--kind", "X25519", "--out", "x.pem")
    cai.good("key", "new", "--out", "k.pem")
    cai.good("key", "public", "k.pem", "--out", "k.pub")
    cai.refused("cert", "show", "junk")
    cai.refused("cert", "show", "missing")
    cai.refused("cert", "show", "k.pem")
    cai.refused("cert", "verify", "junk", "--ca", "junk")
    for key in ("x.pem", "k.pub", "junk", "missing"):
        assert cai.refused("cert", "request", "--key", key, "--common-name", "x", "--out", "o")
    cai.refused("cert", "request", "--key", "k.pem", "--common-name", "x", "--out", "junk")
    cai.refused("cert", "request", "--key", "k.pem", "--common-name", "x" * 70, "--out", "o")


@pytest.mark.parametrize("arguments", [["cert"], ["cert", "show"], ["cert", "verify", "x"],
                                       ["cert", "verify", "x", "--ca", "y", "--purpose", "z"],
                                       ["cert", "verify", "x", "--ca", "y", "--at", "noon"],
                                       ["cert", "verify", "x", "--ca", "y", "--at", "999999999999"],
                                       ["cert", "request", "--key", "k", "--out", "o"]])
def test_usage_errors(cai, arguments):
    cai.refused(*arguments, code=2)


def test_help(cai):
    for command in ("show", "verify", "request"):
        assert "Example:" in cai.good("cert", command, "--help").out
