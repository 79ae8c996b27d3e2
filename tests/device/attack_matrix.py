#!/usr/bin/env python3
"""Every piece of the secure world x {read, write, execute} x {NS, a partition
that was taken over}, and once more for NS with the SAU open: what refused each.

  attack_matrix.py --board an521 --images build/device-an521/images

The pieces come from the manifest and from the image's own symbols, so a new
region is attacked without a line here. Prints one "# attack:" line an attempt;
fails where one was refused otherwise than the table of expectations says.
"""

import argparse
import concurrent.futures
import dataclasses
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

import events
import run_qemu

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import manifest as manifests  # noqa: E402

ACTIONS = ("read", "write", "execute")
BY_PARTITION = 16
TABLE_FROM_END = 0x10000   # device/tests/attack/probe.cc
IDAU_SECURE = 1 << 28

# How the core says no: CFSR | SFSR << 26, as the SPM records it.
AUVIOL = 0x08 << 26            # NS touched what is secure
INVEP = 0x01 << 26             # NS branched into the SPE off a gateway
INVTRAN = 0x10 << 26           # secure code branched into the NSPE
MEM_DATA = 0x82                # MPU, data; the address is known
MEM_CODE = 0x01                # MPU, instruction fetch
BUS = 0x8200                   # a gate of the memory (MPC), or a system register
BUS_CODE = 0x0100              # the same for a fetch
WORDS = {AUVIOL: "SecureFault AUVIOL", INVTRAN: "SecureFault INVTRAN", INVEP: "SecureFault INVEP", MEM_DATA: "MemManage DACCVIOL",
         MEM_CODE: "MemManage IACCVIOL", BUS: "BusFault PRECISERR", BUS_CODE: "BusFault IBUSERR"}
ZERO = "reads 0, writes ignored"
ALLOWED = "allowed"
OWN_FAULT = "a fault of NS itself"  # device memory is never executed


@dataclasses.dataclass(frozen=True)
class Target:
    name: str
    address: int             # secure alias
    kind: str                # memory, peripheral, system
    owner: str = ""          # partition whose own it is
    code: bool = False


@dataclasses.dataclass(frozen=True)
class Attempt:
    who: str                 # ns, partition
    action: str
    target: Target
    address: int
    expected: frozenset


def symbols(elf):
    text = subprocess.run(["arm-none-eabi-nm", elf], check=True, capture_output=True, text=True).stdout
    return {m[2]: int(m[1], 16) for m in re.finditer(r"^([0-9a-f]{8}) \S (\S+)$", text, re.MULTILINE)}


def middle(start, end):
    return start + (end - start) // 2 & ~31


def targets(manifest, names):
    """Everything that is secure, by its S alias."""
    memory = manifest["memory"]
    found = []
    for name, m in memory.items():
        if name not in ("secure_image", "secure_data", "nv") and "nonsecure" not in m:
            found.append(Target(name, middle(m["base"], m["base"] + m["size"]), "memory"))
    found.append(Target("S vectors", memory["secure_image"]["base"] + manifests.HEADER + 0x40, "memory"))
    found.append(Target("veneers' neighbour", memory["secure_image"]["base"] + 0x600, "memory"))
    for what, first, last in (("shared code", "shared_start", "shared_end"),
                              ("spm code", "spm_code_start", "spm_code_end"),
                              ("spm data", "spm_data_start", "spm_bss_end")):
        found.append(Target(what, middle(names[f"cai_link_{first}"], names[f"cai_link_{last}"]),
                            "memory", "all" if what == "shared code" else "", what != "spm data"))
    found.append(Target("spm stack", names["cai_link_spm_stack_seal"] - 64, "memory"))
    for name in manifest["partition"]:
        for what in ("code", "ram", "stack"):
            span = [names[f"cai_link_{name}_{what}_{end}"] for end in ("start", "end")]
            found.append(Target(f"{name} {what}", middle(*span), "memory", name, what == "code"))
    found += [Target(f"NV {name}", memory["nv"]["base"] + offset + 0x20, "memory")
              for name, offset in nv_regions().items()]
    for name, p in manifest["peripheral"].items():
        if name not in manifest["nonsecure"]["peripherals"]:
            found.append(Target(f"peripheral {name}", p["base"] + 0x20, "peripheral"))
    found.append(Target("security control", 0x50080010, "peripheral"))
    return found


