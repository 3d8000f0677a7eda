"""Measurements and long proofs, as commands (see README.md). They use the fake sites and samples of the tests."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
