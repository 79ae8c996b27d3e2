"""`cai flow` against flow_peer.py, in both directions, and against wrong input."""

import os
import stat
import subprocess

import cbor2
import flow_peer as peer
import pytest

TEXT = b"Sample payload\n"


def openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def make_party(folder, name, subject):
    """As the tool's own create-certs.sh does."""
    openssl(folder, "ecparam", "-name", "prime256v1", "-genkey", "-out", f"{name}.key")
    openssl(folder, "pkcs8", "-in", f"{name}.key", "-topk8", "-nocrypt", "-out", f"{name}.pk8")
    openssl(folder, "req", "-new", "-x509", "-days", "3650", "-key", f"{name}.key",
            "-out", f"{name}.crt", "-subj", subject)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certs")
    make_party(folder, "cloud1", "/O=Linaro/CN=Flow test cloud")
    make_party(folder, "device", "/O=Linaro/OU=LinaroCA Device Cert/CN=396c7a48")
    make_party(folder, "other", "/CN=other")
    return folder


@pytest.fixture
def files(cai, certificates):
    for path in certificates.iterdir():
        (cai.folder / path.name).write_bytes(path.read_bytes())
    (cai.folder / "text").write_bytes(TEXT)
    return cai.folder


DEVICE = ["--device-key", "device.crt"]
SENDER = ["--device-cert", "device.crt"]
SERVICE = ["--service-cert", "cloud1.crt"]


def device(folder):
    return peer.Party(folder / "device.crt", private=True)


def service(folder):
    return peer.Party(folder / "cloud1.crt", private=True)


# ---- both directions --------------------------------------------------------

def test_the_peer_opens_what_we_write(cai, files):
    cai.good("flow", "new-session", *DEVICE, *SERVICE, "--state", "state", "--output", "s.cbor")
    cai.good("flow", "encrypt", "--state", "state", "--input", "text", "--output", "p.cbor")
    session, payload = (files / "s.cbor").read_bytes(), (files / "p.cbor").read_bytes()
    assert peer.decrypt(device(files), service(files), session, payload) == TEXT
    assert len(payload) == len(TEXT) + 62
    fields = cbor2.loads((files / "state").read_bytes())
    assert list(fields) == ["secret", "session_id"]
    assert [len(v) for v in fields.values()] == [16, 16]
    assert all(isinstance(n, int) for v in fields.values() for n in v)


def test_we_open_what_the_peer_writes(cai, files):
    state, session = peer.new_session(device(files), service(files))
    (files / "state").write_bytes(state)
    (files / "s.cbor").write_bytes(session)
    (files / "p.cbor").write_bytes(peer.encrypt(state, TEXT))
    cai.good("flow", "decrypt", "-s", "s.cbor", "-d", "device.crt", "-c", "cloud1.crt",
             "-i", "p.cbor", "-o", "out")
    assert (files / "out").read_bytes() == TEXT
    cai.good("flow", "encrypt", "-s", "state", "-i", "text", "-o", "p2.cbor")
    assert peer.decrypt(device(files), service(files), session,
                        (files / "p2.cbor").read_bytes()) == TEXT


@pytest.mark.parametrize("size", [0, 1, 23, 24, 255, 256, 70000])
def test_single_messages_both_ways(cai, files, size):
    plain = os.urandom(size)
    (files / "in").write_bytes(plain)
    cai.good("flow", "simple-encrypt", "-i", "in", "-o", "m.cbor", *DEVICE, *SERVICE)
    message = (files / "m.cbor").read_bytes()
    assert peer.simple_decrypt(device(files), service(files), message) == plain
    (files / "m2.cbor").write_bytes(peer.simple_encrypt(device(files), service(files), plain))
    cai.good("flow", "simple-decrypt", "-i", "m2.cbor", "-o", "out", *SENDER, *SERVICE)
    assert (files / "out").read_bytes() == plain


def test_bytes_are_the_ones_of_the_format(cai, files):
    """What differs between two messages is random fields alone: our bytes with the
    peer's random fields put in are the peer's bytes."""
    cai.good("flow", "simple-encrypt", "-i", "text", "-o", "m.cbor", *DEVICE, *SERVICE)
    ours = cbor2.loads((files / "m.cbor").read_bytes()[1:])
    theirs = cbor2.loads(peer.simple_encrypt(device(files), service(files), TEXT)[1:])
    assert ours[:2] == theirs[:2]
    inner, peers = cbor2.loads(ours[2]), cbor2.loads(theirs[2])
    assert inner[0] == peers[0] == bytes.fromhex("a101381c")
    assert list(inner[1]) == list(peers[1]) == [5]
    assert inner[3][0][0] == peers[3][0][0]
    assert list(inner[3][0][1]) == list(peers[3][0][1]) == [4, -1]
    assert list(inner[3][0][1][-1]) == [1, -1, -2, -3]
    assert len((files / "m.cbor").read_bytes()) == len(peer.simple_encrypt(
        device(files), service(files), TEXT))


