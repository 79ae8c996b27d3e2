"""docs/attacks.md against the tree: every attack of the list has tests, and every test it names exists."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
ATTACKS = 51
SOURCES = ("lib", "device", "host", "tools")


def rows():
    text = (ROOT / "docs/attacks.md").read_text()
    found = re.findall(r"^\| (\d+) \| [^|]+ \| ([^|]+) \|$", text, re.MULTILINE)
    return {int(number): re.findall(r"`([A-Za-z0-9_]+\.[A-Za-z0-9_]+)`", tests) for number, tests in found}


def existing():
    pattern = re.compile(r"\b(?:TEST|TEST_F|TEST_P|CAI_DEVICE_TEST)\(\s*(\w+),\s*(\w+)\s*\)")
    names = set()
    for folder in SOURCES:
        for path in (ROOT / folder).rglob("*_test.cc"):
            names.update(f"{suite}.{name}" for suite, name in pattern.findall(path.read_text()))
    return names


def test_every_attack_has_a_test():
    table = rows()
    assert sorted(table) == list(range(1, ATTACKS + 1))
    assert [number for number, tests in table.items() if not tests] == []


def test_every_test_named_exists():
    named = {test for tests in rows().values() for test in tests}
    assert sorted(named - existing()) == []


def test_a_test_that_was_renamed_is_noticed():
    assert "ReceiverTest.Attack1_NoSuchTest" not in existing()
    assert "Keys.SpeRoot_MatchesTheVectors" in existing()
