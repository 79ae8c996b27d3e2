#!/usr/bin/env python3
"""The product's S image takes a whole hand-off of boot's and no other, and
leaves nothing of it behind.

  handoff_test.py --board an521 --secure secure.elf

Boot is not run: QEMU's loader puts the core's reset words and the block where
boot would have.
"""

import argparse
import hashlib
import json
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile
import time

import events
import run_qemu

# device/images/<board>.toml: hand-off block; reset words; NS code; secure UART
# needs none. `dump` is the alias by which QEMU's pmemsave sees boot's RAM.
BOARDS = {
    "an521": {"handoff": 0x30007C00, "dump": 0x20007C00, "ns": 0x00200400},
    "an547": {"handoff": 0x3000FC00, "dump": 0x2000FC00, "ns": 0x01100400},
}
SIZE, BLOCK = 748, 1024


def ns_idle(base):
    """The smallest NS image: two vectors and a branch to itself."""
    return struct.pack("<IIH", 0x28200400, base + 8 | 1, 0xE7FE)


def block(board, **change):
    """device/boot/handoff.h, with one field changed."""
    f = {"magic": 0x43414948, "version": 1, "components": 1, "boot_count": 41, **change}
    body = struct.pack("<IHHII", f["magic"], f["version"], 0x3000, f["boot_count"], 1)
    body += b"\x51" * 32 + b"\x52" * 16 + b"\x01" + b"\x53" * 32 + bytes(3) + b"\x54" * 32
    body += b"\x55" * 64 + b"\x56" * 64 + struct.pack("<I", f["components"])
    body += (b"SPE".ljust(8, b"\0") + b"\x57" * 64 + b"1.0.0".ljust(24, b"\0")).ljust(4 * 96, b"\0")
    body += struct.pack("<I", f.get("ns", BOARDS[board]["ns"])) + b"\x58" * 64
    assert len(body) == SIZE - 32
    return body + hashlib.sha256(body).digest()


def symbol(elf, name):
    text = subprocess.run(["arm-none-eabi-nm", elf], check=True, capture_output=True, text=True).stdout
    return next(int(line.split()[0], 16) for line in text.splitlines() if line.endswith(f" {name}"))


def start(options, folder, handoff):
    pathlib.Path(folder, "handoff").write_bytes(handoff)
    run_qemu.make_nv(f"{folder}/nv", options.board)
    size, _ = run_qemu.NV[options.board]
    words = [symbol(options.secure, "cai_link_spm_stack_seal"), symbol(options.secure, "cai_Reset") | 1]
    line = ["qemu-system-arm", "-M", run_qemu.MACHINES[options.board], "-display", "none",
            "-monitor", "none", "-nodefaults", "-no-reboot", "-serial", "null",
            "-serial", f"file:{folder}/uart1", "-icount", "shift=0,sleep=off",
            "-object", f"memory-backend-file,id=nv,size={size},mem-path={folder}/nv,share=on",
            "-machine", "memory-backend=nv",
            "-qmp", f"unix:{folder}/qmp,server=on,wait=off",
            "-kernel", options.secure,
            "-device", f"loader,file={folder}/ns,addr={BOARDS[options.board]['ns']:#x},force-raw=on",
            "-device", f"loader,file={folder}/handoff,addr={BOARDS[options.board]['handoff']:#x},force-raw=on"]
    pathlib.Path(folder, "ns").write_bytes(ns_idle(BOARDS[options.board]["ns"]))
    pathlib.Path(folder, "reset").write_bytes(struct.pack("<II", *words))
    line += ["-device", f"loader,file={folder}/reset,addr=0x10000000,force-raw=on"]
    return subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def dump(options, folder):
    """What is left of the block."""
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(f"{folder}/qmp")
        stream = s.makefile("rw")
        stream.readline()
        save = {"val": BOARDS[options.board]["dump"], "size": BLOCK, "filename": f"{folder}/left"}
        for request in ({"execute": "qmp_capabilities"},
                        {"execute": "pmemsave", "arguments": save}):
            stream.write(json.dumps(request) + "\n")
            stream.flush()
            while "return" not in json.loads(stream.readline()):
                pass
    return pathlib.Path(folder, "left").read_bytes()


def observe(options, handoff, until):
    """Names and arguments of events until one of `until`, and the block left."""
    with tempfile.TemporaryDirectory(prefix="cai-handoff-") as folder:
        machine = start(options, folder, handoff)
        end, left, found = time.monotonic() + options.limit, None, []
        try:
            while time.monotonic() < end:
                time.sleep(0.1)
                uart = pathlib.Path(folder, "uart1")
                found = events.decode(uart.read_bytes())[0] if uart.exists() else []
                if any(e.name in until for e in found) or machine.poll() is not None:
                    break
            if any(e.name == "NonSecureEntered" for e in found):
                left = dump(options, folder)
        finally:
            machine.kill()
            machine.wait()
        return [(e.name, e.argument) for e in found], left


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--board", required=True, choices=BOARDS)
    parser.add_argument("--secure", required=True)
    parser.add_argument("--limit", type=float, default=40)
    options = parser.parse_args()

    good = block(options.board)
    flipped = bytearray(good)
    flipped[100] ^= 1
    cases = [("a whole block", good, True)] + [(words, bytes(bad), False) for words, bad in (
        ("no block", bytes(SIZE)),
        ("one bit flipped", flipped),
        ("another magic", block(options.board, magic=0x43414949)),
        ("another version", block(options.board, version=2)),
        ("too many components", block(options.board, components=5)),
    )] + [("NS vectors in secure memory", block(options.board, ns=0x30000000), False)]
    failed = 0
    for number, (words, handoff, taken) in enumerate(cases, 1):
        seen, left = observe(options, handoff, ("NonSecureEntered", "HandoffBad"))
        names = [name for name, _ in seen]
        ok = ("NonSecureEntered" in names) == taken and ("HandoffBad" in names) != taken
        if taken:
            ok = ok and ("SpmStarted", 41) in seen and left == bytes(BLOCK)
        failed += not ok
        print(f"{'ok' if ok else 'not ok'} {number} - {words}")
        if not ok:
            print(f"# {seen}, left {left[:32].hex() if left else None}")
    print(f"1..{len(cases)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
