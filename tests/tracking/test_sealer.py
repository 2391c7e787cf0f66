"""The sealer ends when its kernel does, whatever it was asked for."""

import subprocess
import sys
from pathlib import Path

from ulid import ULID


def test_it_ends_with_its_kernel_although_a_run_cannot_be_found(tmp_path: Path) -> None:
    """A store that was deleted under it, as temporary folders are, once left it waiting for good."""
    store = tmp_path / "gone"
    sealer = subprocess.run(
        [sys.executable, "-m", "runtrack_jupyter.tracking.sealer", str(store), str(ULID())],
        input=f"{ULID()}\nno run id at all\n".encode(),
        timeout=60,
        check=False,
        capture_output=True,
    )

    assert sealer.returncode == 0
    assert not store.exists()
