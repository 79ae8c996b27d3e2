"""Reads the secure console: lib/events/events.h, implemented a second time."""

import dataclasses
import pathlib
import re

LIST = pathlib.Path(__file__).resolve().parents[2] / "lib/events/event_list.h"
NAMES = {int(number, 16): name for name, number in
         re.findall(r"CAI_EVENT\((\w+),\s*(0x[0-9A-Fa-f]+)", LIST.read_text())}
MAX_CBOR = 23


@dataclasses.dataclass(frozen=True)
class Event:
    ms: int
    source: int
    id: int
    argument: int

    @property
    def name(self):
        return NAMES.get(self.id, f"{self.id:#06x}")

    def __str__(self):
        return f"{self.ms} ms, source {self.source}: {self.name} {self.argument:#x}"


def crc16(data):
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def _head(data, at):
    major, small = data[at] >> 5, data[at] & 31
    if small < 24:
        return major, small, at + 1
    size = 1 << (small - 24)
    return major, int.from_bytes(data[at + 1:at + 1 + size], "big"), at + 1 + size


def _parse(cbor):
    if cbor[0] != 0x84:
        return None
    at, values = 1, []
    for _ in range(4):
        if at >= len(cbor):
            return None
        major, value, at = _head(cbor, at)
        if major > 1:
            return None
        values.append(value if major == 0 else -1 - value)
    return Event(*values) if at == len(cbor) else None


def decode(stream):
    """All events, and how many bytes belong to none."""
    found, skipped, at = [], 0, 0
    while at < len(stream):
        size = stream[at + 2] if at + 2 < len(stream) else 0
        end = at + 3 + size
        if stream[at:at + 2] == b"\xca\x1e" and 0 < size <= MAX_CBOR and end + 2 <= len(stream):
            if crc16(stream[at + 2:end]) == int.from_bytes(stream[end:end + 2], "big"):
                event = _parse(stream[at + 3:end])
                if event:
                    found.append(event)
                    at = end + 2
                    continue
        at, skipped = at + 1, skipped + 1
    return found, skipped
