"""The wheel that is looked at."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that `make` built and installed; without `make`, one built now."""
    given = os.environ.get("RUNTRACK_WHEEL")
    if given:
        return Path(given)
    target = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", target, ROOT], check=True
    )
    return next(target.glob("*.whl"))