# ---- names ------------------------------------------------------------------

@pytest.mark.parametrize("subject, name", [
    ("/C=GB/ST=Cambs/L=Cambridge/O=Linaro/OU=LITE/CN=x", "C=GB, ST=Cambs, L=Cambridge, O=Linaro, OU=LITE, CN=x"),
    ("/emailAddress=a@b.c/CN=Gerät", "Email=a@b.c, CN=Gerät"),
    ("/CN=a+OU=b", None),
    ("/serialNumber=42/CN=n", "serialNumber=42, CN=n"),
    ("/UID=7/street=Road/GN=A/CN=n", "uid=7, streetAddress=Road, givenName=A, CN=n"),
    ("/pseudonym=x/organizationIdentifier=y", "OID(2.5.4.65)=x, OID(2.5.4.97)=y"),
])
def test_the_kid_is_the_subject_as_the_tool_prints_it(cai, files, subject, name):
    openssl(files, "req", "-new", "-x509", "-utf8", "-multivalue-rdn", "-key", "device.key",
            "-out", "device.crt", "-subj", subject)
    cai.good("flow", "simple-encrypt", "-i", "text", "-o", "m.cbor", *DEVICE, *SERVICE)
    kid = cbor2.loads((files / "m.cbor").read_bytes()[1:])[1][4].decode()
    assert kid == name if name else kid in ("CN=a + OU=b", "OU=b + CN=a")


def test_without_a_subject_there_is_no_kid(cai, files):
    """The tool's CBOR library takes an empty kid for malformed."""
    for name in ("device", "cloud1"):
        openssl(files, "req", "-new", "-x509", "-key", f"{name}.key", "-out", f"{name}.crt", "-subj", "/")
    cai.good("flow", "simple-encrypt", "-i", "text", "-o", "m.cbor", *DEVICE, *SERVICE)
    _, open_, payload, _ = cbor2.loads((files / "m.cbor").read_bytes()[1:])
    assert open_ == {} and 4 not in cbor2.loads(payload)[3][0][1]
    cai.good("flow", "simple-decrypt", "-i", "m.cbor", "-o", "out", *SENDER, *SERVICE)
    assert (files / "out").read_bytes() == TEXT


# ---- secrets ----------------------------------------------------------------

def test_secret_files_are_private_and_nothing_is_printed(cai, files):
    run = cai.good("flow", "new-session", *DEVICE, *SERVICE, "-s", "state", "-o", "s.cbor")
    secret = bytes(cbor2.loads((files / "state").read_bytes())["secret"])
    cai.good("flow", "encrypt", "-s", "state", "-i", "text", "-o", "p.cbor")
    more = cai.good("flow", "decrypt", "-s", "s.cbor", "-i", "p.cbor", "-o", "out", *SENDER, *SERVICE)
    for said in (run.out, more.out):
        assert secret.hex() not in said and str(list(secret)) not in said
    for name in ("state", "out"):
        assert stat.S_IMODE((files / name).stat().st_mode) == 0o600


def test_json(cai, files):
    run = cai.good("--json", "flow", "new-session", *DEVICE, *SERVICE, "-s", "state", "-o", "s.cbor")
    assert run.json == {"output": "s.cbor", "size": (files / "s.cbor").stat().st_size}


# ---- refusals ---------------------------------------------------------------

@pytest.fixture
def session(cai, files):
    cai.good("flow", "new-session", *DEVICE, *SERVICE, "-s", "state", "-o", "s.cbor")
    cai.good("flow", "encrypt", "-s", "state", "-i", "text", "-o", "p.cbor")
    cai.good("flow", "simple-encrypt", "-i", "text", "-o", "m.cbor", *DEVICE, *SERVICE)
    return files


def decrypt(**change):
    names = {"-s": "s.cbor", "-i": "p.cbor", "-o": "out", "-d": "device.crt", "-c": "cloud1.crt"}
    names.update({"-" + k: v for k, v in change.items()})
    return ["flow", "decrypt", *(word for pair in names.items() for word in pair)]


@pytest.mark.parametrize("change, words", [
    ({"d": "other.crt"}, "does not verify"),
    ({"c": "other.crt"}, "not authentic"),
    ({"s": "m.cbor"}, "single"),
    ({"s": "p.cbor"}, ""),
    ({"i": "s.cbor"}, ""),
    ({"i": "text"}, ""),
    ({"i": "missing"}, "No such file"),
    ({"s": "."}, "directory"),
    ({"o": "text"}, "exists already"),
    ({"o": "no/such/folder"}, "No such file"),
    ({"c": "missing.crt"}, ""),
    ({"c": "text"}, "certificate"),
    ({"c": "cloud1.pk8"}, "certificate"),
])
def test_decrypt_refuses(cai, session, change, words):
    assert words in cai.refused(*decrypt(**change)).err


