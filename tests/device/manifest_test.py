#!/usr/bin/env python3
"""tools/manifest.py refuses each manifest that is wrong by one thing."""

import copy
import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import manifest  # noqa: E402

IMAGES = ROOT / "device/images"
BOARDS = ("an521", "an547")


def loaded(board="an521"):
    return manifest.load(IMAGES / f"{board}.toml")


def checked(document):
    document["known"] = {n: p["id"] for n, p in document["partition"].items()}
    manifest.check(manifest.select(copy.deepcopy(document), None))


class Good(unittest.TestCase):
    def test_boards_are_accepted_with_every_overlay(self):
        for board in BOARDS:
            checked(loaded(board))
            for overlay in ("test.toml", "debug.toml", "attack.toml"):
                manifest.build(IMAGES / f"{board}.toml", [IMAGES / overlay])

    def test_boards_agree_on_ids_sids_and_callers(self):
        one, two = (loaded(board)["partition"] for board in BOARDS)
        self.assertEqual(list(one), list(two))
        for name in one:
            self.assertEqual(one[name]["service"], two[name]["service"])

    def test_test_partitions_are_in_no_product(self):
        for board in BOARDS:
            product = manifest.build(IMAGES / f"{board}.toml")
            self.assertFalse({"test", "test_peer", "hostile"} & set(product["partition"]))

    def test_only_what_the_design_names_is_open_to_ns(self):
        for board in BOARDS:
            product = manifest.build(IMAGES / f"{board}.toml")
            self.assertEqual(product["nonsecure"]["peripherals"],
                             ["uart0", "lan9118", "timer1"])


class Bad(unittest.TestCase):
    def refuses(self, words, change):
        document = loaded()
        change(document)
        with self.assertRaises(manifest.Refused) as refused:
            checked(document)
        self.assertIn(words, str(refused.exception))

    def test_budgets_that_exceed_the_image(self):
        document = manifest.build(IMAGES / "an521.toml")
        document["partition"]["infer"]["ram"] = 1 << 20
        with self.assertRaises(manifest.Refused) as refused:
            manifest.check_budgets(document)
        self.assertIn("bytes of ram", str(refused.exception))

    def test_interrupts_of_foreign_or_missing_lines(self):
        line = {"peripheral": "uart1", "line": 0}
        self.refuses("not its own", lambda d: d["partition"]["crypto"].update(irqs=[line]))
        self.refuses("no line 7", lambda d: d["partition"]["crypto"].update(
            regions=[{"peripheral": "uart1"}], irqs=[{"peripheral": "uart1", "line": 7}]))
        self.refuses("too", lambda d: d["partition"]["crypto"].update(
            regions=[{"peripheral": "uart1"}], irqs=[line, line]))

    def test_overlapping_memory(self):
        self.refuses("overlaps", lambda d: d["memory"]["models"].update(base=0x100FFC00))

    def test_misaligned_memory(self):
        self.refuses("aligned", lambda d: d["memory"]["models"].update(base=0x10100010))

    def test_misaligned_stack(self):
        self.refuses("stack", lambda d: d["partition"]["seal"].update(stack=1000))

    def test_too_small_stack(self):
        self.refuses("stack", lambda d: d["partition"]["seal"].update(stack=256))

    def test_misaligned_region(self):
        self.refuses("aligned", lambda d: d["partition"]["storage"].update(
            regions=[{"memory": "nv", "offset": 8, "size": 4096}]))

    def test_region_after_its_memory(self):
        self.refuses("ends after", lambda d: d["partition"]["storage"].update(
            regions=[{"memory": "nv", "offset": 0x10000, "size": 0x1000000}]))

    def test_overlapping_regions(self):
        self.refuses("overlap", lambda d: d["partition"]["storage"].update(
            regions=[{"memory": "nv", "offset": 0x20000, "size": 0x2000},
                     {"memory": "nv", "offset": 0x21000, "size": 0x1000}]))

    def test_too_many_regions(self):
        self.refuses("MPU regions", lambda d: d["partition"]["storage"].update(
            regions=[{"memory": "nv", "offset": i * 4096, "size": 4096} for i in range(5)]))

    def test_regions_into_what_is_nobodys(self):
        for name in ("spm_ram", "handoff", "boot_ram", "secure_image", "nonsecure_data"):
            self.refuses("reaches into", lambda d, name=name: d["partition"]["seal"].update(
                regions=[{"memory": name}]))

    def test_iovec_larger_than_ram(self):
        self.refuses("iovec", lambda d: d["partition"]["seal"].update(iovec=[65536, 8]))

    def test_same_id_twice(self):
        self.refuses("id of", lambda d: d["partition"]["seal"].update(id=1))

    def test_same_sid_twice(self):
        self.refuses("sid", lambda d: d["partition"]["seal"]["service"][0].update(sid=1))

    def test_same_op_twice(self):
        self.refuses("twice", lambda d: d["partition"]["seal"]["service"][0]["ops"].append(
            {"op": 2, "callers": ["attest"]}))

    def test_unknown_caller(self):
        self.refuses("unknown caller", lambda d: d["partition"]["seal"]["service"][0]["ops"][0]
                     .update(callers=["nobody"]))

    def test_unknown_receiver(self):
        self.refuses("gives_to", lambda d: d["partition"]["crypto"].update(gives_to=["nobody"]))

    def test_cycle(self):
        # storage must never call crypto, which calls storage.
        self.refuses("cycle", lambda d: d["partition"]["crypto"]["service"][0]["ops"][0]
                     ["callers"].append("storage"))

    def test_self_call(self):
        self.refuses("cycle", lambda d: d["partition"]["seal"]["service"][0]["ops"][0]
                     ["callers"].append("seal"))

    def test_unknown_key(self):
        self.refuses("unknown key", lambda d: d["partition"]["seal"].update(prio=1))

    def test_missing_key(self):
        self.refuses("no limit_ms", lambda d: d["partition"]["seal"].pop("limit_ms"))

    def test_unknown_peripheral(self):
        self.refuses("no peripheral", lambda d: d["nonsecure"]["peripherals"].append("dma"))

    def test_peripheral_of_two_worlds(self):
        self.refuses("both NS and", lambda d: d["nonsecure"]["peripherals"].append("i2c3"))

    def test_too_many_sau_regions(self):
        self.refuses("SAU", lambda d: d["nonsecure"].update(peripherals=["uart0"] * 6))


if __name__ == "__main__":
    unittest.main()
