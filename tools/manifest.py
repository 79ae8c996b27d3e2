#!/usr/bin/env python3
"""Turns a device manifest (device/images/*.toml) into the SPM's tables.

  manifest.py BOARD.toml [--overlay X.toml ...] [--present a,b] --out DIR

Writes tables.cc, secure.ld, nonsecure.ld, memory_map.h, board.h and budgets.json
into DIR, each only if it changed. Refuses a manifest that does not fit together:
overlapping memory, misaligned or too many MPU regions, unknown callers, a call
graph with a cycle.
"""

import argparse
import json
import pathlib
import sys
import tomllib

GRAIN = 32          # MPU and SAU
MPC_WORD = 0x8000   # one LUT word guards 32 blocks of 1 KiB
SWITCHED = 7        # MPU regions 1..7 are the partition's own
OWN = 3             # of those: code, data, stack
SAU_REGIONS = 8
HEADER = 0x400      # MCUboot image header in front of each image
VENEERS = HEADER + 0x400  # into the secure slot: secure.ld.in
VENEERS_SIZE = 0x80
MESSAGE = 128       # sizeof(spm::Message), checked in the SPM


class Refused(Exception):
    """The manifest is wrong; the text says where."""


def load(path):
    """The TOML file, on top of the files that it includes."""
    with open(path, "rb") as file:
        own = tomllib.load(file)
    merged = {}
    for name in own.pop("include", []):
        merged = merge(merged, load(path.parent / name))
    return merge(merged, own)


def merge(base, over):
    """Tables merge, `regions` accumulate, all else is replaced."""
    out = dict(base)
    for key, value in over.items():
        if isinstance(value, dict) and isinstance(out.get(key), dict):
            out[key] = merge(out[key], value)
        elif key == "regions" and key in out:
            out[key] = out[key] + value
        else:
            out[key] = value
    return out


def select(manifest, present):
    """Keeps the partitions that `only` names and that are built."""
    only = manifest.get("only")
    keep = {}
    for name, partition in manifest.get("partition", {}).items():
        wanted = name in only if only is not None else not partition.get("test")
        if wanted and (present is None or name in present):
            keep[name] = partition
    manifest["partition"] = keep
    return manifest


# ---- Checks -----------------------------------------------------------------

PARTITION_KEYS = {
    "id", "rot", "flash", "ram", "stack", "iovec", "limit_ms", "boot_data",
    "takes", "gives_to", "flash_regions", "counters", "regions", "service",
    "irqs", "test",
}


def require(condition, words):
    if not condition:
        raise Refused(words)


def check_memory(manifest):
    """No two named memories share a byte; all are on the MPU's grain."""
    spans = []
    for name, m in manifest["memory"].items():
        require(m["base"] % GRAIN == 0 and m["size"] % GRAIN == 0,
                f"memory.{name} is not aligned to {GRAIN} bytes")
        spans.append((m["base"], m["base"] + m["size"], name))
    spans.sort()
    for (_, end, first), (start, _, second) in zip(spans, spans[1:]):
        require(end <= start, f"memory.{first} overlaps memory.{second}")


def region_span(manifest, where, region):
    """[base, end) of a partition's region."""
    if "peripheral" in region:
        name = region["peripheral"]
        require(name in manifest["peripheral"], f"{where}: no peripheral {name}")
        p = manifest["peripheral"][name]
        return p["base"], p["base"] + p["size"]
    name = region["memory"]
    require(name in manifest["memory"], f"{where}: no memory {name}")
    m = manifest["memory"][name]
    offset = region.get("offset", 0)
    size = region.get("size", m["size"] - offset)
    require(offset + size <= m["size"], f"{where}: ends after memory.{name}")
    require(offset % GRAIN == 0 and size % GRAIN == 0 and size > 0,
            f"{where}: not aligned to {GRAIN} bytes")
    return m["base"] + offset, m["base"] + offset + size