def test_nothing_is_overwritten(cai, session):
    before = {p.name: p.read_bytes() for p in session.iterdir()}
    cai.refused("flow", "new-session", *DEVICE, *SERVICE, "-s", "state", "-o", "new")
    cai.refused("flow", "new-session", *DEVICE, *SERVICE, "-s", "new", "-o", "s.cbor")
    cai.refused("flow", "new-session", *DEVICE, *SERVICE, "-s", "new", "-o", "no/folder")
    cai.refused("flow", "encrypt", "-s", "state", "-i", "text", "-o", "p.cbor")
    cai.refused("flow", "simple-decrypt", *SENDER, *SERVICE, "-i", "m.cbor", "-o", "text")
    assert before == {p.name: p.read_bytes() for p in session.iterdir()}


def test_simple_decrypt_does_not_give_away_a_session_key(cai, session):
    run = cai.refused("flow", "simple-decrypt", *SENDER, *SERVICE, "-i", "s.cbor", "-o", "out")
    assert "single" in run.err


def test_the_payload_of_another_session(cai, session):
    cai.good("flow", "new-session", *DEVICE, *SERVICE, "-s", "state2", "-o", "s2.cbor")
    assert "another session" in cai.refused(*decrypt(s="s2.cbor")).err


def test_a_private_key_that_does_not_fit(cai, session):
    (session / "device.pk8").write_bytes((session / "other.pk8").read_bytes())
    run = cai.refused("flow", "simple-encrypt", "-i", "text", "-o", "x", *DEVICE, *SERVICE)
    assert "another certificate" in run.err


@pytest.mark.parametrize("key", ["rsa", "p384", "encrypted", "empty", "none"])
def test_a_private_key_that_is_no_use(cai, session, key):
    path = session / "device.pk8"
    path.unlink()
    if key == "rsa":
        openssl(session, "genrsa", "-out", "device.pk8", "2048")
    elif key == "p384":
        openssl(session, "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384",
                "-out", "device.pk8")
    elif key == "encrypted":
        openssl(session, "pkcs8", "-in", "device.key", "-topk8", "-passout", "pass:x",
                "-out", "device.pk8")
    elif key == "empty":
        path.write_bytes(b"")
    cai.refused("flow", "simple-encrypt", "-i", "text", "-o", "x", *DEVICE, *SERVICE)


def test_a_chain_is_refused(cai, session):
    chain = (session / "cloud1.crt").read_bytes() + (session / "other.crt").read_bytes()
    (session / "cloud1.crt").write_bytes(chain)
    run = cai.refused("flow", "simple-encrypt", "-i", "text", "-o", "x", *DEVICE, *SERVICE)
    assert "follows" in run.err


@pytest.mark.parametrize("state", [
    b"", b"\xa0", b"\xff" * 40, b"\x9f" * 2000, b"{}",
    cbor2.dumps({"secret": [1] * 15, "session_id": [1] * 16}),
    cbor2.dumps({"secret": [300] * 16, "session_id": [1] * 16}),
    cbor2.dumps({"secret": [-1] * 16, "session_id": [1] * 16}),
    cbor2.dumps({"secret": [1] * 16, "session_id": "session id placeholder"}),
    cbor2.dumps({"secret": [1] * 16}),
])
def test_a_state_that_is_none(cai, session, state):
    (session / "state").write_bytes(state)
    cai.refused("flow", "encrypt", "-s", "state", "-i", "text", "-o", "x")


def test_every_bit_of_a_payload_counts(cai, session):
    whole = (session / "p.cbor").read_bytes()
    for at in range(0, len(whole), 7):
        changed = bytearray(whole)
        changed[at] ^= 0x10
        (session / "p.cbor").write_bytes(changed)
        cai.refused(*decrypt())


@pytest.mark.parametrize("arguments", [
    ["flow"], ["flow", "gen"], ["flow", "encrypt"], ["flow", "encrypt", "-i", "text"],
    ["flow", "encrypt", "-s", "state", "-i", "text", "-o", "x", "--device-key", "y"],
    ["flow", "decrypt", "--state", "state"],
])
def test_usage_errors(cai, session, arguments):
    cai.refused(*arguments, code=2)


def test_help_says_what_is_wrong_with_it(cai):
    text = cai.good("flow", "--help").out
    for words in ("-29", "unprotected", "neither party", '"single"', "replay"):
        assert words in text
    for command in ("new-session", "encrypt", "decrypt", "simple-encrypt", "simple-decrypt"):
        assert "Example:" in cai.good("flow", command, "--help").out