def nv_regions():
    layout = (ROOT / "device/nv/layout.h").read_text()
    return {name: int(offset, 16) for name, offset in
            re.findall(r"constexpr Region k(\w+)\{(0x[0-9A-Fa-f]+),", layout)}


def ns_memory(manifest):
    return [Target(f"NS {name}", middle(m["nonsecure"], m["nonsecure"] + m["size"]), "memory")
            for name, m in manifest["memory"].items() if "nonsecure" in m]


SYSTEM = [Target("VTOR", 0xE000ED08, "system"), Target("SAU_CTRL", 0xE000EDD0, "system"),
          Target("MPU_CTRL", 0xE000ED94, "system"), Target("NVIC_ITNS0", 0xE000E380, "system")]


def from_nonsecure(target, action):
    return frozenset({INVEP if action == "execute" else AUVIOL})


def from_partition(target, action):
    """The hostile partition's MPU regions are its code, RAM and stack, and the
    shared code; the rest is the default map's, which is privileged."""
    mine = target.owner in ("hostile", "all")
    if target.kind == "system":
        return frozenset({MEM_CODE if action == "execute" else BUS})
    if action == "execute":
        return frozenset({INVTRAN if target.name.startswith("NS ") else MEM_CODE})
    if mine and (action == "read" or not target.code):
        return frozenset({ALLOWED})
    return frozenset({MEM_DATA})


def gated(manifest, address):
    """Whether an MPC of the board stands before this memory."""
    return any(g["memory"] <= address < g["memory"] + g["size"] for g in manifest["mpc"] + UNLISTED_MPCS[manifest["board"]["name"]])


# MPCs that the SPM leaves as they are at reset, all blocks secure.
UNLISTED_MPCS = {
    "an521": [{"memory": 0x30000000, "size": 0x20000}, {"memory": 0x38000000, "size": 0x200000}],
    # NV, which is DDR, has no NS alias: at its address less bit 28 is other
    # memory, and the DDR's controller refuses that.
    "an547": [{"memory": 0x31000000, "size": 0x400000}, {"memory": 0x70000000, "size": 0x1000000}],
}


def behind_the_sau(manifest, target, action):
    """NS by the NS alias while the SAU says nothing."""
    if target.kind == "peripheral":
        return frozenset({OWN_FAULT if action == "execute" else ZERO})
    if gated(manifest, target.address):
        return frozenset({BUS_CODE, BUS} if action == "execute" else {BUS})
    return frozenset({ALLOWED})


def attempts(manifest, all_targets):
    for target in all_targets:
        for action in ACTIONS:
            yield Attempt("ns", action, target, target.address, from_nonsecure(target, action))
    for target in all_targets + ns_memory(manifest) + SYSTEM:
        for action in ACTIONS:
            expected = from_partition(target, action)
            # Its own code and the shared code may run; there is nothing to learn.
            if action == "execute" and target.code and target.owner in ("hostile", "all"):
                continue
            # What it writes to itself it may.
            if ALLOWED in expected and action == "write":
                continue
            yield Attempt("partition", action, target, target.address, expected)


def open_attempts(manifest, all_targets):
    for target in all_targets:
        if not target.address & IDAU_SECURE or target.name == "security control":
            continue
        for action in ACTIONS:
            expected = behind_the_sau(manifest, target, action)
            if ALLOWED in expected and action != "read":
                continue  # no gate there: it would only break the machine
            yield Attempt("ns, SAU open", action, target, target.address & ~IDAU_SECURE, expected)