def check_partition(manifest, name, p):
    where = f"partition.{name}"
    unknown = set(p) - PARTITION_KEYS
    require(not unknown, f"{where}: unknown key {', '.join(sorted(unknown))}")
    for key in ("id", "rot", "flash", "ram", "stack", "iovec", "limit_ms"):
        require(key in p, f"{where}: no {key}")
    require(p["rot"] in ("psa", "app"), f"{where}: rot is psa or app")
    require(1 <= p["id"] <= 30, f"{where}: id must be 1..30")
    require(p["stack"] % GRAIN == 0 and p["stack"] >= 512,
            f"{where}: stack must be a multiple of {GRAIN}, at least 512")
    require(len(p["iovec"]) == 2 and all(size % 8 == 0 for size in p["iovec"]),
            f"{where}: iovec is [in, out], multiples of 8")
    require(MESSAGE + sum(p["iovec"]) <= p["ram"], f"{where}: iovec exceeds ram")
    regions = p.get("regions", [])
    require(OWN + len(regions) <= SWITCHED,
            f"{where}: more than {SWITCHED} MPU regions")
    spans = sorted(region_span(manifest, f"{where}.regions[{i}]", r)
                   for i, r in enumerate(regions))
    for (_, end), (start, _) in zip(spans, spans[1:]):
        require(end <= start, f"{where}: two regions overlap")
    for secret in ("boot_code", "boot_ram", "handoff", "spm_ram",
                   "secure_image", "nonsecure_code", "nonsecure_data"):
        m = manifest["memory"][secret]
        for start, end in spans:
            require(end <= m["base"] or m["base"] + m["size"] <= start,
                    f"{where}: a region reaches into memory.{secret}")


def check_budgets(manifest):
    """The parts fit the whole, whatever each takes of its own."""
    parts = [manifest["spm"], *manifest["partition"].values()]
    flash = manifest["shared"]["flash"] + sum(p["flash"] for p in parts)
    # The SPM's stack is counted in its RAM.
    ram = manifest["spm"]["ram"] + sum(p["ram"] + p["stack"] for p in manifest["partition"].values())
    for kind, total in (("flash", flash), ("ram", ram)):
        require(total <= manifest["image"][kind],
                f"the budgets add up to {total} bytes of {kind}, the image has {manifest['image'][kind]}")


def check_irqs(manifest):
    """An interrupt belongs to one partition, which has the peripheral, too."""
    owners = {}
    for name, p in manifest["partition"].items():
        own = {r["peripheral"] for r in p.get("regions", []) if "peripheral" in r}
        for line in p.get("irqs", []):
            require(line["peripheral"] in own, f"partition.{name}: an interrupt of a peripheral that is not its own")
            lines = manifest["peripheral"][line["peripheral"]].get("irqs", [])
            require(line["line"] < len(lines), f"partition.{name}: {line['peripheral']} has no line {line['line']}")
            irq = lines[line["line"]]
            require(irq not in owners, f"partition.{name}: interrupt {irq} is partition.{owners.get(irq)}'s, too")
            owners[irq] = name
    return owners


def op_range(op):
    return (op, op) if isinstance(op, int) else tuple(op)


def check_services(manifest):
    partitions = manifest["partition"]
    sids = {}
    for name, p in partitions.items():
        for service in p.get("service", []):
            sid = service["sid"]
            require(sid not in sids, f"sid {sid:#x} is both {sids.get(sid)}'s and {name}'s")
            sids[sid] = name
            ranges = []
            for entry in service["ops"]:
                first, last = op_range(entry["op"])
                require(0 <= first <= last <= 0x7FFF, f"partition.{name}: bad op range")
                ranges.append((first, last))
                for caller in entry["callers"]:
                    require(caller == "ns" or caller in manifest["known"],
                            f"partition.{name}: unknown caller {caller}")
            ranges.sort()
            for (_, end), (start, _) in zip(ranges, ranges[1:]):
                require(end < start, f"partition.{name}: an op is given twice")


