"""Reference values of one board: what a device that runs these images measures.

    references.py --boot boot.elf --secure-elf secure.elf --models manifest.json
                  --image SPE=secure.img --image NSPE=nonsecure.img --out FILE

The result is what `cai reference add` takes. Digests are computed here from the
files, independently of the device's own code.
"""

import argparse
import hashlib
import json
import struct

SHF_SYMTAB = 2
PT_LOAD = 1
TLV_PLAIN, TLV_PROTECTED = 0x6907, 0x6908
TLV_KEY_HASH, TLV_KEY, TLV_SHA256 = 0x01, 0x02, 0x10


class Elf:
    """Just enough of a 32-bit little-endian ELF: symbols and loaded bytes."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = file.read()
        if self.data[:6] != b"\x7fELF\x01\x01":
            raise ValueError(f"{path}: not a 32-bit little-endian ELF")
        (self.phoff, self.shoff) = struct.unpack_from("<II", self.data, 28)
        (self.phnum, _, self.shnum) = struct.unpack_from("<HHH", self.data, 44)

    def _sections(self):
        for i in range(self.shnum):
            yield struct.unpack_from("<10I", self.data, self.shoff + 40 * i)

    def symbol(self, name):
        sections = list(self._sections())
        for section in sections:
            if section[1] != SHF_SYMTAB:
                continue
            strings = sections[section[6]][4]
            for at in range(section[4], section[4] + section[5], 16):
                offset, value = struct.unpack_from("<II", self.data, at)
                end = self.data.index(b"\0", strings + offset)
                if self.data[strings + offset:end].decode() == name:
                    return value
        raise KeyError(f"no symbol {name}")

    def load(self, start, end):
        """The bytes at load addresses start..end, before anything ran."""
        memory = bytearray(end - start)  # what no segment fills is zero
        for i in range(self.phnum):
            kind, offset, _, address, size = struct.unpack_from("<5I", self.data, self.phoff + 32 * i)
            first, last = max(start, address), min(end, address + size)
            if kind == PT_LOAD and first < last:
                at = offset + first - address
                memory[first - start:last - start] = self.data[at:at + last - first]
        return bytes(memory)

    def between(self, first, last):
        return self.load(self.symbol(first), self.symbol(last))


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def boot_loader(path):
    code = Elf(path).between("cai_link_code_start", "cai_link_code_end")
    return {"type": "BL", "version": "", "measurement": sha256(code), "signer": "00" * 32}


def signed_image(kind, path):
    """Hash and key as the image's TLVs state them (boot verifies both)."""
    with open(path, "rb") as file:
        data = file.read()
    header_size, protected_size, size = struct.unpack_from("<HHI", data, 8)
    major, minor, revision, build = struct.unpack_from("<BBHI", data, 20)
    at = header_size + size + protected_size
    magic, total = struct.unpack_from("<HH", data, at)
    if magic != TLV_PLAIN:
        raise ValueError(f"{path}: not a signed image")
    found, end, at = {}, at + total, at + 4
    while at < end:
        tag, length = struct.unpack_from("<HH", data, at)
        found[tag] = data[at + 4:at + 4 + length]
        at += 4 + length
    signer = found.get(TLV_KEY_HASH) or hashlib.sha256(found[TLV_KEY]).digest()
    return {"type": kind, "version": f"{major}.{minor}.{revision}+{build}",
            "measurement": found[TLV_SHA256].hex(), "signer": signer.hex()}


def models(path):
    with open(path) as file:
        manifest = json.load(file)
    return [{"name": m["name"], "version": m["version"], "digest": m["sha256"],
             "labels": m["output"].get("classes", [])} for m in manifest["models"]]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--boot", required=True)
    parser.add_argument("--secure-elf", required=True)
    parser.add_argument("--models", required=True)
    parser.add_argument("--image", action="append", default=[], metavar="TYPE=FILE")
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    engine = Elf(options.secure_elf).between("cai_link_infer_code_start", "cai_link_infer_code_end")
    firmware = [boot_loader(options.boot)]
    firmware += [signed_image(*image.split("=", 1)) for image in options.image]
    result = {"firmware": firmware,
              "engines": [{"name": "cai-nn-reference", "version": "1.0.0", "digest": sha256(engine), "labels": []}],
              "models": models(options.models)}
    with open(options.out, "w") as out:
        json.dump(result, out, indent=1)


if __name__ == "__main__":
    main()