def run(options, secure, batch, folder, manifest):
    """One machine; what became of each attempt of the batch."""
    number = ACTIONS.index
    table = struct.pack("<II", len(batch), 0) + b"".join(
        struct.pack("<II", a.address, number(a.action) + (BY_PARTITION if a.who == "partition" else 0))
        for a in batch)
    (folder / "table").write_bytes(table)
    code = manifest["memory"]["nonsecure_code"]
    at = code["nonsecure"] + code["size"] - TABLE_FROM_END
    line = run_qemu.command(argparse.Namespace(
        board=options.board, secure=options.images / secure, nonsecure=options.images / "attack_probe.elf",
        test="Attack.Probes", shift=0, bare=None), folder)
    line += ["-device", f"loader,file={folder}/table,addr={at:#x},force-raw=on"]
    done = subprocess.run(line, capture_output=True, timeout=120, check=False)
    text = done.stdout.decode(errors="replace")
    records, _ = events.decode((folder / "uart1").read_bytes())
    return outcomes(batch, text, records)


def outcomes(batch, text, records):
    """The fault word where there was a fault, else what was seen."""
    faults = iter([r.argument for r in records if r.name in ("NonSecureFault", "PartitionFault")])
    seen = re.findall(r"# probe: (\d+)\n# (fault|value|status): (\d+)", text)
    found = {}
    for index, what, value in seen:
        value = int(value)
        if what == "fault" or (what == "status" and value == 145):  # COMMUNICATION_FAILURE
            found[int(index)] = next(faults, OWN_FAULT)
        elif what == "value":
            found[int(index)] = ZERO if value == 0 or batch[int(index)].action == "write" else ALLOWED
        else:
            found[int(index)] = ALLOWED if value == 0 else f"status -{value}"
    return [found.get(i, "no answer") for i in range(len(batch))]


def judge(attempt, outcome):
    expected = attempt.expected
    # What nothing gates reads as whatever lies there, zero included.
    right = outcome in expected or (ALLOWED in expected and outcome == ZERO)
    words = WORDS.get(outcome, outcome if isinstance(outcome, str) else f"fault {outcome:#x}")
    note = " (no gate but the SAU)" if ALLOWED in expected and attempt.who != "partition" else ""
    print(f"# attack: {attempt.who} | {attempt.action} | {attempt.target.name} {attempt.address:#010x} | {words}{note}")
    if not right:
        wanted = " or ".join(WORDS.get(e, str(e)) for e in expected)
        print(f"error: expected {wanted}", file=sys.stderr)
    return right


def machines(options, manifest):
    """(image, batch) of each start: a partition that faults is gone for good."""
    names = symbols(options.images / "secure_attack.elf")
    all_targets = targets(manifest, names)
    listed = list(attempts(manifest, all_targets))
    yield "secure_attack.elf", [a for a in listed if a.who == "ns"]
    harmless = [a for a in listed if a.who == "partition" and ALLOWED in a.expected]
    yield "secure_attack.elf", harmless
    for attempt in listed:
        if attempt.who == "partition" and ALLOWED not in attempt.expected:
            yield "secure_attack.elf", [attempt]
    names = symbols(options.images / "secure_attack_open.elf")
    yield "secure_attack_open.elf", list(open_attempts(manifest, targets(manifest, names)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--board", required=True, choices=run_qemu.MACHINES)
    parser.add_argument("--images", required=True, type=pathlib.Path)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    images = ROOT / "device/images"
    manifest = manifests.build(images / f"{options.board}.toml", [images / "attack.toml"])
    work = list(machines(options, manifest))
    with tempfile.TemporaryDirectory(prefix="cai-attack-") as top:
        def one(i):
            folder = pathlib.Path(top, str(i))
            folder.mkdir()
            run_qemu.make_nv(folder / "nv", options.board)
            try:
                return run(options, *work[i], folder, manifest)
            finally:
                (folder / "nv").unlink()
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            results = list(pool.map(one, range(len(work))))
    judged = [judge(a, o) for (_, batch), outcome in zip(work, results) for a, o in zip(batch, outcome)]
    print(f"{len(judged)} attempts on {len(work)} machines, {judged.count(False)} not refused as they must be")
    return 0 if judged and all(judged) else 1


if __name__ == "__main__":
    sys.exit(main())