def check_calls(manifest):
    """Run-to-completion partitions with one stack each cannot be re-entered."""
    callees = {name: set() for name in manifest["partition"]}
    for name, p in manifest["partition"].items():
        for service in p.get("service", []):
            for entry in service["ops"]:
                for caller in entry["callers"]:
                    if caller in callees:
                        callees[caller].add(name)
    done = set()

    def visit(name, path):
        require(name not in path,
                f"the call graph has a cycle: {' -> '.join(path + [name])}")
        if name not in done:
            for callee in sorted(callees[name]):
                visit(callee, path + [name])
            done.add(name)

    for name in callees:
        visit(name, [])


def check(manifest):
    check_memory(manifest)
    ids = {}
    for name, p in manifest["partition"].items():
        check_partition(manifest, name, p)
        require(p["id"] not in ids, f"partition.{name}: id of partition.{ids.get(p['id'])}")
        ids[p["id"]] = name
    for name, p in manifest["partition"].items():
        for other in p.get("gives_to", []):
            require(other in manifest["known"], f"partition.{name}: gives_to unknown {other}")
    check_irqs(manifest)
    check_services(manifest)
    check_calls(manifest)
    open_to_ns = manifest["nonsecure"]["peripherals"]
    require(3 + len(open_to_ns) <= SAU_REGIONS, "more than 8 SAU regions")
    for name in open_to_ns:
        require(name in manifest["peripheral"], f"nonsecure: no peripheral {name}")
        for partition, p in manifest["partition"].items():
            require(all(r.get("peripheral") != name for r in p.get("regions", [])),
                    f"peripheral {name} is both NS and partition.{partition}'s")


# ---- Output -----------------------------------------------------------------

GENERATED = "Generated by tools/manifest.py. Change device/images/*.toml instead."


def camel(name):
    return "".join(part.capitalize() for part in name.split("_"))


def mask(bits):
    value = 0
    for bit in bits:
        value |= 1 << bit
    return f"{value:#x}u"


def callers_mask(manifest, callers):
    """Bit 0 is NS, bit n partition n."""
    ids = manifest["known"]
    return mask(0 if caller == "ns" else ids[caller] for caller in callers)


def memory_map(manifest):
    board = manifest["board"]
    lines = [
        f"// {GENERATED}",
        f"// Where things lie on the {board['name'].upper()} (device.md, 2). Addresses are secure",
        "// aliases; k...Ns is the alias by which NS sees the same bytes.",
        "#pragma once", "", "#include <cstdint>", "",
        "namespace cai::memory {", "",
        "struct Range {",
        "  std::uintptr_t base;",
        "  std::size_t size;",
        "  constexpr std::uintptr_t end() const { return base + size; }",
        "};", "",
        f'inline constexpr char kBoardName[] = "{board["name"]}";',
        f"constexpr std::uint32_t kClockHz = {board['clock_hz']};",
        f"constexpr std::size_t kImageHeaderSize = {HEADER:#x};", "",
    ]
    for name, m in manifest["memory"].items():
        lines.append(f"constexpr Range k{camel(name)}{{{m['base']:#010x}, {m['size']:#x}}};")
        if "nonsecure" in m:
            lines.append(f"constexpr Range k{camel(name)}Ns{{{m['nonsecure']:#010x}, {m['size']:#x}}};")
    lines += ["", "// Peripherals; NS may use the NS alias of those in kOpenToNs."]
    for name, p in manifest["peripheral"].items():
        lines.append(f"constexpr Range k{camel(name)}{{{p['base']:#010x}, {p['size']:#x}}};")
        lines.append(f"constexpr Range k{camel(name)}Ns{{{p['nonsecure']:#010x}, {p['size']:#x}}};")
        for i, irq in enumerate(p.get("irqs", [])):
            lines.append(f"constexpr int k{camel(name)}Irq{i or ''} = {irq};")
    lines += ["", "}  // namespace cai::memory", ""]
    return "\n".join(lines).replace("#include <cstdint>", "#include <cstddef>\n#include <cstdint>")


