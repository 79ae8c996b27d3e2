#!/usr/bin/env python3
"""The SDK as a stranger uses it: installed elsewhere, its example configured and
built by its own CMakeLists, run beside the secure side.

  sdk_test.py --board an521 --build build/device-an521
"""

import argparse
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading

import run_qemu

REFUSED = {"export is refused": -133}  # PSA_ERROR_NOT_PERMITTED


def quietly(*command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False,
                          env={k: v for k, v in os.environ.items() if not k.startswith("CMAKE")})
    if done.returncode != 0:
        sys.exit(f"error: {' '.join(map(str, command))}\n{done.stdout}{done.stderr}")


def build_example(options, sdk, work):
    quietly("cmake", "--install", options.build, "--component", "sdk", "--prefix", sdk)
    # What is built is a copy: an SDK may be read-only.
    shutil.copytree(sdk / "example", work / "example")
    quietly("cmake", "-S", work / "example", "-B", work / "app", "-G", "Ninja",
            f"-DCMAKE_TOOLCHAIN_FILE={sdk}/cmake/arm-none-eabi.cmake",
            f"-DCAI_BOARD={options.board}", f"-Dcai-sdk_DIR={sdk}/cmake")
    quietly("cmake", "--build", work / "app")
    return work / "app/example.elf"


def run(options, elf, folder):
    """Its lines up to "done"."""
    run_qemu.make_nv(f"{folder}/nv", options.board)
    line = run_qemu.command(argparse.Namespace(
        board=options.board, secure=options.build / "images/secure_debug.elf", nonsecure=elf,
        test=None, shift=0, bare=None), folder)
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as qemu:
        late = threading.Timer(60, qemu.kill)
        late.start()
        lines = []
        for text in qemu.stdout:
            lines.append(text.rstrip())
            if lines[-1] == "done":
                break
        late.cancel()
        qemu.kill()
    return lines


def judge(lines):
    values = [re.fullmatch(r"([^:]+): (\S*)", line) for line in lines if line != "done"]
    if not values or not all(values) or lines[-1] != "done":
        return "it did not come to its end"
    if ("sha256(abc)", hashlib.sha256(b"abc").hexdigest()) not in [v.groups() for v in values]:
        return "another hash"
    if ("stored", b"hello".hex()) not in [v.groups() for v in values]:
        return "another object came back"
    for name, value in (v.groups() for v in values):
        if re.fullmatch(r"-\d+|0", value) and int(value) != REFUSED.get(name, 0):
            return f"{name} gave {value}"
    token = [v[2] for v in values if v[1] == "token"][-1]
    return None if token.startswith("d28443a10126") else "no COSE_Sign1 with ES256"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--board", required=True, choices=run_qemu.MACHINES)
    parser.add_argument("--build", required=True, type=pathlib.Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cai-sdk-") as folder:
        elf = build_example(options, pathlib.Path(folder, "sdk"), pathlib.Path(folder))
        lines = run(options, elf, folder)
    print("\n".join(line[:160] for line in lines))
    problem = judge(lines)
    if problem:
        print(f"error: {problem}", file=sys.stderr)
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main())
