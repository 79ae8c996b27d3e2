"""What NS could see: all of its memory, searched for what must never be there."""

import importlib.util
import json
import pathlib
import socket
import sqlite3

import cbor2
import pytest
from system import BOARDS, ROOT, cai, eventually, rows

SECURED, KEY_GENERATION = 3, 0
NS_MEMORY = {"an521": ((0x28200000, 2 << 20), (0x00200000, 2 << 20)),
             "an547": ((0x21000000, 2 << 20), (0x01100000, 1 << 20))}


def module(name, path):
    spec = importlib.util.spec_from_file_location(name, ROOT / path)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


keys = module("make_vectors", "lib/wire/testdata/make_vectors.py")


def qmp(state, board, command, **arguments):
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(30)
        link.connect(str(state / f"devices/{board}/qmp.sock"))
        lines = link.makefile("rw")
        lines.readline()
        for one in ({"execute": "qmp_capabilities"}, {"execute": command, "arguments": arguments}):
            lines.write(json.dumps(one) + "\n")
            lines.flush()
            while True:
                answer = json.loads(lines.readline())
                if "event" not in answer:
                    break
        return answer


def saved(state, board, base, size, file):
    answer = qmp(state, board, "memsave", val=base, size=size, filename=str(file))
    assert "return" in answer or "Invalid addr" in answer["error"]["desc"], answer
    return "return" in answer


def stopped_dump(state, board, folder):
    """Nothing if the machine stopped inside a partition, whose MPU does not let it see NS memory."""
    files = [(base, size, folder / f"{board}-{base:x}") for base, size in NS_MEMORY[board]]
    assert "return" in qmp(state, board, "stop")
    try:
        if all(saved(state, board, *one) for one in files):
            return b"".join(file.read_bytes() for _, _, file in files)
    finally:
        assert "return" in qmp(state, board, "cont")
    return b""


def dump(state, board, folder):
    """NS data and code memory of a running device, through its NS aliases, as the processor sees it:
    the bus alone (pmemsave) would ask as a secure master and be refused by the MPC."""
    return eventually("a moment outside of partitions", 20, lambda: stopped_dump(state, board, folder))


def huk(state, board):
    page = (state / f"devices/{board}/otp.bin").read_bytes()
    size = int.from_bytes(page[:2], "big")
    return cbor2.loads(page[34:34 + size])[1]


def identity(state, board):
    listed = json.loads(cai(state, "device", "list", "--json").stdout)["devices"]
    return next(d for d in listed if d["name"] == board)


def secrets(state, board):
    """Name -> bytes of all that the HUK determines (protocol 1.1)."""
    own = huk(state, board)
    prk = keys.mac(b"cai1", own)
    root = keys.expand(prk, keys.cbor(["cai1", "spe-root", SECURED, KEY_GENERATION]), 32)
    found = {"HUK": own, "spe_root": root}
    for label in ("tls-client", "cose-sign", "iak", "model-kek"):
        found[label] = keys.b32(keys.scalar(root, label, KEY_GENERATION))
    for label in ("storage", "seal-hedge", "drbg"):
        found[label] = keys.exp(root, label, KEY_GENERATION, 32)
    return found


def endorsed(state):
    """All that the registry's endorsements hold: the public key of each device's IAK among it."""
    with sqlite3.connect(f"file:{state}/registry.db?mode=ro", uri=True) as db:
        return [v for row in db.execute("SELECT * FROM endorsements") for v in row
                if isinstance(v, bytes)]


def plains(state, uuid):
    """The readings that were opened, as the device encoded them."""
    query = "SELECT model_index, t_ms, inputs, output FROM readings WHERE device = ? ORDER BY id DESC LIMIT 40"
    return [cbor2.dumps([1, r["model_index"], r["t_ms"], json.loads(r["inputs"]), bytes(r["output"])])[1:]
            for r in rows(state, query, uuid)]


@pytest.mark.parametrize("board", BOARDS)
def test_no_secret_is_in_ns_memory(running, board, tmp_path):
    state = running.state
    uuid = identity(state, board)["uuid"]
    eventually("readings", 60, lambda: len(plains(state, uuid)) >= 20)
    memory = dump(state, board, tmp_path)
    # The search finds what is there, and the secrets are the device's own.
    assert uuid.encode() in memory
    known = secrets(state, board)
    public = keys.public(int.from_bytes(known["iak"], "big"))
    assert any(public in blob for blob in endorsed(state)), "derived another device's keys"
    for name, value in known.items():
        # Little endian words too: the form that bignum code keeps.
        words = b"".join(value[i:i + 4][::-1] for i in range(0, len(value), 4))
        found = [form for form, v in (("as is", value), ("reversed", value[::-1]), ("words", words)) if v in memory]
        print(f"# attack: ns | search of its memory | {name} | {'FOUND ' + found[0] if found else 'not there'}")
        assert not found
    readings = plains(state, uuid)
    assert not any(plain in memory for plain in readings)
    print(f"# attack: ns | search of its memory | {len(readings)} plain readings | not there")