def board_header(manifest):
    """What of the board is NS, for C: the SDK's."""
    board = manifest["board"]
    lines = [f"/* {GENERATED} */", "#ifndef CAI_BOARD_H", "#define CAI_BOARD_H", "",
             f'#define CAI_BOARD_NAME "{board["name"]}"', f"#define CAI_CLOCK_HZ {board['clock_hz']}u"]
    for name, m in manifest["memory"].items():
        if "nonsecure" in m:
            lines += [f"#define CAI_{name.upper()}_BASE {m['nonsecure']:#010x}u",
                      f"#define CAI_{name.upper()}_SIZE {m['size']:#x}u"]
    for name in manifest["nonsecure"]["peripherals"]:
        p = manifest["peripheral"][name]
        lines.append(f"#define CAI_{name.upper()}_BASE {p['nonsecure']:#010x}u")
        lines += [f"#define CAI_{name.upper()}_IRQ{i or ''} {irq}" for i, irq in enumerate(p.get("irqs", []))]
    return "\n".join(lines + ["", "#endif", ""])


def region_entry(name, i, region):
    """The i-th region; its address comes from the linker script, so that the
    tables are constants of the compiler."""
    access = "kDevice" if "peripheral" in region else (
        "kReadWrite" if region.get("access", "ro") == "rw" else "kReadOnly")
    start, end = region_symbols(name, i)
    return f"{{{start}, {end}, Access::{access}}}"


def region_symbols(name, i):
    return f"{symbol(name)}_region{i}_start", f"{symbol(name)}_region{i}_end"


def symbol(name):
    return f"cai_link_{name}"


def partition_entry(manifest, name, p):
    s = symbol(name)
    regions = [
        f"{{{s}_code_start, {s}_code_end, Access::kExecute}}",
        f"{{{s}_ram_start, {s}_ram_end, Access::kReadWrite}}",
        f"{{{s}_stack_start, {s}_stack_end, Access::kReadWrite}}",
    ] + [region_entry(name, i, r) for i, r in enumerate(p.get("regions", []))]
    ids = manifest["known"]
    flash = ", ".join(f"nv::k{camel(r)}" for r in p.get("flash_regions", []))
    counters = " | ".join(f"Bit(nv::Counter::k{camel(c)})" for c in p.get("counters", [])) or "0"
    takes = " | ".join(f"kTake{camel(t)}" for t in p.get("takes", [])) or "0"
    text = f"""    {{
        .id = PartitionId({p['id']}),
        .start = &cai_{name}_Start,
        .serve = &cai_{name}_Serve,
        .interrupt = {'&cai_' + name + '_Interrupt' if p.get('irqs') else 'nullptr'},
        .regions = {{{{
            {(',' + chr(10) + '            ').join(regions)},
        }}}},
        .region_count = {len(regions)},
        .data_load = {s}_data_load,
        .data_end = {s}_data_end,
        .message = {s}_message,
        .in = {{{s}_in, {p['iovec'][0]}}},
        .out = {{{s}_out, {p['iovec'][1]}}},
        .limit_ms = {p['limit_ms']},
        .privileges = {{
            .boot_data = {'true' if p.get('boot_data') else 'false'},
            .takes = {takes},
            .gives_to = {mask(ids[other] for other in p.get('gives_to', []))},
            .counters = {counters},
            .flash_count = {len(p.get('flash_regions', []))},
            .flash = {{{{{flash}}}}},
        }},
    }},"""
    return text


