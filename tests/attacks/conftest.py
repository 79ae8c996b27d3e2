"""Fixtures of tests/system.py, for this folder."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from system import made, running  # noqa: E402,F401
