"""What `cai` says to words that it does not know."""

import json

import pytest


@pytest.mark.parametrize("words, error", [
    ((), "which command of 'cai'?"),
    (("nonsense",), "'cai' has no command 'nonsense'"),
    (("session",), "which command of 'session'?"),
    (("session", "foo"), "'session' has no command 'foo'"),
])
def test_an_unknown_command_is_named_and_the_known_ones_are_listed(cai, words, error):
    first, hint = cai.refused(*words, code=2).err.splitlines()
    assert first == f"error: {error}"
    assert ("new, seal, open" if "session" in words else "readings") in hint
    said = json.loads(cai("--json", *words).err)
    assert said["error"] == error and hint == "hint: " + said["hint"]


def test_an_unknown_option_is_named(cai):
    assert "--nope" in cai.refused("readings", "--nope", code=2).err
