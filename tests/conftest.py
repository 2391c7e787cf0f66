"""What all tests share: they meet the package that is installed, and one another."""

import sys
from pathlib import Path

import pytest

import runtrack_jupyter

ROOT = Path(__file__).resolve().parent.parent

# At the end: `tests.…` is found in the tree, `runtrack_jupyter` where it is installed.
sys.path.append(str(ROOT))


def pytest_report_header(config: pytest.Config) -> str:
    """Say which of the two, the installed package or the tree, is being tested."""
    where = Path(runtrack_jupyter.__file__).parent
    return f"runtrack_jupyter: {'the tree' if where.parent == ROOT else where}"