def tables(manifest):
    partitions = manifest["partition"]
    out = [f"// {GENERATED}", '#include "device/spm/tables.h"', "", 'extern "C" {']
    for name in partitions:
        s = symbol(name)
        out.append(f"psa_status_t cai_{name}_Start();")
        out.append(f"psa_status_t cai_{name}_Serve(cai::spm::Message*);")
        if partitions[name].get("irqs"):
            out.append(f"psa_status_t cai_{name}_Interrupt(std::uint32_t irq);")
        names = ["code_start", "code_end", "ram_start", "ram_end", "stack_start",
                 "stack_end", "data_load", "data_end", "message", "in", "out"]
        symbols = [f"{s}_{n}" for n in names]
        for i in range(len(partitions[name].get("regions", []))):
            symbols += region_symbols(name, i)
        out.append("extern std::byte " + ", ".join(f"{n}[]" for n in symbols) + ";")
    out += ["}", "", "namespace cai::spm {", "namespace {", "",
            "constexpr std::uint32_t Bit(nv::Counter c) {",
            "  return 1u << static_cast<unsigned>(c);", "}", "",
            "constinit const Partition kList[] = {"]
    out += [partition_entry(manifest, n, p) for n, p in partitions.items()]
    out += ["};", "", "const Operation kOperationList[] = {"]
    for index, (name, p) in enumerate(partitions.items()):
        for service in p.get("service", []):
            for entry in service["ops"]:
                first, last = op_range(entry["op"])
                out.append(f"    {{{service['sid']:#x}, {index}, {first}, {last}, "
                           f"{callers_mask(manifest, entry['callers'])}}},  // {name}")
    out += ["};", "", *interrupt_table(manifest), "const Service kServiceList[] = {"]
    for name, p in partitions.items():
        for service in p.get("service", []):
            out.append(f"    {{{service['sid']:#x}, {service['version']}}},  // {name}")
    out += ["};", ""]
    out += hardware(manifest)
    out += ["}  // namespace", "",
            "const std::span<const Partition> kPartitions = kList;",
            "const std::span<const Operation> kOperations = kOperationList;",
            "const std::span<const Service> kServices = kServiceList;",
            "const std::span<const Interrupt> kInterrupts = kInterruptList;",
            "const std::span<const SauRegion> kSauRegions = kSauList;",
            "const std::span<const MpcWords> kMpcWords = kMpcList;",
            "const std::span<const PpcBit> kPpcBits = kPpcList;",
            "const std::span<const std::uint8_t> kNonSecureIrqs = kIrqList;",
            "", "}  // namespace cai::spm", ""]
    return "\n".join(out)


def interrupt_table(manifest):
    indices = {name: index for index, name in enumerate(manifest["partition"])}
    rows = [f"    Interrupt{{{irq}, {indices[name]}}},  // {name}"
            for irq, name in check_irqs(manifest).items()]
    return [f"constexpr std::array<Interrupt, {len(rows)}> kInterruptList{{{{"] + rows + ["}};", ""]


def sau(manifest):
    """[start, end) of all that the SAU marks NS; the SPM adds the veneers."""
    memory, peripherals = manifest["memory"], manifest["peripheral"]
    if manifest["nonsecure"].get("sau") == "open":  # attack_open.toml
        veneers = memory["secure_image"]["base"] + VENEERS
        return [(0, veneers, "all below the veneers"),
                (veneers + VENEERS_SIZE, 0xFFFFFFE0, "all above")]
    spans = [(m["nonsecure"], m["size"], n) for n, m in memory.items() if "nonsecure" in m]
    spans += [(peripherals[n]["nonsecure"], peripherals[n]["size"], n)
              for n in manifest["nonsecure"]["peripherals"]]
    return [(base, base + size, name) for base, size, name in spans]


