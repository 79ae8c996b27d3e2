#!/usr/bin/env python3
"""Sends the SPM, in the middle of a supervisor call, into a partition's memory.

The gdb stub of QEMU is the glitch: it moves the program counter of privileged
code. A partition's RAM is executed on no core, its code not where the core has
PXN (docs: device/spm/README.md, "Limits"): the SPM faults there and resets.

  pxn_test.py --board an547 --secure secure_test.elf --nonsecure kernel_test.elf
"""

import argparse
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

import events
from run_qemu import command, make_nv

PC = 15
INSTRUCTION_ACCESS = 1  # CFSR.IACCVIOL
HAS_PXN = {"an521": False, "an547": True}


class Gdb:
    """As much of the remote protocol as this takes."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(20)
        for _ in range(100):
            try:
                self.socket.connect(path)
                return
            except OSError:
                time.sleep(0.05)
        raise TimeoutError(path)

    def send(self, words):
        self.socket.sendall(f"${words}#{sum(words.encode()) % 256:02x}".encode())

    def answer(self):
        data = b""
        while data[-3:-2] != b"#":
            part = self.socket.recv(1)
            if not part:
                return ""
            data = (data + part).lstrip(b"+")
        self.socket.sendall(b"+")
        return data[1:-3].decode()

    def ask(self, words):
        self.send(words)
        return self.answer()

    def run_to(self, address):
        """One instruction first: the core may stand there already."""
        assert self.ask("s").startswith("T05")
        assert self.ask(f"Z1,{address:x},2") == "OK"
        assert self.ask("c").startswith("T05")
        assert self.ask(f"z1,{address:x},2") == "OK"


def symbols(elf):
    lines = subprocess.run(["arm-none-eabi-nm", elf], check=True, capture_output=True, text=True).stdout
    return {name: int(value, 16) for value, _, name in (line.split() for line in lines.splitlines()
                                                        if len(line.split()) == 3)}


def divert(options, target):
    """The events of a start in which the test partition's first call went to `target`."""
    with tempfile.TemporaryDirectory(prefix="cai-pxn-") as folder:
        make_nv(f"{folder}/nv", options.board)
        line = command(options, folder) + ["-S", "-chardev", f"socket,id=gdb,path={folder}/gdb,server=on,wait=off",
                                           "-gdb", "chardev:gdb"]
        process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            gdb = Gdb(f"{folder}/gdb")
            handler = symbols(options.secure)["cai_spm_OnSvc"] & ~1
            # QEMU lets only a peer that knows the registers' numbers write one.
            assert gdb.ask("qXfer:features:read:target.xml:0,ffb").startswith(("l", "m"))
            # The SPM's own call, which starts the partition; then the first of the partition.
            gdb.run_to(handler)
            gdb.run_to(handler)
            assert gdb.ask(f"P{PC:x}={target.to_bytes(4, 'little').hex()}") == "OK"
            gdb.send("c")
            process.wait(20)
        finally:
            process.kill()
            process.wait()
        records, skipped = events.decode(pathlib.Path(folder, "uart1").read_bytes())
        assert not skipped
        return records


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--board", required=True, choices=HAS_PXN)
    parser.add_argument("--secure", required=True)
    parser.add_argument("--nonsecure", required=True)
    options = parser.parse_args()
    options.test, options.shift, options.bare = "PsaVersion.KnowsOnlyWhatNsMayCall", 0, None
    names = symbols(options.secure)
    targets = {"its RAM": names["cai_link_test_ram_start"], "its stack": names["cai_link_test_stack_start"]}
    if HAS_PXN[options.board]:
        targets["its code"] = names["cai_link_test_code_start"]
    failed = False
    for what, target in targets.items():
        records = divert(options, target)
        faults = [r for r in records if r.name == "SpmFault"]
        good = len(faults) == 1 and faults[0].argument & INSTRUCTION_ACCESS
        print(f"{'ok' if good else 'not ok'} - privileged code in {what}, {target:#x}: {faults}")
        failed |= not good
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
