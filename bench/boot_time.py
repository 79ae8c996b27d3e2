"""Instructions from reset to the non-secure main, by part: counted in QEMU by a
plugin, so the same on every machine. Images are padded to 160 KB and 200 KB."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

from report import options, report, result

ROOT = pathlib.Path(__file__).resolve().parents[1]
CAI = ROOT / "build/host/bin/cai"
CORES = {"an521": "m33", "an547": "m55"}
SIZES = {"secure": 160 * 1024, "nonsecure": 200 * 1024}
SIGNED_BESIDE = 0x400 + 512  # header and TLVs
SECONDS = 120

# Of boot, by what a function is called; the first that fits counts.
BOOT_PARTS = (("sha256", r"sha256|Sha256"), ("ecdsa", r"crypto6verify|__aeabi_[ul]"),
              ("copy_and_wipe", r"CopyWords|DifferenceOfWords|5Clear|memcpy|memset|4Wipe"),
              ("counters", r"2nv"), ("other", r""))


def functions(elf):
    """[(name, start, end)] of an ELF's code."""
    listed = subprocess.run(["arm-none-eabi-nm", "-S", elf], capture_output=True, text=True,
                            check=True).stdout
    for line in listed.splitlines():
        fields = line.split()
        if len(fields) == 4 and fields[2] in "tTwW":
            start = int(fields[0], 16) & ~1
            yield fields[3], start, start + int(fields[1], 16)


def symbols(elf):
    listed = subprocess.run(["arm-none-eabi-nm", elf], capture_output=True, text=True,
                            check=True).stdout
    return {f[-1]: int(f[0], 16) for f in map(str.split, listed.splitlines()) if len(f) == 3}


def boot_ranges(images):
    for name, start, end in functions(images / "boot.elf"):
        part = next(part for part, pattern in BOOT_PARTS if re.search(pattern, name))
        yield "boot_" + part, start, end
    known = symbols(images / "boot.elf")
    yield "boot_other", known["cai_link_code_start"], known["cai_link_code_end"]


def secure_ranges(images):
    """Each partition's own code, the code that they share, the SPM's."""
    known = symbols(images / "secure.elf")
    for name, start in known.items():
        found = re.fullmatch(r"cai_link_(\w+)_code_start", name)
        if found:
            yield "partition_" + found[1], start, known[f"cai_link_{found[1]}_code_end"]
    yield "shared_code", known["cai_link_shared_start"], known["cai_link_shared_end"]
    code = [(start, end) for _, start, end in functions(images / "secure.elf")]
    yield "spm", min(start for start, _ in code), max(end for _, end in code)


def plugin(folder):
    built = folder / "marks.so"
    subprocess.run(["gcc", "-O2", "-fPIC", "-shared", "-o", built, ROOT / "bench/marks.c"],
                   check=True)
    return built


def cai(state, *arguments):
    done = subprocess.run([CAI, "--state", state, *map(str, arguments)], capture_output=True,
                          text=True)
    if done.returncode != 0:
        sys.exit(done.stderr.strip())


def make_device(state, board):
    """A device as `./run demo` makes it, with images of the sizes above."""
    images = ROOT / f"build/device-{board}/images"
    cai(state, "ca", "init")
    cai(state, "service", "init")
    for world in SIZES:
        cai(state, "image", "keygen", "--out", state / f"image-keys/{world}.key")
    cai(state, "device", "make", board, "--board", board)
    cai(state, "device", "config", board, "--bootstrap-port", 1, "--broker-port", 1)
    for world, size in SIZES.items():
        payload = (images / f"{world}.bin").read_bytes()
        raw = state / f"{world}.bin"
        raw.write_bytes(payload.ljust(size - SIGNED_BESIDE, b"\0"))
        cai(state, "image", "sign", raw, "--board", board, "--world", world, "--key",
            state / f"image-keys/{world}.key", "--version", "1.0.0", "--out",
            state / f"{world}.img")
    cai(state, "device", "install", board, "--secure", state / "secure.img", "--nonsecure",
        state / "nonsecure.img")


def run(state, board, ranges, stop):
    """The plugin's counts once the address was reached."""
    counts, wrapper = state / "counts", state / "qemu"
    arguments = ",".join([f"out={counts}", f"stop={stop:#x}",
                          *(f"range={start:#x}:{end:#x}" for _, start, end in ranges)])
    wrapper.write_text(f"#!/bin/sh\nexec qemu-system-arm -plugin {plugin(state)},{arguments} \"$@\"\n")
    wrapper.chmod(0o755)
    boot = ROOT / f"build/device-{board}/images/boot.elf"
    with open(state / "run.log", "w") as log:
        device = subprocess.Popen([CAI, "--state", state, "device", "run", board, "--boot", boot],
                                  env=os.environ | {"CAI_QEMU": str(wrapper)}, stdout=log,
                                  stderr=log)
    deadline = time.monotonic() + SECONDS
    while not counts.exists() and device.poll() is None and time.monotonic() < deadline:
        time.sleep(0.1)
    subprocess.run([CAI, "--state", state, "device", "stop", board], capture_output=True)
    device.wait(20)
    if not counts.exists():
        sys.exit(f"error: {board} did not reach its non-secure main\n"
                 + (state / "run.log").read_text()[-500:])
    return [int(line) for line in counts.read_text().split()]


def measure(board):
    images = ROOT / f"build/device-{board}/images"
    ranges = [*boot_ranges(images), *secure_ranges(images)]
    stop = symbols(images / "nonsecure.elf")["cai_ns_Main"] & ~1
    with tempfile.TemporaryDirectory() as folder:
        state = pathlib.Path(folder)
        make_device(state, board)
        total, *counts = run(state, board, ranges, stop)
    parts = {}
    for (part, _, _), count in zip(ranges, counts):
        parts[part] = parts.get(part, 0) + count
    parts["ns_start"] = total - sum(parts.values())
    name = f"device/{CORES[board]}/reset_to_ns_main"
    yield result(f"{name}/instructions", total, "instructions")
    for part, count in sorted(parts.items(), key=lambda one: -one[1]):
        if count:
            yield result(f"{name}/{part}/instructions", count, "instructions")


if __name__ == "__main__":
    given = options(__doc__)
    report("boot_time", [one for board in CORES for one in measure(board)], given.json)
