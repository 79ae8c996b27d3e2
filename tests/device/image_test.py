#!/usr/bin/env python3
"""What an S image must be, read from its ELF file.

  image_test.py secure.elf --budgets budgets.json [--also boot.elf ...]

No test hook is in it, nor a semihosting call in it or the others; veneers lie where every NS image expects them; no
partition branches into another or into the SPM.
"""

import argparse
import json
import re
import subprocess
import sys

HOOKS = ("cai_debug", "cai_test", "debug_handoff", "Semihost", "test_partition")
BRANCH = re.compile(r"^\s*[0-9a-f]+:\s.*\t(?:bl?|b[a-z]{2}(?:\.[nw])?|b\.[nw]|cbn?z)\s+(?:r\d+, )?([0-9a-f]+) <",
                    re.MULTILINE)


def tool(name, *arguments):
    return subprocess.run([f"arm-none-eabi-{name}", *arguments], check=True,
                          capture_output=True, text=True).stdout


def spans(elf):
    return {m[1]: (int(m[2], 16), int(m[2], 16) + int(m[3], 16)) for m in re.finditer(
        r"^\s*\[\s*\d+\] (\.\S+)\s+\S+\s+([0-9a-f]{8}) [0-9a-f]+ ([0-9a-f]+)",
        tool("readelf", "-SW", elf), re.MULTILINE)}


def stray_branches(elf, section, allowed):
    code = tool("objdump", "-d", f"--section={section}", elf)
    targets = [int(target, 16) for target in BRANCH.findall(code)]
    return len(targets), [hex(t) for t in targets
                          if not any(start <= t < end for start, end in allowed)]


# Armv8-M's semihosting trap: what would let the host read and write through the debugger.
def semihosting(elf):
    return re.findall(r"^.*\tbkpt\s+0x00ab.*$", tool("objdump", "-d", elf), re.MULTILINE)


def check(elf, budgets, others):
    symbols = tool("nm", elf)
    sections = spans(elf)
    base = sections[".vectors"][0]
    yield "no test hook is linked", [h for h in HOOKS if h in symbols]
    for image in [elf, *others]:
        yield f"no semihosting in {image.rpartition('/')[2]}", semihosting(image)
    yield "no reset vectors of a debug image", [n for n in sections if n == ".boot_vectors"]
    yield "veneers lie at their fixed place", (
        [] if sections[".gnu.sgstubs"][0] == base + 0x400 else [sections[".gnu.sgstubs"]])
    yield "shared code has no data", [n for n in (".shared.data", ".constructors")
                                      if n in sections and sections[n][0] != sections[n][1]]
    shared = sections[".shared.text"]
    count, stray = stray_branches(elf, ".shared.text", [shared])
    yield f"shared code branches only into itself ({count} branches)", stray or ["none"] * (count == 0)
    for name in budgets["partitions"]:
        own = sections[f".{name}.text"]
        count, stray = stray_branches(elf, f".{name}.text", [own, shared])
        yield f"{name} branches into itself and shared code alone ({count} branches)", (
            stray or ["no branch found"] * (count == 0))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("elf")
    parser.add_argument("--budgets", required=True)
    parser.add_argument("--also", nargs="*", default=[])
    options = parser.parse_args()
    with open(options.budgets, encoding="utf-8") as file:
        budgets = json.load(file)
    failed = number = 0
    for number, (words, problems) in enumerate(check(options.elf, budgets, options.also), 1):
        print(f"{'not ok' if problems else 'ok'} {number} - {words}")
        for problem in problems:
            print(f"# {problem}")
        failed += bool(problems)
    print(f"1..{number}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
