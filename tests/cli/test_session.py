"""`cai session`: both ends from files, with the services' own keys, and a second
implementation of what is on the wire (pure Python, from session.cddl)."""

import hashlib
import json
import pathlib
import stat

import cbor2
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
UUID = "00112233-4455-4677-8899-aabbccddeeff"
UEID = "01" + "5a" * 32
TOKEN = ROOT / "lib/eat/testdata/tokens/ai.cbor"


@pytest.fixture
def service(cai):
    shown = cai.good("--json", "--state", "state", "service", "init").json
    cai.good("key", "new", "--out", "device.pem")
    cai.good("key", "public", "device.pem", "--out", "device.pub")
    (cai.folder / "out").write_bytes(bytes([127, 0, 129]))
    cai.svc = shown["svc"]
    return cai


def new(cai, name="a", **change):
    options = {"--device-key": "device.pem", "--uuid": UUID, "--ueid": UEID, "--svc": cai.svc,
               "--service-key": "state/service/svc-key-1.cbor", "--root": "state/service/root.pub",
               "--token": TOKEN, "--sender": f"{name}.sender", "--output": f"{name}.session"}
    options.update({"--" + k.replace("_", "-"): v for k, v in change.items()})
    return ["session", "new", *(word for pair in options.items() for word in pair)]


def accept(cai, name="a", **change):
    options = {"--receiver": f"{name}.receiver", "--session": f"{name}.session",
               "--key": "state/service/enc-1.key", "--device-key": "device.pub",
               "--uuid": UUID, "--ueid": UEID, "--svc": cai.svc}
    options.update({"--" + k.replace("_", "-"): v for k, v in change.items()})
    return ["session", "open", *(word for pair in options.items() for word in pair)]


def seal(cai, output, *more, name="a"):
    cai.good("session", "seal", "-s", f"{name}.sender", "-i", "out", "--model", "1", "--time", "900000000",
             "--values", "72.5,-0.4", "-o", output, *more)


def opening(name, receiver="a"):
    return ["session", "open", "-r", f"{receiver}.receiver", "-i", name]


@pytest.fixture(params=["chacha20poly1305", "aes128gcm"])
def session(service, request):
    made = service.good("--json", *new(service, suite=request.param)).json
    accepted = service.good("--json", *accept(service)).json
    assert made == accepted
    assert made["suite"] == request.param and made["uuid"] == UUID
    return service


# ---- the whole way ----------------------------------------------------------

def test_readings_arrive_once(session):
    for i in range(3):
        seal(session, f"r{i}")
    for i in (1, 0, 2):
        opened = session.good("--json", *opening(f"r{i}")).json
        assert opened == {"kind": "reading", "model": 1, "time_ms": 900000000, "values": [72.5, -0.4],
                          "output": "7f0081", "sequence": i}
        assert "received before" in session.refused(*opening(f"r{i}")).err
    seal(session, "r3")
    assert "values     72.5, -0.4\n" in session.good(*opening("r3")).out
    for i in range(3):
        session.refused(*opening(f"r{i}"))


def test_without_a_time_the_clock_goes_on_from_the_tokens(session):
    session.good("session", "seal", "-s", "a.sender", "-i", "out", "--values", "1", "-o", "r0")
    opened = session.good("--json", *opening("r0")).json
    assert 90_000 <= opened["time_ms"] < 90_000 + 60_000


def test_the_end_is_the_end(session):
    seal(session, "r0")
    session.good("session", "seal", "-s", "a.sender", "--close", "-o", "end")
    session.refused("session", "seal", "-s", "a.sender", "-i", "out", "-o", "x")
    assert session.good("--json", *opening("end")).json["last"] == 1
    session.good(*opening("r0"))


def test_accept_and_open_in_one_go(service):
    service.good(*new(service))
    seal(service, "r0")
    run = service.good("--json", *accept(service, input="r0", token="t.cbor", output="plain"))
    assert run.json["sequence"] == 0
    assert (service.folder / "plain").read_bytes() == bytes([127, 0, 129])
    assert (service.folder / "t.cbor").read_bytes() == TOKEN.read_bytes()


def test_files_with_keys_are_private(session):
    seal(session, "r0")
    session.good(*opening("r0"))
    for name in ("a.sender", "a.receiver"):
        assert stat.S_IMODE((session.folder / name).stat().st_mode) == 0o600
    keys = [cbor2.loads((session.folder / "a.sender").read_bytes())[6]]
    run = session.good("--json", *opening_of_new(session))
    assert all(key.hex() not in run.out for key in keys)


def opening_of_new(session):
    seal(session, "r1")
    return opening("r1")


# ---- the wire, read by others -----------------------------------------------