def hardware(manifest):
    """SAU, MPC, PPC and NVIC tables: all that is open, and no more."""
    memory, peripherals = manifest["memory"], manifest["peripheral"]
    out = ["const SauRegion kSauList[] = {"]
    out += [f"    {{{base:#010x}, {end:#010x}}},  // {name}" for base, end, name in sau(manifest)]
    out += ["};", "", "const MpcWords kMpcList[] = {"]
    for name, m in memory.items():
        if "nonsecure" not in m:
            continue
        guards = [g for g in manifest["mpc"] if g["memory"] <= m["base"]
                  and m["base"] + m["size"] <= g["memory"] + g["size"]]
        require(len(guards) == 1, f"memory.{name}: no MPC guards it")
        offset = m["base"] - guards[0]["memory"]
        require(offset % MPC_WORD == 0 and m["size"] % MPC_WORD == 0,
                f"memory.{name}: not on the MPC's grain")
        first, count = offset // MPC_WORD, m["size"] // MPC_WORD
        out.append(f"    {{{guards[0]['base']:#010x}, {first}, {first + count}}},  // {name}")
    out += ["};", "", "const PpcBit kPpcList[] = {"]
    for name in manifest["nonsecure"]["peripherals"]:
        reg, bit = peripherals[name]["ppc"]
        out.append(f"    {{{reg:#x}, {bit}}},  // {name}: NS")
    for name in sorted({r["peripheral"] for p in manifest["partition"].values()
                        for r in p.get("regions", []) if "peripheral" in r}):
        require("sp" in peripherals[name], f"peripheral {name}: no sp bit")
        reg, bit = peripherals[name]["sp"]
        out.append(f"    {{{reg:#x}, {bit}}},  // {name}: unprivileged secure")
    out += ["};", "", "const std::uint8_t kIrqList[] = {"]
    irqs = [irq for n in manifest["nonsecure"]["peripherals"]
            for irq in peripherals[n].get("irqs", [])]
    out += ["    " + ", ".join(map(str, irqs)) + ","] + ["};", ""]
    return out


def secure_script(manifest, template):
    code, data, regions = [], [], []
    for name, p in manifest["partition"].items():
        s, obj = symbol(name), f"*part_{name}.o"
        code.append(f"""  .{name}.text : ALIGN(32) {{
    {s}_code_start = .;
    {obj}(.text .text.* .rodata .rodata.*)
    . = ALIGN(32);
    {s}_code_end = .;
  }} > IMAGE
""")
        data.append(f"""  .{name}.data : ALIGN(32) {{
    {s}_ram_start = .;
    {obj}(.data .data.*)
    . = ALIGN(4);
    {s}_data_end = .;
  }} > DATA AT > IMAGE
  {s}_data_load = LOADADDR(.{name}.data);
  .{name}.bss (NOLOAD) : ALIGN(4) {{
    {obj}(.bss .bss.* COMMON)
    . = ALIGN(8);
    {s}_message = .;
    . += {MESSAGE};
    {s}_in = .;
    . += {p['iovec'][0]};
    {s}_out = .;
    . += {p['iovec'][1]};
    . = ALIGN(32);
    {s}_ram_end = .;
  }} > DATA
  .{name}.stack (NOLOAD) : ALIGN(32) {{
    {s}_stack_start = .;
    . += {p['stack']};
    {s}_stack_end = .;
  }} > DATA
""")
        for i, region in enumerate(p.get("regions", [])):
            span = region_span(manifest, name, region)
            regions += [f"{n} = {at:#010x};" for n, at in zip(region_symbols(name, i), span)]
    image, ram = manifest["memory"]["secure_image"], manifest["memory"]["secure_data"]
    spm = manifest["memory"]["spm_ram"]
    return fill(template, {
        "GENERATED": GENERATED,
        "BOOT_BASE": f"{manifest['memory']['boot_code']['base']:#x}",
        "IMAGE_BASE": f"{image['base'] + HEADER:#x}",
        "IMAGE_SIZE": f"{image['size'] - HEADER:#x}",
        "DATA_BASE": f"{ram['base']:#x}", "DATA_SIZE": f"{ram['size']:#x}",
        "SPM_BASE": f"{spm['base']:#x}", "SPM_SIZE": f"{spm['size']:#x}",
        "SPM_STACK": str(manifest["spm"]["stack"]),
        "REGIONS": "\n".join(regions),
        "PARTITION_CODE": "".join(code), "PARTITION_DATA": "".join(data),
    })


