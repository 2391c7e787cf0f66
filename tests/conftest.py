"""What all tests share: they meet the installed package, one another, and nothing of whoever runs them."""

import os
import sys
import tempfile
from pathlib import Path

import pytest

import runtrack_jupyter

pytest.register_assert_rewrite("tests.state.kinds")  # a contract, and so no module of tests by name

ROOT = Path(__file__).resolve().parent.parent

# At the end: `tests.…` is found in the tree, `runtrack_jupyter` where it is installed.
sys.path.append(str(ROOT))


def pytest_configure(config: pytest.Config) -> None:
    """Keep keys, stores, settings and profiles of whoever runs the tests out of them."""
    own = tempfile.TemporaryDirectory(prefix="runtrack-tests-")
    config.add_cleanup(own.cleanup)
    for name in [name for name in os.environ if name.startswith("RUNTRACK_") and name != "RUNTRACK_WHEEL"]:
        del os.environ[name]
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        os.environ[name] = str(Path(own.name, name.lower()))


def pytest_report_header(config: pytest.Config) -> str:
    """Say which of the two, the installed package or the tree, is being tested."""
    where = Path(runtrack_jupyter.__file__).parent
    return f"runtrack_jupyter: {'the tree' if where.parent == ROOT else where}"