def test_the_message_is_the_specified_one(service):
    made = service.good("--json", *new(service, boot=77, first=4096)).json
    message = cbor2.loads((service.folder / "a.session").read_bytes())
    assert message.tag == 18
    header, open_, payload, signature = message.value
    assert hashlib.sha256(header).hexdigest() == made["session"]
    fields = cbor2.loads(header)
    assert open_ == {} and len(signature) == 64
    assert fields[1] == -7 and fields[2] == [-65601] and fields[3] == 65001
    assert fields[4].hex() == UUID.replace("-", "")
    version, suite, svc, generation, counter, first, token_id = fields[-65601]
    assert (version, suite, svc.hex(), generation) == (1, 24, service.svc, 1)
    assert (counter, first) == (77 << 8, 4096)
    assert token_id.hex() == made["token_id"]
    body = cbor2.loads(payload)
    assert cbor2.loads(body[0]) == {1: 1} and len(body[3]) == 1
    seal(service, "r0")
    sealed = cbor2.loads((service.folder / "r0").read_bytes())
    assert sealed.tag == 16
    assert cbor2.loads(sealed.value[0]) == {1: 24, 4: (counter & 0xffff).to_bytes(2, "big"), 6: b"\0"}
    assert "Partial IV" in service.good("cose", "inspect", "r0").out


# ---- refusals ---------------------------------------------------------------

def test_sessions_do_not_mix(service):
    for name in ("a", "b"):
        service.good(*new(service, name, boot="5"))
        service.good(*accept(service, name))
        seal(service, f"r{name}", name=name)
    assert "not authentic" in service.refused(*opening("rb", "a")).err
    service.good(*opening("ra", "a"))


@pytest.mark.parametrize("change, words", [
    ({"uuid": UUID.replace("ff", "fe")}, ""),
    ({"ueid": "02" + UEID[2:]}, "not authentic"),
    ({"svc": "00" * 8}, ""),
    ({"device_key": "state/service/root.pub"}, "does not verify"),
    ({"key": "device.pem"}, ""),
    ({"key": "missing"}, ""),
    ({"session": "out"}, ""),
    ({"session": "device.pub"}, ""),
    ({"receiver": "no/folder/x"}, ""),
    ({"receiver": "out"}, "exists already"),
    ({"token": "no/folder"}, "No such file"),
])
def test_a_session_that_is_not_ours(service, change, words):
    service.good(*new(service))
    assert words in service.refused(*accept(service, **change)).err


@pytest.mark.parametrize("change", [
    {"root": "device.pub"}, {"service_key": "device.pem"}, {"svc": "11" * 8}, {"token": "device.pub"},
    {"token": "missing"}, {"device_key": "device.pub"}, {"sender": "out"}, {"output": "out"},
    {"output": "no/folder"}, {"sender": "no/folder"},
])
def test_a_session_that_cannot_be_made(service, change):
    service.refused(*new(service, **change))


def test_changed_bytes(session):
    seal(session, "r0")
    whole = (session.folder / "r0").read_bytes()
    state = (session.folder / "a.receiver").read_bytes()
    for at in range(0, len(whole), 9):
        changed = bytearray(whole)
        changed[at] ^= 4
        (session.folder / "r0").write_bytes(changed)
        session.refused(*opening("r0"))
    assert (session.folder / "a.receiver").read_bytes() == state


@pytest.mark.parametrize("content", [b"", b"\x88\x01", b"\xff" * 80, b"{}", cbor2.dumps([1, 24])])
def test_states_that_are_none(session, content):
    seal(session, "r0")
    for name, command in (("a.sender", ["session", "seal", "-s", "a.sender", "-i", "out", "-o", "x"]),
                          ("a.receiver", opening("r0"))):
        good = (session.folder / name).read_bytes()
        (session.folder / name).write_bytes(content)
        session.refused(*command)
        (session.folder / name).write_bytes(good)


@pytest.mark.parametrize("arguments", [
    ["session"], ["session", "new"], ["session", "seal", "-s", "a"], ["session", "open"],
    ["session", "open", "-r", "x"], ["session", "open", "-r", "x", "--session", "out"],
    ["session", "seal", "-s", "a", "-o", "x"],
    ["session", "seal", "-s", "a", "-o", "x", "-i", "out", "--close"],
    ["session", "seal", "-s", "a", "-o", "x", "-i", "out", "--model", "0"],
    ["session", "seal", "-s", "a", "-o", "x", "-i", "out", "--model", "65536"],
    ["session", "seal", "-s", "a", "-o", "x", "-i", "out", "--time", "-1"],
    ["session", "seal", "-s", "a", "-o", "x", "-i", "out", "--time", "99999999999999999999"],
])
def test_usage_errors(service, arguments):
    service.refused(*arguments, code=2)


@pytest.mark.parametrize("values", ["x", "1,", ",1", "1e9", ",".join("1" * 17), "1;2", "nan"])
def test_values_that_are_none(session, values):
    session.refused("session", "seal", "-s", "a.sender", "-i", "out", "--values", values, "-o", "x", code=2)


def test_a_result_that_is_too_large(session):
    (session.folder / "big").write_bytes(bytes(65))
    session.refused("session", "seal", "-s", "a.sender", "-i", "big", "-o", "x")


def test_help(cai):
    for command in ("new", "seal", "open"):
        assert "Example:" in cai.good("session", command, "--help").out