def nonsecure_script(manifest, template):
    code, data = manifest["memory"]["nonsecure_code"], manifest["memory"]["nonsecure_data"]
    return fill(template, {
        "GENERATED": GENERATED,
        "CODE_BASE": f"{code['nonsecure'] + HEADER:#x}",
        "CODE_SIZE": f"{code['size'] - HEADER:#x}",
        "DATA_BASE": f"{data['nonsecure']:#x}", "DATA_SIZE": f"{data['size']:#x}",
    })


def fill(template, values):
    for key, value in values.items():
        template = template.replace(f"@{key}@", value)
    require("@" not in template, "a placeholder of the linker script is left")
    return template


def budgets(manifest):
    """What tools/size.py compares an ELF with."""
    out = {"board": manifest["board"]["name"], "partitions": {}}
    out["shared"] = {"flash": manifest["shared"]["flash"]}
    out["spm"] = {key: manifest["spm"][key] for key in ("flash", "ram")}
    out["image"] = manifest["image"]
    for name, p in manifest["partition"].items():
        out["partitions"][name] = {"flash": p["flash"], "ram": p["ram"] + p["stack"],
                                   "stack": p["stack"]}
    return json.dumps(out, indent=2) + "\n"


def write(path, text):
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def generate(manifest, out, root):
    arch = root / "device" / "arch" / "armv8m"
    out.mkdir(parents=True, exist_ok=True)
    write(out / "tables.cc", tables(manifest))
    write(out / "memory_map.h", memory_map(manifest))
    write(out / "board.h", board_header(manifest))
    write(out / "budgets.json", budgets(manifest))
    write(out / "secure.ld",
          secure_script(manifest, (arch / "secure.ld.in").read_text()))
    write(out / "nonsecure.ld",
          nonsecure_script(manifest, (arch / "ns" / "nonsecure.ld.in").read_text()))


def build(board, overlays=(), present=None):
    """The checked manifest, as the tables are made from it."""
    manifest = load(pathlib.Path(board))
    for overlay in overlays:
        manifest = merge(manifest, load(pathlib.Path(overlay)))
    manifest["known"] = {n: p["id"] for n, p in manifest["partition"].items()}
    full = select(dict(manifest), None)
    check(full)
    if not overlays:  # test images may hold more
        check_budgets(full)
    return select(dict(manifest), present)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("board", type=pathlib.Path)
    parser.add_argument("--overlay", action="append", default=[], type=pathlib.Path)
    parser.add_argument("--present", help="partitions that are built, by comma")
    parser.add_argument("--list", action="store_true", help="print the partitions and stop")
    parser.add_argument("--list-shared", action="store_true")
    parser.add_argument("--list-interrupts", action="store_true",
                        help="print the partitions that own interrupts and stop")
    parser.add_argument("--out", type=pathlib.Path)
    args = parser.parse_args()
    present = None if args.present is None else set(filter(None, args.present.split(",")))
    try:
        manifest = build(args.board, args.overlay, present)
        if args.list:
            print(";".join(manifest["partition"]), end="")
        elif args.list_interrupts:
            print(";".join(n for n, p in manifest["partition"].items() if p.get("irqs")), end="")
        elif args.list_shared:
            print(";".join(manifest["shared"]["targets"]), end="")
        else:
            require(args.out, "--out is missing")
            generate(manifest, args.out, pathlib.Path(__file__).resolve().parent.parent)
    except (Refused, KeyError, tomllib.TOMLDecodeError) as problem:
        words = f"no {problem}" if isinstance(problem, KeyError) else str(problem)
        print(f"error: {args.board.name}: {words}", file=sys.stderr)
        print("hint: device/images/README.md says what each key means", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
