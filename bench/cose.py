"""Sealing and opening 64 bytes, beside the raw AEAD in the same run: on the host in
processor time, on the boards in instructions that QEMU counts (the same on every
machine). The targets are in bench/cose/README.md."""

import json
import pathlib
import re
import statistics
import subprocess
import sys

from report import options, report, result

ROOT = pathlib.Path(__file__).resolve().parents[1]
BOARDS = {"an521": ("m33", "mps2-an521"), "an547": ("m55", "mps3-an547")}
SUITES = ("aes128gcm", "chacha20poly1305")
REPETITIONS = 15
HOST_STEPS = [f"{what}/{suite}" for what in ("seal_64", "open_64", "session_open_64_10000")
              for suite in SUITES]


def fail(message, hint):
    sys.exit(f"error: {message}\nhint: {hint}")


def progress(done, total, what):
    if sys.stderr.isatty():
        full = 24 * done // total
        end = "\r\033[K" if done == total else ""
        sys.stderr.write(f"\r\033[K{what:<44} [{'=' * full:<24}] {100 * done // total:3} %{end}")
        sys.stderr.flush()


def run(command, what):
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        fail(f"{what} failed: {(done.stderr or done.stdout).strip()[-300:]}",
             "./run bench cose builds what it needs")
    return done.stdout


# ---- Host -------------------------------------------------------------------

def ratios(step):
    """Ours / raw of each repetition, and our nanoseconds; both timed in turns."""
    output = run([ROOT / "build/host/bench/cose_host_bench", f"--benchmark_filter=^{step}/",
                  "--benchmark_min_time=0.1", f"--benchmark_repetitions={REPETITIONS}",
                  "--benchmark_format=json"], f"the host's {step}")
    runs = [one for one in json.loads(output)["benchmarks"] if one["run_type"] == "iteration"]
    return [one["ratio"] for one in runs], [one["ours_ns"] for one in runs]


def host():
    for i, step in enumerate(HOST_STEPS):
        progress(i, len(HOST_STEPS), f"host: {step}")
        found, ours_ns = ratios(step)
        what, suite = step.split("/")
        middle, quarters = statistics.median(found), statistics.quantiles(found)
        rate = what.startswith("session")
        # AES-128-GCM is the suite of the first two rows, so it has the short name.
        name = f"cose/host/{what}" + ("" if suite == "aes128gcm" and not rate else f"/{suite}")
        # Of rates it is ours / raw, of times as well; more is better for a rate.
        yield result(f"{name}/ratio_to_raw", round(1 / middle if rate else middle, 3), "ratio",
                     "higher" if rate else "lower")
        yield result(f"{name}/ratio_spread", round((quarters[2] - quarters[0]) / middle, 3),
                     "quartile distance / median")
        yield result(f"{name}/messages_per_second", round(1e9 / statistics.median(ours_ns)),
                     "1/s", "higher")
    progress(1, 1, "host")


# ---- Boards -----------------------------------------------------------------

def figures(folder, board):
    """(what, suite) -> value, as bench/cose/device/bench.cc prints them."""
    image = ROOT / f"build/{folder}-{board}/images/cose_bench.elf"
    if not image.exists():
        fail(f"{image} is not built", "./run bench cose builds it")
    output = run(["qemu-system-arm", "-M", BOARDS[board][1], "-display", "none",
                  "-monitor", "none", "-nodefaults", "-no-reboot", "-serial", "stdio",
                  "-semihosting-config", "enable=on,target=native",
                  "-icount", "shift=6,sleep=off", "-kernel", image], f"cose_bench on {board}")
    return {(what, suite): int(value)
            for what, suite, value in re.findall(r"^(\w+)/(\w+) (\d+)$", output, re.M)}


def board_results(board):
    core = f"cose/{BOARDS[board][0]}"
    fast, small = figures("bench", board), figures("device", board)
    best = min(SUITES, key=lambda suite: fast["seal", suite])
    yield result(f"{core}/seal_64/ratio_to_raw",
                 round(fast["seal", best] / fast["raw", best], 3), "ratio")
    yield result(f"{core}/seal_64/instructions", fast["seal", best], "instructions")
    yield result(f"{core}/seal_64/stack_bytes", fast["stack", best], "B")
    yield result(f"{core}/seal_64_first_of_epoch/stack_bytes", fast["stack_ratchet", best], "B")
    for suite in SUITES:
        for what in ("raw", "seal", "open"):
            yield result(f"{core}/{what}_64/{suite}/instructions", fast[what, suite],
                         "instructions")
        yield result(f"{core}/os/seal_64/{suite}/instructions", small["seal", suite],
                     "instructions")


def overhead(board):
    found = figures("bench", board)
    return result("cose/wire/reading_64/overhead_bytes",
                  max(found["overhead", suite] for suite in SUITES), "B")


def code_bytes(board):
    """Of a program that uses Sign1 and Encrypt0 in both directions: every input section in
    the linker's map but those of lib/crypto, Mbed TLS, the program and its start (-Os)."""
    text = (ROOT / f"build/device-{board}/images/cose_code.elf.map").read_text()
    linked = text[text.index("Linker script and memory map"):]
    sections = re.findall(r"^ \.(?:text|rodata|data)\S*\s+0x[0-9a-f]+\s+0x([0-9a-f]+) (\S+)$",
                          linked, re.M)
    other = re.compile(r"libcai_crypto|libmbedtls|libcai_bare|cose_code\.dir|start\.S")
    return result(f"cose/{BOARDS[board][0]}/sign1_encrypt0/code_bytes",
                  sum(int(size, 16) for size, place in sections if not other.search(place)), "B")


def device():
    for i, board in enumerate(BOARDS):
        progress(i, len(BOARDS), f"board: {board}")
        yield from board_results(board)
        yield code_bytes(board)
    yield overhead("an521")
    progress(1, 1, "boards")


if __name__ == "__main__":
    given = options(__doc__)
    report("cose", [*host(), *device()], given.json)
