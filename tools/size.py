#!/usr/bin/env python3
"""What each part of an S image takes of flash and RAM, against its budget.

  size.py --build build/device-an521 [--image secure] [--json]

Budgets stand in device/images/partitions.toml, those of the whole image, too. Exit
status 1 if one is exceeded, or if SPM and boot have more lines than can be read in a
day. Stack counts as RAM, at its reserved size.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys

TOOL = "arm-none-eabi-size"
ROOT = pathlib.Path(__file__).resolve().parents[1]

# What decides before and between partitions, to be read in a day: no more.
TRUSTED_LINES = 4000
TRUSTED = ("device/spm", "device/boot", "device/arch/armv8m", "lib/image")
NOT_ON_THE_DEVICE = re.compile(r"(_test|_fuzz|/testing|/sign|/ns/|/bare/|tlv_names|debug_)")
NO_CODE = re.compile(r"\s*(//|@|/\*|\*|$)")


def trusted_lines():
    files = [f for folder in TRUSTED for f in (ROOT / folder).rglob("*.*")
             if f.suffix in (".cc", ".h", ".S") and not NOT_ON_THE_DEVICE.search(str(f.relative_to(ROOT)))]
    lines = [line for f in files for line in f.read_text().splitlines()]
    return {"code": sum(not NO_CODE.match(line) for line in lines), "all": len(lines)}


def sections(elf):
    """Name -> size of all sections."""
    text = subprocess.run([TOOL, "-A", elf], check=True, capture_output=True, text=True).stdout
    return {m[1]: int(m[2]) for m in re.finditer(r"^(\.\S+)\s+(\d+)", text, re.MULTILINE)}


def measure(sizes, budgets):
    """Rows of {part, flash, flash_budget, ram, ram_budget, stack}."""
    def row(part, flash, ram, stack, budget):
        return {"part": part, "flash": flash, "flash_budget": budget.get("flash"),
                "ram": ram, "ram_budget": budget.get("ram"), "stack": stack}

    def of(*names):
        return sum(sizes.get(name, 0) for name in names)

    data = of(".spm.data")
    rows = [
        row("spm", of(".vectors", ".gnu.sgstubs", ".spm.text") + data,
            of(".spm.bss", ".spm.stack") + data, of(".spm.stack"), budgets["spm"]),
        row("shared", of(".shared.text"), 0, 0, budgets["shared"]),
    ]
    for name, budget in budgets["partitions"].items():
        data = of(f".{name}.data")
        rows.append(row(name, of(f".{name}.text") + data,
                        of(f".{name}.bss", f".{name}.stack") + data,
                        of(f".{name}.stack"), budget))
    return rows


def total(rows, budget):
    """The row of the whole image."""
    row = {key: sum(row[key] or 0 for row in rows) for key in ("flash", "ram", "stack")}
    return {"part": "image", "flash_budget": budget["flash"], "ram_budget": budget["ram"], **row}


def over(rows):
    return [f"{row['part']}: {row[kind]} B of {kind}, {row[kind + '_budget']} allowed"
            for row in rows for kind in ("flash", "ram")
            if row[kind + "_budget"] is not None and row[kind] > row[kind + "_budget"]]


def show(rows):
    print(f"{'part':<12}{'flash':>9}{'budget':>9}{'RAM':>9}{'budget':>9}{'stack':>8}")
    for row in rows:
        print(f"{row['part']:<12}{row['flash']:>9}{row['flash_budget'] or '-':>9}"
              f"{row['ram']:>9}{row['ram_budget'] or '-':>9}{row['stack']:>8}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", required=True, type=pathlib.Path, help="a device build folder")
    parser.add_argument("--board", help="what the build must be for")
    parser.add_argument("--image", default="secure")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    try:
        budgets = json.loads(
            (options.build / "generated" / options.image / "budgets.json").read_text())
        if options.board not in (None, budgets["board"]):
            raise OSError(f"{options.build} is a build for {budgets['board']}")
        rows = measure(sections(options.build / "images" / f"{options.image}.elf"), budgets)
        rows.append(total(rows, budgets["image"]))
    except (OSError, subprocess.CalledProcessError) as problem:
        print(f"error: {problem}", file=sys.stderr)
        print("hint: build the image first: cmake --build --preset device-an521", file=sys.stderr)
        return 2
    lines = trusted_lines()
    problems = over(rows)
    if lines["code"] > TRUSTED_LINES:
        problems.append(f"{lines['code']} lines of SPM and boot, {TRUSTED_LINES} allowed")
    if not options.json:
        print(f"{budgets['board']}, bytes")
    if options.json:
        print(json.dumps({"board": budgets["board"], "parts": rows, "lines": lines, "over": problems}, indent=2))
    else:
        show(rows)
        print(f"lines of SPM and boot: {lines['code']} of {TRUSTED_LINES}, {lines['all']} with blanks and comments")
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
